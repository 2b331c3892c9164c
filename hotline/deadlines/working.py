"""When is a period over? Minutes run through the night; days end when the office closes.

The day on which a period begins does not count, and a period whose last day is not worked ends with the next working
day (民法典 §201, §203); where an office keeps hours, the last day ends when it closes (§203). Pure: the calendar of
working days, with its swapped ones (调休), is an argument.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.rosters.calendar import SHANGHAI, Calendar, DayKind

LONGEST_REST: Final = 60
"""Days without a working day after which the calendar must be wrong."""


class Unit(StrEnum):
    """What a period is counted in."""

    MINUTES = "minutes"
    """分钟: by the clock, through nights and holidays."""
    WORKDAYS = "workdays"
    """工作日."""
    DAYS = "days"
    """日: every day counts, but a period does not end on a day off."""


class Office(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of the desks that handle tickets, Shanghai time."""

    opens: time = time(9)
    closes: time = time(17, 30)


def local_day(at: datetime) -> date:
    """The day in Shanghai."""
    return at.astimezone(SHANGHAI).date()


class NoWorkday(Exception):
    """The calendar names no working day for two months: it was entered wrongly."""


class Clock(msgspec.Struct, frozen=True, kw_only=True):
    """A site's working time."""

    calendar: Calendar
    office: Office = Office()

    def end(self, begins: datetime, amount: int, unit: Unit) -> datetime:
        """When a period of `amount` units is over that begins at `begins` (aware). Raises `NoWorkday`."""
        here = begins.astimezone(SHANGHAI)
        match unit:
            case Unit.MINUTES:
                return here + timedelta(minutes=amount)
            case Unit.WORKDAYS:
                return self._closes(self._after(here.date(), amount))
            case Unit.DAYS:
                return self._closes(self._worked(here.date() + timedelta(days=amount)))

    def warn(self, begins: datetime, ends: datetime, before: int, unit: Unit) -> datetime:
        """When to warn of an end: `before` units ahead of it, when the office opens; never before it began."""
        here = ends.astimezone(SHANGHAI)
        match unit:
            case Unit.MINUTES:
                at = here - timedelta(minutes=before)
            case Unit.WORKDAYS:
                at = self._opens(self._before(here.date(), before))
            case Unit.DAYS:
                at = self._opens(here.date() - timedelta(days=before))
        return max(at, begins.astimezone(SHANGHAI))

    def resume(self, ends: datetime, paused: datetime, resumed: datetime, unit: Unit) -> datetime:
        """The new end of a period that stood still from `paused` to `resumed`: what was left then is left now.

        A period that was over when it was paused stays over.
        """
        end, stopped, goes_on = (at.astimezone(SHANGHAI) for at in (ends, paused, resumed))
        if stopped >= end or goes_on <= stopped:
            return end
        match unit:
            case Unit.MINUTES:
                return end + (goes_on - stopped)
            case Unit.WORKDAYS:
                left = self.workdays(stopped.date(), end.date())
                return self._closes(self._after(goes_on.date(), left) if left else self._worked(goes_on.date()))
            case Unit.DAYS:
                left = (end.date() - stopped.date()).days
                return self._closes(self._worked(goes_on.date() + timedelta(days=left)))

    def workdays(self, first: date, last: date) -> int:
        """How many working days lie after the first day, up to the last."""
        span = (last - first).days
        return sum(self._is_worked(first + timedelta(days=ahead)) for ahead in range(1, span + 1))

    def _after(self, day: date, count: int) -> date:
        """The count-th working day after the day; that day itself, when none is to be counted and it is worked."""
        found = day
        for _ in range(count):
            found = self._worked(found + timedelta(days=1))
        return found if count else self._worked(day)

    def _before(self, day: date, count: int) -> date:
        found = day
        for _ in range(count):
            found = self._worked(found - timedelta(days=1), step=-1)
        return found

    def _worked(self, day: date, *, step: int = 1) -> date:
        """The day, or the next one (the last one) that is worked."""
        for ahead in range(LONGEST_REST):
            if self._is_worked(found := day + timedelta(days=step * ahead)):
                return found
        raise NoWorkday(day)

    def _is_worked(self, day: date) -> bool:
        return self.calendar.kind(day) is DayKind.WORKDAY

    def _opens(self, day: date) -> datetime:
        return datetime.combine(day, self.office.opens, SHANGHAI)

    def _closes(self, day: date) -> datetime:
        return datetime.combine(day, self.office.closes, SHANGHAI)
