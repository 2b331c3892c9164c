"""Where are too few lawyers planned (缺口)?

A requirement says how many lawyers a time of day needs, of a skill group or of the whole hall. Where several speak of
the same group at the same time the largest counts. A place without a lawyer, and a shift whose callers get the
answering machine, fill nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import msgspec

from hotline.rosters.calendar import Calendar, DayKind
from hotline.rosters.shift import DutyMode, Shift, Span, clock_span, day_of, overlaps


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """How many lawyers are needed on such days at such times."""

    days: tuple[DayKind, ...]
    begins: time
    ends: time
    """At or before `begins`: the next day."""
    lawyers: int
    group: str = ""
    """Empty: whoever is on duty in the hall counts."""
    weekdays: tuple[int, ...] = ()
    """1 Monday … 7 Sunday; empty: every one."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A time with too few lawyers."""

    begins_at: datetime
    ends_at: datetime
    group: str
    required: int
    planned: int

    @property
    def missing(self) -> int:
        """How many more are needed."""
        return self.required - self.planned


def gaps(requirements: Sequence[Requirement], shifts: Iterable[Shift], calendar: Calendar, within: Span) -> list[Gap]:
    """Every time within the span that wants more lawyers than are planned, by time, then by group."""
    serving = [
        each
        for each in shifts
        if each.lawyer is not None and each.mode is not DutyMode.VOICEMAIL and overlaps(each.span, within)
    ]
    found: list[Gap] = []
    for group in sorted({each.group for each in requirements}):
        wanted = _wanted([each for each in requirements if each.group == group], calendar, within)
        present = [each for each in serving if group in ("", each.group)]
        found += _gaps_of(group, wanted, present, within)
    return sorted(found, key=lambda each: (each.begins_at, each.group))


def applies(days: Sequence[DayKind], weekdays: Sequence[int], kind: DayKind, day: date) -> bool:
    """Is a day of this kind, on this weekday, meant?"""
    return kind in days and (not weekdays or day.isoweekday() in weekdays)


def _wanted(requirements: Sequence[Requirement], calendar: Calendar, within: Span) -> list[tuple[Span, int]]:
    found: list[tuple[Span, int]] = []
    # What begins the evening before reaches into the first day.
    day, last = day_of(within.begins_at) - timedelta(days=1), day_of(within.ends_at)
    while day <= last:
        kind = calendar.kind(day)
        for each in requirements:
            if applies(each.days, each.weekdays, kind, day):
                span = clock_span(day, each.begins, each.ends)
                if overlaps(span, within):
                    found.append((span, each.lawyers))
        day += timedelta(days=1)
    return found


def _gaps_of(group: str, wanted: Sequence[tuple[Span, int]], present: Sequence[Shift], within: Span) -> list[Gap]:
    spans = [span for span, _ in wanted] + [each.span for each in present]
    edges = {edge for span in spans for edge in (span.begins_at, span.ends_at)} | {within.begins_at, within.ends_at}
    cuts = sorted(edge for edge in edges if within.begins_at <= edge <= within.ends_at)
    found: list[Gap] = []
    for begins_at, ends_at in pairwise(cuts):
        required = max((n for span, n in wanted if span.begins_at <= begins_at < span.ends_at), default=0)
        planned = len({each.lawyer for each in present if each.begins_at <= begins_at < each.ends_at})
        if planned >= required:
            continue
        before = found[-1] if found else None
        if before is not None and (before.ends_at, before.required, before.planned) == (begins_at, required, planned):
            begins_at = before.begins_at
            found.pop()
        found.append(Gap(begins_at=begins_at, ends_at=ends_at, group=group, required=required, planned=planned))
    return found
