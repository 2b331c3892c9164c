"""What is true of a hand-over (移交) to another line or authority now, and what may happen to it next?

One table, one function; the diagram in `README.md` is compared with it by a test. What the other side says never fails
here: it may come twice, late and in any order, so whoever applies it asks `can` first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class HandoverState(StrEnum):
    """What is true of a hand-over now."""

    PREPARED = "prepared"
    """待发送: complete, and waiting for its turn or for another try."""
    SENT = "sent"
    """已发送: it has arrived; their number is not known yet."""
    ACKNOWLEDGED = "acknowledged"
    """已签收: they have it, under their number."""
    ACCEPTED = "accepted"
    """已受理: it is theirs. Until then the case stays ours (首接负责)."""
    RETURNED = "returned"
    """已退回: it is ours again."""
    DONE = "done"
    """已办结: they have finished it."""
    FAILED = "failed"
    """发送失败: a person has to look at it."""
    IN_DOUBT = "in_doubt"
    """待核实: nobody knows whether it arrived."""
    WITHDRAWN = "withdrawn"
    """已撤回: by a person, before it was theirs."""


class Step(StrEnum):
    """What can happen to a hand-over (the columns of the table)."""

    ARRIVE = "arrive"
    """It was taken, without a number."""
    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    RETURN = "return"
    FINISH = "finish"
    REFUSE = "refuse"
    """They, or the way there, will never take it like this; or three days were not enough."""
    DOUBT = "doubt"
    RETRY = "retry"
    """It did not arrive, or a person wants it tried again."""
    WITHDRAW = "withdraw"


S = HandoverState

TRANSITIONS: Final[Mapping[tuple[HandoverState, Step], HandoverState]] = {
    # sending
    (S.PREPARED, Step.ARRIVE): S.SENT,  # 1
    (S.PREPARED, Step.ACKNOWLEDGE): S.ACKNOWLEDGED,  # 2
    (S.PREPARED, Step.REFUSE): S.FAILED,  # 3
    (S.PREPARED, Step.DOUBT): S.IN_DOUBT,  # 4
    (S.PREPARED, Step.WITHDRAW): S.WITHDRAWN,  # 5
    (S.IN_DOUBT, Step.ARRIVE): S.SENT,  # 6
    (S.IN_DOUBT, Step.ACKNOWLEDGE): S.ACKNOWLEDGED,  # 7
    (S.IN_DOUBT, Step.RETRY): S.PREPARED,  # 8
    (S.IN_DOUBT, Step.REFUSE): S.FAILED,  # 9
    (S.IN_DOUBT, Step.WITHDRAW): S.WITHDRAWN,  # 10
    (S.FAILED, Step.RETRY): S.PREPARED,  # 11
    (S.FAILED, Step.WITHDRAW): S.WITHDRAWN,  # 12
    (S.FAILED, Step.ACKNOWLEDGE): S.ACKNOWLEDGED,  # 13 they had it after all
    (S.SENT, Step.ACKNOWLEDGE): S.ACKNOWLEDGED,  # 14
    # what becomes of it there; whoever tells that it is theirs has had it
    (S.PREPARED, Step.ACCEPT): S.ACCEPTED,  # 15
    (S.IN_DOUBT, Step.ACCEPT): S.ACCEPTED,  # 16
    (S.FAILED, Step.ACCEPT): S.ACCEPTED,  # 17
    (S.SENT, Step.ACCEPT): S.ACCEPTED,  # 18
    (S.ACKNOWLEDGED, Step.ACCEPT): S.ACCEPTED,  # 19
    (S.PREPARED, Step.RETURN): S.RETURNED,  # 20
    (S.IN_DOUBT, Step.RETURN): S.RETURNED,  # 21
    (S.FAILED, Step.RETURN): S.RETURNED,  # 22
    (S.SENT, Step.RETURN): S.RETURNED,  # 23
    (S.ACKNOWLEDGED, Step.RETURN): S.RETURNED,  # 24
    (S.ACCEPTED, Step.RETURN): S.RETURNED,  # 25
    (S.PREPARED, Step.FINISH): S.DONE,  # 26
    (S.IN_DOUBT, Step.FINISH): S.DONE,  # 27
    (S.FAILED, Step.FINISH): S.DONE,  # 28
    (S.SENT, Step.FINISH): S.DONE,  # 29
    (S.ACKNOWLEDGED, Step.FINISH): S.DONE,  # 30
    (S.ACCEPTED, Step.FINISH): S.DONE,  # 31
}

TO_SEND: Final = frozenset({S.PREPARED, S.IN_DOUBT})
"""Later hand-overs of the same ticket over the same way wait for it."""
OPEN: Final = frozenset({S.PREPARED, S.SENT, S.ACKNOWLEDGED, S.FAILED, S.IN_DOUBT})
"""Not theirs yet, and not ours again: somebody has to keep an eye on it."""


class HandoverRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: HandoverState, step: Step) -> None:
        super().__init__(f"a hand-over that is {state} cannot take the step {step}")
        self.state = state
        self.step = step


def can(state: HandoverState, step: Step) -> bool:
    """Has the table such a row?"""
    return (state, step) in TRANSITIONS


def advance(state: HandoverState, step: Step) -> HandoverState:
    """The state after the step. Raises `HandoverRefused` when the table has no such row."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise HandoverRefused(state, step)
    return target
