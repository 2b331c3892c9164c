"""What is true of a call (通话) now, and what may happen to it next?

One table, one function. The diagram in `README.md` is compared with `TRANSITIONS` by a test. Facts from hardware never
fail here: whoever applies them asks `can` first and keeps what does not fit as *ignored* in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

import msgspec

from adapters.telephony import AdapterName, CallKey, EndedBy, Handling, OfferId
from hotline.calls.outcome import Outcome

CallId = NewType("CallId", str)
"""`HALL-NNNNNNNNN`, rising within the hall. Opaque to everybody else."""


class CallState(StrEnum):
    """What is true of a call now."""

    OFFERED = "offered"
    """A caller rings the hotline."""
    IN_MENU = "in_menu"
    """The caller hears an announcement or a menu."""
    WAITING = "waiting"
    """排队: waits for a person."""
    RINGING = "ringing"
    """A seat rings for the caller."""
    TALKING = "talking"
    """A seat and the caller hear each other."""
    HELD = "held"
    """Connected, speech path interrupted."""
    HANDING_OVER = "handing_over"
    """Being passed on to another hotline."""
    ENDED = "ended"
    """Over; the outcome says how."""


class Step(StrEnum):
    """What can happen to a call (the columns of the table)."""

    MENU_BEGUN = "menu_begun"
    QUEUED = "queued"
    SEAT_RUNG = "seat_rung"
    OFFER_LAPSED = "offer_lapsed"
    ANSWERED = "answered"
    SEAT_LOST = "seat_lost"
    HELD = "held"
    RESUMED = "resumed"
    ENDED = "ended"


OFFERED, IN_MENU, WAITING, RINGING, TALKING, HELD, HANDING_OVER, ENDED = CallState

TRANSITIONS: Final[Mapping[tuple[CallState, Step], CallState]] = {
    (OFFERED, Step.MENU_BEGUN): IN_MENU,  # 1
    (OFFERED, Step.QUEUED): WAITING,  # 2  no announcement, no menu
    (IN_MENU, Step.QUEUED): WAITING,  # 3
    (WAITING, Step.MENU_BEGUN): IN_MENU,  # 4  waited too long: the parting announcement
    (WAITING, Step.SEAT_RUNG): RINGING,  # 5
    (RINGING, Step.OFFER_LAPSED): WAITING,  # 6  next seat, same place in the line
    (RINGING, Step.ANSWERED): TALKING,  # 7
    (TALKING, Step.HELD): HELD,  # 8
    (HELD, Step.RESUMED): TALKING,  # 9
    (TALKING, Step.SEAT_LOST): WAITING,  # 10 the seat vanished, the caller is still there
    (HELD, Step.SEAT_LOST): WAITING,  # 11
    (OFFERED, Step.SEAT_RUNG): RINGING,  # 12 observed: the gateway rings a seat
    (RINGING, Step.SEAT_RUNG): RINGING,  # 13 observed: it rings several, or the next one
    (OFFERED, Step.ANSWERED): TALKING,  # 14 observed: the first thing we hear is the answer
    (IN_MENU, Step.ANSWERED): TALKING,  # 15 observed
    (WAITING, Step.ANSWERED): TALKING,  # 16 a late answer beats the next offer
    (OFFERED, Step.ENDED): ENDED,  # 17
    (IN_MENU, Step.ENDED): ENDED,  # 18
    (WAITING, Step.ENDED): ENDED,  # 19
    (RINGING, Step.ENDED): ENDED,  # 20
    (TALKING, Step.ENDED): ENDED,  # 21
    (HELD, Step.ENDED): ENDED,  # 22
    (HANDING_OVER, Step.ENDED): ENDED,  # 23
}

CONNECTED: Final = frozenset({TALKING, HELD, HANDING_OVER})
"""States in which a seat is on the call."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's contact with the hotline, from the first ring to the end.

    Times are aware datetimes; None: has not happened. `offered_at ≤ queued_at ≤ rung_at ≤ answered_at ≤ ended_at`.
    """

    id: CallId
    hall: str
    adapter: AdapterName
    key: CallKey
    handling: Handling
    state: CallState = OFFERED
    seq: int = 0
    """Journal events of this call so far; the journal's numbers per call have no gap."""
    port: int | None = None
    caller: str | None = None
    """The caller's number as digits; None: withheld or not known yet."""
    dialled: str | None = None
    offered_at: datetime
    off_hook: bool = False
    """Our side is answered: announcements and music can be heard."""
    prompt: str | None = None
    """The announcement that plays now."""
    wrong_keys: int = 0
    menu_until: datetime | None = None
    topic: str | None = None
    queue: str | None = None
    queued_at: datetime | None = None
    """When the caller began to wait for a person: metric clocks start here."""
    priority: int = 0
    groups: tuple[str, ...] = ()
    """Skill groups it may go to now."""
    widened: int = 0
    """How many steps of the queue's widening have been taken."""
    widen_at: datetime | None = None
    give_up_at: datetime | None = None
    offers: int = 0
    offer: OfferId | None = None
    seat: str | None = None
    """The seat that rings, talks, or answered."""
    ring_until: datetime | None = None
    passed: tuple[str, ...] = ()
    """Seats that did not take this call; not asked again while another may be."""
    rung_at: datetime | None = None
    """First ring at any seat."""
    answered_at: datetime | None = None
    answered_seat: str | None = None
    """The seat that answered last: who the call and its ticket are credited to, whatever rang afterwards."""
    operator: str | None = None
    """Account id of the person who answered."""
    music: bool = False
    recording: str | None = None
    leaving: Outcome | None = None
    """The outcome is decided, the caller hears the parting announcement."""
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    ended_by: EndedBy | None = None
    cause: str = ""
    inferred: bool = False
    """The end was concluded, not reported."""
    backfilled: bool = False
    """Known only from the device's records."""
    ticket: str = ""
    """Number of the one ticket (话务工单) born with the call."""


class CallRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: CallState, step: Step) -> None:
        super().__init__(f"a call that is {state} cannot be {step}")
        self.state = state
        self.step = step


def can(call: Call, step: Step) -> bool:
    """Does the table have that row?"""
    return (call.state, step) in TRANSITIONS


def advance(call: Call, step: Step) -> CallState:
    """The state after the step. Raises `CallRefused` when the table has no such row."""
    target = TRANSITIONS.get((call.state, step))
    if target is None:
        raise CallRefused(call.state, step)
    return target


def is_live(call: Call) -> bool:
    """Not over yet."""
    return call.state is not ENDED
