"""A simulated modem on a pseudo-terminal, the adapter in front of it, and what the adapter reports."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np

from adapters.errors import AdapterError
from adapters.line_audio.wav import WavWriter
from adapters.modem.adapter import ModemAdapter
from adapters.modem.plugin import PLUGIN
from adapters.modem.prompts import tone
from adapters.modem.simulated_makes import MAKES
from adapters.modem.simulated_modem import SimulatedModem
from adapters.modem.simulator import PtyEnd
from adapters.registry import Site
from adapters.telephony import AdapterName, CallFact, CallKey, CallOffered, Command, DeviceEvent

NUMBER = "13800138000"
AT = datetime(2026, 3, 14, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
GREETING_HZ, MUSIC_HZ, VOICE_HZ = 600.0, 800.0, 440.0
SOON_SECONDS = 15.0
SEAT = "8001"

F = TypeVar("F", bound=DeviceEvent)


class Bench:
    """One line."""

    def __init__(self, make: str) -> None:
        self.end = PtyEnd()
        self.modem = SimulatedModem(MAKES[make], self.end)
        self.events: list[DeviceEvent] = []
        self._working: asyncio.Task[None] | None = None

    def plug_in(self) -> None:
        """The modem works."""
        self.end.connect(self.modem.take)
        self._working = asyncio.create_task(self.modem.run(), name="simulated modem")

    async def unplug(self) -> None:
        """The cable is pulled."""
        self.end.unplug()
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    def rings(self, number: str = NUMBER) -> None:
        """The first ring, and the number behind it."""
        self.modem.ring()
        self.modem.show_caller(number, AT)


class Served(Bench):
    """With the adapter in front of it."""

    adapter: ModemAdapter

    async def do(self, *commands: Command) -> None:
        for command in commands:
            await self.adapter.do(command)

    async def until(self, kind: type[F], when: Callable[[F], bool] = lambda fact: True) -> F:
        await soon(lambda: any(isinstance(each, kind) and when(each) for each in self.events), kind.__name__, self)
        return next(each for each in self.events if isinstance(each, kind) and when(each))

    async def caller(self) -> CallKey:
        """Somebody rings."""
        known = len(self.offered)
        self.rings()
        await soon(lambda: len(self.offered) > known, "a call", self)
        return self.offered[-1].call

    @property
    def offered(self) -> list[CallOffered]:
        return [each for each in self.events if isinstance(each, CallOffered)]

    def facts(self, call: CallKey) -> list[str]:
        """The kinds of what was reported of that call."""
        return [type(each).__name__ for each in self.events if isinstance(each, CallFact) and each.call == call]


async def soon(holds: Callable[[], object], what: str, bench: Bench | None = None) -> None:
    """Waits for it, with a bound that only a broken test reaches."""
    clock = asyncio.get_running_loop().time
    until = clock() + SOON_SECONDS
    while not holds() and clock() < until:
        await asyncio.sleep(0.005)
    seen = [type(each).__name__ for each in bench.events] if bench else []
    assert holds(), f"not seen: {what}; heard {seen}; {bench.modem.commands if bench else ''}"


def settings(url: str, folder: Path, **more: Any) -> dict[str, Any]:
    """One line with quick habits, and two announcements."""
    line = {"url": url, "seat": SEAT, **more.pop("line", {})}
    prompts = folder / "site"
    if not prompts.exists():
        for name, hertz, seconds in (
            ("greeting", GREETING_HZ, 0.4),
            ("music", MUSIC_HZ, 0.3),
            ("long", 700.0, 4.0),
            ("short", 500.0, 0.06),
        ):
            writer = WavWriter(prompts / f"{name}.wav")
            writer.write(tone(hertz, seconds))
            writer.close()
    quick = {"settle_seconds": 0.05, "message_silence_seconds": 0.5}
    return {"lines": {"1": line}, "dialled": "12348", "prompts": str(prompts), **quick, **more}


def built(table: dict[str, Any], folder: Path) -> ModemAdapter:
    """As the registry does it."""
    found = PLUGIN.settings.model_validate(table)
    return cast("ModemAdapter", PLUGIN.build(AdapterName("front"), found, Site(state_dir=folder, secret=str)))


@asynccontextmanager
async def served(make: str, folder: Path, **more: Any) -> AsyncIterator[Served]:
    """The adapter runs, the link is up."""
    bench = Served(make)
    bench.plug_in()
    bench.adapter = built(settings(bench.end.name, folder, **more), folder)
    task = asyncio.create_task(bench.adapter.run(bench.events.append), name="adapter")
    try:
        await soon(lambda: bench.events or task.done(), "LinkUp", bench)
        if task.done():
            await task
        yield bench
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await bench.unplug()
        if not task.cancelled() and task.exception() and not isinstance(task.exception(), AdapterError):
            await task


def loudest_hz(pcm: bytes | bytearray) -> float:
    """The strongest frequency in 16-bit sound of 8 kHz."""
    samples = np.frombuffer(pcm, "<i2").astype(float)
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * 8000 / len(samples))


def loudness(pcm: bytes | bytearray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.frombuffer(pcm, "<i2").astype(float) ** 2)))
