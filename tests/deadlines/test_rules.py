"""Which rule counts, and what follows from a ticket's state."""

from __future__ import annotations

from datetime import datetime

import pytest

from hotline.deadlines.following import FULFILLED, NEEDED, RESUMED
from hotline.deadlines.rules import DEFAULT, LABELS, About, DueKind, Rule, extend, rule_for, stamp
from hotline.deadlines.working import Clock, Unit
from hotline.rosters.calendar import SHANGHAI, Calendar
from hotline.tickets.ticket import TRANSITIONS, Step, TicketState

CLOCK = Clock(calendar=Calendar())
BORN = datetime(2025, 9, 26, 10, tzinfo=SHANGHAI)


def amount(kind: DueKind, about: About, *own: Rule) -> tuple[int, Unit] | None:
    rule = rule_for(kind, about, own)
    return None if rule is None else (rule.amount, rule.unit)


def test_the_narrower_rule_counts() -> None:
    assert amount(DueKind.DISPATCH, About()) == (1, Unit.WORKDAYS)
    assert amount(DueKind.DISPATCH, About(urgency="urgent")) == (60, Unit.MINUTES)
    assert amount(DueKind.AID_REVIEW, About()) is None
    assert amount(DueKind.AID_REVIEW, About(matter="legal_aid")) == (7, Unit.DAYS)


def test_the_sites_own_rule_comes_first() -> None:
    own = Rule(kind=DueKind.REPLY, amount=3, unit=Unit.WORKDAYS)
    assert amount(DueKind.REPLY, About(), own) == (3, Unit.WORKDAYS)
    assert amount(DueKind.SIGN, About(), own) == (1, Unit.WORKDAYS)
    narrow = Rule(kind=DueKind.REPLY, amount=10, unit=Unit.WORKDAYS, matter="mediation")
    assert amount(DueKind.REPLY, About(matter="mediation"), own, narrow) == (10, Unit.WORKDAYS)


def test_of_two_that_are_as_narrow_the_later_counts() -> None:
    twice = (Rule(kind=DueKind.REPLY, amount=3, unit=Unit.DAYS), Rule(kind=DueKind.REPLY, amount=4, unit=Unit.DAYS))
    assert amount(DueKind.REPLY, About(), *twice) == (4, Unit.DAYS)


def test_an_extension_stays_within_what_the_rule_allows() -> None:
    due = stamp(DueKind.REPLY, About(), BORN, CLOCK)
    assert due is not None
    assert due.due_at == datetime(2025, 10, 10, 17, 30, tzinfo=SHANGHAI)
    longer = extend(due, 10, CLOCK)
    assert longer is not None
    assert (longer.amount, longer.due_at.date().isoformat()) == (15, "2025-10-23")
    assert extend(due, 11, CLOCK) is None
    assert extend(due, 0, CLOCK) is None


@pytest.mark.parametrize("state", list(TicketState))
def test_every_state_says_what_is_needed(state: TicketState) -> None:
    assert state in NEEDED


def test_whatever_ends_in_a_state_is_done_or_dropped() -> None:
    """A step that leaves a kind needed does not fulfil it, unless it begins again in the new state."""
    for (state, step), target in TRANSITIONS.items():
        for kind in FULFILLED.get(step, frozenset()) & NEEDED[state] & NEEDED[target]:
            raise AssertionError(f"{state} {step} fulfils {kind}, which {target} needs")


def test_every_fulfilling_step_has_something_to_fulfil() -> None:
    for step, kinds in FULFILLED.items():
        needed = {kind for (state, each), _ in TRANSITIONS.items() if each is step for kind in NEEDED[state]}
        assert kinds <= needed, step
    assert set(RESUMED) <= set(Step)


def test_every_kind_has_a_name_and_a_default() -> None:
    assert set(LABELS) == set(DueKind) == {rule.kind for rule in DEFAULT}
