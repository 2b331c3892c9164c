"""What is a caller asked after the call, and what does a key mean? Pure: the hall plays, listens and keeps the time.

Four questions, each answered with a key from 1 (very dissatisfied) to 5 (very satisfied). `#` leaves one out. A key
that means nothing, or silence, has the question played once more; whoever stays silent then is not asked any further.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec


class Question(StrEnum):
    """What is rated, in the order in which it is asked."""

    ATTITUDE = "attitude"
    """态度."""
    EFFICIENCY = "efficiency"
    """效率."""
    SKILL = "skill"
    """专业能力."""
    POLICY = "policy"
    """政策掌握."""


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from a key or from silence."""

    question: Question | None
    """To be played now, again or for the first time; None: nothing more is asked."""
    again: bool = False
    """It is the same question: count one more wrong try."""
    score: int | None = None
    """The score of the question that was just answered."""

    @property
    def over(self) -> bool:
        """Play `THANKS` and let the caller go."""
        return self.question is None


LOWEST: Final = 1
HIGHEST: Final = 5
SECONDS: Final = 8
"""How long a key is waited for after a question was played to its end."""
REPEATS: Final = 1
"""How often a question is played again."""
SKIP: Final = "#"
THANKS: Final = "rate-thanks"
"""The last announcement."""
LABELS: Final[Mapping[Question, str]] = {
    Question.ATTITUDE: "服务态度",
    Question.EFFICIENCY: "服务效率",
    Question.SKILL: "专业能力",
    Question.POLICY: "政策掌握",
}

_ORDER: Final = tuple(Question)


def first() -> Question:
    """What is asked first."""
    return _ORDER[0]


def prompt(question: Question) -> str:
    """The name of the announcement that asks it: `rate-attitude`."""
    return f"rate-{question.value}"


def heard(question: Question, digits: str, wrong: int) -> Next:
    """What follows when these keys came for the question; no keys: `SECONDS` have passed in silence.

    `wrong`: how many keys that meant nothing, or silences, there were for this question before. Of several keys the
    first one counts.
    """
    key = digits[:1]
    if key == SKIP:
        return Next(question=_after(question))
    if key.isascii() and key.isdigit() and LOWEST <= int(key) <= HIGHEST:
        return Next(question=_after(question), score=int(key))
    if wrong < REPEATS:
        return Next(question=question, again=True)
    return Next(question=_after(question) if key else None)


def _after(question: Question) -> Question | None:
    place = _ORDER.index(question) + 1
    return _ORDER[place] if place < len(_ORDER) else None
