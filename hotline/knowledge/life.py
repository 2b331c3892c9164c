"""How does a version come to the desks, and who may take which step? A table, and two people.

Whoever wrote a version does not review it. A save adds a version and begins again; the desks keep what was published
before until the new one is, or until the item is withdrawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from hotline.knowledge.kinds import KnowledgeRefused

REVIEW_AFTER: Final = timedelta(days=365)
"""After this time somebody looks whether what was published still holds, unless another day is named."""


class State(StrEnum):
    """Of an item's newest version."""

    DRAFT = "draft"
    """草稿."""
    REVIEWED = "reviewed"
    """已审核."""
    PUBLISHED = "published"
    """已发布."""
    WITHDRAWN = "withdrawn"
    """已撤下."""


class Step(StrEnum):
    """What is done with an item."""

    SAVE = "save"
    """保存: another version."""
    REVIEW = "review"
    """审核通过."""
    PUBLISH = "publish"
    """发布: the desks see it from now on, instead of what they saw before."""
    CHECK = "check"
    """复核: it still holds; with the day of the next time."""
    WITHDRAW = "withdraw"
    """撤下: the desks see nothing of the item any more."""


S = State

TRANSITIONS: Final[Mapping[tuple[State, Step], State]] = {
    (S.DRAFT, Step.SAVE): S.DRAFT,
    (S.REVIEWED, Step.SAVE): S.DRAFT,
    (S.PUBLISHED, Step.SAVE): S.DRAFT,
    (S.WITHDRAWN, Step.SAVE): S.DRAFT,
    (S.DRAFT, Step.REVIEW): S.REVIEWED,
    (S.REVIEWED, Step.PUBLISH): S.PUBLISHED,
    (S.PUBLISHED, Step.CHECK): S.PUBLISHED,
    (S.DRAFT, Step.WITHDRAW): S.WITHDRAWN,
    (S.REVIEWED, Step.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHED, Step.WITHDRAW): S.WITHDRAWN,
}


def advance(state: State, step: Step) -> State:
    """The state after the step. Raises `KnowledgeRefused(knowledge_state)`."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise KnowledgeRefused("knowledge_state")
    return target


def next_review(today: date, asked: date | None) -> date:
    """When to look again. Raises `KnowledgeRefused(invalid_input)` for a day that is over."""
    if asked is None:
        return today + REVIEW_AFTER
    if asked <= today:
        raise KnowledgeRefused("invalid_input", errors=[{"field": "review_on", "message": "复核日期须在今天之后。"}])
    return asked
