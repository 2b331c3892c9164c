"""New Rock (迅时) OM and MX: one XML report per delivery, an `Event` while the call lives or a `Cdr` when it is over.

Only calls that come from outside matter: they show a `visitor`, or are a record of type IN (or OU by route OP, the
outside leg of the same call). Live reports have no time, so `at` is when we heard them; the records bring the device's
times afterwards. Which reports belong together is `newrock_calls`' question.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.etree.ElementTree import Element

from adapters.gateway_push.decoders.markup import root_of
from adapters.gateway_push.decoders.newrock_calls import MEMORY, SKEW, CallBook, SeatLeg, Trace
from adapters.reading import Clock, Unreadable, number, seconds, text_of, word
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    Delivery,
    DeviceEvent,
    Handling,
    RecordingStopped,
    RefusedItem,
    SeatAnswered,
    SeatReleased,
    SeatRinging,
)

_RINGS = {"RING", "INVITE", "INCOMING"}
_WITHOUT_FACT = {
    *("BUSY", "ALERT", "ANSWERED", "ONLINE", "OFFLINE", "BOOTUP", "CONFIG_CHANGE"),
    *("DTMF", "ENDOFANN", "FAILED", "QUEUE", "TRANSIENT", "ROBOT", "ASR", "HOLD", "UNHOLD"),
}


class NewRockDecoder:
    """Reads New Rock's reports. The same deliveries in the same order give the same facts."""

    memory = MEMORY

    def __init__(self, adapter: AdapterName, clock: Clock, *, extension_digits: int) -> None:
        self._adapter = adapter
        self._clock = clock
        self._extension_digits = extension_digits
        self._book = CallBook()

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """The facts of one report; a report that has nothing to do with a caller has none."""
        root = root_of(text_of(body))
        delivery = Delivery(events=[], refused=[], repaired=[])
        try:
            match root.tag:
                case "Event":
                    delivery.events.extend(self._event(root, heard_at))
                case "Cdr":
                    facts, repair = self._record(root, heard_at)
                    delivery.events.extend(facts)
                    if repair:
                        delivery.repaired.append(RefusedItem(0, repair))
                case _:
                    raise Unreadable("neither Event nor Cdr")
        except Unreadable as error:
            delivery.refused.append(RefusedItem(0, str(error)))
        return delivery

    def _event(self, root: Element, heard_at: datetime) -> Iterator[DeviceEvent]:
        kind = word(root.get("attribute"), "attribute", limit=32).upper()
        visitor, ext = root.find("visitor"), root.find("ext")
        seat = _attribute(ext, "id") or ""
        if kind == "IDLE":
            yield from self._idle(seat, heard_at)
            return
        if kind in _WITHOUT_FACT or (kind in _RINGS | {"ANSWER", "BYE"} and visitor is None):
            return
        if kind not in _RINGS | {"ANSWER", "BYE"}:
            raise Unreadable("unknown event")
        callid, caller = _attribute(visitor, "callid") or "", _attribute(visitor, "from") or ""
        find = self._book.rung if kind in _RINGS else self._book.told
        trace = find(callid=callid, caller=caller, seat=seat, at=heard_at)
        if trace is None:
            if kind == "BYE":
                # The end of a call nobody heard of: its record will tell the whole of it.
                return
            trace = self._book.open(_key(heard_at, callid or seat), heard_at)
        elif caller and not trace.caller:
            trace.late_number = True
        self._book.note(trace, heard_at, callid=callid, caller=caller, seat=seat)
        trace.rang = trace.rang or kind in _RINGS
        yield from self._live(kind, trace, seat, _attribute(visitor, "to"), heard_at)

    def _live(
        self, kind: str, trace: Trace, seat: str, dialled: str | None, heard_at: datetime
    ) -> Iterator[DeviceEvent]:
        """The facts of a live report about a known caller; a repeat gives the same ones with the same ids."""

        def origin(what: str, at: datetime = heard_at) -> dict[str, Any]:
            return self._origin(trace, f"{trace.key}:{what}", at, heard_at)

        if kind in _RINGS or not trace.rang:
            caller = None if trace.late_number else trace.caller or None
            yield CallOffered(**origin("offered", trace.since), caller=caller, dialled=dialled)
        if trace.late_number:
            yield CallerIdentified(**origin("number"), caller=trace.caller)
        if kind in _RINGS and seat:
            yield SeatRinging(**origin(f"rings:{seat}:{trace.ring(seat)}"), seat=seat)
        elif kind == "ANSWER" and seat:
            trace.answer(seat)
            yield SeatAnswered(**origin(f"answers:{seat}:{trace.rings[seat]}"), seat=seat)
        elif kind == "BYE":
            trace.released_at = trace.released_at or heard_at
            yield CallReleased(**origin("over"), cause="BYE")

    def _idle(self, seat: str, heard_at: datetime) -> Iterator[DeviceEvent]:
        """An extension hung up: its leg is gone; whether the caller is gone too, BYE or the record will tell."""
        trace = self._book.at_seat(seat) if seat else None
        if trace is None or seat not in trace.seats:
            return
        ring = trace.idle(seat, heard_at)
        if any(leg is SeatLeg.TALKING for leg in trace.seats.values()):
            # Another extension has the call: of a ring group, or after a transfer.
            return
        origin = self._origin(trace, f"{trace.key}:leaves:{seat}:{ring}", heard_at, heard_at)
        yield SeatReleased(**origin, seat=seat)

    def _record(self, root: Element, heard_at: datetime) -> tuple[list[DeviceEvent], str]:
        caller, called = _child(root, "CPN"), _child(root, "CDPN")
        if not self._from_outside(root, caller):
            return [], ""
        # Everything is read before anything is remembered: a refused record must leave no trace.
        record = word(root.get("id"), "id")
        callid = word(root.findtext("callid"), "callid")
        inner = word(root.findtext("Type"), "Type").upper() == "IN"
        dialled = _dialled(root, caller)
        recording = word(root.findtext("Recording"), "Recording", limit=250)
        if not record:
            raise Unreadable("the record has no id")
        start, end, talked, repair = self._times(root, heard_at)

        trace = self._book.recorded(
            callid=callid, caller=caller or "", seat=called or "", start=start, end=end, heard_at=heard_at
        )
        if trace is None:
            trace = self._book.open(f"record-{end:%Y%m%dT%H%M%S}-{record}", min(start, heard_at))
        self._book.note(trace, heard_at, callid=callid, caller=caller or "")
        trace.ended = trace.ended or end
        trace.released_at = trace.released_at or min(end, heard_at)
        ahead = trace.ended - trace.released_at
        if abs(ahead) > SKEW >= heard_at - trace.released_at:
            # We heard the end just now and the record names another time for it.
            start, end, repair = start - ahead, end - ahead, repair or "the device's clock is off"

        def origin(what: str, at: datetime) -> dict[str, Any]:
            return self._origin(trace, f"record:{record}:{what}", at, heard_at) | {"backfilled": True}

        facts: list[DeviceEvent] = [CallOffered(**origin("offered", start), caller=caller, dialled=dialled)]
        if called and self._is_extension(called):
            self._book.note(trace, heard_at, seat=called)
            trace.seats[called] = SeatLeg.GONE
            trace.rings.setdefault(called, 0)
            if inner:
                facts.append(SeatRinging(**origin("rings", start), seat=called))
            if talked:
                facts.append(SeatAnswered(**origin("answered", end - talked), seat=called))
        if recording:
            name, length = recording.rpartition("/")[2], talked.total_seconds()
            facts.append(RecordingStopped(**origin("recorded", end), name=name, seconds=length, file=recording))
        facts.append(CallReleased(**origin("released", end), cause="record"))
        return facts, repair

    def _times(self, root: Element, heard_at: datetime) -> tuple[datetime, datetime, timedelta, str]:
        """Start, end and talk time of a record, made consistent, and what had to be repaired."""
        start, start_wrong = self._clock.read(root.findtext("TimeStart") or "", heard_at)
        end, end_wrong = self._clock.read(root.findtext("TimeEnd") or "", heard_at)
        lasted = seconds(root.findtext("Duration"))
        repair = start_wrong or end_wrong or ("impossible duration" if lasted is None else "")
        talk = timedelta(seconds=lasted or 0)
        if start_wrong or start > end:
            start, repair = end - talk, repair or "start after end"
        return start, end, min(talk, end - start), repair

    def _from_outside(self, root: Element, caller: str | None) -> bool:
        if root.find("visitor") is not None:
            return True
        if root.find("outer") is not None:
            return False
        match word(root.findtext("Type"), "Type").upper(), word(root.findtext("Route"), "Route").upper():
            case "IN", _:
                return not (caller and self._is_extension(caller))
            case "OU", "OP":
                return not (caller and self._is_extension(caller))
            case _:
                return False

    def _is_extension(self, digits: str) -> bool:
        return len(digits) <= self._extension_digits

    def _origin(self, trace: Trace, event_id: str, at: datetime, heard_at: datetime) -> dict[str, Any]:
        return {
            "adapter": self._adapter,
            "event_id": event_id,
            "at": at,
            "heard_at": heard_at,
            "call": CallKey(trace.key),
            "handling": Handling.DEVICE,
        }


def _key(heard_at: datetime, mark: str) -> str:
    """Never used twice: by our clock to the microsecond, and what the device called it."""
    return f"{heard_at:%Y%m%dT%H%M%S.%f}-{mark or '0'}"


def _attribute(element: Element | None, name: str) -> str | None:
    return number(element.get(name), name) if element is not None else None


def _child(root: Element, name: str) -> str | None:
    return number(root.findtext(name), name)


def _dialled(root: Element, caller: str | None) -> str | None:
    """The trunk's number; in the outside leg's record that field repeats the caller's."""
    trunk = _child(root, "TrunkNumber")
    return trunk if trunk != caller else None
