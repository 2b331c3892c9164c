"""What a card's signs say of its calls, in virtual time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.card.book import Book, Setup
from adapters.card.caller_id import Announced, number_in
from adapters.card.wire import (
    Broken,
    Channel,
    Freed,
    HangUp,
    Kind,
    Mended,
    Numbered,
    OffHook,
    Order,
    Pressed,
    Rang,
    RecordEnded,
    Reversed,
    State,
    StopRecord,
)
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallerIdentified,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    PortFault,
    PortRestored,
    RecordingStopped,
)

NOW = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
CHANNELS = (
    Channel(number=1, kind=Kind.ANALOG),
    Channel(number=2, kind=Kind.DIGITAL),
    Channel(number=9, kind=Kind.STATION),
)


class Desk:
    """A book, and what came out of it."""

    def __init__(self, *channels: Channel, reverses: bool = False) -> None:
        self.facts: list[DeviceEvent] = []
        self.orders: list[Order] = []
        setup = Setup(
            name=AdapterName("card-1"),
            run="run",
            dialled="12348",
            ring_gap=timedelta(seconds=7),
            trunks=frozenset({1, 2}),
            seats={9: "8001"},
            reverses=reverses,
        )
        self.book = Book(setup, channels or CHANNELS, self.facts.append, self.orders.append)

    def kinds(self) -> list[type[DeviceEvent]]:
        return [type(fact) for fact in self.facts]


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_an_analogue_line_that_rings_no_longer() -> None:
    """No ring for more than seven seconds; and the card, which has not noticed, does not bring him back."""
    desk = Desk()
    for second in (0, 5, 10):
        desk.book.hear(Rang(channel=1), at(second))
        desk.book.due(at(second + 4.9))
    assert desk.kinds() == [CallOffered]
    desk.book.due(at(17.1))
    (released,) = [fact for fact in desk.facts if isinstance(fact, CallReleased)]
    assert (released.inferred, released.cause) == (True, "rings_stopped")
    desk.book.compare([Channel(number=1, kind=Kind.ANALOG, state=State.RINGING)], at(18))
    assert not desk.book.lines
    desk.book.hear(Rang(channel=1), at(20))
    assert len(desk.book.lines) == 1
    keys = [fact.call for fact in desk.facts if isinstance(fact, CallOffered)]
    assert len(set(keys)) == 2


def test_a_line_with_signalling_rings_as_long_as_it_likes() -> None:
    desk = Desk()
    desk.book.hear(Rang(channel=2, caller="13800138000", dialled="96348"), NOW)
    desk.book.due(at(60))
    assert desk.kinds() == [CallOffered]
    assert desk.facts[0].dialled == "96348"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_number_that_comes_late_and_twice() -> None:
    desk = Desk()
    desk.book.hear(Rang(channel=1), NOW)
    desk.book.hear(Numbered(channel=1, caller="13800138000"), at(2))
    desk.book.hear(Rang(channel=1, caller="13800138000"), at(5))
    assert desk.kinds() == [CallOffered, CallerIdentified]


def test_signs_of_nobody_say_nothing() -> None:
    desk = Desk()
    for sign in (OffHook(channel=1), Pressed(channel=1, digits="1"), Freed(channel=2, cause="x"), Rang(channel=77)):
        desk.book.hear(sign, NOW)
    assert not desk.facts


def test_a_call_whose_end_was_lost_gives_way_to_the_next() -> None:
    desk = Desk()
    desk.book.hear(Rang(channel=1), NOW)
    desk.book.hear(OffHook(channel=1), at(1))
    desk.book.hear(OffHook(channel=1), at(1))
    desk.book.hear(Rang(channel=1), at(600))
    assert desk.kinds() == [CallOffered, CallAnswered, CallReleased, CallOffered]
    assert desk.facts[2].inferred  # pyright: ignore[reportAttributeAccessIssue]
    assert not [order for order in desk.orders if isinstance(order, HangUp)]  # it would be the next caller's end


def test_what_the_card_itself_says_settles_everything() -> None:
    """Gone there: over. Rings there, and nobody told: a call. Up there, and of nobody: let go."""
    desk = Desk()
    desk.book.hear(Rang(channel=1), NOW)
    desk.book.compare(
        [
            Channel(number=1, kind=Kind.ANALOG, state=State.IDLE),
            Channel(number=2, kind=Kind.DIGITAL, state=State.RINGING),
        ],
        at(1),
    )
    assert desk.kinds() == [CallOffered, CallReleased, CallOffered]
    desk.book.hear(Freed(channel=2, cause="remote_hangup"), at(2))
    desk.book.compare([Channel(number=2, kind=Kind.DIGITAL, state=State.UP)], at(3))
    assert desk.orders[-1] == HangUp(channel=2)


def test_keys_before_the_answer_are_keys() -> None:
    desk = Desk()
    desk.book.hear(Rang(channel=2), NOW)
    desk.book.hear(Pressed(channel=2, digits="1"), at(1))
    assert desk.kinds() == [CallOffered, DigitsPressed]


def test_published_caller_id_frames() -> None:
    """Domain facts 4.2: two are valid, and two were published with a checksum that is wrong."""
    whole = bytes.fromhex("8016010830333137313635360 20A32313536343330313434BA".replace(" ", ""))
    assert number_in(whole) == "2156430144"
    assert number_in(b"UUUUU" + whole) == "2156430144"
    single = bytes.fromhex("0412303331373136353632313536343330313434")
    assert number_in(single + b"\x4f") == "2156430144"
    assert number_in(single + b"\xba") == ""
    assert number_in(bytes.fromhex("800D01083033313430393330040150") + b"\x81") == ""  # withheld
    for cut in range(len(whole)):
        assert number_in(whole[:cut]) == ""


def test_a_number_that_came_before_its_call_is_kept_for_seconds() -> None:
    announced = Announced()
    numbers = [announced.key(1003, key, NOW) for key in "D13800138000C"]
    assert numbers[-1] == "13800138000"
    assert announced.take(1003, at(3)) == "13800138000"
    assert announced.take(1003, at(3)) == ""
    for key in "5D13800138000C":
        announced.key(1003, key, NOW)
    assert announced.take(1003, at(7)) == ""
    for key in "D138D0571C":
        announced.key(1, key, NOW)
    assert announced.take(1, NOW) == "0571"


def test_a_message_whose_time_is_over() -> None:
    """The card says so; and should it not, we end it."""
    for told in (True, False):
        desk = Desk()
        desk.book.hear(Rang(channel=1), NOW)
        (line,) = desk.book.lines.values()
        desk.book.up(line, NOW)
        line.recording, line.recording_task, line.message = "message-1", 7, True
        line.recording_since, line.recording_until = NOW, at(60)
        desk.book.hear(RecordEnded(channel=1, task=6), at(30))  # an older one
        desk.book.due(at(62))
        assert RecordingStopped not in desk.kinds()
        if told:
            desk.book.hear(RecordEnded(channel=1, task=7), at(62))
        desk.book.due(at(64))
        (stopped,) = [fact for fact in desk.facts if isinstance(fact, RecordingStopped)]
        assert (stopped.name, stopped.file) == ("message-1", "message-1.wav")
        assert any(isinstance(order, StopRecord) for order in desk.orders) is not told


@pytest.mark.parametrize("channel", [1, 9])
def test_a_channel_that_comes_and_goes_has_one_fault(channel: int) -> None:
    desk = Desk()
    for tenth in range(10):
        desk.book.hear(Broken(channel=channel, detail="不可用"), at(tenth))
        desk.book.hear(Mended(channel=channel), at(tenth + 0.5))
        desk.book.due(at(tenth + 0.9))
    assert desk.kinds() == [PortFault]
    desk.book.due(at(14.4))
    assert desk.kinds() == [PortFault]
    desk.book.due(at(14.6))
    desk.book.due(at(20))
    fault, restored = desk.facts
    assert isinstance(fault, PortFault)
    assert isinstance(restored, PortRestored)
    assert (fault.at, fault.detail) == (at(0), "不可用")
    assert (restored.at, restored.detail) == (at(9.5), "其间故障 10 次")
    desk.book.hear(Broken(channel=channel, detail="不可用"), at(21))
    desk.book.hear(Mended(channel=channel), at(22))
    desk.book.due(at(28))
    assert desk.kinds() == [PortFault, PortRestored] * 2
    assert desk.facts[-1].detail == ""  # pyright: ignore[reportAttributeAccessIssue]


def test_a_call_ends_with_each_fault_of_its_channel() -> None:
    desk = Desk()
    for second in range(3):
        desk.book.hear(Rang(channel=1), at(second))
        desk.book.hear(Broken(channel=1, detail="断线"), at(second + 0.2))
        desk.book.hear(Mended(channel=1), at(second + 0.4))
    assert desk.kinds() == [CallOffered, CallReleased, PortFault, CallOffered, CallReleased, CallOffered, CallReleased]


def test_the_exchange_turns_the_wires_round_when_the_caller_has_hung_up() -> None:
    """Also at the answer, on some: that is no hang-up. And where nobody has said that it does, it says nothing."""
    for reverses in (True, False):
        desk = Desk(reverses=reverses)
        desk.book.hear(Rang(channel=1), NOW)
        desk.book.hear(Reversed(channel=1), at(1))
        desk.book.hear(OffHook(channel=1), at(6))
        desk.book.hear(Reversed(channel=1), at(6.5))
        assert desk.kinds() == [CallOffered, CallAnswered]
        desk.book.hear(Reversed(channel=1), at(60))
        over = [(each.by, each.cause) for each in desk.facts if isinstance(each, CallReleased)]
        assert over == ([(EndedBy.CALLER, "polarity")] if reverses else [])
        assert (HangUp(channel=1) in desk.orders) is reverses
