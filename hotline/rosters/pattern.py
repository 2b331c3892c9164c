"""Which shifts does a pattern (排班模板) make for a period, and what stands in the way of each?

A pattern says on which days, from when to when, how many lawyers, and in which order they take turns. Rotation is
counted from the pattern's anchor day, so the same day gets the same lawyer whichever period is generated. A shift
belongs to the day on which it begins: the night of a Friday is a Friday's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.rosters.calendar import Calendar, DayKind
from hotline.rosters.coverage import applies
from hotline.rosters.licence import Licence, LicenceFault, fault
from hotline.rosters.shift import DutyMode, Span, clock_span, overlaps


class Rotation(StrEnum):
    """Who is next."""

    FIXED = "fixed"
    """固定: the same lawyers each time."""
    DAILY = "daily"
    """逐班轮换: the next ones each time."""
    WEEKLY = "weekly"
    """按周轮换: the next ones each week, from Monday."""


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that makes shifts."""

    id: int
    name: str
    days: tuple[DayKind, ...]
    weekdays: tuple[int, ...] = ()
    """1 Monday … 7 Sunday; empty: every one."""
    begins: time
    ends: time
    """At or before `begins`: the next day."""
    group: str = ""
    mode: DutyMode = DutyMode.LIVE
    places: int = 1
    """Lawyers at a time; a shift is made for each. For voicemail one without a lawyer."""
    rotation: Rotation = Rotation.FIXED
    lawyers: tuple[str, ...] = ()
    """Accounts in the order of their turns; empty: open shifts."""
    anchor: date
    """The day on which the first in the order begins."""


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A shift that a pattern wants."""

    pattern: int
    name: str
    place: int
    """1, 2, …: which of the pattern's places at that time."""
    day: date
    span: Span
    lawyer: str | None
    group: str
    mode: DutyMode


class Fate(StrEnum):
    """What generating does with it."""

    MADE = "made"
    """新增."""
    OPEN = "open"
    """新增为空缺: made without the lawyer; `why` says why."""
    KEPT = "kept"
    """已存在: made before, whatever has become of it; it stays as it is."""
    PAST = "past"
    """已过: its time has begun."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A planned shift and what becomes of it."""

    planned: Planned
    fate: Fate
    why: str = ""
    """A code: that of the licence, double_booked, unknown_lawyer, no_turn."""

    @property
    def lawyer(self) -> str | None:
        """Who gets the shift."""
        return self.planned.lawyer if self.fate is Fate.MADE else None


DOUBLE_BOOKED: Final = "double_booked"
UNKNOWN_LAWYER: Final = "unknown_lawyer"
NO_TURN: Final = "no_turn"
"""The pattern has fewer lawyers than places."""
Key = tuple[int, datetime, int]
"""Pattern, beginning, place: the same shift is never made twice."""


def planned(pattern: Pattern, calendar: Calendar, first: date, last: date) -> list[Planned]:
    """What the pattern wants for the days from the first to the last, both included, in order."""
    found: list[Planned] = []
    for day, turn in _turns(pattern, calendar, first, last):
        span = clock_span(day, pattern.begins, pattern.ends)
        for place in range(1, (1 if pattern.mode is DutyMode.VOICEMAIL else pattern.places) + 1):
            found.append(
                Planned(
                    pattern=pattern.id,
                    name=pattern.name,
                    place=place,
                    day=day,
                    span=span,
                    lawyer=_whose(pattern, turn, place),
                    group=pattern.group,
                    mode=pattern.mode,
                )
            )
    return found


def drafted(
    wanted: Sequence[Planned],
    *,
    made: Collection[Key],
    busy: Mapping[str, Sequence[Span]],
    licences: Mapping[str, Licence],
    now: datetime,
) -> list[Draft]:
    """What becomes of each, in the order given: an earlier one may take the time that a later one wants.

    `made`: what was made before; `busy`: the lawyers' other shifts; `licences`: of every lawyer of the hall.
    """
    taken = {lawyer: list(spans) for lawyer, spans in busy.items()}
    found: list[Draft] = []
    for each in wanted:
        if (each.pattern, each.span.begins_at, each.place) in made:
            found.append(Draft(planned=each, fate=Fate.KEPT))
        elif each.span.begins_at <= now:
            found.append(Draft(planned=each, fate=Fate.PAST))
        elif why := _hindrance(each, taken, licences):
            found.append(Draft(planned=each, fate=Fate.OPEN, why=why))
        else:
            found.append(Draft(planned=each, fate=Fate.MADE))
            if each.lawyer is not None:
                taken.setdefault(each.lawyer, []).append(each.span)
    return found


def _hindrance(each: Planned, taken: Mapping[str, Sequence[Span]], licences: Mapping[str, Licence]) -> str:
    if each.mode is DutyMode.VOICEMAIL:
        return ""
    if each.lawyer is None:
        return NO_TURN
    licence = licences.get(each.lawyer)
    if licence is None:
        return UNKNOWN_LAWYER
    found: LicenceFault | None = fault(licence, each.day)
    if found is not None:
        return found.value
    return DOUBLE_BOOKED if any(overlaps(each.span, other) for other in taken.get(each.lawyer, ())) else ""


def _turns(pattern: Pattern, calendar: Calendar, first: date, last: date) -> Iterator[tuple[date, int]]:
    """The pattern's days within the period, each with the number of its turn."""

    def is_meant(day: date) -> bool:
        return applies(pattern.days, pattern.weekdays, calendar.kind(day), day)

    turn = 0
    if pattern.rotation is Rotation.DAILY:
        begins, ends = sorted((pattern.anchor, first))
        between = sum(is_meant(begins + timedelta(days=ahead)) for ahead in range((ends - begins).days))
        turn = between if first > pattern.anchor else -between
    monday = pattern.anchor - timedelta(days=pattern.anchor.weekday())
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        if not is_meant(day):
            continue
        match pattern.rotation:
            case Rotation.FIXED:
                yield day, 0
            case Rotation.WEEKLY:
                yield day, (day - monday).days // 7
            case Rotation.DAILY:
                yield day, turn
                turn += 1


def _whose(pattern: Pattern, turn: int, place: int) -> str | None:
    if pattern.mode is DutyMode.VOICEMAIL or place > len(pattern.lawyers):
        return None
    return pattern.lawyers[(turn * pattern.places + place - 1) % len(pattern.lawyers)]
