"""The lines of a Yeastar call list: which of them are one call, and when, whether and by whom was it answered?

Each leg is a line: the menu, the queue, each extension that rang. A pushed record is such a line as well, so a call of
one line says the same under the same ids. P series: `cdr/search`; S series: the columns of its CSV file, whose names
are those of its NewCdr report.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from adapters.errors import Refused
from adapters.gateway_push.decoders.call_record import CallRecord, recording_place
from adapters.reading import Clock, Unreadable, first, mapping, number, seconds, word
from adapters.telephony import CallKey

LISTED: Final = "cdr/list"
"""`type` of a body that was pulled: `{"type": …, "sn": …, "data": [the lines of one call]}`."""
MAX_LEGS = 200
ONE_CALL = "list"
"""Stands for the line's own mark where several make the call."""

_CALL = ("call_id", "callid")
_START = ("timestamp", "time", "time_start", "timestart")
_LASTED = ("duration", "call_duration", "callduration", "callduraction")
_TALKED = ("talk_duration", "talkduration", "talkduraction")
_FROM = ("call_from_number", "call_from", "callfrom")
_TO = ("call_to_number", "call_to", "callto")
_DIALLED = ("did", "did_number", "didnumber")
_STATUS = ("disposition", "status")
_KIND = ("call_type", "type")
_RECORDING = ("record_file", "recording")
_NAMED = re.compile(r".*<([^<>]*)>")
"""`Name<number>`."""
_EXTENSION = re.compile(r"[0-9]{1,16}")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S")
"""Days before months and months before days cannot be told apart; the P series has Unix seconds beside them."""


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    start: datetime
    end: datetime
    talked: int
    answered: bool
    caller: str | None
    seat: str | None
    dialled: str | None
    recording: str
    status: str
    mark: str


class Lines:
    """The lines of a list as they come, page by page, each once."""

    def __init__(self, max_lines: int) -> None:
        self._max_lines = max_lines
        self._seen = set[bytes]()
        self._calls = dict[str, list[object]]()

    @property
    def count(self) -> int:
        """Lines so far."""
        return len(self._seen)

    def add(self, lines: Iterable[object]) -> int:
        """How many of these were new. Raises `Refused` when there are too many."""
        before = self.count
        for line in lines:
            written = json.dumps(line, sort_keys=True).encode()
            mark = hashlib.blake2b(written, digest_size=16).digest()
            if mark in self._seen:
                continue
            self._seen.add(mark)
            if self.count > self._max_lines:
                raise Refused(f"more than {self._max_lines} calls in one list")
            call = first(mapping(line), _CALL)
            self._calls.setdefault(str(call) if call else mark.hex(), []).append(line)
        return self.count - before

    def by_call(self) -> Iterator[list[object]]:
        """The lines of each call."""
        yield from self._calls.values()


def ended(lines: Sequence[object], zone: ZoneInfo) -> datetime | None:
    """When the last leg was over by the device's clock; None where the lines do not say: the decoder says what is
    wrong with them."""
    ends = list[datetime]()
    for line in map(mapping, lines):
        start = _start(line, zone)
        if start is None:
            return None
        ends.append(start + timedelta(seconds=seconds(first(line, _LASTED)) or 0))
    return max(ends, default=None)


def record_of(
    lines: Sequence[object], serial: str, clock: Clock, zone: ZoneInfo, heard_at: datetime, not_seats: frozenset[str]
) -> tuple[CallRecord | None, str]:
    """The call that these lines are, and what was wrong with its times; None: not a caller from outside. Raises
    `Unreadable`."""
    if len(lines) > MAX_LEGS:
        raise Unreadable("too many lines to one call")
    inbound = [line for line in map(mapping, lines) if word(first(line, _KIND), "type").lower() == "inbound"]
    if not inbound:
        return None, ""
    calls = {word(first(line, _CALL), "call_id", limit=48) for line in inbound}
    if len(calls) > 1 or "" in calls:
        raise Unreadable("call_id is missing" if "" in calls else "lines of several calls")
    (call,) = calls
    read = [_leg(line, clock, zone, heard_at, not_seats) for line in inbound]
    legs = sorted((leg for leg, _ in read), key=lambda leg: (leg.start, leg.end, leg.mark))
    spoke = max((leg for leg in legs if leg.answered), key=lambda leg: leg.start, default=None)
    told = spoke or legs[-1]
    record = CallRecord(
        key=CallKey(f"{serial}-{call}" if serial else call),
        mark=legs[0].mark if len(legs) == 1 else ONE_CALL,
        start=legs[0].start,
        answer=spoke and spoke.end - timedelta(seconds=spoke.talked),
        end=max(leg.end for leg in legs),
        caller=next((leg.caller for leg in legs if leg.caller), None),
        dialled=next((leg.dialled for leg in legs if leg.dialled), None) or legs[0].seat,
        seat=told.seat,
        recording=told.recording,
        cause=told.status.lower(),
    )
    return record, next((wrong for _, wrong in read if wrong), "")


def _leg(
    line: Mapping[str, Any], clock: Clock, zone: ZoneInfo, heard_at: datetime, not_seats: frozenset[str]
) -> tuple[Leg, str]:
    at = _start(line, zone)
    start, wrong = (heard_at, "unreadable time") if at is None else clock.place(at, heard_at)
    lasted, talked = seconds(first(line, _LASTED)), seconds(first(line, _TALKED)) or 0
    if lasted is None:
        lasted, wrong = talked, wrong or "impossible duration"
    if wrong and start == heard_at:
        start = heard_at - timedelta(seconds=lasted)
    seat = _number(line, _TO, "call_to")
    status = word(first(line, _STATUS), "status").upper()
    person = seat is not None and _EXTENSION.fullmatch(seat) is not None and seat not in not_seats
    mark = word(first(line, ("uid",)), "uid", limit=64) or _made(line)
    try:
        recording, wrong_place = recording_place(first(line, _RECORDING)), ""
    except Unreadable as error:
        recording, wrong_place = "", str(error)
    leg = Leg(
        start=start,
        end=start + timedelta(seconds=lasted),
        talked=min(talked, lasted),
        answered=status == "ANSWERED" and person,
        caller=_number(line, _FROM, "call_from"),
        seat=seat,
        dialled=_number(line, _DIALLED, "did"),
        recording=recording,
        status=status,
        mark=mark,
    )
    return leg, wrong or wrong_place


def _made(line: Mapping[str, Any]) -> str:
    """S-series lines have no id; the same as for a pushed NewCdr."""
    return "-".join(
        word(first(line, names), names[0]) for names in (("time_start", "timestart"), ("call_to", "callto"), _TALKED)
    )


def _number(line: Mapping[str, Any], names: Sequence[str], what: str) -> str | None:
    found = number(first(line, names), what)
    if found and (inner := _NAMED.fullmatch(found)):
        found = inner[1]
    return found or None


def _start(line: Mapping[str, Any], zone: ZoneInfo) -> datetime | None:
    """The line's own time: Unix seconds, or a text in one of the PBX's display formats."""
    told = first(line, _START)
    text = told.strip() if isinstance(told, str) else ""
    if re.fullmatch(r"[0-9]{9,11}", text):
        told = int(text)
    if isinstance(told, int) and not isinstance(told, bool) and 0 < told < 10**11:
        return datetime.fromtimestamp(told, UTC)
    for way in _TIMES:
        try:
            return datetime.strptime(text, way).replace(tzinfo=zone)
        except ValueError:
            continue
    return None
