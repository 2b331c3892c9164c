"""What rules about a caller lead to, now and later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.callers.treatment import (
    MAX_REVIEW_DAYS,
    PLAIN,
    SHANGHAI,
    Kind,
    Level,
    Policy,
    Rule,
    Treatment,
    admits,
    combine,
    current,
    is_due,
    is_plain,
    level_on,
    review_fits,
)

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
TODAY = date(2026, 11, 21)
POLICY = Policy()


def rule(kind: Kind, **more: Any) -> Rule:
    return Rule(**{"kind": kind, "by": "acc-1", "since": NOW - timedelta(days=1), **more})


def harassing(level: Level, days: int = 30) -> Rule:
    return rule(Kind.HARASSING, level=level, review_on=TODAY + timedelta(days=days))


def test_nobody_special() -> None:
    assert combine([], NOW, POLICY) == PLAIN
    assert is_plain(combine([], NOW, POLICY))


@pytest.mark.parametrize(
    ("kinds", "steps", "marks"),
    [
        ([Kind.EMERGENCY], 3, ("emergency",)),
        ([Kind.MINOR], 2, ("minor",)),
        ([Kind.ELDERLY], 1, ("elderly",)),
        ([Kind.ELDERLY, Kind.DISABLED], 1, ("elderly", "disabled")),
        ([Kind.ELDERLY, Kind.MINOR, Kind.EMERGENCY], 3, ("emergency", "minor", "elderly")),
    ],
)
def test_the_greatest_need_counts_and_needs_do_not_add_up(
    kinds: list[Kind], steps: int, marks: tuple[str, ...]
) -> None:
    treatment = combine([rule(kind) for kind in kinds], NOW, POLICY)
    assert (treatment.priority, treatment.marks) == (steps, marks)


def test_a_site_has_its_own_table() -> None:
    policy = Policy(steps={Kind.ELDERLY: 4}, calls_a_day=1)
    assert combine([rule(Kind.ELDERLY), rule(Kind.MINOR)], NOW, policy).priority == 4
    assert combine([harassing(Level.LIMITED)], NOW, policy).calls_a_day == 1


def test_harassing_levels() -> None:
    warned, limited, blocked = (combine([harassing(level)], NOW, POLICY) for level in tuple(Level)[1:])
    assert (warned.marks, warned.served_last, warned.calls_a_day) == (("warned",), False, None)
    assert (limited.marks, limited.served_last, limited.calls_a_day) == (("limited",), True, 3)
    assert (blocked.marks, blocked.served_last) == (("blocked",), False)
    assert [admits(warned, 99), admits(limited, 2), admits(limited, 3), admits(blocked, 0)] == [
        True,
        True,
        False,
        False,
    ]
    assert admits(PLAIN, 10_000)


def test_the_strongest_of_several_levels_counts() -> None:
    assert combine([harassing(Level.WARNED), harassing(Level.LIMITED)], NOW, POLICY).level is Level.LIMITED


@pytest.mark.parametrize("level", [Level.WARNED, Level.LIMITED, Level.BLOCKED])
def test_who_is_in_danger_is_never_held_back(level: Level) -> None:
    treatment = combine([harassing(level), rule(Kind.EMERGENCY)], NOW, POLICY)
    assert (treatment.level, treatment.marks, treatment.priority) == (Level.NONE, ("emergency",), 3)
    assert admits(treatment, 1000)
    assert treatment.until is None, "the levels behind the emergency change nothing"


def test_a_block_nobody_looked_at_weakens_at_midnight_in_shanghai() -> None:
    treatment = combine([harassing(Level.BLOCKED, days=1)], NOW, POLICY)
    midnight = datetime(2026, 11, 23, 0, 0, tzinfo=SHANGHAI)
    assert treatment.until == midnight
    assert current(treatment, midnight - timedelta(microseconds=1)).level is Level.BLOCKED
    after = current(treatment, midnight)
    assert (after.level, after.served_last, after.calls_a_day) == (Level.LIMITED, True, 3)
    later = current(treatment, midnight + timedelta(days=MAX_REVIEW_DAYS))
    assert (later.level, later.marks, later.until) == (Level.WARNED, ("warned",), None)
    assert current(treatment, midnight + timedelta(days=5000)).level is Level.WARNED


@pytest.mark.parametrize(
    ("level", "days_after", "left"),
    [
        (Level.BLOCKED, 0, Level.BLOCKED),
        (Level.BLOCKED, 1, Level.LIMITED),
        (Level.BLOCKED, 90, Level.LIMITED),
        (Level.BLOCKED, 91, Level.WARNED),
        (Level.LIMITED, 0, Level.LIMITED),
        (Level.LIMITED, 1, Level.WARNED),
        (Level.WARNED, 400, Level.WARNED),
        (Level.NONE, 400, Level.NONE),
    ],
)
def test_levels_after_the_review_date(level: Level, days_after: int, left: Level) -> None:
    assert level_on(level, TODAY, TODAY + timedelta(days=days_after)) is left
    assert level_on(level, None, TODAY) is level


def test_a_rule_ends_and_another_begins() -> None:
    first = rule(Kind.MINOR, ended_at=NOW + timedelta(hours=1))
    second = rule(Kind.ELDERLY, since=NOW + timedelta(hours=2))
    treatment = combine([first, second, rule(Kind.DISABLED, ended_at=NOW)], NOW, POLICY)
    marks = [current(treatment, NOW + timedelta(hours=hours)).marks for hours in (0, 1, 2)]
    assert marks == [("minor",), (), ("elderly",)]


def test_lawyers_who_must_not_and_the_one_who_should() -> None:
    rules = [
        rule(Kind.CONFLICT, operators=("acc-2", "acc-3")),
        rule(Kind.AVOID, operators=("acc-4",)),
        rule(Kind.PREFER, operators=("acc-5",), since=NOW - timedelta(days=2)),
        rule(Kind.PREFER, operators=("acc-6",), since=NOW - timedelta(days=1)),
        rule(Kind.PREFER, operators=("acc-3",)),
    ]
    treatment = combine(rules, NOW, POLICY)
    assert treatment.excluded == ("acc-2", "acc-3", "acc-4")
    assert treatment.conflicting == ("acc-2", "acc-3")
    assert treatment.preferred == "acc-6", "the latest wish; the one with a conflict does not count"
    assert treatment.marks == ("prefer", "avoid", "conflict")


def test_a_preference_lapses() -> None:
    treatment = combine([rule(Kind.PREFER, operators=("acc-5",), since=NOW)], NOW, Policy(prefer_days=7))
    assert treatment.preferred == "acc-5"
    assert treatment.until == NOW + timedelta(days=7)
    assert is_plain(current(treatment, NOW + timedelta(days=7)))


def test_review_dates() -> None:
    held = (Level.LIMITED, Level.BLOCKED)
    for level in held:
        assert not review_fits(level, None, TODAY)
        assert not review_fits(level, TODAY, TODAY)
        assert review_fits(level, TODAY + timedelta(days=1), TODAY)
        assert review_fits(level, TODAY + timedelta(days=90), TODAY)
        assert not review_fits(level, TODAY + timedelta(days=91), TODAY)
    assert review_fits(Level.WARNED, None, TODAY)
    assert review_fits(Level.NONE, TODAY + timedelta(days=900), TODAY)
    assert [is_due(Level.BLOCKED, TODAY + timedelta(days=n), TODAY) for n in (-1, 0, 1)] == [True, True, False]


RULES = st.lists(
    st.builds(
        rule,
        st.sampled_from(Kind),
        level=st.sampled_from(Level),
        operators=st.lists(st.sampled_from(["a", "b", "c"]), max_size=2).map(tuple),
        since=st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days)),
        review_on=st.none() | st.integers(-200, 90).map(lambda days: TODAY + timedelta(days=days)),
        ended_at=st.none() | st.integers(-40, 100).map(lambda days: NOW + timedelta(days=days)),
    ),
    max_size=6,
)


@given(rules=RULES, days=st.integers(0, 400))
def test_what_was_combined_today_says_what_is_combined_later(rules: list[Rule], days: int) -> None:
    """A treatment kept for weeks is the one that would be made anew, at every time."""
    then = NOW + timedelta(days=days)
    kept = current(combine(rules, NOW, POLICY), then)
    assert kept == combine(rules, then, POLICY)


@given(rules=RULES)
def test_what_always_holds(rules: list[Rule]) -> None:
    treatment: Treatment | None = combine(rules, NOW, POLICY)
    at = NOW
    while treatment is not None:
        emergency = any(
            each.kind is Kind.EMERGENCY and each.since <= at and (each.ended_at is None or at < each.ended_at)
            for each in rules
        )
        assert not emergency or admits(treatment, 10_000)
        assert treatment.preferred not in treatment.excluded
        assert set(treatment.conflicting) <= set(treatment.excluded)
        assert (treatment.until is None) == (treatment.then is None)
        assert treatment.until is None or treatment.until > at
        at, treatment = treatment.until or at, treatment.then
