"""Who is satisfied, what the figures are, and what an operator may know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.ratings.figures import FIGURES, Rated, RatingTally, brief, count
from hotline.ratings.own import FEWEST, Voice, bounds, month_of, own_month, without_rating
from hotline.ratings.questions import Question
from hotline.ratings.scores import Scores

OCTOBER = date(2026, 10, 1)
NOVEMBER = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
"""The moment at which October is over in Shanghai."""


@pytest.mark.parametrize(
    ("scores", "mean", "satisfied"),
    [
        (Scores(), None, None),
        (Scores(attitude=4), 4.0, True),
        (Scores(attitude=5, efficiency=3), 4.0, True),
        (Scores(attitude=5, efficiency=5, skill=1), 3.667, False),
        (Scores(attitude=4, efficiency=4, skill=4, policy=3), 3.75, False),
    ],
)
def test_satisfied_is_a_mean_of_four_of_what_was_answered(
    scores: Scores, mean: float | None, satisfied: bool | None
) -> None:
    assert scores.mean == mean
    assert scores.satisfied() is satisfied


def test_the_hall_may_set_another_limit() -> None:
    assert Scores(attitude=4, efficiency=3).satisfied(3.5)
    assert not Scores(attitude=4, efficiency=3).satisfied(3.6)


@pytest.mark.parametrize("score", [0, 6, -1])
def test_other_scores_do_not_exist(score: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 5"):
        Scores(skill=score)


def test_rating_rate_and_satisfaction_with_all_their_parts() -> None:
    yes = Rated(satisfied=True, scores=Scores(attitude=5, policy=4))
    no = Rated(satisfied=False, scores=Scores(attitude=1))
    calls = [(True, yes)] * 3 + [(True, no), (True, Rated()), (True, None), (False, None), (False, yes)]
    tally = count(calls)
    assert (tally.answered, tally.invited, tally.rated, tally.satisfied) == (6, 5, 4, 3)
    rows = {figure.id: figure.row(tally) for figure in FIGURES}
    rate, satisfaction = rows["rating_rate"], rows["satisfaction"]
    assert (rate["numerator"], rate["denominator"], rate["value"]) == (4, 6, 0.666667)
    assert (satisfaction["numerator"], satisfaction["denominator"], satisfaction["value"]) == (3, 4, 0.75)
    assert rows["rating_response"]["value"] == 0.8
    attitude = rows["score_attitude"]
    assert (attitude["numerator"], attitude["denominator"], attitude["value"]) == (16, 4, 4.0)
    assert rows["score_skill"]["value"] is None
    assert all(row["formula"] and not row["wording"].isascii() for row in rows.values())


def test_anhui_as_published() -> None:
    """282,900 answered, 57.16 % rated, 99.75 % of them satisfied: figures of the Anhui line's first year."""
    rated = round(282_900 * 0.5716)
    tally = RatingTally(answered=282_900, invited=282_900, rated=rated, satisfied=round(rated * 0.9975))
    found = brief(tally)
    assert round(found["rating_rate"] or 0, 4) == 0.5716
    assert round(found["satisfaction"] or 0, 4) == 0.9975


def test_tallies_add_up() -> None:
    yes, no = Rated(satisfied=True, scores=Scores(skill=5)), Rated(satisfied=False, scores=Scores(skill=2, policy=1))
    calls: list[tuple[bool, Rated | None]] = [(True, yes), (True, None), (True, no), (False, None)]
    assert count(calls[:2]).plus(count(calls[2:])) == count(calls)


# ── one's own month ──────────────────────────────────────────────────────────────────────────────────────────────────


def voice(caller: int, attitude: int = 5, policy: int | None = None) -> Voice:
    return Voice(bytes([caller]), Scores(attitude=attitude, policy=policy))


def test_five_callers_make_a_mean() -> None:
    voices = [voice(each, attitude=each) for each in range(1, 6)]
    found = own_month(OCTOBER, voices, NOVEMBER)
    assert (found.over, found.enough, found.rated) == (True, True, 5)
    assert found.overall is not None
    assert found.overall.mean == found.means[Question.ATTITUDE].mean == 3.0
    assert Question.POLICY not in found.means


def test_fewer_than_five_callers_stay_unknown() -> None:
    found = own_month(OCTOBER, [voice(each) for each in range(1, FEWEST)], NOVEMBER)
    assert (found.enough, found.rated, found.overall, found.means) == (False, None, None, {})


def test_one_caller_who_calls_often_is_one() -> None:
    assert not own_month(OCTOBER, [voice(1)] * 9, NOVEMBER).enough
    voices = [*(voice(each) for each in range(1, 6)), *[voice(1, policy=1)] * 7]
    found = own_month(OCTOBER, voices, NOVEMBER)
    assert found.enough
    assert Question.POLICY not in found.means, "only one caller answered this question"


def test_a_month_is_told_when_it_is_over() -> None:
    voices = [voice(each) for each in range(1, 9)]
    assert not own_month(OCTOBER, voices, NOVEMBER - timedelta(microseconds=1)).enough
    assert own_month(OCTOBER, voices, NOVEMBER).enough


def test_bounds_of_a_month() -> None:
    assert bounds(OCTOBER) == (NOVEMBER - timedelta(days=31), NOVEMBER)
    assert bounds(date(2026, 12, 1))[1] == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
    assert month_of("2026-10") == OCTOBER
    with pytest.raises(ValueError, match="unconverted"):
        month_of("2026-13")


def test_the_seat_sees_the_journal_without_the_rating() -> None:
    lines = "CallTaken AnnouncementBegun KeysHeard RatingOffered AnnouncementBegun KeysHeard RatingGiven CallEnded"
    assert without_rating(lines.split(), str) == ["CallTaken", "AnnouncementBegun", "KeysHeard", "CallEnded"]
    untouched = ["CallArrived", "AnnouncementBegun", "KeysHeard", "CallEnded"]
    assert without_rating(untouched, str) == untouched
