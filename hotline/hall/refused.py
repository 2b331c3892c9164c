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


class Refused(Exception):
    """Not now; `code` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code.value)
        self.code = code.value
