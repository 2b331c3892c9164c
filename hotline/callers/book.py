"""How is whoever rings from this number treated? Looked up on the call path: no I/O, one dictionary.

The book holds only numbers that are treated in a way of their own. It is read from the store when a hall begins to be
led, and afterwards each changed caller is one small entry (`changed`). Nothing in it goes stale by time passing:
treatments carry what follows them (see `treatment.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from hotline.callers.treatment import PLAIN, SHANGHAI, Level, Treatment, current, is_plain

Entries = Mapping[str, Treatment | None]
"""Number as `hotline.calls.numbers.normalise` writes it → treatment; None: like everybody else."""


class CallerBook:
    """Number → treatment, and how often those were let through today whose calls are limited."""

    __slots__ = ("_calls", "_day", "_treatments")

    def __init__(
        self, entries: Entries | None = None, calls_today: Mapping[str, int] | None = None, day: date | None = None
    ) -> None:
        """`calls_today`: number → calls let through on that day (Asia/Shanghai)."""
        self._treatments: dict[str, Treatment] = {}
        self._calls: dict[str, int] = dict(calls_today or {})
        self._day = day or date.min
        self.change(entries or {})

    def __len__(self) -> int:
        return len(self._treatments)

    def of(self, number: str | None, now: datetime) -> Treatment:
        """The caller's treatment now; the plain one for unknown and withheld numbers."""
        treatment = self._treatments.get(number) if number else None
        return PLAIN if treatment is None else current(treatment, now)

    def change(self, entries: Entries) -> Entries:
        """Takes changed callers over. Returns the entries that undo it."""
        undo = {number: self._treatments.get(number) for number in entries}
        for number, treatment in entries.items():
            if treatment is None or is_plain(treatment):
                self._treatments.pop(number, None)
            else:
                self._treatments[number] = treatment
        return undo

    # ── calls a day ──────────────────────────────────────────────────────────────────────────────────────────────────

    def calls_today(self, number: str | None, now: datetime) -> int:
        """Calls of a limited caller that were let through today (Asia/Shanghai)."""
        return self._calls.get(number, 0) if number is not None and self._day == _day(now) else 0

    def let_through(self, number: str | None, now: datetime, calls: int = 1) -> None:
        """Counts a call, if the caller's calls are limited; `calls=-1` takes it back."""
        if number is None or self.of(number, now).level is not Level.LIMITED:
            return
        if self._day != _day(now):
            self._calls.clear()
            self._day = _day(now)
        self._calls[number] = max(0, self._calls.get(number, 0) + calls)


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
