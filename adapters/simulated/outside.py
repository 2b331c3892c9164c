"""Who picks up at the numbers outside: colleagues' mobiles, other hotlines, people who are called back?"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from random import Random

import msgspec


class Way(StrEnum):
    """What comes of ringing a number."""

    ANSWERS = "answers"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    """Rings until the time is over."""
    UNREACHABLE = "unreachable"
    """Never rings: switched off, no such number."""


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """One number outside."""

    way: Way = Way.ANSWERS
    after: float | None = None
    """Seconds until somebody picks up, or until the network says that nobody will; None: as with any other number."""
    talk: float | None = None
    """Seconds after which that side puts the receiver down; None: whom we called talks as long as any caller, whoever
    was added to a call stays."""
    mailbox: bool = False
    """A machine picks up. It presses no 1, so a seat's mobile is not answered by it."""

    def after_ringing(self, seconds: float) -> tuple[Way, float]:
        """What has come of it when it is rung for so long, and after how many seconds that shows."""
        after = self.after or 0.0
        return (Way.NO_ANSWER, seconds) if self.way is Way.NO_ANSWER or after >= seconds else (self.way, after)


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers outside."""

    known: Mapping[str, Outside] = {}
    """How some of them are; any other answers."""
    answers_after: tuple[float, float] = (4.0, 8.0)
    """Between so many and so many seconds."""
    refused_after: tuple[float, float] = (1.0, 3.0)
    """Busy or unreachable."""

    def faster(self, speed: float) -> Numbers:
        """The same, in a world that runs `speed` times as fast."""
        return Numbers(
            known={number: _faster(each, speed) for number, each in self.known.items()},
            answers_after=(self.answers_after[0] / speed, self.answers_after[1] / speed),
            refused_after=(self.refused_after[0] / speed, self.refused_after[1] / speed),
        )

    def rung(self, number: str, chance: Random) -> Outside:
        """That number, with what chance decides decided."""
        found = self.known.get(number, Outside())
        if found.after is not None:
            return found
        between = self.refused_after if found.way in (Way.BUSY, Way.UNREACHABLE) else self.answers_after
        return msgspec.structs.replace(found, after=chance.uniform(*between))


def _faster(each: Outside, speed: float) -> Outside:
    return msgspec.structs.replace(
        each,
        after=None if each.after is None else each.after / speed,
        talk=None if each.talk is None else each.talk / speed,
    )
