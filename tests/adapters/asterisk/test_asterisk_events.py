"""What Asterisk really sent, read again: a call with a busy seat, a talk, a recording, and a caller who gave up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.events import Channel, call_of, declined, decode, fact, moment, number, offered
from adapters.asterisk.ids import bridge_id, leg_id, playback_id, read_bridge, read_leg, read_playback
from adapters.asterisk.lines import Leg, Line
from adapters.asterisk.snapshot import Application, Bridge, Snapshot, live, orphans, statuses
from adapters.telephony import (
    AdapterName,
    CallEvent,
    CallKey,
    CallReleased,
    EndedBy,
    Handling,
    LegsJoined,
    OfferId,
    RecordingStopped,
    SeatDeclined,
)

NAME = AdapterName("line-1")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RECORDED = (Path(__file__).parent / "recorded_events.jsonl").read_text("utf-8").splitlines()
ids = st.text(st.characters(codec="ascii", exclude_characters="~", categories=("L", "N", "P")), min_size=1, max_size=40)


def _read(line: Line | None = None) -> list[CallEvent]:
    told = (fact(decode(text), NAME, NOW, line) for text in RECORDED)
    return [said for said in told if said is not None]


def test_the_recorded_call() -> None:
    told = _read()
    assert [type(said).__name__ for said in told] == [
        *("CallOffered", "CallAnswered", "DigitsPressed", "PromptEnded", "SeatDeclined", "SeatRinging"),
        *("SeatAnswered", "LegsJoined", "RecordingStarted", "CallReleased", "RecordingStopped", "SeatReleased"),
        *("CallOffered", "CallReleased"),
    ]
    assert len({said.event_id for said in told}) == len(told)
    assert all(said.at.tzinfo and said.heard_at == NOW for said in told)
    (refusal,) = (said for said in told if isinstance(said, SeatDeclined))
    assert (refusal.offer, refusal.reason, refusal.seat_fault) == ("o-1", "busy", False)
    (joined,) = (said for said in told if isinstance(said, LegsJoined))
    assert joined.offer == "o-2"
    (kept,) = (said for said in told if isinstance(said, RecordingStopped))
    assert (kept.file, kept.missing) == ("r-1.wav", "")
    assert {said.call for said in told} == {"hotline-1795319957.0", "hotline-1795319958.6"}


def test_reading_twice_tells_the_same() -> None:
    assert _read() == _read()


def test_both_sides_of_the_join_are_needed() -> None:
    """The first one in the bridge hears nobody yet."""
    entered = [decode(text) for text in RECORDED if "ChannelEnteredBridge" in text]
    assert [fact(event, NAME, NOW, None) is None for event in entered] == [True, False]


@pytest.mark.parametrize(
    ("line", "by"),
    [
        (Line(released=True, hangup_cause=32), EndedBy.US),
        (Line(hangup_cause=16), EndedBy.CALLER),
        (Line(hangup_cause=127), EndedBy.CALLER),
        (Line(hangup_cause=38), EndedBy.NETWORK),
        (Line(), EndedBy.UNKNOWN),
    ],
)
def test_who_ended_it(line: Line, by: EndedBy) -> None:
    end = next(decode(text) for text in RECORDED if '"StasisEnd"' in text)
    said = fact(end, NAME, NOW, line)
    assert isinstance(said, CallReleased)
    assert said.by is by


@pytest.mark.parametrize(
    ("cause", "rang", "stopped", "reason"),
    [
        (17, True, False, ("busy", False)),
        (21, True, False, ("rejected", False)),
        (19, True, False, ("no_answer", False)),
        (19, False, False, ("unreachable", True)),
        (0, True, False, ("no_answer", False)),
        (0, False, False, ("unreachable", True)),
        (20, False, False, ("unreachable", True)),
        (17, True, True, ("stopped", False)),
    ],
)
def test_why_a_phone_declined(cause: int, rang: bool, stopped: bool, reason: tuple[str, bool]) -> None:
    assert declined(cause, rang=rang, stopped=stopped) == reason


def test_a_leg_is_remembered_as_stopped() -> None:
    end = next(decode(text) for text in RECORDED if '"ChannelDestroyed"' in text)
    said = fact(end, NAME, NOW, Line(legs={OfferId("o-1"): Leg(rang=True, stopped=True)}))
    assert isinstance(said, SeatDeclined)
    assert said.reason == "stopped"


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{}", '{"type": 7}', '{"type":"StasisStart","channel":"x"}'])
def test_garbage(text: str) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(text)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    try:
        event = decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    fact(event, NAME, NOW, None)


def test_unknown_events_and_channels_of_others_say_nothing() -> None:
    assert fact(decode('{"type":"Dial","channel":{"id":"x"}}'), NAME, NOW, None) is None
    assert fact(decode('{"type":"PlaybackFinished","playback":{"id":"theirs"}}'), NAME, NOW, None) is None
    assert call_of(decode('{"type":"BridgeDestroyed","bridge":{"id":"theirs"}}')) is None


def test_times_and_numbers() -> None:
    assert moment("2026-11-22T11:59:17.121+0800", NOW) == datetime(2026, 11, 22, 3, 59, 17, 121000, UTC)
    assert moment("2026-11-22T11:59:17.121", NOW) == NOW
    assert moment("soon", NOW) == NOW
    assert [number(text) for text in ("13800138000", "+8613800138000", "", "anonymous", "1" * 40)] == [
        *("13800138000", "+8613800138000", None, None, None)
    ]
    assert offered(Channel(id="c"), NAME, NOW).caller is None
    names = ("DAHDI/3-1", "DAHDI/i1/31-2", "PJSIP/carrier-00000003", "DAHDI/pseudo")
    assert [offered(Channel(id="c", name=name), NAME, NOW).port for name in names] == [3, 31, None, None]


@given(ids, ids)
def test_ids_say_their_call(call: str, other: str) -> None:
    key, offer = CallKey(call), OfferId(other)
    assert read_leg(leg_id(key, offer)) == (key, offer)
    assert read_bridge(bridge_id(key)) == key
    assert read_playback(playback_id(key, other, 3)) == (key, other)
    assert read_leg(bridge_id(key)) is None


def test_a_snapshot() -> None:
    def channel(name: str, state: str = "Up", context: str = "hotline-in") -> Channel:
        made = '{"id":"%s","state":"%s","creationtime":"2026-11-22T03:59:17.121+0000","dialplan":{"context":"%s"}}'
        return msgspec.json.decode(made % (name, state, context), type=Channel)

    snapshot = Snapshot(
        application=Application("hotline", ("a", "b", "seat~a~1", "seat~b~2", "seat~b~3")),
        channels=(
            *(channel("a"), channel("b", "Ring"), channel("f", context="hotline-fallback"), channel("d")),
            *(channel("seat~a~1"), channel("seat~b~2", "Ringing"), channel("seat~b~3"), channel("seat~gone~4")),
        ),
        bridges=(Bridge("call~a", ("a", "seat~a~1")), Bridge("call~gone", ()), Bridge("theirs", ("x",))),
    )
    calls = live(snapshot, "hotline-fallback")
    a, b, f = statuses(calls, {CallKey("a"): Line(recording="r")}, NOW)
    assert (a.call, a.joined_offer, a.answered_offer, a.ringing_offers, a.recording) == ("a", "1", None, (), True)
    assert (b.answered, b.joined_offer, b.answered_offer, b.ringing_offers, b.recording) == (
        False,
        None,
        "3",
        ("2",),
        False,
    )
    assert (f.call, f.handling) == ("f", Handling.DEVICE)
    assert orphans(snapshot, calls) == (["seat~gone~4"], ["call~gone"])
