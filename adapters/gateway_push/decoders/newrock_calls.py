"""Which call does a New Rock report belong to? The one memory that this dialect cannot do without.

Live reports carry no time and often no call id; a call id is a small counter that comes round again; one inbound call
leaves two call records with different ids. So calls are recognised by what the report shares with earlier ones:

1. the call id, when the caller's number does not contradict it;
2. else the caller's number, on a call that is live, or was over less than `LATE` ago;
3. else the extension, on a live call whose caller is not known (or when the report does not name the caller);
4. a call record: the record of the same caller that ended in the same second (its twin), else call id and caller, else
   the caller's call whose end lies nearest, else (the device's clock is off) the one that ended just now.

A pure function of the deliveries so far, in the order heard: replaying the kept ones rebuilds it. Bounded by age and
count; the oldest call is forgotten first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

MEMORY = timedelta(hours=24)
MAX_CALLS = 20_000
"""Some days of a large hall; about 25 MB at most."""
LATE = timedelta(seconds=60)
"""A report of a call that is over is still that call's for so long."""
ECHO = timedelta(seconds=6)
"""A ring report this soon after the end is a straggler: nobody has dialled again so fast."""
STALE_RING = timedelta(minutes=10)
"""Nobody rings longer: an unanswered call silent for so long has lost its end report."""
STALE_TALK = timedelta(hours=4)
"""The same for an answered call."""
GONE = timedelta(seconds=30)
"""All its extensions idle for so long and the caller rings anew: the earlier call's end report was lost."""
SKEW = timedelta(seconds=120)
"""How far the device's clock may differ from ours when a record is matched with a live call."""
TWIN = timedelta(seconds=2)
"""Two records of one call end in the same second; the device may write them across a tick."""
RECENT = 200
"""How many calls of one caller or extension are looked at, latest first: bounds the time of one report."""


class SeatLeg(StrEnum):
    """What an extension is doing in a call."""

    RINGING = "ringing"
    TALKING = "talking"
    GONE = "gone"


@dataclass(slots=True, eq=False)
class Trace:
    """What is known of one call."""

    key: str
    since: datetime
    last: datetime
    caller: str = ""
    late_number: bool = False
    """The caller's number came after the first report."""
    rang: bool = False
    """A ring report opened the call, so the offer has been told."""
    callids: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    """Extensions under which the call can be found."""
    seats: dict[str, SeatLeg] = field(default_factory=dict)
    rings: dict[str, int] = field(default_factory=dict)
    """How often each extension rang: keeps the second ring from looking like a repeat of the first."""
    idle_since: datetime | None = None
    released_at: datetime | None = None
    ended: datetime | None = None
    """The end as its record has it, by the device's clock."""

    @property
    def answered(self) -> bool:
        """Some extension has taken the call."""
        return any(leg is SeatLeg.TALKING for leg in self.seats.values()) or self.idle_since is not None

    def ring(self, seat: str) -> int:
        """The extension rings; which ring of it this is, a repeat counted once."""
        if self.seats.get(seat) in (None, SeatLeg.GONE):
            self.rings[seat] = self.rings.get(seat, 0) + 1
            self.seats[seat] = SeatLeg.RINGING
            self.idle_since = None
        return self.rings[seat]

    def answer(self, seat: str) -> None:
        """The extension has the call."""
        self.seats[seat] = SeatLeg.TALKING
        self.rings.setdefault(seat, 0)
        self.idle_since = None

    def idle(self, seat: str, at: datetime) -> int:
        """The extension has hung up; the number of the ring that ends with it."""
        talked = self.seats.get(seat) is SeatLeg.TALKING
        self.seats[seat] = SeatLeg.GONE
        if self.idle_since is None and talked:
            self.idle_since = at
        return self.rings.get(seat, 0)


class CallBook:
    """The calls of the last day, found by what reports share."""

    def __init__(self, *, memory: timedelta = MEMORY, max_calls: int = MAX_CALLS) -> None:
        self._memory = memory
        self._max_calls = max_calls
        self._calls: OrderedDict[str, Trace] = OrderedDict()
        self._by_callid: dict[str, list[Trace]] = {}
        self._by_caller: dict[str, list[Trace]] = {}
        self._by_seat: dict[str, list[Trace]] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def open(self, key: str, at: datetime) -> Trace:
        """A new call under this key, or the one that has it."""
        if found := self._calls.get(key):
            return found
        self._forget(at)
        trace = self._calls[key] = Trace(key=key, since=at, last=at)
        return trace

    def note(self, trace: Trace, at: datetime, *, callid: str = "", caller: str = "", seat: str = "") -> None:
        """Remember what this report shares with later ones."""
        trace.last = max(trace.last, at)
        if callid and callid not in trace.callids:
            trace.callids.add(callid)
            self._by_callid.setdefault(callid, []).append(trace)
        if caller and not trace.caller:
            trace.caller = caller
            self._by_caller.setdefault(caller, []).append(trace)
        if seat and seat not in trace.places:
            trace.places.add(seat)
            self._by_seat.setdefault(seat, []).append(trace)

    def rung(self, *, callid: str, caller: str, seat: str, at: datetime) -> Trace | None:
        """The call that a ring report belongs to; `None` when a new caller rings."""
        found = self.told(callid=callid, caller=caller, seat=seat, at=at)
        if found is None or (callid and callid in found.callids):
            return found
        if found.released_at is not None:
            # A call that never rang still owes us its ring report.
            return found if at - found.released_at <= (ECHO if found.rang else LATE) else None
        silent = at - found.last
        if silent > (STALE_TALK if found.answered else STALE_RING):
            return None
        if found.idle_since is not None and at - found.idle_since > GONE:
            return None
        return found

    def told(self, *, callid: str, caller: str, seat: str, at: datetime) -> Trace | None:
        """The call that any other live report belongs to, if it is known."""
        if callid:
            for trace in islice(reversed(self._by_callid.get(callid, ())), RECENT):
                if not (caller and trace.caller and caller != trace.caller):
                    return trace
        if caller:
            for trace in islice(reversed(self._by_caller.get(caller, ())), RECENT):
                if _open(trace, at) and not _contradicts(trace, callid):
                    return trace
        if seat:
            for trace in islice(reversed(self._by_seat.get(seat, ())), RECENT):
                if _open(trace, at) and not (caller and trace.caller) and not _contradicts(trace, callid):
                    return trace
        return None

    def at_seat(self, seat: str) -> Trace | None:
        """The latest call that is not over and has this extension in it."""
        for trace in islice(reversed(self._by_seat.get(seat, ())), RECENT):
            if trace.released_at is None:
                return trace
        return None

    def recorded(
        self, *, callid: str, caller: str, seat: str, start: datetime, end: datetime, heard_at: datetime
    ) -> Trace | None:
        """The call that a call record belongs to: its twin's, else the live one that fits best."""
        callers = (self._by_caller.get(caller, []) if caller else self._by_seat.get(seat, []))[-RECENT:]
        for trace in callers:
            if trace.ended is not None and abs(trace.ended - end) <= TWIN:
                return trace
        unrecorded = [trace for trace in callers if trace.ended is None]
        for trace in reversed(unrecorded):
            if callid in trace.callids:
                return trace
        fitting = [
            trace
            for trace in unrecorded
            if trace.since <= end + SKEW and (trace.released_at or heard_at) >= start - SKEW
        ]
        # Records come at the end of a call: where the device's clock is off, a call that just ended is the one.
        fitting = fitting or [
            trace for trace in unrecorded if trace.released_at and heard_at - trace.released_at <= LATE
        ]
        return min(fitting, key=lambda trace: abs((trace.released_at or heard_at) - end), default=None)

    def _forget(self, now: datetime) -> None:
        while self._calls:
            oldest = next(iter(self._calls.values()))
            if len(self._calls) < self._max_calls and now - oldest.last <= self._memory:
                return
            del self._calls[oldest.key]
            _drop(self._by_callid, oldest.callids, oldest)
            _drop(self._by_caller, (oldest.caller,), oldest)
            _drop(self._by_seat, oldest.places, oldest)


def _open(trace: Trace, at: datetime) -> bool:
    return trace.released_at is None or at - trace.released_at <= LATE


def _contradicts(trace: Trace, callid: str) -> bool:
    return bool(callid and trace.callids and callid not in trace.callids)


def _drop(index: dict[str, list[Trace]], names: Iterable[str], trace: Trace) -> None:
    for name in names:
        kept = [other for other in index.get(name, ()) if other is not trace]
        if kept:
            index[name] = kept
        else:
            index.pop(name, None)
