"""How did a call end? Defined once, for the journal, the reports and the console.

Source of the list: the causes of lost calls (呼损) that Chinese hotlines report apart, and the outcomes of
GB/T 33358's answer rate.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """How a call ended; every ended call has exactly one."""

    ANSWERED = "answered"
    """接通: a person spoke with the caller."""
    ABANDONED_MENU = "abandoned_menu"
    """The caller left during announcement or menu."""
    ABANDONED_QUEUE = "abandoned_queue"
    """排队放弃: left while waiting."""
    ABANDONED_RINGING = "abandoned_ringing"
    """振铃放弃: left while a seat was ringing."""
    SHORT_ABANDONED = "short_abandoned"
    """速挂: left within the first seconds."""
    TIMED_OUT = "timed_out"
    """超时: waited as long as the queue allows."""
    QUEUE_FULL = "queue_full"
    """队列满."""
    NO_SEAT = "no_seat"
    """无坐席: nobody was signed in."""
    CLOSED = "closed"
    BLOCKED = "blocked"
    OVERFLOWED = "overflowed"
    VOICEMAIL = "voicemail"
    FORWARDED = "forwarded"
    LOST = "lost"
    """The line failed while the caller was not yet served."""
    SYSTEM_FAULT = "system_fault"
    """We could not serve: the fault is ours."""
    NOT_REACHED = "not_reached"
    """未接通, outbound only: nobody picked up."""


LEFT: Final = frozenset(
    {Outcome.ABANDONED_MENU, Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_RINGING, Outcome.SHORT_ABANDONED}
)
"""放弃: the caller hung up unserved."""
TURNED_AWAY: Final = frozenset({Outcome.NO_SEAT, Outcome.OVERFLOWED, Outcome.QUEUE_FULL})
"""Wanted a person and was not even let into the queue."""
SHORT_ABANDON_SECONDS: Final = 5.0
"""A caller who leaves within this time of being offered is a short abandon (速挂)."""


def abandoned(state: str, seconds_since_offered: float) -> Outcome:
    """The outcome when the caller leaves unanswered. `state` is the call's state just before."""
    if seconds_since_offered < SHORT_ABANDON_SECONDS:
        return Outcome.SHORT_ABANDONED
    match state:
        case "ringing" | "handing_over":
            return Outcome.ABANDONED_RINGING
        case "waiting":
            return Outcome.ABANDONED_QUEUE
        case _:
            return Outcome.ABANDONED_MENU
