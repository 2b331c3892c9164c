"""Yeastar's S series and OpenVox: the printed reports under the names an installer gives them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from unsigned_samples import OPENVOX_PRINTED, YEASTAR_S_PRINTED

from adapters.telephony import (
    CallAnswered,
    CallFact,
    CallOffered,
    CallReleased,
    EndedBy,
    LegResumed,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)

HEARD = datetime(2017, 9, 14, 1, 28, 5, tzinfo=UTC)
ABOUT_A_CALLER = {
    "yeastar-s": {"invite", "incoming", "answer_in", "cdr_in"},
    "openvox": {"alert_in", "ring_in", "answer_in", "cdr_in"},
}
PRINTED = {"yeastar-s": YEASTAR_S_PRINTED, "openvox": OPENVOX_PRINTED}
BOTH = pytest.mark.parametrize("dialect", ["yeastar-s", "openvox"])


def inbound(action: str, **more: Any) -> bytes:
    """A report by action with the caller and one extension, under the id of the extension's channel."""
    report = {"action": action, "callid": "1763690400.12", "ext": {"extid": "8001"}, "sn": "a0", **more}
    report["inbound"] = {"from": "13800138000", "to": "12348", "trunk": "t", "inboundid": "1763690400.10"}
    return json.dumps(report).encode()


@pytest.mark.parametrize(
    ("dialect", "name"),
    [(dialect, name) for dialect, printed in PRINTED.items() for name in sorted(printed)],
)
def test_every_printed_report_is_read(gateway, dialect, name):
    target = gateway(dialect, max_age_days=3650)
    delivery = target.decode(PRINTED[dialect][name], HEARD)
    assert delivery.refused == []
    assert bool(delivery.events) == (name in ABOUT_A_CALLER[dialect])
    again = target.decode(PRINTED[dialect][name], HEARD + timedelta(seconds=2))
    assert [fact.event_id for fact in again.events] == [fact.event_id for fact in delivery.events]


def test_the_printed_record_of_an_inbound_call_of_the_s_series(gateway):
    delivery = gateway("yeastar-s", max_age_days=3650).decode(YEASTAR_S_PRINTED["cdr_in"], HEARD)
    start = datetime(2017, 9, 14, 1, 27, 25, tzinfo=UTC)
    assert [(type(fact), fact.at - start) for fact in delivery.events] == [
        (CallOffered, timedelta(0)),
        (SeatAnswered, timedelta(seconds=9)),
        (RecordingStopped, timedelta(seconds=38)),
        (CallReleased, timedelta(seconds=38)),
    ]
    assert {fact.call for fact in delivery.events} == {"1505352445.265"}


def test_the_printed_answer_of_the_s_series_belongs_to_its_call_id(gateway):
    facts = gateway("yeastar-s").decode(YEASTAR_S_PRINTED["answer_in"], HEARD).events
    assert [type(fact) for fact in facts] == [CallAnswered, SeatAnswered, LegResumed]
    assert {fact.call for fact in facts} == {"369362089179-1547375509.72"}
    assert facts[1].seat == "1005"


def test_an_extension_named_twice_is_two_members(gateway):
    body = inbound("RING").replace(b'"ext": {"extid": "8001"}', b'"ext":{"extid":"8001"},"ext":{"extid":"8002"}')
    facts = gateway("yeastar-s").decode(body, HEARD).events
    assert [getattr(fact, "seat", None) for fact in facts] == [None, "8001", "8002"]


def test_another_key_twice_is_no_report(gateway):
    with pytest.raises(Exception, match="twice"):
        gateway("yeastar-s").decode(b'{"action":"BYE","callid":"1","callid":"2"}', HEARD)


def test_openvox_printed_ring_and_record_name_the_callers_leg(gateway):
    """The RING's own `callid` is another channel's: `inboundid` is the one that the record begins with."""
    target = gateway("openvox", max_age_days=3650)
    for name in ("alert_in", "ring_in"):
        (call,) = {fact.call for fact in target.decode(OPENVOX_PRINTED[name], HEARD).events}
        assert call == "a09805021987-1589948512.1707"
    record = target.decode(OPENVOX_PRINTED["cdr_in"], datetime(2020, 5, 20, 2, 19, 10, tzinfo=UTC)).events
    assert {fact.call for fact in record} == {"a09805021987-1589959139.2135"}


def test_openvox_reports_and_record_are_one_call(gateway):
    target = gateway("openvox")
    record = json.dumps(
        {
            "action": "NewCdr",
            "callid": "1763690400.10",
            "timestart": "2017-09-14 09:27:25",
            "callfrom": "13800138000",
            "callto": "8001",
            "callduraction": "38",
            "talkduraction": "29",
            "status": "NO ANSWERED",
            "type": "Inbound",
            "sn": "a0",
        }
    ).encode()
    bodies = [inbound("ALERT"), inbound("RING"), inbound("ANSWER"), inbound("BYE"), inbound("BYE"), record]
    facts = [fact for body in bodies for fact in target.decode(body, HEARD).events]
    assert {fact.call for fact in facts} == {"a0-1763690400.10"}
    (released,) = [fact for fact in facts if isinstance(fact, CallReleased)]
    assert released.backfilled
    assert released.cause == "no answered"


def test_the_s_series_tells_the_end_twice_under_one_id(gateway):
    target = gateway("yeastar-s")
    ends = [target.decode(inbound("BYE"), HEARD).events for _ in range(2)]
    assert ends[0] == ends[1]
    assert [(type(fact), fact.by) for fact in ends[0]] == [(CallReleased, EndedBy.UNKNOWN)]


@BOTH
@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("404 NOT found", "unreachable"),
        (480, "no_answer"),
        ("480 Temporarily unavailable", "no_answer"),
        ("484 Address Incomplete", "484 Address Incomplete"),
        ("486 Busy Here", "busy"),
        ("503 Service Unavailable", "unreachable"),
        ("603 Declined", "no_answer"),
        ("DND", "rejected"),
        ("User busy", "busy"),
        ("Line unreachable", "unreachable"),
    ],
)
def test_why_an_extension_did_not_take_the_call(gateway, dialect, reason, told):
    (fact,) = gateway(dialect).decode(inbound("CallFailed", reason=reason), HEARD).events
    assert isinstance(fact, SeatDeclined)
    assert (fact.seat, fact.reason, fact.seat_fault) == ("8001", told, told == "unreachable")


@BOTH
def test_487_says_nothing_because_a_ring_group_falling_silent_has_it_too(gateway, dialect):
    delivery = gateway(dialect).decode(inbound("CallFailed", reason="487 Request Terminated"), HEARD)
    assert (delivery.events, delivery.refused) == ([], [])


def test_the_p_series_reports_a_failure_by_number(gateway):
    members = [{"inbound": {"from": "13800138000", "to": "12348", "channel_id": "c-1"}}]
    members.append({"extension": {"number": "2002", "channel_id": "c-2"}})
    body = json.dumps(
        {"type": 30015, "sn": "3", "msg": {"call_id": "1.2", "reason": "486 Busy here", "members": members}}
    )
    (fact,) = gateway("yeastar-p").decode(body.encode(), HEARD).events
    assert (type(fact), fact.seat, fact.reason, fact.event_id) == (SeatDeclined, "2002", "busy", "3-1.2:declines:c-2")


@BOTH
def test_disorder_changes_no_id_and_no_call(gateway, dialect):
    bodies = [inbound(action) for action in ("ALERT", "RING", "ANSWER", "ANSWERED", "BYE")]

    def told(order: list[bytes]) -> set[tuple[str, str]]:
        target = gateway(dialect)
        facts = [fact for body in order for fact in target.decode(body, HEARD).events]
        assert all(isinstance(fact, CallFact) for fact in facts)
        return {(fact.call, fact.event_id) for fact in facts}

    assert told(bodies) == told(bodies[::-1]) == told(bodies + bodies)


@BOTH
def test_a_ring_names_the_caller_and_every_extension(gateway, dialect):
    facts = gateway(dialect).decode(inbound("RING", ext={"extid": ["8001", "8002"]}), HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, SeatRinging, SeatRinging]
    assert (facts[0].caller, facts[0].dialled) == ("13800138000", "12348")
