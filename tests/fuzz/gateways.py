"""Gateways that push: each decoder, the mapped one with several mappings, and what is asked of the headers.

An input is one delivery, or several behind each other with the byte 1E between them: New Rock's depend on earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters import gateway_push
from adapters.errors import Misconfigured, NotAdmitted, Undecodable
from adapters.gateway_push.adapter import GatewayPush
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.mapping_file import read_mapping
from adapters.gateway_push.settings import SIGNING, Dialect, GatewaySettings
from adapters.gateway_push.simulated_call import SimulatedCall, What
from adapters.gateway_push.simulated_wire import wire
from adapters.telephony import AdapterName
from tests.adapters.gateway_push.gateway_samples import (
    NEWROCK_CONSTRUCTED,
    NEWROCK_PRINTED,
    OPENVOX_INBOUND_RING,
    S_CDR_INBOUND,
    SECRET,
    TOKEN,
    YEASTAR_PRINTED,
)
from tests.adapters.gateway_push.mapped_samples import event, pushed
from tests.adapters.gateway_push.unsigned_samples import (
    DINSTAR_CDR_IN,
    DINSTAR_PRINTED,
    OPENVOX_PRINTED,
    YEASTAR_S_PRINTED,
)
from tests.fuzz.scratch import written
from tests.fuzz.target import Execute, Target, delivered, reason

HEARD: Final = datetime(2026, 11, 21, 2, 13, 5, tzinfo=UTC)
NEXT: Final = b"\x1e"
"""Between two deliveries of one input."""
MOST_DELIVERIES: Final = 8
MAPPINGS: Final = Path(gateway_push.__file__).parent / "mappings"
MOST_BYTES: Final = 256 * 1024
"""A delivery that is longer is refused before it is read, unless the settings say otherwise."""

_STANDARD: Final = [
    {"id": "1", "type": "call.offered", "at": "2026-11-21T02:13:05Z", "call": "c", "caller": "13800138000"},
    {"id": "2", "type": "seat.ringing", "at": "2026-11-21T02:13:05Z", "call": "c", "seat": "8001", "port": 3},
    {"id": "3", "type": "recording.ready", "at": "2026-11-21T02:13:05Z", "call": "c", "url": "a/b.wav", "seconds": 3},
    {"id": "4", "type": "call.released", "at": "2026-11-21T02:13:05Z", "call": "c", "by": "caller"},
]
_SAMPLES: Final[dict[str, list[bytes]]] = {
    "standard": [json.dumps({"events": _STANDARD}).encode()],
    "newrock-om": [*NEWROCK_PRINTED.values(), *NEWROCK_CONSTRUCTED.values()],
    "yeastar-p": [*YEASTAR_PRINTED.values(), S_CDR_INBOUND, OPENVOX_INBOUND_RING],
    "yeastar-s": [*YEASTAR_S_PRINTED.values(), S_CDR_INBOUND],
    "openvox": [*OPENVOX_PRINTED.values(), OPENVOX_INBOUND_RING],
    "dinstar": [*DINSTAR_PRINTED.values(), DINSTAR_CDR_IN],
    "mapped-json": [
        pushed(event("RING"), event("KEY", key="1#")),
        pushed(event("CDR", file="a", cdr={"begin": "2026-11-21 10:12:00", "talk": 42})),
        pushed({"event": "HOLD", "call": {"id": "c"}}, {"event": "RECORDED", "call": {"id": "c"}, "file": "x"}),
    ],
    "mapped-xml": [
        b'<Notify sn="B2"><Event type="ALERT"><Call id="4711" leg="1"/><From>013800138000</From><To>12348</To>'
        b"<Ext>SIP/8001</Ext></Event></Notify>",
        b'<Notify sn="B2"><Cdr direction="incoming"><Call id="4711"/><Begin>2026/11/21 10:12:00</Begin>'
        b"<Ring>4</Ring><Total>50</Total><Talk>0:00:42</Talk><Ext>FXS/8001</Ext></Cdr></Notify>",
        b'<Notify sn="B2"><Line no="3" state="down">no loop</Line></Notify>',
    ],
    "mapped-form": [
        b"action=bill&callid=42&type=in&caller=13800138000&agent=8001&talktime=93&endtime=1763690400&result=0",
        b"action=agent_ring&callid=42&agent=8001&ts=1763690400",
    ],
    "mapped-lines": [b"action=agent_ring\ncallid=42\nagent=8001\n\naction=incoming\ncallid=42\nts=1763690400\n"],
}


def targets() -> list[Target]:
    """One a dialect and example mapping, and what stands beside them."""
    return [
        *(_target(name) for name in _SAMPLES),
        Target(
            name="gateway-headers",
            build=_admission,
            seeds=_headers,
            errors=(NotAdmitted,),
            code=("adapters/gateway_push/admission",),
            words=(b"webhook-signature: v1,", b"authorization: Basic ", b"x-hotline-token: ", b"/?token=", b"::1"),
        ),
        Target(
            name="mapping-file",
            build=_mapping_file,
            seeds=lambda: [each.read_bytes() for each in sorted(MAPPINGS.glob("*.toml"))],
            errors=(Misconfigured,),
            code=("adapters/gateway_push/mapping",),
            longest=8192,
            share=0.1,
        ),
    ]


def _target(name: str) -> Target:
    decoder = name.partition("-")[0]
    return Target(
        name=name,
        build=partial(_decoding, name),
        seeds=partial(_seeds, name),
        errors=(Undecodable,),
        code=(
            *(f"adapters/gateway_push/decoders/{each}" for each in (decoder, "call_record", "markup")),
            *(["adapters/gateway_push/decoders/yeastar"] if decoder == "openvox" else []),
            "adapters/reading",
        ),
        most=MOST_BYTES,
    )


def _decoding(name: str) -> Execute:
    gateway = _gateway(name)

    def execute(data: bytes) -> set[Hashable]:
        if gateway.memory:
            gateway.recall(())
        if NEXT not in data:
            return delivered(gateway, gateway.decode(data, HEARD))
        marks = set[Hashable]()
        for count, body in enumerate(data.split(NEXT, MOST_DELIVERIES)):
            try:
                marks |= delivered(gateway, gateway.decode(body, HEARD + timedelta(seconds=7 * count)))
            except Undecodable as error:
                marks.add(reason(str(error)))
        return marks

    return execute


def _gateway(name: str) -> GatewayPush:
    decoder, _, form = name.partition("-")
    dialect = Dialect.MAPPED if decoder == "mapped" else Dialect(name)
    keys: dict[str, Any] = {"secrets" if dialect in SIGNING else "tokens": ["env:X"], "dialect": dialect}
    mapping = None
    if dialect is Dialect.MAPPED:
        keys["mapping"] = "x.toml"
        mapping = read_mapping(MAPPINGS / f"{form.replace('lines', 'form')}-example.toml")
        mapping = mapping.model_copy(update={"format": form})
    return GatewayPush(AdapterName("fuzz"), GatewaySettings.model_validate(keys), Admission(dialect=dialect), mapping)


def _seeds(name: str) -> list[bytes]:
    """The samples of the tests, and a call as the simulator says it, event by event and as a whole."""
    if name.startswith("mapped") and name != "mapped-json":
        return _SAMPLES[name]
    dialect = Dialect.MAPPED if name == "mapped-json" else Dialect(name)
    speaks = wire(dialect, secret=SECRET, token=TOKEN, zone="Asia/Shanghai")
    call = SimulatedCall(
        number=1,
        key="c-1",
        caller="13800138000",
        dialled="12348",
        seat="8001",
        by="caller",
        offered=HEARD - timedelta(seconds=60),
        seat_rang=HEARD - timedelta(seconds=55),
        answered=HEARD - timedelta(seconds=50),
        released=HEARD - timedelta(seconds=9),
    )
    said = [
        message.body
        for count, what in enumerate(What)
        for message in speaks.messages(what, call, HEARD - timedelta(seconds=60 - 5 * count), count)
    ]
    pulled = [b'{"skew_seconds":-7,"pulled":%b}' % each for each in _SAMPLES[name][:2]]
    return [*_SAMPLES[name], *pulled, *said, NEXT.join(said[:3]), NEXT.join(said[-3:])]


def _admission() -> Execute:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    asked = [
        Admission.of(
            dialect,
            secrets=[SECRET] if dialect is Dialect.STANDARD else ["k" * 32] if dialect in SIGNING else [],
            tokens=[TOKEN],
            networks=[],
        )
        for dialect in (Dialect.STANDARD, Dialect.YEASTAR_P, Dialect.DINSTAR)
    ]

    def execute(data: bytes) -> set[Hashable]:
        head, _, body = data.partition(b"\n\n")
        headers = dict[str, str]()
        for line in head.split(b"\n"):
            name, colon, value = line.decode("latin-1").partition(":" if line[:1] != b":" else ": ")
            if colon:
                headers[name.strip().lower()] = value.strip()
        marks = set[Hashable]()
        for each in asked:
            try:
                each.check(headers, body, now)
            except NotAdmitted as error:
                marks.add(str(error))
        return marks

    return execute


def _headers() -> list[bytes]:
    return [
        b"webhook-id: 1\nwebhook-timestamp: 1763683200\nwebhook-signature: v1,AAAA\n\n{}",
        b"x-signature: 00ff\n:peer: 10.0.0.1\n\n{}",
        b"authorization: Basic dXNlcjpwYXNz\n:path: /x?token=abc\n\n",
        b"authorization: Bearer " + TOKEN.encode() + b"\n:peer: ::1\n\n",
        b"x-hotline-token: " + TOKEN.encode() + b"\n\nbody",
    ]


def _mapping_file() -> Execute:
    bodies = [samples[0] for samples in _SAMPLES.values()]

    def execute(data: bytes) -> set[Hashable]:
        mapping = read_mapping(written(data, ".toml"))
        chosen = GatewaySettings.model_validate({"dialect": "mapped", "tokens": ["env:X"], "mapping": "x.toml"})
        gateway = GatewayPush(AdapterName("fuzz"), chosen, Admission(dialect=Dialect.MAPPED), mapping)
        marks = set[Hashable]()
        for body in bodies:
            try:
                marks |= delivered(gateway, gateway.decode(body, HEARD))
            except Undecodable as error:
                marks.add(reason(str(error)))
        return marks

    return execute
