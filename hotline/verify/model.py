"""What is known of seats and calls while the journal is played: a small model of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

OCCUPIED: Final = frozenset({"ringing", "talking"})
RINGABLE: Final = frozenset({"ready", "wrap_up", "busy"})
"""States in which a seat may be rung by name: asked by a colleague, wanted by a caller who was passed on or returns."""
BESIDE: Final = frozenset({*RINGABLE, "on_break"})
"""States from which a supervisor may be rung to a colleague's call, or a seat for a call of its own."""
Reach = Mapping[str, list[str]] | None
SUPERVISING: Final = frozenset({"listening", "whispering", "barging"})


def can_ring(reach: Reach, seat: SeatModel) -> bool:
    """Of a phone that is not known it is not assumed that it rings."""
    if reach is None:
        return True
    if seat.phone not in reach["kinds"] or seat.extension not in reach.get("extensions", [seat.extension]):
        return False
    return seat.phone != "desk" or seat.extension not in reach.get("elsewhere", ())


class Leg:
    """Somebody who rings for a call, or is on it beside the seat that has it: a declared party (在线方)."""

    __slots__ = ("limit", "part", "seat", "since", "up")

    def __init__(self, seat: str | None, part: str, since: datetime, limit: int) -> None:
        self.seat = seat
        """None: a contact outside."""
        self.part = part
        self.since = since
        self.limit = limit
        """Seconds it may ring; 0: not written down."""
        self.up = False


class SeatModel:
    """A seat."""

    __slots__ = (
        "before",
        "changed_at",
        "extension",
        "groups",
        "holder",
        "number",
        "observed",
        "odd_since",
        "operator",
        "phone",
        "state",
        "strange",
    )

    def __init__(
        self,
        number: str,
        groups: tuple[str, ...] = (),
        state: str | None = None,
        operator: str | None = None,
        extension: str = "",
        phone: str = "",
    ) -> None:
        self.number = number
        self.groups = groups
        self.extension = extension
        self.phone = phone
        """The kind at which somebody signed in; empty: not known."""
        self.state = state
        self.before = state
        """The state before the last change, which was at `changed_at`."""
        self.changed_at: datetime | None = None
        self.operator = operator
        self.holder: str | None = None
        """The call that is here, whether the seat has it or is a party to it."""
        self.observed: set[str] = set()
        """Calls that a gateway rings here by itself."""
        self.strange = state in OCCUPIED
        """Occupied since before the part of the journal that is played: by whom is not known."""
        self.odd_since: datetime | None = None
        """Since when its state and the calls disagree."""

    def state_before(self, instant: datetime | None) -> str | None:
        """Its state when the instant began to ring it: the change may be written before its cause."""
        return self.before if self.state == "ringing" and self.changed_at == instant else self.state


class CallModel:
    """A live call."""

    __slots__ = (
        "adapter",
        "beside",
        "excluded",
        "free_since",
        "groups",
        "known",
        "legs",
        "missed",
        "observed",
        "offer",
        "reach",
        "ring",
        "seat",
        "talking",
        "waiting",
        "wanted",
        "without",
    )

    def __init__(self, adapter: str, *, observed: bool, known: bool) -> None:
        self.adapter = adapter
        self.observed = observed
        self.known = known
        """From its arrival on; else it began before the part of the journal that is played."""
        self.groups: tuple[str, ...] = ()
        self.missed: set[str] = set()
        """Seats that are not asked again while another may be."""
        self.excluded: set[str] = set()
        """Accounts that must not take this caller (利益冲突回避)."""
        self.reach: Reach = None
        """What its line can ring, as it was written down when he began to wait; None: every phone."""
        self.seat: str | None = None
        """The one seat that has it."""
        self.offer = ""
        self.ring: Leg | None = None
        """While that seat rings for it; or the other side of an outbound call."""
        self.talking = False
        self.legs: dict[str, Leg] = {}
        """The parties, by offer."""
        self.waiting = False
        self.wanted: str | None = None
        """The only seat that is asked."""
        self.without: str | None = None
        """The seat that passed the caller on: not the one to which he goes next."""
        self.free_since: datetime | None = None
        """Since when it waits although a seat is free for it."""
        self.beside: set[str] = set()
        """The seats that were free for it meanwhile."""
