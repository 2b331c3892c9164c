"""Whatever arrives: a delivery, or `Undecodable`. Never another exception, never longer than a moment."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from gateway_samples import (
    MAPPINGS,
    NEWROCK_CONSTRUCTED,
    NEWROCK_PRINTED,
    OPENVOX_INBOUND_RING,
    S_CDR_INBOUND,
    YEASTAR_PRINTED,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unsigned_samples import DINSTAR_CDR_IN, DINSTAR_PRINTED, OPENVOX_PRINTED, YEASTAR_S_PRINTED

from adapters.errors import Misconfigured, NotAdmitted, Undecodable
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.mapping_file import read_mapping
from adapters.gateway_push.settings import SIGNING, Dialect, GatewaySettings
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
MAPPED = {
    "json": json.dumps(
        {
            "sn": "A100",
            "list": [
                {"event": "RING", "dir": "in", "eid": 1, "call": {"id": "c", "from": "+8613800138000", "ext": "8001"}},
                {"event": "KEY", "time": 1763690400000, "line": 3, "key": "1#", "call": {"id": "c"}},
                {"event": "CDR", "call": {"id": "c"}, "file": "a", "cdr": {"begin": "2026-11-21 10:12:00"}},
            ],
        }
    ).encode(),
    "xml": b'<Notify sn="B2"><Event type="ALERT"><Call id="4711" leg="1"/><From>013800138000</From><To>12348</To>'
    b'<Ext>SIP/8001</Ext></Event><Cdr direction="incoming"><Begin>2026/11/21 10:12:00</Begin><Talk>42</Talk></Cdr>'
    b'<Line no="3" state="down">no loop</Line></Notify>',
    "form": b"action=bill&callid=42&type=in&caller=13800138000&agent=8001&talktime=93&endtime=1763690400&result=0",
    "lines": b"action=agent_ring\ncallid=42\nagent=8001\n\naction=incoming\ncallid=42\nts=1763690400\n",
}
SEEDS = {
    Dialect.STANDARD: [STANDARD],
    Dialect.NEWROCK_OM: [*NEWROCK_PRINTED.values(), *NEWROCK_CONSTRUCTED.values()],
    Dialect.YEASTAR_P: [*YEASTAR_PRINTED.values(), S_CDR_INBOUND, OPENVOX_INBOUND_RING],
    Dialect.YEASTAR_S: [*YEASTAR_S_PRINTED.values()],
    Dialect.OPENVOX: [*OPENVOX_PRINTED.values()],
    Dialect.DINSTAR: [*DINSTAR_PRINTED.values(), DINSTAR_CDR_IN],
    Dialect.MAPPED: [MAPPED["json"]],
}
ANY_DIALECT = pytest.mark.parametrize("dialect", list(Dialect))
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(MANY, max_examples=100)

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
    [
        *(30011, 30012, 30015, 30016, "30011", "NewCdr", "RING", "ANSWER", "BYE", "CallStatus", "CallFailed"),
        *("call.offered", "call.released"),
        *("KEY", "CDR", "HOLD", "RECORDED"),  # of the JSON example
    ]
)


def newrock_event(kind: str, caller: str, seat: str, callid: str) -> bytes:
    visitor = f'<visitor from="{caller}" callid="{callid}"/>'
    return f'<Event attribute="{kind}"><ext id="{seat}"/>{visitor}</Event>'.encode()


def make(dialect: Dialect, written: str = "json") -> GatewayPush:
    keys: dict[str, Any] = {"secrets" if dialect in SIGNING else "tokens": ["x"]}
    mapping = None
    if dialect is Dialect.MAPPED:
        keys["mapping"] = "x.toml"
        mapping = read_mapping(MAPPINGS / f"{written.replace('lines', 'form')}-example.toml")
        mapping = mapping.model_copy(update={"format": written})
    chosen = GatewaySettings.model_validate({"dialect": dialect, **keys})
    return GatewayPush(AdapterName("gw"), chosen, Admission(dialect=dialect), mapping)


def check(target: GatewayPush, body: bytes) -> Delivery | None:
    delivery, taken = None, list[float]()
    while not taken or (taken[-1] >= SLOW_SECONDS and len(taken) < 4):  # a busy machine is not blamed on the decoder
        began = time.thread_time()
        try:
            delivery = target.decode(body, HEARD)
        except Undecodable:
            delivery = None
        taken.append(time.thread_time() - began)
    assert min(taken) < SLOW_SECONDS
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


def spoilt(sample: bytes, data: st.DataObject) -> bytes:
    body = bytearray(sample)
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
    return bytes(body)


@ANY_DIALECT
@MANY
@given(data=st.data())
def test_cut_flipped_and_spliced_samples(dialect: Dialect, data: st.DataObject):
    check(make(dialect), spoilt(data.draw(st.sampled_from(SEEDS[dialect])), data))


@pytest.mark.parametrize("written", ["xml", "form", "lines"])
@FEW
@given(data=st.data())
def test_cut_flipped_and_spliced_samples_of_the_other_mappings(written: str, data: st.DataObject):
    target = make(Dialect.MAPPED, written)
    assert check(target, MAPPED[written])
    check(target, spoilt(MAPPED[written], data))


@pytest.mark.parametrize("written", ["json", "xml", "form"])
@FEW
@given(data=st.data())
def test_a_spoilt_mapping_is_refused_or_works(tmp_path_factory: pytest.TempPathFactory, written: str, data: Any):
    file = tmp_path_factory.getbasetemp() / f"{written}.toml"
    file.write_bytes(spoilt((MAPPINGS / f"{written}-example.toml").read_bytes(), data))
    try:
        mapping = read_mapping(file)
    except Misconfigured:
        return
    chosen = GatewaySettings.model_validate({"dialect": "mapped", "tokens": ["x"], "mapping": file})
    target = GatewayPush(AdapterName("gw"), chosen, Admission(dialect=Dialect.MAPPED), mapping)
    for body in MAPPED.values():
        check(target, body)


SIGNED_JSON = pytest.mark.parametrize("dialect", [Dialect.STANDARD, Dialect.YEASTAR_P])
UNSIGNED_JSON = pytest.mark.parametrize(
    "dialect", [Dialect.YEASTAR_S, Dialect.OPENVOX, Dialect.DINSTAR, Dialect.MAPPED]
)
any_envelope = given(
    kind=kinds, fields=st.dictionaries(st.text(max_size=3), json_values, max_size=3), inner=json_values
)


@SIGNED_JSON
@MANY
@given(value=json_values)
def test_arbitrary_json(dialect: Dialect, value: object):
    check(make(dialect), json.dumps(value).encode())


@UNSIGNED_JSON
@FEW
@given(value=json_values)
def test_arbitrary_json_from_gateways_that_cannot_sign(dialect: Dialect, value: object):
    check(make(dialect), json.dumps(value).encode())


@SIGNED_JSON
@MANY
@any_envelope
def test_the_right_envelope_with_anything_in_it(dialect: Dialect, kind: object, fields: dict[str, Any], inner: Any):
    check(make(dialect), enveloped(dialect, kind, fields, inner))


@UNSIGNED_JSON
@FEW
@any_envelope
def test_the_right_envelope_of_gateways_that_cannot_sign(dialect: Dialect, kind: object, fields: Any, inner: Any):
    check(make(dialect), enveloped(dialect, kind, fields, inner))


def enveloped(dialect: Dialect, kind: object, fields: dict[str, Any], inner: Any) -> bytes:
    inside = inner if isinstance(inner, dict) else {"members": inner}
    report = {**fields, "type": kind, "msg": {"call_id": "1.2", "type": "Inbound", **inside}}
    event = {"id": "1", "at": "2026-11-21T02:13:05Z", "call": "c", **inside, "type": kind}
    documents: dict[Dialect, object] = {
        Dialect.STANDARD: {"events": [event]},
        Dialect.DINSTAR: {"sn": "x", "cdr": [{"direction": "gsm->ip", "port": 1, **inside}], "exception_info": inner},
        Dialect.MAPPED: {"list": [{"call": inner, **inside, "event": kind}, {"call": {"id": "c"}, **inside}]},
    }
    return json.dumps(documents.get(dialect, report)).encode()


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


COSTLY = [
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
    b'{"ext":0,' + b'"ext":1,' * 25_000 + b'"a":0}',
    b'{"list":[' + b",".join([b'{"event":"KEY","call":{"id":"c"}}'] * 1000) + b"]}",
    b'{"cdr":[' + b",".join([b'{"direction":"gsm->ip","port":1}'] * 1000) + b"]}",
    b"a=1&" * 60_000,
    b"a=1\n" * 60_000,
    b"\n \n" * 80_000,
    b"\n" + b" " * 250_000,
]
COSTLY_BODIES = pytest.mark.parametrize("body", COSTLY, ids=lambda body: body[:12].decode("latin-1"))


@ANY_DIALECT
@COSTLY_BODIES
def test_costly_bodies_are_cheap(dialect: Dialect, body: bytes):
    check(make(dialect), body)


@pytest.mark.parametrize("written", ["xml", "form", "lines"])
@COSTLY_BODIES
def test_costly_bodies_are_cheap_for_the_other_mappings(written: str, body: bytes):
    check(make(Dialect.MAPPED, written), body)


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
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] if dialect in SIGNING else [],
        tokens=["0123456789abcdef"],
        networks=[],
    )
    with pytest.raises(NotAdmitted):
        admission.check(headers, body, HEARD)
