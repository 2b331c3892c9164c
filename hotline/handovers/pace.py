"""When is a hand-over tried again, when is that given up, and when is a way left alone for a while? Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

FIRST: Final = timedelta(seconds=5)
LONGEST: Final = timedelta(hours=1)
GIVE_UP: Final = timedelta(days=3)
"""So long it is tried; then a person has to look at it."""
SPREAD: Final = 0.2
"""By so much of itself a pause is varied, so that what failed together does not come back together."""
TRIPS: Final = 5
"""So many failures of a way in a row, and it is left alone (断路)."""
REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=1)
"""Each further rest is twice as long, up to this: a way that is back is noticed soon enough."""


def again(tries: int, asked_for: float | None, chance: float) -> timedelta:
    """The pause after the `tries`-th failure. `asked_for`: the seconds the other side asked for; `chance` in 0…1."""
    pause = min(FIRST * 2 ** min(tries - 1, 12), LONGEST)
    if asked_for is not None:
        pause = max(pause, timedelta(seconds=min(asked_for, LONGEST.total_seconds())))
    return pause * (1 - SPREAD + 2 * SPREAD * chance)


def is_over(prepared: datetime, now: datetime) -> bool:
    """Has it been tried long enough?"""
    return now - prepared >= GIVE_UP


class Breaker(msgspec.Struct):
    """Of one way: closed, or open until a time; then one hand-over is tried, and its fate decides."""

    failures: int = 0
    open_until: datetime | None = None
    why: str = ""
    """Chinese: what the last failure said."""
    rests: int = 0
    """How often it was left alone since something came through."""
    works: bool = False
    """Something came through since the start, or since it was left alone."""

    def room(self, now: datetime, most: int) -> int:
        """How many hand-overs may be tried at once now."""
        if self.open_until is None:
            return most
        return 1 if now >= self.open_until else 0

    def failed(self, now: datetime, why: str) -> None:
        """Nothing could be handed over. What was on its way already when the rest began does not make it longer."""
        self.failures += 1
        self.why = why
        if self.failures < TRIPS or (self.open_until is not None and now < self.open_until):
            return
        self.open_until = now + min(REST * 2**self.rests, LONGEST_REST)
        self.rests = min(self.rests + 1, 8)
        self.works = False

    def worked(self) -> bool:
        """Something came through, or was refused by somebody who is there. True: the way is back after a rest, or
        works for the first time, so that nothing need wait out its pause."""
        back = not self.works
        self.failures, self.open_until, self.why, self.rests, self.works = 0, None, "", 0, True
        return back
