"""What do the ratings of a set of calls say, and how is each figure counted? Pure.

The rating rate (测评率) always stands beside the satisfaction (满意率): 99 % satisfied means little where one caller in
twenty was heard. One call counts once, with the rating that was given first: a call-back to a dissatisfied caller
mends the matter, not the figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Self

import msgspec

from hotline.ratings.questions import LABELS, Question
from hotline.ratings.scores import Scores


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one call's invitation to rate."""

    satisfied: bool | None = None
    """None: invited, and not answered."""
    scores: Scores = Scores()


class RatingTally(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a set of calls, from which every figure follows."""

    answered: int = 0
    """接听量."""
    invited: int = 0
    rated: int = 0
    satisfied: int = 0
    sums: Mapping[Question, int] = {}
    """Sum of the scores by question."""
    counts: Mapping[Question, int] = {}
    """How many gave a score, by question."""

    def plus(self, other: RatingTally) -> Self:
        """Both sets together."""
        return type(self)(
            answered=self.answered + other.answered,
            invited=self.invited + other.invited,
            rated=self.rated + other.rated,
            satisfied=self.satisfied + other.satisfied,
            sums={each: self.sums.get(each, 0) + other.sums.get(each, 0) for each in Question},
            counts={each: self.counts.get(each, 0) + other.counts.get(each, 0) for each in Question},
        )


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: what it is called, and how it is counted."""

    id: str
    label: str
    formula: str
    wording: str
    source: str
    unit: str
    """count, rate or score (1–5)."""
    of: Callable[[RatingTally], tuple[int, int]]
    """Numerator and denominator; of a count the denominator is 1."""

    def row(self, tally: RatingTally) -> dict[str, Any]:
        """The figure with everything it is made of; the value to six places, None where the denominator is 0."""
        numerator, denominator = self.of(tally)
        return {
            "id": self.id,
            "label": self.label,
            "formula": self.formula,
            "wording": self.wording,
            "numerator": numerator,
            "denominator": denominator,
            "value": quotient(numerator, denominator),
        }


_OURS: Final = "本系统"

RATING_RATE: Final = Figure(
    id="rating_rate",
    label="测评率",
    formula="rated/answered",
    wording="测评量 ÷ 接听量；一通来电只计一次",
    source="12348 通行口径（安徽：测评率 57.16%，与满意率并列公布）",
    unit="rate",
    of=lambda tally: (tally.rated, tally.answered),
)
SATISFACTION: Final = Figure(
    id="satisfaction",
    label="满意率",
    formula="satisfied/rated",
    wording="满意量 ÷ 测评量；须与测评率一并看",
    source="12348 通行口径（satisfied ÷ rated）",
    unit="rate",
    of=lambda tally: (tally.satisfied, tally.rated),
)
FIGURES: Final[tuple[Figure, ...]] = (
    Figure(
        id="rating_invited",
        label="测评邀请量",
        formula="count:rating_invited",
        wording="接听的来电中，邀请来电人评价的（按键、链接或回访）",
        source=_OURS,
        unit="count",
        of=lambda tally: (tally.invited, 1),
    ),
    Figure(
        id="rated",
        label="测评量",
        formula="count:rated",
        wording="接听的来电中，来电人作出评价的；以首次评价为准，回访不改变统计",
        source=_OURS,
        unit="count",
        of=lambda tally: (tally.rated, 1),
    ),
    Figure(
        id="satisfied",
        label="满意量",
        formula="count:satisfied",
        wording="首次评价中，已答各项的平均分达到大厅设定值（默认 4 分）的",
        source=_OURS,
        unit="count",
        of=lambda tally: (tally.satisfied, 1),
    ),
    RATING_RATE,
    SATISFACTION,
    Figure(
        id="rating_response",
        label="参评率",
        formula="rated/invited",
        wording="测评量 ÷ 测评邀请量",
        source=_OURS,
        unit="rate",
        of=lambda tally: (tally.rated, tally.invited),
    ),
    *(
        Figure(
            id=f"score_{question.value}",
            label=f"{LABELS[question]}均分",
            formula=f"score:{question.value}",
            wording=f"“{LABELS[question]}”得分之和 ÷ 对此项评分的来电数（1–5 分）",
            source=_OURS,
            unit="score",
            of=lambda tally, question=question: (tally.sums.get(question, 0), tally.counts.get(question, 0)),
        )
        for question in Question
    ),
)
"""Every figure about ratings, as reports show them."""


def count(calls: Iterable[tuple[bool, Rated | None]]) -> RatingTally:
    """Counts calls: was it answered (接听), and what became of its rating? None: nobody asked the caller.

    A call that nobody answered has no rating; should a row say otherwise, it is left out.
    """
    answered = invited = rated = satisfied = 0
    sums, counts = dict.fromkeys(Question, 0), dict.fromkeys(Question, 0)
    for was_answered, rating in calls:
        if not was_answered:
            continue
        answered += 1
        if rating is None:
            continue
        invited += 1
        if rating.satisfied is None:
            continue
        rated += 1
        satisfied += rating.satisfied
        for question, score in rating.scores.given.items():
            sums[question] += score
            counts[question] += 1
    return RatingTally(answered=answered, invited=invited, rated=rated, satisfied=satisfied, sums=sums, counts=counts)


def quotient(numerator: float, denominator: float) -> float | None:
    """To six places; None where the denominator is 0."""
    return round(numerator / denominator, 6) if denominator else None


def brief(tally: RatingTally) -> dict[str, Any]:
    """The figures that stand beside others in a table: rating rate and satisfaction with all their parts."""
    return {
        "invited": tally.invited,
        "rated": tally.rated,
        "rating_rate": quotient(*RATING_RATE.of(tally)),
        "satisfied": tally.satisfied,
        "satisfaction": quotient(*SATISFACTION.of(tally)),
    }
