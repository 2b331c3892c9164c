"""Opening hours: what people type, what it means at a moment, and that it comes back as it was."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline.directory import hours, hours_text
from hotline.directory.hours import Day, Hours, OpenState, Period, of_plain, standing, to_plain, told
from hotline.directory.hours_text import NotHours
from hotline.rosters.calendar import SHANGHAI, Calendar, DayKind, SpecialDay
from tests.directory.making import OFFICE_HOURS

CALENDAR = Calendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def read(text: str) -> Hours:
    found = hours_text.read(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("typed", "lines"),
    [
        (OFFICE_HOURS, ["周一至周五 09:00-12:00 14:00-17:30", "周六 需预约", "周日 休息", "节假日 休息"]),
        ("每天9：00－17：00", ["周一至周日 09:00-17:00", "节假日 休息"]),
        (
            "星期一到星期五：8:30至11:30，14:00~17:00",
            ["周一至周五 08:30-11:30 14:00-17:00", "周六、周日 休息", "节假日 休息"],
        ),
        ("周一、周三 09:00-12:00\n节假日 预约", ["周一、周三 09:00-12:00", "周二、周四至周日 休息", "节假日 需预约"]),
        (
            "工作日 全天;周末 10:00-16:00 预约",
            ["周一至周五 00:00-24:00", "周六、周日 10:00-16:00 需预约", "节假日 休息"],
        ),
        ("周二至四 9:00-10:00", ["周一、周五至周日 休息", "周二至周四 09:00-10:00", "节假日 休息"]),
    ],
)
def test_what_people_type(typed: str, lines: list[str]) -> None:
    assert told(read(typed)) == lines


def test_nothing_typed_is_not_known() -> None:
    assert hours_text.read("  ") is None
    assert told(None) == []


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("09:00-12:00", "没有写明是哪几天"),
        ("周一 12:00-09:00", "周一的结束时间须晚于开始时间"),
        ("周一 09:00-12:00 11:00-13:00", "周一的时间段须按先后填写，且不能重叠"),
        ("周一 25:00-26:00", "时间无法识别"),
        ("周一 上午", "时间无法识别：上午"),
        ("周一", "没有写时间"),
        ("周五至周一 9:00-10:00", "星期的先后不对"),
        ("周一 9:00-10:00；周一 休息", "周一写了两次"),
        ("周一 休息 9:00-10:00", "又写休息又写时间"),
        ("周一 1:00-2:00 3:00-4:00 5:00-6:00 7:00-8:00 9:00-10:00", "周一的时间段不能超过 4 个"),
        ("周一 9:00-10:00" * 40, "时间不能超过 400 个字"),
    ],
)
def test_what_cannot_be_read(typed: str, why: str) -> None:
    with pytest.raises(NotHours, match=why):
        hours_text.read(typed)


PERIODS = st.lists(st.integers(0, 1440), unique=True, max_size=8).map(
    lambda ends: tuple(Period(a, b) for a, b in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)
DAYS = st.builds(Day, periods=PERIODS, appointment=st.booleans())
HOURS = st.builds(
    lambda week, holiday: Hours(week=tuple(week), holiday=holiday), st.lists(DAYS, min_size=7, max_size=7), DAYS
)


@settings(max_examples=60, deadline=None)
@given(known=HOURS, minutes=st.integers(0, 20 * 1440))
def test_open_is_what_the_standing_says(known: Hours, minutes: int) -> None:
    now = at("2026-09-25T00:00") + timedelta(minutes=minutes)  # with a holiday and days worked in exchange
    assert hours.is_open(known, now, CALENDAR.kind) is (standing(known, now, CALENDAR.kind).state is OpenState.OPEN)


@settings(max_examples=60, deadline=None)
@given(known=HOURS)
def test_what_is_told_is_read_back(known: Hours) -> None:
    text = "；".join(told(known))
    if len(text) <= hours_text.MAX_TEXT:
        assert hours_text.read(text) == known
    assert of_plain(to_plain(known)) == known
    assert hours.faults(known) == []


@pytest.mark.parametrize(
    ("now", "state", "until"),
    [
        ("2026-11-23T10:00", OpenState.OPEN, "2026-11-23T12:00"),
        ("2026-11-23T12:00", OpenState.CLOSED, "2026-11-23T14:00"),
        ("2026-11-23T14:00", OpenState.OPEN, "2026-11-23T17:30"),
        ("2026-11-23T18:00", OpenState.CLOSED, "2026-11-24T09:00"),
        ("2026-11-27T18:00", OpenState.CLOSED, "2026-11-28T00:00"),  # by appointment from Saturday on
        ("2026-11-28T11:00", OpenState.APPOINTMENT, "2026-11-29T00:00"),
        ("2026-11-29T11:00", OpenState.CLOSED, "2026-11-30T09:00"),
        ("2026-10-01T10:00", OpenState.CLOSED, "2026-10-08T09:00"),  # the national holiday
        ("2026-10-10T10:00", OpenState.OPEN, "2026-10-10T12:00"),  # a Saturday worked in exchange
    ],
)
def test_open_now(now: str, state: OpenState, until: str) -> None:
    found = standing(read(OFFICE_HOURS), at(now), CALENDAR.kind)
    assert (found.state, found.until) == (state, at(until))
    assert hours.is_open(read(OFFICE_HOURS), at(now), CALENDAR.kind) is (state is OpenState.OPEN)


def test_around_the_clock_there_is_no_end() -> None:
    always = read("每天 全天；节假日 全天")
    assert standing(always, at("2026-11-23T03:00"), CALENDAR.kind) == hours.Standing(state=OpenState.OPEN)
    assert standing(read("每天 休息"), at("2026-11-23T03:00"), CALENDAR.kind).until is None
    assert standing(None, at("2026-11-23T03:00"), CALENDAR.kind).state is OpenState.UNKNOWN


def test_over_midnight_is_one_stretch() -> None:
    night = read("周一 20:00-24:00；周二 00:00-06:00")
    found = standing(night, at("2026-11-23T21:00"), CALENDAR.kind)
    assert found.until == at("2026-11-24T06:00")


def test_a_day_off_of_the_site_counts() -> None:
    own = Calendar([SpecialDay(day=date(2026, 11, 23), kind=DayKind.HOLIDAY, label="三月三")])
    found = standing(read(OFFICE_HOURS), at("2026-11-23T10:00"), own.kind)
    assert (found.state, found.until) == (OpenState.CLOSED, at("2026-11-24T09:00"))
