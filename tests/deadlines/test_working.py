"""Working time: the State Council's days, swapped ones included, and the hours of an office."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.deadlines.working import Clock, NoWorkday, Office, Unit
from hotline.rosters.calendar import SHANGHAI, Calendar, DayKind, SpecialDay

CLOCK = Clock(calendar=Calendar())


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("begins", "amount", "ends"),
    [
        ("2025-06-03 10:00", 1, "2025-06-04 17:30"),  # a Tuesday: that day does not count
        ("2025-06-06 10:00", 1, "2025-06-09 17:30"),  # a Friday
        ("2025-06-07 10:00", 1, "2025-06-09 17:30"),  # a Saturday: Monday is the first day
        ("2025-09-26 10:00", 5, "2025-10-10 17:30"),  # 27th off, 28th worked, 29th, 30th, 1st–8th off, 9th, 10th
        ("2025-09-27 10:00", 1, "2025-09-28 17:30"),  # a Sunday worked in exchange
        ("2025-09-30 17:29", 1, "2025-10-09 17:30"),  # over the whole holiday
        ("2025-10-10 10:00", 1, "2025-10-11 17:30"),  # a Saturday worked in exchange
        ("2025-06-03 23:59", 0, "2025-06-03 17:30"),  # nothing to count: the office has closed already
    ],
)
def test_working_days(begins: str, amount: int, ends: str) -> None:
    assert CLOCK.end(at(begins), amount, Unit.WORKDAYS) == at(ends)


def test_minutes_run_through_the_night() -> None:
    assert CLOCK.end(at("2025-09-30 23:30"), 60, Unit.MINUTES) == at("2025-10-01 00:30")


def test_days_count_all_and_end_on_a_working_day() -> None:
    assert CLOCK.end(at("2025-06-03 10:00"), 3, Unit.DAYS) == at("2025-06-06 17:30")
    assert CLOCK.end(at("2025-09-29 10:00"), 3, Unit.DAYS) == at("2025-10-09 17:30")


def test_an_instant_in_another_zone_is_the_same_instant() -> None:
    late = datetime.fromisoformat("2025-06-03T16:30:00+00:00")  # half past midnight of the 4th in Shanghai
    assert CLOCK.end(late, 1, Unit.WORKDAYS) == at("2025-06-05 17:30")


def test_the_warning_comes_in_the_morning_of_the_working_day_before() -> None:
    end = CLOCK.end(at("2025-09-26 10:00"), 5, Unit.WORKDAYS)
    assert CLOCK.warn(at("2025-09-26 10:00"), end, 1, Unit.WORKDAYS) == at("2025-10-09 09:00")
    assert CLOCK.warn(at("2025-09-26 10:00"), end, 2, Unit.WORKDAYS) == at("2025-09-30 09:00")


def test_no_warning_before_the_beginning() -> None:
    assert CLOCK.warn(at("2025-06-03 10:00"), at("2025-06-03 10:30"), 45, Unit.MINUTES) == at("2025-06-03 10:00")


def test_a_pause_keeps_what_was_left() -> None:
    end = CLOCK.end(at("2025-06-03 10:00"), 5, Unit.WORKDAYS)  # the 10th
    resumed = CLOCK.resume(end, at("2025-06-05 15:00"), at("2025-06-13 09:00"), Unit.WORKDAYS)
    assert resumed == at("2025-06-18 17:30")  # the 6th, 9th, 10th were left: the 16th, 17th, 18th
    minutes = CLOCK.resume(at("2025-06-03 11:00"), at("2025-06-03 10:40"), at("2025-06-03 12:00"), Unit.MINUTES)
    assert minutes == at("2025-06-03 12:20")


def test_what_was_over_stays_over() -> None:
    end = at("2025-06-03 17:30")
    assert CLOCK.resume(end, at("2025-06-04 09:00"), at("2025-06-20 09:00"), Unit.WORKDAYS) == end


def test_the_site_knows_better() -> None:
    own = Clock(
        calendar=Calendar([SpecialDay(day=date(2025, 6, 4), kind=DayKind.HOLIDAY)]),
        office=Office(closes=time(16)),
    )
    assert own.end(at("2025-06-03 10:00"), 1, Unit.WORKDAYS) == at("2025-06-05 16:00")


def test_a_calendar_without_working_days_is_said_to_be_wrong() -> None:
    days = [SpecialDay(day=date(2025, 6, 1) + timedelta(days=n), kind=DayKind.HOLIDAY) for n in range(100)]
    with pytest.raises(NoWorkday):
        Clock(calendar=Calendar(days)).end(at("2025-06-03 10:00"), 1, Unit.WORKDAYS)


@given(
    hours=st.integers(0, 3 * 365 * 24),
    amount=st.integers(1, 20),
    paused=st.integers(0, 40 * 24),
    away=st.integers(0, 40 * 24),
)
def test_a_pause_never_shortens_nor_loses_a_working_day(hours: int, amount: int, paused: int, away: int) -> None:
    begin = at("2024-01-01 00:30") + timedelta(hours=hours)
    end = CLOCK.end(begin, amount, Unit.WORKDAYS)
    stop = begin + timedelta(hours=paused)
    go_on = stop + timedelta(hours=away)
    after = CLOCK.resume(end, stop, go_on, Unit.WORKDAYS)
    assert after >= end
    if stop < end:
        left, had = CLOCK.workdays(go_on.date(), after.date()), CLOCK.workdays(stop.date(), end.date())
        assert left == had or had == 0
