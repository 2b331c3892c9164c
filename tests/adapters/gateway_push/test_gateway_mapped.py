"""The JSON example of a mapping: every kind of event, and what is done with bad ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from gateway_samples import MAPPINGS
from mapped_samples import AT, HEARD, event, pushed

from adapters.errors import Undecodable
from adapters.reasons import in_chinese
from adapters.telephony import (
    CallerIdentified,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)


def test_the_push_printed_in_the_json_example(mapped):
    text = (MAPPINGS / "json-example.toml").read_text("utf-8")
    lines = [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#   ")]
    delivery = mapped("json").decode("".join(lines).encode(), HEARD)
    origin = {
        "adapter": "gw-1",
        "at": AT,
        "heard_at": HEARD,
        "port": 3,
        "call": "A100-0007-c-77",
        "handling": Handling.DEVICE,
    }
    assert delivery.events == [
        CallOffered(**origin, event_id="A100-0007-c-77:9001:call.offered", caller="13800138000", dialled="12348"),
        SeatRinging(**origin, event_id="A100-0007-c-77:9001:seat.ringing", seat="8001"),
    ]
    assert (delivery.refused, delivery.repaired) == ([], [])


@pytest.mark.parametrize(
    ("sent", "kind", "fields"),
    [
        (event("ring"), CallOffered, {"caller": "13800138000"}),
        (event("CLIP"), CallerIdentified, {"caller": "13800138000"}),
        (event("KEY", key="12#"), DigitsPressed, {"digits": "12#"}),
        (event("ANSWER"), SeatAnswered, {"seat": "8001"}),
        (event("REJECT", why="Busy"), SeatDeclined, {"seat": "8001", "reason": "busy"}),
        (event("REJECT", why="timeout"), SeatDeclined, {"reason": "no_answer", "seat_fault": False}),
        (event("HOLD"), LegHeld, {}),
        (event("UNHOLD"), LegResumed, {}),
        (event("HANGUP", side="a", why="normal"), CallReleased, {"by": EndedBy.CALLER, "cause": "normal"}),
        (event("HANGUP", side="b"), CallReleased, {"by": EndedBy.SEAT, "cause": ""}),
        (
            event("RECORDED", file="/data/rec/2026/a.wav", length="0:01:05"),
            RecordingStopped,
            {"name": "a.wav", "file": "2026/a.wav", "seconds": 65},
        ),
        (event("RECORDED", file="https://gw/a.wav", length=65), RecordingStopped, {"file": "https://gw/a.wav"}),
    ],
)
def test_every_kind_of_the_json_example(mapped, sent, kind, fields):
    delivery = mapped("json").decode(pushed(sent), HEARD)
    assert type(delivery.events[0]) is kind
    assert {name: getattr(delivery.events[0], name) for name in fields} == fields
    assert delivery.events[0].at == AT
    assert delivery.refused == []


@pytest.mark.parametrize("sent", [event("RING", dir="out"), event("X", dir="internal"), {"event": "HEARTBEAT"}])
def test_what_is_understood_and_means_nothing(mapped, sent):
    delivery = mapped("json").decode(pushed(sent), HEARD)
    assert (delivery.events, delivery.refused) == ([], [])


def test_a_ring_before_a_seat_is_chosen_is_an_offer_alone(mapped):
    delivery = mapped("json").decode(pushed(event("RING", ext="")), HEARD)
    assert [type(fact) for fact in delivery.events] == [CallOffered]
    assert delivery.refused == []


def test_a_place_that_is_empty_leaves_the_word_to_the_next(mapped):
    (fact,) = mapped("json").decode(pushed(event("ANSWER", call={"id": "c", "ext": "", "agent": 8002})), HEARD).events
    assert fact.seat == "8002"


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        {},
        event("EXPLODED"),
        event("ANSWER", ext=""),
        event("CLIP", call={"id": "c"}),
        event("ANSWER", call={"ext": "8001"}),
        event("ANSWER", call={"id": "", "ext": "8001"}),
        event("ANSWER", call={"id": ["c", "d"] * 40, "ext": {"a": 1}}),
        event("ANSWER", call={"id": "x" * 65, "ext": "8001"}),
        event("ANSWER", call={"id": "a\x00b", "ext": "8001"}),
        event("KEY"),
        event("KEY", key="12x"),
        event("RECORDED"),
        event("RECORDED", file="/etc/passwd"),
        event("RECORDED", file="../../etc/passwd"),
        event("RECORDED", file="file:///etc/passwd"),
    ],
)
def test_each_event_is_judged_alone(mapped, bad):
    delivery = mapped("json").decode(pushed(event("ANSWER"), bad, event("HOLD")), HEARD)
    assert [type(fact) for fact in delivery.events] == [SeatAnswered, LegHeld]
    assert [item.index for item in delivery.refused] == [1]
    assert "13800138000" not in delivery.refused[0].reason


@pytest.mark.parametrize(
    ("time", "at"),
    [
        (1795227185, datetime(1970, 1, 21, tzinfo=UTC)),
        ("2026-11-21 10:13:05", AT.replace(microsecond=0)),
        ("yesterday", None),
        ("", None),
        ("0", None),
        (0, None),
        (10**40, None),
        ({}, None),
        ("9" * 200, None),
        (1795227185120.0, AT),
    ],
)
def test_times_are_tried_in_turn_and_an_impossible_one_is_ours(mapped, time, at):
    delivery = mapped("json").decode(pushed(event("ANSWER", time=time)), HEARD)
    expected = at if at is not None and at.year == 2026 else HEARD
    assert delivery.events[0].at == expected
    assert [item.index for item in delivery.repaired] == ([] if expected is not HEARD else [0])


@pytest.mark.parametrize("line", ["FXO", -1, 10**6, True, "3" * 99])
def test_a_port_that_is_no_number_costs_no_call(mapped, line):
    delivery = mapped("json").decode(pushed(event("ANSWER", line=line)), HEARD)
    assert [(type(fact), fact.port) for fact in delivery.events] == [(SeatAnswered, None)]
    assert [item.reason for item in delivery.repaired] == ["port is not a number"]


def test_a_record_of_the_json_example_is_told_afterwards(mapped):
    cdr = {"begin": "2026-11-21 10:12:00", "answer": "2026-11-21 10:12:08", "end": "2026-11-21 10:13:00"}
    delivery = mapped("json").decode(pushed(event("CDR", cdr=cdr, file="/data/rec/a.wav")), HEARD)
    start = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)
    assert [(type(fact), (fact.at - start).total_seconds()) for fact in delivery.events] == [
        (CallOffered, 0),
        (SeatAnswered, 8),
        (RecordingStopped, 60),
        (CallReleased, 60),
    ]
    assert {fact.backfilled for fact in delivery.events} == {True}
    assert delivery.events[2].seconds == 52


@pytest.mark.parametrize("answer", ["", "0", "0000-00-00 00:00:00", None])
def test_a_record_that_was_not_answered(mapped, answer):
    cdr = {"begin": "2026-11-21 10:12:00", "answer": answer, "end": "2026-11-21 10:13:00"}
    delivery = mapped("json").decode(pushed(event("CDR", cdr=cdr)), HEARD)
    assert [type(fact) for fact in delivery.events] == [CallOffered, CallReleased]
    assert delivery.repaired == []


@pytest.mark.parametrize(
    "cdr",
    [
        {},
        {"begin": "2026-11-21 10:12:00"},
        {"begin": "2026-11-21 10:12:00", "answer": "2026-11-21 10:11:00", "end": "2026-11-21 10:10:00"},
        {"begin": "2000-01-01 00:00:00", "answer": "2000-01-01 00:00:09", "end": "2000-01-01 00:01:00"},
        {"begin": "x", "answer": "x", "end": "x"},
    ],
)
def test_a_record_with_impossible_times_never_turns_a_call_round(mapped, cdr):
    facts = mapped("json").decode(pushed(event("CDR", cdr=cdr)), HEARD).events
    times = [fact.at for fact in facts]
    assert times == sorted(times)
    assert times[-1] <= HEARD


def test_a_record_keeps_its_call_when_its_recording_lies_elsewhere(mapped):
    cdr = {"begin": "2026-11-21 10:12:00", "answer": "", "end": "2026-11-21 10:13:00"}
    delivery = mapped("json").decode(pushed(event("CDR", cdr=cdr, file="/etc/passwd")), HEARD)
    assert [type(fact) for fact in delivery.events] == [CallOffered, CallReleased]
    assert [item.index for item in delivery.repaired] == [0]


def test_a_body_may_be_a_list_or_one_event(mapped):
    target = mapped("json", ('items = "list"', ""), ('device = "/sn"', ""))
    one = event("ANSWER")
    for body in (one, [one], [one, one]):
        facts = target.decode(json.dumps(body).encode(), HEARD).events
        assert {fact.event_id for fact in facts} == {"c-77:9001:seat.answered"}
    assert target.decode(b"[]", HEARD).events == []


@pytest.mark.parametrize(
    "body", [b"", b"7", b"[]", b"{", b'{"list":null}', b'{"a":1,"a":2}', pushed(*[0] * 1001), b"a=1", b"\xff\xff"]
)
def test_a_body_that_cannot_be_taken_apart(mapped, body):
    with pytest.raises(Undecodable):
        mapped("json").decode(body, HEARD)


def test_a_word_that_the_mapping_does_not_know_is_named(mapped):
    delivery = mapped("json").decode(pushed(event("TRANSFER")), HEARD)
    (refused,) = delivery.refused
    assert refused.reason == "no rule of the mapping fits: dir = in, event = TRANSFER"
    assert in_chinese(refused.reason).startswith("映射文件中没有符合的规则（收到 dir = in, event = TRANSFER）")
    assert "13800138000" not in refused.reason


def test_a_time_in_another_way_than_the_mapping_says_is_told(mapped):
    delivery = mapped("json").decode(pushed(event("RING", time="2026/11/23 09:00")), HEARD)
    assert {fact.at for fact in delivery.events} == {HEARD}
    (repaired,) = delivery.repaired
    assert in_chinese(repaired.reason) == "时间格式与映射文件的 time 不符，已按收到的时间登记"
