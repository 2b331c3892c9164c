"""A telephone that was picked up by hand at a line whose device cannot tell: whoever picked it up says so (已接听).

Such a device hears it ring and stop, no more. Without a word from the lawyer every call of its lines would count as
abandoned; with it the call is his, until he says that it is over or the line rings anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from adapters.telephony import Ability, EndedBy
from hotline.calls.call import Call, CallId, CallState, Direction
from hotline.calls.outcome import LEFT, Outcome
from hotline.hall.events import CallAmended, TakenByHand
from hotline.hall.flow import end
from hotline.hall.inputs import TookByHand
from hotline.hall.observe import is_by_hand, taken
from hotline.hall.refused import Code, Refused
from hotline.hall.work import Work
from seats.seat import OCCUPIED, Refusal, Seat, SeatRefused, SeatState

AFTERWARDS: Final = timedelta(hours=12)
"""So long after the ringing has stopped it may still be said."""
SAID: Final = "said"
"""The cause of an end that the lawyer told."""


def took(work: Work, command: TookByHand, who: str) -> None:
    """The call rang at this desk and was picked up there. Raises `Refused` or `SeatRefused`."""
    seat = work.seat(command.seat)
    if seat is None:
        raise Refused(Code.NO_SUCH_SEAT)
    if seat.operator is None:
        raise SeatRefused(Refusal.NOT_SIGNED_IN)
    call = work.call(command.call) or _past(work, command.call)
    if call is None or call.direction is Direction.OUT:
        raise Refused(Code.CALL_GONE)
    if not is_by_hand(work, call):
        raise Refused(Code.LINE_CANNOT)
    if call.seat not in (None, seat.number):
        raise Refused(Code.NOT_ON_CALL)
    if call.answered_at is not None:
        raise Refused(Code.CALL_GONE)
    if call.state is CallState.ENDED:
        _afterwards(work, call, seat, who)
    else:
        _now(work, call, seat, who)


def may_say_over(work: Work, call: Call) -> bool:
    """May the lawyer say that the talk is over? Where nobody can ask the device which calls are live: else one lost
    report would keep the seat for hours. The device's own word, when it comes, corrects what was said."""
    return is_by_hand(work, call) or not work.rules.can(call.adapter, Ability.REPORTS_PORTS)


def let_go(work: Work, call: Call) -> None:
    """The lawyer has put the receiver down, and says so."""
    end(work, call, EndedBy.SEAT, SAID, inferred=True)


def _now(work: Work, call: Call, seat: Seat, who: str) -> None:
    before = work.call(CallId(seat.call or ""))
    if before is not None and before.id != call.id and seat.state is SeatState.TALKING and is_by_hand(work, before):
        let_go(work, before)  # one telephone has one call: the former one is over
        seat = work.seat(seat.number) or seat
    if seat.state in OCCUPIED and seat.call != call.id:
        raise Refused(Code.NOT_ON_CALL)
    work.change(call, TakenByHand(seat=seat.number, actor=who))
    taken(work, work.call(call.id) or call, seat, seat.number, work.now)


def _afterwards(work: Work, call: Call, seat: Seat, who: str) -> None:
    ended_at = call.ended_at or call.offered_at
    if not call.inferred or call.outcome not in (*LEFT, Outcome.LOST) or work.now - ended_at > AFTERWARDS:
        raise Refused(Code.CALL_GONE)
    told = work.change(call, TakenByHand(seat=seat.number, actor=who))
    work.change(
        told,
        CallAmended(fact="TakenByHand", outcome=Outcome.ANSWERED, seat=seat.number, actor=who),
        answered_at=ended_at,
        outcome=Outcome.ANSWERED,
        seat=seat.number,
        answered_seat=seat.number,
        operator=seat.operator,
    )


def _past(work: Work, call: CallId) -> Call | None:
    found = next((each for each in work.state.past.values() if each.id == call), None)
    return None if found is None else work.find(found.adapter, found.key)
