"""What goes wrong on a card, and what is told of it: a host that dies, what is refused in mid-call, a phone that is put
down at the wrong moment."""

from __future__ import annotations

import asyncio
from ctypes import sizeof
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.card import keygoe_structs as raw
from adapters.card import seats
from adapters.card.binding import CardError
from adapters.card.calls import Leg
from adapters.card.desk import Desk
from adapters.card.keygoe_names import VOICE, Event
from adapters.card.keygoe_signs import Meaning
from adapters.card.keygoe_stream import Port
from adapters.card.process import Host
from adapters.card.simulator import write_prompt
from adapters.card.wire import Kind, OffHook, OnHook, Order, PickUpLine, PlayEnded, Rang, RecordEnded
from adapters.errors import Refused
from adapters.telephony import (
    Ability,
    Answer,
    Arrange,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegsJoined,
    LinkUp,
    OfferId,
    Phone,
    PhoneKind,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStopped,
    RingSeat,
    SeatAnswered,
    TakeMessage,
)
from tests.adapters.card import test_book
from tests.adapters.card.bench import VENDORS, Bench, running, up
from tests.adapters.card.test_host import ended

OFFER = OfferId("offer-1")
DESK = Phone(PhoneKind.DESK, "8001")
NOW = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)


async def order(bench: Bench, trouble: str) -> None:
    """The stand-in has read it: it reads one line after the other, and a key of a call that was answered
    follows."""
    keys = len(bench.all(DigitsPressed))
    bench.exchange.say(trouble)
    bench.exchange.press(bench.trunk, "0")
    await bench.heard(DigitsPressed, keys + 1)


# ── a host that dies ──


@pytest.mark.parametrize("vendor", VENDORS)
async def test_calls_end_with_their_host(vendor: str, tmp_path: Path) -> None:
    """Each is told to be over before the link is down, once; what the next host sees adds nothing."""
    async with running(vendor, tmp_path) as bench:
        talking = await bench.caller()
        await bench.adapter.do(Answer(call=talking))
        bench.exchange.call(bench.trunk - 1)
        ringing = (await bench.heard(CallOffered, 2)).call
        bench.exchange.say("crash")
        await ended(bench)
        over = bench.all(CallReleased)
        assert [each.call for each in over] == [talking, ringing]
        assert {(each.by, each.cause, each.inferred) for each in over} == {(EndedBy.NETWORK, "device_down", True)}
        async with up(bench):
            live = {status.call for status in await bench.adapter.ports()}
            assert not live & {talking, ringing}
            assert not [each for each in bench.all(CallReleased)[2:] if each.call in (talking, ringing)]
        assert len({event.event_id for event in bench.events}) == len(bench.events)


async def test_who_lets_go_of_a_card_tells_nothing(tmp_path: Path) -> None:
    """A run that is cancelled: another service may have the calls' book by now."""
    async with running("shp_a3", tmp_path) as bench:
        await bench.caller()
    assert not bench.all(CallReleased)


async def test_a_fault_that_was_mended_while_nobody_looked(tmp_path: Path) -> None:
    """Told once, after the link is up; who has told of no fault says nothing at the start."""
    async with running("shp_a3", tmp_path) as bench:
        bench.exchange.say(f"fault {bench.trunk}")
        await bench.heard(PortFault)
        for _ in range(2):
            assert not bench.all(PortRestored) or len(bench.all(LinkUp)) == 2
            bench.exchange.say("crash")
            await ended(bench)
            bench.task = asyncio.create_task(bench.adapter.run(bench.hear))
            await bench.heard(LinkUp, len(bench.all(LinkUp)) + 1)
            await bench.adapter.ports()
        (restored,) = bench.all(PortRestored)
        assert restored.port == bench.trunk
        at = bench.events.index(restored)
        assert isinstance(bench.events[at - 1], LinkUp)
        assert len(bench.all(LinkUp)) == 3


# ── what cannot be played or recorded ──


@pytest.mark.parametrize("how", [1, 2])
async def test_an_announcement_that_cannot_be_played(how: int, tmp_path: Path) -> None:
    """The end of a play that failed, or `XMS_EVT_UNIFAILURE` in its place: it was not heard to its end."""
    async with running("keygoe", tmp_path) as bench:
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        await order(bench, f"spoil {bench.trunk} {how}")
        await bench.adapter.do(PlayPrompt(call=call, prompt="greeting"))
        assert (await bench.heard(PromptEnded)).failed
        await order(bench, f"spoil {bench.trunk} 0")
        await bench.adapter.do(PlayPrompt(call=call, prompt="greeting"))
        assert not (await bench.heard(PromptEnded, 2)).failed


async def test_music_that_is_not_repeated(tmp_path: Path) -> None:
    """The library refuses to repeat it; the host and the call live on."""
    async with running("keygoe", tmp_path) as bench:
        call = await bench.caller()
        pid = bench.adapter.host_pid
        await bench.adapter.do(PlayMusic(call=call))
        await order(bench, "refuse XMS_ctsPlay")
        await bench.exchange.until("refused XMS_ctsPlay")
        await order(bench, "refuse nothing")
        await bench.adapter.do(PlayPrompt(call=call, prompt="greeting"))
        await bench.heard(PromptEnded)
        assert bench.adapter.host_pid == pid


class Played:
    """A port of Keygoe's on which music plays, and what its stream and its music were asked for."""

    def __init__(self, task: int, *, refuses: bool = False) -> None:
        voice = raw.DeviceId(main=VOICE, module=1, channel=3)
        self.port = Port(1003, Kind.ANALOG, raw.DeviceId(), voice)
        self.port.playing = (task, "music.alaw")
        self.asked: list[str] = []

        def repeat(port: Port, number: int, file: str) -> None:
            self.asked.append(file)
            if refuses:
                raise CardError("XMS_ctsPlay: -11")

        stream = SimpleNamespace(
            by_voice={(1, 3): self.port}, ports={}, try_call=lambda name, *_: self.asked.append(name)
        )
        self._meaning = Meaning(cast(Any, stream), repeat, lambda: NOW)

    def hear(self, kind: Event, body: raw.MediaDone | raw.General) -> list[Any]:
        head = raw.Event(device=self.port.voice, type=kind, size=sizeof(raw.Event) + sizeof(body))
        return list(self._meaning.of(bytes(head) + bytes(body)))


def test_music_is_repeated_only_when_it_was_played() -> None:
    """One that fails at once would be repeated without a pause, for ever."""
    played = Played(300)
    assert played.hear(Event.PLAY, raw.MediaDone(ok=1, task=300 % 256)) == []
    assert played.asked == ["music.alaw"]
    assert played.hear(Event.PLAY, raw.MediaDone(ok=1, task=7)) == []  # of something older
    over = [PlayEnded(channel=1003, task=300, failed=True)]
    assert played.hear(Event.PLAY, raw.MediaDone(ok=0, task=300 % 256)) == over
    assert played.asked == ["music.alaw"]
    assert played.port.playing is None
    assert Played(1, refuses=True).hear(Event.PLAY, raw.MediaDone(ok=1, task=1))[0].failed


def test_a_failure_ends_what_plays_once() -> None:
    played = Played(5)
    assert played.hear(Event.FAILURE, raw.General(error=7)) == [PlayEnded(channel=1003, task=5, failed=True)]
    assert played.asked == ["XMS_ctsControlPlay"]
    assert played.hear(Event.FAILURE, raw.General(error=7)) == []
    assert played.hear(Event.PLAY, raw.MediaDone(ok=1, task=5)) == []


def test_a_recording_that_the_library_could_not_write() -> None:
    played = Played(5)
    played.port.recording = (9, "/nonexistent/message.wav")
    (over,) = played.hear(Event.RECORD, raw.MediaDone(ok=0, error=0x1C))
    assert over == RecordEnded(channel=1003, task=9, failed="XMS_EVT_RECORD: 0x1c")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_message_that_is_not_recorded(vendor: str, tmp_path: Path) -> None:
    """The order follows the tone, and nobody waits for it; what the library refuses is no message."""
    async with running(vendor, tmp_path) as bench:
        write_prompt(tmp_path / "prompts", vendor, "beep", 0.05)
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        await order(bench, f"refuse {'SsmRecToFile' if vendor == 'shp_a3' else 'XMS_ctsRecord'}")
        await bench.adapter.do(TakeMessage(call=call, name="message-1", seconds=60))
        stopped = await bench.heard(RecordingStopped)
        assert (stopped.name, stopped.file, stopped.seconds) == ("message-1", None, None)
        assert stopped.missing.startswith("语音卡没有录音：")
        (status,) = await bench.adapter.ports()
        assert not status.recording
        await bench.adapter.do(PlayPrompt(call=call, prompt="greeting"))
        await bench.heard(PromptEnded)
        assert len(bench.all(RecordingStopped)) == 1


# ── a room that cannot be made ──


async def test_a_conference_that_is_refused_is_given_back(tmp_path: Path) -> None:
    """The stand-in has eight groups: the ninth attempt would find none."""
    async with running("shp_a3", tmp_path) as bench:
        bench.exchange.answers.add(bench.station)
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        await bench.adapter.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20))
        await bench.heard(SeatAnswered)
        await order(bench, "refuse SsmJoinConfGroup")
        for _ in range(9):
            with pytest.raises(Refused, match="SsmJoinConfGroup"):
                await bench.adapter.do(Arrange(call=call, room=(OFFER,), muted=(OFFER,)))
        await order(bench, "refuse nothing")
        await bench.adapter.do(Arrange(call=call, room=(OFFER,), muted=(OFFER,)))
        assert (await bench.heard(LegsJoined)).offer == OFFER
        made, freed = (len(bench.exchange.told(name)) for name in ("SsmCreateConfGroup", "SsmFreeConfGroup"))
        assert (made, freed) == (10, 9)


class PutDown:
    """A host whose line takes its time to go off-hook: meanwhile the seat's phone is put down."""

    def __init__(self, books: test_book.Desk) -> None:
        self.book, self.orders = books.book, books.orders

    def send(self, order: Order) -> None:
        self.orders.append(order)

    async def order(self, order: Order) -> None:
        self.send(order)
        if isinstance(order, PickUpLine):
            self.book.hear(OnHook(channel=9), NOW)
            self.book.hear(OffHook(channel=1), NOW)


async def test_a_phone_that_is_put_down_while_the_line_goes_off_hook(tmp_path: Path) -> None:
    """Refused, and the call is as it was: what follows finds no leg that is gone."""
    books = test_book.Desk()
    host = PutDown(books)
    abilities = frozenset({Ability.CONFERS})
    desk = Desk(books.book, cast(Host, host), abilities, None, "music", tmp_path, {"8001": 9})
    books.book.hear(Rang(channel=1), NOW)
    (line,) = books.book.lines.values()
    until = NOW + timedelta(seconds=20)
    books.book.add_leg(line, OFFER, Leg(extension="8001", channel=9, ring_until=until))
    books.book.hear(OffHook(channel=9), NOW)
    with pytest.raises(Refused, match="was not picked up"):
        await seats.arrange(desk, Arrange(call=line.key, room=(OFFER,)))
    assert (line.room, line.caller_in, line.members()) == ((), False, ())
    await seats.arrange(desk, Arrange(call=line.key, room=()))
    assert line.caller_in
