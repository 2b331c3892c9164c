"""What may an operator see of the ratings of the own work? Pure.

Nobody who served a caller learns how that caller rated. What is shown is the mean of a whole month, once the month is
over, and only where at least `FEWEST` different callers gave a score: from a mean of few, or from two means a day
apart, one caller's score could be worked out (k-anonymity, k = 5). A month goes by when the rating was *given*, so a
month that is over does not change any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, timezone
from typing import Final, TypeVar

import msgspec

from hotline.ratings.questions import Question
from hotline.ratings.scores import Scores

L = TypeVar("L")

FEWEST: Final = 5
"""Different callers a mean must come from."""
_ASKING: Final = frozenset({"RatingOffered", "RatingGiven"})
_DIALOGUE: Final = _ASKING | {"AnnouncementBegun", "KeysHeard"}
SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")


class Voice(msgspec.Struct, frozen=True):
    """One caller's scores; `caller` tells callers apart and says nothing else."""

    caller: bytes
    scores: Scores


class Mean(msgspec.Struct, frozen=True, kw_only=True):
    """A mean of scores (1–5), to two places."""

    mean: float
    scores: int
    """How many scores it is the mean of."""


class OwnMonth(msgspec.Struct, frozen=True, kw_only=True):
    """An operator's own month."""

    month: str
    """YYYY-MM."""
    over: bool
    enough: bool
    """At least `FEWEST` different callers rated; else nothing is shown, not even how many."""
    rated: int | None = None
    overall: Mean | None = None
    """Of each caller's mean."""
    means: Mapping[Question, Mean] = {}
    """Questions that enough callers answered."""


def without_rating(lines: Sequence[L], kind: Callable[[L], str]) -> list[L]:
    """A call's journal as whoever served the caller may see it: without what the caller was asked and answered then.

    `kind`: the name of a line's event.
    """
    found: list[L] = []
    asked = False
    for line in lines:
        asked = asked or kind(line) in _ASKING
        if not (asked and kind(line) in _DIALOGUE):
            found.append(line)
    return found


def month_of(text: str) -> date:
    """The first day of the month that is written YYYY-MM. Raises ValueError."""
    return datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()


def bounds(month: date) -> tuple[datetime, datetime]:
    """Begin and end of the month in Asia/Shanghai; the end belongs to the next."""
    following = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    return datetime.combine(month.replace(day=1), time(), SHANGHAI), datetime.combine(following, time(), SHANGHAI)


def own_month(month: date, voices: Iterable[Voice], now: datetime) -> OwnMonth:
    """What may be shown of the month now."""
    name = f"{month:%Y-%m}"
    if now < bounds(month)[1]:
        return OwnMonth(month=name, over=False, enough=False)
    found = [voice for voice in voices if voice.scores.given]
    if len({voice.caller for voice in found}) < FEWEST:
        return OwnMonth(month=name, over=True, enough=False)
    means: dict[Question, Mean] = {}
    for question in Question:
        given = [(voice.caller, voice.scores.given[question]) for voice in found if question in voice.scores.given]
        if len({caller for caller, _ in given}) >= FEWEST:
            means[question] = _mean([score for _, score in given])
    overall = _mean([voice.scores.mean or 0 for voice in found])
    return OwnMonth(month=name, over=True, enough=True, rated=len(found), overall=overall, means=means)


def _mean(scores: list[float] | list[int]) -> Mean:
    return Mean(mean=round(sum(scores) / len(scores), 2), scores=len(scores))
