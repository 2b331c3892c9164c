"""Whatever arrives: a delivery, or `Undecodable`. Never another exception, never longer than a moment."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from gateway_samples import NEWROCK_CONSTRUCTED, NEWROCK_PRINTED, OPENVOX_INBOUND_RING, S_CDR_INBOUND, YEASTAR_PRINTED
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.errors import NotAdmitted, Undecodable
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.settings import Dialect, GatewaySettings
from adapters.telephony import AdapterName, Delivery, DeviceEvent

HEARD = datetime(2026, 11, 21, 2, 13, 5, tzinfo=UTC)
SLOW_SECONDS = 1.0
"""Far above the few milliseconds that 256 KiB take, far below what a quadratic pattern would."""
STANDARD = json.dumps(
    {
        "events": [
            {"id": "1", "type": "call.offered", "at": "2026-11-21T02:13:05Z", "call": "c", "caller": "13800138000"},
            {"id": "2", "type": "call.released", "at": "2026-11-21T02:13:05Z", "call": "c", "by": "caller"},
        ]
    }
).encode()
SEEDS = {
    Dialect.STANDARD: [STANDARD],
    Dialect.NEWROCK_OM: [*NEWROCK_PRINTED.values(), *NEWROCK_CONSTRUCTED.values()],
    Dialect.YEASTAR_P: [*YEASTAR_PRINTED.values(), S_CDR_INBOUND, OPENVOX_INBOUND_RING],
}
ANY_DIALECT = pytest.mark.parametrize("dialect", list(Dialect))
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])

json_values: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "events",
                    "id",
                    "type",
                    "at",
                    "call",
                    "caller",
                    "seat",
                    "port",
                    "by",
                    "sn",
                    "msg",
                    "call_id",
                    "members",
                    "inbound",
                    "extension",
                    "number",
                    "extid",
                    "ext",
                    "member_status",
                    "channel_id",
                    "action",
                    "callid",
                    "time_start",
                    "timestart",
                    "call_duration",
                    "from",
                    "to",
                    "uid",
                    "status",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)
kinds = st.sampled_from(
    [30011, 30012, 30016, "30011", "NewCdr", "RING", "ANSWER", "BYE", "CallStatus", "call.offered", "call.released"]
)


def newrock_event(kind: str, caller: str, seat: str, callid: str) -> bytes:
    visitor = f'<visitor from="{caller}" callid="{callid}"/>'
    return f'<Event attribute="{kind}"><ext id="{seat}"/>{visitor}</Event>'.encode()


def make(dialect: Dialect) -> GatewayPush:
    keys = {"secrets": ["x"]} if dialect is not Dialect.NEWROCK_OM else {"tokens": ["x"]}
    chosen = GatewaySettings.model_validate({"dialect": dialect, **keys})
    return GatewayPush(AdapterName("gw"), chosen, Admission(dialect=dialect))


def check(target: GatewayPush, body: bytes) -> Delivery | None:
    began = time.perf_counter()
    try:
        delivery = target.decode(body, HEARD)
    except Undecodable:
        delivery = None
    assert time.perf_counter() - began < SLOW_SECONDS
    if delivery is not None:
        # Everything can be stored: as JSON, as PostgreSQL text, with an aware time.
        encoded = msgspec.json.encode(delivery.events)
        assert all(item.reason.isprintable() for item in delivery.refused + delivery.repaired)
        assert msgspec.json.decode(encoded, type=list[DeviceEvent]) == delivery.events
        assert b"\\u0000" not in encoded
        assert all(fact.at.tzinfo and fact.event_id and len(fact.event_id) < 600 for fact in delivery.events)
    return delivery


@ANY_DIALECT
@MANY
@given(body=st.binary(max_size=400))
def test_arbitrary_bytes(dialect: Dialect, body: bytes):
    check(make(dialect), body)


@ANY_DIALECT
@MANY
@given(data=st.data())
def test_cut_flipped_and_spliced_samples(dialect: Dialect, data: st.DataObject):
    body = bytearray(data.draw(st.sampled_from(SEEDS[dialect])))
    for _ in range(data.draw(st.integers(0, 6))):
        place = data.draw(st.integers(0, len(body)))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "double"])):
            case "flip" if place < len(body):
                body[place] ^= data.draw(st.integers(1, 255))
            case "cut":
                del body[place : place + data.draw(st.integers(1, 40))]
            case "insert":
                body[place:place] = data.draw(
                    st.binary(max_size=8) | st.sampled_from([b"[", b'"', b"\\ud800", b"1e999"])
                )
            case _:
                body[place:place] = body[place : place + 60]
    check(make(dialect), bytes(body))


@pytest.mark.parametrize("dialect", [Dialect.STANDARD, Dialect.YEASTAR_P])
@MANY
@given(value=json_values)
def test_arbitrary_json(dialect: Dialect, value: object):
    check(make(dialect), json.dumps(value).encode())


@pytest.mark.parametrize("dialect", [Dialect.STANDARD, Dialect.YEASTAR_P])
@MANY
@given(kind=kinds, fields=st.dictionaries(st.text(max_size=3), json_values, max_size=3), inner=json_values)
def test_the_right_envelope_with_anything_in_it(dialect: Dialect, kind: object, fields: dict[str, Any], inner: Any):
    inside = inner if isinstance(inner, dict) else {"members": inner}
    report = {**fields, "type": kind, "msg": {"call_id": "1.2", "type": "Inbound", **inside}}
    event = {"id": "1", "at": "2026-11-21T02:13:05Z", "call": "c", **inside, "type": kind}
    document = {"events": [event]} if dialect is Dialect.STANDARD else report
    check(make(dialect), json.dumps(document).encode())


@MANY
@given(
    bodies=st.lists(
        st.builds(
            newrock_event,
            st.sampled_from(["RING", "ANSWER", "BYE", "IDLE", "INVITE"]),
            st.sampled_from(["", "13800138000", "13900139000"]),
            st.sampled_from(["", "201", "202"]),
            st.sampled_from(["", "1", "2"]),
        )
        | st.sampled_from(SEEDS[Dialect.NEWROCK_OM]),
        max_size=20,
    )
)
def test_new_rock_in_any_order_is_repeatable(bodies: list[bytes]):
    """The same deliveries in the same order give the same facts; a delivery heard twice gives the same ids."""
    first, second = make(Dialect.NEWROCK_OM), make(Dialect.NEWROCK_OM)
    for body in bodies:
        told = check(first, body)
        assert check(second, body) == told
        if told is not None:
            again = second.decode(body, HEARD)
            assert {fact.event_id for fact in again.events} == {fact.event_id for fact in told.events}
            first.decode(body, HEARD)


@ANY_DIALECT
@pytest.mark.parametrize(
    "body",
    [
        b"[" * 250_000,
        b'{"a":' * 40_000,
        b'{"events":[' + b"[" * 900 + b"]" * 900 + b"]}",
        b'{"msg":"' * 30_000,
        b'{"msg":"[' * 25_000,
        b'"' * 250_000,
        b"\\" * 250_000,
        b"1" * 250_000,
        b"[1e" + b"9" * 200_000 + b"]",
        b'{"type":' + b"9" * 4000 + b"}",
        b"<a>" * 80_000,
        b"<" * 250_000,
        b"&" * 250_000,
        b'<Event a="' + b"x" * 250_000,
        b"<?xml " * 40_000,
        b"<a " + b" ".join(b'a%d="1"' % number for number in range(20_000)) + b"/>",
        b"<a>" + b"<b/>" * 60_000 + b"</a>",
        b" " * 250_000,
        "\ufeff".encode() * 80_000,
        b"\x81" * 250_001,
    ],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_costly_bodies_are_cheap(dialect: Dialect, body: bytes):
    check(make(dialect), body)


@ANY_DIALECT
@MANY
@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature",
                "x-signature",
                "x-hotline-token",
                "authorization",
                ":peer",
                ":path",
            ]
        ),
        st.text(max_size=60) | st.sampled_from(["v1,", "v1,AAAA", "Basic ====", "1763690400", "/?token=", "::1"]),
    ),
    body=st.binary(max_size=50),
)
def test_arbitrary_headers_are_not_admitted(dialect: Dialect, headers: dict[str, str], body: bytes):
    admission = Admission.of(
        dialect,
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] if dialect is not Dialect.NEWROCK_OM else [],
        tokens=["0123456789abcdef"],
        networks=[],
    )
    with pytest.raises(NotAdmitted):
        admission.check(headers, body, HEARD)
