"""What crosses with a command that takes its time: the hook, the beep before a message, a sound device that is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.errors import NoAnswer, Refused
from adapters.line_audio.devices import SoundLost
from adapters.line_audio.settings import SoundSettings
from adapters.modem import adapter as adapters_of_modems
from adapters.modem import line as lines
from adapters.modem import orders
from adapters.modem.on_line import BEEP
from adapters.modem.prompts import tone
from adapters.telephony import (
    Answer,
    CallOffered,
    CallReleased,
    LegsJoined,
    LinkUp,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    TakeMessage,
)
from tests.adapters.modem.bench import Bench, Served, built, served, settings, soon
from tests.adapters.modem.test_modem_calls import DESK, OFFER


class Slow:
    """Between computer and modem: what the computer sends arrives when the test says so."""

    def __init__(self, line: Served) -> None:
        self._line = line
        self.held = bytearray()
        line.end.connect(self.held.extend)

    def arrive(self) -> None:
        self._line.end.connect(self._line.modem.take)
        self._line.modem.take(bytes(self.held))


async def test_a_caller_of_one_ring_gives_up_while_the_modem_picks_up(tmp_path: Path) -> None:
    """The modem does not keep a line that nobody is on, whether he was to be answered or to be let go."""

    async def given_up(way: str) -> None:
        async with served("modem-usr", tmp_path / way, ring_gap_seconds=1) as line:
            call = await line.caller()
            slow = Slow(line)
            doing = asyncio.create_task(line.do(Answer(call=call) if way == "answer" else Release(call=call)))
            await soon(lambda: b"AT+VLS=1\r" in slow.held, "the hook command is under way", line)
            await line.until(CallReleased)
            slow.arrive()
            (error,) = await asyncio.gather(doing, return_exceptions=True)
            assert isinstance(error, Refused) if way == "answer" else error is None
            assert not line.modem.off_hook
            assert line.facts(call)[-1] == "CallReleased"
            assert line.facts(call).count("CallReleased") == 1

    async with asyncio.TaskGroup() as ways:
        ways.create_task(given_up("answer"))
        ways.create_task(given_up("release"))


async def test_the_lawyer_is_quicker_than_the_modem(tmp_path: Path) -> None:
    """Who lifts the ringing telephone while the modem picks up has the line, and the modem lets go."""

    async def quicker(way: str) -> None:
        async with served("modem-usr", tmp_path / way) as line:
            call = await line.caller()
            if way == "offered":
                await line.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20))
            slow = Slow(line)
            answering = asyncio.create_task(line.do(Answer(call=call)))
            await soon(lambda: b"AT+VLS=1\r" in slow.held, "the hook command is under way", line)
            line.modem.lift()
            await line.until(SeatAnswered)
            slow.arrive()
            with pytest.raises(Refused, match="desk telephone"):
                await answering
            assert not line.modem.off_hook
            if way == "offered":
                await line.until(LegsJoined)
            assert line.facts(call).count("CallAnswered") == 1
            await line.do(Release(call=call))
            assert line.modem.commands.count("AT+VLS=1") == 1, "it is the telephone's still"

    async with asyncio.TaskGroup() as ways:
        ways.create_task(quicker("offered"))
        ways.create_task(quicker("by hand"))


async def test_a_modem_that_picked_up_and_did_not_say_so_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before the call is over: who rings still may be answered all the same."""
    monkeypatch.setattr(orders, "HOOK_SECONDS", 0.1)

    async def unsaid(way: str) -> None:
        async with served("modem-usr", tmp_path / way, ring_gap_seconds=1) as line:
            call = await line.caller()
            slow = Slow(line)
            with pytest.raises(NoAnswer):
                await line.do(Answer(call=call) if way == "answer" else Release(call=call))
            slow.arrive()
            assert line.modem.off_hook
            assert (await line.until(CallReleased)).cause == "rings_no_longer"
            await soon(lambda: not line.adapter._session, "it is to be opened anew", line)  # pyright: ignore[reportPrivateUsage]
            await soon(lambda: not line.modem.off_hook, "on hook", line)

    async with asyncio.TaskGroup() as ways:
        ways.create_task(unsaid("answer"))
        ways.create_task(unsaid("release"))


async def test_who_hangs_up_during_the_beep_leaves_no_message_without_an_end(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path) as line:
        call = await line.caller()
        await line.do(TakeMessage(call=call, name="message-9", seconds=30))
        await soon(lambda: line.modem.heard, "the beep", line)
        line.modem.say(b"\x10b")
        await line.until(CallReleased)
        kept = await line.until(RecordingStopped)
        assert (kept.name, kept.file, kept.missing) == ("message-9", None, "没有录到声音")
        assert line.facts(call)[-2:] == ["RecordingStopped", "CallReleased"]
        assert not any(isinstance(each, RecordingStarted) for each in line.events)


class Device:
    """A sound device that can be pulled out, as `adapters.line_audio` tells of it: once gone it is gone."""

    def __init__(self) -> None:
        self.plays = False
        self._there: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def play(self, pcm: bytes) -> None:
        if len(pcm) == len(tone(*BEEP)):
            return
        self.plays = True
        await asyncio.shield(self._there)

    async def record(self, write: Callable[[bytes], None]) -> None:
        await asyncio.shield(self._there)

    async def until_lost(self) -> None:
        await asyncio.shield(self._there)

    def pull_out(self) -> None:
        self._there.set_exception(SoundLost("声音设备断开"))


async def test_a_sound_device_that_is_lost_is_told_and_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In mid-announcement, in mid-message, or while nobody is there to notice."""
    monkeypatch.setattr(adapters_of_modems, "FIRST_PAUSE_SECONDS", 0.02)
    tries, devices = 0, list[Device]()

    @asynccontextmanager
    async def opened(sound: SoundSettings) -> AsyncIterator[Device]:
        nonlocal tries
        tries += 1
        if tries == 2:
            raise SoundLost("声音设备打不开")
        devices.append(Device())
        yield devices[-1]

    monkeypatch.setattr(lines, "open_sound", opened)
    line, other = Served("modem-usr"), Bench("modem-usr")
    table = settings(line.end.name, tmp_path, line={"sound": {"device": "line1"}})
    table["lines"]["2"] = {"url": other.end.name}
    for each in (line, other):
        each.plug_in()
    line.adapter = built(table, tmp_path)
    task = asyncio.create_task(line.adapter.run(line.events.append))

    async def lost_and_back() -> None:
        line.events.clear()
        devices[-1].pull_out()
        fault = await line.until(PortFault)
        assert (fault.port, fault.detail) == (1, "声音设备断开")
        assert (await line.until(PortRestored)).port == 1
        assert not line.modem.off_hook

    try:
        await line.until(LinkUp)
        call = await line.caller()
        await line.do(PlayPrompt(call=call, prompt="greeting"))
        await soon(lambda: devices[-1].plays, "it plays", line)
        await lost_and_back()
        assert (await line.until(PromptEnded)).failed
        assert line.facts(call) == ["PromptEnded", "CallReleased"]
        assert tries == 3, "and told once, however often it was tried"
        call = await line.caller()
        await line.do(TakeMessage(call=call, name="message-8", seconds=30))
        await line.until(RecordingStarted)
        await lost_and_back()
        assert (await line.until(RecordingStopped)).missing == "声音设备断开"
        assert line.facts(call) == ["RecordingStopped", "CallReleased"]
        await lost_and_back()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for each in (line, other):
            await each.unplug()


async def test_who_is_turned_away_is_named_and_has_the_line_for_a_moment(tmp_path: Path) -> None:
    """An exchange sees nothing shorter and rings on: one caller would count as many. And he is to be called back."""
    async with served("modem-usr", tmp_path, seize_seconds=0.5) as line:
        line.modem.ring()
        offered = await line.until(CallOffered)
        assert offered.caller is None
        turned_away = asyncio.create_task(line.do(Release(call=offered.call)))
        line.modem.show_caller("13800138000", datetime.now(UTC))
        await soon(lambda: line.modem.off_hook, "the line is seized", line)
        since = asyncio.get_running_loop().time()
        await turned_away
        assert asyncio.get_running_loop().time() - since >= 0.4
        assert not line.modem.off_hook
        assert line.facts(offered.call) == ["CallOffered", "CallerIdentified", "CallReleased"]
