"""What do FreeSWITCH's words mean? Causes, states, who hung up, and where an event names the other channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.freeswitch.esl import Event
from adapters.telephony import EndedBy

WITHDRAWN: Final = frozenset({"ORIGINATOR_CANCEL", "LOSE_RACE", "PICKED_OFF"})
"""The seat was let go because somebody else took the call or the caller hung up: not its fault, and no refusal."""
REASONS: Final[Mapping[str, str]] = {
    "USER_BUSY": "busy",
    "NORMAL_CIRCUIT_CONGESTION": "busy",
    "NO_ANSWER": "no_answer",
    "NO_USER_RESPONSE": "no_answer",
    "ALLOTTED_TIMEOUT": "no_answer",
    "CALL_REJECTED": "rejected",
    "USER_NOT_REGISTERED": "unreachable",
    "SUBSCRIBER_ABSENT": "unreachable",
    "DESTINATION_OUT_OF_ORDER": "unreachable",
    "NO_ROUTE_DESTINATION": "unreachable",
    "RECOVERY_ON_TIMER_EXPIRE": "unreachable",
    "UNALLOCATED_NUMBER": "unreachable",
}
LINKS: Final = (
    "variable_cc_member_session_uuid",
    "other-leg-unique-id",
    "bridge-a-unique-id",
    "bridge-b-unique-id",
    "variable_originator",
    "variable_signal_bond",
    "channel-call-uuid",
    "variable_call_uuid",
)
"""Where an event about a leg names the caller's channel, surest first."""
JOINED: Final = ("bridge-a-unique-id", "bridge-b-unique-id", "other-leg-unique-id")
"""Whose speech paths are connected: a consultation beside the call is linked to it, but does not join it."""


def number_of(text: str) -> str:
    """A caller's number without blanks; empty where it is too long to be one."""
    number = text.replace(" ", "")
    return number if len(number) <= 40 else ""


def is_down(event: Event) -> bool:
    """The channel that the event is about has hung up already."""
    down = (event.first("answer-state").lower(), event.first("channel-call-state").lower())
    return "hangup" in down or event.first("channel-state").upper() in ("CS_HANGUP", "CS_REPORTING", "CS_DESTROY")


def hung_up(event: Event) -> bool:
    """Whoever is at the other end of this channel has put the receiver down."""
    return event.first("variable_sip_hangup_disposition").startswith("recv_")


def ended_by(event: Event, *, spoke: bool) -> EndedBy:
    """Who ended the caller's leg: he himself (we received BYE or CANCEL), or FreeSWITCH, as a rule after the seat."""
    disposition = event.first("variable_sip_hangup_disposition")
    if disposition.startswith("recv_"):
        return EndedBy.CALLER
    if disposition == "send_bye":
        return EndedBy.SEAT if spoke else EndedBy.US
    if disposition.startswith("send_"):
        return EndedBy.US
    return EndedBy.UNKNOWN
