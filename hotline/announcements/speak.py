"""What is said to a caller at this moment? Pure: the plan, the time and the place in the line are arguments.

Answers are names of announcements, to be played one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from math import ceil
from typing import Final

from hotline.announcements.plan import After, Days, Notice, NoticeKind, Period, Plan

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
FARTHEST_POSITION: Final = 199
"""Callers beyond that are only told that there are many."""
LONGEST_EXPECTED_MINUTES: Final = 60
_ORDER: Final = tuple(NoticeKind)


def greeting_sequence(plan: Plan, language: str = "") -> list[str]:
    """What a caller hears first: the greeting, then the recording notice."""
    return spoken(plan, filter(None, (plan.greeting, plan.recording_notice)), language)


def spoken(plan: Plan, names: Iterable[str], language: str) -> list[str]:
    """The same announcements in that language, where there is a recording of them in it."""
    return [variant(plan, name, language) for name in names]


def variant(plan: Plan, name: str, language: str) -> str:
    """The announcement in that language, if there is one; else as it is."""
    other = f"{name}.{language}" if language else name
    return other if other in plan.variants else name


def notices_at(plan: Plan, now: datetime) -> tuple[Notice, ...]:
    """The notices that a caller of this moment hears, most urgent first; none follows one that the call does not go on
    after."""
    current = sorted((each for each in plan.notices if is_current(each, now)), key=lambda each: _ORDER.index(each.kind))
    for number, each in enumerate(current, start=1):
        if each.then is not After.GO_ON:
            return tuple(current[:number])
    return tuple(current)


def is_current(notice: Notice, now: datetime) -> bool:
    """Is it on, and is it its time?"""
    begun = notice.start is None or notice.start <= now
    over = notice.until is not None and notice.until <= now
    return notice.on and begun and not over


def open_at(plan: Plan, now: datetime, is_working_day: bool) -> bool:
    """Is the hall open? `is_working_day` is about the day of `now` in Asia/Shanghai."""
    if not plan.opening.periods:
        return True
    local = now.astimezone(SHANGHAI)
    minute = local.hour * 60 + local.minute
    return any(_covers(each, minute, is_working_day) for each in plan.opening.periods)


def minutes(text: str) -> int | None:
    """Minutes since midnight of `09:30`; None for what is no time of day. `24:00` is the end of the day."""
    hour, colon, minute = text[:2], text[2:3], text[3:]
    if len(text) != 5 or colon != ":" or not text.isascii() or not (hour + minute).isdigit():
        return None
    found = int(hour) * 60 + int(minute)
    return found if int(minute) < 60 and found <= 24 * 60 else None


def position_announcement(position: int, expected_seconds: float | None = None) -> list[str]:
    """Place in the line (1: the next), then the expected wait in whole minutes, rounded up; None: not known."""
    if position <= 1:
        said = ["position-next"]
    elif position - 1 <= FARTHEST_POSITION:
        said = ["position-before", *number(position - 1, measured=True), "position-after"]
    else:
        said = ["position-many"]
    return said if expected_seconds is None else said + expected_announcement(expected_seconds)


def expected_announcement(expected_seconds: float) -> list[str]:
    """The expected wait (预计等待) in whole minutes, rounded up."""
    whole = max(ceil(expected_seconds / 60), 1)
    if whole == 1:
        return ["expected-soon"]
    if whole > LONGEST_EXPECTED_MINUTES:
        return ["expected-long"]
    return ["expected-before", *number(whole, measured=True), "expected-after"]


def number(value: int, *, measured: bool = False) -> list[str]:
    """A number from 0 to 999 as Chinese counts: 十二, 二十, 一百零五, 一百一十.

    `measured`: before a measure word, where a bare two is 两.
    """
    if not 0 <= value <= 999:
        raise ValueError(f"{value} is not said")
    if value == 2 and measured:
        return ["number-two"]
    hundreds, rest = divmod(value, 100)
    said = [f"number-{hundreds}", "number-100"] if hundreds else []
    if hundreds and not rest:
        return said
    return said + _below_hundred(rest, leading=not hundreds)


def _below_hundred(value: int, *, leading: bool) -> list[str]:
    tens, ones = divmod(value, 10)
    if not tens:
        return [f"number-{ones}"] if leading else ["number-0", f"number-{ones}"]
    said = ["number-10"] if tens == 1 and leading else [f"number-{tens}", "number-10"]
    return [*said, f"number-{ones}"] if ones else said


def _covers(period: Period, minute: int, is_working_day: bool) -> bool:
    if period.days is (Days.OFF if is_working_day else Days.WORKING):
        return False
    start, end = minutes(period.start), minutes(period.end)
    return start is not None and end is not None and start <= minute < end
