"""One recording (录音) of what a line says: written as it comes, ended by who began it, no reason to end the call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from adapters.errors import AdapterError
from adapters.line_audio.sound import LineSound
from adapters.line_audio.wav import SECOND_BYTES, Coding, WavWriter

MOST_SECONDS: Final = 4 * 3600.0
"""A receiver that was not put back properly must not fill the disk."""
MOST_WAITING_BYTES: Final = 30 * SECOND_BYTES
"""So much waits for a disk that is slow."""
DISK_SECONDS: Final = 5.0
"""So long the end of a recording waits for it."""
TO_DISK_SECONDS: Final = 1.0


class Recording:
    """One WAV file, one channel: what the device hears. A handset line's adapter gives both directions mixed on it."""

    def __init__(self, path: Path, *, coding: Coding = "s16", most_seconds: float = MOST_SECONDS) -> None:
        """The file must not exist yet; folders above it are made."""
        self._path = path
        self._coding: Coding = coding
        self._most_seconds = most_seconds
        self._waiting = bytearray()
        self._writer: WavWriter | None = None
        self._missing = ""
        self._overruns = 0

    @property
    def seconds(self) -> float:
        """How much of it is on disk."""
        return self._writer.seconds if self._writer is not None else 0.0

    @property
    def missing(self) -> str:
        """Why it is not there, or not to its end, in Chinese; empty: it is complete."""
        return self._missing or (self._writer.missing if self._writer is not None else "")

    @property
    def overruns(self) -> int:
        """How many pieces of 30 ms are missing in the middle, because the machine was too busy."""
        return self._overruns

    async def run(self, sound: LineSound) -> None:
        """Record until cancelled, or until it cannot go on: then it returns, and `missing` says why. Cancelled, it is
        complete on disk before this ends."""
        before = sound.overruns
        listening = asyncio.create_task(sound.record(self._take), name=f"recording {self._path.name}")
        try:
            self._writer = await asyncio.to_thread(self._opened)
            while not self.missing:
                await asyncio.wait({listening}, timeout=TO_DISK_SECONDS)
                await asyncio.to_thread(self._to_disk)
                if listening.done():
                    self._missing = _words(listening.exception())
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            self._overruns = sound.overruns - before
            await self._finish()

    def _opened(self) -> WavWriter:
        return WavWriter(self._path, coding=self._coding, most_seconds=self._most_seconds)

    def _take(self, pcm: bytes) -> None:
        if len(self._waiting) > MOST_WAITING_BYTES:
            raise _DiskTooSlow
        self._waiting += pcm

    def _to_disk(self) -> None:
        """In a thread. `_waiting` is changed whole, so the event loop may add to it meanwhile."""
        waiting, self._waiting = self._waiting, bytearray()
        if self._writer is not None:
            self._writer.write(bytes(waiting))

    def _close(self) -> None:
        self._to_disk()
        if self._writer is not None:
            self._writer.close()

    async def _finish(self) -> None:
        try:
            async with asyncio.timeout(DISK_SECONDS):
                await asyncio.shield(asyncio.to_thread(self._close))
        except TimeoutError:
            self._missing = self._missing or "磁盘没有反应"


class _DiskTooSlow(Exception):
    """Half a minute of sound waits for it."""


def _words(error: BaseException | None) -> str:
    match error:
        case _DiskTooSlow():
            return "磁盘太慢"
        case AdapterError():
            return str(error)
        case _:
            return f"录音中断（{type(error).__name__}）"
