from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from gateway_samples import OPENVOX_INBOUND_RING, S_CDR_INBOUND, YEASTAR_PRINTED

from adapters.errors import Undecodable
from adapters.telephony import (
    CallAnswered,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    RecordingStopped,
    SeatAnswered,
    SeatReleased,
    SeatRinging,
)

HEARD = datetime(2026, 11, 21, 2, 0, 0, tzinfo=UTC)
RECORD = {
    "call_id": "1763690400.362",
    "time_start": "2026-11-21 09:59:00",
    "call_from": "13800138000",
    "call_to": "2002",
    "call_duration": 24,
    "talk_duration": 21,
    "status": "ANSWERED",
    "type": "Inbound",
    "recording": "20261121095903-1763690400.362-13800138000-2002-Inbound.wav",
    "did_number": "12348",
    "uid": "2024111913594421D77",
}


def envelope(kind: int, content: object, *, nested: bool = True) -> bytes:
    return json.dumps({"type": kind, "sn": "3631", "msg": json.dumps(content) if nested else content}).encode()


def status(inbound: str, extension: str = "", *, channel: str = "PJSIP/2002-0000012a") -> bytes:
    members: list[object] = [
        {"inbound": {"from": "13800138000", "to": "12348", "channel_id": "PJSIP/t-b5", "member_status": inbound}}
    ]
    if extension:
        members.append({"extension": {"number": "2002", "channel_id": channel, "member_status": extension}})
    return envelope(30011, {"call_id": "1763690400.362", "members": members})


@pytest.mark.parametrize("name", sorted(set(YEASTAR_PRINTED) - {"invitation"}))
def test_printed_reports_that_concern_no_caller_are_read_and_say_nothing(gateway, name):
    delivery = gateway("yeastar-p").decode(YEASTAR_PRINTED[name], HEARD)
    assert (delivery.events, delivery.refused) == ([], [])


def test_the_printed_invitation_with_its_unescaped_quotes(gateway):
    delivery = gateway("yeastar-p").decode(YEASTAR_PRINTED["invitation"], HEARD)
    (fact,) = delivery.events
    assert isinstance(fact, CallOffered)
    assert (fact.call, fact.caller, fact.dialled) == ("3631A2124XXX-1648861726.280", "5503301", "2002")
    assert (fact.handling, fact.at) == (Handling.DEVICE, HEARD)


def test_msg_as_an_object_and_as_text_are_the_same(gateway):
    target = gateway("yeastar-p")
    assert target.decode(envelope(30012, RECORD), HEARD) == target.decode(envelope(30012, RECORD, nested=False), HEARD)


def test_a_call_from_ring_to_end(gateway):
    target = gateway("yeastar-p")
    told = [
        [type(fact) for fact in target.decode(body, HEARD + timedelta(seconds=second)).events]
        for second, body in enumerate(
            [
                status("ALERT"),
                status("ALERT", "RING"),
                status("ALERT", "BYE"),
                status("ALERT", "RING", channel="PJSIP/2002-0000012b"),
                status("ANSWERED", "ANSWER"),
                status("HOLD", "ANSWER"),
                status("BYE", "ANSWER"),
            ]
        )
    ]
    assert told == [
        [CallOffered],
        [CallOffered, SeatRinging],
        [CallOffered, SeatReleased],
        [CallOffered, SeatRinging],
        [CallAnswered, SeatAnswered, LegResumed],
        [SeatAnswered, LegHeld],
        [SeatAnswered, CallReleased],
    ]


def test_ids_are_stable_across_repeats_and_differ_between_rings_and_holds(gateway):
    target = gateway("yeastar-p")

    def ids(body: bytes, seconds: float = 0) -> list[str]:
        return [fact.event_id for fact in target.decode(body, HEARD + timedelta(seconds=seconds)).events]

    assert ids(status("ALERT", "RING")) == ids(status("ALERT", "RING"), 300)
    assert ids(status("ALERT", "RING"))[1] != ids(status("ALERT", "RING", channel="PJSIP/2002-0000012b"))[1]
    assert ids(status("HOLD", "ANSWER"))[1:] != ids(status("HOLD", "ANSWER"), 30)[1:]


def test_both_legs_ending_at_once_leaves_open_who_hung_up(gateway):
    (fact,) = gateway("yeastar-p").decode(status("BYE", "BYE"), HEARD).events
    assert (type(fact), fact.by) == (CallReleased, EndedBy.UNKNOWN)


def test_a_call_record_is_backfilled_with_the_devices_times(gateway):
    facts = gateway("yeastar-p").decode(envelope(30012, RECORD), HEARD).events
    start = datetime(2026, 11, 21, 1, 59, 0, tzinfo=UTC)
    assert [(type(fact), fact.at) for fact in facts] == [
        (CallOffered, start),
        (SeatAnswered, start + timedelta(seconds=3)),
        (RecordingStopped, start + timedelta(seconds=24)),
        (CallReleased, start + timedelta(seconds=24)),
    ]
    assert {fact.backfilled for fact in facts} == {True}
    assert {fact.call for fact in facts} == {"3631-1763690400.362"}
    assert (facts[0].caller, facts[0].dialled, facts[1].seat) == ("13800138000", "12348", "2002")


@pytest.mark.parametrize("status", ["NO ANSWER", "NO ANSWERED", "BUSY", "VOICEMAIL"])
def test_a_record_without_an_answer_has_no_seat(gateway, status):
    facts = gateway("yeastar-p").decode(envelope(30012, RECORD | {"status": status, "recording": ""}), HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, CallReleased]
    assert facts[1].cause == status.lower()


def test_two_records_of_one_call_share_its_key_and_not_their_ids(gateway):
    target = gateway("yeastar-p")
    first = target.decode(envelope(30012, RECORD), HEARD).events
    second = target.decode(envelope(30012, RECORD | {"uid": "other", "call_to": "2003"}), HEARD).events
    assert {fact.call for fact in first} == {fact.call for fact in second}
    assert not {fact.event_id for fact in first} & {fact.event_id for fact in second}


def test_misspelt_record_of_the_s_series(gateway):
    delivery = gateway("yeastar-p", max_age_days=3650).decode(S_CDR_INBOUND, HEARD)
    assert [(type(fact).__name__, fact.at.isoformat()) for fact in delivery.events] == [
        ("CallOffered", "2019-01-13T15:03:02+00:00"),
        ("SeatAnswered", "2019-01-13T15:03:13+00:00"),
        ("CallReleased", "2019-01-13T15:03:23+00:00"),
    ]


def test_openvox_inbound_ring(gateway):
    facts = gateway("yeastar-p").decode(OPENVOX_INBOUND_RING, HEARD).events
    assert [type(fact) for fact in facts] == [CallOffered, SeatRinging]
    assert (facts[0].caller, facts[1].seat) == ("13800138000", "106")


@pytest.mark.parametrize("start", ["", "2026-13-01 00:00:00", "2000-01-01 00:00:00", "2026-11-21 18:00:00"])
def test_an_impossible_start_counts_back_from_when_the_record_came(gateway, start):
    delivery = gateway("yeastar-p").decode(envelope(30012, RECORD | {"time_start": start}), HEARD)
    assert delivery.events[-1].at == HEARD
    assert delivery.events[0].at == HEARD - timedelta(seconds=24)
    assert len(delivery.repaired) == 1


@pytest.mark.parametrize("lasted", [-1, "x", 10**9, 1e300, None, True, [24]])
def test_an_impossible_duration_never_makes_a_negative_one(gateway, lasted):
    delivery = gateway("yeastar-p").decode(envelope(30012, RECORD | {"call_duration": lasted}), HEARD)
    times = [fact.at for fact in delivery.events]
    assert times == sorted(times)
    assert len(delivery.repaired) == 1


@pytest.mark.parametrize(
    "report",
    [
        {"type": 99, "msg": "{}"},
        {"type": True, "msg": "{}"},
        {"type": 10**400, "msg": "{}"},
        {"action": "x" * 1000},
        {"type": 30011, "msg": "{"},
        {"type": 30011, "msg": "[]"},
        {"type": 30011, "msg": {}},
        {"type": 30011, "msg": {"call_id": "a\x00b"}},
        {"type": 30011, "msg": {"call_id": {}}},
        {"type": 30011, "msg": {"call_id": "1.2", "members": [{}] * 500}},
        {"type": 30012, "msg": {"type": "Inbound"}},
        {"type": 30012, "msg": {"type": ["Inbound"]}},
        7,
        None,
    ],
)
def test_reports_are_judged_alone(gateway, report):
    good = json.loads(status("ALERT"))
    body = json.dumps([good, report, good])
    delivery = gateway("yeastar-p").decode(body.encode(), HEARD)
    assert [type(fact) for fact in delivery.events] == [CallOffered, CallOffered]
    assert [item.index for item in delivery.refused] == [1]


@pytest.mark.parametrize(
    "body", [b"", b"7", b'"x"', b'{"msg":"{"a":1}', b'{"msg":"{"a":}"}', b'{"msg":"' + b"{" * 9999, b"\xff\xfe{}"]
)
def test_unreadable_bodies(gateway, body):
    with pytest.raises(Undecodable):
        gateway("yeastar-p").decode(body, HEARD)
