"""The day's running figures, for the wall: counted from ended calls as they are committed.

The nightly report recomputes everything from the stored calls; these numbers are for the eye.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from hotline.calls.call import Call
from hotline.hall.work import SHANGHAI

ANSWER_WITHIN_SECONDS = 15
"""GB/T 33358-2016: a call is to be answered within 15 s."""


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """Calls offered today (Asia/Shanghai) that are over, by how they ended."""

    day: date
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    answer_rate: float | None = None
    sl15_rate: float | None = None


class TodayCount:
    """Counts calls as they end; corrections after the end are counted by difference."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._counted: dict[str, int] = {}
        """Call → 0 not answered, 1 answered, 2 answered in time: as little as will do, there is one for every call."""
        self._answered = 0
        self._within = 0

    def count(self, call: Call, now: datetime) -> bool:
        """Take an ended call in. True when the figures moved."""
        today = now.astimezone(SHANGHAI).date()
        if today != self._day:
            self.__init__(today)
        if call.ended_at is None or call.offered_at.astimezone(SHANGHAI).date() != self._day:
            return False
        answered = call.answered_at is not None
        waited = (call.answered_at - (call.queued_at or call.offered_at)).total_seconds() if call.answered_at else 0.0
        fact = (1 + (waited <= ANSWER_WITHIN_SECONDS)) if answered else 0
        before = self._counted.get(call.id)
        if before == fact:
            return False
        self._answered += (fact > 0) - ((before or 0) > 0)
        self._within += (fact > 1) - ((before or 0) > 1)
        self._counted[call.id] = fact
        return True

    def figures(self) -> Today:
        """The figures now; rates are None while nothing has ended."""
        offered = len(self._counted)
        answered, within = self._answered, self._within
        return Today(
            day=self._day,
            offered=offered,
            answered=answered,
            abandoned=offered - answered,
            within=within,
            answer_rate=answered / offered if offered else None,
            sl15_rate=within / offered if offered else None,
        )
