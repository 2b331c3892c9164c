"""What is said at a moment: numbers as Chinese counts, places in the line, notices, opening hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.prompts import built_in
from hotline.announcements.plan import After, Days, Notice, NoticeKind, Opening, Period, Plan
from hotline.announcements.speak import (
    expected_announcement,
    greeting_sequence,
    minutes,
    notices_at,
    number,
    open_at,
    position_announcement,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""10:00 in Shanghai."""


def aloud(names: list[str]) -> str:
    return "".join(built_in()[name].text for name in names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "零"),
        (2, "二"),
        (9, "九"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (100, "一百"),
        (101, "一百零一"),
        (105, "一百零五"),
        (110, "一百一十"),
        (112, "一百一十二"),
        (200, "二百"),
        (999, "九百九十九"),
    ],
)
def test_numbers(value: int, expected: str) -> None:
    assert aloud(number(value)) == expected


def test_two_before_a_measure_word() -> None:
    assert aloud(number(2, measured=True)) == "两"
    assert aloud(number(12, measured=True)) == "十二"
    assert aloud(number(22, measured=True)) == "二十二"


@pytest.mark.parametrize("value", [-1, 1000])
def test_other_numbers_are_not_said(value: int) -> None:
    with pytest.raises(ValueError, match="is not said"):
        number(value)


@pytest.mark.parametrize(
    ("position", "seconds", "expected"),
    [
        (1, None, "您是下一位，律师将马上接听您的来电。"),
        (0, None, "您是下一位，律师将马上接听您的来电。"),
        (3, None, "您前面还有两位来电人。"),
        (13, 90.0, "您前面还有十二位来电人。预计等待两分钟。"),
        (106, 61, "您前面还有一百零五位来电人。预计等待两分钟。"),
        (2, 59.9, "您前面还有一位来电人。预计一分钟之内为您接通。"),
        (2, 0.0, "您前面还有一位来电人。预计一分钟之内为您接通。"),
        (500, 3600, "目前排队的来电人较多。预计等待六十分钟。"),
        (500, 3601, "目前排队的来电人较多。预计等待时间超过一小时，建议您稍后再拨。"),
    ],
)
def test_position_and_expected_wait(position: int, seconds: float | None, expected: str) -> None:
    assert aloud(position_announcement(position, seconds)) == expected


def test_every_position_and_wait_can_be_said() -> None:
    for position in range(1000):
        assert set(position_announcement(position, position * 37.0)) <= set(built_in())


def test_expected_wait_alone() -> None:
    assert aloud(expected_announcement(125)) == "预计等待三分钟。"


def test_the_greeting_in_another_language_where_there_is_one() -> None:
    plan = Plan(greeting="greeting", recording_notice="recording-notice", variants=frozenset({"greeting.yue"}))
    assert greeting_sequence(plan) == ["greeting", "recording-notice"]
    assert greeting_sequence(plan, "yue") == ["greeting.yue", "recording-notice"]
    assert greeting_sequence(plan, "ug") == ["greeting", "recording-notice"]
    assert greeting_sequence(Plan()) == []


def notice(name: str, kind: NoticeKind = NoticeKind.HOLIDAY, **more: object) -> Notice:
    return Notice(id=name, kind=kind, title=name, prompt=name, **more)  # pyright: ignore[reportArgumentType]


def test_notices_of_the_moment() -> None:
    hour = timedelta(hours=1)
    plan = Plan(
        notices=(
            notice("now"),
            notice("off", on=False),
            notice("past", until=NOW),
            notice("future", start=NOW + hour),
            notice("begins", start=NOW, until=NOW + hour),
            notice("urgent", NoticeKind.EMERGENCY),
        )
    )
    assert [each.id for each in notices_at(plan, NOW)] == ["urgent", "now", "begins"]
    assert [each.id for each in notices_at(plan, NOW - hour)] == ["urgent", "now", "past"]


def test_nothing_follows_a_notice_that_ends_the_call() -> None:
    plan = Plan(notices=(notice("b"), notice("a", NoticeKind.EMERGENCY, then=After.END)))
    assert [each.id for each in notices_at(plan, NOW)] == ["a"]


def test_open_always_when_no_times_are_set() -> None:
    assert open_at(Plan(), NOW, False)


@pytest.mark.parametrize(
    ("clock", "working", "is_open"),
    [
        ("08:59", True, False),
        ("09:00", True, True),
        ("11:59", True, True),
        ("12:00", True, False),
        ("14:00", True, True),
        ("23:59", True, False),
        ("09:00", False, False),
        ("10:00", False, True),
        ("22:30", True, True),
        ("22:30", False, True),
    ],
)
def test_opening_hours(clock: str, working: bool, is_open: bool) -> None:
    plan = Plan(
        opening=Opening(
            periods=(
                Period(days=Days.WORKING, start="09:00", end="12:00"),
                Period(days=Days.WORKING, start="14:00", end="17:30"),
                Period(days=Days.OFF, start="10:00", end="16:00"),
                Period(days=Days.EVERY, start="22:00", end="23:00"),
            )
        )
    )
    hour, minute = map(int, clock.split(":"))
    at = datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour - 8, minutes=minute)
    assert open_at(plan, at, working) is is_open


def test_until_midnight() -> None:
    plan = Plan(opening=Opening(periods=(Period(start="22:00", end="24:00"),)))
    assert open_at(plan, datetime(2026, 11, 23, 15, 59, tzinfo=UTC), True)
    assert not open_at(plan, datetime(2026, 11, 23, 16, 0, tzinfo=UTC), True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:00", 0), ("09:30", 570), ("24:00", 1440), ("24:01", None), ("9:30", None), ("09:60", None), ("", None),
     ("09-30", None), ("ab:cd", None), ("1234:", None), (":1234", None), ("０９:30", None)],
)  # fmt: skip
def test_times_of_day(text: str, expected: int | None) -> None:
    assert minutes(text) == expected
