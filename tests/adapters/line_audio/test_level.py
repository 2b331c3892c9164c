"""Figures of sound that is known: levels, tones, silence, clipping; and what the self-test says of what came back."""

from __future__ import annotations

import numpy as np
import pytest

from adapters.line_audio.level import (
    FLOOR_DB,
    Meter,
    amplified,
    loudest_hz,
    rms_db,
    share_db,
    tone,
)
from adapters.line_audio.selftest import HERTZ, judged

SECOND = 16000


@pytest.mark.parametrize("db", [-60.0, -20.0, -6.0, 0.0])
@pytest.mark.parametrize("hertz", [200.0, 440.0, 1000.0, 3400.0])
def test_a_tone_has_its_frequency_and_level(hertz: float, db: float) -> None:
    heard = tone(hertz, 1.0, db)
    assert loudest_hz(heard) == pytest.approx(hertz, abs=1)
    assert rms_db(heard) == pytest.approx(db - 3.0, abs=0.2)
    assert share_db(heard, hertz) == pytest.approx(db - 3.0, abs=0.3)
    assert share_db(heard, hertz + 300) < max(db - 40, -85)


def test_nothing_is_nothing() -> None:
    assert rms_db(bytes(SECOND)) == rms_db(b"") == FLOOR_DB
    assert loudest_hz(bytes(SECOND)) == loudest_hz(b"") == 0
    assert share_db(b"", 1000) == FLOOR_DB


def test_the_meter_tells_level_clipping_and_silence() -> None:
    meter = Meter()
    assert meter.level.rms_db == FLOOR_DB
    loud = tone(500, 2.0, -10)
    for at in range(0, len(loud), 320):
        meter.feed(loud[at : at + 320])
    shown = meter.level
    assert shown.rms_db == pytest.approx(-13, abs=0.2)
    assert shown.peak_db == pytest.approx(-10, abs=0.1)
    assert (shown.clipped, shown.silent_seconds, shown.seconds) == (0, 0, 2.0)
    for _ in range(50):
        meter.feed(bytes(320))
    assert (meter.level.rms_db, meter.level.silent_seconds, meter.level.seconds) == (FLOOR_DB, 1.0, 3.0)
    meter.feed(np.array([32767, -32768, 100], "<i2").tobytes())
    assert (meter.level.clipped, meter.level.silent_seconds) == (2, 0)


def test_gain_is_cut_off_and_not_wrapped_round() -> None:
    assert amplified(b"\x01\x02", 0) == b"\x01\x02"
    assert rms_db(amplified(tone(500, 1.0, -20), 10)) == pytest.approx(-13, abs=0.2)
    loud = np.frombuffer(amplified(np.array([20000, -20000], "<i2").tobytes(), 20), "<i2")
    assert list(loud) == [32767, -32768]


def test_the_self_test_knows_good_from_bad() -> None:
    def told(heard: bytes) -> tuple[bool, str]:
        meter = Meter()
        meter.feed(heard)
        found = judged(heard, meter.level)
        return found.ok, found.words

    noise = np.random.default_rng(1).normal(0, 3000, SECOND).astype("<i2").tobytes()
    assert told(bytes(4000) + tone(HERTZ, 1.0, -20) + bytes(4000)) == (True, "测试音正常返回")
    for heard, words in (
        (b"", "没有送来任何声音"),
        (bytes(2 * SECOND), "没有听到声音"),
        (tone(HERTZ, 1.5, -60), "没有听到声音"),
        (tone(300, 1.5, -20), "最强 300 Hz"),
        (tone(HERTZ * 1.02, 1.5, -12), "采样率不对"),
        (noise, "不是测试音"),
        (amplified(tone(HERTZ, 1.5, -6), 12), "削波"),
    ):
        ok, said = told(heard)
        assert not ok
        assert words in said
