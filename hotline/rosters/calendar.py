"""Is a day worked in China, and why not? Public holidays with their swapped working days (调休), year by year.

What the State Council has published comes from the library `chinesecalendar`; what a site enters itself comes first: it
knows next year before the library does, and its own days off. A year nobody has said anything about goes by weekdays
and is marked as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta, timezone
from enum import StrEnum
from typing import Final

import msgspec
from chinese_calendar.constants import Holiday, holidays, workdays


class DayKind(StrEnum):
    """What a day counts for."""

    WORKDAY = "workday"
    """工作日, with the Saturdays and Sundays that are worked in exchange (调休上班)."""
    WEEKEND = "weekend"
    """周末: a Saturday or Sunday that belongs to no holiday."""
    HOLIDAY = "holiday"
    """节假日: a public holiday, with the days off that were moved to it."""


class Source(StrEnum):
    """Who says so."""

    SITE = "site"
    """The site entered it."""
    PUBLISHED = "published"
    """The State Council's notice for that year."""
    WEEKDAY = "weekday"
    """Nobody: the year's notice is not known here."""


class SpecialDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day that is not what its weekday says."""

    day: date
    kind: DayKind
    label: str = ""
    """春节, 国庆节调休上班, …"""


class DayFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a day."""

    day: date
    kind: DayKind
    label: str
    source: Source


SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year, so a fixed offset is exact."""
LAST_PUBLISHED: Final = max(holidays).year
"""The last year that the library knows."""
_FIRST_PUBLISHED: Final = min(holidays).year
# The library gives its members the Chinese name when they are made, where a type checker does not see it.
_NAMES: Final[Mapping[str, str]] = {each.value: getattr(each, "chinese", each.value) for each in Holiday}


class Calendar:
    """The days of a site: its own entries over what is published."""

    __slots__ = ("_own", "_own_years")

    def __init__(self, own: Iterable[SpecialDay] = ()) -> None:
        self._own = {each.day: each for each in own}
        self._own_years = {day.year for day in self._own}

    def of(self, day: date) -> DayFacts:
        """What the day is, and who says so."""
        if (own := self._own.get(day)) is not None:
            return DayFacts(day=day, kind=own.kind, label=own.label, source=Source.SITE)
        source = self._source(day.year)
        if (special := published(day)) is not None:
            return DayFacts(day=day, kind=special.kind, label=special.label, source=source)
        kind = DayKind.WORKDAY if day.isoweekday() <= 5 else DayKind.WEEKEND
        return DayFacts(day=day, kind=kind, label="", source=source)

    def kind(self, day: date) -> DayKind:
        """Only the kind."""
        return self.of(day).kind

    def days(self, first: date, last: date) -> list[DayFacts]:
        """Every day from the first to the last, both included."""
        return [self.of(first + timedelta(days=ahead)) for ahead in range((last - first).days + 1)]

    def _source(self, year: int) -> Source:
        if _FIRST_PUBLISHED <= year <= LAST_PUBLISHED:
            return Source.PUBLISHED
        return Source.SITE if year in self._own_years else Source.WEEKDAY


def published(day: date) -> SpecialDay | None:
    """What the State Council's notice says of the day; None: nothing, its weekday counts."""
    if (name := workdays.get(day)) is not None:
        return SpecialDay(day=day, kind=DayKind.WORKDAY, label=f"{_NAMES.get(name, name)}调休上班")
    if (name := holidays.get(day)) is not None:
        return SpecialDay(day=day, kind=DayKind.HOLIDAY, label=_NAMES.get(name, name))
    return None
