"""What a caller is asked, key by key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.prompts import built_in
from hotline.ratings.questions import LABELS, REPEATS, THANKS, Next, Question, first, heard, prompt
from hotline.ratings.scores import Scores

ATTITUDE, EFFICIENCY, SKILL, POLICY = Question


def asked(keys: list[str]) -> tuple[Scores, list[str]]:
    """Plays the dialogue with these keys ("" is silence); the scores, and what the caller heard."""
    question: Question | None = first()
    wrong, scores, played = 0, dict[Question, int | None](), list[str]()
    for key in keys:
        if question is None:
            break
        played.append(prompt(question))
        step = heard(question, key, wrong)
        if step.score is not None:
            scores[question] = step.score
        wrong = wrong + 1 if step.again else 0
        question = step.question
    if question is None:
        played.append(THANKS)
    return Scores.of(scores), played


def test_four_questions_in_order() -> None:
    scores, played = asked(["5", "4", "3", "1"])
    assert scores == Scores(attitude=5, efficiency=4, skill=3, policy=1)
    assert played == ["rate-attitude", "rate-efficiency", "rate-skill", "rate-policy", "rate-thanks"]


def test_every_announcement_says_something() -> None:
    for name in (*map(prompt, Question), THANKS):
        assert not built_in()[name].text.isascii()
    for question, label in LABELS.items():
        assert built_in()[prompt(question)].label == f"评价：{label}", "telephone and screen use the same words"
    assert "井号" in built_in()[prompt(first())].text, "the first question says what the keys mean"
    assert set(LABELS) == set(Question)


def test_hash_leaves_a_question_out_at_once() -> None:
    assert heard(ATTITUDE, "#", 0) == Next(question=EFFICIENCY)
    assert asked(["#", "#", "#", "2"])[0] == Scores(policy=2)


@pytest.mark.parametrize("key", ["0", "6", "9", "*", "A", "²", "５"])
def test_a_key_that_means_nothing_is_asked_once_more(key: str) -> None:
    assert heard(SKILL, key, 0) == Next(question=SKILL, again=True)
    assert heard(SKILL, key, 1) == Next(question=POLICY)


def test_silence_is_asked_once_more_and_then_ends_it() -> None:
    assert heard(ATTITUDE, "", 0) == Next(question=ATTITUDE, again=True)
    assert heard(ATTITUDE, "", 1) == Next(question=None)
    scores, played = asked(["4", "", "", "5"])
    assert scores == Scores(attitude=4)
    assert played == ["rate-attitude", "rate-efficiency", "rate-efficiency", "rate-thanks"]


def test_of_several_keys_the_first_counts() -> None:
    assert heard(POLICY, "53", 0) == Next(question=None, score=5)
    assert heard(POLICY, "53", 0).over
    assert not heard(ATTITUDE, "5", 0).over


@given(st.lists(st.text(alphabet="0123456789*#ABCD", max_size=3), max_size=40))
def test_it_always_ends(keys: list[str]) -> None:
    """No question is heard more than twice, whatever is pressed."""
    scores, played = asked(keys)
    assert all(played.count(each) <= 1 + REPEATS for each in set(played))
    assert set(scores.given.values()) <= {1, 2, 3, 4, 5}
    assert len(keys) < len(Question) * (1 + REPEATS) or played[-1] == THANKS
