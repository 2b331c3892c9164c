"""A recording that can be played although nobody spoke: two soft tones that take turns, like caller and lawyer."""

from __future__ import annotations

import wave
from functools import cache
from math import pi, sin
from pathlib import Path

RATE = 8000
"""Samples per second, 8 bits each: what a telephone line carries."""
TURNS = ((330.0, 0.9), (440.0, 0.9))
"""Pitch in Hz and length in seconds of each turn; as much silence follows."""


def write(path: Path, seconds: float) -> None:
    """Write a WAV file (mono, 8 kHz, 8 bits) of that length."""
    wanted = max(int(seconds * RATE), 1)
    talk = _turns()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(RATE)
        file.writeframes((talk * (wanted // len(talk) + 1))[:wanted])


@cache
def _turns() -> bytes:
    sound = bytearray()
    for pitch, length in TURNS:
        samples = int(length * RATE)
        for at in range(samples):
            swell = sin(pi * at / samples)
            sound.append(128 + round(40 * swell * sin(2 * pi * pitch * at / RATE)))
        sound.extend(b"\x80" * (samples // 2))
    return bytes(sound)
