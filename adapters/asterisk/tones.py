"""Plain tones as the telephone network carries them: A-law at 8 kHz (ITU-T G.711)."""

from __future__ import annotations

import math
from typing import Final

RATE: Final = 8000
"""Samples per second."""


def alaw(sample: int) -> int:
    """One 16-bit sample as A-law."""
    sign, level = (0x80, sample >> 3) if sample >= 0 else (0, (-sample - 1) >> 3)
    exponent = max(0, level.bit_length() - 5)
    mantissa = level >> 1 if exponent == 0 else level >> exponent
    return (sign | (exponent << 4) | (mantissa & 0x0F)) ^ 0x55


def tone(hertz: float, seconds: float, amplitude: float = 0.25) -> bytes:
    """A sine as A-law; `amplitude` is a share of full scale."""
    period = RATE // math.gcd(RATE, round(hertz))
    swing = 32767 * amplitude
    once = bytes(alaw(round(swing * math.sin(2 * math.pi * hertz * n / RATE))) for n in range(period))
    return (once * (round(seconds * RATE) // period + 1))[: round(seconds * RATE)]


def unalaw(byte: int) -> int:
    """One A-law byte as a 16-bit sample."""
    byte ^= 0x55
    exponent, mantissa = (byte & 0x70) >> 4, byte & 0x0F
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if byte & 0x80 else -size
