"""What becomes an announcement, and what is refused with which words."""

from __future__ import annotations

import wave
from io import BytesIO

import numpy as np
import pytest

from hotline.announcements import wav
from hotline.announcements.wav import NotPlayable, convert
from tests.announcements.tones import riff, tone


def heard(sound: wav.Sound) -> np.ndarray:
    with wave.open(BytesIO(sound.wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def pitch(samples: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples))))) * 8000 / len(samples))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize(("channels", "bits"), [(1, 16), (2, 16), (1, 8), (1, 24), (2, 32)])
def test_every_kind_comes_out_as_the_same_tone(rate: int, channels: int, bits: int) -> None:
    sound = convert(tone(rate=rate, channels=channels, bits=bits))
    assert sound.seconds == pytest.approx(1.0, abs=0.01)
    assert sound.peak_db == pytest.approx(-6.0, abs=0.4)
    assert pitch(heard(sound)) == pytest.approx(440, abs=2)
    assert sound.warnings == ()


def test_what_a_telephone_cannot_carry_is_gone_and_does_not_come_back_as_another_tone() -> None:
    high, low = (heard(convert(tone(rate=48000, pitch=pitch, level=0.9)))[2000:-2000] for pitch in (6000, 1000))
    assert np.max(np.abs(high)) * 1000 < np.max(np.abs(low))


def test_what_was_converted_once_is_not_changed_again() -> None:
    once = convert(tone(rate=44100, channels=2))
    assert convert(once.wav).wav == once.wav


def test_both_channels_are_heard() -> None:
    left = tone(seconds=0.5)
    frames = left[left.index(b"data") + 8 :]
    one_sided = b"".join(frames[n : n + 2] + b"\0\0" for n in range(0, len(frames), 2))
    assert convert(riff(one_sided, channels=2)).peak_db == pytest.approx(-12, abs=0.5)


@pytest.mark.parametrize(("code", "loud", "silent"), [(6, 0xAA, 0xD5), (7, 0x80, 0xFF)])
def test_g711(code: int, loud: int, silent: int) -> None:
    """The highest and the lowest level of A-law and μ-law (ITU-T G.711)."""
    sound = convert(riff(bytes([loud, silent]) * 4000, bits=8, code=code))
    samples = heard(sound)
    assert samples[0] > 32000
    assert abs(samples[1]) <= 8


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"level": 0.05}, "音量偏低（峰值 -26 dB），来电人可能听不清。"),
        ({"level": 40.0}, "音量过大，有削波失真。"),
        ({"before": 2.0}, "开头有 2.0 秒静音。"),
        ({"after": 3.0}, "结尾有 3.0 秒静音。"),
    ],
)
def test_warnings(change: dict[str, float], expected: str) -> None:
    if change.get("level", 0) > 1:
        frames = np.clip(np.sin(np.arange(8000) / 3) * 2, -1, 1) * 32767
        sound = convert(riff(frames.astype("<i2").tobytes()))
    else:
        sound = convert(
            tone(level=change.get("level", 0.5), before=change.get("before", 0), after=change.get("after", 0))
        )
    assert sound.warnings == (expected,)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "文件是空的"),
        (b"hello", "这不是 WAV 音频文件"),
        (b"ID3\x04" + bytes(100), "这是 MP3 文件，请另存为 WAV"),
        (b"OggS" + bytes(100), "这是 OGG 文件"),
        (b"\0\0\0\x20ftypM4A " + bytes(100), "这是 M4A 文件"),
        (b"RIFF\0\0\0\0AVI " + bytes(100), "这不是 WAV"),
        (b"RIFF\x04\0\0\0WAVE", "WAV 文件不完整"),
        (b"RIFF\x04\0\0\0WAVEfmt \x02\0\0\0ab", "WAV 文件不完整"),
        (b"RIFF\x04\0\0\0WAVEdata\x02\0\0\0ab", "WAV 文件不完整"),
        (riff(b""), "没有声音数据"),
        (riff(bytes(16000)), "录音是静音"),
        (riff(bytes(16000), code=3, bits=32), "浮点格式"),
        (riff(bytes(16000), code=2, bits=4), "编码方式不受支持"),
        (riff(bytes(16000), bits=12), "编码方式不受支持"),
        (riff(bytes(36000), channels=6), "6 个声道"),
        (riff(bytes(16000), rate=4000), "采样率 4000 Hz"),
        (riff(bytes(16000), rate=192000), "采样率 192000 Hz"),
        (riff(bytes(8000 * 61), bits=8), "录音长 61 秒，超过 60 秒"),
        (tone(rate=48000, channels=2, seconds=11), "文件超过 2 MiB"),
    ],
)
def test_what_is_refused_says_why(data: bytes, expected: str) -> None:
    with pytest.raises(NotPlayable, match=expected):
        convert(data)


def test_a_recording_that_was_cut_off_is_as_long_as_what_is_there() -> None:
    whole = tone(seconds=2.0)
    assert convert(whole[: len(whole) // 2]).seconds == pytest.approx(1.0, abs=0.02)
