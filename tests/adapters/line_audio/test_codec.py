"""Codings of a line: known values of G.711, and what has to hold for every sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.line_audio.codec import LAWS, SILENCE, decode, encode

EVERY_SAMPLE = np.arange(-32768, 32768).astype("<i2")
EVERY_CODE = bytes(range(256))

# ITU-T G.711: table 1a (A-law, 13 bits) and 2a (μ-law, 14 bits), values at the ends and at the segments' borders, as
# the code on the wire and the sample in 16 bits that a decoder gives for it.
ALAW = {0xD5: 8, 0x55: -8, 0xAA: 32256, 0x2A: -32256, 0xC5: 264, 0xF5: 528, 0xE5: 1056, 0x95: 2112, 0x80: 5504}
ULAW = {
    0xFF: 0,
    0x7F: 0,
    0x80: 32124,
    0x00: -32124,
    0xEF: 132,
    0xDF: 396,
    0xCF: 924,
    0xBF: 1980,
    0xAF: 4092,
    0x9F: 8316,
}

# One cycle of the 1 kHz test signal at 0 dBm0 (G.711, tables 5 and 6).
CYCLE_ALAW = bytes([0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4])
CYCLE_ULAW = bytes([0x1E, 0x0B, 0x0B, 0x1E, 0x9E, 0x8B, 0x8B, 0x9E])


@pytest.mark.parametrize(("law", "known"), [("alaw", ALAW), ("ulaw", ULAW)])
def test_known_codes(law: str, known: dict[int, int]) -> None:
    samples = np.frombuffer(decode(EVERY_CODE, law), "<i2")
    assert {code: int(samples[code]) for code in known} == known
    for code, sample in known.items():
        expected = 0xFF if (law, code) == ("ulaw", 0x7F) else code  # two zeros; the positive one is written
        assert encode(np.array([sample], "<i2").tobytes(), law) == bytes([expected])


@pytest.mark.parametrize(("law", "cycle"), [("alaw", CYCLE_ALAW), ("ulaw", CYCLE_ULAW)])
def test_the_standard_test_tone(law: str, cycle: bytes) -> None:
    """0 dBm0 lies 3.14 (A-law) or 3.17 dB (μ-law) below the largest sine; so says the standard of its own cycle."""
    heard = np.frombuffer(decode(cycle * 1000, law), "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(heard))
    assert np.argmax(spectrum) * 8000 / len(heard) == 1000
    most = 32768 if law == "alaw" else 32636
    assert 20 * np.log10(heard.std() * np.sqrt(2) / most) == pytest.approx(-3.15, abs=0.05)
    assert encode(decode(cycle, law), law) == cycle


@pytest.mark.parametrize(("law", "finest", "most"), [("alaw", 16, 32767), ("ulaw", 8, 32635)])
def test_no_sample_is_off_by_more_than_half_a_step(law: str, finest: int, most: int) -> None:
    """The step of its segment; and by what the tables leave away of 16 bits. Above `most` it is cut off."""
    codes = np.frombuffer(encode(EVERY_SAMPLE.tobytes(), law), np.uint8)
    segment = ((codes ^ (0x55 if law == "alaw" else 0xFF)) >> 4 & 7).astype(int)
    step = finest << (np.maximum(segment - 1, 0) if law == "alaw" else segment)
    off = np.abs(np.frombuffer(decode(codes.tobytes(), law), "<i2").astype(int) - EVERY_SAMPLE)
    assert (off <= step / 2 + finest / 2)[np.abs(EVERY_SAMPLE.astype(int)) <= most].all()


@pytest.mark.parametrize("law", ["alaw", "ulaw", "u8", "s16"])
def test_louder_is_never_quieter(law: str) -> None:
    assert (np.diff(np.frombuffer(decode(encode(EVERY_SAMPLE.tobytes(), law), law), "<i2").astype(int)) >= 0).all()


@given(st.binary(max_size=400), st.sampled_from(LAWS))
def test_what_was_coded_once_stays_as_it_is(data: bytes, law: str) -> None:
    data = data[: len(data) // 2 * 2]
    once = decode(data, law)
    assert decode(encode(once, law), law) == once
    assert len(encode(once, law)) == len(data)


@pytest.mark.parametrize("law", LAWS)
def test_nothing_is_coded_as_nothing(law: str) -> None:
    assert encode(b"\0\0", law) == SILENCE[law]
    assert encode(b"", law) == decode(b"", law) == b""


def test_half_a_sample_and_unknown_codings_are_told() -> None:
    for law in LAWS:
        with pytest.raises(ValueError, match="half a sample"):
            encode(b"\0\0\0", law)
    with pytest.raises(ValueError, match="half a sample"):
        decode(b"\0", "s16")
    with pytest.raises(ValueError, match="mp3"):
        encode(b"", "mp3")
    with pytest.raises(ValueError, match="g729"):
        decode(b"", "g729")
