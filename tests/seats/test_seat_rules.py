"""What `advance` does beyond the table: misses, wishes, wrap-up, lost connections, gateways that choose seats."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.seat import (
    BreakBegun,
    CallOver,
    ConnectionBack,
    ConnectionLost,
    DeviceConnected,
    NextState,
    OfferLapsed,
    OfferMade,
    OfferTaken,
    OfferWithdrawn,
    Reason,
    Refusal,
    Seat,
    SeatEvent,
    SeatNo,
    SeatRefused,
    SeatState,
    SignedIn,
    SignedOff,
    WentBusy,
    WentReady,
    WrapUpDone,
    WrapUpHeld,
    advance,
    choose_next,
    is_free,
)

T0 = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
MEAL = NextState(SeatState.ON_BREAK, "meal", "1001")
LEAVE = NextState(SeatState.SIGNED_OFF, "self", "1001")
EMPTY = Seat(number=SeatNo("01"), extension="8001", groups=("civil",), since=T0)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def sign_in(second: float = 0) -> SignedIn:
    return SignedIn(
        at=at(second), actor="1001", operator="a1", work_number="1001", operator_name="甲", phone_kind="browser"
    )


def ready() -> Seat:
    return advance(EMPTY, sign_in())


def ringing() -> Seat:
    return advance(ready(), OfferMade(at=at(10), call="c1", offer="c1.1"))


def talking() -> Seat:
    return advance(ringing(), OfferTaken(at=at(15)))


def wrapping() -> Seat:
    return advance(talking(), CallOver(at=at(100), wrap_seconds=30))


def test_a_whole_call() -> None:
    seat = ready()
    assert (seat.operator, seat.work_number, seat.phone_kind, seat.idle_since) == ("a1", "1001", "browser", T0)
    assert is_free(seat)
    seat = ringing()
    assert (seat.call, seat.offer) == ("c1", "c1.1")
    seat = talking()
    assert (seat.call, seat.taken, seat.misses) == ("c1", 1, 0)
    seat = wrapping()
    assert (seat.call, seat.offer, seat.wrap_until, seat.idle_since) == (None, None, at(130), at(100))
    seat = advance(seat, WrapUpDone(at=at(130)))
    assert (seat.state, seat.wrap_until, seat.idle_since) == (SeatState.READY, None, at(100))
    seat = advance(seat, SignedOff(at=at(200)))
    assert (seat.operator, seat.work_number, seat.phone_kind, seat.idle_since) == (None, "", "", None)


def test_sign_in_starts_afresh() -> None:
    tired = advance(advance(ringing(), OfferLapsed(at=at(30), limit=3)), SignedOff(at=at(31)))
    again = advance(tired, sign_in(40))
    assert (again.misses, again.taken, again.here, again.next_state, again.idle_since) == (0, 0, True, None, at(40))


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_misses_in_a_row_make_it_busy(limit: int) -> None:
    seat = ready()
    for miss in range(1, limit + 1):
        seat = advance(seat, OfferMade(at=at(miss), call=f"c{miss}", offer=f"c{miss}.1"))
        seat = advance(seat, OfferLapsed(at=at(miss + 0.5), limit=limit))
        assert (seat.call, seat.offer) == (None, None)
        assert seat.misses == (miss if miss < limit else 0)
    assert (seat.state, seat.reason, seat.next_state) == (SeatState.BUSY, Reason.NO_ANSWER, None)


def test_a_taken_call_forgives_misses() -> None:
    seat = advance(ringing(), OfferLapsed(at=at(30), limit=3))
    assert seat.misses == 1
    seat = advance(advance(seat, OfferMade(at=at(31), call="c2", offer="c2.1")), OfferTaken(at=at(33)))
    assert seat.misses == 0


def test_a_caller_who_left_is_no_miss() -> None:
    seat = advance(ringing(), OfferWithdrawn(at=at(12)))
    assert (seat.state, seat.misses, seat.call, seat.idle_since) == (SeatState.READY, 0, None, T0)


def test_an_unreachable_phone_is_busy_at_once() -> None:
    seat = advance(ringing(), OfferLapsed(at=at(12), limit=3, reason=Reason.PHONE_UNREACHABLE))
    assert (seat.state, seat.reason, seat.misses) == (SeatState.BUSY, Reason.PHONE_UNREACHABLE, 0)
    assert advance(seat, WentReady(at=at(60))).state is SeatState.READY


def test_a_miss_with_a_wish_follows_the_wish() -> None:
    seat = advance(choose_next(ringing(), MEAL), OfferLapsed(at=at(30), limit=3))
    assert (seat.state, seat.reason, seat.next_state) == (SeatState.ON_BREAK, "meal", None)


@pytest.mark.parametrize("wish", [MEAL, LEAVE])
def test_the_last_miss_with_a_wish_follows_the_wish_and_forgets_it(wish: NextState) -> None:
    seat = advance(choose_next(ringing(), wish), OfferLapsed(at=at(30), limit=1))
    assert (seat.state, seat.next_state, seat.misses) == (wish.state, None, 0)


def test_the_last_miss_beats_the_wish_to_be_ready() -> None:
    wish = NextState(SeatState.READY, "forced", "9001")
    seat = advance(choose_next(ringing(), wish), OfferLapsed(at=at(30), limit=1))
    assert (seat.state, seat.reason, seat.next_state) == (SeatState.BUSY, Reason.NO_ANSWER, None)


def test_wish_waits_for_wrap_up() -> None:
    seat = advance(choose_next(talking(), MEAL), CallOver(at=at(100), wrap_seconds=30))
    assert (seat.state, seat.next_state) == (SeatState.WRAP_UP, MEAL)
    seat = advance(seat, WrapUpDone(at=at(130)))
    assert (seat.state, seat.reason, seat.actor, seat.since) == (SeatState.ON_BREAK, "meal", "1001", at(130))
    assert seat.next_state is None


def test_wish_without_wrap_up_comes_at_once() -> None:
    seat = advance(choose_next(talking(), LEAVE), CallOver(at=at(100), wrap_seconds=0))
    assert (seat.state, seat.operator, seat.next_state) == (SeatState.SIGNED_OFF, None, None)


def test_a_change_of_mind_in_wrap_up_forgets_the_wish() -> None:
    seat = choose_next(wrapping(), LEAVE)
    for event in (WentReady(at=at(110)), WentBusy(at=at(110)), BreakBegun(at=at(110))):
        assert advance(seat, event).next_state is None


def test_wish_can_be_taken_back_and_is_only_for_those_with_a_call() -> None:
    assert choose_next(choose_next(talking(), MEAL), None).next_state is None
    for seat in (EMPTY, ready(), advance(ready(), WentBusy(at=at(1))), advance(ready(), ConnectionLost(at=at(1)))):
        with pytest.raises(SeatRefused) as refused:
            choose_next(seat, MEAL)
        assert refused.value.code is Refusal.NOT_POSSIBLE_NOW


def test_wrap_up_held_has_no_timer_and_keeps_its_time() -> None:
    seat = advance(wrapping(), WrapUpHeld(at=at(120), actor="1001"))
    assert (seat.state, seat.wrap_until, seat.since) == (SeatState.WRAP_UP, None, at(100))


@pytest.mark.parametrize("reason", ["meal", ""])
def test_busy_and_break_come_back_as_they_were(reason: str) -> None:
    for event, state in ((WentBusy, SeatState.BUSY), (BreakBegun, SeatState.ON_BREAK)):
        away = advance(advance(ready(), event(at=at(5), reason=reason)), ConnectionLost(at=at(10)))
        assert (away.state, away.here, away.before_missing) == (SeatState.MISSING, False, state)
        back = advance(away, ConnectionBack(at=at(20)))
        assert (back.state, back.here, back.before_missing) == (state, True, None)


def test_missing_seat_is_never_free() -> None:
    away = advance(ready(), ConnectionLost(at=at(10)))
    assert not is_free(away)
    assert is_free(advance(away, ConnectionBack(at=at(20))))
    with pytest.raises(SeatRefused):
        advance(away, OfferMade(at=at(11), call="c1", offer="c1.1"))


def test_wrap_up_is_over_after_a_lost_connection() -> None:
    back = advance(advance(wrapping(), ConnectionLost(at=at(110))), ConnectionBack(at=at(500)))
    assert (back.state, back.wrap_until) == (SeatState.READY, None)


def test_wish_survives_a_lost_connection_in_wrap_up() -> None:
    back = advance(
        advance(choose_next(wrapping(), MEAL), ConnectionLost(at=at(110))), ConnectionBack(at=at(500), actor="1001")
    )
    assert (back.state, back.reason, back.next_state) == (SeatState.ON_BREAK, "meal", None)


def test_connection_lost_while_talking_means_missing_after_the_call() -> None:
    seat = advance(talking(), ConnectionLost(at=at(50)))
    assert (seat.state, seat.here) == (SeatState.TALKING, False)
    seat = advance(seat, CallOver(at=at(100), wrap_seconds=30))
    assert (seat.state, seat.reason, seat.wrap_until) == (SeatState.MISSING, Reason.CONNECTION_LOST, None)
    assert advance(seat, ConnectionBack(at=at(110))).state is SeatState.READY


def test_connection_lost_while_talking_keeps_the_wish() -> None:
    lost = advance(choose_next(talking(), MEAL), ConnectionLost(at=at(50)))
    seat = advance(lost, CallOver(at=at(100), wrap_seconds=30))
    assert (seat.state, seat.before_missing) == (SeatState.MISSING, SeatState.ON_BREAK)
    left = advance(choose_next(lost, LEAVE), CallOver(at=at(100), wrap_seconds=30))
    assert (left.state, left.operator) == (SeatState.SIGNED_OFF, None)


def test_connection_lost_while_ringing_and_missed_too_often() -> None:
    lost = advance(ringing(), ConnectionLost(at=at(12)))
    seat = advance(lost, OfferLapsed(at=at(30), limit=1))
    assert (seat.state, seat.before_missing) == (SeatState.MISSING, SeatState.BUSY)
    assert advance(seat, ConnectionBack(at=at(40))).state is SeatState.BUSY


def test_a_gateway_connects_whom_it_likes() -> None:
    seat = advance(ready(), DeviceConnected(at=at(5), call="g1"))
    assert (seat.state, seat.call, seat.offer, seat.taken) == (SeatState.TALKING, "g1", None, 1)
    over = advance(seat, CallOver(at=at(65), wrap_seconds=0))
    assert (over.state, over.idle_since) == (SeatState.READY, at(65))


def test_a_gateways_call_does_not_end_a_break() -> None:
    resting = advance(ready(), BreakBegun(at=at(5), actor="1001", reason="meal"))
    over = advance(advance(resting, DeviceConnected(at=at(10), call="g1")), CallOver(at=at(70), wrap_seconds=0))
    assert (over.state, over.reason, over.actor) == (SeatState.ON_BREAK, "meal", "1001")


def test_a_gateways_call_to_a_missing_seat_leaves_it_missing() -> None:
    away = advance(ready(), ConnectionLost(at=at(5)))
    over = advance(advance(away, DeviceConnected(at=at(10), call="g1")), CallOver(at=at(70), wrap_seconds=30))
    assert over.state is SeatState.MISSING


def test_idle_since_is_the_end_of_the_last_call() -> None:
    rested = advance(advance(wrapping(), BreakBegun(at=at(110))), WentReady(at=at(900)))
    assert rested.idle_since == at(100)


MOVES = st.lists(
    st.sampled_from(
        [
            sign_in(),
            SignedOff(at=T0),
            WentReady(at=T0),
            WentBusy(at=T0),
            BreakBegun(at=T0),
            OfferMade(at=T0, call="c", offer="c.1"),
            OfferTaken(at=T0),
            OfferLapsed(at=T0, limit=2),
            OfferLapsed(at=T0, limit=2, reason=Reason.PHONE_UNREACHABLE),
            OfferWithdrawn(at=T0),
            DeviceConnected(at=T0, call="g"),
            CallOver(at=T0, wrap_seconds=30),
            CallOver(at=T0, wrap_seconds=0),
            WrapUpHeld(at=T0),
            WrapUpDone(at=T0),
            ConnectionLost(at=T0),
            ConnectionBack(at=T0),
            MEAL,
            LEAVE,
            None,
        ]
    ),
    max_size=60,
)


@given(MOVES)
def test_whatever_happens_a_seat_makes_sense(moves: list[SeatEvent | NextState | None]) -> None:
    seat = EMPTY
    for move in moves:
        try:
            seat = advance(seat, move) if isinstance(move, SeatEvent) else choose_next(seat, move)
        except SeatRefused:
            continue
        at_call = seat.state in (SeatState.RINGING, SeatState.TALKING)
        assert (seat.call is not None) is at_call
        assert (seat.offer is None) or at_call
        assert (seat.operator is None) is (seat.state is SeatState.SIGNED_OFF)
        assert (seat.wrap_until is None) or seat.state is SeatState.WRAP_UP
        assert (seat.before_missing is not None) is (seat.state is SeatState.MISSING)
        assert seat.next_state is None or at_call or seat.state in (SeatState.WRAP_UP, SeatState.MISSING)
        assert is_free(seat) is (seat.state is SeatState.READY and seat.here)
        assert seat.here or seat.state is not SeatState.READY
        if seat.operator is not None:
            assert seat.idle_since is not None
