from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from gateway_samples import NEWROCK_CONSTRUCTED, NEWROCK_PRINTED

from adapters.errors import Undecodable
from adapters.gateway_push.decoders.newrock_calls import CallBook
from adapters.telephony import (
    CallerIdentified,
    CallFact,
    CallOffered,
    CallReleased,
    Handling,
    RecordingStopped,
    SeatAnswered,
    SeatReleased,
    SeatRinging,
)

SAMPLES = NEWROCK_PRINTED | NEWROCK_CONSTRUCTED
START = datetime(2015, 9, 29, 6, 0, 15, tzinfo=UTC)
"""14:00:15 in Shanghai: when the extension of the printed call began to ring."""


class Line:
    """Feeds one gateway and keeps what it said."""

    def __init__(self, gateway) -> None:
        self.target = gateway("newrock-om")
        self.facts: list[CallFact] = []

    def hear(self, body: str | bytes, second: float = 0) -> list[CallFact]:
        data = SAMPLES[body] if isinstance(body, str) else body
        delivery = self.target.decode(data, START + timedelta(seconds=second))
        assert delivery.refused == []
        self.facts += delivery.events
        return delivery.events

    @property
    def calls(self) -> set[str]:
        return {fact.call for fact in self.facts}


@pytest.fixture
def line(gateway) -> Line:
    return Line(gateway)


def kinds(facts: list[CallFact]) -> list[type]:
    return [type(fact) for fact in facts]


def ring(caller: str, seat: str = "316") -> bytes:
    return f'<Event attribute="RING"><ext id="{seat}" /><visitor from="{caller}" /></Event>'.encode()


def event(kind: str, caller: str, seat: str = "316") -> bytes:
    return ring(caller, seat).replace(b"RING", kind.encode())


def test_the_printed_call_is_one_call_from_ring_to_both_records(line):
    told = [
        kinds(line.hear(name, second))
        for second, name in [
            (0, "ring"),
            (3, "busy"),
            (3, "answer"),
            (7, "bye_no_callid"),
            (7, "idle"),
            (8, "cdr_in"),
            (8, "cdr_out"),
        ]
    ]
    assert told == [
        [CallOffered, SeatRinging],
        [],
        [SeatAnswered],
        [CallReleased],
        [],
        [CallOffered, SeatRinging, SeatAnswered, CallReleased],
        [CallOffered, SeatAnswered, RecordingStopped, CallReleased],
    ]
    assert len(line.calls) == 1
    assert len({fact.event_id for fact in line.facts}) == len(line.facts)
    assert {fact.handling for fact in line.facts} == {Handling.DEVICE}
    assert not any("13698612743" in fact.call + fact.event_id for fact in line.facts)


def test_records_alone_carry_the_devices_times(line):
    line.hear("cdr_in", 8)
    line.hear("cdr_out", 8)
    assert len(line.calls) == 1
    assert [(type(fact), (fact.at - START).total_seconds()) for fact in line.facts] == [
        (CallOffered, 0),
        (SeatRinging, 0),
        (SeatAnswered, 3),
        (CallReleased, 7),
        (CallOffered, -18),
        (SeatAnswered, 3),
        (RecordingStopped, 7),
        (CallReleased, 7),
    ]
    assert all(fact.backfilled for fact in line.facts)
    assert (line.facts[0].caller, line.facts[0].dialled) == ("13698612743", "88554123")


@pytest.mark.parametrize("order", list(permutations(["answer", "bye_no_callid", "cdr_in", "cdr_out"])))
def test_after_the_ring_any_order_is_still_one_call(line, order):
    line.hear("ring")
    for second, name in enumerate(order):
        line.hear(name, 7 + second)
    assert len(line.calls) == 1
    assert CallReleased in kinds(line.facts)


def test_repeats_change_nothing(line):
    names = ["ring", "ring", "answer", "answer", "bye_no_callid", "bye_no_callid", "cdr_in", "cdr_in", "cdr_out"]
    for second, name in enumerate(names):
        again = line.hear(name, second), line.target.decode(SAMPLES[name], START + timedelta(seconds=second)).events
        assert again[0] == again[1]
    assert len(line.calls) == 1
    live = [CallOffered, SeatRinging, SeatAnswered, CallReleased]
    outside_leg = [CallOffered, SeatAnswered, RecordingStopped, CallReleased]
    by_id = {fact.event_id: type(fact) for fact in line.facts}
    assert list(by_id.values()) == live + live + outside_leg


def test_a_ring_report_that_straggles_in_after_the_end_is_no_new_call(line):
    line.hear("answer", 3)
    line.hear("bye_no_callid", 7)
    line.hear("ring", 30)
    line.hear("ring", 12)
    assert len(line.calls) == 1


def test_a_caller_who_dials_again_is_a_new_call_with_new_ids(line):
    for second in (0, 60, 120):
        line.hear("ring", second)
        line.hear("answer", second + 5)
        line.hear("bye_no_callid", second + 20)
        line.hear("idle", second + 20)
    assert len(line.calls) == 3
    assert len({fact.event_id for fact in line.facts}) == len(line.facts) == 12


def test_identical_ring_and_idle_reports_of_one_call_do_not_collide(line):
    line.hear("ring", 0)
    line.hear("idle", 20)
    line.hear("ring", 21)
    line.hear("idle", 40)
    assert len(line.calls) == 1
    rings = [fact.event_id for fact in line.facts if isinstance(fact, SeatRinging)]
    leaves = [fact.event_id for fact in line.facts if isinstance(fact, SeatReleased)]
    assert len(set(rings)) == len(set(leaves)) == 2


def test_busy_and_idle_of_an_extension_without_a_call_say_nothing(line):
    assert line.hear("busy") == line.hear("idle") == []


def test_a_ring_group_is_one_call_and_the_losers_do_not_end_it(line):
    line.hear(ring("13800138000", "201"))
    line.hear(ring("13800138000", "202"))
    line.hear(event("ANSWER", "13800138000", "202"), 3)
    assert line.hear(b'<Event attribute="IDLE"><ext id="201"/></Event>', 3) == []
    assert len(line.calls) == 1
    assert [fact.seat for fact in line.facts if isinstance(fact, SeatRinging)] == ["201", "202"]


def test_two_callers_at_once_stay_apart(line):
    line.hear(ring("13800138000", "201"))
    line.hear(ring("13900139000", "202"), 1)
    line.hear(event("ANSWER", "13900139000", "202"), 2)
    line.hear(event("BYE", "13800138000", "201"), 3)
    first, second = [fact.call for fact in line.facts if isinstance(fact, CallOffered)]
    assert first != second
    assert [(type(fact), fact.call) for fact in line.facts[4:]] == [(SeatAnswered, second), (CallReleased, first)]


def test_a_number_that_comes_late(line):
    line.hear("ring_withheld")
    facts = line.hear("answer", 3)
    assert kinds(facts) == [CallerIdentified, SeatAnswered]
    assert facts[0].caller == "13698612743"
    assert line.facts[0].caller is None
    assert len(line.calls) == 1


def test_the_end_report_lost_the_record_ends_the_call(line):
    line.hear("ring", 0)
    line.hear("answer", 3)
    assert kinds(line.hear("idle", 7)) == [SeatReleased]
    assert kinds(line.hear("cdr_in", 8))[-1] is CallReleased
    assert len(line.calls) == 1


def test_the_end_report_and_the_record_lost_a_later_ring_is_a_new_call(line):
    line.hear("ring", 0)
    line.hear("answer", 3)
    line.hear("idle", 7)
    line.hear("ring", 60)
    assert len(line.calls) == 2


def test_the_ring_report_lost_the_answer_opens_the_call(line):
    assert kinds(line.hear("answer", 3)) == [CallOffered, SeatAnswered]
    assert kinds(line.hear("answer", 4)) == [CallOffered, SeatAnswered]
    assert len(line.calls) == 1


def test_an_end_of_a_call_nobody_heard_of_waits_for_its_record(line):
    assert line.hear("bye") == []
    assert line.hear("bye_outgoing") == []


def test_call_ids_where_the_firmware_sends_them(line):
    line.hear("invite")
    line.hear("ring_callid", 1)
    line.hear("answer_callid", 2)
    line.hear("bye", 9)
    assert kinds(line.facts) == [CallOffered, CallOffered, SeatRinging, SeatAnswered, CallReleased]
    assert len(line.calls) == 1
    assert line.facts[0].dialled == "02161208234"
    line.hear("ring_callid", 5 * 3600)
    assert len(line.calls) == 1, "a report delayed for hours is still that call's"


def test_a_call_id_that_comes_round_again_is_another_caller(line):
    line.hear("ring_callid")
    line.hear(SAMPLES["ring_callid"].replace(b"13012345678", b"13112345678"), 60)
    assert len(line.calls) == 2


@pytest.mark.parametrize("name", ["cdr_outgoing", "internal_lo", "internal_in"])
def test_records_of_other_calls_say_nothing(line, name):
    assert line.hear(name, 10) == []


def test_the_record_goes_to_the_call_it_fits_when_the_caller_dialled_twice(line):
    line.hear("ring", 0)
    line.hear("answer", 3)
    line.hear("bye_no_callid", 7)
    line.hear("ring", 15)
    facts = line.hear("cdr_in", 16)
    assert {fact.call for fact in facts} == {line.facts[0].call}
    assert len(line.calls) == 2


def test_a_device_clock_that_is_off_does_not_make_a_second_call(line):
    line.hear("ring", 3600)
    line.hear("answer", 3603)
    line.hear("bye_no_callid", 3607)
    delivery = line.target.decode(SAMPLES["cdr_in"], START + timedelta(seconds=3608))
    assert {fact.call for fact in delivery.events} == line.calls
    assert delivery.events[-1].at == START + timedelta(seconds=3607)
    assert "clock" in delivery.repaired[0].reason


@pytest.mark.parametrize("bad", [b"", b"20150230000000", b"19700101080000", b"20991231235959", b"x"])
def test_impossible_times_in_a_record_keep_talk_time_and_order(line, bad):
    body = re.sub(rb"<Time(Start|End)>\d+", rb"<Time\g<1>>" + bad, SAMPLES["cdr_in"])
    delivery = line.target.decode(body, START)
    assert kinds(delivery.events) == [CallOffered, SeatRinging, SeatAnswered, CallReleased]
    assert [fact.at for fact in delivery.events] == sorted(fact.at for fact in delivery.events)
    assert delivery.events[-1].at == START
    assert len(delivery.repaired) == 1


def test_replaying_the_kept_deliveries_rebuilds_the_memory(gateway):
    """A restart between any two reports of the call: the same facts as without one."""
    names = ["ring", "answer", "bye_no_callid", "idle", "cdr_in", "cdr_out"]
    kept = [(SAMPLES[name], START + timedelta(seconds=second)) for second, name in enumerate(names)]
    whole = gateway("newrock-om")
    expected = [whole.decode(*one).events for one in kept]
    for restart in range(len(kept)):
        fresh = gateway("newrock-om")
        assert fresh.memory >= timedelta(hours=24)
        assert fresh.recall([*kept[:restart], (b"garbage", START)]) == restart
        assert [fresh.decode(*one).events for one in kept[restart:]] == expected[restart:]


def test_memory_is_bounded_in_count_and_age():
    book = CallBook(max_calls=100, memory=timedelta(hours=1))
    for number in range(1000):
        at = START + timedelta(seconds=number)
        trace = book.open(f"k{number}", at)
        book.note(trace, at, callid=str(number), caller=f"1380{number:07d}", seat=str(number % 7))
        trace.released_at = at
    assert len(book) == 100
    assert len(book._by_callid) == len(book._by_caller) == 100
    assert sum(map(len, book._by_seat.values())) == 100
    book.open("later", START + timedelta(hours=3))
    assert len(book) == 1
    assert not book._by_callid
    assert not book._by_seat


def test_a_thousand_calls_of_one_number_stay_quick(line):
    """A company's switchboard shows one number for everybody."""
    for number in range(1000):
        line.hear(ring("02188880000", str(200 + number % 30)), number * 40)
        line.hear(event("BYE", "02188880000", str(200 + number % 30)), number * 40 + 20)
    assert len(line.calls) == 1000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"<Event",
        b"<Event></Cdr>",
        b"\x00" * 10,
        b"<a>\x00</a>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1/x"><a/>',
        b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>',
        b"<a>&undefined;</a>",
        b"\xff\xfe<\x00a\x00/\x00>\x00",
    ],
)
def test_unreadable_bodies(gateway, body):
    with pytest.raises(Undecodable):
        gateway("newrock-om").decode(body, START)


@pytest.mark.parametrize(
    "body",
    [
        b"<Other/>",
        b'<Event attribute="EXPLODED"/>',
        b"<Event/>",
        b'<Event attribute="RING"><ext id="' + b"3" * 100 + b'"/><visitor from="1"/></Event>',
        b'<Event attribute="RING"><ext id="3&#10;3"/><visitor from="1"/></Event>',
        b"<Cdr><Type>IN</Type><CPN>13800138000</CPN></Cdr>",
        b"<a>" * 30_000 + b"</a>" * 30_000,
    ],
)
def test_readable_but_senseless_reports_are_refused_and_leave_no_trace(gateway, body):
    target = gateway("newrock-om")
    delivery = target.decode(body, START)
    assert delivery.events == []
    assert [item.index for item in delivery.refused] == [0]


def test_gbk_with_its_declaration(line):
    body = '<?xml version="1.0" encoding="GBK"?><Event attribute="RING"><ext id="316" name="律师"/>'
    body += '<visitor from="13698612743"/></Event>'
    assert kinds(line.hear(body.encode("gbk"))) == [CallOffered, SeatRinging]
