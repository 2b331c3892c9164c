"""From signs to calls: one call per ring, what is silent is concluded, what was seen live is not counted again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cti_serial.book import LineBook, Site
from adapters.cti_serial.signs import (
    Anchor,
    AnySign,
    Began,
    Connected,
    Finished,
    Hidden,
    Numbered,
    OffHook,
    OnHook,
    Rang,
    Recorded,
)
from adapters.reading import Clock
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallOffered,
    CallReleased,
    DeviceEvent,
    SeatAnswered,
    SeatRinging,
)

NOON = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
CALLER, OTHER = "13800138000", "02160001234"


class Lines:
    """Two lines with desk phones 8001 and 8002, heard through one book."""

    def __init__(self) -> None:
        self.book = LineBook(
            AdapterName("box-1"),
            Site(
                seats={1: "8001", 2: "8002"},
                dialled="12348",
                patterns={"B": "02712348"},
                ring_gap=timedelta(seconds=7),
                alone=timedelta(seconds=40),
            ),
            Clock(zone="Asia/Shanghai", max_ahead=timedelta(seconds=120), max_age=timedelta(days=31)),
        )
        self.facts: list[DeviceEvent] = []

    def hear(
        self,
        second: float,
        *signs: AnySign,
        port: int | None = 1,
        ends: bool = False,
        frame: bytes = b"",
        wire: str = "box",
    ) -> Sequence[DeviceEvent]:
        """What those signs say, that many seconds after noon; silence before them is concluded from."""
        at = NOON + timedelta(seconds=second)
        new: list[DeviceEvent] = []
        while (due := self.book.due) is not None and due <= at:
            new += self.book.conclude(due)
        for sign in signs:
            new += self.book.take("box", port, sign, at, ends_told=ends, frame=frame)
        self.facts += new
        return new

    def calls(self) -> list[tuple[str, ...]]:
        """Per call, in order: its caller, and what was told of it."""
        found = dict[str, list[str]]()
        for fact in self.facts:
            told = found.setdefault(fact.call, [""])  # pyright: ignore[reportAttributeAccessIssue]
            match fact:
                case CallOffered(caller=caller) | CallerIdentified(caller=caller):
                    told[0] = told[0] or caller or ""
                case SeatAnswered():
                    told.append(f"answered {fact.seat} {_second(fact)}")
                case CallReleased():
                    how = [f"over {_second(fact)} {fact.by}", fact.cause, "inferred" * fact.inferred]
                    told.append(" ".join(each for each in how if each))
                case _:
                    pass
        return [tuple(each) for each in found.values()]


def _second(fact: DeviceEvent) -> int:
    return round((fact.at - NOON).total_seconds())


def test_a_line_that_rings_its_number_and_nothing_more() -> None:
    lines = Lines()
    offered, rings = lines.hear(0, Rang())
    assert isinstance(offered, CallOffered)
    assert (offered.dialled, offered.port, offered.caller) == ("12348", 1, None)
    assert isinstance(rings, SeatRinging)
    assert rings.seat == "8001"
    assert [type(fact) for fact in lines.hear(2, Numbered(number=CALLER))] == [CallerIdentified]
    lines.hear(5, Rang())
    lines.hear(10, Rang())
    assert lines.book.due == NOON + timedelta(seconds=17)
    lines.hear(60)
    assert lines.calls() == [(CALLER, "over 10 caller ringing_stopped inferred")]
    assert lines.book.due is None


def test_picked_up_and_put_down_by_hand() -> None:
    lines = Lines()
    lines.hear(0, Rang(), Numbered(number=CALLER), ends=True)
    lines.hear(5, Rang(), ends=True)
    lines.hear(8, OffHook(), ends=True)
    lines.hear(600, OffHook(), ends=True)
    lines.hear(608, OnHook(), ends=True)
    assert lines.calls() == [(CALLER, "answered 8001 8", "over 608 unknown")]


def test_somebody_calls_out() -> None:
    lines = Lines()
    assert lines.hear(0, OffHook()) == []
    assert lines.hear(60, OnHook()) == []
    lines.hear(70, Rang())
    assert len(lines.calls()) == 1


def test_the_number_before_the_first_ring() -> None:
    """DTMF in China: one call, not two."""
    lines = Lines()
    lines.hear(0, Numbered(number=CALLER))
    lines.hear(1, Rang())
    lines.hear(6, Rang())
    lines.hear(60)
    assert lines.calls() == [(CALLER, "over 6 caller ringing_stopped inferred")]


def test_a_box_that_only_gives_numbers() -> None:
    lines = Lines()
    lines.hear(0, Numbered(number=CALLER))
    lines.hear(10, Numbered(number=CALLER))
    lines.hear(20, Numbered(number=OTHER))
    lines.hear(100, Numbered(hidden=Hidden.WITHHELD))
    lines.hear(200)
    assert lines.calls() == [
        (CALLER, "over 20 caller ringing_stopped inferred"),
        (OTHER, "over 60 caller ringing_stopped inferred"),
        ("", "over 140 caller ringing_stopped inferred"),
    ]


def test_a_second_report_does_not_hide_the_first_number() -> None:
    lines = Lines()
    lines.hear(0, Rang())
    lines.hear(2, Numbered(number=CALLER), Numbered(hidden=Hidden.OUT_OF_AREA), Numbered(name="someone"))
    assert len(lines.calls()) == 1
    assert lines.calls()[0][0] == CALLER


def test_two_callers_one_after_the_other_on_two_lines() -> None:
    lines = Lines()
    lines.hear(0, Rang())
    lines.hear(1, Rang(), port=2)
    lines.hear(3, Numbered(number=OTHER), port=2)
    lines.hear(4, Numbered(number=CALLER))
    lines.hear(5, Rang())
    lines.hear(30, Rang())
    lines.hear(60)
    assert lines.calls() == [
        (CALLER, "over 5 caller ringing_stopped inferred"),
        (OTHER, "over 3 caller ringing_stopped inferred"),
        ("", "over 30 caller ringing_stopped inferred"),
    ]


def test_which_number_was_dialled() -> None:
    lines = Lines()
    lines.hear(0, Rang(pattern="B"))
    lines.hear(60, Rang(pattern="A"))
    assert [fact.dialled for fact in lines.facts if isinstance(fact, CallOffered)] == ["02712348", "12348"]


def test_a_ring_on_a_line_that_talks_begins_a_new_call() -> None:
    """Nobody said that the last one was over."""
    lines = Lines()
    lines.hear(0, Rang())
    lines.hear(4, OffHook())
    lines.hear(500, Rang())
    assert lines.calls() == [("", "answered 8001 4", "over 4 unknown silent inferred"), ("",)]


def test_devices_that_give_calls_an_id() -> None:
    lines = Lines()
    began = Began(call="0", number=CALLER, dialled="12348001")
    lines.hear(0, began, port=None, ends=True)
    lines.hear(1, Began(call="1", number=OTHER), port=None, ends=True)
    lines.hear(9, Connected(call="0", seat="12"), port=None)
    lines.hear(20, Finished(call="1", seconds=0), port=None)
    lines.hear(69, Finished(call="0", seconds=60), port=None)
    lines.hear(70, Connected(call="7"), Finished(call="7"), port=None)
    lines.hear(80, Began(call="0", number=OTHER), port=None, ends=True)
    assert lines.calls() == [
        (CALLER, "answered 12 9", "over 69 unknown"),
        (OTHER, "over 20 caller"),
        (OTHER,),
    ]


def test_two_calls_that_were_told_in_one_breath() -> None:
    """The machine was busy: what came meanwhile is read at one moment."""
    lines = Lines()
    first, second = Began(call="0", number=CALLER, port="SIP0"), Began(call="1", number=OTHER, port="SIP0")
    lines.hear(0, first, Finished(call="0", port="SIP0"), second, port=None, ends=True)
    lines.hear(9, Finished(call="1", port="SIP0"), port=None)
    assert lines.calls() == [(CALLER, "over 0 caller"), (OTHER, "over 9 caller")]


def test_an_end_that_tells_of_the_answer_too() -> None:
    lines = Lines()
    lines.hear(0, Rang(), ends=True)
    lines.hear(90, Finished(answered=True, seconds=80))
    assert lines.calls() == [("", "answered 8001 10", "over 90 unknown")]


def test_a_device_that_tells_ends_lost_one() -> None:
    lines = Lines()
    lines.hear(0, Began(call="0"), ends=True)
    lines.hear(60)
    assert lines.calls() == [("",)]
    lines.hear(3600)
    assert lines.calls() == [("", "over 0 caller ringing_stopped inferred")]


# ── records ──


def record(second: float, *, step: float = 1, **told: object) -> Recorded:
    """Printed by a PBX whose clock shows Shanghai time."""
    at = (NOON + timedelta(seconds=second)).astimezone(UTC).replace(tzinfo=None) + timedelta(hours=8)
    return Recorded(**{"at": at, "anchor": Anchor.END, "step": timedelta(seconds=step), "port": "1"} | told)  # pyright: ignore[reportArgumentType]


def test_a_record_alone_is_the_whole_call() -> None:
    lines = Lines()
    lines.hear(101, record(100, ring=8, talked=60, seat="8012", number=CALLER), frame=b"one")
    assert lines.calls() == [(CALLER, "answered 8012 40", "over 100 unknown record")]
    offered = lines.facts[0]
    assert isinstance(offered, CallOffered)
    assert (_second(offered), offered.backfilled, offered.dialled) == (32, True, "12348")


def test_where_the_time_stands_for_the_start() -> None:
    lines = Lines()
    told = record(100, anchor=Anchor.START, ring=8, talked=60, number=CALLER)
    lines.hear(170, told, frame=b"one")
    lines.hear(171, record(100, anchor=Anchor.ANSWER, ring=8, talked=60, number=OTHER), frame=b"two", port=2)
    assert lines.calls() == [
        (CALLER, "answered 8001 108", "over 168 unknown record"),
        (OTHER, "answered 8002 100", "over 160 unknown record"),
    ]


def test_a_caller_nobody_answered() -> None:
    lines = Lines()
    lines.hear(101, record(100, ring=30, number=CALLER), frame=b"one")
    assert lines.calls() == [(CALLER, "over 100 caller record")]


def test_a_record_of_a_call_that_was_seen_live() -> None:
    """Heard to ring, not to be picked up: the record knows better, and there is still one call."""
    lines = Lines()
    lines.hear(0, Rang())
    lines.hear(2, Numbered(number=CALLER))
    lines.hear(5, Rang())
    lines.hear(100, record(92, ring=8, talked=80, seat="8012", number=CALLER), frame=b"one")
    assert lines.calls() == [
        (CALLER, "over 5 caller ringing_stopped inferred", "answered 8012 8", "over 88 unknown record"),
    ]


def test_a_record_ends_a_live_call() -> None:
    lines = Lines()
    lines.hear(0, Rang(), Numbered(number=CALLER), ends=True)
    lines.hear(8, OffHook(), ends=True)
    lines.hear(95, record(93, ring=8, talked=85, seat="8001", number=CALLER), frame=b"one")
    assert lines.calls() == [(CALLER, "answered 8001 8", "over 93 unknown record")]
    assert lines.book.due is None


def test_records_find_their_own_call() -> None:
    lines = Lines()
    lines.hear(0, Rang(), Numbered(number=CALLER))
    lines.hear(30, Rang(), Numbered(number=OTHER), port=2)
    lines.hear(60, Rang(), Numbered(number=CALLER))
    lines.hear(200, record(61, ring=4, number=CALLER), frame=b"third")
    lines.hear(201, record(32, ring=5, number=OTHER), port=2, frame=b"second")
    lines.hear(202, record(3, ring=3, number=CALLER), frame=b"first")
    over = [told for call in lines.calls() for told in call[1:]]
    assert len(lines.calls()) == 3
    assert [each for each in over if "record" in each] == [
        "over 3 caller record",
        "over 35 caller record",
        "over 64 caller record",
    ]


def test_a_record_of_another_line_or_caller_is_another_call() -> None:
    lines = Lines()
    lines.hear(0, Rang(), Numbered(number=CALLER))
    lines.hear(50, record(10, ring=10, number=OTHER), frame=b"one")
    lines.hear(51, record(10, ring=10, number=CALLER), port=2, frame=b"two")
    assert len(lines.calls()) == 3


def test_printed_again_is_not_another_call() -> None:
    lines = Lines()
    for second in (101, 102, 5000):
        lines.hear(second, record(100, ring=8, talked=60, number=CALLER), frame=b"one")
    assert len(lines.calls()) == 1


def test_two_short_calls_in_one_minute_may_be_printed_alike() -> None:
    lines = Lines()
    told = record(0, step=60, ring=4, number=CALLER)
    lines.hear(10, told, frame=b"one")
    lines.hear(11, told, frame=b"one")
    lines.hear(40, told, frame=b"one")
    lines.hear(4000, told, frame=b"one")
    assert [call[1] for call in lines.calls()] == ["over 10 caller record", "over 40 caller record"]


def test_a_transfer_is_told_in_two_records() -> None:
    lines = Lines()
    lines.hear(61, record(60, ring=5, talked=30, seat="8001", number=CALLER, more=True), frame=b"one")
    lines.hear(121, record(120, ring=10, talked=50, seat="8002", number=CALLER), frame=b"two")
    assert lines.calls() == [(CALLER, "answered 8001 30", "over 120 unknown record")]


def test_a_second_record_that_never_comes() -> None:
    lines = Lines()
    lines.hear(61, record(60, ring=5, talked=30, seat="8001", number=CALLER, more=True), frame=b"one")
    lines.hear(20_000)
    assert lines.calls() == [(CALLER, "answered 8001 30", "over 60 unknown last_record inferred")]


def test_the_next_part_of_a_transfer_may_be_long() -> None:
    """Its record comes when it is over."""
    lines = Lines()
    lines.hear(68, record(68, ring=8, talked=60, seat="8001", number=CALLER, more=True), frame=b"one")
    lines.hear(1400, record(1400, ring=12, talked=1320, seat="8002", number=CALLER), frame=b"two")
    assert lines.calls() == [(CALLER, "answered 8001 8", "over 1400 unknown record")]


def test_parts_out_of_a_buffer_of_yesterday() -> None:
    lines = Lines()
    lines.hear(50_000, record(60, ring=5, talked=30, seat="8001", number=CALLER, more=True), frame=b"one")
    lines.hear(50_001, record(200, ring=5, talked=30, port="2", number=OTHER), port=2, frame=b"other")
    lines.hear(50_002, record(120, ring=10, talked=50, seat="8002", number=CALLER), frame=b"two")
    assert lines.calls() == [
        (CALLER, "answered 8001 30", "over 120 unknown record"),
        (OTHER, "answered 8002 170", "over 200 unknown record"),
    ]


def test_a_part_that_comes_after_it_was_given_up() -> None:
    lines = Lines()
    first = record(60, ring=5, talked=30, seat="8001", number=CALLER, more=True, call="77")
    lines.hear(61, first, frame=b"one")
    lines.hear(20_000, record(19_999, talked=50, seat="8002", number=CALLER, call="77"), frame=b"two")
    assert [call[0] for call in lines.calls()] == [CALLER]


def test_every_part_gives_a_fact() -> None:
    """What gives none is not kept, and could not be read back."""
    lines = Lines()
    for number in range(4):
        told = record(60 * number + 60, talked=30, seat="8001", number=CALLER, more=number < 3)
        assert lines.hear(60 * number + 61, told, frame=bytes((number,)))


@pytest.mark.parametrize("written", ["013800138000", "+8613800138000", "8613800138000", "9013800138000"])
def test_two_devices_write_the_same_number(written: str) -> None:
    lines = Lines()
    lines.hear(0, Rang(), Numbered(number=written))
    lines.hear(30, record(20, ring=8, talked=12, seat="8012", number=CALLER), frame=b"one")
    assert len(lines.calls()) == 1


def test_a_record_of_an_unknown_trunk_takes_no_call_of_another() -> None:
    lines = Lines()
    lines.hear(0, Rang())
    lines.hear(3, record(3, port="LINE 1.2", ring=1, talked=1, number=OTHER), port=None, frame=b"one")
    assert [call[0] for call in lines.calls()] == ["", OTHER]


def test_the_wire_is_gone_while_it_rings() -> None:
    """Silence that nobody heard does not prove that the caller left."""
    lines = Lines()
    lines.hear(0, Rang())
    lines.book.deaf(NOON + timedelta(seconds=3), again=False)
    lines.hear(60)
    assert lines.calls() == [("", "over 0 network not_heard inferred")]


def test_the_wire_is_back_while_it_rings() -> None:
    lines = Lines()
    lines.hear(0, Rang())
    lines.book.deaf(NOON + timedelta(seconds=3), again=False)
    lines.book.deaf(NOON + timedelta(seconds=6), again=True)
    lines.hear(10, Rang(), ends=False)
    lines.hear(60)
    assert lines.calls() == [("", "over 10 caller ringing_stopped inferred")]


def test_a_line_that_rings_for_more_than_a_day() -> None:
    lines = Lines()
    for second in range(0, 90_000, 5):
        lines.hear(second, Rang())
    lines.hear(90_100)
    assert lines.calls() == [("", "over 89995 caller ringing_stopped inferred")]


def test_records_that_share_an_id() -> None:
    lines = Lines()
    lines.hear(61, record(60, talked=30, seat="8001", number=CALLER, more=True, call="77"), port=None, frame=b"one")
    lines.hear(62, record(60, talked=30, seat="8002", number=CALLER, more=True, call="78"), port=None, frame=b"two")
    lines.hear(121, record(120, talked=50, seat="8003", number=CALLER, call="77"), port=None, frame=b"three")
    assert [call[-1] for call in lines.calls()] == ["over 120 unknown record", "answered 8002 30"]


def test_parts_that_all_carry_the_beginning_of_the_whole() -> None:
    """Avaya: a transferred call's records have the same time."""
    lines = Lines()
    first = record(0, anchor=Anchor.START, ring=7, talked=24, number=CALLER, more=True, call="77", seat="8001")
    lines.hear(31, first, frame=b"one")
    lines.hear(52, record(0, anchor=Anchor.START, ring=0, talked=21, number=CALLER, call="77"), frame=b"two")
    assert lines.calls() == [(CALLER, "answered 8001 7", "over 52 unknown record")]


def test_a_clock_that_was_never_set() -> None:
    lines = Lines()
    wrong = Recorded(at=datetime(2000, 1, 1, 0, 5), anchor=Anchor.END, ring=8, talked=60, number=CALLER)  # noqa: DTZ001
    lines.hear(100, wrong, frame=b"one")
    assert lines.calls() == [(CALLER, "answered 8001 40", "over 100 unknown record")]


# ── any order ──

SIGNS = st.sampled_from([
    Rang(),
    Rang(),
    Numbered(number=CALLER),
    Numbered(number=OTHER),
    Numbered(hidden=Hidden.WITHHELD),
    OffHook(),
    OnHook(),
    Began(call="0", number=CALLER),
    Connected(call="0"),
    Finished(call="0"),
    Finished(answered=True, seconds=5),
    record(-30, ring=5, talked=20, number=CALLER, more=True),
    record(60, ring=5, talked=20, number=CALLER),
    record(60, ring=5, number=OTHER, call="9", port="x"),
    record(90, talked=5, call="9", more=True),
])  # fmt: skip
MANY = 200
STEPS = st.lists(
    st.tuples(SIGNS, st.sampled_from([None, 1, 2]), st.sampled_from([0.0, 0.5, 2.0, 6.0, 8.0, 30.0]), st.booleans()),
    max_size=40,
)


@given(STEPS)
@settings(max_examples=MANY, deadline=None)
def test_whatever_comes(steps: list[tuple[AnySign, int | None, float, bool]]) -> None:
    """Every call begins and ends once, no id is used twice, and what was kept rebuilds the book."""
    lines, second = Lines(), 0.0
    kept: list[tuple[float, AnySign, int | None, bool]] = []
    for sign, port, pause, ends in steps:
        second += pause
        if lines.hear(second, sign, port=port, ends=ends, frame=f"{second} {sign}".encode()):
            kept.append((second, sign, port, ends))
    lines.hear(second + 100_000)
    ids = [fact.event_id for fact in lines.facts]
    assert len(ids) == len(set(ids))
    for call in lines.calls():
        ends = [told for told in call if told.startswith("over")]
        assert ends
        assert len([told for told in ends if "record" not in told]) <= 1, "concluded once; a record may know better"
        assert sum(told.startswith("answered") for told in call) <= 1
    assert all(fact.at - fact.heard_at <= timedelta(seconds=120) for fact in lines.facts)
    again = Lines()
    for when, sign, port, ends in kept:
        again.hear(when, sign, port=port, ends=ends, frame=f"{when} {sign}".encode())
    again.hear(second + 100_000)
    assert {fact.event_id for fact in again.facts} == set(ids)
