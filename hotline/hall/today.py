"""The day's running figures, for the wall: counted from ended calls as they are committed.

The nightly report recomputes everything from the stored calls; these numbers are for the eye.
"""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from hotline.calls.call import Call, CallId
from hotline.hall.work import SHANGHAI

ANSWER_WITHIN_SECONDS = 15
"""GB/T 33358-2016: a call is to be answered within 15 s."""

_PAGE = 1024
_LOST, _ANSWERED, _WITHIN = 1, 2, 3


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """Calls offered today (Asia/Shanghai) that are over, by how they ended."""

    day: date
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    within: int = 0
    answer_rate: float | None = None
    sl15_rate: float | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """As much of an ended call as is counted here."""

    id: CallId
    offered_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None


class TodayCount:
    """Counts calls as they end; corrections after the end are counted by difference."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._pages: dict[int, bytearray] = {}
        """What was counted of each call, one byte a call by its running number: 0 nothing yet, else a `_FACT`."""
        self._offered = 0
        self._answered = 0
        self._within = 0

    def count(self, call: Call | Ended, now: datetime) -> bool:
        """Take an ended call in. True when the figures moved."""
        today = now.astimezone(SHANGHAI).date()
        if today != self._day:
            self.__init__(today)
        if call.offered_at.astimezone(SHANGHAI).date() != self._day:
            return False
        page, place = divmod(int(call.id.rpartition("-")[2]), _PAGE)
        counted = self._pages.setdefault(page, bytearray(_PAGE))
        before, counted[place] = counted[place], _fact(call)
        if before == counted[place]:
            return False
        self._offered += before == 0
        self._answered += (counted[place] >= _ANSWERED) - (before >= _ANSWERED)
        self._within += (counted[place] >= _WITHIN) - (before >= _WITHIN)
        return True

    def figures(self) -> Today:
        """The figures now; rates are None while nothing has ended."""
        offered, answered, within = self._offered, self._answered, self._within
        return Today(
            day=self._day,
            offered=offered,
            answered=answered,
            abandoned=offered - answered,
            within=within,
            answer_rate=answered / offered if offered else None,
            sl15_rate=within / offered if offered else None,
        )


def _fact(call: Call | Ended) -> int:
    if call.answered_at is None:
        return _LOST
    waited = (call.answered_at - (call.queued_at or call.offered_at)).total_seconds()
    return _WITHIN if waited <= ANSWER_WITHIN_SECONDS else _ANSWERED
