"""Who gave up a moment ago, and since when had they waited?

A caller whose line broke, or who hung up by mistake, and who rings again soon enough takes up the old place in the
line: what the caller waited before counts. How soon is soon is the hall's choice (`seconds`).
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

import msgspec

MOST: int = 5_000
"""Callers remembered at once; the one who left first is forgotten first."""


class Left(msgspec.Struct, frozen=True):
    """Somebody who left the line."""

    since: datetime
    """When the caller had begun to wait: what a place in the line is made of."""
    left_at: datetime


class Departed:
    """Callers who gave up within the last `seconds`, by number. Bounded, and without a clock of its own."""

    __slots__ = ("_left", "_most", "_span")

    def __init__(self, seconds: float, most: int = MOST) -> None:
        """`seconds` ≤ 0: nobody keeps a place. Raises `ValueError` when `most` is below 1."""
        if most < 1:
            raise ValueError(f"at least one caller must be remembered, not {most}")
        self._span = timedelta(seconds=seconds)
        self._most = most
        self._left: OrderedDict[str, Left] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def note(self, number: str, since: datetime, left_at: datetime) -> None:
        """The caller gave up. Noting the same caller again replaces what was known."""
        if self._span <= timedelta() or not number:
            return
        self._left[number] = Left(since, left_at)
        self._left.move_to_end(number)
        self._forget(left_at)

    def find(self, number: str | None, now: datetime) -> datetime | None:
        """When the caller began to wait, if it left no longer ago than the span; nothing is changed."""
        left = self._left.get(number or "")
        return left.since if left is not None and now - left.left_at <= self._span else None

    def take(self, number: str | None, now: datetime) -> datetime | None:
        """Like `find`, and the place is taken up: it is not kept for a second call of the same number."""
        since = self.find(number, now)
        if number:
            self._left.pop(number, None)
        return since

    def _forget(self, now: datetime) -> None:
        """Facts come in about the order of their times, so the oldest stand in front."""
        while self._left:
            number, left = next(iter(self._left.items()))
            if len(self._left) <= self._most and now - left.left_at <= self._span:
                return
            del self._left[number]
