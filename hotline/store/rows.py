"""What do a call, a seat and a fact look like as rows, and back?

Rows go to the database as JSON (`json_populate_recordset`), so bytes are written as `\\x` and hex digits. A number
never leaves this module in the open: it goes out sealed, masked and indexed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from adapters.telephony import AdapterName, CallKey, DeviceEvent, EndedBy, Handling, OfferId
from hotline.calls import numbers
from hotline.calls.call import Call, CallId, CallState, Direction, Stage
from hotline.calls.outcome import Outcome
from hotline.calls.party import Party
from hotline.calls.segments import Segment
from hotline.region import region as region_of
from hotline.store.seal import Seal, place
from seats.seat import NextState, Seat, SeatNo, SeatState

T = TypeVar("T")

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
CALLERS_AT_HAND: Final = 4096
LARGEST_PORT: Final = 2**31 - 1
"""What the column holds; a device that names a larger one must not stop the hall."""


class CallRow(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A row of `calls`; what is left out is NULL."""

    id: str
    hall: str
    adapter: str
    key: str
    handling: str
    state: str
    seq: int
    port: int | None = None
    caller_sealed: str | None = None
    caller_index: str | None = None
    caller_masked: str
    region: str
    dialled: str | None = None
    offered_at: datetime
    day: date
    off_hook: bool
    prompt: str | None = None
    wrong_keys: int
    menu_until: datetime | None = None
    topic: str | None = None
    queue: str | None = None
    queued_at: datetime | None = None
    priority: int
    groups: tuple[str, ...]
    widened: int
    widen_at: datetime | None = None
    give_up_at: datetime | None = None
    offers: int
    offer: str | None = None
    seat: str | None = None
    ring_until: datetime | None = None
    passed: tuple[str, ...]
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    answered_seat: str | None = None
    operator: str | None = None
    music: bool
    recording: str | None = None
    leaving: str | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    ended_by: str | None = None
    cause: str
    inferred: bool
    backfilled: bool
    ticket: str
    direction: str
    purpose: str
    callback: int | None = None
    their_id: str
    parties: tuple[Party, ...] | None = None
    muted: bool
    place_at: datetime | None = None
    wanted: str | None = None
    wanted_until: datetime | None = None
    retry_at: datetime | None = None
    take_back: str | None = None
    rating: str | None = None
    message: str | None = None
    recordings: int
    stage: str
    playing: tuple[str, ...] | None = None
    language: str
    menu_path: tuple[str, ...] | None = None
    announce_at: datetime | None = None
    spill_at: datetime | None = None
    spills: int
    kept_place: bool
    segments: tuple[Segment, ...] | None = None


class SeatRow(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A row of `seats`; what is left out is NULL."""

    hall: str
    number: str
    extension: str
    groups: tuple[str, ...]
    state: str
    since: datetime
    reason: str
    actor: str
    operator: str | None = None
    work_number: str
    operator_name: str
    phone_kind: str
    mobile_sealed: str | None = None
    call: str | None = None
    offer: str | None = None
    part: str
    misses: int
    next_state: NextState | None = None
    before_missing: str | None = None
    here: bool
    wrap_until: datetime | None = None
    idle_since: datetime | None = None
    taken: int
    break_asked: str


class RawRow(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A row of `raw_events`, without its id."""

    adapter: str
    event_id: str
    heard_at: datetime
    at: datetime
    type: str
    call_key: str | None = None
    fact_sealed: str | None = None
    state: str
    reason: str


class Caller(msgspec.Struct, frozen=True, gc=False):
    """A caller's number as the database has it."""

    sealed: str | None
    index: str | None
    masked: str
    region: str


NOBODY: Final = Caller(None, None, "", "")
FACTS: Final = msgspec.json.Decoder(DeviceEvent)
_encode = msgspec.json.Encoder().encode


class Rows:
    """Makes rows of values and values of rows, with the hall's keys."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._callers: dict[tuple[str, str], Caller] = {}

    def caller(self, call: Call) -> Caller:
        """The call's number, sealed once and kept at hand while the call goes on."""
        number = call.caller
        if number is None:
            return NOBODY
        known = self._callers.get((call.id, number))
        if known is None:
            known = Caller(
                _hex(self._seal.seal(number, place("calls", "caller_sealed", call.id))),
                _hex(self._seal.index(number)),
                clean(numbers.mask(number)),
                region(number),
            )
            if len(self._callers) >= CALLERS_AT_HAND:
                del self._callers[next(iter(self._callers))]
            self._callers[call.id, number] = known
        return known

    def call_row(self, call: Call) -> CallRow:
        """The row of a call."""
        caller = self.caller(call)
        return CallRow(
            id=call.id,
            hall=call.hall,
            adapter=call.adapter,
            key=call.key,
            handling=call.handling,
            state=call.state,
            seq=call.seq,
            port=call.port if call.port is None or abs(call.port) <= LARGEST_PORT else None,
            caller_sealed=caller.sealed,
            caller_index=caller.index,
            caller_masked=caller.masked,
            region=caller.region,
            dialled=call.dialled,
            offered_at=call.offered_at,
            day=day_of(call.offered_at),
            off_hook=call.off_hook,
            prompt=call.prompt,
            wrong_keys=call.wrong_keys,
            menu_until=call.menu_until,
            topic=call.topic,
            queue=call.queue,
            queued_at=call.queued_at,
            priority=call.priority,
            groups=call.groups,
            widened=call.widened,
            widen_at=call.widen_at,
            give_up_at=call.give_up_at,
            offers=call.offers,
            offer=call.offer,
            seat=call.seat,
            ring_until=call.ring_until,
            passed=call.passed,
            rung_at=call.rung_at,
            answered_at=call.answered_at,
            answered_seat=call.answered_seat,
            operator=call.operator,
            music=call.music,
            recording=call.recording,
            leaving=call.leaving,
            ended_at=call.ended_at,
            outcome=call.outcome,
            ended_by=call.ended_by,
            cause=call.cause,
            inferred=call.inferred,
            backfilled=call.backfilled,
            ticket=call.ticket,
            direction=call.direction,
            purpose=call.purpose,
            callback=call.callback,
            their_id=call.their_id,
            parties=call.parties or None,
            muted=call.muted,
            place_at=call.place_at,
            wanted=call.wanted,
            wanted_until=call.wanted_until,
            retry_at=call.retry_at,
            take_back=call.take_back,
            rating=call.rating,
            message=call.message,
            recordings=call.recordings,
            stage=call.stage,
            playing=call.playing or None,
            language=call.language,
            menu_path=call.menu_path or None,
            announce_at=call.announce_at,
            spill_at=call.spill_at,
            spills=call.spills,
            kept_place=call.kept_place,
            segments=call.segments or None,
        )

    def call(self, row: asyncpg.Record) -> Call:
        """The call of a row. Raises SealBroken when the keys are not those it was written with."""
        sealed = row["caller_sealed"]
        return Call(
            id=CallId(row["id"]),
            hall=row["hall"],
            adapter=AdapterName(row["adapter"]),
            key=CallKey(row["key"]),
            handling=Handling(row["handling"]),
            state=CallState(row["state"]),
            seq=row["seq"],
            port=row["port"],
            caller=None if sealed is None else self._seal.open(sealed, place("calls", "caller_sealed", row["id"])),
            dialled=row["dialled"],
            offered_at=row["offered_at"],
            off_hook=row["off_hook"],
            prompt=row["prompt"],
            wrong_keys=row["wrong_keys"],
            menu_until=row["menu_until"],
            topic=row["topic"],
            queue=row["queue"],
            queued_at=row["queued_at"],
            priority=row["priority"],
            groups=tuple(row["groups"]),
            widened=row["widened"],
            widen_at=row["widen_at"],
            give_up_at=row["give_up_at"],
            offers=row["offers"],
            offer=_or_none(OfferId, row["offer"]),
            seat=row["seat"],
            ring_until=row["ring_until"],
            passed=tuple(row["passed"]),
            rung_at=row["rung_at"],
            answered_at=row["answered_at"],
            answered_seat=row["answered_seat"],
            operator=row["operator"],
            music=row["music"],
            recording=row["recording"],
            leaving=_or_none(Outcome, row["leaving"]),
            ended_at=row["ended_at"],
            outcome=_or_none(Outcome, row["outcome"]),
            ended_by=_or_none(EndedBy, row["ended_by"]),
            cause=row["cause"],
            inferred=row["inferred"],
            backfilled=row["backfilled"],
            ticket=row["ticket"],
            direction=Direction(row["direction"]),
            purpose=row["purpose"],
            callback=row["callback"],
            their_id=row["their_id"],
            parties=_decoded(row["parties"], tuple[Party, ...]),
            muted=row["muted"],
            place_at=row["place_at"],
            wanted=row["wanted"],
            wanted_until=row["wanted_until"],
            retry_at=row["retry_at"],
            take_back=row["take_back"],
            rating=row["rating"],
            message=row["message"],
            recordings=row["recordings"],
            stage=Stage(row["stage"]),
            playing=tuple(row["playing"] or ()),
            language=row["language"],
            menu_path=tuple(row["menu_path"] or ()),
            announce_at=row["announce_at"],
            spill_at=row["spill_at"],
            spills=row["spills"],
            kept_place=row["kept_place"],
            segments=_decoded(row["segments"], tuple[Segment, ...]),
        )

    def seat_row(self, hall: str, seat: Seat) -> SeatRow:
        """The row of a seat."""
        sealed = self._seal.seal(seat.mobile, _seat_place(hall, seat.number)) if seat.mobile else None
        return SeatRow(
            hall=hall,
            number=seat.number,
            extension=seat.extension,
            groups=seat.groups,
            state=seat.state,
            since=seat.since,
            reason=seat.reason,
            actor=seat.actor,
            operator=seat.operator,
            work_number=seat.work_number,
            operator_name=seat.operator_name,
            phone_kind=seat.phone_kind,
            mobile_sealed=None if sealed is None else _hex(sealed),
            call=seat.call,
            offer=seat.offer,
            part=seat.part,
            misses=seat.misses,
            next_state=seat.next_state,
            before_missing=seat.before_missing,
            here=seat.here,
            wrap_until=seat.wrap_until,
            idle_since=seat.idle_since,
            taken=seat.taken,
            break_asked=seat.break_asked,
        )

    def seat(self, row: asyncpg.Record) -> Seat:
        """The seat of a row. Raises SealBroken when the keys are not those it was written with."""
        chosen, sealed = row["next_state"], row["mobile_sealed"]
        return Seat(
            number=SeatNo(row["number"]),
            extension=row["extension"],
            groups=tuple(row["groups"]),
            state=SeatState(row["state"]),
            since=row["since"],
            reason=row["reason"],
            actor=row["actor"],
            operator=row["operator"],
            work_number=row["work_number"],
            operator_name=row["operator_name"],
            phone_kind=row["phone_kind"],
            mobile="" if sealed is None else self._seal.open(sealed, _seat_place(row["hall"], row["number"])),
            call=row["call"],
            offer=row["offer"],
            part=row["part"],
            misses=row["misses"],
            next_state=None if chosen is None else msgspec.json.decode(chosen, type=NextState),
            before_missing=_or_none(SeatState, row["before_missing"]),
            here=row["here"],
            wrap_until=row["wrap_until"],
            idle_since=row["idle_since"],
            taken=row["taken"],
            break_asked=row["break_asked"],
        )

    def raw_row(self, hall: str, fact: DeviceEvent, state: str, reason: str = "") -> RawRow:
        """The row of a fact that came over a live link."""
        return RawRow(
            adapter=fact.adapter,
            event_id=fact.event_id,
            heard_at=fact.heard_at,
            at=fact.at,
            type=type(fact).__name__,
            call_key=getattr(fact, "call", None),
            fact_sealed=_hex(self.sealed_fact(hall, fact)),
            state=state,
            reason=reason,
        )

    def sealed_fact(self, hall: str, fact: DeviceEvent) -> bytes:
        """The decoded fact as sealed JSON."""
        return self._seal.seal_bytes(encode(fact), raw_place("fact_sealed", hall, fact.adapter, fact.event_id))

    def fact(self, hall: str, row: asyncpg.Record) -> DeviceEvent:
        """The fact of a `raw_events` row."""
        sealed_for = raw_place("fact_sealed", hall, row["adapter"], row["event_id"])
        return FACTS.decode(self._seal.open_bytes(row["fact_sealed"], sealed_for))


def _seat_place(hall: str, number: str) -> bytes:
    return place("seats", "mobile_sealed", f"{hall}/{number}")


def raw_place(column: str, hall: str, adapter: str, event_id: str) -> bytes:
    """Where a raw event's sealed values belong."""
    return place("raw_events", column, f"{hall}/{clean(adapter)}/{clean(event_id)}")


def day_of(instant: datetime) -> date:
    """The day in Asia/Shanghai."""
    return instant.astimezone(SHANGHAI).date()


def region(number: str) -> str:
    """归属地. The tables tell mobile numbers apart by seven digits: those and the length are looked up once."""
    if len(number) == 11 and number.startswith("1"):
        return _region(number[:7] + "0000")
    return _region(number)


def encode(value: object) -> bytes:
    """JSON of the value as PostgreSQL takes it: without NUL and lone surrogates, which become U+FFFD."""
    try:
        encoded = _encode(value)
    except UnicodeEncodeError:
        return _encode(_cleaned(msgspec.to_builtins(value)))
    # The escape may also be an escaped backslash before `u0000`; then cleaning changes nothing.
    return _encode(_cleaned(msgspec.json.decode(encoded))) if b"\\u0000" in encoded else encoded


def clean(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL cannot store."""
    if text.isprintable():
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "surrogatepass").decode("utf-8", "replace")


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case list() | tuple():
            return [_cleaned(item) for item in value]
        case dict():
            return {clean(name): _cleaned(item) for name, item in value.items()}
        case _:
            return value


_region = lru_cache(maxsize=16384)(region_of)


def _decoded(text: str | None, kind: type[tuple[T, ...]]) -> tuple[T, ...]:
    return () if text is None else msgspec.json.decode(text, type=kind)


def _or_none(make: Callable[[str], T], text: str | None) -> T | None:
    return None if text is None else make(text)


def _hex(value: bytes) -> str:
    return "\\x" + value.hex()
