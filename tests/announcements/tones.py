"""WAV files made by hand, for tests that upload or play them."""

from __future__ import annotations

import struct
from math import pi, sin


def tone(
    *,
    rate: int = 8000,
    channels: int = 1,
    bits: int = 16,
    seconds: float = 1.0,
    pitch: float = 440.0,
    level: float = 0.5,
    before: float = 0.0,
    after: float = 0.0,
) -> bytes:
    """A sine of that pitch (Hz) and level (1: the limit), with seconds of silence around it; PCM."""
    silent = (int(before * rate), int(after * rate))
    wave = [0.0] * silent[0] + [level * sin(2 * pi * pitch * n / rate) for n in range(int(seconds * rate))]
    wave += [0.0] * silent[1]
    return riff(b"".join(_sample(value, bits) * channels for value in wave), rate=rate, channels=channels, bits=bits)


def riff(payload: bytes, *, rate: int = 8000, channels: int = 1, bits: int = 16, code: int = 1) -> bytes:
    """A WAV file around samples; `code`: 1 PCM, 3 float, 6 A-law, 7 μ-law."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)
    # A chunk that nobody knows comes first, of an odd length: it is stepped over.
    body = b"WAVE" + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body += b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(payload)) + payload
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _sample(value: float, bits: int) -> bytes:
    if bits == 8:
        return bytes([round(value * 127) + 128])
    return round(value * (2 ** (bits - 1) - 1)).to_bytes(bits // 8, "little", signed=True)
