"""A recording through a real PortAudio: the tone is in the file; whatever goes wrong is told, and the line goes on."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import pytest

from adapters.line_audio import recording as module
from adapters.line_audio import wav
from adapters.line_audio.level import loudest_hz, rms_db, share_db, tone
from adapters.line_audio.recording import Recording
from adapters.line_audio.settings import SoundSettings
from adapters.line_audio.sound import LineSound, open_sound
from adapters.line_audio.wav import read_wav
from tests.adapters.line_audio.stage import WAIT_SECONDS, SoundCard, loudest

LINE = SoundSettings(device="line1")


@pytest.fixture(autouse=True)
def _often_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TO_DISK_SECONDS", 0.1)
    monkeypatch.setattr(wav, "FLUSH_BYTES", 1600)


async def until(sound: LineSound, seconds: float) -> None:
    """Returns when so much more was heard."""
    wanted = sound.level.seconds + seconds
    async with asyncio.timeout(WAIT_SECONDS):
        while sound.level.seconds < wanted:
            await asyncio.sleep(0.01)


async def over(running: asyncio.Task[None]) -> None:
    """It ends by itself."""
    async with asyncio.timeout(WAIT_SECONDS):
        await running


async def test_what_was_said_is_in_the_file_by_frequency_and_level(sound_card: SoundCard, tmp_path: Path) -> None:
    recording = Recording(tmp_path / "calls" / "1.wav", coding="alaw")
    async with open_sound(LINE) as sound, sound_card.saying(1, tone(800, 60, -15)):
        running = asyncio.create_task(recording.run(sound))
        playing = asyncio.create_task(sound.play(tone(440, 60)))
        async with asyncio.timeout(WAIT_SECONDS):
            while sound.level.rms_db < -30:
                await asyncio.sleep(0.01)
        await until(sound, 0.4)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    heard = read_wav((tmp_path / "calls" / "1.wav").read_bytes())
    assert (recording.missing, recording.seconds) == ("", len(heard) / 16000)
    caller = loudest(heard, 800)
    assert loudest_hz(caller) == pytest.approx(800, abs=10)
    assert rms_db(caller) == pytest.approx(-18, abs=0.5)
    assert share_db(heard, 440) < -40


async def test_a_device_that_is_lost_ends_the_recording_with_what_there_is(
    sound_card: SoundCard, tmp_path: Path
) -> None:
    recording = Recording(tmp_path / "1.wav")
    async with open_sound(LINE) as sound:
        running = asyncio.create_task(recording.run(sound))
        await until(sound, 0.3)
        sound_card.pull_out()
        await over(running)
    assert recording.missing == "声音设备断开"
    assert recording.seconds >= 0.2
    assert len(read_wav((tmp_path / "1.wav").read_bytes())) == round(recording.seconds * 16000)


async def test_a_full_disk_ends_the_recording_and_not_the_line(
    sound_card: SoundCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, real = Recording(tmp_path / "1.wav"), os.pwrite

    def full(file: int, data: bytes, at: int) -> int:
        if at + len(data) > 10_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, data, at)

    monkeypatch.setattr("adapters.line_audio.wav.os.pwrite", full)
    async with open_sound(LINE) as sound, sound_card.hearing(1) as caller:
        await over(asyncio.create_task(recording.run(sound)))
        await sound.play(tone(440, 0.2))
        await caller.until_tone(440)
    assert recording.missing == "磁盘已满"
    assert len(read_wav((tmp_path / "1.wav").read_bytes())) == round(recording.seconds * 16000) <= 10_000


async def test_a_recording_that_is_too_long_ends_by_itself(sound_card: SoundCard, tmp_path: Path) -> None:
    recording = Recording(tmp_path / "1.wav", most_seconds=0.3)
    async with open_sound(LINE, plays=False) as sound:
        await over(asyncio.create_task(recording.run(sound)))
    assert (recording.missing, recording.seconds) == ("录音已达到规定的最长时间", 0.3)


async def test_a_folder_that_cannot_be_made_is_told(sound_card: SoundCard, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    recording = Recording(tmp_path / "file" / "1.wav")
    async with open_sound(LINE, plays=False) as sound:
        await over(asyncio.create_task(recording.run(sound)))
    assert "文件夹无法建立" in recording.missing
    assert recording.seconds == 0
