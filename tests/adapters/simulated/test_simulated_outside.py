"""Beyond the hall's own phones: numbers outside, mobiles, outbound calls, and keys that are sent to them."""

from __future__ import annotations

import msgspec
import pytest

from adapters.errors import Refused
from adapters.simulated.line import Mood, Saved
from adapters.simulated.outside import Numbers, Outside, Way
from adapters.simulated.world import Callers, Lawyers, World
from adapters.telephony import (
    Answer,
    CallKey,
    CallOffered,
    CallReleased,
    EndedBy,
    OfferId,
    Phone,
    PhoneKind,
    PickUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    SendKeys,
    StartRecording,
    StopRinging,
)
from tests.adapters.simulated.bench import K1, O1, O2, START, STEADY, Bench

OUT = CallKey("hall-chosen-1")
POLICE, MOBILE = "110", "13800270501"
KNOWN = {
    POLICE: Outside(after=2.0),
    "12345": Outside(after=2.0, talk=10.0),
    "1": Outside(way=Way.BUSY, after=1.0),
    "2": Outside(way=Way.NO_ANSWER),
    "3": Outside(way=Way.UNREACHABLE, after=1.5),
    "4": Outside(after=25.0),
    MOBILE: Outside(after=5.0),
    "13800270502": Outside(after=5.0, mailbox=True),
    "13800270503": Outside(way=Way.UNREACHABLE, after=1.0),
}


def bench_outside(arrivals: tuple[float, ...] = (0.0,), callers: Callers = STEADY, ports: int = 4) -> Bench:
    return Bench(arrivals=arrivals, callers=callers, outside=KNOWN, ports=ports)


def ring_first(bench: Bench, offer: OfferId = O1, *, expected: bool = True, now: float = 0.0) -> None:
    phone = Phone(PhoneKind.SIMULATED, "8009")
    bench.device.do(RingSeat(call=OUT, offer=offer, phone=phone, seconds=20, first=True, expected=expected), now)


def dial(number: str = POLICE, now: float = 1.0) -> Bench:
    """Our own seat at 0.5, the number from then on."""
    bench = bench_outside(())
    ring_first(bench)
    bench.device.pass_time(now)
    bench.heard.clear()
    bench.device.do(PlaceCall(call=OUT, number=number, seconds=20), now)
    return bench


# ── numbers outside, rung into a call ──


def test_somebody_outside_joins_and_stays() -> None:
    bench = bench_outside()
    bench.connect()
    for _ in range(2):
        bench.device.do(RingOutside(call=K1, offer=O2, number=POLICE, seconds=20), 4)
    ringing = bench.last(SeatRinging)
    assert (ringing.offer, ringing.seat) == (O2, None)
    assert (bench.port().ringing, bench.said()) == ((O2,), ["SeatRinging"])
    bench.device.do(PickUp(call=K1, offer=O2), 5)
    assert bench.said() == [], "nobody here can pick up a telephone elsewhere"
    bench.device.pass_time(6)
    assert (bench.last(SeatAnswered).offer, bench.said()) == (O2, ["SeatAnswered"])
    assert bench.arrange(O1, O2, now=6) == ["LegsJoined"]
    bench.device.do(StopRinging(call=K1, offer=O1), 10)
    assert bench.port().room == (O2,)
    assert bench.at(62.9) == ["SeatReleased"]
    assert bench.at(63) == ["CallReleased"]


def test_that_side_may_hang_up_first() -> None:
    bench = bench_outside()
    bench.connect()
    bench.device.do(RingOutside(call=K1, offer=O2, number="12345", seconds=20), 4)
    bench.device.pass_time(6)
    bench.arrange(O1, O2, now=6)
    bench.device.pass_time(16)
    released = bench.last(SeatReleased)
    assert (released.offer, released.hung_up) == (O2, True)
    assert bench.port().room == (O1,)


@pytest.mark.parametrize(
    ("number", "after", "reason"), [("1", 1.0, "busy"), ("2", 20.0, "no_answer"), ("4", 20, "no_answer")]
)
def test_nobody_takes_it_outside(number: str, after: float, reason: str) -> None:
    bench = bench_outside()
    bench.connect()
    bench.device.do(RingOutside(call=K1, offer=O2, number=number, seconds=20), 4)
    bench.heard.clear()
    assert bench.at(4 + after - 0.1) == []
    bench.device.pass_time(4 + after)
    declined = bench.last(SeatDeclined)
    assert (declined.offer, declined.reason, declined.seat_fault) == (O2, reason, False)
    assert bench.port().ringing == ()


def test_any_other_number_answers_within_4_to_8_seconds() -> None:
    world = World(STEADY, Lawyers(), 3)
    found = [world.outside(f"0279999{n:04d}") for n in range(400)]
    assert {each.way for each in found} == {Way.ANSWERS}
    delays = [each.after for each in found if each.after is not None]
    assert 4 <= min(delays) < 4.2
    assert 7.8 < max(delays) <= 8
    same = World(STEADY, Lawyers(), 3)
    assert [same.outside(f"0279999{n:04d}") for n in range(400)] == found


def test_numbers_run_as_fast_as_the_world() -> None:
    fast = Numbers(known={POLICE: Outside(after=10.0, talk=100.0), "1": Outside(way=Way.BUSY)}).faster(10)
    assert fast.known[POLICE] == Outside(after=1.0, talk=10.0)
    assert fast.known["1"].after is None
    assert (fast.answers_after, fast.refused_after) == ((0.4, 0.8), (0.1, 0.3))


def test_who_is_let_go_while_it_rings_is_not_heard_of_again() -> None:
    bench = bench_outside()
    bench.connect()
    bench.device.do(RingOutside(call=K1, offer=O2, number=POLICE, seconds=20), 4)
    bench.device.do(StopRinging(call=K1, offer=O2), 5)
    bench.heard.clear()
    assert bench.at(30) == []
    assert bench.port().picked_up == (O1,)


# ── seats whose phone is a mobile ──


@pytest.mark.parametrize(
    ("number", "said", "reason", "fault"),
    [
        (MOBILE, ["SeatRinging", "SeatAnswered"], "", False),
        ("13800270502", ["SeatRinging", "SeatDeclined"], "no_answer", False),
        ("13800270503", ["SeatDeclined"], "unreachable", True),
    ],
)
def test_mobiles(number: str, said: list[str], reason: str, fault: bool) -> None:
    bench = bench_outside()
    bench.device.pass_time(0)
    bench.heard.clear()
    bench.device.do(RingSeat(call=K1, offer=O1, phone=Phone(PhoneKind.MOBILE, number), seconds=20), 0)
    bench.device.do(PickUp(call=K1, offer=O1), 0.5)
    bench.device.pass_time(21)
    last = bench.heard[-1]
    if isinstance(last, SeatDeclined):
        assert (last.reason, last.seat_fault) == (reason, fault)
    assert bench.said() == said


def test_a_mobile_has_one_call_at_a_time() -> None:
    bench = bench_outside((0.0, 0.0))
    bench.device.pass_time(0)
    phone = Phone(PhoneKind.MOBILE, MOBILE)
    bench.device.do(RingSeat(call=K1, offer=O1, phone=phone, seconds=20), 0)
    bench.device.do(RingSeat(call=CallKey("run-2"), offer=O2, phone=phone, seconds=20), 1)
    assert bench.last(SeatDeclined).reason == "busy"


def test_an_expected_ring_is_picked_up_by_itself() -> None:
    bench = bench_outside()
    bench.device.pass_time(0)
    phone = Phone(PhoneKind.SIMULATED, "8009")
    bench.device.do(RingSeat(call=K1, offer=O1, phone=phone, seconds=20, expected=True), 0)
    bench.heard.clear()
    assert bench.at(0.4) == []
    assert bench.at(0.5) == ["SeatAnswered"]


# ── outbound calls ──


def test_an_outbound_call() -> None:
    bench = bench_outside(())
    for _ in range(2):
        ring_first(bench)
    assert bench.said() == ["SeatRinging"]
    port = bench.port()
    assert (port.call, port.placed, port.answered, port.port, port.ringing) == (OUT, True, False, None, (O1,))
    with pytest.raises(Refused, match="nobody of ours"):
        bench.device.do(PlaceCall(call=OUT, number=POLICE, seconds=20), 0.1)
    assert bench.at(0.5) == ["SeatAnswered"]
    for command in (Answer(call=OUT), PlayPrompt(call=OUT, prompt="greeting"), PlayMusic(call=OUT)):
        with pytest.raises(Refused, match="has not picked up"):
            bench.device.do(command, 0.6)
    with pytest.raises(Refused):
        bench.device.do(SendKeys(call=OUT, digits="1"), 0.6)
    for _ in range(2):
        bench.device.do(PlaceCall(call=OUT, number=POLICE, seconds=20), 1)
    with pytest.raises(Refused, match="another side"):
        bench.device.do(PlaceCall(call=OUT, number="12345", seconds=20), 1)
    assert (bench.port().dialled, bench.port().port) == (POLICE, 1)
    assert bench.arrange(O1, now=2, call=OUT) == []
    assert not bench.port().caller_in_room
    bench.device.pass_time(3)
    assert bench.said() == ["CallAnswered", "LegsJoined"]
    assert (bench.port().answered, bench.port().caller_in_room) == (True, True)
    bench.device.do(StartRecording(call=OUT, name="rec"), 3)
    bench.said()
    assert bench.at(62.9) == []
    assert bench.at(63) == ["RecordingStopped", "CallReleased"]
    assert not bench.device.ports()


@pytest.mark.parametrize(
    ("number", "after", "cause"),
    [("1", 1.0, "busy"), ("2", 20, "no_answer"), ("3", 1.5, "unreachable"), ("4", 20, "no_answer")],
)
def test_the_other_side_does_not_take_it(number: str, after: float, cause: str) -> None:
    bench = dial(number, now=1)
    assert bench.at(1 + after - 0.1) == []
    bench.device.pass_time(1 + after)
    released = bench.last(CallReleased)
    assert (released.by, released.cause) == (EndedBy.NETWORK, cause)
    assert not bench.device.lines


def test_no_channel_is_free() -> None:
    bench = bench_outside((0.0,), ports=1)
    bench.device.pass_time(0)
    ring_first(bench)
    bench.device.pass_time(1)
    bench.device.do(PlaceCall(call=OUT, number=POLICE, seconds=20), 1)
    released = bench.last(CallReleased)
    assert (released.call, released.cause) == (OUT, "congestion")
    bench.device.do(Release(call=K1), 2)
    assert [status.port for status in bench.device.ports()] == []


def test_answered_before_he_is_let_in_he_hears_music() -> None:
    bench = dial()
    bench.device.pass_time(3)
    assert bench.said() == ["CallAnswered"]
    assert bench.device.lines[OUT].mood is Mood.ON_HOLD
    bench.device.do(SendKeys(call=OUT, digits="12#"), 4)
    assert bench.device.lines[OUT].keys == "12#"
    assert bench.at(43) == ["CallReleased"]


@pytest.mark.parametrize("expected", [True, False])
def test_the_first_leg_goes_before_anybody_is_rung(expected: bool) -> None:
    """Let go, not picked up, or put down again: nothing is left of the call."""
    bench = bench_outside(())
    ring_first(bench, expected=expected)
    bench.device.pass_time(1)
    bench.heard.clear()
    bench.device.do(StopRinging(call=OUT, offer=O1), 1)
    assert bench.last(CallReleased).by is EndedBy.US
    assert bench.said() == (["SeatReleased", "CallReleased"] if expected else ["CallReleased"])
    assert not bench.device.lines
    bench.device.do(Release(call=OUT), 2)
    with pytest.raises(Refused, match="is over"):
        ring_first(bench, now=3)
    assert bench.said() == []


def test_the_first_leg_is_not_picked_up_or_put_down_again() -> None:
    bench = bench_outside(())
    ring_first(bench, expected=False)
    assert bench.at(20) == ["SeatRinging", "SeatDeclined", "CallReleased"]
    bench = bench_outside(())
    ring_first(bench)
    assert bench.at(90.4) == ["SeatRinging", "SeatAnswered"]
    assert bench.at(90.5) == ["SeatReleased", "CallReleased"]


def test_an_engaged_seat_cannot_dial() -> None:
    bench = bench_outside()
    bench.device.pass_time(0)
    bench.ring(O2, "8009")
    bench.heard.clear()
    ring_first(bench)
    assert bench.said() == ["SeatDeclined", "CallReleased"]
    assert [status.call for status in bench.device.ports()] == [K1]


def test_what_is_no_outbound_call() -> None:
    bench = bench_outside()
    bench.connect()
    with pytest.raises(Refused, match="another side"):
        bench.device.do(PlaceCall(call=K1, number=POLICE, seconds=20), 4)
    with pytest.raises(Refused, match="no call"):
        bench.device.do(PlaceCall(call=OUT, number=POLICE, seconds=20), 4)
    with pytest.raises(Refused, match="no call"):
        bench.device.do(RingSeat(call=OUT, offer=O2, phone=Phone(PhoneKind.SIMULATED, "8009"), seconds=20), 4)
    desk = Phone(PhoneKind.DESK, "8009")
    with pytest.raises(Refused, match="no desk phone"):
        bench.device.do(RingSeat(call=OUT, offer=O2, phone=desk, seconds=20, first=True), 4)
    assert len(bench.device.lines) == 1


def test_an_outbound_call_outlives_the_service() -> None:
    before = dial()
    before.device.pass_time(2)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(before.device.save()), type=Saved)
    after = Bench(arrivals=[], start=START, run="later")
    after.device.restore(saved)
    assert after.port() == before.port()
    assert after.at(3) == ["CallAnswered"]
    after.device.drain(4, 10)
    assert after.at(14) == ["CallReleased"]


def test_a_number_that_rings_is_waited_for() -> None:
    bench = bench_outside(())
    ring_first(bench)
    bench.device.pass_time(85)
    bench.said()
    bench.device.do(PlaceCall(call=OUT, number="2", seconds=20), 85)
    assert bench.at(104.9) == []
    assert bench.at(105) == ["CallReleased"]


def test_the_key_of_an_outbound_call_that_is_over_is_not_taken_again() -> None:
    before = dial()
    before.device.do(Release(call=OUT), 2)
    after = bench_outside(())
    after.device.restore(before.device.save())
    for bench in (before, after):
        with pytest.raises(Refused, match="is over"):
            ring_first(bench, now=3)


def test_drain_ends_outbound_calls() -> None:
    for until in (0.2, 1.0, 2.0):
        bench = bench_outside(())
        ring_first(bench)
        bench.device.pass_time(until)
        if until == 2.0:
            bench.device.do(PlaceCall(call=OUT, number="2", seconds=20), until)
        bench.device.drain(until, 5)
        bench.device.pass_time(until + 5)
        assert not bench.device.lines


# ── keys ──


def test_keys_reach_whom_they_are_sent_to() -> None:
    bench = bench_outside()
    bench.connect()
    bench.device.do(RingOutside(call=K1, offer=O2, number=POLICE, seconds=20), 4)
    with pytest.raises(Refused):
        bench.device.do(SendKeys(call=K1, digits="1", offer=O2), 5)
    bench.device.pass_time(6)
    bench.device.do(SendKeys(call=K1, digits="1*", offer=O2), 7)
    bench.device.do(SendKeys(call=K1, digits="#", offer=O2), 8)
    bench.device.do(SendKeys(call=K1, digits="9"), 9)
    line = bench.device.lines[K1]
    assert (line.legs[O2].keys, line.legs[O1].keys, line.keys) == ("1*#", "", "9")
    for digits in ("", "x", "1 2", "1" * 65):
        with pytest.raises(Refused):
            bench.device.do(SendKeys(call=K1, digits=digits), 9)


# ── the province ──


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_callers_whom_the_province_passed_on(share: float) -> None:
    bench = bench_outside((0.0, 1.0), callers=msgspec.structs.replace(STEADY, from_province=share))
    bench.device.pass_time(2)
    ids = [fact.their_id for fact in bench.heard if isinstance(fact, CallOffered)]
    assert len(set(ids)) == (2 if share else 1)
    assert all(bool(each) == bool(share) for each in ids)
