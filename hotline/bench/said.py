"""What do devices say? Calls in the bytes of every dialect, as its simulator has them: the other end of the wires that
are measured, and the only file here that knows concrete adapters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters import gateway_push
from adapters.cti_serial import simulated_bytes, simulated_calls
from adapters.freeswitch import simulated_calls as freeswitch
from adapters.gateway_push.dialects import Dialect
from adapters.gateway_push.settings import SIGNING
from adapters.gateway_push.simulated_call import SimulatedCall, What
from adapters.gateway_push.simulated_wire import wire

Said = tuple[bytes, datetime]
"""Bytes, and when they come."""

ZONE: Final = ZoneInfo("Asia/Shanghai")
WIRES: Final[Sequence[str]] = sorted(simulated_calls.SCRIPTS)
GATEWAYS: Final[Sequence[str]] = [each.value for each in Dialect]
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN: Final = "0123456789abcdef-token"
BETWEEN: Final = timedelta(minutes=2)
"""From one call of a line to the next."""
_COURSE: Final = (What.OFFERED, What.RINGING, What.ANSWERED, What.RELEASED)


def line_calls(dialect: str, calls: int, began: datetime) -> list[Said]:
    """What a box or a PBX says of so many answered calls, one after the other on one line."""
    told = list[Said]()
    for number in range(calls):
        at = began + number * BETWEEN
        # A device's own clock has no zone.
        own = at.astimezone(ZONE).replace(tzinfo=None)
        call = simulated_calls.Ringing(
            line=1, number=f"138{number:08d}", seat="8001", began=own, answered=11.0, over=60.0
        )
        script = sorted(simulated_calls.SCRIPTS[dialect](call), key=lambda each: each[0])
        told += [(data, at + timedelta(seconds=seconds)) for seconds, data in script]
    return told


def freeswitch_calls(calls: int, began: datetime) -> list[Said]:
    """What FreeSWITCH says of calls of every kind, in turn."""
    kinds, told = list(freeswitch.SCRIPTS), list[Said]()
    for number in range(calls):
        at = began + number * BETWEEN
        call = freeswitch.Ringing(
            uuid=f"503d2093-45f8-4156-bed5-{number:012x}",
            number=f"138{number:08d}",
            kind=kinds[number % len(kinds)],
            seat="8001",
            second="8002",
            began=round(at.timestamp() * 1_000_000),
            rings=3.0,
            answered=8.0,
            over=60.0,
        )
        script = freeswitch.SCRIPTS[call.kind](call)
        told += [(freeswitch.message(event), at + timedelta(seconds=seconds)) for seconds, event in script]
    return told


def gateway_table(dialect: str) -> dict[str, Any]:
    """Settings of such a gateway; `env:SECRET` and `env:TOKEN` are `SECRET` and `TOKEN`."""
    table: dict[str, Any] = {"kind": "gateway-push", "dialect": dialect, "max_age_days": 3650}
    if Dialect(dialect) in SIGNING:
        return {**table, "secrets": ["env:SECRET"]}
    if dialect == Dialect.MAPPED:
        table["mapping"] = str(Path(gateway_push.__file__).parent / "mappings" / "json-example.toml")
    return {**table, "tokens": ["env:TOKEN"]}


def gateway_calls(dialect: str, calls: int, began: datetime) -> list[Said]:
    """Deliveries about so many answered calls."""
    speaks = wire(Dialect(dialect), secret=SECRET, token=TOKEN, zone=ZONE.key)
    told = list[Said]()
    for number in range(calls):
        at = began + number * BETWEEN
        call = SimulatedCall(
            number=number,
            key=f"c-{number}",
            caller=f"138{number:08d}",
            dialled="12348",
            offered=at,
            seat="8001",
            seat_rang=at,
            answered=at + timedelta(seconds=8),
            released=at + timedelta(seconds=60),
            by="caller",
        )
        for count, what in enumerate(_COURSE):
            when = at + timedelta(seconds=20 * count)
            told += [(message.body, when) for message in speaks.messages(what, call, when, count)]
    return told


def ncid_ring(number: str, line: int, at: datetime) -> bytes:
    """One frame of NCID: that caller rings."""
    return simulated_bytes.ncid_call(number, at=at, line=str(line))


def ncid_over(number: str, line: int, at: datetime) -> bytes:
    """One frame of NCID: nobody has answered him."""
    return simulated_bytes.ncid_over(number, at=at, line=str(line), answered=False)
