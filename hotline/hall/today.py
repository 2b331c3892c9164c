"""The day's running figures, for the wall: counted from calls as they are committed.

The same formulas as the report's `answer_rate_inbound` and `sl_15` (`hotline/reports`), which reads the stored calls:
the wall and the report of the same moment say the same.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

import msgspec

from hotline.calls.call import CallId
from hotline.calls.outcome import LEFT, TURNED_AWAY, Outcome
from hotline.hall.work import SHANGHAI

ANSWER_WITHIN_SECONDS = 15
"""GB/T 33358-2016: a call is to be answered within 15 s."""

_PAGE = 1024
_BITS = (1, 2, 4, 8, 16)
"""Decided (answered or over), answered, asked for a person, answered in time, left unserved."""


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """Calls offered today (Asia/Shanghai) that were answered or are over."""

    day: date
    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    """放弃: the caller hung up unserved."""
    within: int = 0
    answer_rate: float | None = None
    """接通率: answered ÷ offered."""
    sl15_rate: float | None = None
    """15 秒接通率: answered within 15 s ÷ callers who asked for a person."""


class Counted(Protocol):
    """As much of a call as is counted here."""

    @property
    def id(self) -> CallId: ...
    @property
    def offered_at(self) -> datetime: ...
    @property
    def queued_at(self) -> datetime | None: ...
    @property
    def rung_at(self) -> datetime | None: ...
    @property
    def answered_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str | None: ...


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """The same, read back from the store."""

    id: CallId
    offered_at: datetime
    queued_at: datetime | None = None
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    outcome: str | None = None


class TodayCount:
    """Counts calls as they are answered or end; what is corrected later is counted by difference."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._pages: dict[int, bytearray] = {}
        """What is counted of each call: one byte of `_BITS`, by its running number."""
        self._counts = [0] * len(_BITS)

    def count(self, call: Counted, now: datetime) -> bool:
        """Take an answered or ended call in. True when the figures moved."""
        today = now.astimezone(SHANGHAI).date()
        if today != self._day:
            self.__init__(today)
        if call.offered_at.astimezone(SHANGHAI).date() != self._day:
            return False
        page, place = divmod(int(call.id.rpartition("-")[2]), _PAGE)
        counted = self._pages.setdefault(page, bytearray(_PAGE))
        before, counted[place] = counted[place], _bits(call)
        if before == counted[place]:
            return False
        for index, bit in enumerate(_BITS):
            self._counts[index] += bool(counted[place] & bit) - bool(before & bit)
        return True

    def figures(self) -> Today:
        """The figures now; rates are None while nothing has ended."""
        offered, answered, asked, within, left = self._counts
        return Today(
            day=self._day,
            offered=offered,
            answered=answered,
            abandoned=left,
            within=within,
            answer_rate=answered / offered if offered else None,
            sl15_rate=within / asked if asked else None,
        )


def _bits(call: Counted) -> int:
    answered = call.outcome == Outcome.ANSWERED if call.outcome is not None else call.answered_at is not None
    if call.outcome is None and not answered:
        return 0
    asked_at = call.queued_at
    if asked_at is None and (call.rung_at or call.answered_at or call.outcome in TURNED_AWAY):
        asked_at = call.offered_at
    waited = (call.answered_at - asked_at).total_seconds() if call.answered_at and asked_at else None
    within = answered and waited is not None and waited <= ANSWER_WITHIN_SECONDS
    held = (True, answered, asked_at is not None, within, call.outcome in LEFT)
    return sum(bit for bit, holds in zip(_BITS, held, strict=True) if holds)
