"""Any gateway, as its mapping file (映射文件) describes it; remembers nothing.

Where the gateway gives its events no id, one is made of the call, the fact, the seat and the leg, and the time as the
device wrote it: a repeat has the same. Without a time, what may happen again on the same leg (hold, keys, port faults)
is named by the ten seconds in which it was heard; a seat then rings once in a call. The first ring, the late number and
the end happen once, so their time is left out: some gateways stamp every attempt anew.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from adapters.gateway_push.decoders.call_record import CallRecord, facts_of, recording_place
from adapters.gateway_push.decoders.mapped_body import Part, parts_of
from adapters.gateway_push.decoders.mapped_fields import Seen
from adapters.gateway_push.mapping import GatewayMapping, Live, Record, Rule, Say
from adapters.gateway_push.mapping_parts import as_text
from adapters.reading import Clock, Unreadable, text_of
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
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

AGAIN_SECONDS = 10

_ONCE: Final = {Say.OFFERED, Say.IDENTIFIED, Say.RELEASED}
_AGAIN: Final = {Say.HELD, Say.RESUMED, Say.DIGITS, Say.FAULT, Say.RESTORED}
_DIGITS = re.compile(r"[0-9*#A-D]{1,64}")


class MappedDecoder:
    """Reads what a mapping describes."""

    memory = timedelta(0)

    def __init__(self, adapter: AdapterName, clock: Clock, mapping: GatewayMapping) -> None:
        self._adapter = adapter
        self._clock = clock
        self._mapping = mapping

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Each event judged alone, by the first rule whose conditions it fulfils."""
        delivery = Delivery(events=[], refused=[], repaired=[])
        for index, part in enumerate(parts_of(text_of(body), self._mapping)):
            try:
                facts, repair = self._event(part, heard_at)
            except Unreadable as error:
                delivery.refused.append(RefusedItem(index, str(error)))
                continue
            delivery.events.extend(facts)
            if repair:
                delivery.repaired.append(RefusedItem(index, repair))
        return delivery

    def _event(self, part: Part, heard_at: datetime) -> tuple[list[DeviceEvent], str]:
        seen = Seen(part, self._mapping, self._clock, heard_at)
        rule = next((rule for rule in self._mapping.events if seen.fulfils(rule.when)), None)
        if rule is None:
            seen_in_it = seen.judged_by(self._mapping.events)
            raise Unreadable(
                f"no rule of the mapping fits: {seen_in_it}" if seen_in_it else "no rule of the mapping fits"
            )
        facts: list[DeviceEvent] = []
        repairs: list[str] = []
        missing = ""
        for said in rule.say:
            try:
                told, repair = self._record(rule, seen) if said is Say.RECORD else self._live(said, rule, seen)
            except _Missing as error:
                missing = missing or str(error)
                continue
            facts += told
            repairs += [repair] if repair else []
        if missing and not facts:
            raise Unreadable(missing)
        return facts, next(iter(repairs), "")

    def _live(self, said: Live, rule: Rule, seen: Seen) -> tuple[list[DeviceEvent], str]:
        seat = seen.phone("seat") if said in (Say.RINGING, Say.ANSWERED, Say.DECLINED) else None
        if seat is None and said in (Say.RINGING, Say.ANSWERED, Say.DECLINED) and self._mapping.fields.seat is not None:
            raise _Missing("seat is missing")
        port, wrong_port = seen.port()
        if said in (Say.FAULT, Say.RESTORED):
            if port is None:
                raise _Missing(wrong_port or "port is missing")
            owner, call = f"{seen.text('device', limit=32) or 'port'}-{port}", {}
        else:
            key = seen.key()
            owner, call = key, {"call": key, "handling": Handling.DEVICE}
        at, wrong_time = seen.at()
        origin: dict[str, Any] = {
            "adapter": self._adapter,
            "event_id": self._id(owner, said, seat, seen),
            "at": at,
            "heard_at": seen.heard_at,
            "port": port,
            **call,
        }
        return [self._fact(said, rule, seen, seat, origin)], wrong_time or wrong_port

    def _fact(self, said: Live, rule: Rule, seen: Seen, seat: str | None, origin: dict[str, Any]) -> DeviceEvent:
        match said:
            case Say.OFFERED:
                return CallOffered(**origin, caller=seen.phone("caller"), dialled=seen.phone("dialled"))
            case Say.IDENTIFIED:
                caller = seen.phone("caller")
                if caller is None:
                    raise _Missing("caller is missing")
                return CallerIdentified(**origin, caller=caller)
            case Say.DIGITS:
                return DigitsPressed(**origin, digits=_digits(seen))
            case Say.RINGING:
                return SeatRinging(**origin, seat=seat)
            case Say.ANSWERED:
                return SeatAnswered(**origin, seat=seat)
            case Say.DECLINED:
                reason = rule.reason if rule.reason is not None else seen.text("reason")
                return SeatDeclined(**origin, seat=seat, reason=reason, seat_fault=reason == "unreachable")
            case Say.HELD:
                return LegHeld(**origin)
            case Say.RESUMED:
                return LegResumed(**origin)
            case Say.RELEASED:
                return CallReleased(**origin, by=_by(rule), cause=seen.text("cause"))
            case Say.RECORDING:
                place = recording_place(seen.recording())
                if not place:
                    raise _Missing("recording is missing")
                name = place.rstrip("/").rpartition("/")[2]
                seconds = seen.duration(self._mapping.fields.seconds)
                return RecordingStopped(**origin, name=name, seconds=seconds, file=place)
            case Say.FAULT:
                return PortFault(**origin, detail=seen.text("detail", limit=200))
            case Say.RESTORED:
                return PortRestored(**origin, detail=seen.text("detail", limit=200))
            case _:
                assert_never(said)

    def _id(self, owner: str, said: Live, seat: str | None, seen: Seen) -> str:
        if given := seen.text("id", limit=128):
            return f"{owner}:{given}:{said.value}"
        if said in _ONCE:
            return f"{owner}:{said.value}"
        marks = [owner, said.value, seat or "", seen.text("occurrence")]
        if said is Say.DIGITS:
            marks.append(_digits(seen))
        if said is Say.RECORDING:
            marks.append(hashlib.sha256(seen.recording().encode()).hexdigest()[:12])
        if stamp := seen.stamp():
            marks.append(stamp)
        elif said in _AGAIN and not seen.text("occurrence"):
            marks.append(str(int(seen.heard_at.timestamp()) // AGAIN_SECONDS))
        return ":".join(marks)

    def _record(self, rule: Rule, seen: Seen) -> tuple[list[DeviceEvent], str]:
        told = self._mapping.record or Record()
        start, wrong_start = seen.time(told.start)
        answer, wrong_answer = seen.time(told.answer)
        end, wrong_end = seen.time(told.end)
        total, talked = seen.duration(told.total_seconds), seen.duration(told.talk_seconds)
        if talked == 0:
            answer = None
        end = end or _after(start, total) or _after(answer, talked) or seen.heard_at
        start = start or answer or end - timedelta(seconds=total or talked or 0)
        if answer is None and talked:
            answer = end - timedelta(seconds=talked)
        seat = seen.phone("seat")
        if seat is None and self._mapping.fields.seat is not None:
            # Connected, but to no seat: an announcement or a mailbox took the call.
            answer = None
        try:
            recording, wrong_place = recording_place(seen.recording()), ""
        except Unreadable as error:
            recording, wrong_place = "", str(error)
        port, wrong_port = seen.port()
        record = CallRecord(
            key=seen.key(),
            mark=seen.text("id", limit=128) or _mark(seat, seen, told),
            start=start,
            answer=answer,
            end=end,
            caller=seen.phone("caller"),
            dialled=seen.phone("dialled"),
            seat=seat,
            port=port,
            recording=recording,
            by=_by(rule),
            cause=seen.text("cause"),
        )
        wrong = wrong_start or wrong_answer or wrong_end or wrong_place or wrong_port
        return facts_of(record, self._adapter, seen.heard_at), wrong


class _Missing(Unreadable):
    """A fact cannot be made because its field is not there; other facts of the same event still can."""


def _mark(seat: str | None, seen: Seen, told: Record) -> str:
    """Tells the records of one call apart: by the seat and by every time in it, as the device wrote them."""
    places = (told.start, told.answer, told.end, told.total_seconds, told.talk_seconds)
    written = "|".join([seat or "", *(as_text(seen.value(place)) for place in places)])
    return hashlib.sha256(written.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _digits(seen: Seen) -> str:
    digits = seen.text("digits")
    if not digits:
        raise _Missing("digits is missing")
    if not _DIGITS.fullmatch(digits):
        raise Unreadable("digits are not keys of a telephone")
    return digits


def _after(at: datetime | None, seconds: int | None) -> datetime | None:
    return at + timedelta(seconds=seconds) if at is not None and seconds is not None else None


def _by(rule: Rule) -> EndedBy:
    return EndedBy(rule.by) if rule.by is not None else EndedBy.UNKNOWN
