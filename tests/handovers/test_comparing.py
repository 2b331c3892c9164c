"""What both sides say of a day: which of it differs, and which only looks so."""

from __future__ import annotations

import pytest

from adapters.bridge import NewsKind, Standing
from hotline.handovers.comparing import Difference, Ours, Why, differences
from hotline.handovers.handover import HandoverState as S


def ours(state: S = S.ACKNOWLEDGED, key: str = "T-1-city-1", their_no: str = "A-1") -> Ours:
    return Ours(key=key, ticket="T-1", state=state, their_no=their_no)


def theirs(state: NewsKind = NewsKind.ACKNOWLEDGED, key: str = "T-1-city-1", their_no: str = "A-1") -> Standing:
    return Standing(key=key, local_no="T-1", their_no=their_no, state=state)


@pytest.mark.parametrize(
    ("mine", "listed", "why"),
    [
        (ours(), [theirs()], None),
        (ours(), [], Why.MISSING_THERE),
        (ours(S.IN_DOUBT), [], Why.MISSING_THERE),
        (ours(S.FAILED), [], None),
        (ours(S.PREPARED), [theirs()], None),
        (ours(S.FAILED), [theirs()], Why.STATE),
        (ours(S.WITHDRAWN), [theirs()], Why.STATE),
        (ours(S.ACCEPTED), [theirs(NewsKind.DONE)], Why.STATE),
        (ours(S.ACCEPTED), [theirs(NewsKind.FEEDBACK)], None),
        (ours(S.DONE), [theirs(NewsKind.ACCEPTED)], None),
        (ours(S.DONE), [theirs(NewsKind.RETURNED)], Why.STATE),
        (ours(), [theirs(their_no="B-2")], Why.NUMBER),
        (ours(their_no=""), [theirs()], None),
        (ours(), [theirs(), theirs(their_no="B-2")], Why.TWICE_THERE),
        (ours(), [theirs(), theirs()], None),
    ],
)
def test_one_hand_over(mine: Ours, listed: list[Standing], why: Why | None) -> None:
    found = differences([mine], [mine] if listed else [], listed)
    assert [each.why for each in found] == ([] if why is None else [why])
    assert all(each.number == mine.key for each in found)


def test_what_they_have_and_we_never_sent() -> None:
    found = differences([], [], [theirs(key="X-9"), theirs(key="", their_no="Z-3")])
    assert found == [
        Difference(number="X-9", why=Why.UNKNOWN_HERE, theirs="A-1"),
        Difference(number="Z-3", why=Why.UNKNOWN_HERE, theirs="Z-3"),
    ]


def test_what_was_sent_another_day_is_known_and_not_missed() -> None:
    earlier = ours(key="T-1-city-1")
    assert differences([], [earlier], [theirs()]) == []
    assert differences([], [earlier], [Standing(local_no="T-1", their_no="A-1")]) == []
