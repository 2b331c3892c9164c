"""What is true of a call-back task (回拨任务) now, and what may happen to it next?

One table, one function. The diagram in `README.md` is compared with `TRANSITIONS` by a test. What follows from the
journal never fails here: whoever applies it asks `can` first.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """Why the caller is to be called back; later ones outweigh earlier ones when they are merged."""

    MISSED = "missed"
    """漏接: rang, and nobody served."""
    WISHED = "wished"
    """预约回拨: asked for it by key instead of waiting."""
    MESSAGE = "message"
    """留言: spoke a message, which must be listened to."""


class TaskState(StrEnum):
    """What is true of a task now."""

    WAITING = "waiting"
    """待回拨: nobody's."""
    TAKEN = "taken"
    """处理中: somebody's."""
    REACHED = "reached"
    """已通话: the caller was spoken with; what came of it is still to be said."""
    DONE = "done"
    """已完成."""
    GOT_THROUGH = "got_through"
    """已自行接通: the caller rang again and was served."""
    UNREACHABLE = "unreachable"
    """联系不上: tried often enough, in different hours."""
    CLOSED = "closed"
    """已关闭: by a person, with a reason."""


class Step(StrEnum):
    """What can happen to a task (the columns of the table)."""

    TAKE = "take"
    """认领."""
    ASSIGN = "assign"
    """指派: by a supervisor."""
    RELEASE = "release"
    """放回."""
    REACH = "reach"
    """An outbound call was answered."""
    NOT_THEM = "not_them"
    """It was not the caller: a mailbox, or somebody else."""
    FINISH = "finish"
    """What came of it was said."""
    RING_AGAIN = "ring_again"
    """The caller rang once more after having been reached, and was missed: that is another task."""
    GET_THROUGH = "get_through"
    GIVE_UP = "give_up"
    CLOSE = "close"


WAITING, TAKEN, REACHED, DONE, GOT_THROUGH, UNREACHABLE, CLOSED = TaskState

TRANSITIONS: Final[Mapping[tuple[TaskState, Step], TaskState]] = {
    (WAITING, Step.TAKE): TAKEN,  # 1
    (WAITING, Step.ASSIGN): TAKEN,  # 2
    (TAKEN, Step.ASSIGN): TAKEN,  # 3
    (REACHED, Step.ASSIGN): REACHED,  # 4
    (TAKEN, Step.RELEASE): WAITING,  # 5
    (TAKEN, Step.REACH): REACHED,  # 6
    (WAITING, Step.REACH): REACHED,  # 7  put back while the number rang
    (REACHED, Step.REACH): REACHED,  # 8  the line dropped, and the caller was dialled again
    (REACHED, Step.NOT_THEM): TAKEN,  # 9
    (REACHED, Step.FINISH): DONE,  # 10
    (REACHED, Step.RING_AGAIN): DONE,  # 11
    (WAITING, Step.GET_THROUGH): GOT_THROUGH,  # 12
    (TAKEN, Step.GET_THROUGH): GOT_THROUGH,  # 13
    (TAKEN, Step.GIVE_UP): UNREACHABLE,  # 14
    (WAITING, Step.GIVE_UP): UNREACHABLE,  # 15
    (WAITING, Step.CLOSE): CLOSED,  # 16
    (TAKEN, Step.CLOSE): CLOSED,  # 17
}

OPEN: Final = frozenset({WAITING, TAKEN, REACHED})
"""Something is still to be done. A caller has at most one open task in a hall."""
DUE: Final = frozenset({WAITING, TAKEN})
"""The caller has not been spoken with: such a task can be overdue."""


class Result(StrEnum):
    """What came of a call-back that reached the caller."""

    HELPED = "helped"
    """已答复."""
    FOLLOW_UP = "follow_up"
    """已登记，需后续办理."""
    DECLINED = "declined"
    """来电人不再需要."""


class Reason(StrEnum):
    """Why a task was closed without the caller having been reached."""

    ELSEWHERE = "elsewhere"
    """已通过其他途径处理."""
    NO_NEED = "no_need"
    """无需回拨: a message that asks for nothing."""
    HARASSING = "harassing"
    """骚扰来电."""
    NUMBER_WRONG = "number_wrong"
    """号码无效."""
    OTHER = "other"


class Attempt(StrEnum):
    """What became of one outbound call."""

    BEGUN = "begun"
    """The seat's own phone rings."""
    DIALLING = "dialling"
    """The caller's phone rings."""
    REACHED = "reached"
    NOT_REACHED = "not_reached"
    """未接通: rang in vain, busy, switched off."""
    NOT_THEM = "not_them"
    """Picked up, but not by the caller."""
    NOT_DIALLED = "not_dialled"
    """It never came to ringing the caller: our side gave up or failed. Counts as no attempt."""


TRIED: Final = frozenset({Attempt.NOT_REACHED, Attempt.NOT_THEM})
"""In vain, and not our fault."""


class TaskRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: TaskState, step: Step) -> None:
        super().__init__(f"a call-back task that is {state} cannot take the step {step}")
        self.state = state
        self.step = step


def can(state: TaskState, step: Step) -> bool:
    """Does the table have that row?"""
    return (state, step) in TRANSITIONS


def advance(state: TaskState, step: Step) -> TaskState:
    """The state after the step. Raises `TaskRefused` when the table has no such row."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise TaskRefused(state, step)
    return target
