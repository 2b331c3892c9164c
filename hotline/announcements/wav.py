"""Is an uploaded file audio that a telephone can play, and what does it sound like there?

WAV comes in (PCM of 8 to 32 bits, A-law or μ-law, mono or stereo, 8 to 96 kHz), and goes out as the telephone network
carries it: 8 kHz, mono, 16 bits. Figures are taken from what goes out, because that is what callers hear.
"""

from __future__ import annotations

import struct
from io import BytesIO
from math import log10
from typing import Any, Final
from wave import open as open_wave

import msgspec
import numpy as np
import soxr
from numpy.typing import NDArray

RATE: Final = 8000
"""Samples per second on the telephone network."""
MAX_BYTES: Final = 2 * 1024 * 1024
MAX_SECONDS: Final = 60.0
MIN_SECONDS: Final = 0.1
LOWEST_RATE: Final = 8000
HIGHEST_RATE: Final = 96_000
QUIET_DB: Final = -18.0
"""A peak below that is hard to understand on a street."""
SILENT_DB: Final = -50.0
"""Nothing above that: nobody spoke."""
CLIPPED_SHARE: Final = 0.0005
"""So many samples at the limit are heard as a crackle."""
LONG_SILENCE_SECONDS: Final = 1.5

_EXTENSIBLE: Final = 0xFFFE
_OTHERS: Final = (
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"OggS", "OGG"),
    (b"fLaC", "FLAC"),
    (b"#!AMR", "AMR"),
    (b"FORM", "AIFF"),
    (b"\x30\x26\xb2\x75", "WMA"),
)

Samples = NDArray[np.float32]


class NotPlayable(Exception):
    """The file cannot become an announcement; the message says why, in Chinese, and what to do."""


class Sound(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement as callers hear it."""

    wav: bytes
    """8 kHz, mono, 16 bits."""
    seconds: float
    peak_db: float
    """Highest sample, in dB below the limit (dBFS)."""
    warnings: tuple[str, ...] = ()
    """What should be looked at, in Chinese."""


class _Format(msgspec.Struct, frozen=True):
    code: int
    channels: int
    rate: int
    bits: int


def convert(data: bytes) -> Sound:
    """The file as an announcement. Takes some tens of milliseconds: call it in a thread. Raises `NotPlayable`."""
    if len(data) > MAX_BYTES:
        raise NotPlayable("文件超过 2 MiB，请缩短录音或降低采样率。")
    form, payload = _read(data)
    seconds = len(payload) // _frame(form) / form.rate
    if seconds > MAX_SECONDS:
        raise NotPlayable(f"录音长 {seconds:.0f} 秒，超过 {MAX_SECONDS:.0f} 秒的上限。")
    if seconds < MIN_SECONDS:
        raise NotPlayable("文件中没有声音数据。")
    heard = _resampled(_mono(form, payload), form.rate)
    whole = np.clip(np.round(heard * 32768), -32768, 32767).astype("<i2")
    peak = _decibels(float(np.max(np.abs(heard), initial=0.0)))
    if peak < SILENT_DB:
        raise NotPlayable("录音是静音，请检查话筒后重新录制。")
    return Sound(
        wav=_written(whole.tobytes()),
        seconds=len(whole) / RATE,
        peak_db=round(peak, 1),
        warnings=_warnings(heard, peak),
    )


def _read(data: bytes) -> tuple[_Format, bytes]:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        other = next((name for mark, name in _OTHERS if data.startswith(mark)), "")
        if data[4:8] == b"ftyp":
            other = "M4A"
        if other:
            raise NotPlayable(f"这是 {other} 文件，请另存为 WAV（PCM）后上传。")
        raise NotPlayable("这不是 WAV 音频文件。" if data else "文件是空的。")
    form: _Format | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _format(body)
        elif name == b"data":
            if form is None:
                break
            return form, body  # a recorder that was cut off names more than there is: what is there counts
        at += 8 + size + (size & 1)
    raise NotPlayable("WAV 文件不完整，请重新导出后上传。")


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise NotPlayable("WAV 文件不完整，请重新导出后上传。")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == _EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    match code:  # RFC 2361: 1 PCM, 3 IEEE float, 6 A-law, 7 μ-law
        case 1 if bits in (8, 16, 24, 32):
            pass
        case 6 | 7 if bits == 8:
            pass
        case 3:
            raise NotPlayable("这是浮点格式的 WAV，请另存为 16 位 PCM 后上传。")
        case _:
            raise NotPlayable("WAV 的编码方式不受支持，请另存为 16 位 PCM 后上传。")
    if channels not in (1, 2):
        raise NotPlayable(f"录音有 {channels} 个声道，请另存为单声道或立体声。")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise NotPlayable(f"采样率 {rate} Hz 不在 8000 至 96000 Hz 之间，请重新导出。")
    return _Format(code, channels, rate, bits)


def _frame(form: _Format) -> int:
    return form.channels * form.bits // 8


def _mono(form: _Format, payload: bytes) -> Samples:
    payload = payload[: len(payload) // _frame(form) * _frame(form)]
    match form.code, form.bits:
        case 1, 8:
            flat = (np.frombuffer(payload, np.uint8).astype(np.float32) - 128) / 128
        case 1, 16:
            flat = np.frombuffer(payload, "<i2").astype(np.float32) / 32768
        case 1, 24:
            # The three bytes become the upper three of a 32-bit integer.
            wide = np.zeros((len(payload) // 3, 4), np.uint8)
            wide[:, 1:] = np.frombuffer(payload, np.uint8).reshape(-1, 3)
            flat = wide.reshape(-1).view("<i4").astype(np.float32) / 2**31
        case 1, _:
            flat = np.frombuffer(payload, "<i4").astype(np.float32) / 2**31
        case 6, _:
            flat = _ALAW_TABLE[np.frombuffer(payload, np.uint8)]
        case _:
            flat = _ULAW_TABLE[np.frombuffer(payload, np.uint8)]
    return np.asarray(flat.reshape(-1, form.channels).mean(axis=1), dtype=np.float32)


def _resampled(samples: Samples, rate: int) -> Samples:
    if rate == RATE:
        return samples
    return np.asarray(soxr.resample(samples, rate, RATE, quality="HQ"), dtype=np.float32)


def _warnings(heard: Samples, peak: float) -> tuple[str, ...]:
    found: list[str] = []
    if peak < QUIET_DB:
        found.append(f"音量偏低（峰值 {peak:.0f} dB），来电人可能听不清。")
    if float(np.mean(np.abs(heard) >= 0.999)) > CLIPPED_SHARE:
        found.append("音量过大，有削波失真。")
    loud = np.flatnonzero(np.abs(heard) > 10 ** (SILENT_DB / 20))
    before, after = loud[0] / RATE, (len(heard) - 1 - loud[-1]) / RATE
    if before > LONG_SILENCE_SECONDS:
        found.append(f"开头有 {before:.1f} 秒静音。")
    if after > LONG_SILENCE_SECONDS:
        found.append(f"结尾有 {after:.1f} 秒静音。")
    return tuple(found)


def _written(frames: bytes) -> bytes:
    into = BytesIO()
    with open_wave(into, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    return into.getvalue()


def _decibels(level: float) -> float:
    return 20 * log10(level) if level > 1e-6 else -120.0


def _table(expand: Any) -> Samples:
    return np.array([expand(code) / 32768 for code in range(256)], dtype=np.float32)


def _from_alaw(code: int) -> int:
    """ITU-T G.711, table 1a."""
    code ^= 0x55
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if code & 0x80 else -size


def _from_ulaw(code: int) -> int:
    """ITU-T G.711, table 2a."""
    code = ~code & 0xFF
    size = ((((code & 15) << 3) + 0x84) << ((code >> 4) & 7)) - 0x84
    return -size if code & 0x80 else size


_ALAW_TABLE: Final = _table(_from_alaw)
_ULAW_TABLE: Final = _table(_from_ulaw)
