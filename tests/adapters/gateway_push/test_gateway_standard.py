from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import Undecodable
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallFact,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    PortFault,
    PortRestored,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)

HEARD = datetime(2026, 11, 20, 18, 13, 6, tzinfo=UTC)
AT = "2026-11-21T02:13:05.120+08:00"
OFFERED = {
    "id": "7f1c",
    "type": "call.offered",
    "at": AT,
    "call": "gw1-000123",
    "port": 3,
    "caller": "13800138000",
    "dialled": "12348",
}


def event(type: str, **extra: object) -> dict[str, object]:
    return {"id": "e1", "type": type, "at": AT, "call": "gw1-000123", **extra}


def decode(gateway, *events: object, body: bytes | None = None):
    return gateway().decode(json.dumps({"events": list(events)}).encode() if body is None else body, HEARD)


def test_the_example_of_the_contract(gateway):
    delivery = decode(gateway, OFFERED)
    assert delivery.refused == []
    assert delivery.repaired == []
    assert delivery.events == [
        CallOffered(
            adapter=AdapterName("gw-1"),
            event_id="7f1c",
            at=datetime(2026, 11, 20, 18, 13, 5, 120_000, tzinfo=UTC),
            heard_at=HEARD,
            port=3,
            call=CallKey("gw1-000123"),
            handling=Handling.DEVICE,
            caller="13800138000",
            dialled="12348",
        )
    ]


@pytest.mark.parametrize(
    ("sent", "kind", "fields"),
    [
        (event("call.offered"), CallOffered, {"caller": None, "dialled": None}),
        (event("call.identified", caller="0571 8888 0000"), CallerIdentified, {"caller": "057188880000"}),
        (event("call.digits", digits="12#"), DigitsPressed, {"digits": "12#"}),
        (event("seat.ringing", seat="8001"), SeatRinging, {"seat": "8001", "offer": None}),
        (event("seat.answered", seat="8001"), SeatAnswered, {"seat": "8001"}),
        (event("seat.declined", seat="8001", reason="busy"), SeatDeclined, {"reason": "busy", "seat_fault": False}),
        (event("seat.declined", seat="8001", reason="unreachable"), SeatDeclined, {"seat_fault": True}),
        (event("call.held"), LegHeld, {}),
        (event("call.resumed"), LegResumed, {}),
        (event("call.released", by="seat", cause="16"), CallReleased, {"by": EndedBy.SEAT, "cause": "16"}),
        (
            event("recording.ready", url="https://gw/rec/a.wav", seconds=12.5),
            RecordingStopped,
            {"name": "a.wav", "file": "https://gw/rec/a.wav", "seconds": 12.5},
        ),
        (event("recording.ready", file="2026/a.wav"), RecordingStopped, {"file": "2026/a.wav", "seconds": None}),
        ({"id": "p", "type": "port.fault", "at": AT, "port": 4, "detail": "no loop"}, PortFault, {"detail": "no loop"}),
        ({"id": "p", "type": "port.restored", "at": AT, "port": 4}, PortRestored, {"port": 4}),
        ({**OFFERED, "firmware": "future field"}, CallOffered, {"caller": "13800138000"}),
    ],
)
def test_every_type_becomes_its_fact(gateway, sent, kind, fields):
    (fact,) = decode(gateway, sent).events
    assert type(fact) is kind
    assert {name: getattr(fact, name) for name in fields} == fields
    if isinstance(fact, CallFact):
        assert (fact.call, fact.handling, fact.backfilled) == ("gw1-000123", Handling.DEVICE, False)


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        "call.offered",
        [],
        {},
        event("call.exploded"),
        event("\ud800\x00"),
        {**OFFERED, "\ud800": 1},
        {key: value for key, value in OFFERED.items() if key != "id"},
        {key: value for key, value in OFFERED.items() if key != "at"},
        {key: value for key, value in OFFERED.items() if key != "call"},
        {**OFFERED, "id": ""},
        {**OFFERED, "id": "x" * 129},
        {**OFFERED, "call": "a\x00b"},
        {**OFFERED, "call": "line\n"},
        {**OFFERED, "call": "\ud800"},
        {**OFFERED, "call": 12},
        {**OFFERED, "port": "3"},
        {**OFFERED, "port": -1},
        {**OFFERED, "port": 10**30},
        {**OFFERED, "caller": {"number": "1"}},
        event("call.digits", digits="12x"),
        event("call.identified", caller="  "),
        event("seat.answered"),
        event("call.released", by="nobody"),
        event("call.released"),
        event("recording.ready"),
        event("recording.ready", url="file:///etc/passwd"),
        event("recording.ready", file="../../etc/passwd"),
        event("recording.ready", file="/etc/passwd"),
        event("recording.ready", file="a", url="http://a/b"),
        event("recording.ready", file="a", seconds=-1),
    ],
)
def test_each_event_is_judged_alone(gateway, bad):
    delivery = decode(gateway, OFFERED, bad, {**OFFERED, "id": "after"})
    assert [fact.event_id for fact in delivery.events] == ["7f1c", "after"]
    assert [item.index for item in delivery.refused] == [1]
    assert delivery.refused[0].reason.encode().isascii()
    assert delivery.refused[0].reason.isprintable()
    assert "13800138000" not in delivery.refused[0].reason


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"null",
        b"[]",
        b"{}",
        b'{"events": {}}',
        b'{"events": [',
        b'{"events": [NaN]}',
        b'{"events": [], "events": []}',
        b'{"events": [{"id":"1","id":"2"}]}',
        b'{"events": [' + b"1" * 5000 + b"]}",
        b'{"events": ' + b"[" * 50_000,
        b'{"a":' * 20_000,
        json.dumps({"events": [0] * 1001}).encode(),
        '{"events": []}'.encode("utf-16"),
        b"\xff\xff\xff",
        b"<Event/>",
    ],
)
def test_a_body_that_cannot_be_taken_apart(gateway, body):
    with pytest.raises(Undecodable):
        decode(gateway, body=body)


def test_a_longer_body_than_allowed_is_refused_here_too(gateway):
    with pytest.raises(Undecodable):
        gateway(max_body_bytes=1024).decode(b" " * 1025, HEARD)


def test_a_byte_order_mark_and_gbk_are_read(gateway):
    text = json.dumps({"events": [{"id": "p", "type": "port.fault", "at": AT, "detail": "无回路"}]}, ensure_ascii=False)
    for body in (b"\xef\xbb\xbf" + text.encode(), text.encode("gbk")):
        (fact,) = decode(gateway, body=body).events
        assert fact.detail == "无回路"


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-20T18:13:05Z", "2026-11-20T18:13:05+00:00"),
        ("2026-11-21 02:13:05", "2026-11-20T18:13:05+00:00"),
        ("2026-11-20T18:15:06Z", "2026-11-20T18:15:06+00:00"),
        ("2026-10-22T00:00:00+08:00", "2026-10-21T16:00:00+00:00"),
    ],
)
def test_times_with_and_without_a_zone(gateway, at, expected):
    delivery = decode(gateway, {**OFFERED, "at": at})
    assert delivery.events[0].at == datetime.fromisoformat(expected)
    assert delivery.repaired == []


@pytest.mark.parametrize(
    "at",
    [
        "",
        "yesterday",
        "2026-02-30T00:00:00Z",
        "2026-11-21T25:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-12:00",
        "1970-01-01T08:00:00+08:00",
        "2026-11-21T02:13:05Z",
        "2026-11-20T18:15:07Z",
        "1763662385",
    ],
)
def test_an_impossible_time_is_replaced_by_ours_and_noted(gateway, at):
    delivery = decode(gateway, {**OFFERED, "at": at})
    assert delivery.events[0].at == HEARD
    assert [item.index for item in delivery.repaired] == [0]
    assert delivery.refused == []


def test_a_repeat_has_the_same_id_whenever_it_comes(gateway):
    target, body = gateway(), json.dumps({"events": [OFFERED]}).encode()
    first = target.decode(body, HEARD)
    assert target.decode(body, HEARD) == first
    later = target.decode(body, HEARD + timedelta(hours=5))
    assert later.events[0].event_id == first.events[0].event_id
    assert later.events[0].at == first.events[0].at
