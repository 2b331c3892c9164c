"""The sound device beside a line (录音盒、耳机分路): records while the box says that the receiver is off the hook.

A side effect of what is heard live, never of what is decoded: after a restart the book is rebuilt from old frames, and
nothing is recorded because of them. What was recorded is said on a wire of its own, and comes to the book that way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from adapters.cti_serial.listening import CLOSING_SECONDS, FRAME, OPENED
from adapters.cti_serial.signs import AnySign, Finished, Numbered, OffHook, OnHook, Rang
from adapters.cti_serial.sounds import AnySounded, SoundBegan, SoundEnded, name_of, said, wire_of
from adapters.errors import AdapterError, LinkDown, Misconfigured
from adapters.line_audio.recording import Recording
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.sound import open_sound
from adapters.telephony import AdapterName, Take

STOPPED: Final = "服务停止"
TOO_SHORT: Final = "通话太短，没有录到声音"


class SoundWire:
    """`Wire` of one line's sound device, and `Probes`. The device is open only while it records; that it is missing is
    the recording's trouble and not the line's."""

    def __init__(
        self, adapter: AdapterName, port: int, settings: SoundSettings, folder: Path, patience: timedelta
    ) -> None:
        """`patience`: who picks up so long after the last sign of a caller answers nobody, and is not recorded."""
        self._adapter = adapter
        self._port = port
        self._settings = settings
        self._folder = folder
        self._patience = patience
        self._rang: datetime | None = None
        self._off_hook: datetime | None = None
        self._news = asyncio.Event()

    @property
    def name(self) -> str:
        """`sound.1`"""
        return wire_of(self._port)

    def heard(self, sign: AnySign, at: datetime) -> None:
        """What the box says of this line, live."""
        match sign:
            case Rang() | Numbered() if self._off_hook is None:
                self._rang = at
            case Rang():  # nobody has said that the last call is over
                self._rang, self._off_hook = at, None
            case OffHook() if self._off_hook is None and self._rang and at - self._rang <= self._patience:
                self._off_hook = at
            case OnHook() | Finished():
                self._rang = self._off_hook = None
            case _:
                return
        self._news.set()

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        """Record each call, until cancelled."""
        up(self._settings.heard_at)
        await take(self.name.encode() + OPENED, datetime.now(UTC))
        while True:
            self._news.clear()
            if self._off_hook is None:
                await self._news.wait()
            else:
                await self._record(self._off_hook, take)

    async def probe(self) -> str:
        """Open the device for a moment, until something of it was heard. Raises `LinkDown`, in Chinese."""

        def write(pcm: bytes) -> None:
            raise _Heard

        try:
            async with open_sound(self._settings, plays=False) as sound:
                await sound.record(write)
        except _Heard:
            return f"能录音：{self._settings.heard_at}"
        except Misconfigured as error:
            raise LinkDown(str(error)) from None
        raise LinkDown("声音设备没有反应")

    async def _record(self, began: datetime, take: Take) -> None:
        name = name_of(self._adapter, self._port, began)
        file = f"{began:%Y/%m/%d}/{name}.wav"
        recording = Recording(self._folder / file)

        async def tell(what: AnySounded) -> None:
            await take(self.name.encode() + FRAME + said(what), datetime.now(UTC))

        def ended(why: str = "") -> SoundEnded:
            there = recording.seconds > 0
            missing = recording.missing or why or ("" if there else TOO_SHORT)
            seconds = round(recording.seconds, 2)
            return SoundEnded(name=name, seconds=seconds, file=file if there else None, missing=missing)

        running = asyncio.create_task(self._run(recording), name=f"recording {name}")
        try:
            await tell(SoundBegan(name=name, file=file))
            while self._off_hook == began and not running.done():
                self._news.clear()
                turn = asyncio.create_task(self._news.wait())
                await asyncio.wait({running, turn}, return_when=asyncio.FIRST_COMPLETED)
                turn.cancel()
            why = await _stopped(running)
        except asyncio.CancelledError:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSING_SECONDS):
                    await tell(ended(await _stopped(running) or STOPPED))
            raise
        await tell(ended(why))
        while self._off_hook == began:  # what could not be recorded is not begun anew
            self._news.clear()
            await self._news.wait()

    async def _run(self, recording: Recording) -> None:
        async with open_sound(self._settings, plays=False) as sound:
            await recording.run(sound)


class _Heard(Exception):
    """Enough for a probe."""


async def _stopped(running: asyncio.Task[None]) -> str:
    """Why it has ended by itself, if it has."""
    running.cancel()
    (result,) = await asyncio.gather(running, return_exceptions=True)
    match result:
        case AdapterError():
            return str(result)
        case Exception():
            return f"录音中断（{type(result).__name__}）"
        case _:
            return ""
