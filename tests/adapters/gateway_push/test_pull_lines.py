"""Lines of call lists: which of them are one call, what a pushed record and a line say alike, and what is no line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import Refused
from adapters.gateway_push.decoders.yeastar import YeastarDecoder
from adapters.gateway_push.decoders.yeastar_list import LISTED, Lines
from adapters.gateway_push.pull_csv import rows
from adapters.reading import Clock
from adapters.telephony import AdapterName, CallFact, CallOffered, CallReleased, Delivery, SeatAnswered

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
HEARD = NOON + timedelta(hours=2)
CLOCK = Clock(zone="Asia/Shanghai", max_ahead=timedelta(minutes=2), max_age=timedelta(days=31))


def decoder(*not_seats: str) -> YeastarDecoder:
    return YeastarDecoder(AdapterName("gw-1"), CLOCK, not_seats=not_seats)


def line(to: str, after: int, lasted: int, talked: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "uid": f"u-{to}-{after}",
        "call_id": "1795233600.7",
        "timestamp": int(NOON.timestamp()) + after,
        "call_from_number": "13800138000",
        "call_to_number": to,
        "duration": lasted,
        "talk_duration": talked,
        "disposition": "ANSWERED" if talked else "NO ANSWER",
        "call_type": "Inbound",
        "did": "12348",
        **more,
    }


def heard(*lines: object, sn: str = "S1", by: YeastarDecoder | None = None) -> Delivery:
    body = json.dumps({"type": LISTED, "sn": sn, "data": lines}).encode()
    return (by or decoder("6200", "6400")).decode(body, HEARD)


def said(delivery: Delivery) -> tuple[Any, ...]:
    offered, *answered, released = delivery.events
    assert isinstance(offered, CallOffered)
    assert isinstance(released, CallReleased)
    seat = [(fact.seat, (fact.at - NOON).total_seconds()) for fact in answered if isinstance(fact, SeatAnswered)]
    return (offered.at - NOON).total_seconds(), offered.caller, seat, (released.at - NOON).total_seconds()


MENU, QUEUE = line("6200", 0, 12, 12), line("6400", 12, 20, 20)
MISSED, TAKEN = line("8001", 12, 10), line("8002", 22, 70, 60)
SURVEY = line("Satisfaction Survey", 92, 8, 8)


def test_a_call_through_menu_queue_and_two_extensions():
    """As published samples show it: a line for each leg, all under one call id."""
    told = heard(MENU, QUEUE, MISSED, TAKEN, SURVEY)
    assert said(told) == (0.0, "13800138000", [("8002", 32.0)], 100.0)
    assert {fact.call for fact in told.events if isinstance(fact, CallFact)} == {"S1-1795233600.7"}
    assert [fact.event_id.rpartition(":")[2] for fact in told.events] == ["offered", "answered", "released"]


@given(st.permutations([MENU, QUEUE, MISSED, TAKEN, SURVEY]))
def test_the_order_of_the_lines_does_not_matter(lines: list[dict[str, Any]]):
    assert heard(*lines) == heard(MENU, QUEUE, MISSED, TAKEN, SURVEY)


def test_who_only_heard_the_menu_was_not_answered():
    assert said(heard(MENU, QUEUE, MISSED)) == (0.0, "13800138000", [], 32.0)
    plain = decoder()
    assert said(heard(MENU, by=plain))[2] == [("6200", 0.0)], "unless the settings say that nobody answers there"


def test_a_call_of_one_line_is_the_pushed_record_again():
    pushed = {
        "type": 30012,
        "sn": "S1",
        "msg": {
            "call_id": "1795233600.7",
            "time_start": "2026-11-21 12:00:22",
            "call_from": "13800138000",
            "call_to": "8002",
            "call_duration": 70,
            "talk_duration": 60,
            "status": "ANSWERED",
            "type": "Inbound",
            "did_number": "12348",
            "recording": "",
            "uid": "u-8002-22",
        },
    }
    assert heard(TAKEN).events == decoder().decode(json.dumps(pushed).encode(), HEARD).events
    file = (
        "callid,timestart,callfrom,callto,callduration,talkduration,srctrunkname,desttrunkname,status,type,pincode,"
        "recording,didnumber,sn\r\n"
        '1795233600.7,2026-11-21 12:00:22,13800138000,8002,70,60,pstn-1,,ANSWERED,Inbound,,"a,b.wav",,S1\r\n'
    )
    (row,) = rows(file)
    record = {"action": "NewCdr", **row}
    assert heard(row).events == decoder().decode(json.dumps(record).encode(), HEARD).events
    assert row["recording"] == "a,b.wav"


@pytest.mark.parametrize("head", ["", "通话编号,开始时间,主叫,被叫\r\n"])
def test_a_file_without_names_counts_by_order(head: str):
    cells = "1.2,2026-11-21 12:00:22,138,8002,70,60,t,,NO ANSWERED,Inbound,,,,S1\r\n\r\n"
    (row,) = rows(head + cells)
    assert (row["callid"], row["callto"], row["status"], row["sn"]) == ("1.2", "8002", "NO ANSWERED", "S1")


def test_calls_that_are_not_a_callers():
    assert heard(line("8001", 0, 5, 5, call_type="Internal")).events == []
    assert said(heard(MENU, line("139", 3, 9, 9, call_type="Outbound")))[2] == []


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([line("8001", 0, 5, call_id="")], "call_id is missing"),
        ([MENU, line("8001", 0, 5, call_id="2.3")], "lines of several calls"),
        ([MENU] * 201, "too many lines"),
        ([line("8001", 0, 5, call_from_number=["x"])], "call_from is not a text"),
    ],
)
def test_lines_that_are_set_aside(lines: list[dict[str, Any]], reason: str):
    told = heard(*lines)
    assert not told.events
    assert [reason in item.reason for item in told.refused] == [True]


def test_times_and_places_that_cannot_be_are_repaired():
    told = heard(line("8001", 0, 5, timestamp="soon"))
    assert (told.repaired[0].reason, told.events[-1].at) == ("unreadable time", HEARD)
    assert heard(line("8001", 0, 5, duration=-1)).repaired[0].reason == "impossible duration"
    placed = heard(line("8001", 0, 9, 5, record_file="../etc/passwd"))
    assert "recording" in placed.repaired[0].reason
    assert len(placed.events) == 3
    by_display = line("8001", 0, 9, 5, time="2026/11/21 12:00:00")
    del by_display["timestamp"]
    assert said(heard(by_display))[0] == 0.0


def test_names_beside_numbers():
    named = line("Lawyer Zhang<8001>", 0, 9, 5, call_from_number="Trunk<13800138000>")
    assert said(heard(named)) == (0.0, "13800138000", [("8001", 4.0)], 9.0)


def test_a_page_that_comes_again_is_nothing_new():
    lines = Lines(max_lines=3)
    assert (lines.add([MENU, TAKEN]), lines.add([MENU, TAKEN]), lines.count) == (2, 0, 2)
    assert list(lines.by_call()) == [[MENU, TAKEN]]
    with pytest.raises(Refused, match="more than 3"):
        lines.add([MISSED, QUEUE])


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["Inbound", "ANSWERED", "1.2"]),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted(MENU)), ANY) | ANY, max_size=3))
def test_whatever_a_line_holds_is_judged_and_never_fatal(lines: list[object]):
    told = heard(*lines)
    assert len(told.refused) <= 1


@given(st.text(max_size=200))
def test_whatever_the_file_holds_is_rows_or_refused(text: str):
    try:
        found = list(rows(text))
    except Refused:
        return
    assert all(isinstance(cell, str) for row in found for cell in row.values())
