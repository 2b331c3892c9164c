"""How does sound get to the caller and back? Over the modem's own wire, or through a sound device beside it.

Everything else of this package speaks 16 bits, one channel, 8 kHz.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import soxr

from adapters.line_audio.codec import decode, encode
from adapters.modem.modem import Modem
from adapters.modem.probing import Found
from adapters.modem.sounds import RATE, resampled


class LineSound(Protocol):
    """One line's sound, while the line is off hook. One of the two at a time."""

    async def play(self, pcm: bytes) -> None:
        """Returns when it was heard to its end; cancelling stops it, within 100 ms where nothing lies between. Raises
        an `AdapterError`."""
        ...

    async def record(self, write: Callable[[bytes], None]) -> None:
        """Hand on what the caller says until cancelled. Raises an `AdapterError`."""
        ...


class OverTheWire:
    """Sound as the modem takes it between its commands. What is on its way to the modem is heard still: up to 0.3 s."""

    def __init__(self, modem: Modem, found: Found) -> None:
        self._modem = modem
        self._dialect, self._coding = found.dialect, found.coding

    async def play(self, pcm: bytes) -> None:
        """Returns when it was heard to its end."""
        coding = self._coding
        coded = encode(resampled(pcm, RATE, coding.rate), coding.law)
        await self._modem.play(self._dialect.play, coded, coding.rate)

    async def record(self, write: Callable[[bytes], None]) -> None:
        """Until cancelled, or until the modem says that nothing more comes."""
        coding = self._coding
        if coding.rate == RATE:
            await self._modem.record(
                self._dialect.record, self._dialect.stop_recording, lambda data: write(decode(data, coding.law))
            )
            return
        faster = soxr.ResampleStream(coding.rate, RATE, 1, dtype="int16")

        def resample(data: bytes) -> None:
            samples = np.frombuffer(decode(data, coding.law), "<i2")
            write(np.asarray(faster.resample_chunk(samples), "<i2").tobytes())

        await self._modem.record(self._dialect.record, self._dialect.stop_recording, resample)
