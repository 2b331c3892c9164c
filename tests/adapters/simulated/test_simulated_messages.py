"""Messages (留言): what callers say to a machine, how it ends, and what ends it."""

from __future__ import annotations

import msgspec
import pytest

from adapters.simulated.line import Mood
from adapters.telephony import (
    CallReleased,
    EndedBy,
    PlayMusic,
    PlayPrompt,
    RecordingStopped,
    Release,
    StartRecording,
    TakeMessage,
)
from tests.adapters.simulated.bench import K1, O1, STEADY, Bench


def leaves_message(presses_hash: float = 0.0, seconds: int = 60) -> Bench:
    bench = Bench(callers=msgspec.structs.replace(STEADY, presses_hash=presses_hash))
    bench.device.pass_time(0)
    bench.device.do(PlayPrompt(call=K1, prompt="greeting"), 0)
    bench.heard.clear()
    for _ in range(2):
        bench.device.do(TakeMessage(call=K1, name="message-1", seconds=seconds), 1)
    return bench


def test_a_message_and_a_hang_up() -> None:
    bench = leaves_message()
    assert bench.said() == ["PromptEnded", "RecordingStarted"]
    assert bench.port().recording
    bench.device.pass_time(16)
    stopped, released = bench.heard
    assert isinstance(stopped, RecordingStopped)
    assert (stopped.name, stopped.seconds) == ("message-1", 15.0)
    assert isinstance(released, CallReleased)
    assert released.by is EndedBy.CALLER


@pytest.mark.parametrize(("presses_hash", "seconds", "end"), [(1.0, 60, 16), (0.0, 5, 6)])
def test_a_message_that_ends_with_the_hash_key_or_the_time(presses_hash: float, seconds: int, end: float) -> None:
    bench = leaves_message(presses_hash, seconds)
    bench.heard.clear()
    assert bench.at(end - 0.1) == []
    assert bench.at(end) == ["RecordingStopped"]
    assert bench.device.lines[K1].mood is Mood.UNHEEDED
    assert not bench.port().recording


def test_music_from_before_the_message_is_over() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, presses_hash=1.0))
    bench.device.pass_time(0)
    bench.device.do(PlayMusic(call=K1), 0)
    bench.device.do(TakeMessage(call=K1, name="message-1", seconds=60), 1)
    bench.device.pass_time(16)
    assert bench.device.lines[K1].mood is Mood.UNHEEDED


def test_what_ends_a_message() -> None:
    for command in (
        PlayPrompt(call=K1, prompt="thanks"),
        PlayMusic(call=K1),
        StartRecording(call=K1, name="rec"),
        TakeMessage(call=K1, name="message-2", seconds=60),
        Release(call=K1),
    ):
        bench = leaves_message()
        bench.heard.clear()
        bench.device.do(command, 3)
        assert isinstance(bench.heard[0], RecordingStopped)
        assert bench.heard[0].name == "message-1"
        bench.device.pass_time(1000)
        assert not bench.device.lines


def test_talking_and_leaving_a_message_exclude_each_other() -> None:
    bench = Bench(callers=msgspec.structs.replace(STEADY, presses_hash=1.0))
    bench.connect()
    bench.device.do(TakeMessage(call=K1, name="message-1", seconds=60), 4)
    assert (bench.port().room, bench.port().caller_in_room) == ((O1,), False)
    assert bench.device.lines[K1].mood is Mood.SPEAKING
    bench.device.pass_time(19)
    assert bench.device.lines[K1].mood is Mood.ON_HOLD
    bench = leaves_message()
    bench.ring(now=2)
    bench.device.pass_time(5)
    bench.heard.clear()
    assert bench.arrange(O1, now=5) == ["RecordingStopped", "LegsJoined"]
