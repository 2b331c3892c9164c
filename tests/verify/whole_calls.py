"""What lawyers and supervisors do with calls: one way after the other, so that a day has all of them.

Each way says when somebody presses what; whether that is possible then, the hall decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hotline.calls.call import Call
from hotline.calls.party import Part
from hotline.hall.inputs import (
    CancelConsult,
    ConfirmHandover,
    Consult,
    Dial,
    DropParty,
    Emergency,
    ForceRelease,
    HangUp,
    Hold,
    Input,
    JoinConsulted,
    Leave,
    Monitor,
    Mute,
    OutsideTarget,
    PressKeys,
    QueueTarget,
    RestorePhone,
    Resume,
    SeatTarget,
    SendToRating,
    StopMonitoring,
    TakeOver,
    Transfer,
)
from tests.verify.history import History, seat_no
from tests.verify.the_hall import OFFICE, POLICE, SUPERVISOR

Way = Callable[[History, str], None]

WAYS: dict[str, Way] = {}
OFFICE_TARGET = OutsideTarget(contact=OFFICE.id)
BOSS = seat_no(SUPERVISOR)


def whole_calls(hall: History, key: str) -> None:
    """Do the next thing with a call that was just answered."""
    number = int(key.rpartition("-")[2].lstrip("c"))
    list(WAYS.values())[number % len(WAYS)](hall, key)


def way(done: Way) -> Way:
    """One of the ways."""
    WAYS[done.__name__] = done
    return done


@way
def only_talk(hall: History, key: str) -> None:
    """Nothing else."""


@way
def hold_and_take_back(hall: History, key: str) -> None:
    presses(hall, key, 3, Hold)
    presses(hall, key, 9, Resume)


@way
def muted_and_keys(hall: History, key: str) -> None:
    presses(hall, key, 2, Mute, on=True)
    presses(hall, key, 5, Mute, on=False)
    presses(hall, key, 6, PressKeys, digits="12#")


@way
def asks_a_colleague(hall: History, key: str) -> None:
    asks(hall, key, 3)
    presses(hall, key, 20, CancelConsult)


@way
def attended_transfer(hall: History, key: str) -> None:
    asks(hall, key, 3)
    presses(hall, key, 14, Leave)


@way
def three_way_and_the_asker_leaves(hall: History, key: str) -> None:
    asks(hall, key, 3)
    presses(hall, key, 12, JoinConsulted)
    presses(hall, key, 20, HangUp)


@way
def three_way_and_the_asked_leaves(hall: History, key: str) -> None:
    asks(hall, key, 3)
    presses(hall, key, 12, JoinConsulted)
    with_party(hall, key, 20, lambda call, party: _press(hall, call, HangUp, party.seat))


@way
def three_way_and_one_is_shown_out(hall: History, key: str) -> None:
    asks(hall, key, 3)
    presses(hall, key, 12, JoinConsulted)
    with_party(hall, key, 18, lambda call, party: _press(hall, call, DropParty, offer=party.offer))


@way
def puts_down_while_the_colleague_rings(hall: History, key: str) -> None:
    asks(hall, key, 3)
    put_down(hall, key, 3.5, hung_up=True)


@way
def blind_transfer(hall: History, key: str) -> None:
    def pass_on(call: Call) -> list[Input]:
        target = hall.free_seat(call.seat or "")
        return [] if target is None else _press(hall, call, Transfer, target=SeatTarget(seat=target))

    with_call(hall, key, 4, pass_on)


@way
def to_another_queue(hall: History, key: str) -> None:
    presses(hall, key, 4, Transfer, target=QueueTarget(queue="labour"))


@way
def outside_at_once(hall: History, key: str) -> None:
    presses(hall, key, 4, Transfer, target=OFFICE_TARGET)


@way
def outside_and_the_line_is_lost(hall: History, key: str) -> None:
    presses(hall, key, 4, Transfer, target=OFFICE_TARGET)
    with_party(hall, key, 25, lambda _, party: hall.lose(key, party.offer, hung_up=False))


@way
def three_way_with_an_office(hall: History, key: str) -> None:
    presses(hall, key, 3, Consult, target=OFFICE_TARGET)
    presses(hall, key, 14, JoinConsulted)
    presses(hall, key, 22, Leave)


@way
def emergency(hall: History, key: str) -> None:
    help_wanted(hall, key, 3)
    with_party(hall, key, 20, lambda call, party: _press(hall, call, ConfirmHandover, offer=party.offer))
    presses(hall, key, 24, Leave)


@way
def emergency_and_the_phone_is_put_down(hall: History, key: str) -> None:
    help_wanted(hall, key, 3)
    put_down(hall, key, 20, hung_up=True)


@way
def listened_to_and_taken_over(hall: History, key: str) -> None:
    watches(hall, key, 3, Part.LISTENING)
    watches(hall, key, 12, Part.WHISPERING)
    watches(hall, key, 15, Part.BARGING)
    presses(hall, key, 18, TakeOver, seat=BOSS)


@way
def listened_to(hall: History, key: str) -> None:
    watches(hall, key, 3, Part.LISTENING)
    with_call(hall, key, 14, lambda _: [hall.asks(SUPERVISOR, StopMonitoring(seat=BOSS))])


@way
def ended_by_force(hall: History, key: str) -> None:
    with_call(hall, key, 8, lambda call: [hall.asks(SUPERVISOR, ForceRelease(call=call.id, reason="test"))])


@way
def leg_lost(hall: History, key: str) -> None:
    put_down(hall, key, 5, hung_up=False)


@way
def phone_loaded_anew(hall: History, key: str) -> None:
    with_call(
        hall, key, 5, lambda call: [hall.asks(int(call.seat or 0), RestorePhone(seat=seat_no(int(call.seat or 0))))]
    )


@way
def sent_to_rating(hall: History, key: str) -> None:
    presses(hall, key, 8, SendToRating)


@way
def seat_hangs_up(hall: History, key: str) -> None:
    presses(hall, key, 8, HangUp)


@way
def somebody_calls_out(hall: History, key: str) -> None:
    def dial() -> list[Input]:
        seat = hall.free_seat()
        if seat is None:
            return []
        return [hall.asks(int(seat), Dial(seat=seat, number=OFFICE.number, purpose="contact"))]

    hall.later(6, dial)


@way
def somebody_calls_for_help(hall: History, key: str) -> None:
    def dial() -> list[Input]:
        seat = hall.free_seat()
        return [] if seat is None else [hall.asks(int(seat), Emergency(seat=seat, contact=POLICE.id))]

    hall.later(7, dial)


# ── how ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_call(hall: History, key: str, after: float, make: Callable[[Call], list[Input]]) -> None:
    """Something about the call as it is then."""
    hall.later(after, lambda: make(call) if (call := hall.call(key)) is not None else [])


def with_party(hall: History, key: str, after: float, make: Callable[[Call, Any], list[Input]]) -> None:
    """Something about whoever is on the call then beside its seat."""
    with_call(hall, key, after, lambda call: make(call, call.parties[0]) if call.parties and call.parties[0].up else [])


def presses(hall: History, key: str, after: float, kind: Any, seat: str | None = None, **fields: Any) -> None:
    """The seat that has the call then, or that one, presses a button."""
    with_call(hall, key, after, lambda call: _press(hall, call, kind, seat, **fields))


def asks(hall: History, key: str, after: float) -> None:
    """The seat asks whoever is free."""

    def ask(call: Call) -> list[Input]:
        target = hall.free_seat(call.seat or "")
        return [] if target is None else _press(hall, call, Consult, target=SeatTarget(seat=target))

    with_call(hall, key, after, ask)


def help_wanted(hall: History, key: str, after: float) -> None:
    """The emergency key."""

    def press(call: Call) -> list[Input]:
        if call.seat is None:
            return []
        number = int(call.seat)
        return [hall.asks(number, Emergency(seat=seat_no(number), contact=POLICE.id))]

    with_call(hall, key, after, press)


def watches(hall: History, key: str, after: float, part: Part) -> None:
    """The supervisor comes to the call."""
    with_call(hall, key, after, lambda call: [hall.asks(SUPERVISOR, Monitor(seat=BOSS, call=call.id, part=part))])


def put_down(hall: History, key: str, after: float, *, hung_up: bool) -> None:
    """The phone of the seat that has the call: put down, or lost."""
    with_call(
        hall, key, after, lambda call: hall.lose(key, call.offer, hung_up=hung_up) if call.offer is not None else []
    )


def _press(hall: History, call: Call, kind: Any, seat: str | None = None, **fields: Any) -> list[Input]:
    number = seat or call.seat
    return [] if number is None else [hall.asks(int(number), kind(seat=seat_no(int(number)), call=call.id, **fields))]
