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
from hotline.calls.party import Part, Party
from hotline.calls.segments import WAITS, Kind, Segment, go_on, seconds

CallId = NewType("CallId", str)
"""`HALL-NNNNNNNNN`, rising within the hall. Opaque to everybody else."""


class Direction(StrEnum):
    """Who began it."""

    IN = "in"
    OUT = "out"
    """外呼: a call-back, a contact outside."""


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
    """保持: the caller hears music; a seat has him."""
    HANDING_OVER = "handing_over"
    """With a contact outside, or waiting for one to pick up; no seat has the caller."""
    DIALLING = "dialling"
    """外呼: the seat has picked up, the other side rings."""
    ENDED = "ended"
    """Over; the outcome says how."""


class Stage(StrEnum):
    """What a caller hears before he waits for a person."""

    NOTICES = "notices"
    """公告"""
    GREETING = "greeting"
    """Greeting and recording notice."""
    LANGUAGE = "language"
    """The question in which language to go on."""
    MENU = "menu"


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
    SEAT_BACK = "seat_back"
    PASSED_OUT = "passed_out"
    DIALLED = "dialled"
    ENDED = "ended"


OFFERED, IN_MENU, WAITING, RINGING, TALKING, HELD, HANDING_OVER, DIALLING, ENDED = CallState

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
    (TALKING, Step.QUEUED): WAITING,  # 24 transferred to a queue, or to a seat that is to pick up
    (HELD, Step.QUEUED): WAITING,  # 25
    (HANDING_OVER, Step.QUEUED): WAITING,  # 26 nobody outside picked up, or the line there was lost
    (TALKING, Step.PASSED_OUT): HANDING_OVER,  # 27 the seat has left the caller with somebody outside
    (HELD, Step.PASSED_OUT): HANDING_OVER,  # 28
    (TALKING, Step.MENU_BEGUN): IN_MENU,  # 29 the seat has left: the caller is asked to rate
    (HELD, Step.MENU_BEGUN): IN_MENU,  # 30
    (RINGING, Step.DIALLED): DIALLING,  # 31 outbound: the seat's own phone is picked up
    (DIALLING, Step.ANSWERED): TALKING,  # 32
    (DIALLING, Step.ENDED): ENDED,  # 33
    (OFFERED, Step.PASSED_OUT): HANDING_OVER,  # 34 forwarded: nobody of ours is there
    (IN_MENU, Step.PASSED_OUT): HANDING_OVER,  # 35
    (WAITING, Step.PASSED_OUT): HANDING_OVER,  # 36 spilt to a number outside
    (HANDING_OVER, Step.SEAT_BACK): TALKING,  # 37 the seat whose phone was loaded anew is back
}

CONNECTED: Final = frozenset({TALKING, HELD, HANDING_OVER, DIALLING})
"""States in which legs beside the caller's are picked up."""
AT_SEAT: Final = frozenset({RINGING, TALKING, HELD, DIALLING})
"""States in which exactly one seat has the call; others may be on it as parties."""


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
    """Name of the recording that runs."""
    recordings: int = 0
    """Recordings begun so far."""
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
    direction: Direction = Direction.IN
    purpose: str = ""
    """What an outbound call is for: callback, contact, emergency."""
    callback: int | None = None
    """The call-back task (回拨) that an outbound call belongs to."""
    their_id: str = ""
    """The id under which the province's platform knows a call that it distributed to us."""
    parties: tuple[Party, ...] = ()
    """Who else is on the call, or rings for it."""
    muted: bool = False
    """The seat is not heard (静音)."""
    place_at: datetime | None = None
    """Since when his place in the line counts, where that is not `queued_at`: he was transferred, or rang again."""
    wanted: str | None = None
    """The only seat that is asked, until `wanted_until`: the target of a transfer, or the one to which he returns."""
    wanted_until: datetime | None = None
    retry_at: datetime | None = None
    """When that seat's phone is rung again."""
    take_back: str | None = None
    """The seat that passed him on, and is asked next when the target does not pick up."""
    rating: str | None = None
    """The question that is asked now (评价)."""
    message: str | None = None
    """Name of the message (留言) being recorded."""
    stage: Stage = Stage.NOTICES
    """Where on the way to the line the caller is, while in announcements and menus."""
    playing: tuple[str, ...] = ()
    """Announcements that follow the one that plays."""
    language: str = ""
    """Tag of the language that he chose; empty: the usual one."""
    menu_path: tuple[str, ...] = ()
    """Keys that led to the menu he is in."""
    announce_at: datetime | None = None
    """When a waiting caller is told his place next."""
    spill_at: datetime | None = None
    """When it is looked next whether he goes elsewhere (溢出)."""
    spills: int = 0
    """How often he was sent on."""
    kept_place: bool = False
    """He had given up a moment ago and rang again: his place was kept."""
    segments: tuple[Segment, ...] = ()


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


def place_since(call: Call) -> datetime:
    """Since when the caller's place in the line counts."""
    return call.place_at or call.queued_at or call.offered_at


def waited(call: Call, now: datetime) -> float:
    """Seconds in which he waited for a person so far, talks in between not counted."""
    last = call.segments[-1] if call.segments else None
    still = (
        (now - last.since).total_seconds() if last is not None and last.until is None and last.kind in WAITS else 0.0
    )
    return seconds(call.segments, WAITS) + still


def stretch(call: Call, now: datetime) -> Segment | None:
    """What the caller experiences now, as the beginning of a segment; None when the call is over."""
    if call.state is ENDED:
        return None
    kind = _KINDS[call.state]
    others = tuple(each.seat or each.contact for each in call.parties if each.up and each.part in _HEARD)
    seat, operator = call.seat, call.operator
    match call.state:
        case CallState.IN_MENU if call.message is not None and call.leaving is Outcome.VOICEMAIL:
            kind = Kind.MESSAGE
        case CallState.IN_MENU if call.rating is not None:
            kind = Kind.RATING
        case CallState.TALKING if any(each.up and each.part in _JOINED for each in call.parties):
            kind = Kind.CONFERENCE
        case CallState.HELD if any(each.up and each.part is Part.CONSULTED for each in call.parties):
            kind = Kind.CONSULTING
        case CallState.HANDING_OVER if not others:
            kind = Kind.RINGING
        case _:
            pass
    if call.state not in AT_SEAT:
        seat = operator = None
    return Segment(
        kind=kind,
        since=now,
        seat=seat,
        operator=operator if kind is not Kind.RINGING else None,
        others=others,
        queue=call.queue if kind in (Kind.WAITING, Kind.RINGING) else None,
    )


def chained(call: Call, now: datetime) -> tuple[Segment, ...]:
    """The call's segments after a change at `now`. A call that the device handles reports its times late and in any
    order, so its chain is made anew from them."""
    if call.handling is Handling.DEVICE or call.backfilled:
        return _observed(call)
    if call.state is HANDING_OVER and (call.ended_by is not None or not call.parties):
        return call.segments  # whoever had him has put down: his line is about to be released, or he comes back at once
    return go_on(call.segments, now, stretch(call, now), call.ended_at)


_KINDS: Final = {
    OFFERED: Kind.ARRIVING,
    IN_MENU: Kind.MENU,
    WAITING: Kind.WAITING,
    RINGING: Kind.RINGING,
    TALKING: Kind.TALKING,
    HELD: Kind.HELD,
    HANDING_OVER: Kind.OUTSIDE,
    DIALLING: Kind.DIALLING,
}
_JOINED: Final = frozenset({Part.JOINED, Part.BARGING})
_HEARD: Final = frozenset({Part.JOINED, Part.BARGING, Part.CONSULTED})


def _observed(call: Call) -> tuple[Segment, ...]:
    served = call.answered_at
    waited = Segment(kind=Kind.WAITING, since=call.offered_at, until=served or call.ended_at, queue=call.queue)
    if served is None:
        return (waited,)
    talked = Segment(
        kind=Kind.TALKING,
        since=served,
        until=call.ended_at,
        seat=call.answered_seat or call.seat,
        operator=call.operator,
    )
    return (waited, talked)
