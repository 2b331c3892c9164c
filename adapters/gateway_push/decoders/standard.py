"""Our own dialect: `{"events": [{"id", "type", "at", "call", …}]}`, each event judged alone.

The gateway promises two things that no receiver could make up: an `id` that is the same in every repeat of an event,
and a `call` that it never uses twice, not after a restart either.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Literal, assert_never

import msgspec
from msgspec import Meta

from adapters.errors import Undecodable
from adapters.reading import (
    MAX_SECONDS,
    REASON_CHARS,
    Clock,
    Unreadable,
    json_of,
    number,
    printable,
    text_of,
)
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    Delivery,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    PortFault,
    PortRestored,
    RecordingStopped,
    RefusedItem,
    SeatAnswered,
    SeatDeclined,
    SeatRinging,
)

MAX_EVENTS = 1000

_CLEAN = r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z"
_Id = Annotated[str, Meta(min_length=1, max_length=128, pattern=_CLEAN)]
_Call = Annotated[str, Meta(min_length=1, max_length=96, pattern=_CLEAN)]
_Word = Annotated[str, Meta(max_length=64, pattern=_CLEAN)]
_Seat = Annotated[str, Meta(min_length=1, max_length=32, pattern=_CLEAN)]
_Text = Annotated[str, Meta(max_length=200, pattern=_CLEAN)]
_Place = Annotated[str, Meta(min_length=1, max_length=1000, pattern=_CLEAN)]
_Digits = Annotated[str, Meta(pattern=r"^[0-9*#A-D]{1,64}\Z")]
_Port = Annotated[int, Meta(ge=0, le=99_999)]
_Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS)]


class _Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    id: _Id
    at: _Word
    port: _Port | None = None


class _CallEvent(_Event, frozen=True, kw_only=True):
    call: _Call


class _Offered(_CallEvent, frozen=True, kw_only=True, tag="call.offered"):
    caller: _Word | None = None
    dialled: _Word | None = None


class _Identified(_CallEvent, frozen=True, kw_only=True, tag="call.identified"):
    caller: Annotated[str, Meta(min_length=1, max_length=64, pattern=_CLEAN)]


class _Pressed(_CallEvent, frozen=True, kw_only=True, tag="call.digits"):
    digits: _Digits


class _Ringing(_CallEvent, frozen=True, kw_only=True, tag="seat.ringing"):
    seat: _Seat


class _Answered(_CallEvent, frozen=True, kw_only=True, tag="seat.answered"):
    seat: _Seat


class _Declined(_CallEvent, frozen=True, kw_only=True, tag="seat.declined"):
    seat: _Seat
    reason: _Word = ""


class _Held(_CallEvent, frozen=True, kw_only=True, tag="call.held"):
    pass


class _Resumed(_CallEvent, frozen=True, kw_only=True, tag="call.resumed"):
    pass


class _Released(_CallEvent, frozen=True, kw_only=True, tag="call.released"):
    by: Literal["caller", "seat", "network", "us"]
    cause: _Word = ""


class _Recorded(_CallEvent, frozen=True, kw_only=True, tag="recording.ready"):
    url: _Place | None = None
    file: _Place | None = None
    seconds: _Seconds | None = None


class _Fault(_Event, frozen=True, kw_only=True, tag="port.fault"):
    detail: _Text = ""


class _Restored(_Event, frozen=True, kw_only=True, tag="port.restored"):
    detail: _Text = ""


_AnyEvent = (
    _Offered
    | _Identified
    | _Pressed
    | _Ringing
    | _Answered
    | _Declined
    | _Held
    | _Resumed
    | _Released
    | _Recorded
    | _Fault
    | _Restored
)


class StandardDecoder:
    """Reads our own dialect; remembers nothing."""

    memory = timedelta(0)

    def __init__(self, adapter: AdapterName, clock: Clock) -> None:
        self._adapter = adapter
        self._clock = clock

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Facts of the readable events in the order sent, and the refused ones with their place and reason."""
        delivery = Delivery(events=[], refused=[], repaired=[])
        for index, item in enumerate(_items(body)):
            try:
                event = msgspec.convert(item, type=_AnyEvent)
                at, repair = self._clock.read(event.at, heard_at)
                fact = self._fact(event, at, heard_at)
            except (msgspec.ValidationError, Unreadable, UnicodeEncodeError) as error:
                delivery.refused.append(RefusedItem(index, printable(str(error))))
                continue
            delivery.events.append(fact)
            if repair:
                delivery.repaired.append(RefusedItem(index, repair))
        return delivery

    def _fact(self, event: _AnyEvent, at: datetime, heard_at: datetime) -> DeviceEvent:
        origin = {
            "adapter": self._adapter,
            "event_id": event.id,
            "at": at,
            "heard_at": heard_at,
            "port": event.port,
        }
        if isinstance(event, _Fault):
            return PortFault(**origin, detail=event.detail)
        if isinstance(event, _Restored):
            return PortRestored(**origin, detail=event.detail)
        origin |= {"call": CallKey(event.call), "handling": Handling.DEVICE}
        match event:
            case _Offered():
                return CallOffered(
                    **origin, caller=number(event.caller, "caller"), dialled=number(event.dialled, "dialled")
                )
            case _Identified():
                caller = number(event.caller, "caller")
                if caller is None:
                    raise Unreadable("caller is empty - at `$.caller`")
                return CallerIdentified(**origin, caller=caller)
            case _Pressed():
                return DigitsPressed(**origin, digits=event.digits)
            case _Ringing():
                return SeatRinging(**origin, seat=event.seat)
            case _Answered():
                return SeatAnswered(**origin, seat=event.seat)
            case _Declined():
                return SeatDeclined(
                    **origin, seat=event.seat, reason=event.reason, seat_fault=event.reason == "unreachable"
                )
            case _Held():
                return LegHeld(**origin)
            case _Resumed():
                return LegResumed(**origin)
            case _Released():
                return CallReleased(**origin, by=EndedBy(event.by), cause=event.cause)
            case _Recorded():
                place = _recording(event)
                name = place.rstrip("/").rpartition("/")[2] or event.id
                return RecordingStopped(**origin, name=name, seconds=event.seconds, file=place)
            case _:
                assert_never(event)


def _items(body: bytes) -> list[object]:
    try:
        document = json_of(text_of(body))
    except ValueError as error:
        raise Undecodable(f"not JSON: {error}"[:REASON_CHARS]) from None
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list):
        raise Undecodable("not an object with a list 'events'")
    if len(events) > MAX_EVENTS:
        raise Undecodable(f"more than {MAX_EVENTS} events in one delivery")
    return events


def _recording(event: _Recorded) -> str:
    match event.url, event.file:
        case (str(url), None):
            if not url.startswith(("http://", "https://")):
                raise Unreadable("only http and https - at `$.url`")
            return url
        case (None, str(file)):
            if file.startswith("/") or "\\" in file or ".." in file.split("/"):
                raise Unreadable("must be a path below the recordings folder - at `$.file`")
            return file
        case _:
            raise Unreadable("exactly one of url and file is needed")
