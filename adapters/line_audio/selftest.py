"""Does what we say come back, where the device is looped (回环) by a cable or by the line's own side tone?"""

from __future__ import annotations

import asyncio
from math import log10
from typing import Final

import msgspec

from adapters.line_audio.level import FLOOR_DB, Level, loudest_hz, rms_db, share_db, tone
from adapters.line_audio.sound import LineSound
from adapters.line_audio.wav import SECOND_BYTES

HERTZ: Final = 1000.0
"""A telephone line's usual test tone (ITU-T O.6 uses 1004, which no filter here tells apart)."""
SAID_DB: Final = -12.0
SAID_SECONDS: Final = 1.0
WINDOW_SECONDS: Final = 0.5
OFF_HERTZ: Final = 10.0
"""A device whose clock is further off spoils announcements as well."""
QUIET_DB: Final = -45.0
CLEAR_DB: Final = 10.0
"""The tone has to stand out of everything else by so much."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What came back."""

    ok: bool
    hertz: float
    """The loudest tone of what was heard."""
    db: float
    """How loud the test tone itself came back, in dBFS (RMS)."""
    level: Level
    words: str
    """In Chinese: what it means, and what to do."""


async def self_test(sound: LineSound) -> Verdict:
    """Play 1000 Hz for a second and listen meanwhile. Raises `SoundLost`."""
    heard = bytearray()
    listening = asyncio.create_task(sound.record(heard.extend), name="self-test")
    try:
        await sound.play(tone(HERTZ, SAID_SECONDS, SAID_DB))
    finally:
        listening.cancel()
        (ended,) = await asyncio.gather(listening, return_exceptions=True)
    if isinstance(ended, Exception):
        raise ended
    return judged(bytes(heard), sound.level)


def judged(heard: bytes, level: Level) -> Verdict:
    """What that says about the device. Pure."""
    size = int(WINDOW_SECONDS * SECOND_BYTES)
    pieces = [heard[at : at + size] for at in range(0, max(1, len(heard) - size + 1), SECOND_BYTES // 10)]
    best = max(pieces, key=lambda piece: share_db(piece, HERTZ))
    hertz, db, all_db = loudest_hz(best), share_db(best, HERTZ), rms_db(best)
    others = 10 * log10(max(10 ** (all_db / 10) - 10 ** (db / 10), 10 ** (FLOOR_DB / 10)))
    if not heard:
        ok, words = False, "设备没有送来任何声音，请检查它的录音通道"
    elif all_db < QUIET_DB:
        ok, words = False, "没有听到声音：请确认输出已接回输入（回环线），并用 alsamixer 检查录音源和音量"
    elif db < QUIET_DB or db - others < CLEAR_DB:
        ok, words = False, f"听到声音，但不是测试音（最强 {hertz:.0f} Hz）：请确认接的是这一路，线路上没有其他声音"
    elif abs(hertz - HERTZ) > OFF_HERTZ:
        ok, words = False, f"测试音变成了 {hertz:.0f} Hz：采样率不对，请在设置中写 rate_hz = 48000 再试"
    elif level.clipped:
        ok, words = False, "测试音返回时削波失真：请用 alsamixer 调低录音音量"
    else:
        ok, words = True, "测试音正常返回"
    return Verdict(ok=ok, hertz=hertz, db=db, level=level, words=words)
