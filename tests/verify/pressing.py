"""What does whoever talks with a caller press next?"""

from __future__ import annotations

from collections.abc import Iterator

from hotline.calls.call import CallState
from hotline.hall.inputs import CallCommand, CancelConsult, Consult, Hold, Leave, Resume, SeatTarget, Transfer
from hotline.hall.state import HallState
from seats.seat import SeatNo, SeatState
from tests.verify.the_hall import CARD


def presses(state: HallState, passes: Iterator[int]) -> list[CallCommand]:
    """One after the other: holds the caller and takes him back, while no colleague is free; else asks one and takes the
    caller back, or leaves him there, or passes him on at once. `passes` counts."""
    talking = [each for each in state.calls.values() if each.state is CallState.TALKING and each.adapter == CARD]
    free = [seat.number for seat in state.seats.values() if seat.state is SeatState.READY]
    if not talking or talking[0].seat is None:
        return []
    call, seat = talking[0], SeatNo(talking[0].seat)
    if not free:
        return [Hold(seat=seat, call=call.id), Resume(seat=seat, call=call.id)]
    target = SeatTarget(seat=free[0])
    match next(passes) % 3:
        case 0:
            return [Transfer(seat=seat, call=call.id, target=target)]
        case 1:
            return [Consult(seat=seat, call=call.id, target=target), Leave(seat=seat, call=call.id)]
        case _:
            return [Consult(seat=seat, call=call.id, target=target), CancelConsult(seat=seat, call=call.id)]
