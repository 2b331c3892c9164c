"""What a caller says on the machine (留言): written to a WAV file until he has said everything."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import numpy as np

from adapters.errors import AdapterError
from adapters.line_audio.wav import SECOND_BYTES, WavWriter
from adapters.modem.line_sound import LineSound

LOOK_SECONDS: Final = 0.2
LOUD: Final = 300
"""Root mean square of 16-bit samples; a quiet line is below, a faint voice above."""
MOST_WAITING_BYTES: Final = 30 * SECOND_BYTES


class Message:
    """One of them."""

    def __init__(self, path: Path, *, seconds: float, silence_seconds: float) -> None:
        """`seconds`: the longest it may be."""
        self._path = path
        self._most = seconds
        self._silence = silence_seconds
        self._heard = bytearray()
        self._said = asyncio.Event()
        self.seconds = 0.0
        """How much of it is on disk."""
        self.missing = ""
        """Why it is not there, or not to its end, in Chinese; empty: it is."""

    def over(self) -> None:
        """He has said so (#)."""
        self._said.set()

    async def take(self, sound: LineSound) -> None:
        """Record until he has said everything; cancelled, it is complete on disk before this ends."""
        writer = await asyncio.to_thread(WavWriter, self._path, most_seconds=self._most)
        listening = asyncio.create_task(sound.record(self._take), name="message")
        clock = asyncio.get_running_loop().time
        quiet_since = began = clock()
        try:
            while not (self._said.is_set() or writer.missing or listening.done()):
                await asyncio.wait({listening}, timeout=LOOK_SECONDS)
                heard, self._heard = bytes(self._heard), bytearray()
                await asyncio.to_thread(writer.write, heard)
                if _is_loud(heard):
                    quiet_since = clock()
                if clock() - quiet_since >= self._silence or clock() - began >= self._most:
                    break
        finally:
            listening.cancel()
            (ended,) = await asyncio.gather(listening, return_exceptions=True)
            await asyncio.to_thread(self._finish, writer)
            self.missing = writer.missing or _why(ended)

    def _take(self, pcm: bytes) -> None:
        if len(self._heard) < MOST_WAITING_BYTES:
            self._heard += pcm

    def _finish(self, writer: WavWriter) -> None:
        writer.write(bytes(self._heard))
        writer.close()
        self.seconds = writer.seconds


def _is_loud(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32)
    return samples.size > 0 and float(np.sqrt(np.mean(samples**2))) >= LOUD


def _why(ended: object) -> str:
    """Cancelled by us, or the modem says that nothing more comes: it is complete."""
    return str(ended) or "录音中断" if isinstance(ended, AdapterError) else ""
