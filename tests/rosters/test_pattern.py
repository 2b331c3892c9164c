"""Patterns make shifts: rotation, nights, swapped days; and what stands in the way is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rosters.calendar import Calendar, DayKind, SpecialDay
from hotline.rosters.licence import Licence
from hotline.rosters.pattern import Fate, Pattern, Planned, Rotation, drafted, planned
from hotline.rosters.shift import DutyMode, Span

CALENDAR = Calendar()
NOW = datetime(2026, 9, 1, tzinfo=UTC)
GOOD = Licence(number="1" * 17, valid_until=date(2030, 1, 1))


def pattern(**fields: Any) -> Pattern:
    given: dict[str, Any] = {
        "id": 1,
        "name": "日班",
        "days": (DayKind.WORKDAY,),
        "begins": time(9),
        "ends": time(18),
        "anchor": date(2026, 9, 1),
    }
    return Pattern(**given | fields)


def who(found: list[Planned]) -> list[str | None]:
    return [each.lawyer for each in found]


def test_swapped_days_are_worked_and_holidays_are_not() -> None:
    found = planned(pattern(), CALENDAR, date(2026, 9, 19), date(2026, 10, 11))
    days = {each.day for each in found}
    assert date(2026, 9, 20) in days  # a Sunday, worked for the National Day
    assert date(2026, 10, 10) in days
    assert not days & {date(2026, 9, 19), date(2026, 9, 25), *(date(2026, 10, n) for n in range(1, 8))}
    holidays = planned(pattern(days=(DayKind.HOLIDAY,)), CALENDAR, date(2026, 9, 19), date(2026, 10, 11))
    assert [each.day for each in holidays] == [date(2026, 9, n) for n in (25, 26, 27)] + [
        date(2026, 10, n) for n in range(1, 8)
    ]


def test_the_sites_own_day_changes_what_is_made() -> None:
    calendar = Calendar([SpecialDay(day=date(2026, 9, 2), kind=DayKind.HOLIDAY)])
    found = planned(pattern(), calendar, date(2026, 9, 1), date(2026, 9, 3))
    assert [each.day.day for each in found] == [1, 3]


def test_weekly_rotation_changes_on_monday() -> None:
    made = pattern(rotation=Rotation.WEEKLY, lawyers=("a", "b", "c"), anchor=date(2026, 11, 4))  # a Wednesday
    found = {each.day: each.lawyer for each in planned(made, CALENDAR, date(2026, 10, 26), date(2026, 11, 20))}
    assert found[date(2026, 10, 30)] == "c"  # the week before the anchor
    assert found[date(2026, 11, 2)] == found[date(2026, 11, 6)] == "a"
    assert found[date(2026, 11, 9)] == "b"
    assert found[date(2026, 11, 20)] == "c"


def test_two_places_take_two_lawyers_in_turn() -> None:
    made = pattern(rotation=Rotation.DAILY, lawyers=("a", "b", "c"), places=2, anchor=date(2026, 11, 2))
    assert who(planned(made, CALENDAR, date(2026, 11, 2), date(2026, 11, 4))) == ["a", "b", "c", "a", "b", "c"]
    short = pattern(lawyers=("a",), places=2)
    assert who(planned(short, CALENDAR, date(2026, 11, 2), date(2026, 11, 2))) == ["a", None]


def test_nobody_is_needed_for_messages() -> None:
    made = pattern(mode=DutyMode.VOICEMAIL, places=3, lawyers=("a",))
    assert who(planned(made, CALENDAR, date(2026, 11, 2), date(2026, 11, 2))) == [None]
    (draft,) = drafted(
        planned(made, CALENDAR, date(2026, 11, 2), date(2026, 11, 2)), made=(), busy={}, licences={}, now=NOW
    )
    assert (draft.fate, draft.why) == (Fate.MADE, "")


PATTERNS = st.builds(
    pattern,
    days=st.lists(st.sampled_from(list(DayKind)), min_size=1, unique=True).map(tuple),
    weekdays=st.lists(st.integers(1, 7), unique=True).map(tuple),
    rotation=st.sampled_from(list(Rotation)),
    lawyers=st.lists(st.sampled_from("abcdefg"), unique=True, max_size=6).map(tuple),
    places=st.integers(1, 4),
    begins=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    ends=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    anchor=st.dates(date(2026, 8, 1), date(2026, 12, 1)),
)
DAYS = st.dates(date(2026, 9, 1), date(2026, 11, 1))


@given(PATTERNS, DAYS, st.integers(0, 40), st.integers(0, 40))
def test_the_same_day_gets_the_same_lawyers_whichever_period_is_made(
    made: Pattern, first: date, more: int, later: int
) -> None:
    last = first + timedelta(days=more)
    whole = planned(made, CALENDAR, first, last)
    begins = min(first + timedelta(days=later), last)
    assert [each for each in whole if each.day >= begins] == planned(made, CALENDAR, begins, last)


@given(PATTERNS, DAYS)
def test_nobody_is_drafted_twice_at_a_time_and_nothing_is_forgotten(made: Pattern, first: date) -> None:
    wanted = planned(made, CALENDAR, first, first + timedelta(days=20))
    licences = dict.fromkeys("abcdef", GOOD)
    found = drafted(wanted, made=(), busy={}, licences=licences, now=NOW)
    assert [each.planned for each in found] == wanted
    by_lawyer: dict[str, list[Span]] = {}
    for each in found:
        if each.lawyer is not None:
            assert each.lawyer in licences
            before = by_lawyer.setdefault(each.lawyer, [])
            assert all(each.planned.span.begins_at >= other.ends_at for other in before)
            before.append(each.planned.span)


@given(PATTERNS, DAYS)
def test_making_twice_makes_nothing(made: Pattern, first: date) -> None:
    wanted = planned(made, CALENDAR, first, first + timedelta(days=10))
    keys = {(each.pattern, each.span.begins_at, each.place) for each in wanted}
    found = drafted(wanted, made=keys, busy={}, licences={}, now=NOW)
    assert {each.fate for each in found} <= {Fate.KEPT}


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        (None, "unknown_lawyer"),
        (Licence(), "licence_missing"),
        (Licence(number="1" * 17), "licence_missing"),
        (Licence(number="1" * 17, valid_until=date(2026, 11, 1)), "licence_expired"),
        (
            Licence(number="1" * 17, valid_until=date(2027, 1, 1), suspended_from=date(2026, 10, 1)),
            "lawyer_suspended",
        ),
        (GOOD, "double_booked"),
    ],
)
def test_what_stands_in_the_way_leaves_an_open_shift(licence: Licence | None, why: str) -> None:
    wanted = planned(pattern(lawyers=("a",)), CALENDAR, date(2026, 11, 2), date(2026, 11, 2))
    licences = {} if licence is None else {"a": licence}
    (draft,) = drafted(wanted, made=(), busy={"a": [wanted[0].span]}, licences=licences, now=NOW)
    assert (draft.fate, draft.why, draft.lawyer) == (Fate.OPEN, why, None)


def test_what_has_begun_is_not_made() -> None:
    wanted = planned(pattern(lawyers=("a",)), CALENDAR, date(2026, 11, 2), date(2026, 11, 3))
    now = wanted[0].span.begins_at
    assert [each.fate for each in drafted(wanted, made=(), busy={}, licences={"a": GOOD}, now=now)] == [
        Fate.PAST,
        Fate.MADE,
    ]
