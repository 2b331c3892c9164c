"""What is true of a ticket (话务工单) now, and what may be done with it next?

One table, one function. The diagram in `README.md` is compared with `TRANSITIONS` by a test. A ticket is born as a
draft in the transaction that accepts its call; whoever writes the first word on it opens it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class TicketState(StrEnum):
    """What is true of a ticket now."""

    DRAFT = "draft"
    """草稿: born with the call, nobody has written on it."""
    OPEN = "open"
    """待办结: somebody is writing it."""
    CLOSED = "closed"
    """已办结."""
    REOPENED = "reopened"
    """重新打开: a supervisor wants it looked at again."""


class Step(StrEnum):
    """What can be done with a ticket (the columns of the table)."""

    SAVE = "save"
    """Fields were written."""
    CLOSE = "close"
    """办结: complete."""
    QUICK_CLOSE = "quick_close"
    """Wrong number, silence or a prank: nothing to write."""
    REOPEN = "reopen"
    CALLER_GONE = "caller_gone"
    """The call ended and nobody had spoken with the caller: nothing for a person to write. The hall's own step."""
    SPOKEN_AFTER_ALL = "spoken_after_all"
    """A late report says that somebody did speak with the caller. The hall's own step."""


DRAFT, OPEN, CLOSED, REOPENED = TicketState

TRANSITIONS: Final[Mapping[tuple[TicketState, Step], TicketState]] = {
    (DRAFT, Step.SAVE): OPEN,  # 1
    (OPEN, Step.SAVE): OPEN,  # 2
    (REOPENED, Step.SAVE): REOPENED,  # 3
    (OPEN, Step.CLOSE): CLOSED,  # 4
    (REOPENED, Step.CLOSE): CLOSED,  # 5
    (DRAFT, Step.QUICK_CLOSE): CLOSED,  # 6
    (OPEN, Step.QUICK_CLOSE): CLOSED,  # 7
    (CLOSED, Step.REOPEN): REOPENED,  # 8
    (DRAFT, Step.CALLER_GONE): CLOSED,  # 9
    (CLOSED, Step.SPOKEN_AFTER_ALL): DRAFT,  # 10 only what step 9 closed
}


class TicketRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: TicketState, step: Step) -> None:
        super().__init__(f"a ticket that is {state} cannot take the step {step}")
        self.state = state
        self.step = step


class CallNotTaken(Exception):
    """The call is live and not with this account: it still waits, or another lawyer has it."""


def advance(state: TicketState, step: Step) -> TicketState:
    """The state after the step. Raises `TicketRefused` when the table has no such row."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise TicketRefused(state, step)
    return target
