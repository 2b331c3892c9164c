"""What has become of a request to change duty, and who may move it on?

换班 exchanges two shifts, 替班 hands one over. The colleague agrees first, the supervisor approves last; only then do
the shifts change hands. One table, one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SwapState(StrEnum):
    """What is true of a request now."""

    ASKED = "asked"
    """待对方同意."""
    AGREED = "agreed"
    """待班长批准."""
    APPROVED = "approved"
    """已批准: the shifts have changed hands."""
    DECLINED = "declined"
    """对方未同意."""
    REFUSED = "refused"
    """班长未批准."""
    WITHDRAWN = "withdrawn"
    """已撤回."""


class SwapStep(StrEnum):
    """What can be done with it."""

    AGREE = "agree"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REFUSE = "refuse"


class SwapNotPossible(Exception):
    """The table has no such row."""

    def __init__(self, state: SwapState, step: SwapStep) -> None:
        super().__init__(f"a request that is {state} cannot take the step {step}")
        self.state = state
        self.step = step


TRANSITIONS: Final[Mapping[tuple[SwapState, SwapStep], SwapState]] = {
    (SwapState.ASKED, SwapStep.AGREE): SwapState.AGREED,
    (SwapState.ASKED, SwapStep.DECLINE): SwapState.DECLINED,
    (SwapState.ASKED, SwapStep.WITHDRAW): SwapState.WITHDRAWN,
    (SwapState.ASKED, SwapStep.REFUSE): SwapState.REFUSED,
    (SwapState.AGREED, SwapStep.WITHDRAW): SwapState.WITHDRAWN,
    (SwapState.AGREED, SwapStep.APPROVE): SwapState.APPROVED,
    (SwapState.AGREED, SwapStep.REFUSE): SwapState.REFUSED,
}
OPEN: Final = (SwapState.ASKED, SwapState.AGREED)
"""States in which something is still to be done."""


def advance(state: SwapState, step: SwapStep) -> SwapState:
    """The state after the step. Raises `SwapNotPossible` when the table has no such row."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise SwapNotPossible(state, step)
    return target
