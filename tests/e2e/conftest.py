"""A real Asterisk for each test, and what is spoken on its lines: every voice a tone of its own."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import expect

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.asterisk.rig.audio import RATE, write_pcap
from tests.e2e.opening import whole_house
from tests.e2e.stage import Stage

expect.set_options(timeout=10_000)

CALLER_HZ, SEAT_HZ, NOBODY_HZ = 440, 1000, 700
GREETING_HZ, MENU_HZ = 600, 850
PHONES = {
    "pool": ("1001", "1002", "1003"),
    "a": ("1101",),
    "b": ("1102",),
    "c": ("1103",),
    "d": ("1104",),
    "busy": ("2001",),
    "rejecting": ("2002",),
    "absent": ("2003",),
    "ringing": ("2004",),
}
TALK_SECONDS = 60


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Failing to build or start it fails the tests with the reason: there is no skipping them."""
    own = tmp_path / "own"
    own.mkdir()
    for name, hertz in (("greeting", GREETING_HZ), ("menu", MENU_HZ), ("fallback", 0), ("wait", 0)):
        _tone(own / f"{name}.wav", hertz)
    options = RigOptions(own_prompts=own, desk=0, groups=PHONES, duty_seconds=5, retry_seconds=1, looks=60)
    with running(options) as started:
        yield started


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A caller who speaks in 440 Hz and presses a key after the greeting; a lawyer who speaks in 1000 Hz."""
    folder = tmp_path_factory.mktemp("sounds")
    keyed = {
        name: write_pcap(folder / f"{name}.pcap", CALLER_HZ, TALK_SECONDS, [(1.2, key)])
        for name, key in (("labour", "1"), ("family", "2"), ("general", "3"))
    }
    return {**keyed, "seat": write_pcap(folder / "seat.pcap", SEAT_HZ, TALK_SECONDS)}


def _tone(path: Path, hertz: float) -> None:
    """Four tenths of a second; silence for 0 Hz."""
    samples = [round(8000 * math.sin(2 * math.pi * hertz * n / RATE)) for n in range(RATE * 4 // 10)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage_of_all(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One house for the journeys of all modules. Missing Chromium, SIPp or Asterisk fail them with the reason."""
    async with whole_house(tmp_path_factory.mktemp("house")) as stage:
        yield stage


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def checked(stage_of_all: Stage) -> AsyncIterator[None]:
    """After each module `hotline verify` finds nothing."""
    yield
    await stage_of_all.history_holds()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(stage_of_all: Stage, checked: None) -> AsyncIterator[Stage]:
    """After each journey nobody is stuck, nothing is left on the device, everybody is free again."""
    yield stage_of_all
    await stage_of_all.rested()
