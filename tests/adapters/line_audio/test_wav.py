"""WAV files in and out: whatever people have is read, and a recording is playable wherever it was cut off."""

from __future__ import annotations

import errno
import os
import resource
import signal
import struct
import subprocess
import sys
import wave
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.line_audio.codec import encode
from adapters.line_audio.level import loudest_hz, rms_db, tone
from adapters.line_audio.wav import RATE, Coding, NotAudio, WavWriter, read_wav

TONE = tone(440, 1.0, -6)


def wav(body: bytes, *, code: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16) -> bytes:
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * frame, frame, bits)
    chunks = (
        b"WAVEfmt " + struct.pack("<I", 16) + form + b"LIST\x03\0\0\0abc\0data" + struct.pack("<I", len(body)) + body
    )
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def sine(rate: int, channels: int = 1) -> bytes:
    samples = 0.5 * 32767 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    return np.repeat(samples, channels).astype("<i2").tobytes()


@pytest.mark.parametrize(
    "file",
    [
        wav(sine(8000)),
        wav(sine(44100), rate=44100),
        wav(sine(48000, channels=2), rate=48000, channels=2),
        wav(sine(11025), rate=11025),
        wav(encode(sine(8000), "u8"), bits=8),
        wav(encode(sine(8000), "alaw"), code=6, bits=8),
        wav(encode(sine(16000, channels=2), "ulaw"), code=7, bits=8, channels=2, rate=16000),
    ],
    ids=["plain", "44k", "48k-stereo", "11k", "8-bit", "alaw", "ulaw-stereo-16k"],
)
def test_every_usual_file_sounds_the_same(file: bytes) -> None:
    heard = read_wav(file)
    assert len(heard) / 2 == pytest.approx(RATE, abs=2)
    assert loudest_hz(heard) == pytest.approx(440, abs=1)
    assert rms_db(heard) == pytest.approx(-9.03, abs=0.2)


def test_two_channels_are_mixed() -> None:
    both = np.array([[1000, 3000]] * 100, "<i2").tobytes()
    assert set(np.frombuffer(read_wav(wav(both, channels=2)), "<i2")) == {2000}


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (b"", "空"),
        (b"ID3\x04" + bytes(50), "不是 WAV"),
        (b"RIFF\x04\0\0\0WAVE", "不完整"),
        (wav(TONE)[:30], "不完整"),
        (wav(TONE, code=3, bits=32), "16 位 PCM"),
        (wav(TONE, bits=24), "16 位 PCM"),
        (wav(TONE, channels=6), "6 个声道"),
        (wav(TONE, rate=400), "400 Hz"),
        (wav(TONE, channels=0), "0 个声道"),
    ],
)
def test_what_cannot_be_played_says_why(file: bytes, words: str) -> None:
    with pytest.raises(NotAudio, match=words):
        read_wav(file)


@given(st.binary(max_size=200), st.integers(0, 60))
def test_garbage_is_told_and_nothing_else(noise: bytes, at: int) -> None:
    whole = wav(TONE[:100])
    for data in (noise, whole[:at], whole[:at] + noise + whole[at + len(noise) :]):
        with suppress(NotAudio):
            assert len(read_wav(data)) % 2 == 0


@pytest.mark.parametrize("coding", ["s16", "alaw", "ulaw"])
def test_what_was_written_is_read(tmp_path: Path, coding: Coding) -> None:
    path = tmp_path / "a" / "b.wav"
    writer = WavWriter(path, coding=coding)
    for at in range(0, len(TONE), 322):
        writer.write(TONE[at : at + 322])
    writer.close()
    writer.close()
    writer.write(TONE)
    assert (writer.seconds, writer.missing) == (1.0, "")
    assert path.stat().st_mode & 0o777 == 0o600
    heard = read_wav(path.read_bytes())
    assert len(heard) == len(TONE)
    assert loudest_hz(heard) == pytest.approx(440, abs=1)
    if coding == "s16":
        assert heard == TONE
        with wave.open(BytesIO(path.read_bytes())) as known:  # another reader agrees
            assert (known.getnchannels(), known.getframerate(), known.getnframes()) == (1, RATE, RATE)


@given(pieces=st.lists(st.integers(0, 9000), max_size=12), coding=st.sampled_from(["s16", "alaw"]))
def test_the_header_is_right_after_every_flush(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[int], coding
) -> None:
    path = tmp_path_factory.mktemp("wav") / "x.wav"
    writer = WavWriter(path, coding=coding)
    said = 0
    for samples in pieces:
        writer.write(b"\x10\x20" * samples)
        said += samples
        assert len(read_wav(path.read_bytes())) >= 2 * (said - RATE)  # by itself, a second late at most
        writer.flush()
        there = path.read_bytes()
        assert len(read_wav(there)) == 2 * said == round(2 * RATE * writer.seconds)
        assert abs(struct.unpack_from("<I", there, 4)[0] + 8 - len(there)) <= 1
    writer.close()
    assert path.stat().st_size % 2 == 0


def test_a_crash_leaves_a_playable_file(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from adapters.line_audio.wav import WavWriter\n"
        "writer = WavWriter(Path(sys.argv[1]))\n"
        "for _ in range(130): writer.write(bytes([0, 16]) * 160)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path / "x.wav")], cwd=root, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(read_wav((tmp_path / "x.wav").read_bytes())) == 2 * 2 * RATE


def test_the_longest_recording_ends_by_itself(tmp_path: Path) -> None:
    writer = WavWriter(tmp_path / "x.wav", most_seconds=1.5)
    for _ in range(4):
        writer.write(TONE[:8000])
    assert writer.missing == "录音已达到规定的最长时间"
    assert writer.seconds == 1.5
    assert len(read_wav((tmp_path / "x.wav").read_bytes())) == 1.5 * 2 * RATE


def test_a_full_disk_stops_it_and_leaves_what_there_is(tmp_path: Path) -> None:
    """A limit that the kernel itself keeps to, in the middle of the third second."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    writer = WavWriter(tmp_path / "x.wav")
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, limits[1]))
        for _ in range(5):
            writer.write(TONE)
        writer.close()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert writer.missing == "录音文件超过系统允许的大小"
    assert writer.seconds == 2.0
    assert read_wav((tmp_path / "x.wav").read_bytes()) == TONE * 2
    assert (tmp_path / "x.wav").stat().st_size == 44 + 2 * len(TONE)


@pytest.mark.parametrize(
    ("code", "words"), [(errno.ENOSPC, "磁盘已满"), (errno.EDQUOT, "磁盘已满"), (errno.EIO, "无法写入")]
)
def test_whatever_the_disk_says_nothing_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    writer = WavWriter(tmp_path / "x.wav")

    def full(*_: object) -> int:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as broken:
        for name in ("pwrite", "ftruncate", "fsync"):
            broken.setattr(f"adapters.line_audio.wav.os.{name}", full)
        writer.write(TONE)
        writer.write(TONE)
        writer.close()
    assert words in writer.missing
    assert writer.seconds == 0
    assert read_wav((tmp_path / "x.wav").read_bytes()) == b""


def test_nowhere_to_write_is_told_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(b"older")
    writer = WavWriter(tmp_path / "x.wav")
    writer.write(TONE)
    writer.close()
    assert writer.missing == "同名的录音文件已经存在"
    assert (tmp_path / "x.wav").read_bytes() == b"older"
    assert "文件夹无法建立" in WavWriter(tmp_path / "x.wav" / "y.wav").missing
