"""A line's sound through a real PortAudio: what is said is heard at the other end, what is heard was said there."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.line_audio import sound as opening
from adapters.line_audio.devices import NoSuchDevice, SoundLost, devices
from adapters.line_audio.ends import MOST_BLOCKS, Ear
from adapters.line_audio.level import loudest_hz, rms_db, share_db, tone
from adapters.line_audio.selftest import self_test
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.sound import LineSound, open_sound
from tests.adapters.line_audio.stage import WAIT_SECONDS, SoundCard, loudest, native_threads

LINE = SoundSettings(device="line1")


async def heard_from(sound: LineSound, seconds: float) -> bytes:
    """So much of what comes in now."""
    heard, enough = bytearray(), asyncio.Event()

    def write(pcm: bytes) -> None:
        heard.extend(pcm)
        if len(heard) >= seconds * 16000:
            enough.set()

    recording = asyncio.create_task(sound.record(write))
    async with asyncio.timeout(WAIT_SECONDS):
        await enough.wait()
    recording.cancel()
    with suppress(asyncio.CancelledError):
        await recording
    return bytes(heard)


async def until_heard(sound: LineSound, hertz: float) -> None:
    """Returns when the caller's tone comes in."""
    async with asyncio.timeout(WAIT_SECONDS):
        while share_db(await heard_from(sound, 0.1), hertz) < -40:
            pass


async def test_what_is_said_is_heard_to_its_end_by_frequency_and_level(sound_card: SoundCard) -> None:
    async with open_sound(LINE) as sound, sound_card.hearing(1) as caller:
        began = time.monotonic()
        await sound.play(tone(440, 0.3, -10) + tone(800, 0.2, -20))
        assert time.monotonic() - began >= 0.5
        await caller.until_tone(800)
        await caller.until_silence(800)
    for hertz, db in ((440, -13), (800, -23)):
        heard = loudest(caller.pcm, hertz)
        assert loudest_hz(heard) == pytest.approx(hertz, abs=10)
        assert rms_db(heard) == pytest.approx(db, abs=0.5)


async def test_what_the_caller_says_comes_in_by_frequency_and_level(sound_card: SoundCard) -> None:
    async with open_sound(LINE, plays=False) as sound:
        assert rms_db(await heard_from(sound, 0.2)) < -90
        assert sound.level.silent_seconds > 0.1
        async with sound_card.saying(1, tone(1000, 60, -20)):
            await until_heard(sound, 1000)
            heard = loudest(await heard_from(sound, 0.5), 1000)
            level = sound.level
    assert loudest_hz(heard) == pytest.approx(1000, abs=10)
    assert share_db(heard, 1000) == pytest.approx(-23, abs=0.5)
    assert level.rms_db == pytest.approx(-23, abs=3)
    assert (level.silent_seconds < 0.1, level.clipped) == (True, 0)


async def test_two_lines_speak_and_listen_at_once(sound_card: SoundCard) -> None:
    """The second by a device that can do 48 kHz only, and is too quiet."""
    other = SoundSettings(device="line2", rate_hz=48000, input_gain_db=6, output_gain_db=6)
    async with open_sound(LINE) as first, open_sound(other) as second:
        async with (
            sound_card.hearing(1) as one,
            sound_card.hearing(2) as two,
            sound_card.saying(1, tone(500, 60)),
            sound_card.saying(2, tone(700, 60)),
        ):
            playing = [asyncio.create_task(each) for each in (first.play(tone(900, 60)), second.play(tone(1300, 60)))]
            await asyncio.gather(one.until_tone(900), two.until_tone(1300))
            await asyncio.gather(until_heard(first, 500), until_heard(second, 700))
            heard = await asyncio.gather(heard_from(first, 0.3), heard_from(second, 0.3))
            said = await asyncio.gather(one.more(0.3), two.more(0.3))
        for task in playing:
            task.cancel()
        await asyncio.gather(*playing, return_exceptions=True)
    for pcm, there, absent, db in (
        (heard[0], 500, 700, -15),
        (heard[1], 700, 500, -9),
        (said[0], 900, 1300, -15),
        (said[1], 1300, 900, -9),
    ):
        assert loudest_hz(pcm) == pytest.approx(there, abs=4)
        assert rms_db(loudest(pcm, there)) == pytest.approx(db, abs=0.5)
        assert share_db(pcm, absent) < share_db(pcm, there) - 20


async def test_cancelled_it_is_silent_at_once_and_the_next_one_is_heard(sound_card: SoundCard) -> None:
    async with open_sound(LINE) as sound, sound_card.hearing(1) as caller:
        playing = asyncio.create_task(sound.play(tone(600, 60)))
        await caller.until_tone(600)
        playing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await playing
        assert await caller.until_silence(600) < 1.0
        again = asyncio.create_task(sound.play(tone(850, 60)))
        waiting = asyncio.create_task(sound.play(tone(400, 60)))  # its turn has not come
        await caller.until_tone(850)
        waiting.cancel()
        assert share_db(await caller.more(0.2), 400) < -40
        again.cancel()
        await asyncio.gather(again, waiting, return_exceptions=True)


async def test_a_device_that_is_pulled_out_ends_everything_and_works_again_later(sound_card: SoundCard) -> None:
    async with open_sound(LINE) as sound:
        playing = asyncio.create_task(sound.play(tone(600, 60)))
        listening = [asyncio.create_task(sound.record(lambda pcm: None)) for _ in range(2)]
        await heard_from(sound, 0.1)
        sound_card.pull_out()
        async with asyncio.timeout(WAIT_SECONDS):
            ended = await asyncio.gather(playing, *listening, return_exceptions=True)
        assert [(type(each), str(each)) for each in ended] == [(SoundLost, "声音设备断开")] * 3
        for work in (sound.play(tone(600, 60)), sound.record(lambda pcm: None)):
            with pytest.raises(SoundLost, match="断开"):
                await work
    sound_card.start()
    async with open_sound(LINE) as sound, sound_card.hearing(1) as caller:
        await sound.play(tone(600, 0.2))
        await caller.until_tone(600)


async def test_a_device_that_stands_still_is_lost_and_keeps_nobody(
    sound_card: SoundCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "STALL_SECONDS", 0.3)
    monkeypatch.setattr(opening, "CLOSE_SECONDS", 0.3)
    async with open_sound(LINE) as sound:
        await heard_from(sound, 0.1)
        sound_card.freeze()
        async with asyncio.timeout(WAIT_SECONDS):
            with pytest.raises(SoundLost, match="没有反应"):
                await sound.record(lambda pcm: None)
        began = time.monotonic()
    assert time.monotonic() - began < WAIT_SECONDS  # it cannot be closed, and is left alone


async def test_nothing_is_left_behind(sound_card: SoundCard) -> None:
    async with open_sound(LINE):
        pass  # the event loop's own helper thread is there from now on
    await asyncio.to_thread(int)
    before, files = native_threads(), len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        async with open_sound(LINE) as sound:
            await heard_from(sound, 0.05)
            assert native_threads() > before
    async with asyncio.timeout(WAIT_SECONDS):
        while native_threads() > before or any(each.name == "sound device" for each in threading.enumerate()):
            await asyncio.sleep(0.01)
    assert len(os.listdir("/proc/self/fd")) <= files


async def test_who_gives_up_while_it_opens_leaves_nothing_behind(sound_card: SoundCard) -> None:
    before = native_threads()

    async def use() -> None:
        async with open_sound(LINE) as sound:
            await sound.record(lambda pcm: None)

    for turns in range(6):
        using = asyncio.create_task(use())
        for _ in range(turns):
            await asyncio.sleep(0)
        using.cancel()
        await asyncio.gather(using, return_exceptions=True)
    async with asyncio.timeout(WAIT_SECONDS):
        while native_threads() > before:
            await asyncio.sleep(0.01)


async def test_a_device_that_is_not_there_is_told_with_what_is(sound_card: SoundCard) -> None:
    with pytest.raises(NoSuchDevice, match=r"没有名称含“USB”的放音设备；现有：“line1”、“line2”"):
        async with open_sound(SoundSettings(device="USB")):
            pass
    with pytest.raises(NoSuchDevice, match="有 2 个：“line1”、“line2”"):
        async with open_sound(SoundSettings(device="LINE"), plays=False):
            pass
    assert {each.name for each in await asyncio.to_thread(devices)} >= {"line1", "line2"}


async def test_a_device_that_is_plugged_in_late_is_found_while_another_line_is_open(sound_card: SoundCard) -> None:
    """Its line is closed for a moment, unless somebody hears it just now."""
    plugs = Path(sound_card.alsa)
    both = plugs.read_text()
    other = SoundSettings(device="line2")
    replaced(plugs, both[: both.index("pcm.line2")])
    async with open_sound(LINE) as first:
        noticing = asyncio.create_task(first.until_lost())
        with pytest.raises(NoSuchDevice, match="没有名称含“line2”"):
            async with open_sound(other):
                pass
        replaced(plugs, both)
        playing = asyncio.create_task(first.play(tone(600, 60)))
        await heard_from(first, 0.1)
        with pytest.raises(SoundLost, match="已插好，但其他线路正在放音或录音"):
            async with open_sound(other):
                pass
        assert not playing.done()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        async with open_sound(other) as second, sound_card.saying(2, tone(700, 60)):
            await until_heard(second, 700)
        async with sound_card.saying(1, tone(500, 60)):
            await until_heard(first, 500)
        assert not noticing.done()
        noticing.cancel()


def replaced(file: Path, text: str) -> None:
    """As an editor does: ALSA looks whether it is another file."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


async def test_what_a_listener_raises_ends_that_one_alone(sound_card: SoundCard) -> None:
    def broken(pcm: bytes) -> None:
        raise ZeroDivisionError

    async with open_sound(LINE, plays=False) as sound:
        other = asyncio.create_task(sound.record(lambda pcm: None))
        with pytest.raises(ZeroDivisionError):
            await sound.record(broken)
        assert len(await heard_from(sound, 0.1)) >= 1600
        assert not other.done()
        other.cancel()


async def test_the_self_test_finds_its_tone_where_the_line_is_looped(sound_card: SoundCard) -> None:
    async with open_sound(LINE) as sound:
        await sound_card.loop_back(1)
        found = await self_test(sound)
    assert found.ok, found
    assert found.hertz == pytest.approx(1000, abs=4)
    assert found.db == pytest.approx(-15, abs=2)


async def test_what_nobody_fetches_is_bounded_and_counted() -> None:
    heard = list[bytes]()
    ear = Ear(asyncio.get_running_loop(), heard.append)
    for _ in range(MOST_BLOCKS + 7):
        assert ear.called(bytes(320), 160, None, 0) == (None, 0)
    ear.called(bytes(320), 160, None, 2)  # PortAudio itself has lost something
    assert ear.overruns == 9
    while not heard:
        await asyncio.sleep(0)
    assert len(heard) == MOST_BLOCKS
    ear.called(bytes(320), 160, None, 0)
    while len(heard) == MOST_BLOCKS:
        await asyncio.sleep(0)
    assert ear.overruns == 9


async def test_of_two_channels_the_first_is_heard() -> None:
    heard = list[bytes]()
    ear = Ear(asyncio.get_running_loop(), heard.append)
    ear.tuned(8000, 2)
    ear.called(b"\x01\x00\x09\x09" * 160, 160, None, 0)
    while not heard:
        await asyncio.sleep(0)
    assert heard == [b"\x01\x00" * 160]
