"""Which call is it, and what does an event say of it? The call book turns events of FreeSWITCH into facts.

A call is the caller's channel (主叫通道): its UUID is the key, which FreeSWITCH never uses twice. Everything else is a
leg beside it: an offered or joined seat, found by what each event says of the other channel, so that no leg has to be
remembered. Queue events (mod_callcenter) and channel events tell of the same things; whichever comes first is heard.

A pure function of what was heard so far, in the order heard. An event that gives no fact is not kept, so it changes
nothing here either: replaying what was kept rebuilds the book.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Any, Final

import msgspec

from adapters.freeswitch.esl import Event
from adapters.freeswitch.meaning import JOINED, LINKS, REASONS, WITHDRAWN, ended_by, hung_up, is_down, number_of
from adapters.freeswitch.trace import Site, Trace
from adapters.reading import Clock
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    Handling,
    LegHeld,
    LegResumed,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
)

MEMORY: Final = timedelta(hours=12)
MOST_CALLS: Final = 5_000
"""Ended calls that a late event may still be about."""
TWICE: Final = timedelta(seconds=10)
"""The queue and the channel both say that a seat rings: within so long it is the same ringing."""
SETTLED: Final = timedelta(seconds=5)
"""A count of no calls may be older than a call that has just begun."""

CALLCENTER: Final = "callcenter::info"
QUEUE_BEGINS: Final = frozenset(
    {"member-queue-start", "member-queue-resume", "agent-offering", "bridge-agent-start", "member-queue-end"}
)
"""What may be the first that is heard of a member (排队者): all but the first when we connected in mid-call."""
_UUID: Final = re.compile(r"[0-9A-Za-z_.-]{8,64}")
_DIGITS: Final = re.compile(r"[0-9]{9,17}")
_MICROS: Final = 10**15
"""Times of this size and above are in microseconds; queue events give seconds."""


class _At(msgspec.Struct, frozen=True):
    """One event, placed in time."""

    event: Event
    at: datetime
    heard_at: datetime
    stamp: str
    """Tells this event from every other one, however often it is read."""


class CallBook:
    """The calls of the last hours."""

    def __init__(self, adapter: AdapterName, site: Site) -> None:
        self._adapter = adapter
        self._site = site
        self._clock = Clock(zone="UTC", max_ahead=timedelta(seconds=120), max_age=timedelta(days=31))
        self._open = dict[str, Trace]()
        self._past = OrderedDict[str, Trace]()

    @property
    def due(self) -> datetime | None:
        """When something is to be concluded, should nothing be heard until then."""
        return min((trace.deadline for trace in self._open.values()), default=None)

    def conclude(self, heard_at: datetime) -> list[DeviceEvent]:
        """What the silence until now says."""
        lapsed = [trace for trace in self._open.values() if trace.deadline <= heard_at]
        return [self._lapse(trace, heard_at, "silent") for trace in lapsed]

    def take(self, event: Event, heard_at: datetime) -> tuple[list[DeviceEvent], str]:
        """What one event says, and what is wrong with its time, for which ours was taken."""
        stamp = event.first("event-date-timestamp")
        at, wrong = self._time(stamp, heard_at)
        if not stamp or wrong:
            said = repr(sorted(event.headers.items())).encode("utf-8", "replace")
            stamp = blake2s(said, digest_size=8).hexdigest()
        now = _At(event, at, heard_at, stamp[:20])
        facts = [*self._restarted(now)]
        match event.name:
            case "HEARTBEAT":
                facts += self._counted(now)
            case "CUSTOM" if event.first("event-subclass").lower() == CALLCENTER:
                facts += self._queue(now)
            case "DTMF":
                facts += self._channel(now)
            case name if name.startswith("CHANNEL_"):
                facts += self._channel(now)
            case _:
                pass
        return facts, wrong

    # ── FreeSWITCH itself ────────────────────────────────────────────────────────────────────────────────────────────

    def _restarted(self, now: _At) -> Iterator[DeviceEvent]:
        """Another process of FreeSWITCH speaks: the calls of the one before are over."""
        core = now.event.first("core-uuid")
        if core:
            for trace in [each for each in self._open.values() if each.core and each.core != core]:
                yield self._lapse(trace, now.heard_at, "restarted")

    def _counted(self, now: _At) -> Iterator[DeviceEvent]:
        """It has no channels at all: ends were lost, as while the link was down."""
        if now.event.first("session-count") == "0":
            for trace in [each for each in self._open.values() if now.heard_at - each.last > SETTLED]:
                yield self._lapse(trace, now.heard_at, "no_sessions")

    # ── channels ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _channel(self, now: _At) -> Iterator[DeviceEvent]:
        event = now.event
        if _UUID.fullmatch(event.uuid) is None or event.first("channel-name").startswith("loopback/"):
            return
        if event.uuid in self._past:
            return
        trace = self._open.get(event.uuid)
        if trace is None and self._site.is_called(event):
            trace = yield from self._begin(event.uuid, now)
        if trace is not None:
            yield from self._callers(trace, now)
            return
        linked = next((key for name in LINKS if (key := event.first(name)) in self._open), None)
        if linked is not None:
            yield from self._leg(self._open[linked], now)

    def _callers(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        """About the caller's own channel."""
        event = now.event
        if not trace.whole:
            yield self._offered(trace, now)  # connected in mid-call: the beginning was earlier
        match event.name:
            case "CHANNEL_ANSWER" if not trace.picked_up:
                trace.picked_up = True
                yield CallAnswered(**self._of(trace, now, "off-hook", once=True))
            case "CHANNEL_BRIDGE":
                yield from self._talks(trace, self._other(event), now)
            case "CHANNEL_UNBRIDGE" if trace.talking is not None:
                if is_down(event):
                    trace.hung_up, trace.cause = now.at, event.first("hangup-cause")[:64]
                yield self._parted(trace, now, hung_up=False)
            case "CHANNEL_HOLD" | "CHANNEL_UNHOLD":
                yield from self._held(trace, now)
            case "DTMF":
                digit = event.first("dtmf-digit")
                if len(digit) == 1 and digit in "0123456789*#ABCD":
                    yield DigitsPressed(**self._of(trace, now, "key"), digits=digit)
            case "CHANNEL_HANGUP_COMPLETE":
                yield from self._over(trace, now)
            case _:
                pass

    def _leg(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        """About a channel beside the caller's."""
        event = now.event
        seat = self._own(event)
        joined = trace.key in [event.first(name) for name in JOINED]
        match event.name:
            case "CHANNEL_CREATE":
                yield from self._rings(trace, seat, now)
            case "CHANNEL_BRIDGE" if joined:
                yield from self._talks(trace, seat, now)
            case "CHANNEL_UNBRIDGE" if joined and trace.talking is not None and trace.talking == seat:
                yield self._parted(trace, now, hung_up=hung_up(event))
            case "CHANNEL_HOLD" | "CHANNEL_UNHOLD" if trace.talking == seat:
                yield from self._held(trace, now)
            case "CHANNEL_HANGUP_COMPLETE" if seat and trace.talking == seat:
                yield self._parted(trace, now, hung_up=hung_up(event))
            case "CHANNEL_HANGUP_COMPLETE":
                yield from self._declined(trace, seat, event.first("hangup-cause"), now)
            case _:
                pass

    def _own(self, event: Event) -> str:
        """The seat whose channel this is."""
        if event.first("call-direction").lower() == "inbound":  # it has picked the call up from its own phone (代答)
            return self._site.extension(event.first("caller-caller-id-number"), event.first("caller-username"))
        names = ("caller-destination-number", "caller-callee-id-number", "variable_dialed_user", "variable_cc_agent")
        return self._site.extension(*(event.first(name) for name in names))

    def _other(self, event: Event) -> str:
        """The seat at the other end of the caller's channel."""
        if event.first("other-leg-direction").lower() == "inbound":
            return self._site.extension(event.first("other-leg-caller-id-number"), event.first("other-leg-username"))
        names = ("other-leg-destination-number", "other-leg-callee-id-number")
        return self._site.extension(*(event.first(name) for name in names))

    # ── the queue ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _queue(self, now: _At) -> Iterator[DeviceEvent]:
        event = now.event
        action, key = event.first("cc-action").lower(), event.first("cc-member-session-uuid")
        if _UUID.fullmatch(key) is None:
            return
        past = self._past.get(key)
        if past is not None:
            yield from self._answered_after_all(past, now)
            return
        trace = self._open.get(key)
        if trace is None:
            if action not in QUEUE_BEGINS or not self._site.has_queue(event.first("cc-queue")):
                return
            trace = yield from self._begin(key, now)
        if not trace.whole and event.uuid == key:
            yield self._offered(trace, now)
        number = number_of(event.first("cc-member-cid-number"))
        if number and not trace.number:
            trace.number = number
            yield CallerIdentified(**self._of(trace, now, "number", once=True), caller=number)
        seat = self._site.extension(event.first("cc-agent"))
        match action:
            case "agent-offering":
                yield from self._rings(trace, seat, now)
            case "bridge-agent-start":
                yield from self._talks(trace, seat or self._own(event), now)
            case "bridge-agent-fail":
                yield from self._declined(trace, seat, event.first("cc-hangup-cause"), now)
            case "bridge-agent-end" if trace.talking is not None and trace.talking == (seat or self._own(event)):
                yield self._parted(trace, now, hung_up=hung_up(event))
            case "member-queue-end":
                yield from self._left_queue(trace, now)
            case _:
                pass

    def _left_queue(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        """The member has left the queue; the call may go on behind it. Where it does not, its channel says so here,
        even if its own last event is lost."""
        yield from self._answered_after_all(trace, now)
        if now.event.uuid != trace.key or not is_down(now.event):
            return
        if now.event.first("cc-cause").lower() == "cancel" and now.event.first("cc-cancel-reason") == "BREAK_OUT":
            by = EndedBy.CALLER
        else:
            by = ended_by(now.event, spoke=trace.spoke)
        yield self._end(trace, now, by)

    def _answered_after_all(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        """The queue's last word tells of an answer that was not heard."""
        event = now.event
        left = event.first("cc-action").lower() == "member-queue-end"
        answered, wrong = self._time(event.first("cc-agent-answered-time"), now.heard_at)
        if left and event.first("cc-cause").lower() == "terminated" and not trace.spoke and not wrong:
            trace.spoke = True
            seat = self._site.extension(event.first("cc-agent")) or None
            yield SeatAnswered(**self._of(trace, now, "answered-before", at=answered, once=True), seat=seat)

    # ── facts ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, key: str, now: _At) -> Generator[DeviceEvent, None, Trace]:
        trace = Trace(key, now.event.first("core-uuid"), now.at, now.heard_at)
        self._open[key] = trace
        yield self._offered(trace, now)
        return trace

    def _offered(self, trace: Trace, now: _At) -> DeviceEvent:
        """Who rings, what was dialled and since when, as far as this event tells."""
        event = now.event
        trace.whole = event.uuid == trace.key
        names = ("cc-member-cid-number",)
        if trace.whole:
            names = (*names, "caller-caller-id-number", "caller-orig-caller-id-number", "caller-ani")
        trace.number = trace.number or number_of(event.first(*names))
        begun, wrong = self._time(event.first("caller-channel-created-time") if trace.whole else "", now.heard_at)
        if wrong or begun > now.at:
            begun, wrong = self._time(event.first("cc-member-joined-time"), now.heard_at)
        trace.since = min(trace.since, now.at if wrong else begun)
        dialled = event.first("cc-member-dnis", *(("caller-destination-number",) if trace.whole else ()))
        origin = self._of(trace, now, "offered" if trace.whole else "offered-member", at=trace.since, once=True)
        return CallOffered(**origin, caller=trace.number or None, dialled=dialled[:32] or None)

    def _rings(self, trace: Trace, seat: str, now: _At) -> Iterator[DeviceEvent]:
        rung = trace.ringing.get(seat)
        if seat and (rung is None or now.heard_at - rung > TWICE):
            trace.ringing[seat] = now.heard_at
            yield SeatRinging(**self._of(trace, now, f"rings:{seat}"), seat=seat)

    def _talks(self, trace: Trace, seat: str, now: _At) -> Iterator[DeviceEvent]:
        """They hear each other. One who was talked with before is left without it."""
        if trace.talking == seat or (trace.talking is not None and not seat):
            return
        if trace.talking:
            yield self._parted(trace, now, hung_up=False)
        trace.talking, trace.spoke, trace.held = seat, True, False
        trace.ringing.clear()
        yield SeatAnswered(**self._of(trace, now, f"answered:{seat}"), seat=seat or None)

    def _parted(self, trace: Trace, now: _At, *, hung_up: bool) -> DeviceEvent:
        seat, trace.talking, trace.held = trace.talking, None, False
        return SeatReleased(**self._of(trace, now, f"left:{seat}"), seat=seat or None, hung_up=hung_up)

    def _declined(self, trace: Trace, seat: str, cause: str, now: _At) -> Iterator[DeviceEvent]:
        if seat in trace.ringing and cause.upper() not in WITHDRAWN:
            del trace.ringing[seat]
            reason = REASONS.get(cause.upper(), cause.lower()[:64] or "no_answer")
            fault = reason == "unreachable"
            yield SeatDeclined(**self._of(trace, now, f"declined:{seat}"), seat=seat, reason=reason, seat_fault=fault)

    def _held(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        held = now.event.name == "CHANNEL_HOLD"
        if trace.talking is None or held == trace.held:
            return
        trace.held = held
        yield LegHeld(**self._of(trace, now, "held")) if held else LegResumed(**self._of(trace, now, "resumed"))

    def _over(self, trace: Trace, now: _At) -> Iterator[DeviceEvent]:
        joined, wrong = self._time(now.event.first("caller-channel-bridged-time"), now.heard_at)
        if not trace.spoke and not wrong and trace.since <= joined <= now.at:
            trace.spoke = True  # they talked while the link was down
            names = ("variable_cc_agent", "caller-callee-id-number", "variable_last_bridge_to")
            seat = self._site.extension(*(now.event.first(name) for name in names)) or None
            yield SeatAnswered(**self._of(trace, now, "answered-before", at=joined, once=True), seat=seat)
        yield self._end(trace, now, ended_by(now.event, spoke=trace.spoke))

    def _end(self, trace: Trace, now: _At, by: EndedBy) -> DeviceEvent:
        fact = CallReleased(
            **self._of(trace, now, "over", once=True), by=by, cause=now.event.first("hangup-cause")[:64]
        )
        self._close(trace, now.heard_at)
        return fact

    def _lapse(self, trace: Trace, heard_at: datetime, why: str) -> DeviceEvent:
        """It is over, and its own last event has not come: since its last sign."""
        at = min(trace.hung_up or trace.last, heard_at)
        now = _At(Event({}), at, heard_at, "")
        told = trace.hung_up is not None
        origin = self._of(trace, now, "over", once=True)
        fact = CallReleased(**origin, cause=(trace.cause if told else "") or why, inferred=not told)
        self._close(trace, heard_at)
        return fact

    def _close(self, trace: Trace, heard_at: datetime) -> None:
        trace.ended, trace.talking = heard_at, None
        self._open.pop(trace.key, None)
        self._past[trace.key] = trace
        while self._past:
            ended = next(iter(self._past.values())).ended
            if len(self._past) <= MOST_CALLS and ended is not None and heard_at - ended <= MEMORY:
                break
            self._past.popitem(last=False)

    def _of(
        self, trace: Trace, now: _At, what: str, *, at: datetime | None = None, once: bool = False
    ) -> dict[str, Any]:
        """Where a fact comes from. `once`: it can be said once of a call, whichever event says it."""
        trace.last = max(trace.last, now.heard_at)
        return {
            "adapter": self._adapter,
            "event_id": f"{trace.key}:{what}" if once else f"{trace.key}:{what}:{now.stamp}",
            "at": now.at if at is None else at,
            "heard_at": now.heard_at,
            "call": CallKey(trace.key),
            "handling": Handling.DEVICE,
        }

    def _time(self, text: str, heard_at: datetime) -> tuple[datetime, str]:
        """A time in microseconds, or in seconds as queue events give it; `heard_at` and what is wrong with it."""
        if _DIGITS.fullmatch(text) is None:
            return heard_at, "unreadable time"
        micros = int(text) if int(text) >= _MICROS else int(text) * 1_000_000
        try:
            return self._clock.place(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros), heard_at)
        except OverflowError:
            return heard_at, "impossible time"
