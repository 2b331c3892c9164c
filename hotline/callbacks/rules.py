"""Who is to be called back, by when, and when may the phone be rung? Pure: times are arguments.

Sources: 国办函〔2025〕66号 asks that missed calls be rung back (漏接电话回拨); districts answer messages (留言) within
24 hours; numbers outside are dialled only where the caller rang us first, never abroad, never at a premium rate.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, time, timedelta, timezone
from enum import StrEnum
from typing import Final

import msgspec

from hotline.callbacks.task import Kind
from hotline.calls.outcome import LEFT, Outcome

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")

UNSERVED: Final = LEFT | {
    Outcome.TIMED_OUT,
    Outcome.QUEUE_FULL,
    Outcome.NO_SEAT,
    Outcome.CLOSED,
    Outcome.OVERFLOWED,
    Outcome.VOICEMAIL,
    Outcome.LOST,
    Outcome.SYSTEM_FAULT,
}
"""Nobody of ours, or whom we passed the caller to, spoke with the caller. A blocked caller was refused on purpose."""

LOW, USUAL, ASKED_FOR, EMERGENCY = 0, 1, 2, 9
"""Priorities of tasks: a short abandon; a missed call; a wish or a message; an emergency."""

_DIALLABLE: Final = re.compile(r"1[3-9]\d{9}|0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}|[2-8]\d{6,7}|400\d{7}")
"""A mobile, a landline with or without its area code, a 400 number. Not: abroad (00…), premium rates (16…, 96…), short
codes."""


class CallbackRules(msgspec.Struct, frozen=True, kw_only=True):
    """A hall's rules for call-backs; the settings' `[halls.H.callbacks]`."""

    missed_minutes: int = 60
    wished_minutes: int = 120
    message_hours: int = 24
    short_abandoned: bool = True
    """Callers who left within the first seconds get a task too, with low priority."""
    attempts: int = 3
    """So many attempts in vain, each in another hour, and the caller counts as unreachable."""
    per_number_day: int = 3
    """So often a number is dialled in a day, whatever the tasks."""
    quiet_from: time = time(21)
    quiet_to: time = time(8)
    """Shanghai time. Between them nobody is rung who did not ask for it, emergencies excepted. Equal: never quiet."""
    emergency_priority: int = 9
    """A call of this priority in its queue, or above, makes the task an emergency."""
    dial_hours: int = 24
    """A number may be dialled so long after its last unserved call; later only by whom a supervisor assigned it to."""


class No(StrEnum):
    """Why a task may not be dialled now; the codes are the API's."""

    OVER = "callback_over"
    NOT_YOURS = "callback_not_yours"
    ON_THE_LINE = "callback_on_the_line"
    """An outbound call for it is live."""
    NUMBER = "callback_number"
    TOO_OFTEN = "callback_too_often"
    QUIET = "callback_quiet_hours"
    TOO_LATE = "callback_too_late"


def kind_of(outcome: str, *, wished: bool) -> Kind | None:
    """What kind of task the end of a call makes; None: the caller was served, or refused on purpose."""
    if outcome == Outcome.VOICEMAIL:
        return Kind.MESSAGE
    if wished and outcome not in _SERVED:
        return Kind.WISHED
    return Kind.MISSED if outcome in UNSERVED else None


def stronger(one: Kind, other: Kind) -> Kind:
    """The kind of a task in which both are merged."""
    order = list(Kind)
    return max(one, other, key=order.index)


def priority(kind: Kind, outcome: str, queue_priority: int, rules: CallbackRules) -> int:
    """How a task is to be ranked."""
    if queue_priority >= rules.emergency_priority:
        return EMERGENCY
    if kind is not Kind.MISSED:
        return ASKED_FOR
    return LOW if outcome == Outcome.SHORT_ABANDONED else USUAL


def counts(kind: Kind, outcome: str, rules: CallbackRules) -> bool:
    """Is it to be rung back at all? Else it is only written down."""
    return kind is not Kind.MISSED or outcome != Outcome.SHORT_ABANDONED or rules.short_abandoned


def any_hour(kind: Kind, ranked: int) -> bool:
    """May the caller be rung in the quiet hours?"""
    return kind is Kind.WISHED or ranked >= EMERGENCY


def due(kind: Kind, at: datetime, rules: CallbackRules, *, whenever: bool) -> datetime:
    """By when the caller is to be called back, where that became known at `at` (aware).

    Minutes count only while the phone may be rung (`whenever`: also in the quiet hours): a call missed at 20:40 with an
    hour to go is due at 08:40. A message's hours count through the night.
    """
    match kind:
        case Kind.MESSAGE:
            return at + timedelta(hours=rules.message_hours)
        case Kind.WISHED:
            left = timedelta(minutes=rules.wished_minutes)
        case Kind.MISSED:
            left = timedelta(minutes=rules.missed_minutes)
    if whenever or rules.quiet_from == rules.quiet_to:
        return at + left
    here = opens(at, rules)
    while True:
        closes = _next(here, rules.quiet_from)
        if here + left <= closes:
            return (here + left).astimezone(at.tzinfo)
        left -= closes - here
        here = _next(closes, rules.quiet_to)


def is_quiet(at: datetime, rules: CallbackRules) -> bool:
    """Is that a time at which nobody is rung?"""
    clock, begin, end = at.astimezone(SHANGHAI).time(), rules.quiet_from, rules.quiet_to
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def opens(at: datetime, rules: CallbackRules) -> datetime:
    """The first moment from `at` on at which the phone may be rung, in Shanghai time."""
    here = at.astimezone(SHANGHAI)
    return _next(here, rules.quiet_to) if is_quiet(here, rules) else here


def diallable(number: str) -> bool:
    """May a call-back go to a number like that? `number` as `hotline.calls.numbers.normalise` gives it."""
    return _DIALLABLE.fullmatch(number) is not None


def day_of(at: datetime) -> datetime:
    """When the day of `at` began in Shanghai."""
    return at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)


def hours_tried(begun: Iterable[datetime]) -> int:
    """In how many different hours somebody tried: twice within one hour is one."""
    return len({at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H") for at in begun})


_SERVED: Final = frozenset({Outcome.ANSWERED, Outcome.FORWARDED, Outcome.BLOCKED})


def _next(after: datetime, clock: time) -> datetime:
    """The next time after `after` (Shanghai time) that the clock shows `clock`."""
    same_day = after.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    return same_day if same_day > after else same_day + timedelta(days=1)
