"""Does a village legal adviser (村居法律顾问) serve as often as promised? Four hours a month, a lecture a quarter.

Only whole months and quarters are held against anybody: those in which the adviser was appointed or left are shown and
not judged. The running month says what is still to be done. Lectures count as hours too. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

import msgspec


class Service(StrEnum):
    """What an entry of the ledger (台账) is."""

    DUTY = "duty"
    """On duty in the village, advice, drafting."""
    MEDIATION = "mediation"
    LECTURE = "lecture"
    """法治讲座."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, as far as it counts."""

    day: date
    kind: Service
    hours: Decimal


class PeriodState(StrEnum):
    """How a month or a quarter came out."""

    MET = "met"
    BEHIND = "behind"
    """Over, and not enough was done."""
    RUNNING = "running"
    """Not over, and not enough yet."""
    NOT_COUNTED = "not_counted"
    """Over, and the adviser was not there for all of it."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One month or quarter."""

    first: date
    last: date
    done: Decimal
    """Hours, or lectures."""
    wanted: Decimal
    state: PeriodState


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How an adviser stands on a day: this month and the last, this quarter and the last."""

    month: Account
    last_month: Account
    quarter: Account
    last_quarter: Account

    @property
    def behind(self) -> list[str]:
        """What was not done in time, in Chinese; empty: nothing."""
        found: list[str] = []
        if self.last_month.state is PeriodState.BEHIND:
            month = self.last_month
            done, short = month.done.normalize(), (month.wanted - month.done).normalize()
            found.append(f"{month.first:%Y-%m} 服务 {done:f} 小时，差 {short:f} 小时")
        if self.last_quarter.state is PeriodState.BEHIND:
            first = self.last_quarter.first
            found.append(f"{first.year} 年第 {(first.month + 2) // 3} 季度没有法治讲座")
        return found


SERVICES: Final = {Service.DUTY: "值班服务", Service.MEDIATION: "参与调解", Service.LECTURE: "法治讲座"}
HOURS_A_MONTH: Final = Decimal(4)
LECTURES_A_QUARTER: Final = Decimal(1)


def reading(entries: Iterable[Entry], *, since: date, until: date | None, today: date) -> Reading:
    """How the adviser stands today. `since`, `until`: first and last day of the appointment; None: still appointed."""
    known = list(entries)

    def account(first: date, last: date, lectures: bool) -> Account:
        within = [each for each in known if first <= each.day <= last]
        if lectures:
            done = Decimal(sum(each.kind is Service.LECTURE for each in within))
        else:
            done = sum((each.hours for each in within), Decimal(0))
        wanted = LECTURES_A_QUARTER if lectures else HOURS_A_MONTH
        if done >= wanted:
            state = PeriodState.MET
        elif last >= today:
            state = PeriodState.RUNNING
        else:
            whole = since <= first and (until is None or until >= last)
            state = PeriodState.BEHIND if whole else PeriodState.NOT_COUNTED
        return Account(first=first, last=last, done=done, wanted=wanted, state=state)

    month, quarter = _first_of(today, 1), _first_of(today, 3)
    before_month, before_quarter = _first_of(month - timedelta(days=1), 1), _first_of(quarter - timedelta(days=1), 3)
    return Reading(
        month=account(month, _next(month, 1) - timedelta(days=1), False),
        last_month=account(before_month, month - timedelta(days=1), False),
        quarter=account(quarter, _next(quarter, 3) - timedelta(days=1), True),
        last_quarter=account(before_quarter, quarter - timedelta(days=1), True),
    )


def looked_back(today: date) -> date:
    """The first day that a reading looks at."""
    return _first_of(_first_of(today, 3) - timedelta(days=1), 3)


def _first_of(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _next(first: date, months: int) -> date:
    return date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
