"""From when to when is somebody on duty, where and how? Shifts (班次) and the arithmetic of their times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.rosters.calendar import SHANGHAI


class DutyMode(StrEnum):
    """值守方式: how callers are served during a shift."""

    LIVE = "live"
    """坐席值守: a lawyer sits at a seat."""
    FORWARDED_MOBILE = "forwarded_mobile"
    """转接手机: the night lawyer takes calls at home."""
    VOICEMAIL = "voicemail"
    """留言: nobody; callers leave a message."""


class Span(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """From–to; the end is not in it. Aware datetimes."""

    begins_at: datetime
    ends_at: datetime

    @property
    def length(self) -> timedelta:
        """How long."""
        return self.ends_at - self.begins_at


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """One person's duty, or a place that still wants one (空缺)."""

    id: int
    begins_at: datetime
    ends_at: datetime
    lawyer: str | None = None
    """Account; None: open, or nobody is needed (voicemail)."""
    firm: int | None = None
    """The lawyer's firm when the shift was given: the one that is paid for it."""
    group: str = ""
    """Skill group (技能组); empty: any seat."""
    mode: DutyMode = DutyMode.LIVE

    @property
    def span(self) -> Span:
        """From when to when."""
        return Span(begins_at=self.begins_at, ends_at=self.ends_at)


LONGEST: Final = timedelta(hours=24)
"""No shift is longer: nobody is on duty for more than a day without a break in the roster."""


def clock_span(day: date, begins: time, ends: time) -> Span:
    """The times of the clock on that day in China; an end at or before the beginning is on the next day.

    08:00–08:00 is twenty-four hours.
    """
    begins_at = datetime.combine(day, begins, SHANGHAI)
    ends_at = datetime.combine(day, ends, SHANGHAI)
    if ends_at <= begins_at:
        ends_at += timedelta(days=1)
    return Span(begins_at=begins_at, ends_at=ends_at)


def day_of(instant: datetime) -> date:
    """The day in China."""
    return instant.astimezone(SHANGHAI).date()


def day_span(first: date, last: date) -> Span:
    """Whole days in China, both included."""
    begins_at = datetime.combine(first, time(), SHANGHAI)
    return Span(begins_at=begins_at, ends_at=datetime.combine(last, time(), SHANGHAI) + timedelta(days=1))


def overlaps(one: Span, other: Span) -> bool:
    """Do they share any time? Touching ends do not."""
    return one.begins_at < other.ends_at and other.begins_at < one.ends_at


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time without overlaps, in order; empty spans are dropped."""
    found: list[Span] = []
    for each in sorted(span for span in spans if span.begins_at < span.ends_at):
        if found and each.begins_at <= found[-1].ends_at:
            if each.ends_at > found[-1].ends_at:
                found[-1] = Span(begins_at=found[-1].begins_at, ends_at=each.ends_at)
        else:
            found.append(each)
    return found


def common(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """The time that both have, without overlaps, in order."""
    one, other = merged(some), merged(others)
    found: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        begins_at = max(one[i].begins_at, other[j].begins_at)
        ends_at = min(one[i].ends_at, other[j].ends_at)
        if begins_at < ends_at:
            found.append(Span(begins_at=begins_at, ends_at=ends_at))
        if one[i].ends_at < other[j].ends_at:
            i += 1
        else:
            j += 1
    return found


def seconds(spans: Iterable[Span]) -> int:
    """Whole seconds of all together; what overlaps counts once for each."""
    return round(sum((each.length for each in spans), timedelta()).total_seconds())
