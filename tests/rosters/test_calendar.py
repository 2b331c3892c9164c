"""Holidays with their swapped working days, and what the site says beyond them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hotline.rosters.calendar import LAST_PUBLISHED, Calendar, DayKind, Source, SpecialDay, published


@pytest.mark.parametrize(
    ("day", "kind", "label"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 7), DayKind.HOLIDAY, "国庆节"),
        (date(2026, 10, 8), DayKind.WORKDAY, ""),
        (date(2026, 10, 10), DayKind.WORKDAY, "国庆节调休上班"),  # a Saturday
        (date(2026, 9, 20), DayKind.WORKDAY, "国庆节调休上班"),  # a Sunday
        (date(2026, 2, 16), DayKind.HOLIDAY, "春节"),
        (date(2026, 2, 14), DayKind.WORKDAY, "春节调休上班"),
        (date(2026, 11, 21), DayKind.WEEKEND, ""),
        (date(2026, 11, 23), DayKind.WORKDAY, ""),
    ],
)
def test_published_days(day: date, kind: DayKind, label: str) -> None:
    facts = Calendar().of(day)
    assert (facts.kind, facts.label, facts.source) == (kind, label, Source.PUBLISHED)


def test_the_notice_of_2026_as_a_whole() -> None:
    days = Calendar().days(date(2026, 1, 1), date(2026, 12, 31))
    assert len(days) == 365
    assert sum(each.kind is DayKind.HOLIDAY for each in days) == 33
    swapped = [each.day for each in days if each.kind is DayKind.WORKDAY and each.day.isoweekday() > 5]
    assert swapped == [date(2026, *each) for each in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))]


def test_a_year_nobody_published_goes_by_weekdays_and_says_so() -> None:
    new_year = date(LAST_PUBLISHED + 1, 1, 1)
    facts = Calendar().of(new_year)
    assert facts.source is Source.WEEKDAY
    assert facts.kind is (DayKind.WORKDAY if new_year.isoweekday() <= 5 else DayKind.WEEKEND)
    assert published(new_year) is None


def test_the_site_speaks_first() -> None:
    own = [
        SpecialDay(day=date(2026, 10, 1), kind=DayKind.WORKDAY, label="值班日"),
        SpecialDay(day=date(LAST_PUBLISHED + 1, 1, 1), kind=DayKind.HOLIDAY, label="元旦"),
    ]
    calendar = Calendar(own)
    assert calendar.of(date(2026, 10, 1)).label == "值班日"
    assert calendar.of(date(2026, 10, 1)).source is Source.SITE
    assert calendar.kind(date(2026, 10, 2)) is DayKind.HOLIDAY
    assert calendar.kind(date(LAST_PUBLISHED + 1, 1, 1)) is DayKind.HOLIDAY
    assert calendar.of(date(LAST_PUBLISHED + 1, 1, 1) + timedelta(days=1)).source is Source.SITE
