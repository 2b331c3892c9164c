"""What do 16-bit samples look like in the coding that a line, a modem or a file wants, and the other way round?

One channel, 16 bits, lowest byte first, on our side; on the other `s16` (the same), `u8` (unsigned 8 bits, as voice
modems after ITU-T V.253 speak it), `alaw` (A 律) or `ulaw` (μ 律) after ITU-T G.711. Each way is one table look-up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

Law = Literal["ulaw", "alaw", "u8", "s16"]
LAWS: Final[tuple[Law, ...]] = get_args(Law)
SILENCE: Final = {"ulaw": b"\xff", "alaw": b"\xd5", "u8": b"\x80", "s16": b"\x00\x00"}
"""One sample of nothing, in each coding."""

_WIDE: Final = np.dtype("<i2")
_Whole = NDArray[np.int32]


def encode(pcm16: bytes, law: str) -> bytes:
    """16-bit samples in that coding: half as many bytes, or as many for `s16`. Raises `ValueError` for half a sample
    and for a coding that is not known."""
    if len(pcm16) % 2:
        raise ValueError("half a sample")
    table = _encoder(_known(law))
    return bytes(pcm16) if table is None else table[np.frombuffer(pcm16, "<u2")].tobytes()


def decode(data: bytes, law: str) -> bytes:
    """That coding as 16-bit samples. Raises `ValueError` for half a sample and for a coding that is not known."""
    if law == "s16" and len(data) % 2:
        raise ValueError("half a sample")
    table = _decoder(_known(law))
    return bytes(data) if table is None else table[np.frombuffer(data, np.uint8)].tobytes()


def _known(law: str) -> Law:
    for each in LAWS:
        if each == law:
            return each
    raise ValueError(f"no coding {law!r}; known: {', '.join(LAWS)}")


@cache
def _encoder(law: Law) -> NDArray[np.uint8] | None:
    """The code of each sample, by the sample's two bytes as an unsigned number."""
    codes: dict[Law, Callable[[_Whole], _Whole]] = {"ulaw": _to_ulaw, "alaw": _to_alaw, "u8": _to_u8}
    if law not in codes:
        return None
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    return codes[law](samples).astype(np.uint8)


@cache
def _decoder(law: Law) -> NDArray[np.int16] | None:
    """The sample of each code."""
    samples: dict[Law, Callable[[_Whole], _Whole]] = {"ulaw": _from_ulaw, "alaw": _from_alaw, "u8": _from_u8}
    return samples[law](np.arange(256, dtype=np.int32)).astype(_WIDE) if law in samples else None


def _to_ulaw(sample: _Whole) -> _Whole:
    """G.711, table 2a: 14 bits, eight segments of sixteen steps, the whole code inverted."""
    sample = sample >> 2
    size = np.minimum(np.abs(sample) + 33, 0x1FFF)
    segment = _bits(size) - 6
    code = segment << 4 | ((size >> (segment + 1)) & 15)
    return ~(np.where(sample < 0, 0x80, 0) | code) & 0xFF


def _to_alaw(sample: _Whole) -> _Whole:
    """G.711, table 1a: 13 bits; the lower two segments share one step; every other bit inverted."""
    sample = sample >> 3
    size = np.where(sample < 0, -sample - 1, sample)
    segment = np.maximum(_bits(size) - 5, 0)
    code = segment << 4 | ((size >> np.maximum(segment, 1)) & 15)
    return code ^ np.where(sample < 0, 0x55, 0xD5)


def _to_u8(sample: _Whole) -> _Whole:
    return (sample >> 8) + 128


def _from_ulaw(code: _Whole) -> _Whole:
    code = ~code & 0xFF
    size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size)


def _from_alaw(code: _Whole) -> _Whole:
    code = code ^ 0x55
    segment = (code >> 4) & 7
    step = ((code & 15) << 4) + np.where(segment == 0, 8, 0x108)
    size = step << np.maximum(segment - 1, 0)
    return np.where(code & 0x80, size, -size)


def _from_u8(code: _Whole) -> _Whole:
    return (code - 128) << 8


def _bits(size: _Whole) -> _Whole:
    """How many bits it takes to write that number."""
    return np.frexp(size.astype(np.float64))[1].astype(np.int32)
