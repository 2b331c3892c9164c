"""A real Asterisk for each test file, and the sounds of its callers and phones."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.asterisk.rig.audio import write_pcap

CALLER_HZ, SEAT_HZ, NOBODY_HZ = 440, 1000, 700


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """Failing to build or start it fails the tests with the reason: there is no skipping them."""
    own = tmp_path_factory.mktemp("own")
    for name in ("fallback", "wait"):
        _silence(own / f"{name}.wav")
    options = RigOptions(
        own_prompts=own,
        desk=4,
        browser=1,
        groups={"busy": ("2001",), "rejecting": ("2002",), "silent": ("2003",), "ringing": ("2004",)},
        duty_seconds=5,
        retry_seconds=1,
    )
    with running(options) as started:
        yield started


@pytest.fixture(autouse=True)
def quiet_rig(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test leaves the line empty: no channel, no bridge, no SIPp."""
    yield
    if "rig" in request.fixturenames:
        rig: Rig = request.getfixturevalue("rig")
        rig.stop_sipp()
        rig.hang_up_all()


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A caller who speaks in 440 Hz and presses 1 after a second, a seat that speaks in 1000 Hz."""
    folder = tmp_path_factory.mktemp("sounds")
    return {
        "caller": write_pcap(folder / "caller.pcap", CALLER_HZ, 15, [(1.0, "1")]),
        "seat": write_pcap(folder / "seat.pcap", SEAT_HZ, 15),
    }


def _silence(path: Path) -> None:
    """A quarter of a second of silence: a hall's own recording, so that no test waits for a voice to finish."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(4000))
