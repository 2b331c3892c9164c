"""When is an office open? Hours by weekday as data, as text for people, and what that means now.

On public holidays (节假日) the hours of `holiday` count; a Saturday or Sunday that is worked in exchange (调休) goes by
Monday's hours. No hours at all is not closed, it is unknown. Times are minutes of China's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

import msgspec

from hotline.rosters.calendar import SHANGHAI, DayKind


class Period(msgspec.Struct, frozen=True, order=True):
    """From–to within a day, in minutes since midnight; the end is at most 1440."""

    begins: int
    ends: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one day. Nothing: closed."""

    periods: tuple[Period, ...] = ()
    appointment: bool = False
    """需预约: only by appointment, within the periods; without periods at any time that was agreed."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """A week, Monday first, and what counts on public holidays."""

    week: tuple[Day, Day, Day, Day, Day, Day, Day]
    holiday: Day = Day()


class OpenState(StrEnum):
    """How an office stands now."""

    OPEN = "open"
    APPOINTMENT = "appointment"
    CLOSED = "closed"
    UNKNOWN = "unknown"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """The state, and when it ends; None: not within two weeks, or not known."""

    state: OpenState
    until: datetime | None = None


MAX_PERIODS: Final = 4
DAY_MINUTES: Final = 24 * 60
AHEAD_DAYS: Final = 14
"""How far ahead the next change is looked for: past the longest holiday."""


def faults(hours: Hours) -> list[str]:
    """What is wrong with them, in Chinese."""
    found: list[str] = []
    for name, day in zip((*WEEKDAYS, HOLIDAY), (*hours.week, hours.holiday), strict=True):
        if len(day.periods) > MAX_PERIODS:
            found.append(f"{name}的时间段不能超过 {MAX_PERIODS} 个。")
        if any(not 0 <= each.begins < each.ends <= DAY_MINUTES for each in day.periods):
            found.append(f"{name}的结束时间须晚于开始时间，且不晚于 24:00。")
        elif any(later.begins < earlier.ends for earlier, later in pairwise(day.periods)):
            found.append(f"{name}的时间段须按先后填写，且不能重叠。")
    return found


def of_day(hours: Hours, day: date, kind: DayKind) -> Day:
    """What counts on that day."""
    weekday = day.weekday()
    if kind is DayKind.HOLIDAY:
        return hours.holiday
    if kind is DayKind.WORKDAY and weekday > 4:
        return hours.week[0]
    if kind is DayKind.WEEKEND and weekday < 5:
        return hours.week[6]
    return hours.week[weekday]


def is_open(hours: Hours | None, at: datetime, kind: Callable[[date], DayKind]) -> bool:
    """Open without an appointment at that moment? As `standing` says, for many offices at a time."""
    if hours is None:
        return False
    local = at.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    day = of_day(hours, local.date(), kind(local.date()))
    return not day.appointment and any(each.begins <= minute < each.ends for each in day.periods)


def standing(hours: Hours | None, at: datetime, kind: Callable[[date], DayKind]) -> Standing:
    """Open or not at that moment, and until when. `kind`: what each day counts for (`Calendar.kind`)."""
    if hours is None:
        return Standing(state=OpenState.UNKNOWN)
    local = at.astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    stretches: list[tuple[datetime, datetime, OpenState]] = []
    for ahead in range(AHEAD_DAYS + 1):
        begin = midnight + timedelta(days=ahead)
        for period, state in _stretches(of_day(hours, begin.date(), kind(begin.date()))):
            ends = begin + timedelta(minutes=period.ends)
            stretches.append((begin + timedelta(minutes=period.begins), ends, state))
    state, until = OpenState.CLOSED, None
    for begins, ends, what in stretches:
        if ends <= local:
            continue
        if state is OpenState.CLOSED and begins > local:
            return Standing(state=state, until=begins)
        if state is OpenState.CLOSED:
            state, until = what, ends
        elif begins == until and what is state:
            until = ends
        else:
            break
    if until is not None and until >= midnight + timedelta(days=AHEAD_DAYS):
        until = None
    return Standing(state=state, until=until)


# ── as data ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_plain(hours: Hours | None) -> dict[str, Any] | None:
    """As it is stored: `{"week": [{"periods": [["09:00", "12:00"]], "appointment": false}, …], "holiday": {…}}`."""
    if hours is None:
        return None
    return {"week": [_plain_day(each) for each in hours.week], "holiday": _plain_day(hours.holiday)}


def of_plain(stored: Mapping[str, Any] | None) -> Hours | None:
    """What `to_plain` made. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
    if stored is None:
        return None
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = map(_day_of, stored["week"])
    week = (monday, tuesday, wednesday, thursday, friday, saturday, sunday)
    return Hours(week=week, holiday=_day_of(stored["holiday"]))


def clock(minutes: int) -> str:
    """`540` → `09:00`; the end of the day is `24:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def minutes(text: str) -> int:
    """`09:00` → `540`. Raises `ValueError`."""
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2) or int(minute) > 59:
        raise ValueError(text)
    found = int(hour) * 60 + int(minute)
    if found > DAY_MINUTES:
        raise ValueError(text)
    return found


# ── the words ────────────────────────────────────────────────────────────────────────────────────────────────────────

WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
HOLIDAY: Final = "节假日"


def of_hours(day: Day) -> str:
    """`09:00-12:00 14:00-17:30`, `09:00-12:00 需预约`, `需预约`, `休息`."""
    said = [f"{clock(each.begins)}-{clock(each.ends)}" for each in day.periods]
    return " ".join([*said, "需预约"] if day.appointment else said) or "休息"


def spans(days: Iterable[int]) -> str:
    """Weekdays in words: `周一至周五、周日`."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return "、".join(
        WEEKDAYS[run[0]] if len(run) == 1 else f"{WEEKDAYS[run[0]]}{'至' if len(run) > 2 else '、'}{WEEKDAYS[run[-1]]}"
        for run in runs
    )


def told(hours: Hours | None) -> list[str]:
    """One line for each kind of day: `周一至周五 09:00-12:00 14:00-17:30`; empty: not known."""
    if hours is None:
        return []
    alike: dict[Day, list[int]] = {}
    for number, day in enumerate(hours.week):
        alike.setdefault(day, []).append(number)
    lines = [f"{spans(days)} {of_hours(day)}" for day, days in alike.items()]
    return [*lines, f"{HOLIDAY} {of_hours(hours.holiday)}"]


def _stretches(day: Day) -> list[tuple[Period, OpenState]]:
    if not day.appointment:
        return [(each, OpenState.OPEN) for each in day.periods]
    return [(each, OpenState.APPOINTMENT) for each in day.periods or (Period(0, DAY_MINUTES),)]


def _plain_day(day: Day) -> dict[str, Any]:
    return {"periods": [[clock(each.begins), clock(each.ends)] for each in day.periods], "appointment": day.appointment}


def _day_of(stored: Mapping[str, Any]) -> Day:
    periods = tuple(Period(minutes(begins), minutes(ends)) for begins, ends in stored["periods"])
    return Day(periods=periods, appointment=stored["appointment"])
