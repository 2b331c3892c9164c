"""Who hears whom: hold, consultation, three-way, transfer, a supervisor beside it; and how long callers bear it."""

from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from adapters.errors import Refused
from adapters.simulated.line import Mood, Saved
from adapters.simulated.world import Shape, Span
from adapters.telephony import (
    Arrange,
    CallReleased,
    EndedBy,
    LegsJoined,
    OfferId,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    SeatReleased,
    StopRinging,
    Watch,
    WatchMode,
)
from tests.adapters.simulated.bench import K1, O1, O2, O3, START, STEADY, Bench


def test_talk_time_stands_still_on_hold() -> None:
    bench = Bench()
    bench.connect()
    assert bench.arrange(O1, now=23, caller=False) == []
    assert (bench.port().room, bench.port().caller_in_room) == ((O1,), False)
    assert bench.arrange(O1, now=23, caller=False) == []
    assert bench.arrange(O1, now=53) == ["LegsJoined"]
    assert bench.port().caller_in_room
    assert bench.at(92.9) == []
    assert bench.at(93) == ["CallReleased"], "20 s of 60 were talked before the hold, 30 s held, 40 s talked after it"


def test_patience_on_hold() -> None:
    bench = Bench()
    bench.connect()
    bench.arrange(O1, now=13, caller=False)
    assert bench.at(52.9) == []
    bench.arrange(O1, now=52.9)
    bench.arrange(O1, now=53, caller=False)
    bench.said()
    assert bench.at(92.9) == [], "it begins anew with each hold"
    bench.device.pass_time(93)
    assert bench.last(CallReleased).by is EndedBy.CALLER


def test_nobody_endless_loses_patience_on_hold() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, endless=True))
    bench.connect()
    bench.arrange(O1, now=13, caller=False)
    assert bench.at(100_000) == []


def test_consultation_three_way_and_transfer() -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 10)
    assert bench.arrange(O1, O2, now=13, caller=False) == [], "who is consulted does not hear the caller"
    assert bench.device.lines[K1].mood is Mood.ON_HOLD
    bench.arrange(O1, O2, now=20)
    bench.device.do(StopRinging(call=K1, offer=O1), 30)
    assert bench.said() == ["SeatReleased"]
    assert bench.arrange(O2, now=30) == []
    assert (bench.port().room, bench.port().picked_up) == ((O2,), (O2,))
    assert bench.at(69.9) == []
    assert bench.at(70) == ["CallReleased"], "60 s of talk and 7 s of hold, with two lawyers"


def test_joined_is_said_of_each_leg_that_comes_to_hear_the_caller() -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 4)

    def joined(*room: OfferId, caller: bool = True) -> list[OfferId | None]:
        bench.device.do(Arrange(call=K1, room=room, caller=caller), 8)
        found = [fact.offer for fact in bench.heard if isinstance(fact, LegsJoined)]
        bench.heard.clear()
        return found

    assert joined(O1, O2, caller=False) == []
    assert joined(O1, O2) == [O1, O2], "both, after the hold"
    assert joined(O2, O1) == []
    assert joined(O2) == []
    assert joined(O2, O1) == [O1]
    assert joined() == []
    assert joined(O2) == [O2]


@pytest.mark.parametrize("order", list(permutations((O1, O2, O3))))
def test_legs_leave_in_any_order(order: tuple[OfferId, ...]) -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 4)
    bench.add(O3, "8003", 8)
    assert bench.arrange(O1, O2, O3, now=11) == ["LegsJoined", "LegsJoined"]
    there = {O1, O2, O3}
    for now, offer in enumerate(order, 12):
        bench.device.do(StopRinging(call=K1, offer=offer), now)
        bench.device.do(StopRinging(call=K1, offer=offer), now)
        released = bench.last(SeatReleased)
        assert (released.offer, released.hung_up) == (offer, False)
        assert bench.said() == ["SeatReleased"]
        there.discard(offer)
        assert set(bench.port().room) == set(bench.port().picked_up) == there
    assert bench.device.lines[K1].mood is Mood.UNHEEDED
    assert bench.at(14 + 89.9) == []
    assert bench.at(14 + 90) == ["CallReleased"], "nobody is left and nobody says anything"


def test_left_alone_with_music_he_waits() -> None:
    bench = Bench()
    bench.connect()
    bench.device.do(StopRinging(call=K1, offer=O1), 10)
    bench.device.do(PlayMusic(call=K1), 10)
    bench.ring(O2, "8002", 30)
    assert bench.device.lines[K1].mood is Mood.WAITING
    bench.said()
    bench.device.pass_time(33)
    bench.arrange(O2, now=33)
    assert bench.at(85.9) == []
    assert bench.at(86) == ["CallReleased"], "7 of 60 s were talked before, 53 after"


def test_handed_to_a_phone_that_rings_he_waits() -> None:
    bench = Bench(robots=("8001",))
    bench.connect()
    bench.ring(O2, "8002", 5)
    assert bench.device.lines[K1].mood is Mood.TALKING
    bench.device.do(StopRinging(call=K1, offer=O1), 6)
    assert bench.device.lines[K1].mood is Mood.WAITING
    assert bench.at(24.9) == ["SeatRinging", "SeatReleased"]
    assert bench.at(25) == ["SeatDeclined"]
    assert bench.at(106) == ["CallReleased"]


def test_who_waits_goes_on_waiting_when_a_phone_was_picked_up_for_nothing() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    bench.ring()
    bench.device.pass_time(3)
    bench.arrange(O1, now=3, caller=False)
    bench.device.do(StopRinging(call=K1, offer=O1), 5)
    bench.said()
    assert bench.at(99.9) == []
    assert bench.at(100) == ["CallReleased"]


def test_a_picture_that_is_wrong_changes_nothing() -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 4)
    bench.arrange(O1, now=8, watching=(Watch(offer=O2, at=O1, mode=WatchMode.LISTEN),))
    before = bench.port()
    both = Watch(offer=O1, at=O2, mode=WatchMode.LISTEN)
    for room, watching in (
        ((O1, O3), ()),
        ((O1, O2), (both,)),
        ((), (both, Watch(offer=O2, at=O1, mode=WatchMode.LISTEN))),
        ((O1,), (Watch(offer=O3, at=O1, mode=WatchMode.LISTEN),)),
        ((O1,), (Watch(offer=O2, at=O3, mode=WatchMode.LISTEN),)),
    ):
        with pytest.raises(Refused):
            bench.arrange(*room, now=9, watching=watching)
        assert bench.port() == before
    with pytest.raises(Refused):
        bench.arrange(O1, now=9, muted=(O3,))
    assert bench.said() == []


def test_watching_is_seen_and_ends_with_either_leg() -> None:
    for gone in (O1, O2):
        bench = Bench()
        bench.connect()
        bench.add(O2, "8002", 4)
        for mode in WatchMode:
            watch = Watch(offer=O2, at=O1, mode=mode)
            assert bench.arrange(O1, now=8, watching=(watch,)) == []
            assert (bench.port().watching, bench.port().room) == ((watch,), (O1,))
        bench.device.do(StopRinging(call=K1, offer=gone), 9)
        assert bench.port().watching == ()
        assert bench.port().room == (() if gone == O1 else (O1,))


def test_barging_is_being_in_the_room() -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 4)
    bench.arrange(O1, now=8, watching=(Watch(offer=O2, at=O1, mode=WatchMode.LISTEN),))
    assert bench.arrange(O1, O2, now=9) == ["LegsJoined"]
    assert (bench.port().watching, bench.port().room) == ((), (O1, O2))


def test_mute_is_kept_for_legs_in_the_room_only() -> None:
    bench = Bench()
    bench.connect()
    bench.add(O2, "8002", 4)
    assert bench.arrange(O1, now=8, muted=(O1, O2)) == []
    assert bench.device.lines[K1].muted == (O1,)
    assert bench.arrange(O1, now=9) == [], "to be heard again is not to join again"
    assert bench.device.lines[K1].muted == ()


def test_coming_into_the_room_cuts_the_announcement_staying_there_does_not() -> None:
    bench = Bench()
    bench.connect()
    bench.arrange(O1, now=4, caller=False)
    bench.device.do(PlayPrompt(call=K1, prompt="greeting"), 5)
    bench.heard.clear()
    bench.device.do(StopRinging(call=K1, offer=O2), 6)
    assert bench.arrange(O1, now=6, caller=False) == []
    bench.device.pass_time(7)
    assert bench.arrange(O1, now=7) == ["PromptEnded", "LegsJoined"]
    bench.device.do(PlayPrompt(call=K1, prompt="greeting"), 8)
    assert bench.arrange(O1, now=9) == []
    bench.device.pass_time(14)
    assert not bench.last(PromptEnded).interrupted
    assert bench.device.lines[K1].mood is Mood.TALKING


def test_all_seats_hang_up_when_the_talk_is_over() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, hears_out=0.0))
    bench.connect()
    bench.add(O2, "8002", 4)
    bench.arrange(O1, O2, now=8, caller=False)
    bench.arrange(O1, O2, now=13)
    bench.said()
    assert bench.at(68) == ["SeatReleased", "SeatReleased"]
    assert bench.device.lines[K1].mood is Mood.UNHEEDED
    bench.add(O2, "8002", 69)
    assert bench.arrange(O2, now=72) == ["LegsJoined"]
    assert bench.at(131.9) == []
    assert bench.at(132) == ["SeatReleased"], "another lawyer is another talk"


def test_a_conversation_outlives_the_service() -> None:
    before = Bench(callers=msgspec.structs.replace(STEADY, patience_on_hold=Span(500, Shape.FIXED)))
    before.connect()
    before.add(O2, "8002", 4)
    before.add(O3, "8003", 8)
    watch = Watch(offer=O3, at=O1, mode=WatchMode.WHISPER)
    before.arrange(O1, O2, now=13, caller=False, muted=(O1,), watching=(watch,))
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(before.device.save()), type=Saved)
    after = Bench(arrivals=[], start=START, run="later")
    after.device.restore(saved)
    assert after.port() == before.port()
    assert after.device.lines[K1].muted == (O1,)
    assert after.arrange(O1, O2, now=23) == ["LegsJoined", "LegsJoined"]
    assert after.at(72.9) == []
    assert after.at(73) == ["CallReleased"], "10 of 60 s were talked before the service was killed"


def test_drain_ends_what_is_held() -> None:
    bench = Bench()
    bench.connect()
    bench.arrange(O1, now=5, caller=False)
    bench.device.drain(5, 10)
    bench.arrange(O1, now=9)
    bench.said()
    assert bench.at(15) == ["CallReleased"]
