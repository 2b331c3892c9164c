"""What is true of a message (短信) now, and what may happen to it next? One table, one function.

The diagram in `README.md` is compared with `TRANSITIONS` by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a message is for."""

    ACCEPTED = "accepted"
    """受理告知: number and code to ask for progress by."""
    RESULT = "result"
    """办理结果: what the unit answered, once the hall has agreed to it."""
    MISSED_CALL = "missed_call"
    """漏接通知: nobody took the call; it will be returned."""
    RATING_LINK = "rating_link"
    """评价链接."""
    APPOINTMENT = "appointment"
    """预约: when and where to come."""
    LEGAL_AID_ADDRESS = "legal_aid_address"
    """法援地址: where legal aid is applied for."""


BY_HAND: Final = frozenset({Kind.ACCEPTED, Kind.RESULT, Kind.APPOINTMENT, Kind.LEGAL_AID_ADDRESS})
"""What a person may send from a ticket. A link to rate by is none of theirs: it may be about themselves."""
BY_ITSELF: Final = frozenset({Kind.ACCEPTED, Kind.RESULT, Kind.MISSED_CALL, Kind.RATING_LINK})
"""What follows from a step or a missed call."""


class MessageState(StrEnum):
    """What is true of a message now."""

    WANTED = "wanted"
    """待生成: something asks for it; its text is not written yet."""
    READY = "ready"
    """待发送."""
    HELD = "held"
    """暂扣: it would cost more than the hall allows; a person decides."""
    NOT_SENT = "not_sent"
    """不发送: there is a reason not to."""
    SENT = "sent"
    """已发出: the gateway has it."""
    DELIVERED = "delivered"
    """已送达."""
    UNDELIVERED = "undelivered"
    """未送达: the operators say that it will not arrive."""
    REFUSED = "refused"
    """网关拒收."""
    IN_DOUBT = "in_doubt"
    """待核实: nobody knows whether the gateway has it."""
    EXPIRED = "expired"
    """已过期: it would come too late to be of use."""
    CANCELLED = "cancelled"
    """已取消, by a person."""


class Step(StrEnum):
    """What can happen to a message (the columns of the table)."""

    WRITE = "write"
    """Number and text are there."""
    DROP = "drop"
    """There is a reason not to send it."""
    HOLD = "hold"
    RELEASE = "release"
    """A person lets it go in spite of the cap."""
    TAKE = "take"
    """The gateway took it."""
    REFUSE = "refuse"
    DOUBT = "doubt"
    RETRY = "retry"
    """It is to be sent once more."""
    DELIVER = "deliver"
    MISS = "miss"
    EXPIRE = "expire"
    CANCEL = "cancel"


S = MessageState

TRANSITIONS: Final[Mapping[tuple[MessageState, Step], MessageState]] = {
    (S.WANTED, Step.WRITE): S.READY,  # 1
    (S.WANTED, Step.DROP): S.NOT_SENT,  # 2
    (S.WANTED, Step.EXPIRE): S.EXPIRED,  # 3
    (S.READY, Step.HOLD): S.HELD,  # 4
    (S.HELD, Step.RELEASE): S.READY,  # 5
    (S.READY, Step.TAKE): S.SENT,  # 6
    (S.READY, Step.REFUSE): S.REFUSED,  # 7
    (S.READY, Step.DOUBT): S.IN_DOUBT,  # 8
    (S.READY, Step.EXPIRE): S.EXPIRED,  # 9
    (S.READY, Step.DROP): S.NOT_SENT,  # 10 whoever has the number said no meanwhile
    (S.HELD, Step.EXPIRE): S.EXPIRED,  # 11
    (S.HELD, Step.DROP): S.NOT_SENT,  # 12
    (S.IN_DOUBT, Step.TAKE): S.SENT,  # 13
    (S.IN_DOUBT, Step.RETRY): S.READY,  # 14
    (S.IN_DOUBT, Step.CANCEL): S.CANCELLED,  # 15
    (S.REFUSED, Step.RETRY): S.READY,  # 16
    (S.IN_DOUBT, Step.EXPIRE): S.EXPIRED,  # 17 the gateway never had it, and now it is too late
    (S.READY, Step.CANCEL): S.CANCELLED,  # 18
    (S.HELD, Step.CANCEL): S.CANCELLED,  # 19
    # receipts may overtake the answer
    (S.READY, Step.DELIVER): S.DELIVERED,  # 20
    (S.SENT, Step.DELIVER): S.DELIVERED,  # 21
    (S.IN_DOUBT, Step.DELIVER): S.DELIVERED,  # 22
    (S.UNDELIVERED, Step.DELIVER): S.DELIVERED,  # 23
    (S.READY, Step.MISS): S.UNDELIVERED,  # 24
    (S.SENT, Step.MISS): S.UNDELIVERED,  # 25
    (S.IN_DOUBT, Step.MISS): S.UNDELIVERED,  # 26
    (S.WANTED, Step.CANCEL): S.CANCELLED,  # 27
}

TO_SEND: Final = frozenset({S.WANTED, S.READY})
"""Not with the gateway yet, and nobody has to do anything about it."""
FOR_A_PERSON: Final = frozenset({S.HELD, S.IN_DOUBT, S.REFUSED, S.UNDELIVERED})
HOPELESS: Final = frozenset({S.REFUSED, S.UNDELIVERED})
"""Of these, what stays as it is unless somebody finds another way to the citizen."""


class MessageRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: MessageState, step: Step) -> None:
        super().__init__(f"a message that is {state} cannot take the step {step}")
        self.state = state
        self.step = step


def can(state: MessageState, step: Step) -> bool:
    """Has the table such a row?"""
    return (state, step) in TRANSITIONS


def advance(state: MessageState, step: Step) -> MessageState:
    """The state after the step. Raises `MessageRefused`."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise MessageRefused(state, step)
    return target
