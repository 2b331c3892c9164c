"""Commands that are not possible now."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """Stable codes of the API; never renamed. Those of seats are in `seats.seat.Refusal`."""

    NO_SUCH_SEAT = "no_such_seat"
    OFFER_GONE = "offer_gone"
    """A click that came too late: the call is with somebody else, or over."""
    CALL_GONE = "call_gone"
    PHONE_ANSWERS = "phone_answers"
    """This phone is answered by picking it up, not by a click."""
    CALL_AT_DEVICE = "call_at_device"
    """The gateway distributes this call itself: it is ended at the phone."""
    SIGNED_IN_ELSEWHERE = "signed_in_elsewhere"
    STATE_NOT_FORCIBLE = "state_not_forcible"
    EXTENSION_TAKEN = "extension_taken"
    NOT_ON_CALL = "not_on_call"
    """The seat does not have that call."""
    LINE_CANNOT = "line_cannot"
    """This line has no such ability."""
    TARGET_UNKNOWN = "target_unknown"
    TARGET_NOT_FREE = "target_not_free"
    MUST_NOT_ADVISE = "must_not_advise"
    """利益冲突回避, or the caller asked not to be given to that lawyer."""
    PHONE_ELSEWHERE = "phone_elsewhere"
    """The call's line cannot ring the phone at which that seat is signed in."""
    CONSULT_UNDER_WAY = "consult_under_way"
    NO_CONSULT = "no_consult"
    NOBODY_LEFT = "nobody_left"
    """Nobody else is on the call who could keep the caller."""
    HANDOVER_UNCONFIRMED = "handover_unconfirmed"
    """The seat leaves an emergency only when the other side has confirmed."""
    OUTSIDE_NOT_ALLOWED = "outside_not_allowed"
    QUOTA_EXCEEDED = "quota_exceeded"
    MONITOR_OWN_CALL = "monitor_own_call"
    ANSWER_FIRST = "answer_first"
    """The phone rings for a call: pick it up first."""
    BREAK_NEEDS_CONSENT = "break_needs_consent"
    NOTHING_ASKED = "nothing_asked"
    RATING_OFF = "rating_off"


class Refused(Exception):
    """Not now; `code` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code.value
