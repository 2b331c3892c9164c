"""Yeastar (星纵) P and S series, and OpenVox, which push the same things under other names.

Two kinds of report matter: the state of a call's members, and the call record (话单) at its end. Facts come from
reports that show an inbound member; calls between extensions and outgoing calls say nothing about the hotline. Both
kinds carry the device's call id (`epoch.sequence`), so nothing has to be remembered between deliveries.

Member reports carry neither id nor time: `at` is when we heard them, and the event id is built from call, channel and
status. A channel rings, answers and ends once, so a repeat has the same id and another ring has another channel. Only
hold and resume may recur on one channel; their id also names the ten seconds in which they were heard.

OpenVox differs in one thing: its `callid` is the id of whichever channel the report comes from (the manual's RING has
another one than the caller's leg). The one id that live reports and record share is the caller's leg's, `inboundid`,
which the record calls `callid`. Its two reports of the end name either leg, so the end is left to the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.gateway_push.decoders.call_record import facts_of
from adapters.gateway_push.decoders.yeastar_list import LISTED, record_of
from adapters.gateway_push.decoders.yeastar_report import (
    CALL_ACTIONS,
    NO_CHANNEL,
    Member,
    content_of,
    document,
    failure_of,
    kind_of,
    members_of,
)
from adapters.reading import Clock, Unreadable, first, listed, mapping, number, seconds, text_of, word
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallKey,
    CallOffered,
    CallReleased,
    Delivery,
    DeviceEvent,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    RecordingStopped,
    RefusedItem,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
)

CALL_STATUS = 30011
CALL_RECORD = 30012
CALL_FAILED = 30015
INVITATION = 30016
"""An inbound call waiting for a decision of the application; for us it is simply a caller who rings."""
HOLD_SECONDS = 10

_RINGING = {"ALERT", "RING", "RINGING", "EARLYMEDIA"}
_TALKING = {"ANSWER", "ANSWERED"}


class YeastarDecoder:
    """Reads Yeastar's reports, or OpenVox'; remembers nothing."""

    memory = timedelta(0)

    def __init__(
        self,
        adapter: AdapterName,
        clock: Clock,
        *,
        openvox: bool = False,
        zone: str = "Asia/Shanghai",
        not_seats: Iterable[str] = (),
    ) -> None:
        """`not_seats`: numbers that no person answers, whatever a record says."""
        self._adapter = adapter
        self._clock = clock
        self._openvox = openvox
        self._zone = ZoneInfo(zone)
        self._not_seats = frozenset(not_seats)

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """The facts of one report, or of each report in a list."""
        delivery = Delivery(events=[], refused=[], repaired=[])
        for index, report in enumerate(listed(document(text_of(body)))):
            try:
                self._report(report, index, heard_at, delivery)
            except Unreadable as error:
                delivery.refused.append(RefusedItem(index, str(error)))
        return delivery

    def _report(self, report: object, index: int, heard_at: datetime, delivery: Delivery) -> None:
        envelope = mapping(report)
        serial = word(envelope.get("sn"), "sn", limit=32)
        if envelope.get("type") == LISTED:
            self._listed(listed(envelope.get("data")), serial, index, heard_at, delivery)
            return
        kind = kind_of(envelope)
        if kind in (CALL_RECORD, "NEWCDR"):
            facts, repair = self._record(content_of(envelope), serial, heard_at)
            delivery.events.extend(facts)
            if repair:
                delivery.repaired.append(RefusedItem(index, repair))
        elif kind == "BYE" and self._openvox:
            pass
        elif kind in (CALL_STATUS, CALL_FAILED, INVITATION, "CALLSTATUS", "CALLFAILED") or kind in CALL_ACTIONS:
            content = content_of(envelope)
            members = list(members_of(content, kind if isinstance(kind, str) else ""))
            caller = next((member for member in members if member.inbound), None)
            key = self._key(content, serial, caller)
            if caller is None:
                return
            if kind in (CALL_FAILED, "CALLFAILED"):
                delivery.events.extend(self._declined(key, members, failure_of(content), heard_at))
            else:
                delivery.events.extend(self._status(key, members, caller, heard_at))

    def _listed(self, lines: list[object], serial: str, index: int, heard_at: datetime, delivery: Delivery) -> None:
        """A call as it was found in the device's own list."""
        record, repair = record_of(lines, serial, self._clock, self._zone, heard_at, self._not_seats)
        if record is not None:
            delivery.events.extend(facts_of(record, self._adapter, heard_at))
        if repair:
            delivery.repaired.append(RefusedItem(index, repair))

    def _key(self, content: Mapping[str, Any], serial: str, caller: Member | None) -> CallKey:
        call = word(first(content, ("call_id", "callid")), "call_id", limit=48)
        if self._openvox and caller is not None and caller.channel != NO_CHANNEL:
            call = caller.channel
        if not call:
            raise Unreadable("call_id is missing")
        # The serial number keeps the calls of two devices that push to one name apart.
        return CallKey(f"{serial}-{call}" if serial else call)

    def _origin(self, key: CallKey, what: str, channel: str, heard_at: datetime) -> dict[str, Any]:
        return {
            "adapter": self._adapter,
            "event_id": f"{key}:{what}:{channel}",
            "at": heard_at,
            "heard_at": heard_at,
            "call": key,
            "handling": Handling.DEVICE,
        }

    def _declined(
        self, key: CallKey, members: list[Member], reason: str | None, heard_at: datetime
    ) -> Iterator[DeviceEvent]:
        for member in members:
            if reason is not None and not member.inbound:
                origin = self._origin(key, "declines", member.channel, heard_at)
                yield SeatDeclined(**origin, seat=member.number, reason=reason, seat_fault=reason == "unreachable")

    def _status(self, key: CallKey, members: list[Member], caller: Member, heard_at: datetime) -> Iterator[DeviceEvent]:
        def origin(what: str, channel: str) -> dict[str, Any]:
            return self._origin(key, what, channel, heard_at)

        over = all(member.status == "BYE" for member in members)
        if caller.status in _RINGING:
            yield CallOffered(**origin("offered", caller.channel), caller=caller.number, dialled=caller.dialled)
        elif caller.status in _TALKING:
            yield CallAnswered(**origin("off_hook", caller.channel))
        for member in members:
            if member.inbound:
                continue
            if member.status in _RINGING:
                yield SeatRinging(**origin("rings", member.channel), seat=member.number)
            elif member.status in _TALKING:
                yield SeatAnswered(**origin("answers", member.channel), seat=member.number)
            elif member.status == "BYE" and not over:
                yield SeatReleased(**origin("leaves", member.channel), seat=member.number)
        window = str(int(heard_at.timestamp()) // HOLD_SECONDS)
        statuses = {member.status for member in members}
        if "HOLD" in statuses:
            yield LegHeld(**origin("hold", window))
        elif len(members) > 1 and statuses <= _TALKING:
            yield LegResumed(**origin("resume", window))
        if caller.status == "BYE" or over:
            # BYE marks who hung up; where both legs carry it nobody can tell.
            by = EndedBy.UNKNOWN if over and len(members) > 1 else EndedBy.CALLER
            yield CallReleased(**origin("over", caller.channel), by=by)

    def _record(self, content: Mapping[str, Any], serial: str, heard_at: datetime) -> tuple[list[DeviceEvent], str]:
        if word(content.get("type"), "type").lower() != "inbound":
            return [], ""
        key = self._key(content, serial, None)
        record = word(content.get("uid"), "uid") or _record_id(content)
        lasted = seconds(first(content, ("call_duration", "callduration", "callduraction")))
        talked = seconds(first(content, ("talk_duration", "talkduration", "talkduraction")))
        start = word(first(content, ("time_start", "timestart")), "time_start")
        offered, repair = self._clock.read(start, heard_at)
        if lasted is None:
            lasted, repair = talked or 0, repair or "impossible duration"
        if repair and offered == heard_at:
            # The record comes when the call is over.
            offered = heard_at - timedelta(seconds=lasted)
        talked = min(talked or 0, lasted)
        released = offered + timedelta(seconds=lasted)

        def origin(what: str, at: datetime) -> dict[str, Any]:
            return {
                "adapter": self._adapter,
                "event_id": f"{key}:record:{record}:{what}",
                "at": at,
                "heard_at": heard_at,
                "call": key,
                "handling": Handling.DEVICE,
                "backfilled": True,
            }

        status = word(content.get("status"), "status").upper()
        seat = number(first(content, ("call_to", "callto")), "call_to")
        dialled = number(first(content, ("did_number", "didnumber")), "did_number") or seat
        caller = number(first(content, ("call_from", "callfrom")), "call_from")
        facts: list[DeviceEvent] = [CallOffered(**origin("offered", offered), caller=caller, dialled=dialled)]
        if status == "ANSWERED" and seat and seat not in self._not_seats:
            facts.append(SeatAnswered(**origin("answered", released - timedelta(seconds=talked)), seat=seat))
        file = word(content.get("recording"), "recording", limit=250)
        if file:
            name = file.rpartition("/")[2]
            facts.append(RecordingStopped(**origin("recorded", released), name=name, seconds=talked, file=file))
        facts.append(CallReleased(**origin("released", released), by=EndedBy.UNKNOWN, cause=status.lower()))
        return facts, repair


def _record_id(content: Mapping[str, Any]) -> str:
    """S-series records have no id: who was called and when tells two records of one call apart."""
    return "-".join(
        word(first(content, names), names[0])
        for names in (("time_start", "timestart"), ("call_to", "callto"), ("talk_duration", "talkduraction"))
    )
