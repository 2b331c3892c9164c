"""Which call does a sign belong to, and what does it say of it? The line book turns signs into facts.

One port has one call at a time. What devices cannot tell is concluded and marked (`inferred`): an analogue line that
stops ringing has lost its caller (推断放弃), a record without a live call is the whole of it. A record that tells of a
call which was seen live corrects that one and adds none: they share port and caller, and begin at about the same time.

A pure function of what was heard so far, in the order heard. A sign that gives no fact is not kept, so it changes
nothing here either: replaying what was kept rebuilds the book.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

import msgspec

from adapters.cti_serial.printed import Printed
from adapters.cti_serial.signs import (
    Anchor,
    AnySign,
    Began,
    Connected,
    Finished,
    Numbered,
    OffHook,
    OnHook,
    Rang,
    Recorded,
)
from adapters.cti_serial.sounds import CUT_OFF, AnySounded, SoundBegan, SoundEnded
from adapters.cti_serial.trace import STRAGGLER, Place, Trace
from adapters.reading import Clock
from adapters.telephony import (
    AdapterName,
    CallerIdentified,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    EndedBy,
    Handling,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatRinging,
)

MEMORY: Final = timedelta(hours=72)
"""A printer that was off over a long weekend may still tell of calls that were seen live."""
MOST_CALLS: Final = 5_000
"""Ended calls that a record may still tell of."""
NEAR: Final = timedelta(seconds=120)
"""How far a record's beginning may lie from that of the call seen live: two clocks, and a ring nobody saw."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say about the lines."""

    seats: Mapping[int, str] = {}
    """Port → extension of the seat whose telephone is on that line."""
    dialled: str | None = None
    """What callers of these lines have dialled."""
    patterns: Mapping[str, str] = {}
    """Distinctive ring → number that was dialled."""
    ring_gap: timedelta
    """No ring for so long: it rings no longer."""
    alone: timedelta
    """A number without any ring is taken for ringing so long."""


class LineBook:
    """The calls of the last days."""

    def __init__(self, adapter: AdapterName, site: Site, clock: Clock) -> None:
        self._adapter = adapter
        self._site = site
        self._clock = clock
        self._open = list[Trace]()
        self._past = OrderedDict[str, Trace]()
        self._printed = Printed(MOST_CALLS)

    @property
    def due(self) -> datetime | None:
        """When something is to be concluded, should nothing be heard until then."""
        return min((self._deadline(trace) for trace in self._open), default=None)

    def conclude(self, at: datetime) -> list[DeviceEvent]:
        """What the silence until now says."""
        return [fact for trace in list(self._open) if self._deadline(trace) <= at for fact in self._lapse(trace, at)]

    def deaf(self, at: datetime, *, again: bool) -> None:
        """The wire is gone, or open again: what was not heard meanwhile says nothing about who rings."""
        for trace in self._open:
            trace.deaf = trace.deaf or trace.answered is None
            trace.awake = at if again else trace.awake

    def take(
        self, wire: str, port: int | None, sign: AnySign, at: datetime, *, ends_told: bool, frame: bytes
    ) -> list[DeviceEvent]:
        """What one sign says, heard then on that wire; `frame` are the bytes that said it. `port` None: the settings do
        not know the device's name of the line, by which it is told apart all the same."""
        place = Place(port, sign.port if port is None else "")
        match sign:
            case Rang():
                return list(self._rang(place, sign, at, ends_told))
            case Numbered():
                return list(self._numbered(place, sign, at, ends_told))
            case OffHook():
                trace = self._on(place)
                return [] if trace is None else list(self._answer(trace, "", at, at))
            case OnHook():
                trace = self._on(place)
                return [] if trace is None or trace.answered is None else list(self._end(trace, at, EndedBy.UNKNOWN))
            case Began():
                return list(self._began(wire, place, sign, at, ends_told))
            case Connected():
                trace = self._known(wire, sign.call, place)
                return [] if trace is None else list(self._answer(trace, sign.seat, at, at))
            case Finished():
                return list(self._finished(wire, place, sign, at))
            case Recorded():
                return list(self._recorded(wire, place, sign, at, frame))
            case _:
                assert_never(sign)

    def sounded(self, port: int, what: AnySounded | None, at: datetime) -> list[DeviceEvent]:
        """What the sound device beside that channel says; None: it is there anew, and what was going on was cut off.
        Nothing where nobody knows of which call it tells."""
        every = [trace for trace in (*self._open, *self._past.values()) if trace.port == port]
        match what:
            case None:
                cut = [(trace, trace.recording) for trace in every if trace.recording is not None]
                return [self._sound_over(trace, begun.name, at, begun.file, CUT_OFF) for trace, begun in cut]
            case SoundBegan():
                trace = next((trace for trace in every if trace.ended is None and trace.answered is not None), None)
                if trace is None:
                    return []
                trace.recording = what
                origin = self._origin(trace, f"recording:{what.name}:began", at, at)
                return [RecordingStarted(**origin, name=what.name)]
            case SoundEnded():
                of = next((trace for trace in every if trace.recording and trace.recording.name == what.name), None)
                if of is None:
                    return []
                return [self._sound_over(of, what.name, at, what.file, what.missing, what.seconds)]
            case _:
                assert_never(what)

    def _sound_over(
        self, trace: Trace, name: str, at: datetime, file: str | None, missing: str, seconds: float | None = None
    ) -> DeviceEvent:
        trace.recording = None
        origin = self._origin(trace, f"recording:{name}:ended", at, at)
        return RecordingStopped(**origin, name=name, seconds=seconds, file=file, missing=missing)

    # ── live ─────────────────────────────────────────────────────────────────────────────────────────────────────────

    def _rang(self, place: Place, sign: Rang, at: datetime, ends_told: bool) -> Iterator[DeviceEvent]:
        trace = self._on(place)
        if trace is not None and (trace.answered is not None or self._deadline(trace) <= at):
            yield from self._lapse(trace, at)  # it is over and nobody said so: the line rings anew
            trace = None
        if trace is None:
            trace = self._begin(place, at)
            yield self._offered(trace, at, None, self._site.patterns.get(sign.pattern))
        if trace.rings and trace.last == at:
            return  # read in one breath: it is the same ring, as far as anybody can tell
        trace.ends_told = trace.ends_told or ends_told
        yield self._rings(trace, at)

    def _numbered(self, place: Place, sign: Numbered, at: datetime, ends_told: bool) -> Iterator[DeviceEvent]:
        trace = self._on(place)
        if trace is not None and trace.answered is not None:
            return  # somebody else knocks (呼叫等待): the line has one call
        if trace is not None and (self._deadline(trace) <= at or not trace.may_be(place.port, sign.number)):
            yield from self._lapse(trace, at)
            trace = None
        if trace is None:
            if sign.number is None and sign.hidden is None and sign.name:
                return  # the name behind a number whose call is over
            trace = self._begin(place, at)
            trace.number = sign.number or ""
            yield self._offered(trace, at, sign.number, sign.dialled)
            if (seat := self._seat(trace)) is not None:
                # Some boxes send a number and never a ring: the telephone on that line rings all the same.
                yield SeatRinging(**self._origin(trace, "rings:number", at, at), seat=seat)
        elif sign.number and not trace.number:
            trace.number = sign.number
            yield CallerIdentified(**self._origin(trace, "number", at, at), caller=sign.number)
        else:
            return
        trace.ends_told = trace.ends_told or ends_told
        trace.last, trace.deaf = at, False

    def _began(self, wire: str, place: Place, sign: Began, at: datetime, ends_told: bool) -> Iterator[DeviceEvent]:
        trace = self._known(wire, sign.call, place)
        if trace is not None:
            if at - trace.last < STRAGGLER:
                return
            yield from self._lapse(trace, at)  # ids come round again
        seen = self._on(place) if place.port is not None else None
        trace = seen if seen is not None and seen.answered is None and not seen.ids else None
        if trace is None:
            trace = self._begin(place, at)
            trace.number = sign.number or ""
            yield self._offered(trace, at, sign.number, sign.dialled)
        elif sign.number and not trace.number:
            trace.number = sign.number
            yield CallerIdentified(**self._origin(trace, "number", at, at), caller=sign.number)
        trace.ids.add((wire, sign.call))
        trace.ends_told = trace.ends_told or ends_told
        yield self._rings(trace, at, f":{sign.call}")

    def _rings(self, trace: Trace, at: datetime, call: str = "") -> DeviceEvent:
        trace.rings += 1
        trace.last, trace.deaf = at, False
        return SeatRinging(**self._origin(trace, f"rings:{at:%d%H%M%S.%f}{call}", at, at), seat=self._seat(trace))

    def _answer(self, trace: Trace, seat: str, at: datetime, heard_at: datetime) -> Iterator[DeviceEvent]:
        if trace.answered is None:
            trace.answered, trace.last, trace.deaf = at, heard_at, False
            seat = seat or self._seat(trace) or ""
            yield SeatAnswered(**self._origin(trace, "answered", at, heard_at), seat=seat or None)

    def _finished(self, wire: str, place: Place, sign: Finished, at: datetime) -> Iterator[DeviceEvent]:
        trace = self._known(wire, sign.call, place)
        if trace is None:
            return
        if trace.answered is None and (sign.answered or sign.seconds):
            picked_up = max(trace.since, at - timedelta(seconds=sign.seconds or 0))
            yield from self._answer(trace, "", picked_up, at)
        yield from self._end(trace, at, EndedBy.UNKNOWN if trace.answered else EndedBy.CALLER)

    def _end(self, trace: Trace, at: datetime, by: EndedBy) -> Iterator[DeviceEvent]:
        yield CallReleased(**self._origin(trace, "over", at, at), by=by)
        self._close(trace, at)

    def _lapse(self, trace: Trace, at: datetime) -> Iterator[DeviceEvent]:
        """It is over, and no device has said so: since its last sign of life, as far as we know."""
        if trace.answered is not None:
            by, cause = EndedBy.UNKNOWN, "last_record" if trace.more else "silent"
        elif trace.deaf:
            by, cause = EndedBy.NETWORK, "not_heard"
        else:
            by, cause = EndedBy.CALLER, "ringing_stopped"
        # Where no ring was ever heard, nobody knows how long it rang: as long as it was taken for ringing.
        end = trace.last if trace.rings or trace.answered or trace.more else at
        yield CallReleased(**self._origin(trace, "over", end, at), by=by, cause=cause, inferred=True)
        self._close(trace, end)

    # ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _recorded(self, wire: str, place: Place, sign: Recorded, at: datetime, frame: bytes) -> Iterator[DeviceEvent]:
        start, answered, end, wrong = self._times(sign, at)
        mark = self._printed.mark(wire, frame, sign, at, fresh=not wrong and abs(at - end) <= 2 * sign.step)
        if not mark:
            return
        trace = self._told_of(wire, place, sign, start)
        if trace is None:
            trace = self._begin(place, start, key=f"record-{sign.at:%Y%m%dT%H%M%S}-{mark}", last=end)
            trace.number = sign.number or ""
        else:
            # The next part of a call begins where the last one ended, whichever beginning the PBX prints. And one that
            # was seen live began by our own clock: the record's times move along.
            begins = max(start, trace.last) if trace.more else trace.since
            moved = begins - start
            start, answered, end = begins, answered + moved if answered else None, max(begins, end + moved)
        if sign.call:
            trace.ids.add((wire, sign.call))
        yield from self._tell(trace, sign, at, mark, (start, answered, end))
        trace.last, trace.more, trace.recorded = max(trace.last, end), sign.more, not sign.more
        trace.awake = at  # a buffer may be printed hours later: the next part is waited for from now on
        if not sign.more:
            by = EndedBy.UNKNOWN if trace.answered else EndedBy.CALLER
            self._close(trace, end)
            origin = self._record_origin(trace, mark, "released", end, at)
            yield CallReleased(**origin, by=by, cause="record")

    def _tell(
        self, trace: Trace, sign: Recorded, at: datetime, mark: str, times: tuple[datetime, datetime | None, datetime]
    ) -> Iterator[DeviceEvent]:
        """What the record says beside the end."""
        start, answered, end = times

        def origin(what: str, when: datetime) -> dict[str, Any]:
            return self._record_origin(trace, mark, what, when, at)

        dialled = sign.dialled or self._site.dialled
        yield CallOffered(**origin("offered", min(start, trace.since)), caller=sign.number, dialled=dialled)
        if sign.seat and trace.answered is None:
            yield SeatRinging(**origin("rings", start), seat=sign.seat)
        if answered is not None and trace.answered is None:
            trace.answered = answered
            yield SeatAnswered(**origin("answered", answered), seat=sign.seat or self._seat(trace))
        if sign.recording:
            name, length = sign.recording.rpartition("/")[2], None if sign.talked is None else float(sign.talked)
            yield RecordingStopped(**origin("recorded", end), name=name, seconds=length, file=sign.recording)

    def _record_origin(self, trace: Trace, mark: str, what: str, when: datetime, at: datetime) -> dict[str, Any]:
        return self._origin(trace, f"record:{mark}:{what}", when, at) | {"backfilled": True}

    def _times(self, sign: Recorded, heard_at: datetime) -> tuple[datetime, datetime | None, datetime, str]:
        """Beginning, answer and end, by our own clock where the device's cannot be right; and what is wrong with it."""
        at, wrong = self._clock.place(sign.at, heard_at)
        if not wrong and at <= heard_at < at + sign.step:
            at = heard_at if sign.anchor is Anchor.END else at  # printed just now: finer than the minute it shows
        ring, talk = timedelta(seconds=sign.ring or 0), timedelta(seconds=sign.talked or 0)
        if sign.anchor is Anchor.END or wrong:
            start = at - talk - ring
        else:
            start = at if sign.anchor is Anchor.START else at - ring
        answered = start + ring if sign.talked is not None else None
        return start, answered, start + ring + talk, wrong

    def _told_of(self, wire: str, place: Place, sign: Recorded, start: datetime) -> Trace | None:
        """The call that the record tells of, when it was heard of before."""
        if sign.call:
            same = (trace for trace in (*self._open, *self._past.values()) if (wire, sign.call) in trace.ids)
            if (known := next(same, None)) is not None:
                return known
        near = [
            trace
            for trace in (*self._open, *self._past.values())
            if not trace.recorded
            and trace.is_likely(place.port, sign.number)
            and not (sign.call and any(of == wire for of, _ in trace.ids))
            and (abs(trace.since - start) <= NEAR + sign.step or (trace.more and abs(trace.last - start) <= NEAR))
        ]
        return min(near, key=lambda trace: abs(trace.since - start), default=None)

    # ── the book ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def _begin(self, place: Place, at: datetime, *, key: str = "", last: datetime | None = None) -> Trace:
        key = key or f"{at:%Y%m%dT%H%M%S.%f}-{place.port if place.port is not None else place.name or 'x'}"
        while key in self._past or any(trace.key == key for trace in self._open):
            key += "+"  # two calls in what came at one moment
        trace = Trace(key=key, place=place, since=at, last=last or at)
        self._open.append(trace)
        return trace

    def _close(self, trace: Trace, at: datetime) -> None:
        trace.ended = at
        trace.more = False
        if trace in self._open:
            self._open.remove(trace)
        self._past[trace.key] = trace
        self._past.move_to_end(trace.key)
        while len(self._past) > MOST_CALLS or (next(iter(self._past.values())).ended or at) < at - MEMORY:
            self._past.popitem(last=False)

    def _on(self, place: Place) -> Trace | None:
        return next((trace for trace in self._open if trace.place == place and not trace.more), None)

    def _known(self, wire: str, call: str, place: Place) -> Trace | None:
        if call:
            return next((trace for trace in self._open if (wire, call) in trace.ids), None)
        return self._on(place)

    def _deadline(self, trace: Trace) -> datetime:
        return trace.deadline(self._site.ring_gap, self._site.alone)

    def _seat(self, trace: Trace) -> str | None:
        return self._site.seats.get(trace.port) if trace.port is not None else None

    def _offered(self, trace: Trace, at: datetime, number: str | None, dialled: str | None) -> DeviceEvent:
        origin = self._origin(trace, "offered", at, at)
        return CallOffered(**origin, caller=number, dialled=dialled or self._site.dialled)

    def _origin(self, trace: Trace, what: str, at: datetime, heard_at: datetime) -> dict[str, Any]:
        return {
            "adapter": self._adapter,
            "event_id": f"{trace.key}:{what}",
            "at": at,
            "heard_at": heard_at,
            "port": trace.port,
            "call": CallKey(trace.key),
            "handling": Handling.DEVICE,
        }
