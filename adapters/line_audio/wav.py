"""Which samples are in a WAV file, and how does a recording lie on disk so that a crash leaves it playable?

`read_wav` takes what people have: PCM of 8 or 16 bits, A-law or μ-law, one or two channels, any usual rate; it gives
what a telephone line carries: 8 kHz, one channel, 16 bits. `WavWriter` writes that, or G.711 at half the size. Format:
Microsoft RIFF/WAVE, codes after RFC 2361.
"""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from typing import Final, Literal

import msgspec
import numpy as np
import soxr

from adapters.line_audio.codec import decode, encode

RATE: Final = 8000
"""Samples per second on a telephone line."""
SECOND_BYTES: Final = 2 * RATE
FLUSH_BYTES: Final = SECOND_BYTES
"""What a crash may cost."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""A longer file is not read: it is no announcement."""
LOWEST_RATE: Final = 4000
HIGHEST_RATE: Final = 192_000

Coding = Literal["s16", "alaw", "ulaw"]

_PCM, _ALAW, _ULAW, _EXTENSIBLE = 1, 6, 7, 0xFFFE
_CODES: Final[dict[Coding, int]] = {"s16": _PCM, "alaw": _ALAW, "ulaw": _ULAW}


class NotAudio(Exception):
    """The file cannot be played on a line; the message says why, in Chinese, and what to do."""


def read_wav(data: bytes) -> bytes:
    """What that WAV file sounds like on a line: 8 kHz, one channel, 16 bits, lowest byte first. What is missing at the
    end of a file that was cut off is left out. Tens of milliseconds for a minute. Raises `NotAudio`."""
    if len(data) > MAX_BYTES:
        raise NotAudio(f"文件超过 {MAX_BYTES >> 20} MiB，请缩短录音。")
    form, body = _taken_apart(data)
    body = body[: len(body) // form.frame * form.frame]
    match form.code, form.bits:
        case 1, 8:
            pcm = decode(body, "u8")
        case 1, _:
            pcm = body
        case 6, _:
            pcm = decode(body, "alaw")
        case _:
            pcm = decode(body, "ulaw")
    samples = np.frombuffer(pcm, "<i2").reshape(-1, form.channels).mean(axis=1, dtype=np.float32) / 32768
    if form.rate != RATE:
        samples = soxr.resample(samples, form.rate, RATE, quality="HQ")
    return np.clip(np.round(np.asarray(samples) * 32768), -32768, 32767).astype("<i2").tobytes()


class WavWriter:
    """One recording that is being written.

    Never raises: what goes wrong is told by `missing`, and what is written afterwards is dropped. The header is right
    after every flush, which happens by itself after each second of sound. Writing blocks for as long as the disk does:
    call it in a thread where that may be long.
    """

    def __init__(self, path: Path, *, coding: Coding = "s16", most_seconds: float = 3600.0) -> None:
        """Open the file, which must not exist yet; only we may read it. Folders above it are made."""
        self._coding: Coding = coding
        self._left = int(most_seconds * RATE) * 2
        """Bytes of sound that may still come."""
        self._waiting = bytearray()
        self._written = 0
        """Bytes of coded sound in the file."""
        self._missing = ""
        self._file = -1
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._missing = f"录音文件夹无法建立：{error.strerror or type(error).__name__}"
            return
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            self._put(0, self._header())
        except OSError as error:
            self._stop(error)

    @property
    def seconds(self) -> float:
        """How much sound is in the file."""
        return self._written / (RATE if self._coding != "s16" else SECOND_BYTES)

    @property
    def missing(self) -> str:
        """Why no more is written, in Chinese; empty: all is well."""
        return self._missing

    def write(self, pcm16: bytes) -> None:
        """Add sound: 8 kHz, one channel, 16 bits. Half a sample at the end is dropped."""
        if self._file < 0:
            return
        pcm16 = pcm16[: len(pcm16) // 2 * 2]
        self._waiting += pcm16[: self._left]
        self._left -= len(pcm16)
        if self._left < 0:
            self.close()
            self._missing = self._missing or "录音已达到规定的最长时间"
        elif len(self._waiting) >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Everything is handed to the operating system, and the file is playable as it lies there."""
        if self._file < 0 or not self._waiting:
            return
        coded = encode(bytes(self._waiting), self._coding)
        self._waiting.clear()
        try:
            self._put(len(self._header()) + self._written, coded)
            self._written += len(coded)
            self._put(0, self._header())
        except OSError as error:
            self._stop(error)

    def close(self) -> None:
        """Finish the file. Twice is the same as once."""
        self.flush()
        if self._file < 0:
            return
        try:
            if self._written % 2:  # a chunk has an even length; the pad does not count
                self._put(len(self._header()) + self._written, b"\0")
            os.fsync(self._file)
        except OSError as error:
            self._stop(error)
        self._let_go()

    def _put(self, at: int, data: bytes) -> None:
        while data:
            done = os.pwrite(self._file, data, at)
            at, data = at + done, data[done:]

    def _stop(self, error: OSError) -> None:
        """The sound that came before is kept: what was half written is cut off behind the header's count."""
        self._missing = _reason(error)
        self._waiting.clear()
        if self._file >= 0:
            try:
                os.ftruncate(self._file, len(self._header()) + self._written)
                self._put(0, self._header())
            except OSError:
                pass  # the header that lies there counts less than there is: still playable
            self._let_go()

    def _let_go(self) -> None:
        if self._file >= 0:
            try:
                os.close(self._file)
            except OSError as error:  # a network drive says only now that it was full
                self._missing = self._missing or _reason(error)
            self._file = -1

    def _header(self) -> bytes:
        width = 2 if self._coding == "s16" else 1
        form = struct.pack("<HHIIHH", _CODES[self._coding], 1, RATE, RATE * width, width, 8 * width)
        fact = b""
        if self._coding != "s16":  # everything that is not PCM says how long its extension is, and how many samples
            form += struct.pack("<H", 0)
            fact = b"fact" + struct.pack("<II", 4, self._written)
        chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + fact + b"data" + struct.pack("<I", self._written)
        return b"RIFF" + struct.pack("<I", len(chunks) + self._written + self._written % 2) + chunks


class _Format(msgspec.Struct, frozen=True):
    code: int
    channels: int
    rate: int
    bits: int

    @property
    def frame(self) -> int:
        return self.channels * self.bits // 8


def _taken_apart(data: bytes) -> tuple[_Format, bytes]:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise NotAudio("这不是 WAV 音频文件，请另存为 WAV（PCM）。" if data else "文件是空的。")
    form: _Format | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from("<I", data, at + 4)[0]
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _format(body)
        elif name == b"data" and form is not None:
            return form, body
        at += 8 + size + size % 2
    raise NotAudio("WAV 文件不完整，请重新导出。")


def _format(body: bytes) -> _Format:
    if len(body) < 16:
        raise NotAudio("WAV 文件不完整，请重新导出。")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == _EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    if (code, bits) not in {(_PCM, 8), (_PCM, 16), (_ALAW, 8), (_ULAW, 8)}:
        raise NotAudio("WAV 的编码方式不受支持，请另存为 16 位 PCM。")
    if channels not in (1, 2):
        raise NotAudio(f"录音有 {channels} 个声道，请另存为单声道或立体声。")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise NotAudio(f"采样率 {rate} Hz 不在 {LOWEST_RATE} 至 {HIGHEST_RATE} Hz 之间，请重新导出。")
    return _Format(code, channels, rate, bits)


def _reason(error: OSError) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "磁盘已满"
        case errno.EFBIG:
            return "录音文件超过系统允许的大小"
        case errno.EEXIST:
            return "同名的录音文件已经存在"
        case _:
            return f"录音文件无法写入：{error.strerror or type(error).__name__}"
