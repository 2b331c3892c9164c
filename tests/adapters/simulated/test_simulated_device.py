"""What the telephones do, second by second, under every command."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from adapters.errors import Refused
from adapters.simulated.line import Saved
from adapters.simulated.world import Shape, Span
from adapters.telephony import (
    Answer,
    Arrange,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegsJoined,
    Phone,
    PhoneKind,
    PickUp,
    PlayMusic,
    PlayPrompt,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    StartRecording,
    StopRinging,
)
from tests.adapters.simulated.bench import K1, K2, O1, O2, START, STEADY, Bench


def test_a_call_from_ring_to_hang_up() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    offered = bench.heard[0]
    assert isinstance(offered, CallOffered)
    assert (offered.at, offered.port, offered.dialled) == (START, 1, "12348")
    assert offered.caller is not None
    assert bench.said() == ["CallOffered"]
    bench.device.do(Answer(call=K1), 0.5)
    bench.device.do(PlayPrompt(call=K1, prompt="greeting"), 0.5)
    assert bench.at(6.4) == ["CallAnswered"]
    assert bench.at(6.6) == ["PromptEnded"]
    bench.ring(now=7)
    assert bench.said() == ["SeatRinging"]
    assert bench.at(9.9) == []
    assert bench.at(10) == ["SeatAnswered"]
    bench.device.do(Arrange(call=K1, room=(O1,)), 10)
    bench.device.do(StartRecording(call=K1, name="rec"), 10)
    assert bench.said() == ["LegsJoined", "RecordingStarted"]
    assert bench.at(69.9) == []
    bench.device.pass_time(70)
    stopped, released = bench.heard
    assert isinstance(stopped, RecordingStopped)
    assert (stopped.file, stopped.seconds, stopped.missing) == ("rec.wav", 60.0, "")
    assert isinstance(released, CallReleased)
    assert (released.by, released.at) == (EndedBy.CALLER, START + timedelta(seconds=70))
    assert not bench.device.ports()


def test_event_ids_and_call_keys_never_repeat() -> None:
    bench = Bench(arrivals=[0, 1, 2, 3])
    bench.device.pass_time(500)
    ids = [fact.event_id for fact in bench.heard]
    assert len(set(ids)) == len(ids) == 8
    assert [fact.call for fact in bench.heard if isinstance(fact, CallOffered)] == [f"run-{n}" for n in (1, 2, 3, 4)]


def test_patience_runs_from_the_start_of_waiting() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    bench.device.do(PlayMusic(call=K1), 50)
    bench.said()
    assert bench.at(149) == []
    assert bench.at(150) == ["CallReleased"]


def test_nobody_takes_notice() -> None:
    bench = Bench()
    assert bench.at(89) == ["CallOffered"]
    assert bench.at(90) == ["CallReleased"]


def test_a_persons_seat_answers_by_click_only() -> None:
    bench = Bench(robots=())
    bench.device.pass_time(0)
    bench.ring()
    bench.said()
    assert bench.at(19) == []
    bench.device.do(PickUp(call=K1, offer=O1), 19)
    bench.device.do(PickUp(call=K1, offer=O1), 19.5)
    assert bench.said() == ["SeatAnswered"]
    assert bench.at(60) == []


def test_nobody_picks_up() -> None:
    bench = Bench(robots=())
    bench.device.pass_time(0)
    bench.ring()
    bench.device.pass_time(20)
    declined = bench.heard[-1]
    assert isinstance(declined, SeatDeclined)
    assert (declined.offer, declined.reason, declined.seat_fault) == (O1, "no_answer", False)
    with pytest.raises(Refused):
        bench.device.do(PickUp(call=K1, offer=O1), 21)


def test_an_engaged_phone_declines() -> None:
    bench = Bench(arrivals=[0, 0])
    bench.device.pass_time(0)
    bench.ring()
    bench.heard.clear()
    bench.ring(offer=O2, call=K2)
    declined = bench.heard[-1]
    assert isinstance(declined, SeatDeclined)
    assert (declined.call, declined.reason) == (K2, "busy")


def test_stop_ringing() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    bench.ring()
    bench.said()
    bench.device.do(StopRinging(call=K1, offer=O1), 1)
    assert bench.at(30) == []
    assert bench.port().ringing == ()


def test_menu_keys_cut_the_announcement_short() -> None:
    bench = Bench(menus={"menu": {"1": 1.0}}, prompts={"menu": 9.0})
    bench.device.pass_time(0)
    bench.device.do(PlayPrompt(call=K1, prompt="menu"), 0)
    bench.said()
    bench.device.pass_time(4)
    digits = bench.heard[-1]
    assert isinstance(digits, DigitsPressed)
    assert digits.digits == "1"
    assert bench.said() == ["PromptEnded", "DigitsPressed"]
    assert bench.at(20) == []


def test_an_announcement_that_cannot_be_interrupted() -> None:
    bench = Bench(menus={"sorry": {"1": 1.0}}, prompts={"sorry": 9.0})
    bench.device.pass_time(0)
    bench.device.do(PlayPrompt(call=K1, prompt="sorry", interruptible=False), 0)
    bench.said()
    assert bench.at(20) == ["PromptEnded"]


def test_a_late_number() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, late_number=1.0, late_by=Span(2, Shape.FIXED)))
    bench.device.pass_time(0)
    offered = bench.heard[0]
    assert isinstance(offered, CallOffered)
    assert offered.caller is None
    assert bench.device.ports()[0].caller is None
    assert bench.at(2) == ["CallOffered", "CallerIdentified"]
    assert bench.device.ports()[0].caller is not None


def test_the_lawyer_may_hang_up_first() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, hears_out=0.0))
    bench.connect()
    bench.device.pass_time(63)
    released = bench.last(SeatReleased)
    assert (released.offer, released.hung_up) == (O1, True)
    bench.device.do(Release(call=K1), 63)
    released = bench.heard[-1]
    assert isinstance(released, CallReleased)
    assert released.by is EndedBy.US


def test_repeated_commands_are_harmless() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    for _ in range(2):
        bench.device.do(Answer(call=K1), 0)
        bench.device.do(PlayPrompt(call=K1, prompt="greeting"), 0)
    assert bench.said() == ["CallOffered", "CallAnswered"]
    for _ in range(2):
        bench.device.do(PlayMusic(call=K1), 1)
        bench.ring(now=1)
    assert bench.said() == ["PromptEnded", "SeatRinging"]
    bench.device.pass_time(4)
    for _ in range(2):
        bench.device.do(Arrange(call=K1, room=(O1,)), 4)
        bench.device.do(StartRecording(call=K1, name="rec"), 4)
    bench.ring(now=5)
    assert bench.said() == ["SeatAnswered", "LegsJoined", "RecordingStarted"]
    for _ in range(2):
        bench.device.do(Release(call=K1), 10)
        bench.device.do(StopRinging(call=K1, offer=O1), 10)
    assert bench.said() == ["RecordingStopped", "CallReleased"]


def test_what_is_refused() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    browser = Phone(PhoneKind.BROWSER, "8001")
    for command in (
        Answer(call=CallKey("nobody")),
        Arrange(call=K1, room=(O1,)),
        PickUp(call=K1, offer=O1),
        RingSeat(call=K1, offer=O1, phone=browser, seconds=20),
    ):
        with pytest.raises(Refused):
            bench.device.do(command, 0)
    assert bench.said() == ["CallOffered"]


def test_every_port_taken() -> None:
    bench = Bench(arrivals=[0, 1, 2], ports=2)
    assert bench.at(5) == ["CallOffered", "CallOffered"]
    assert (bench.device.taken, bench.device.turned_away) == (3, 1)
    assert [status.port for status in bench.device.ports()] == [1, 2]


def test_a_port_is_free_again_after_the_call() -> None:
    bench = Bench(arrivals=[0, 2, 4], ports=1)
    bench.device.pass_time(0)
    bench.device.do(Release(call=K1), 1)
    bench.device.pass_time(5)
    assert (bench.device.taken, bench.device.turned_away) == (3, 1)
    assert bench.port().call == K2


def test_ports_are_the_truth() -> None:
    bench = Bench(robots=())
    bench.device.pass_time(0)
    assert (bench.device.ports()[0].answered, bench.device.ports()[0].since) == (False, START)
    bench.ring()
    assert bench.port().ringing == (O1,)
    bench.device.do(PickUp(call=K1, offer=O1), 1)
    status = bench.port()
    assert (status.ringing, status.picked_up, status.room, status.caller_in_room) == ((), (O1,), (), False)
    bench.device.do(Arrange(call=K1, room=(O1,)), 1)
    bench.device.do(StartRecording(call=K1, name="rec"), 1)
    status = bench.port()
    assert (status.answered, status.picked_up, status.room, status.caller_in_room) == (True, (O1,), (O1,), True)
    assert (status.recording, status.placed) == (True, False)


def test_drain_ends_everything_in_time() -> None:
    bench = Bench(arrivals=[0, 0, 0, 5, 30])
    bench.connect()
    bench.ring(offer=O2, extension="8002", now=3, call=K2)
    bench.device.pass_time(10)
    bench.device.drain(10, 15)
    bench.device.do(PickUp(call=K2, offer=O2), 11)
    bench.device.do(Arrange(call=K2, room=(O2,)), 12)
    bench.heard.clear()
    assert set(bench.at(25)) == {"CallReleased"}
    assert not bench.device.lines
    assert bench.at(1000) == []


def test_calls_outlive_the_service() -> None:
    before = Bench(arrivals=[0, 0], start=START)
    before.connect()
    before.device.pass_time(10)
    saved = msgspec.msgpack.decode(msgspec.msgpack.encode(before.device.save()), type=Saved)
    after = Bench(arrivals=[], start=START + timedelta(seconds=20), run="later")
    after.device.restore(saved)
    assert [status.call for status in after.device.ports()] == [K1, K2]
    joined, waiting = after.device.ports()
    assert (joined.room, joined.since, joined.port) == ((O1,), START, 1)
    assert waiting.room == ()
    assert after.at(42.9) == []
    after.device.pass_time(43)
    assert isinstance(after.heard[0], CallReleased)
    assert after.heard[0].at == START + timedelta(seconds=63)
    assert after.heard[0].event_id.startswith("later:")


def test_a_recording_outlives_the_service() -> None:
    before = Bench()
    before.connect()
    before.device.do(StartRecording(call=K1, name="rec"), 3)
    after = Bench(arrivals=[], start=START + timedelta(seconds=20), run="later")
    after.device.restore(before.device.save())
    after.device.do(Release(call=K1), 10)
    stopped = after.heard[0]
    assert isinstance(stopped, RecordingStopped)
    assert stopped.seconds == 27


def test_who_would_have_hung_up_meanwhile_has() -> None:
    before = Bench()
    before.connect()
    after = Bench(arrivals=[], start=START + timedelta(hours=3), run="later")
    after.device.restore(before.device.save())
    assert after.at(0) == ["CallReleased"]


def test_joined_and_answered_are_said_with_their_offer() -> None:
    bench = Bench()
    bench.device.pass_time(0)
    bench.ring()
    bench.device.pass_time(3)
    answered = bench.heard[-1]
    assert isinstance(answered, SeatAnswered)
    assert (answered.offer, answered.seat) == (O1, "8001")
    bench.device.do(Arrange(call=K1, room=(O1,)), 3)
    joined = bench.heard[-1]
    assert isinstance(joined, LegsJoined)
    assert joined.offer == O1
