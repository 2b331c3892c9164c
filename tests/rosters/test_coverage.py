"""Gaps are exactly the minutes with too few lawyers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.rosters.calendar import Calendar, DayKind
from hotline.rosters.coverage import Gap, Requirement, gaps
from hotline.rosters.shift import SHANGHAI, DutyMode, Shift, Span, clock_span, day_span

CALENDAR = Calendar()
EVERY = tuple(DayKind)
MONDAY = date(2026, 11, 23)


def wanted(begins: str, ends: str, lawyers: int, group: str = "", days: tuple[DayKind, ...] = EVERY) -> Requirement:
    return Requirement(
        days=days, begins=time.fromisoformat(begins), ends=time.fromisoformat(ends), lawyers=lawyers, group=group
    )


def on(begins: str, ends: str, lawyer: str | None, day: date = MONDAY, **fields: object) -> Shift:
    span = clock_span(day, time.fromisoformat(begins), time.fromisoformat(ends))
    return Shift(id=1, begins_at=span.begins_at, ends_at=span.ends_at, lawyer=lawyer, **fields)  # pyright: ignore[reportArgumentType] - test fields


def told(found: list[Gap]) -> list[tuple[str, str, int, int]]:
    return [
        (
            f"{each.begins_at.astimezone(SHANGHAI):%d %H:%M}",
            f"{each.ends_at.astimezone(SHANGHAI):%d %H:%M}",
            each.required,
            each.planned,
        )
        for each in found
    ]


def test_a_hole_in_the_day_is_one_gap() -> None:
    shifts = [on("09:00", "12:00", "a"), on("13:30", "18:00", "a"), on("09:00", "18:00", "b")]
    found = gaps([wanted("09:00", "18:00", 2)], shifts, CALENDAR, day_span(MONDAY, MONDAY))
    assert told(found) == [("23 12:00", "23 13:30", 2, 1)]
    assert found[0].missing == 1


def test_the_larger_requirement_counts_and_nights_reach_into_the_morning() -> None:
    asked = [wanted("20:00", "08:00", 1), wanted("07:00", "08:00", 2)]
    found = gaps(asked, [on("00:00", "09:00", "a")], CALENDAR, day_span(MONDAY, MONDAY))
    assert told(found) == [("23 07:00", "23 08:00", 2, 1), ("23 20:00", "24 00:00", 1, 0)]


def test_open_shifts_and_messages_fill_nothing() -> None:
    shifts = [on("09:00", "18:00", None), on("09:00", "18:00", "a", mode=DutyMode.VOICEMAIL)]
    found = gaps([wanted("09:00", "18:00", 1)], shifts, CALENDAR, day_span(MONDAY, MONDAY))
    assert told(found) == [("23 09:00", "23 18:00", 1, 0)]


def test_a_group_wants_its_own() -> None:
    shifts = [on("09:00", "18:00", "a", group="civil"), on("09:00", "18:00", "b")]
    asked = [wanted("09:00", "18:00", 2, "civil"), wanted("09:00", "18:00", 2)]
    found = gaps(asked, shifts, CALENDAR, day_span(MONDAY, MONDAY))
    assert [(each.group, each.planned) for each in found] == [("civil", 1)]


def test_swapped_days_want_what_workdays_want() -> None:
    asked = [wanted("09:00", "10:00", 1, days=(DayKind.WORKDAY,))]
    within = day_span(date(2026, 10, 9), date(2026, 10, 11))
    assert [each[0] for each in told(gaps(asked, [], CALENDAR, within))] == ["09 09:00", "10 09:00"]


CLOCKS = st.integers(0, 23).map(lambda hour: f"{hour:02}:00")


@given(
    st.lists(st.builds(wanted, CLOCKS, CLOCKS, st.integers(1, 3)), max_size=4),
    st.lists(
        st.builds(on, CLOCKS, CLOCKS, st.sampled_from(["a", "b", None]), st.sampled_from([MONDAY, date(2026, 11, 22)])),
        max_size=5,
    ),
)
def test_against_counting_hour_by_hour(asked: list[Requirement], shifts: list[Shift]) -> None:
    within = day_span(MONDAY, MONDAY)
    found = gaps(asked, shifts, CALENDAR, within)
    for hour in range(24):
        at = within.begins_at + timedelta(hours=hour)
        need = max(
            (
                each.lawyers
                for each in asked
                for day in (MONDAY, MONDAY - timedelta(days=1))
                if _within(clock_span(day, each.begins, each.ends), at)
            ),
            default=0,
        )
        there = len({each.lawyer for each in shifts if each.lawyer and _within(each.span, at)})
        here = [each for each in found if each.begins_at <= at < each.ends_at]
        assert [(each.required, each.planned) for each in here] == ([(need, there)] if there < need else [])


def _within(span: Span, at: datetime) -> bool:
    return span.begins_at <= at < span.ends_at


def test_nothing_is_wanted_where_nothing_is_asked() -> None:
    within = Span(begins_at=datetime(2026, 11, 23, tzinfo=UTC), ends_at=datetime(2026, 12, 7, tzinfo=UTC))
    assert gaps([], [], CALENDAR, within) == []
