from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from unsigned_samples import DINSTAR_CDR_IN, DINSTAR_PRINTED

from adapters.errors import Undecodable
from adapters.telephony import (
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    PortFault,
    SeatAnswered,
)

HEARD = datetime(2015, 7, 21, 8, 35, 36, tzinfo=UTC)
START = datetime(2015, 7, 21, 8, 35, 20, tzinfo=UTC)


def record(**fields: Any) -> dict[str, Any]:
    return json.loads(DINSTAR_CDR_IN)["cdr"][0] | fields


def push(*records: object, **fields: Any) -> bytes:
    return json.dumps({"sn": "da00-0030", "cdr": list(records), **fields}).encode()


@pytest.mark.parametrize("name", sorted(set(DINSTAR_PRINTED) - {"exception_info"}))
def test_printed_pushes_that_concern_no_caller_are_read_and_say_nothing(gateway, name):
    delivery = gateway("dinstar").decode(DINSTAR_PRINTED[name], HEARD)
    assert (delivery.events, delivery.refused, delivery.repaired) == ([], [], [])


def test_the_printed_exception_is_a_fault_of_its_channel(gateway):
    target = gateway("dinstar")
    (fact,) = target.decode(DINSTAR_PRINTED["exception_info"], HEARD).events
    assert isinstance(fact, PortFault)
    assert (fact.port, fact.detail, fact.at) == (0, "call_fail, reset", HEARD)
    assert target.decode(DINSTAR_PRINTED["exception_info"], HEARD + timedelta(seconds=2)).events[0].event_id == (
        fact.event_id
    )
    assert target.decode(DINSTAR_PRINTED["exception_info"], HEARD + timedelta(minutes=2)).events[0].event_id != (
        fact.event_id
    )


def test_the_printed_record_turned_round_is_a_call_told_afterwards(gateway):
    """Its talk of 3 s is shorter than its ringing of 11 s: `duration` cannot be the whole call."""
    delivery = gateway("dinstar").decode(DINSTAR_CDR_IN, HEARD)
    facts = delivery.events
    assert [(type(fact), fact.at - START) for fact in facts] == [
        (CallOffered, timedelta(0)),
        (SeatAnswered, timedelta(seconds=11)),
        (CallReleased, timedelta(seconds=14)),
    ]
    assert delivery.repaired == []
    assert {(fact.backfilled, fact.handling, fact.port) for fact in facts} == {(True, Handling.DEVICE, 2)}
    assert (facts[0].caller, facts[1].seat, facts[2].by, facts[2].cause) == (
        "13800138000",
        "8001",
        EndedBy.SEAT,
        "16",
    )
    assert "13800138000" not in facts[0].call + facts[0].event_id


@pytest.mark.parametrize(
    ("hangup", "by"),
    [("calling", EndedBy.CALLER), ("called", EndedBy.SEAT), ("gateway", EndedBy.NETWORK), ("?", EndedBy.UNKNOWN)],
)
def test_who_hung_up(gateway, hangup, by):
    assert gateway("dinstar").decode(push(record(hangup=hangup)), HEARD).events[-1].by is by


def test_a_repeat_has_the_same_ids_and_another_call_does_not(gateway):
    target = gateway("dinstar")

    def ids(*records: object, after: float = 0) -> list[str]:
        heard = HEARD + timedelta(seconds=after)
        return [fact.event_id for fact in target.decode(push(*records), heard).events]

    assert ids(record()) == ids(record(), after=3600)
    assert ids(record(), record(port=3)) == ids(record()) + ids(record(port=3))
    assert ids(record(port=3), record())[3:] == ids(record())
    different = [record(), record(port=3), record(start_date="2015-07-21 16:35:21"), record(duration=4)]
    assert len({key for each in different for key in ids(each)}) == 12


@pytest.mark.parametrize("direction", ["ip->gsm", "callback", "", None])
def test_only_calls_from_the_mobile_network_are_callers(gateway, direction):
    delivery = gateway("dinstar").decode(push(record(direction=direction)), HEARD)
    assert (delivery.events, delivery.refused) == ([], [])


def test_an_unanswered_record_has_no_seat(gateway):
    """The manual says that none is pushed; a firmware that does it all the same is understood."""
    facts = gateway("dinstar").decode(push(record(answer_date="", duration=0)), HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, CallReleased]


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date": "2000-01-01 00:00:20"},
        {"start_date": "2000-01-01 00:00:20", "answer_date": "2000-01-01 00:00:31"},
        {"answer_date": "1970-01-01 08:00:00"},
        {"answer_date": "2015-07-21 16:35:10"},
        {"duration": -1},
        {"duration": None},
        {"duration": "x"},
    ],
)
def test_impossible_times_and_durations_never_turn_a_call_round(gateway, fields):
    delivery = gateway("dinstar").decode(push(record(**fields)), HEARD)
    times = [fact.at for fact in delivery.events]
    assert times == sorted(times)
    assert times[-1] <= HEARD + timedelta(seconds=120)
    assert delivery.refused == []


@pytest.mark.parametrize(
    "bad", [7, None, {"direction": "gsm->ip"}, record(port="x"), record(source_number={}), record(gsm_code="\x00")]
)
def test_records_are_judged_alone(gateway, bad):
    delivery = gateway("dinstar").decode(push(record(), bad, record(port=5)), HEARD)
    assert {fact.port for fact in delivery.events} == {2, 5}
    # What is no record of a call at all has no direction either, and says nothing.
    assert [item.index for item in delivery.refused] == ([] if bad in (7, None) else [1])
    assert "13800138000" not in str(delivery.refused)


@pytest.mark.parametrize("body", [b"{}", b'{"sn":"x"}', b'{"sn":"x","call":[]}', b'{"exception_info":[]}'])
def test_unknown_pushes_are_refused(gateway, body):
    delivery = gateway("dinstar").decode(body, HEARD)
    assert delivery.events == []
    assert [item.index for item in delivery.refused] == [0]


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"<cdr/>", json.dumps({"cdr": [0] * 1001}).encode()])
def test_unreadable_bodies(gateway, body):
    with pytest.raises(Undecodable):
        gateway("dinstar").decode(body, HEARD)
