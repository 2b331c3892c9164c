"""What do we remember of a live call between two events? Only what saves a question or explains an end.

Nothing here is truth: Asterisk's channels and bridges are, and `snapshot.py` fills a line again after a reconnect.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Final

from adapters.telephony import EndedBy, OfferId

NETWORK_CAUSES: Final = frozenset({3, 6, 27, 34, 38, 41, 42, 43, 44, 47, 50, 58, 65, 102, 111})
"""Q.850 causes that no person brings about by hanging up. 127 is not among them: it is what a SIP CANCEL comes with."""


@dataclass(slots=True)
class Leg:
    """A seat's leg."""

    rang: bool = False
    answered: bool = False
    stopped: bool = False
    """We told it to stop, so its end is nobody's refusal."""


@dataclass(slots=True)
class Line:
    """One caller's call."""

    up: bool = False
    music: bool = False
    bridge: bool = False
    bridge_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Asterisk answers 500 when the same bridge is asked for twice at the same instant."""
    joined: OfferId | None = None
    """The seat that hears the caller."""
    playing: str = ""
    """Id of the announcement being played."""
    interruptible: bool = False
    interrupted: bool = False
    recording: str = ""
    legs: dict[OfferId, Leg] = field(default_factory=dict[OfferId, Leg])
    over: set[OfferId] = field(default_factory=set[OfferId])
    """Seats' legs that have come and gone."""
    released: bool = False
    """We were told to end it."""
    hangup_cause: int | None = None
    """The caller's side asked for the end, with this cause."""

    def ended(self) -> tuple[EndedBy, str]:
        """Who ended the call, and the cause in the telephone network's terms (Q.850)."""
        cause = self.hangup_cause
        if self.released:
            return EndedBy.US, ""
        if cause is None:
            return EndedBy.UNKNOWN, ""
        return EndedBy.NETWORK if cause in NETWORK_CAUSES else EndedBy.CALLER, f"q850:{cause}"
