"""Yeastar P series, and what the S series and OpenVox push in nearly the same words.

Two kinds of report matter: the state of a call's members, and the call record (话单) at its end. Facts come from
reports that show an inbound member; calls between extensions and outgoing calls say nothing about the hotline. Both
kinds carry the device's call id (`epoch.sequence`), so nothing has to be remembered between deliveries.

Member reports carry neither id nor time: `at` is when we heard them, and the event id is built from call, channel and
status. A channel rings, answers and ends once, so a repeat has the same id and another ring has another channel. Only
hold and resume may recur on one channel; their id also names the ten seconds in which they were heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from adapters.errors import Undecodable
from adapters.gateway_push.decoders.reading import (
    REASON_CHARS,
    Clock,
    Unreadable,
    first,
    json_of,
    listed,
    mapping,
    number,
    seconds,
    text_of,
    word,
)
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
    SeatReleased,
    SeatRinging,
)

CALL_STATUS = 30011
CALL_RECORD = 30012
INVITATION = 30016
"""An inbound call waiting for a decision of the application; for us it is simply a caller who rings."""
REPORTS = range(30_000, 31_000)
HOLD_SECONDS = 10
MAX_MEMBERS = 200

_RINGING = {"ALERT", "RING", "RINGING", "EARLYMEDIA"}
_TALKING = {"ANSWER", "ANSWERED"}
_ACTIONS = {"ALERT", "RING", "ANSWER", "ANSWERED", "BYE", "HOLD", "INVITE", "INCOMING"}
_OTHER_ACTIONS = {"CALLFAILED", "TRANFER", "TRANSFER", "FORWARD", "DTMF", "PLAYPROMPTEND", "EXTENSIONSTATUS", "BOOTUP"}
_ID = ("call_id", "callid")


class _Member(msgspec.Struct, frozen=True, kw_only=True):
    inbound: bool
    status: str
    channel: str
    number: str | None = None
    dialled: str | None = None


class YeastarDecoder:
    """Reads Yeastar's reports; remembers nothing."""

    memory = timedelta(0)

    def __init__(self, adapter: AdapterName, clock: Clock) -> None:
        self._adapter = adapter
        self._clock = clock

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """The facts of one report, or of each report in a list."""
        delivery = Delivery(events=[], refused=[], repaired=[])
        for index, report in enumerate(listed(_document(text_of(body)))):
            try:
                self._report(report, index, heard_at, delivery)
            except Unreadable as error:
                delivery.refused.append(RefusedItem(index, str(error)))
        return delivery

    def _report(self, report: object, index: int, heard_at: datetime, delivery: Delivery) -> None:
        envelope = mapping(report)
        serial = word(envelope.get("sn"), "sn", limit=32)
        kind = _kind(envelope)
        if kind == CALL_RECORD or kind == "NEWCDR":
            facts, repair = self._record(_content(envelope), serial, heard_at)
            delivery.events.extend(facts)
            if repair:
                delivery.repaired.append(RefusedItem(index, repair))
        elif kind in (CALL_STATUS, INVITATION, "CALLSTATUS") or kind in _ACTIONS:
            delivery.events.extend(self._status(_content(envelope), serial, kind, heard_at))

    def _status(
        self, content: Mapping[str, Any], serial: str, kind: int | str, heard_at: datetime
    ) -> Iterator[DeviceEvent]:
        key = _call(content, serial)
        members = list(_members(content, kind if isinstance(kind, str) else ""))
        caller = next((member for member in members if member.inbound), None)
        if caller is None:
            return

        def origin(what: str, channel: str) -> dict[str, Any]:
            return {
                "adapter": self._adapter,
                "event_id": f"{key}:{what}:{channel}",
                "at": heard_at,
                "heard_at": heard_at,
                "call": key,
                "handling": Handling.DEVICE,
            }

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
        key = _call(content, serial)
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
        if status == "ANSWERED" and seat:
            facts.append(SeatAnswered(**origin("answered", released - timedelta(seconds=talked)), seat=seat))
        file = word(content.get("recording"), "recording", limit=250)
        if file:
            name = file.rpartition("/")[2]
            facts.append(RecordingStopped(**origin("recorded", released), name=name, seconds=talked, file=file))
        facts.append(CallReleased(**origin("released", released), by=EndedBy.UNKNOWN, cause=status.lower()))
        return facts, repair


def _document(text: str) -> object:
    try:
        document = json_of(text)
    except ValueError as error:
        try:
            document = json_of(_requoted(text))
        except ValueError:
            raise Undecodable(f"not JSON: {error}"[:REASON_CHARS]) from None
    if not isinstance(document, dict | list):
        raise Undecodable("neither an object nor a list")
    return document


def _requoted(text: str) -> str:
    """The text with `"msg":"{…}"` turned into `"msg":{…}`: the manual prints the inner quotes unescaped."""
    opening = re.search(r'"msg"\s*:\s*(")\s*[{\[]', text)
    if opening is None:
        raise ValueError("no unescaped msg")
    start = opening.end() - 1
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    closing = re.compile(r'\s*"').match(text, end)
    if closing is None:
        raise ValueError("msg is not closed")
    return text[: opening.start(1)] + text[start:end] + text[closing.end() :]


def _kind(envelope: Mapping[str, Any]) -> int | str:
    # An S-series record has a `type` too: its call's.
    kind = first(envelope, ("action", "event", "type"))
    if isinstance(kind, str) and kind.isdecimal() and len(kind) < 8:
        kind = int(kind)
    if isinstance(kind, int) and not isinstance(kind, bool) and kind in REPORTS:
        return kind
    if isinstance(kind, str):
        name = word(kind, "type", limit=32).upper()
        if name in _ACTIONS | _OTHER_ACTIONS | {"NEWCDR", "CALLSTATUS"}:
            return name
    raise Unreadable("unknown kind of report")


def _content(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    """The report proper: `msg` as an object or as JSON in a string, else the envelope itself (S series)."""
    if "msg" not in envelope:
        return envelope
    content = envelope["msg"]
    if isinstance(content, str):
        try:
            content = json_of(content)
        except ValueError:
            raise Unreadable("msg is not JSON") from None
    if not isinstance(content, dict):
        raise Unreadable("msg is not an object")
    return mapping(content)


def _call(content: Mapping[str, Any], serial: str) -> CallKey:
    call = word(first(content, _ID), "call_id", limit=48)
    if not call:
        raise Unreadable("call_id is missing")
    # The serial number keeps the calls of two devices that push to one name apart.
    return CallKey(f"{serial}-{call}" if serial else call)


def _members(content: Mapping[str, Any], action: str) -> Iterator[_Member]:
    """The call's members: a list of objects with one key each, or (S series v1, OpenVox) keys of the report itself."""
    entries = listed(first(content, ("members", "call"))) or [content]
    if len(entries) > MAX_MEMBERS:
        raise Unreadable("too many members")
    for entry in map(mapping, entries):
        if isinstance(entry.get("inbound"), dict):
            inbound = mapping(entry["inbound"])
            yield _Member(
                inbound=True,
                status=_status(inbound, action),
                channel=_channel(inbound, "inbound"),
                number=number(inbound.get("from"), "from"),
                dialled=number(inbound.get("to"), "to"),
            )
        for name in ("extension", "ext"):
            extension = mapping(entry.get(name))
            for one in listed(first(extension, ("number", "extid"))):
                if seat := number(one, name):
                    yield _Member(
                        inbound=False,
                        status=_status(extension, action),
                        channel=_channel(extension, seat),
                        number=seat,
                    )


def _status(member: Mapping[str, Any], action: str) -> str:
    status = word(first(member, ("member_status", "memberstatus")), "member_status", limit=32).upper()
    return status or ("RING" if action in ("INVITE", "INCOMING") else action)


def _channel(member: Mapping[str, Any], otherwise: str) -> str:
    named = first(member, ("channel_id", "channelid", "inboundid"))
    return word(named, "channel_id", limit=120) or otherwise


def _record_id(content: Mapping[str, Any]) -> str:
    """S-series records have no id: who was called and when tells two records of one call apart."""
    return "-".join(
        word(first(content, names), names[0])
        for names in (("time_start", "timestart"), ("call_to", "callto"), ("talk_duration", "talkduraction"))
    )
