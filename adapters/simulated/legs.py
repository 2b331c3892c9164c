"""What happens on the legs that are not the caller's: seats' phones, mobiles, numbers outside?"""

from __future__ import annotations

import re

from adapters.errors import Refused
from adapters.simulated.exchange import Exchange
from adapters.simulated.hearing import greet
from adapters.simulated.line import Leg, Line, Mood
from adapters.simulated.mood import heed, settle
from adapters.simulated.outside import Outside, Way
from adapters.simulated.world import Caller
from adapters.telephony import (
    CallAnswered,
    EndedBy,
    OfferId,
    PhoneKind,
    PlaceCall,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    SendKeys,
)

KEYS = re.compile(r"[0-9A-D*#]{1,64}")
DEEDS = ("answer", "decline", "leave")
"""What a leg does by itself; each is pending as `DEED OFFER`."""
RINGABLE = frozenset({PhoneKind.SIMULATED, PhoneKind.MOBILE})
"""No real phone hangs on it."""
NOBODY = Caller(number=None, late_by=None, patience=0.0, talk=0.0, hangs_up_first=True, luck=0.0, key_after=0.0)
"""The other side of an outbound call that is not placed yet."""


def ring_seat(exchange: Exchange, line: Line | None, command: RingSeat) -> None:
    """Ring a seat's phone; for an outbound call's first leg the call begins with it. Raises `Refused`."""
    phone = command.phone
    if phone.kind not in RINGABLE:
        raise Refused(f"no {phone.kind} phone here, only simulated ones and mobiles")
    if line is None:
        line = _begin(exchange, command)
    offer = command.offer
    if offer in line.legs:
        return
    heed(exchange, line)
    if any(phone.extension == leg.number for each in exchange.lines.values() for leg in each.legs.values()):
        seat = None if phone.kind is PhoneKind.MOBILE else phone.extension
        exchange.say(line, SeatDeclined, offer=offer, seat=seat, reason="busy")
        _end_without_legs(exchange, line, EndedBy.SEAT, "busy")
        return
    if phone.kind is PhoneKind.MOBILE:
        outside = exchange.world.outside(phone.extension)
        if outside.way is Way.ANSWERS and outside.mailbox:
            outside = Outside(way=Way.NO_ANSWER)
        _ring_outside(exchange, line, offer, Leg(number=phone.extension, outside=True), outside, command.seconds)
        return
    line.legs[offer] = Leg(number=phone.extension)
    exchange.say(line, SeatRinging, offer=offer, seat=phone.extension)
    exchange.plan(line, f"decline {offer}", exchange.now + command.seconds)
    if command.expected:
        after: float | None = exchange.setup.expected
    else:
        after = exchange.world.picks_up() if exchange.answers_itself(phone.extension) else None
    if after is not None and after < command.seconds:
        exchange.plan(line, f"answer {offer}", exchange.now + after)


def ring_outside(exchange: Exchange, line: Line, command: RingOutside) -> None:
    """Ring a number outside for this call."""
    if command.offer in line.legs:
        return
    heed(exchange, line)
    outside = exchange.world.outside(command.number)
    leg = Leg(number=command.number, outside=True, talk=outside.talk)
    _ring_outside(exchange, line, command.offer, leg, outside, command.seconds)


def place(exchange: Exchange, line: Line, command: PlaceCall) -> None:
    """Ring the person whom an outbound call is for. Raises `Refused` where there is one already, or nobody to talk."""
    if line.dialled == command.number and line.placed:
        return
    if not line.placed or line.dialled:
        raise Refused(f"call {line.key} has another side already")
    if not line.picked_up:
        raise Refused(f"nobody of ours has picked up on call {line.key}")
    outside = exchange.world.outside(command.number)
    line.dialled = command.number
    line.caller = exchange.world.called(command.number, outside.talk)
    line.talk_left = line.caller.talk
    line.pending.pop("patience", None)
    if not exchange.free_ports:
        exchange.release(line, EndedBy.NETWORK, "congestion")
        return
    line.port = exchange.free_ports.pop(0)
    way, after = outside.after_ringing(command.seconds)
    exchange.plan(line, "there" if way is Way.ANSWERS else f"failed {way}", exchange.within(after))


def there(exchange: Exchange, line: Line) -> None:
    """The person whom an outbound call is for picks up."""
    line.there = line.answered = True
    exchange.say(line, CallAnswered)
    greet(exchange, line, ())


def pick_up(exchange: Exchange, line: Line, offer: OfferId) -> None:
    """Whoever the leg rings takes the call. Raises `Refused` when it does not ring."""
    leg = line.legs.get(offer)
    if leg is None:
        raise Refused(f"offer {offer} does not ring")
    if leg.up:
        return
    _forget(line, offer)
    leg.up = True
    exchange.say(line, SeatAnswered, offer=offer, seat=_seat(leg))
    if leg.talk is not None:
        exchange.plan(line, f"leave {offer}", exchange.within(leg.talk))
    if line.placed and not line.dialled:
        exchange.plan(line, "patience", exchange.within(exchange.setup.unheeded))


def click(exchange: Exchange, line: Line, offer: OfferId) -> None:
    """The seat clicked *answer*. A mobile is answered at the mobile. Raises `Refused` when nothing rings."""
    leg = line.legs.get(offer)
    if leg is None or not leg.outside:
        pick_up(exchange, line, offer)


def decline(exchange: Exchange, line: Line, offer: OfferId) -> None:
    """The leg does not take the call."""
    leg = line.legs.pop(offer)
    _forget(line, offer)
    fault = leg.refuses is Way.UNREACHABLE
    exchange.say(line, SeatDeclined, offer=offer, seat=_seat(leg), reason=leg.refuses, seat_fault=fault)
    _end_without_legs(exchange, line, EndedBy.SEAT, leg.refuses)


def leave(exchange: Exchange, line: Line, offer: OfferId) -> None:
    """Whoever is at that leg puts the receiver down."""
    _drop(exchange, line, offer, hung_up=True, by=EndedBy.SEAT)


def let_go(exchange: Exchange, line: Line, offer: OfferId) -> None:
    """We end that leg, whether it rings or was picked up."""
    leg = line.legs.get(offer)
    if leg is None:
        return
    if leg.up:
        _drop(exchange, line, offer, hung_up=False, by=EndedBy.US)
        return
    del line.legs[offer]
    _forget(line, offer)
    _end_without_legs(exchange, line, EndedBy.US)


def send_keys(line: Line, command: SendKeys) -> None:
    """Keys to a leg, or to the caller. Raises `Refused` where nobody could hear them."""
    if not KEYS.fullmatch(command.digits):
        raise Refused(f"{command.digits!r} are no keys")
    if command.offer is None:
        if not line.answered:
            raise Refused(f"nobody has picked up on call {line.key}")
        line.keys += command.digits
        return
    leg = line.legs.get(command.offer)
    if leg is None or not leg.up:
        raise Refused(f"offer {command.offer} was not picked up")
    leg.keys += command.digits


def _begin(exchange: Exchange, command: RingSeat) -> Line:
    if not command.first:
        raise Refused(f"no call {command.call}")
    if command.call in exchange.over:
        raise Refused(f"call {command.call} is over")
    line = Line(
        key=command.call,
        caller=NOBODY,
        since=exchange.now,
        placed=True,
        dialled="",
        there=False,
        mood=Mood.ABSENT,
    )
    exchange.lines[line.key] = line
    return line


def _ring_outside(exchange: Exchange, line: Line, offer: OfferId, leg: Leg, outside: Outside, seconds: float) -> None:
    line.legs[offer] = leg
    way, after = outside.after_ringing(seconds)
    if way in (Way.ANSWERS, Way.NO_ANSWER):
        exchange.say(line, SeatRinging, offer=offer, seat=_seat(leg))
    if way is Way.ANSWERS:
        exchange.plan(line, f"answer {offer}", exchange.now + after)
    else:
        leg.refuses = way
        exchange.plan(line, f"decline {offer}", exchange.now + after)


def _drop(exchange: Exchange, line: Line, offer: OfferId, *, hung_up: bool, by: EndedBy) -> None:
    leg = line.legs.pop(offer)
    _forget(line, offer)
    line.room = tuple(each for each in line.room if each != offer)
    line.muted = tuple(each for each in line.muted if each != offer)
    line.watching = tuple(each for each in line.watching if offer not in (each.offer, each.at))
    exchange.say(line, SeatReleased, offer=offer, seat=_seat(leg), hung_up=hung_up)
    if not _end_without_legs(exchange, line, by):
        settle(exchange, line)


def _end_without_legs(exchange: Exchange, line: Line, by: EndedBy, cause: str = "") -> bool:
    """An outbound call whose other side was never rung is nothing any more when the last of our legs has gone."""
    over = line.placed and not line.dialled and not line.legs
    if over:
        exchange.release(line, by, cause)
    return over


def _forget(line: Line, offer: OfferId) -> None:
    for deed in DEEDS:
        line.pending.pop(f"{deed} {offer}", None)


def _seat(leg: Leg) -> str | None:
    return None if leg.outside else leg.number
