"""Calling out (外呼), only where it is allowed: whoever breaks in must not ring the world at the bureau's cost.

Only numbers that the site named (contacts) or that rang us (call-backs) are dialled at all; how often is capped here,
per seat and hall, by the hour and by night. Emergency contacts are neither counted nor refused.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

from adapters.telephony import PLACED, Ability, AdapterName, CallKey, Handling, OfferId, PhoneKind, RingSeat
from hotline.calls.call import Call, Direction, Step, advance
from hotline.calls.numbers import mask
from hotline.hall.events import CallArrived, DialBegun
from hotline.hall.place import RING_GRACE_SECONDS, RINGABLE, phone_of
from hotline.hall.reach import within
from hotline.hall.refused import Code, Refused
from hotline.hall.rules import Contact, ContactKind
from hotline.hall.work import SHANGHAI, Work
from seats.seat import MAIN, LegRung, Reason, Seat, SeatNo, SeatState

DIALLABLE: Final = re.compile(r"(?!00)[0-9]{3,12}", re.ASCII)
"""A number within China as it is dialled: never international."""
OWN_PHONE_SECONDS: Final = 20
NIGHT: Final = (22, 7)
"""From, to: hours in Asia/Shanghai."""


def allow(work: Work, seat: SeatNo, kind: ContactKind) -> None:
    """Count a call outside against the caps. Raises `Refused`."""
    if kind is ContactKind.EMERGENCY:
        return
    caps = work.rules.outbound
    hour_ago = work.now - timedelta(hours=1)
    lately = [each for each in work.state.dialled if each[1] > hour_ago]
    now_outside = sum(
        call.direction is Direction.OUT or any(each.contact and not each.emergency for each in call.parties)
        for call in work.state.calls.values()
    )
    if (
        now_outside >= caps.concurrent
        or len(lately) >= caps.per_hall_hour
        or sum(who == seat for who, _ in lately) >= caps.per_seat_hour
        or (_at_night(work.now) and _since_evening(work) >= caps.per_hall_night)
    ):
        raise Refused(Code.QUOTA_EXCEEDED)
    work.decision.dialled.append((seat, work.now))


def dial(
    work: Work, seat: Seat, number: str, purpose: str, callback: int | None, who: str, contact: Contact | None = None
) -> Call:
    """Begin a call of ours: the seat's own phone rings first, then the other side. Raises `Refused`."""
    if line_out(work) is None:
        raise Refused(Code.LINE_CANNOT)
    if not DIALLABLE.fullmatch(number):
        raise Refused(Code.OUTSIDE_NOT_ALLOWED)
    if seat.operator is None or seat.state not in RINGABLE | {SeatState.ON_BREAK}:
        raise Refused(Code.TARGET_NOT_FREE)
    line = line_out(work, seat)
    if line is None:
        raise Refused(Code.PHONE_ELSEWHERE)
    allow(work, seat.number, contact.kind if contact is not None else ContactKind.OFFICE)
    identity, ticket = work.next_numbers()
    offer = OfferId(f"{identity}.1")
    call = Call(
        id=identity,
        hall=work.rules.hall,
        adapter=line,
        key=CallKey(f"{PLACED}{identity}"),
        handling=Handling.HALL,
        direction=Direction.OUT,
        purpose=purpose,
        callback=callback,
        caller=number,
        offered_at=work.now,
        off_hook=True,
        ticket=ticket,
    )
    call = work.change(
        call, CallArrived(adapter=line, key=call.key, handling=call.handling, ticket=ticket, direction=Direction.OUT)
    )
    seconds = OWN_PHONE_SECONDS
    work.move(seat, LegRung(at=work.now, call=identity, offer=offer, part=MAIN, reason=Reason.CALL, actor=who))
    work.order(
        line,
        RingSeat(
            call=call.key,
            offer=offer,
            phone=phone_of(seat),
            seconds=seconds + RING_GRACE_SECONDS,
            caller_shown=contact.label if contact is not None else mask(number),
            first=True,
            expected=seat.phone_kind != PhoneKind.MOBILE,
        ),
    )
    return work.change(
        call,
        DialBegun(
            seat=seat.number,
            actor=who,
            purpose=purpose,
            number=mask(number),
            label=contact.label if contact is not None else "",
            offer=offer,
            seconds=seconds,
        ),
        state=advance(call, Step.SEAT_RUNG),
        offers=1,
        offer=offer,
        seat=seat.number,
        rung_at=work.now,
        ring_until=work.now + timedelta(seconds=seconds),
    )


def line_out(work: Work, seat: Seat | None = None) -> AdapterName | None:
    """The line that calls go out over: the first by name that can, rings that seat's phone, and is up."""
    able = [
        name
        for name in sorted(work.rules.abilities)
        if Ability.RINGS_OUTSIDE in work.rules.abilities[name]
        and (seat is None or within(work.rules.reach_of(name, None), seat))
    ]
    return next((name for name in able if work.state.links.get(name, False)), able[0] if able else None)


def _at_night(now: datetime) -> bool:
    return (hour := now.astimezone(SHANGHAI).hour) >= NIGHT[0] or hour < NIGHT[1]


def _since_evening(work: Work) -> int:
    here = work.now.astimezone(SHANGHAI)
    evening = here.replace(hour=NIGHT[0], minute=0, second=0, microsecond=0)
    if here < evening:
        evening -= timedelta(days=1)
    return sum(at >= evening for _, at in work.state.dialled)
