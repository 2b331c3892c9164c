"""How are calls counted? Calls in, counts and shares out; nothing here knows what a figure is called.

The wait (等待) of a caller runs from the moment a person was asked for (`queued_at`); where a gateway distributes the
call itself, from its arrival.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from hotline.calls.outcome import LEFT, TURNED_AWAY
from hotline.ratings.figures import Rated, RatingTally
from hotline.ratings.figures import count as count_ratings
from hotline.reports.course import Course, micros


class CallFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report needs to know of one inbound call. Aware datetimes; None: has not happened."""

    offered_at: datetime
    queued_at: datetime | None = None
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    """None while the call is live."""
    queue: str = ""
    """Where the caller wished to be served: transfers and spills do not change it."""
    seat: str | None = None
    """The seat that had the caller last."""
    operator: str | None = None
    observed: bool = False
    """A gateway distributed it; we only watched."""
    backfilled: bool = False
    """Known only from the device's records, afterwards."""
    rating: Rated | None = None
    """What became of the invitation to rate; None: nobody invited the caller."""
    course: Course | None = None
    """What its segments say; None: from before there were segments."""


class OutboundTally(msgspec.Struct, frozen=True, kw_only=True):
    """外呼: counts of calls of ours, apart from those that came in."""

    begun: int = 0
    dialled: int = 0
    """The other side was rung: the lawyer's own phone was picked up."""
    reached: int = 0
    talk: int = 0
    """Microseconds."""


class CallbackTally(msgspec.Struct, frozen=True, kw_only=True):
    """Call-back tasks that fell due (see `hotline.callbacks.figures`)."""

    due: int = 0
    in_time: int = 0
    tried_in_time: int = 0
    excluded: Mapping[str, int] = {}


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a set of calls, from which every figure follows. Times in microseconds, so sums are exact."""

    offered: int
    answered: int
    live: int
    """Neither answered nor over: not decided yet."""
    outcomes: Mapping[str, int]
    """Ended calls by outcome."""
    asked: int
    """人工请求量: callers who asked for a person."""
    asked_live: int
    asked_answered: int
    answered_waits: Sequence[int]
    """Sorted; one per answered request."""
    left_waits: Sequence[int]
    """Sorted; one per caller who asked for a person and hung up unserved."""
    unserved: Mapping[str, int]
    """Requests that ended in another way than by an answer or by the caller leaving, by outcome."""
    talks: Sequence[int]
    """Talk time of answered calls that are over, without hold and consultation."""
    holds: Sequence[int]
    """保持: the same calls, as far as they have segments."""
    consults: Sequence[int]
    """咨询: the same."""
    waits_again: Sequence[int]
    """Waits after the first answer, one per caller who had any."""
    consulted: int
    """Calls in which somebody was consulted."""
    conferred: int
    """Calls with a three-way part."""
    passed_on: int
    """Calls that came to more than one seat, or to somebody outside after a seat."""
    passes: int
    """How often that happened."""
    ratings: RatingTally
    outbound: OutboundTally
    callbacks: CallbackTally


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Numerator over denominator, and what was left out of both."""

    numerator: int | float
    denominator: int | float = 1
    excluded: Mapping[str, int] = {}

    @property
    def value(self) -> float | None:
        """The quotient to six places; None where the denominator is 0."""
        return round(self.numerator / self.denominator, 6) if self.denominator else None


class WorstWindow(msgspec.Struct, frozen=True, kw_only=True):
    """The 24 hours with the lowest answer rate among all that end within a day."""

    begins_at: datetime
    ends_at: datetime
    share: Share


FAULTS: Final = ("lost", "system_fault")
"""系统故障."""
OVERLOAD: Final = ("overflowed", "queue_full", "timed_out")
"""超坐席能力: everybody was busy. That nobody was signed in (`no_seat`) is not overload and is never left out."""
SHORT: Final = ("short_abandoned",)
"""速挂: left within 5 s of the first ring."""
SHORT_SECONDS: Final = 5
LIMITS: Final = (15, 20)
"""Seconds: GB/T 33358 asks for 15; 20 is the trade's convention."""
DAY: Final = timedelta(hours=24)


def tally(
    calls: Iterable[CallFacts],
    outbound: OutboundTally = OutboundTally(),
    callbacks: CallbackTally = CallbackTally(),
) -> Tally:
    """Count a set of inbound calls. `outbound` and `callbacks` stand beside them and change none of their figures."""
    offered = answered = live = asked = asked_live = asked_answered = 0
    consulted = conferred = passed_on = passes = 0
    outcomes: Counter[str] = Counter()
    unserved: Counter[str] = Counter()
    answered_waits: list[int] = []
    left_waits: list[int] = []
    talks: list[int] = []
    holds: list[int] = []
    consults: list[int] = []
    waits_again: list[int] = []
    ratings: list[tuple[bool, Rated | None]] = []
    for call in calls:
        offered += 1
        taken = is_answered(call)
        answered += taken
        ratings.append((taken, call.rating))
        if call.outcome is not None:
            outcomes[call.outcome] += 1
        elif not taken:
            live += 1
        since = asked_at(call)
        if since is not None:
            asked += 1
            if taken:
                asked_answered += 1
                answered_waits.append(micros(since, call.answered_at or since))
            elif call.outcome is None:
                asked_live += 1
            elif call.outcome in LEFT:
                left_waits.append(micros(since, call.ended_at or since))
            else:
                unserved[call.outcome] += 1
        if taken and call.answered_at is not None and call.ended_at is not None:
            talks.append(micros(call.answered_at, call.ended_at) if call.course is None else call.course.talk)
            if (course := call.course) is not None:
                holds.append(course.hold)
                consults.append(course.consult)
                waits_again += [course.waited_again] if course.waited_again else []
                consulted += bool(course.consult)
                conferred += course.conferred
                passed_on += bool(course.passed)
                passes += course.passed
    return Tally(
        offered=offered,
        answered=answered,
        live=live,
        outcomes=dict(sorted(outcomes.items())),
        asked=asked,
        asked_live=asked_live,
        asked_answered=asked_answered,
        answered_waits=sorted(answered_waits),
        left_waits=sorted(left_waits),
        unserved=dict(sorted(unserved.items())),
        talks=talks,
        holds=holds,
        consults=consults,
        waits_again=waits_again,
        consulted=consulted,
        conferred=conferred,
        passed_on=passed_on,
        passes=passes,
        ratings=count_ratings(ratings),
        outbound=outbound,
        callbacks=callbacks,
    )


def is_answered(call: CallFacts) -> bool:
    """接听: a person spoke, or is speaking, with the caller."""
    return call.outcome == "answered" if call.outcome is not None else call.answered_at is not None


def asked_at(call: CallFacts) -> datetime | None:
    """When the caller asked for a person; None when never. Who was not let into the queue asked as well."""
    if call.queued_at is not None:
        return call.queued_at
    asked = call.rung_at is not None or call.answered_at is not None or call.outcome in TURNED_AWAY
    return call.offered_at if asked else None


def answer_rate(counts: Tally, without: Sequence[str] = ()) -> Share:
    """接通率 = answered ÷ offered, with the outcomes in `without` left out of the denominator, visibly."""
    excluded = {outcome: counts.outcomes.get(outcome, 0) for outcome in without}
    denominator = counts.offered - counts.live - sum(excluded.values())
    return Share(numerator=counts.answered, denominator=denominator, excluded=with_live(excluded, counts.live))


def within_of_requests(counts: Tally, seconds: float) -> Share:
    """N秒接通率: answered within N seconds ÷ all requests for a person; nothing that is over is left out."""
    return Share(
        numerator=up_to(counts.answered_waits, seconds),
        denominator=counts.asked - counts.asked_live,
        excluded=with_live({}, counts.asked_live),
    )


def service_level(counts: Tally, formula: str, seconds: float, short_seconds: float = SHORT_SECONDS) -> Share:
    """The five published service-level formulas F1–F5 for a limit of `seconds`.

    Source: ICMI 2002 and callcentrehelper.com 206890; F5 is F1 with a window for short abandons. AN: answered,
    AB: left unserved. Requests that we refused or lost are in none of them; they are listed as excluded.
    """
    answered, left = len(counts.answered_waits), len(counts.left_waits)
    in_time, left_in_time = up_to(counts.answered_waits, seconds), up_to(counts.left_waits, seconds)
    excluded = with_live(counts.unserved, counts.asked_live)
    match formula:
        case "F1":
            parts = (in_time + left_in_time, answered + left)
        case "F2":
            parts = (in_time, answered)
            excluded = {**excluded, "left": left} if left else excluded
        case "F3":
            parts = (in_time, answered + left)
        case "F4":
            parts = (in_time, answered + left - left_in_time)
            excluded = {**excluded, "left_in_time": left_in_time} if left_in_time else excluded
        case "F5":
            parts = (in_time + up_to(counts.left_waits, short_seconds), answered + left)
        case _:
            raise ValueError(formula)
    return Share(numerator=parts[0], denominator=parts[1], excluded=excluded)


def worst_window(calls: Iterable[CallFacts], begin: datetime, end: datetime) -> WorstWindow | None:
    """The lowest answered ÷ offered over any 24 hours that end after `begin` and not after `end`.

    Exact: the rate of the window `[e − 24 h, e)` changes only just after a call entered or left it, so it is evaluated
    at each of these instants and at the end. `calls` must reach back 24 hours before `begin`. Callers not yet decided
    are left out. None when no window holds a call. Source: GB/T 33358-2016, 接通率 over any continuous 24 hours
    (连续24小时).
    """
    changes: dict[datetime, list[int]] = {end: [0, 0, 0]}
    offered = answered = live = 0
    for call in calls:
        if not begin - DAY < call.offered_at < end:
            continue
        taken = is_answered(call)
        undecided = call.outcome is None and not taken
        if call.offered_at <= begin:
            offered, answered, live = offered + (not undecided), answered + taken, live + undecided
        else:
            _add(changes, call.offered_at, not undecided, taken, undecided)
        if call.offered_at + DAY < end:
            _add(changes, call.offered_at + DAY, -(not undecided), -taken, -undecided)
    worst: WorstWindow | None = None
    for instant in sorted(changes):
        if offered and (worst is None or answered * worst.share.denominator < worst.share.numerator * offered):
            worst = WorstWindow(
                begins_at=instant - DAY,
                ends_at=instant,
                share=Share(numerator=answered, denominator=offered, excluded=with_live({}, live)),
            )
        by_offered, by_answered, by_live = changes[instant]
        offered, answered, live = offered + by_offered, answered + by_answered, live + by_live
    return worst


def in_seconds(micros: Iterable[int]) -> float:
    """The sum, in seconds to the millisecond."""
    return round(sum(micros) / 1_000_000, 3)


def up_to(waits: Sequence[int], seconds: float) -> int:
    """How many of the sorted waits are not longer than that."""
    return bisect_right(waits, round(seconds * 1_000_000))


def with_live(excluded: Mapping[str, int], live: int) -> dict[str, int]:
    """What is left out, with the calls that are not decided yet."""
    return {**excluded, "live": live} if live else dict(excluded)


def _add(changes: dict[datetime, list[int]], instant: datetime, *by: int) -> None:
    sums = changes.setdefault(instant, [0, 0, 0])
    for place, number in enumerate(by):
        sums[place] += number
