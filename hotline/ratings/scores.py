"""When is a caller satisfied (满意)? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

import msgspec

from hotline.ratings.questions import HIGHEST, LOWEST, Question

SATISFIED_FROM: Final = 4.0
"""A mean of the given scores from which a caller counts as satisfied, unless the hall says otherwise."""


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What one caller gave; None: not answered."""

    attitude: int | None = None
    efficiency: int | None = None
    skill: int | None = None
    policy: int | None = None

    def __post_init__(self) -> None:
        if any(not LOWEST <= score <= HIGHEST for score in self.given.values()):
            raise ValueError("a score lies between 1 and 5")

    @classmethod
    def of(cls, scores: Mapping[Question, int | None]) -> Self:
        """From a table; questions that are not in it were not answered."""
        return cls(**{question.value: score for question, score in scores.items()})

    @property
    def given(self) -> Mapping[Question, int]:
        """The answered questions."""
        found = {question: getattr(self, question.value) for question in Question}
        return {question: score for question, score in found.items() if score is not None}

    @property
    def mean(self) -> float | None:
        """均分: of the answered questions, to three places; None when there is none."""
        given = self.given
        return round(sum(given.values()) / len(given), 3) if given else None

    def satisfied(self, satisfied_from: float = SATISFIED_FROM) -> bool | None:
        """满意: the mean of the answered questions is not lower than that; None when nothing was answered."""
        given = self.given
        return sum(given.values()) >= satisfied_from * len(given) if given else None
