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
    """重新打开: it is looked at again, since the citizen was not satisfied or a supervisor wants it."""
    DISPATCHED = "dispatched"
    """已派单: a unit has it, and has not said so yet."""
    DESIGNATED = "designated"
    """已指定: sent to the unit that had returned it, which may not return it again."""
    SIGNED = "signed"
    """已签收: the unit says that it has it."""
    IN_PROGRESS = "in_progress"
    """办理中."""
    REPLIED = "replied"
    """已反馈: the unit has answered, the hall has not looked at it yet."""
    REVIEWED = "reviewed"
    """已审核: the answer does."""
    FOLLOWED_UP = "followed_up"
    """已回访: the citizen was asked."""
    RETURNED = "returned"
    """已退单: the unit says that it is not theirs."""
    MERGED = "merged"
    """已并单: a repeat, told by another ticket."""
    NOT_ACCEPTED = "not_accepted"
    """不予受理: the citizen was told the legal way (法定渠道)."""
    TERMINATED = "terminated"
    """已终止: ended without a result, which a second person agreed to."""


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
    DISPATCH = "dispatch"
    """派单: to a unit."""
    RECALL = "recall"
    """撤回派单, before the unit has signed for it."""
    DESIGNATE = "designate"
    """指定承办: whoever returned it has it all the same."""
    SIGN = "sign"
    """签收."""
    RETURN = "return"
    """退单（派单异议）."""
    BEGIN = "begin"
    """开始办理."""
    PASS_ON = "pass_on"
    """转派: from the unit that has it to one below it."""
    REPLY = "reply"
    """反馈."""
    SEND_BACK = "send_back"
    """退回重办: the answer does not do."""
    REVIEW = "review"
    """审核通过."""
    FOLLOW_UP = "follow_up"
    """回访."""
    MERGE = "merge"
    """并单."""
    SPLIT = "split"
    """取消并单."""
    NOT_ACCEPT = "not_accept"
    """不予受理."""
    TERMINATE = "terminate"
    """终止, after a second person agreed."""


S = TicketState

TRANSITIONS: Final[Mapping[tuple[TicketState, Step], TicketState]] = {
    # at the desk
    (S.DRAFT, Step.SAVE): S.OPEN,  # 1
    (S.OPEN, Step.SAVE): S.OPEN,  # 2
    (S.REOPENED, Step.SAVE): S.REOPENED,  # 3
    (S.OPEN, Step.CLOSE): S.CLOSED,  # 4
    (S.REOPENED, Step.CLOSE): S.CLOSED,  # 5
    (S.DRAFT, Step.QUICK_CLOSE): S.CLOSED,  # 6
    (S.OPEN, Step.QUICK_CLOSE): S.CLOSED,  # 7
    (S.CLOSED, Step.REOPEN): S.REOPENED,  # 8
    (S.DRAFT, Step.CALLER_GONE): S.CLOSED,  # 9
    (S.CLOSED, Step.SPOKEN_AFTER_ALL): S.DRAFT,  # 10 only what step 9 closed
    (S.RETURNED, Step.SAVE): S.RETURNED,  # 11
    (S.RETURNED, Step.CLOSE): S.CLOSED,  # 12
    # to a unit, and at the unit
    (S.OPEN, Step.DISPATCH): S.DISPATCHED,  # 13
    (S.REOPENED, Step.DISPATCH): S.DISPATCHED,  # 14
    (S.RETURNED, Step.DISPATCH): S.DISPATCHED,  # 15
    (S.RETURNED, Step.DESIGNATE): S.DESIGNATED,  # 16
    (S.DISPATCHED, Step.RECALL): S.OPEN,  # 17
    (S.DISPATCHED, Step.SIGN): S.SIGNED,  # 18
    (S.DESIGNATED, Step.SIGN): S.SIGNED,  # 19
    (S.DISPATCHED, Step.RETURN): S.RETURNED,  # 20
    (S.SIGNED, Step.RETURN): S.RETURNED,  # 21 not once it was designated
    (S.SIGNED, Step.BEGIN): S.IN_PROGRESS,  # 22
    (S.SIGNED, Step.PASS_ON): S.DISPATCHED,  # 23
    (S.IN_PROGRESS, Step.PASS_ON): S.DISPATCHED,  # 24
    (S.SIGNED, Step.REPLY): S.REPLIED,  # 25
    (S.IN_PROGRESS, Step.REPLY): S.REPLIED,  # 26
    # the answer
    (S.REPLIED, Step.SEND_BACK): S.IN_PROGRESS,  # 27
    (S.REPLIED, Step.REVIEW): S.REVIEWED,  # 28
    (S.REVIEWED, Step.FOLLOW_UP): S.FOLLOWED_UP,  # 29
    (S.REVIEWED, Step.CLOSE): S.CLOSED,  # 30
    (S.FOLLOWED_UP, Step.CLOSE): S.CLOSED,  # 31
    (S.FOLLOWED_UP, Step.REOPEN): S.REOPENED,  # 32
    # other ends
    (S.OPEN, Step.MERGE): S.MERGED,  # 33
    (S.REOPENED, Step.MERGE): S.MERGED,  # 34
    (S.RETURNED, Step.MERGE): S.MERGED,  # 35
    (S.MERGED, Step.SPLIT): S.OPEN,  # 36
    (S.OPEN, Step.NOT_ACCEPT): S.NOT_ACCEPTED,  # 37
    (S.RETURNED, Step.NOT_ACCEPT): S.NOT_ACCEPTED,  # 38
    (S.NOT_ACCEPTED, Step.REOPEN): S.REOPENED,  # 39
    (S.OPEN, Step.TERMINATE): S.TERMINATED,  # 40
    (S.REOPENED, Step.TERMINATE): S.TERMINATED,  # 41
    (S.RETURNED, Step.TERMINATE): S.TERMINATED,  # 42
    (S.DISPATCHED, Step.TERMINATE): S.TERMINATED,  # 43
    (S.DESIGNATED, Step.TERMINATE): S.TERMINATED,  # 44
    (S.SIGNED, Step.TERMINATE): S.TERMINATED,  # 45
    (S.IN_PROGRESS, Step.TERMINATE): S.TERMINATED,  # 46
    (S.TERMINATED, Step.REOPEN): S.REOPENED,  # 47
}

AT_DESK: Final = frozenset({S.DRAFT, S.OPEN, S.REOPENED, S.RETURNED})
"""The hall's to do: write, answer, dispatch."""
AT_UNIT: Final = frozenset({S.DISPATCHED, S.DESIGNATED, S.SIGNED, S.IN_PROGRESS})
"""A unit's to do."""
ANSWERED: Final = frozenset({S.REPLIED, S.REVIEWED, S.FOLLOWED_UP})
"""The hall's to do again: review, follow up, close."""
ENDED: Final = frozenset({S.CLOSED, S.MERGED, S.NOT_ACCEPTED, S.TERMINATED})


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
