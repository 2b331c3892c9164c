"""How loud is the line, is anybody there, and which tone is it? Pure: samples in, figures out.

dBFS: 0 is the loudest that 16 bits can carry (for the peak a full-scale sample, for RMS a full-scale square wave, so a
full-scale sine shows −3).
"""

from __future__ import annotations

from math import log10
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from adapters.line_audio.wav import RATE

FULL: Final = 32768
FLOOR_DB: Final = -96.3
"""Below the smallest step of 16 bits: nothing at all."""
WINDOW_SAMPLES: Final = RATE * 3 // 10
"""What is shown is the last 300 ms, the integration time of a VU meter."""
SILENT_DB: Final = -45.0
"""RMS of a telephone line on which nobody speaks; speech lies 15 dB and more above."""
CLIPPED: Final = FULL - 2
"""A sample this large is taken for one that was cut off."""


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """What the meter shows."""

    rms_db: float
    """Of the last 300 ms."""
    peak_db: float
    """Of the last 300 ms."""
    clipped: int
    """Samples that were cut off since the line was opened."""
    silent_seconds: float
    """How long nothing was heard, up to now."""
    seconds: float
    """How much was heard since the line was opened."""


class Meter:
    """Listens along."""

    def __init__(self, silent_db: float = SILENT_DB) -> None:
        self._silent_db = silent_db
        self._window = np.zeros(0, np.float32)
        self._clipped = 0
        self._heard = 0
        self._silent = 0

    def feed(self, pcm16: bytes) -> None:
        """What was heard next, in pieces as they come (some tens of milliseconds each)."""
        samples = _samples(pcm16)
        if not len(samples):
            return
        self._window = np.concatenate((self._window, samples))[-WINDOW_SAMPLES:]
        self._clipped += int(np.count_nonzero(np.abs(samples) >= CLIPPED))
        self._heard += len(samples)
        self._silent = self._silent + len(samples) if rms_db(pcm16) < self._silent_db else 0

    @property
    def level(self) -> Level:
        """The figures now."""
        return Level(
            rms_db=_rms(self._window),
            peak_db=_decibels(float(np.max(np.abs(self._window), initial=0.0))),
            clipped=self._clipped,
            silent_seconds=self._silent / RATE,
            seconds=self._heard / RATE,
        )


def rms_db(pcm16: bytes) -> float:
    """How loud that is, in dBFS."""
    return _rms(_samples(pcm16))


def tone(hertz: float, seconds: float, db: float = -12.0) -> bytes:
    """A sine whose peak is at that level, faded in and out over 5 ms, so that it does not click."""
    count = int(seconds * RATE)
    at = np.arange(count)
    fade = np.clip(np.minimum(at, count - 1 - at) / (RATE * 0.005), 0, 1)
    samples = 10 ** (db / 20) * (FULL - 1) * fade * np.sin(2 * np.pi * hertz * at / RATE)
    return np.round(samples).astype("<i2").tobytes()


def loudest_hz(pcm16: bytes) -> float:
    """The frequency that is loudest, within a few hertz for half a second of sound; 0: there is nothing."""
    samples = _samples(pcm16)
    if len(samples) < 16 or not samples.any():
        return 0.0
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    power[0] = 0
    return float(np.argmax(power)) * RATE / len(samples)


def share_db(pcm16: bytes, hertz: float, width_hz: float = 25.0) -> float:
    """How loud that frequency alone is, in dBFS of a sine's RMS: what a filter of that width lets through."""
    samples = _samples(pcm16)
    if len(samples) < 16:
        return FLOOR_DB
    window = np.hanning(len(samples))
    power = np.abs(np.fft.rfft(samples * window)) ** 2
    power[1:] *= 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / RATE) - hertz) <= width_hz
    return _decibels(float(np.sqrt(power[near].sum() / (len(samples) * np.square(window).sum()))))


def amplified(pcm16: bytes, gain_db: float) -> bytes:
    """Louder or quieter; what would be too loud is cut off."""
    if not gain_db:
        return pcm16
    louder = np.round(_samples(pcm16) * 10 ** (gain_db / 20))
    return np.clip(louder, -FULL, FULL - 1).astype("<i2").tobytes()


def _samples(pcm16: bytes) -> NDArray[np.float32]:
    return np.frombuffer(pcm16, "<i2").astype(np.float32)


def _rms(samples: NDArray[np.float32]) -> float:
    return _decibels(float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))) if len(samples) else FLOOR_DB


def _decibels(size: float) -> float:
    return max(FLOOR_DB, 20 * log10(size / FULL)) if size > 0 else FLOOR_DB
