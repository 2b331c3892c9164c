"""Why did a leg end, in our words? From the causes of ITU-T Q.850, which Asterisk also makes of SIP's answers.

SIP to Q.850 as in chan_pjsip's `hangup_sip2cause`: 480 → 19, 486 and 600 → 17, 603 → 21, 404 → 1, 408 → 27, 503 → 34…
"""

from __future__ import annotations

from typing import Final

from adapters.asterisk.lines import Line
from adapters.telephony import EndedBy

NORMAL_CLEARING: Final = 16
"""One side hung up."""

NETWORK_CAUSES: Final = frozenset({3, 6, 27, 34, 38, 41, 42, 43, 44, 47, 50, 58, 65, 102, 111})
"""Causes that no person brings about by hanging up. 127 is not among them: it is what a SIP CANCEL comes with."""

DECLINES: Final = {
    1: ("unreachable", True),
    2: ("unreachable", True),
    3: ("unreachable", True),
    17: ("busy", False),
    18: ("no_answer", False),
    19: ("no_answer", False),
    20: ("unreachable", True),
    21: ("rejected", False),
    22: ("unreachable", True),
    26: ("stopped", False),
    27: ("unreachable", True),
    28: ("unreachable", True),
    34: ("unreachable", True),
    38: ("unreachable", True),
    41: ("unreachable", True),
    42: ("unreachable", True),
    58: ("unreachable", True),
    88: ("unreachable", True),
}
"""Cause of a leg that nobody answered → our word, and whether the phone itself is at fault."""

_BY: Final = {"busy": EndedBy.CALLER, "rejected": EndedBy.CALLER, "no_answer": EndedBy.US}


def declined(cause: int, *, rang: bool, stopped: bool) -> tuple[str, bool]:
    """Why a seat's phone did not take the call, and whether the phone is at fault.

    A leg that ends without an own cause ran out of time: nobody picked up if it rang, and if it never rang there was no
    phone to ring.
    """
    if stopped:
        return "stopped", False
    known = DECLINES.get(cause)
    if known is None:
        return ("no_answer", False) if rang else ("unreachable", True)
    if known[0] == "no_answer" and not rang:
        return "unreachable", True
    return known


def ended(line: Line) -> tuple[EndedBy, str]:
    """Who ended a call that came in, and the cause in the telephone network's terms."""
    cause = line.hangup_cause
    if line.released:
        return EndedBy.US, ""
    if cause is None:
        return EndedBy.UNKNOWN, ""
    return EndedBy.NETWORK if cause in NETWORK_CAUSES else EndedBy.CALLER, f"q850:{cause}"


def placed_ended(line: Line, cause: int) -> tuple[EndedBy, str]:
    """The same of a call that we placed; one that was never answered says so in a word, as a leg does."""
    if line.released:
        return EndedBy.US, ""
    if line.up:
        return EndedBy.NETWORK if cause in NETWORK_CAUSES else EndedBy.CALLER, f"q850:{cause}"
    reason, _ = declined(cause, rang=True, stopped=False)
    return _BY.get(reason, EndedBy.NETWORK), reason
