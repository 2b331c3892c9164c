"""The simulated telephone system in real time: an adapter like any other.

Its live calls are written down as they change, so killing the service is like killing it beside a real PBX: the
callers are still there when it comes back.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from math import inf
from pathlib import Path
from random import SystemRandom
from typing import ClassVar

import msgspec

from adapters.errors import LinkDown
from adapters.simulated import tone
from adapters.simulated.device import Device
from adapters.simulated.legs import RINGABLE
from adapters.simulated.line import EXPECTED_SECONDS, UNHEEDED_SECONDS, Saved, Setup
from adapters.simulated.settings import SimulatedSettings
from adapters.simulated.world import World
from adapters.telephony import Ability, AdapterName, Command, Hear, LinkUp, PortStatus, Reach

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
SAVE_SECONDS = 0.2
"""Live calls are written down at most so often."""
LONGEST_NAP_SECONDS = 3600.0
OTHER_PROMPT_SECONDS = 3.0


class SimulatedAdapter:
    """Callers by a Poisson clock, channels, and lawyers who pick up by themselves where the settings say so."""

    abilities = frozenset(Ability)
    reach: ClassVar[Mapping[int | None, Reach]] = {None: Reach(kinds=RINGABLE)}
    """Any extension: there is no wire to it."""

    def __init__(self, name: AdapterName, settings: SimulatedSettings, folder: Path) -> None:
        self._name = name
        self._settings = settings
        self._folder = folder
        self._device: Device | None = None
        self._began = 0.0
        self._more = True
        self._stirred = asyncio.Event()
        """A command came: look again what is due."""
        self._quiet = asyncio.Event()
        """No call is live."""
        self._saved_at = -inf
        self._unsaved = False
        self.world = World(
            settings.callers(),
            settings.habits(),
            SystemRandom().getrandbits(48) if settings.seed is None else settings.seed,
            settings.numbers(),
        )
        """The people; the demo asks it how long its lawyers wrap up."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def recordings(self) -> Path:
        """Where the audio files are."""
        return self._folder / "recordings"

    async def run(self, hear: Hear) -> None:
        """Let the world go on until cancelled."""
        if self._device is not None:
            raise LinkDown("this simulated hall runs already")
        self.recordings.mkdir(parents=True, exist_ok=True)
        start = datetime.now(UTC)
        self._began = asyncio.get_running_loop().time()
        self._saved_at = -inf
        device = self._build(start, hear)
        try:
            self._device = device
            hear(
                LinkUp(
                    adapter=self._name,
                    event_id=f"{self._run_of(start)}:up",
                    at=start,
                    heard_at=start,
                    detail=f"simulated, {self._settings.ports} ports",
                )
            )
            while True:
                device.pass_time(self._elapsed())
                self._save(device)
                if device.lines:
                    self._quiet.clear()
                else:
                    self._quiet.set()
                await self._nap(device)
        finally:
            self._device = None
            self._save(device, at_once=True)

    async def do(self, command: Command) -> None:
        """Carry out one command. Raises `Refused`, or `LinkDown` while nothing runs."""
        device = self._running()
        device.do(command, self._elapsed())
        self._stirred.set()

    async def ports(self) -> Sequence[PortStatus]:
        """Every live call. Raises `LinkDown` while nothing runs."""
        return self._running().ports()

    async def probe(self) -> str:
        """That it runs. Raises `LinkDown` while nothing does."""
        return f"模拟线路正常，{len(self._running().lines)} 路通话"

    def stop_new_callers(self) -> None:
        """Nobody rings any more; who is there stays. Holds over a restart of `run` as well."""
        self._more = False
        if self._device is not None:
            self._device.stop_new_callers()

    async def drain(self, seconds: float) -> int:
        """Let every call come to an end within so many seconds. Returns how many are live then: 0 unless the hall
        ordered something else meanwhile."""
        self.stop_new_callers()
        device = self._running()
        device.drain(self._elapsed(), seconds * 0.8)
        if device.lines:
            self._quiet.clear()
        self._stirred.set()
        try:
            async with asyncio.timeout(seconds):
                await self._quiet.wait()
        except TimeoutError:
            pass
        return len(device.lines)

    # ── the pieces ──

    def _build(self, start: datetime, hear: Hear) -> Device:
        local = start.astimezone(SHANGHAI)
        midnight = local.hour * 3600 + local.minute * 60 + local.second
        device = Device(
            self._name,
            self.world,
            start,
            hear=hear,
            arrivals=self.world.arrivals(midnight) if self._more else iter(()),
            setup=Setup(
                ports=self._settings.ports,
                prompts={name: seconds / self._settings.speed for name, seconds in self._settings.prompts.items()},
                other_prompt=OTHER_PROMPT_SECONDS / self._settings.speed,
                menus=self._settings.menus,
                unheeded=UNHEEDED_SECONDS / self._settings.speed,
                expected=EXPECTED_SECONDS / self._settings.speed,
            ),
            answers_itself=self._settings.lawyers.__contains__,
            keep=self._keep,
            run=self._run_of(start),
        )
        saved = self._load()
        if saved is not None:
            device.restore(saved)
        return device

    def _run_of(self, start: datetime) -> str:
        return f"{start:%y%m%d%H%M%S}{start.microsecond // 1000:03d}"

    def _elapsed(self) -> float:
        return asyncio.get_running_loop().time() - self._began

    def _running(self) -> Device:
        if self._device is None:
            raise LinkDown("the simulated hall does not run")
        return self._device

    async def _nap(self, device: Device) -> None:
        """Sleep until something is due or a command came; and long enough awake to write down what changed."""
        self._stirred.clear()
        due = min(device.next_due() - self._elapsed(), LONGEST_NAP_SECONDS)
        if self._unsaved:
            due = min(due, SAVE_SECONDS)
        try:
            async with asyncio.timeout(max(due, 0)):
                await self._stirred.wait()
        except TimeoutError:
            return

    def _save(self, device: Device, *, at_once: bool = False) -> None:
        now = self._elapsed()
        if now - self._saved_at < SAVE_SECONDS and not at_once:
            self._unsaved = True
            return
        self._unsaved, self._saved_at = False, now
        path = self._folder / "live"
        fresh = path.with_suffix(".new")
        fresh.write_bytes(msgspec.msgpack.encode(device.save()))
        fresh.replace(path)

    def _load(self) -> Saved | None:
        try:
            return msgspec.msgpack.decode((self._folder / "live").read_bytes(), type=Saved)
        except (OSError, msgspec.MsgspecError):
            return None

    def _keep(self, name: str, seconds: float) -> tuple[str, float] | None:
        if not self._settings.recordings:
            return None
        file = re.sub(r"[^0-9A-Za-z._-]", "_", name).lstrip(".")[:120] + ".wav"
        length = min(seconds, self._settings.recording_max_seconds)
        tone.write(self.recordings / file, length)
        return file, length
