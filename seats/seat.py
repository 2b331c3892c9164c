"""When may a seat (坐席) take a call, and what becomes of it next?

One table, one function. The diagram in `README.md` is compared with `TRANSITIONS` by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType

import msgspec

SeatNo = NewType("SeatNo", str)
"""Number of the desk within its hall, as on the sticker: `01`."""


class SeatState(StrEnum):
    """What is true of a seat now."""

    SIGNED_OFF = "signed_off"
    """签出: nobody sits there."""
    READY = "ready"
    """空闲: takes the next call."""
    RINGING = "ringing"
    """振铃: a call is offered."""
    TALKING = "talking"
    """通话中: a caller is connected (holding included)."""
    WRAP_UP = "wrap_up"
    """话后处理: the call is over, the ticket is being finished."""
    BUSY = "busy"
    """忙碌: signed in, takes no call; the reason says why."""
    ON_BREAK = "on_break"
    """小休: rest, with a reason."""
    MISSING = "missing"
    """失联: the console's connection is lost; never offered a call."""


class Reason(StrEnum):
    """Why a seat changed its state. Sites add their own words for busy and break; these are the ones we give."""

    SELF = "self"
    SIGNED_IN = "signed_in"
    CALL = "call"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    PHONE_UNREACHABLE = "phone_unreachable"
    FORCED = "forced"
    CONNECTION_LOST = "connection_lost"
    CONNECTION_BACK = "connection_back"
    WRAP_UP_OVER = "wrap_up_over"
    CALLER_GONE = "caller_gone"
    PASSED_ON = "passed_on"
    """The call was passed on to somebody else."""


class Refusal(StrEnum):
    """Why a seat may not do that now: stable codes of the API."""

    NOT_SIGNED_IN = "seat_not_signed_in"
    ALREADY_SIGNED_IN = "seat_already_signed_in"
    TAKEN = "seat_taken"
    NOT_FREE = "seat_not_free"
    NOT_IN_WRAP_UP = "seat_not_in_wrap_up"
    NOT_POSSIBLE_NOW = "seat_not_possible_now"


class SeatRefused(Exception):
    """The table has no such row; `code` says why."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code


MAIN: Final = "main"
"""The part of the seat that has the call; others are those of `hotline.calls.party.Part`."""


class NextState(msgspec.Struct, frozen=True):
    """What the operator wants to be once the call (and its wrap-up) is over."""

    state: SeatState
    reason: str
    actor: str


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One desk, who sits there and what it does."""

    number: SeatNo
    extension: str
    groups: tuple[str, ...]
    """Skill groups (技能组) whose calls it takes."""
    state: SeatState = SeatState.SIGNED_OFF
    since: datetime
    reason: str = ""
    actor: str = ""
    """Who caused the present state: an account's 工号, or `system`."""
    operator: str | None = None
    """Account id of the person signed in."""
    work_number: str = ""
    operator_name: str = ""
    phone_kind: str = ""
    """What rings: browser, desk, mobile or simulated; empty while signed off."""
    mobile: str = ""
    """The number that rings (手机) where the lawyer on duty is not at the desk; personal, never shown."""
    call: str | None = None
    offer: str | None = None
    part: str = ""
    """What the seat does on its call; empty while there is none."""
    misses: int = 0
    """Offers not taken in a row."""
    next_state: NextState | None = None
    before_missing: SeatState | None = None
    here: bool = True
    """The console's connection lives."""
    wrap_until: datetime | None = None
    """When wrap-up ends by itself; None: stays until the operator says so."""
    idle_since: datetime | None = None
    """When it last became free of calls, or let one ring in vain: what *longest idle* compares."""
    taken: int = 0
    """Calls answered since sign-in."""
    break_asked: str = ""
    """The break (小休) that waits for a supervisor's consent, by its reason."""


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class SeatEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a seat, by whom and why."""

    at: datetime
    actor: str = "system"
    reason: str = ""


class SignedIn(SeatEvent, frozen=True, kw_only=True):
    """A person took the desk."""

    operator: str
    work_number: str
    operator_name: str
    phone_kind: str
    mobile: str = ""


class SignedOff(SeatEvent, frozen=True, kw_only=True):
    """The person left."""


class WentReady(SeatEvent, frozen=True, kw_only=True):
    """示闲."""


class WentBusy(SeatEvent, frozen=True, kw_only=True):
    """示忙, with a reason."""


class BreakBegun(SeatEvent, frozen=True, kw_only=True):
    """小休, with a reason."""


class OfferMade(SeatEvent, frozen=True, kw_only=True):
    """The phone rings for a call."""

    call: str
    offer: str


class LegRung(SeatEvent, frozen=True, kw_only=True):
    """The phone rings for something other than the next caller: a consultation, a transfer, a call that returns, a
    supervisor's listening, a call of its own. Afterwards it is what it was before, if that was busy or on break."""

    call: str
    offer: str
    part: str


class OfferTaken(SeatEvent, frozen=True, kw_only=True):
    """The phone was picked up."""


class OfferLapsed(SeatEvent, frozen=True, kw_only=True):
    """Nobody picked up, or the phone refused. `limit` misses in a row make the seat busy."""

    limit: int


class OfferWithdrawn(SeatEvent, frozen=True, kw_only=True):
    """The caller went away while it rang: no fault of the seat's."""


class DeviceConnected(SeatEvent, frozen=True, kw_only=True):
    """A gateway that distributes calls itself put a caller through to this desk, whatever it was doing."""

    call: str


class CallOver(SeatEvent, frozen=True, kw_only=True):
    """The caller is no longer connected. `wrap_seconds` 0 means no wrap-up."""

    wrap_seconds: int


class WrapUpHeld(SeatEvent, frozen=True, kw_only=True):
    """继续话后处理: the timer is off."""


class WrapUpDone(SeatEvent, frozen=True, kw_only=True):
    """The timer ran out or the operator is done."""


class ConnectionLost(SeatEvent, frozen=True, kw_only=True):
    """The console's connection has been away longer than the grace period."""


class ConnectionBack(SeatEvent, frozen=True, kw_only=True):
    """The console is connected again."""


SIGNED_OFF, READY, RINGING, TALKING, WRAP_UP, BUSY, ON_BREAK, MISSING = SeatState

TRANSITIONS: Final[Mapping[tuple[SeatState, type[SeatEvent]], SeatState]] = {
    (SIGNED_OFF, SignedIn): READY,  # 1
    (READY, OfferMade): RINGING,  # 2  the phone rings
    (RINGING, OfferTaken): TALKING,  # 3
    (RINGING, OfferLapsed): READY,  # 4  the n-th in a row → BUSY(no_answer)
    (RINGING, OfferWithdrawn): READY,  # 5  the caller went away
    (TALKING, CallOver): WRAP_UP,  # 6  no wrap-up → READY, or the state chosen while talking
    (WRAP_UP, WrapUpHeld): WRAP_UP,  # 7
    (WRAP_UP, WrapUpDone): READY,  # 8  or the state chosen while talking
    (WRAP_UP, WentReady): READY,  # 9
    (BUSY, WentReady): READY,  # 10
    (ON_BREAK, WentReady): READY,  # 11
    (READY, WentBusy): BUSY,  # 12
    (WRAP_UP, WentBusy): BUSY,  # 13
    (ON_BREAK, WentBusy): BUSY,  # 14
    (BUSY, WentBusy): BUSY,  # 15 another reason
    (READY, BreakBegun): ON_BREAK,  # 16
    (WRAP_UP, BreakBegun): ON_BREAK,  # 17
    (BUSY, BreakBegun): ON_BREAK,  # 18
    (READY, ConnectionLost): MISSING,  # 19
    (BUSY, ConnectionLost): MISSING,  # 20
    (ON_BREAK, ConnectionLost): MISSING,  # 21
    (WRAP_UP, ConnectionLost): MISSING,  # 22
    (MISSING, ConnectionBack): READY,  # 23 or whatever it was before
    (READY, SignedOff): SIGNED_OFF,  # 24
    (BUSY, SignedOff): SIGNED_OFF,  # 25
    (ON_BREAK, SignedOff): SIGNED_OFF,  # 26
    (WRAP_UP, SignedOff): SIGNED_OFF,  # 27
    (MISSING, SignedOff): SIGNED_OFF,  # 28
    (READY, DeviceConnected): TALKING,  # 29 a gateway rings whom it likes
    (BUSY, DeviceConnected): TALKING,  # 30
    (ON_BREAK, DeviceConnected): TALKING,  # 31
    (WRAP_UP, DeviceConnected): TALKING,  # 32
    (MISSING, DeviceConnected): TALKING,  # 33
    (READY, LegRung): RINGING,  # 34
    (WRAP_UP, LegRung): RINGING,  # 35
    (BUSY, LegRung): RINGING,  # 36
    (ON_BREAK, LegRung): RINGING,  # 37
}

OCCUPIED: Final = frozenset({RINGING, TALKING})
"""States in which a call is at the seat: a change of mind waits until it is over (`choose_next`)."""


def advance(seat: Seat, event: SeatEvent) -> Seat:
    """The seat after the event. Raises `SeatRefused` when the table has no such row."""
    if isinstance(event, ConnectionLost | ConnectionBack) and (seat.state, type(event)) not in TRANSITIONS:
        return msgspec.structs.replace(seat, here=isinstance(event, ConnectionBack))
    target = TRANSITIONS.get((seat.state, type(event)))
    if target is None:
        raise SeatRefused(_why_not(seat, event))
    moved = msgspec.structs.replace(
        seat, state=target, since=event.at, reason=event.reason, actor=event.actor, wrap_until=None, before_missing=None
    )
    match event:
        case SignedIn():
            return msgspec.structs.replace(
                moved,
                operator=event.operator,
                work_number=event.work_number,
                operator_name=event.operator_name,
                phone_kind=event.phone_kind,
                mobile=event.mobile,
                idle_since=event.at,
                misses=0,
                taken=0,
                here=True,
                next_state=None,
            )
        case SignedOff():
            return _emptied(moved)
        case OfferMade():
            return msgspec.structs.replace(moved, call=event.call, offer=event.offer, part=MAIN)
        case LegRung():
            wish = seat.next_state
            if wish is None and seat.state in (BUSY, ON_BREAK):
                wish = NextState(seat.state, seat.reason, seat.actor)
            return msgspec.structs.replace(moved, call=event.call, offer=event.offer, part=event.part, next_state=wish)
        case OfferTaken():
            wish = seat.next_state
            if wish is not None and wish.reason == Reason.PHONE_UNREACHABLE:  # it has just been reached
                wish = None
            return msgspec.structs.replace(moved, misses=0, taken=seat.taken + (seat.part == MAIN), next_state=wish)
        case OfferLapsed():
            # To the back of the row of the longest idle: the next caller is not to wait for an empty desk as well.
            free = _off(moved, misses=seat.misses + 1, idle_since=event.at)
            if free.misses >= event.limit or event.reason == Reason.PHONE_UNREACHABLE:
                free = msgspec.structs.replace(free, misses=0, next_state=_not_ready(seat, event))
            return _after_call(free, event)
        case OfferWithdrawn():
            return _after_call(_off(moved), event)
        case DeviceConnected():
            wish = seat.next_state
            if wish is None and seat.state in (BUSY, ON_BREAK):
                wish = NextState(seat.state, seat.reason, seat.actor)
            return msgspec.structs.replace(
                moved, call=event.call, offer=None, part=MAIN, misses=0, taken=seat.taken + 1, next_state=wish
            )
        case CallOver():
            over = _off(moved, idle_since=event.at if seat.part == MAIN else seat.idle_since)
            if event.wrap_seconds <= 0 or not over.here:
                return _after_call(over, event)
            return msgspec.structs.replace(over, wrap_until=event.at + timedelta(seconds=event.wrap_seconds))
        case WrapUpHeld():
            return msgspec.structs.replace(moved, since=seat.since)
        case WrapUpDone():
            return _after_call(moved, event)
        case WentReady():
            return msgspec.structs.replace(moved, idle_since=seat.idle_since or event.at, next_state=None)
        case WentBusy() | BreakBegun():
            return msgspec.structs.replace(moved, next_state=None)
        case ConnectionLost():
            return msgspec.structs.replace(moved, here=False, before_missing=seat.state)
        case ConnectionBack():
            back = seat.before_missing or READY
            if back is WRAP_UP:
                return _after_call(msgspec.structs.replace(moved, here=True), event)
            return msgspec.structs.replace(moved, here=True, state=back)
        case _:
            return moved


def choose_next(seat: Seat, chosen: NextState | None) -> Seat:
    """Note what the operator wants to be after the call; None takes the wish back. Raises `SeatRefused`."""
    if seat.state not in OCCUPIED and seat.state is not WRAP_UP:
        raise SeatRefused(Refusal.NOT_POSSIBLE_NOW)
    return msgspec.structs.replace(seat, next_state=chosen)


def promoted(seat: Seat) -> Seat:
    """Somebody who was only on the call has it now."""
    return msgspec.structs.replace(seat, part=MAIN, taken=seat.taken + 1)


def is_free(seat: Seat) -> bool:
    """May be offered a call: ready, and its console is connected."""
    return seat.state is READY and seat.here


def _after_call(seat: Seat, event: SeatEvent) -> Seat:
    """Where a seat goes when a call has left it: missing, the state it chose, or ready. Who chose to leave leaves."""
    wish = seat.next_state
    if not seat.here and (wish is None or wish.state is not SIGNED_OFF):
        return msgspec.structs.replace(
            seat,
            state=MISSING,
            reason=Reason.CONNECTION_LOST,
            before_missing=READY if wish is None else wish.state,
            next_state=None,
        )
    if wish is None:
        return msgspec.structs.replace(seat, state=READY)
    settled = msgspec.structs.replace(
        seat, state=wish.state, reason=wish.reason, actor=wish.actor, next_state=None, since=event.at
    )
    return _emptied(settled) if wish.state is SIGNED_OFF else settled


def _off(seat: Seat, **changes: Any) -> Seat:
    """No call is at the seat any more."""
    return msgspec.structs.replace(seat, call=None, offer=None, part="", **changes)


def _not_ready(seat: Seat, event: OfferLapsed) -> NextState:
    """What a seat that takes no calls becomes: what it chose itself, as long as that is not ready; else busy."""
    wish = seat.next_state
    if wish is not None and wish.state is not READY:
        return wish
    return NextState(BUSY, event.reason or Reason.NO_ANSWER, event.actor)


def _emptied(seat: Seat) -> Seat:
    return msgspec.structs.replace(
        seat,
        operator=None,
        work_number="",
        operator_name="",
        phone_kind="",
        mobile="",
        call=None,
        offer=None,
        part="",
        misses=0,
        next_state=None,
        idle_since=None,
        break_asked="",
    )


def _why_not(seat: Seat, event: SeatEvent) -> Refusal:
    if seat.state is SIGNED_OFF:
        return Refusal.NOT_SIGNED_IN
    if isinstance(event, SignedIn):
        return Refusal.ALREADY_SIGNED_IN
    if isinstance(event, WrapUpHeld | WrapUpDone):
        return Refusal.NOT_IN_WRAP_UP
    if seat.state in OCCUPIED:
        return Refusal.NOT_FREE
    return Refusal.NOT_POSSIBLE_NOW
