"""A handset line with a sound device: recorded from off-hook to on-hook, through a real tty and a real PortAudio, and
never because of what was heard long ago."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from adapters.cti_serial import simulated_bytes as say
from adapters.cti_serial.adapter import CtiSerial
from adapters.errors import Misconfigured, Undecodable
from adapters.line_audio import recording, wav
from adapters.line_audio.level import loudest_hz, rms_db, tone
from adapters.line_audio.wav import read_wav
from adapters.telephony import (
    CallFact,
    CallReleased,
    DeviceEvent,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
)
from tests.adapters.line_audio.stage import WAIT_SECONDS, SoundCard, card, loudest
from tests.adapters.wire.device import Device

AT = datetime(2026, 3, 14, 9, 30, 5)  # noqa: DTZ001 - a device's own time has no zone


@pytest.fixture(autouse=True)
def _often_to_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "TO_DISK_SECONDS", 0.1)
    monkeypatch.setattr(wav, "FLUSH_BYTES", 1600)


@pytest.fixture
def sound_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    folder = tmp_path / "card"
    folder.mkdir()
    with card(folder, monkeypatch) as found:
        yield found


class Line:
    """Line 1 of a box, and what the adapter makes of it."""

    def __init__(self, state_dir: Path, device: str) -> None:
        self.box = Device()
        wires = {"box": {"url": self.box.url, "dialect": "whozz"}}
        table = {"kind": "cti-serial", "wires": wires, "sound": {"1": {"device": device}}}
        site = registry.Site(state_dir=state_dir, secret=str)
        built = registry.build("box-1", table, site)
        assert isinstance(built, CtiSerial)
        assert built.recordings is not None
        self.adapter, self.recordings = built, built.recordings
        self.events: list[DeviceEvent] = []
        self.kept: list[tuple[bytes, datetime]] = []
        self._news = asyncio.Event()

    @asynccontextmanager
    async def listened(self) -> AsyncIterator[None]:
        """As the service does: durable, then decoded."""
        up = {wire.name: asyncio.Event() for wire in self.adapter.wires}

        async def take(body: bytes, at: datetime) -> None:
            self.kept.append((body, at))
            self.events += self.adapter.decode(body, at).events
            self._news.set()

        tasks = [
            asyncio.create_task(wire.listen(lambda _, name=wire.name: up[name].set(), take))
            for wire in self.adapter.wires
        ]
        await asyncio.gather(*(each.wait() for each in up.values()))
        try:
            yield
        finally:
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def until(self, kind: type[DeviceEvent]) -> Any:
        """The next of that kind."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                self._news.clear()
                if found := [each for each in self.events if isinstance(each, kind)]:
                    return found[-1]
                await self._news.wait()

    def rings(self) -> None:
        self.box.say(say.whozz_detail(1, "R", at=AT) + say.whozz_start(1, "13800138000", at=AT))

    def picked_up(self) -> None:
        self.box.say(say.whozz_detail(1, "F", at=AT))

    def put_down(self) -> None:
        self.box.say(say.whozz_detail(1, "N", at=AT))
        self.box.say(say.whozz_end(1, "13800138000", at=AT, seconds=2, rings=1))

    @property
    def files(self) -> list[Path]:
        return sorted(self.recordings.rglob("*.wav"))


async def until(said: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while not said():
            await asyncio.sleep(0.01)


async def test_a_call_is_recorded_while_the_receiver_is_off_the_hook(sound_card: SoundCard, tmp_path: Path) -> None:
    line = Line(tmp_path, "line1")
    async with line.listened(), sound_card.saying(1, tone(850, 60, -15)):
        line.rings()
        line.picked_up()
        started = await line.until(RecordingStarted)
        await until(lambda: bool(line.files) and line.files[0].stat().st_size > 12_000)
        line.put_down()
        stopped = await line.until(RecordingStopped)
        released = await line.until(CallReleased)
    assert started.call == stopped.call == released.call
    assert started.name == stopped.name
    assert (started.port, stopped.port, stopped.missing) == (1, 1, "")
    assert line.recordings == tmp_path / "adapters" / "box-1" / "recordings"
    heard = read_wav((line.recordings / stopped.file).read_bytes())
    assert stopped.seconds == pytest.approx(len(heard) / 16000, abs=0.01)
    assert stopped.seconds > 0.5
    caller = loudest(heard, 850)
    assert loudest_hz(caller) == pytest.approx(850, abs=10)
    assert rms_db(caller) == pytest.approx(-18, abs=1)

    again = Line(tmp_path, "line1").adapter  # a new process reads the same frames: the same facts, and no new file
    told = [fact for body, at in line.kept for fact in again.decode(body, at).events]
    assert told == line.events
    assert len(line.files) == 1


async def test_who_picks_up_to_dial_is_not_recorded(sound_card: SoundCard, tmp_path: Path) -> None:
    line = Line(tmp_path, "line1")
    async with line.listened():
        line.picked_up()
        line.put_down()
        line.rings()  # once this call is answered, everything before it was heard
        line.picked_up()
        line.put_down()
        stopped = await line.until(RecordingStopped)
    assert sum(isinstance(each, RecordingStarted) for each in line.events) == 1
    assert len(line.files) <= 1
    assert bool(stopped.file) != bool(stopped.missing)  # so short a call may be over before the device is open


async def test_without_its_device_the_call_goes_on_and_says_why(sound_card: SoundCard, tmp_path: Path) -> None:
    line = Line(tmp_path, "USB Audio")
    async with line.listened():
        line.rings()
        line.picked_up()
        stopped = await line.until(RecordingStopped)
        assert "没有名称含“USB Audio”的录音设备；现有：“line1”" in stopped.missing
        assert (stopped.file, stopped.seconds) == (None, 0)
        assert isinstance(await line.until(SeatAnswered), CallFact)
        line.put_down()
        await line.until(CallReleased)
    assert sum(isinstance(each, RecordingStarted) for each in line.events) == 1
    assert line.files == []


async def test_a_device_that_is_pulled_out_ends_the_recording_and_not_the_call(
    sound_card: SoundCard, tmp_path: Path
) -> None:
    line = Line(tmp_path, "line1")
    async with line.listened():
        line.rings()
        line.picked_up()
        await until(lambda: bool(line.files) and line.files[0].stat().st_size > 4000)
        sound_card.pull_out()
        stopped = await line.until(RecordingStopped)
        assert stopped.missing == "声音设备断开"
        assert len(read_wav((line.recordings / stopped.file).read_bytes())) == stopped.seconds * 16000 > 2000
        assert not any(isinstance(each, CallReleased) for each in line.events)
        line.put_down()
        await line.until(CallReleased)


async def test_a_service_that_stops_says_so_and_one_that_was_killed_is_found_out(
    sound_card: SoundCard, tmp_path: Path
) -> None:
    line = Line(tmp_path, "line1")
    async with line.listened():
        line.rings()
        line.picked_up()
        started = await line.until(RecordingStarted)
        await until(lambda: bool(line.files))
    stopped = await line.until(RecordingStopped)
    assert (stopped.name, stopped.missing) == (started.name, "服务停止")

    killed = [(body, at) for body, at in line.kept if b'"ended"' not in body]
    later = Line(tmp_path, "line1")
    assert later.adapter.recall(killed) == len(killed)
    async with later.listened():
        found = await later.until(RecordingStopped)
    assert (found.call, found.name) == (started.call, started.name)
    assert (found.seconds, found.missing) == (None, "录音时服务停止，录音不完整")
    assert (later.recordings / found.file).is_file()
    assert len(later.files) == 1  # nothing is recorded because of what was heard long ago


def test_a_line_whose_receiver_nobody_tells_of_cannot_be_recorded(tmp_path: Path) -> None:
    table = {"kind": "cti-serial", "wires": {"w": {"url": "/dev/x", "dialect": "modem"}}}
    site = registry.Site(state_dir=tmp_path, secret=str)
    with pytest.raises(Misconfigured, match=r"\[adapters.box-1\] sound：这些设备都不报告摘机和挂机"):
        registry.build("box-1", {**table, "sound": {"1": {"device": "USB"}}}, site)
    with pytest.raises(Misconfigured, match=r"\[adapters.box-1\] sound.1：应写明声音设备的名称"):
        registry.build("box-1", {**table, "sound": {"1": {}}}, site)
    built = registry.build("box-1", table, site)
    assert isinstance(built, CtiSerial)
    assert (built.recordings, [wire.name for wire in built.wires]) == (None, ["w"])


def test_words_about_recordings_that_nobody_said_do_no_harm(tmp_path: Path) -> None:
    adapter, now = Line(tmp_path, "line1").adapter, datetime.now(UTC)
    for words in (b"", b"{", b"[]", b'{"said":"began"}', b'{"said":"x","name":"y"}', b'{"said":"ended","name":"\xff"}'):
        with pytest.raises(Undecodable, match="no word about a recording"):
            adapter.decode(b"sound.1:" + words, now)
    for wire in (b"sound.1", b"sound.77"):
        for words in (b'{"said":"began","name":"a","file":"b"}', b'{"said":"ended","name":"a","seconds":1,"file":"b"}'):
            assert adapter.decode(wire + b":" + words, now).events == []
