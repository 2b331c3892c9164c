"""What Asterisk really sent, read again: a call with a busy seat, a talk, a recording, and a caller who gave up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.asterisk.ari import Bridge, Channel, decode, moment, number
from adapters.asterisk.causes import declined
from adapters.asterisk.events import call_of, facts, offered
from adapters.asterisk.ids import (
    bridge_id,
    leg_id,
    playback_id,
    read_bridge,
    read_leg,
    read_playback,
    read_snoop,
    read_watch,
    snoop_id,
    watch_id,
)
from adapters.asterisk.lines import Kind, Leg, Line
from adapters.asterisk.snapshot import Application, Snapshot, line_of, live, orphans, statuses
from adapters.telephony import (
    AdapterName,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    EndedBy,
    Handling,
    LegsJoined,
    OfferId,
    RecordingStopped,
    SeatDeclined,
    Watch,
    WatchMode,
)

NAME = AdapterName("line-1")
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RECORDED = (Path(__file__).parent / "recorded_events.jsonl").read_text("utf-8").splitlines()
ids = st.text(st.characters(codec="ascii", exclude_characters="~", categories=("L", "N", "P")), min_size=1, max_size=40)


def _read(line: Line | None = None) -> list[CallEvent]:
    return [said for text in RECORDED for said in facts(decode(text), NAME, NOW, line)]


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
    assert [len(facts(event, NAME, NOW, None)) for event in entered] == [0, 1]


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
    (said,) = facts(end, NAME, NOW, line)
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
    (said,) = facts(end, NAME, NOW, Line(legs={OfferId("o-1"): Leg(rang=True, stopped=True)}))
    assert isinstance(said, SeatDeclined)
    assert said.reason == "stopped"


@pytest.mark.parametrize(
    "text",
    [
        *("", "nothing", "[]", "{}", '{"type": 7}', '{"type":"StasisStart","channel":"x"}'),
        *(b'{"type":"x","channel":{"id":"\xef"', '{"type":"x","deep":' + "[" * 100_000),
    ],
    ids=lambda text: repr(text[:20]),
)
def test_garbage(text: str | bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        decode(text)


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    try:
        event = decode(data)
    except msgspec.MsgspecError:
        return
    facts(event, NAME, NOW, None)


def test_unknown_events_and_channels_of_others_say_nothing() -> None:
    for text in (
        '{"type":"Dial","channel":{"id":"x"}}',
        '{"type":"PlaybackFinished","playback":{"id":"theirs"}}',
        '{"type":"StasisStart","channel":{"id":"snoop~a~o.1~o.2~listen~7"}}',
        '{"type":"ChannelEnteredBridge","bridge":{"id":"watch~a~o.1","channels":["a"]},"channel":{"id":"a"}}',
    ):
        assert facts(decode(text), NAME, NOW, None) == ()
    assert call_of(decode('{"type":"BridgeDestroyed","bridge":{"id":"theirs"}}')) is None


def test_times_and_numbers() -> None:
    assert moment("2026-11-22T11:59:17.121+0800", NOW) == datetime(2026, 11, 22, 3, 59, 17, 121000, UTC)
    assert moment("2026-11-22T11:59:17.121", NOW) == NOW
    assert moment("soon", NOW) == NOW
    assert [number(text) for text in ("13800138000", "+8613800138000", "", "anonymous", "1" * 40)] == [
        *("13800138000", "+8613800138000", None, None, None)
    ]
    assert offered(Channel(id="c"), NAME, NOW, NOW).caller is None
    names = ("DAHDI/3-1", "DAHDI/i1/31-2", "PJSIP/carrier-00000003", "DAHDI/pseudo")
    assert [offered(Channel(id="c", name=name), NAME, NOW, NOW).port for name in names] == [3, 31, None, None]


def test_who_was_in_the_fallback_has_rung_for_longer() -> None:
    """By Asterisk's own clock, however wrong it goes."""
    text = '{"type":"StasisStart","timestamp":"%s","channel":{"id":"c","creationtime":"2020-01-01T00:00:00.000+0000"}}'
    for told, seconds in (("2020-01-01T00:00:11.500+0000", 11.5), ("2019-12-31T23:59:59.000+0000", 0)):
        (fact,) = facts(decode(text % told), NAME, NOW, None)
        assert isinstance(fact, CallOffered)
        assert fact.rung_seconds == seconds


@given(ids, ids, ids, st.sampled_from(WatchMode), st.booleans())
def test_ids_say_their_call(call: str, other: str, third: str, mode: WatchMode, placed: bool) -> None:
    key, offer = CallKey(f"out~{call}" if placed else call), OfferId(other)
    watch = Watch(offer=offer, at=OfferId(third), mode=mode)
    assert read_leg(leg_id(key, offer)) == (key, offer)
    assert read_bridge(bridge_id(key)) == key
    assert read_watch(watch_id(key, offer)) == (key, offer)
    assert read_snoop(snoop_id(key, watch, 3)) == (key, watch)
    assert read_playback(playback_id(key, other, 3)) == (key, other)
    for name in (bridge_id(key), watch_id(key, offer), snoop_id(key, watch, 3)):
        assert read_leg(name) is None


def _channel(name: str, state: str = "Up", context: str = "hotline-in", leg: str = "") -> Channel:
    made = (
        '{"id":"%s","state":"%s","creationtime":"2026-11-22T03:59:17.121+0000","dialplan":{"context":"%s"},'
        '"channelvars":{"HOTLINE_LEG":"%s"}}'
    )
    return msgspec.json.decode(made % (name, state, context, leg), type=Channel)


def test_a_snapshot() -> None:
    snapshot = Snapshot(
        application=Application("hotline", ("a", "b", "seat~a~1", "seat~b~2", "seat~b~3")),
        channels=(
            *(_channel("a"), _channel("b", "Ring"), _channel("f", context="hotline-fallback"), _channel("d")),
            *(_channel("seat~a~1"), _channel("seat~b~2", "Ringing"), _channel("seat~b~3"), _channel("seat~gone~4")),
        ),
        bridges=(Bridge("call~a", ("a", "seat~a~1")), Bridge("call~gone", ()), Bridge("theirs", ("x",))),
    )
    calls = live(snapshot, "hotline-fallback")
    a, b, f = statuses(calls, {CallKey("a"): Line(recording="r")}, NOW)
    assert (a.call, a.room, a.caller_in_room, a.picked_up, a.ringing, a.recording) == (
        *("a", ("1",), True, ("1",), (), True),
    )
    assert (b.answered, b.room, b.caller_in_room, b.picked_up, b.ringing, b.recording) == (
        *(False, (), False, ("3",), ("2",), False),
    )
    assert (f.call, f.handling) == ("f", Handling.DEVICE)
    assert orphans(snapshot, calls) == (["seat~gone~4"], ["call~gone"])


def test_a_snapshot_with_supervisors_and_calls_that_we_placed() -> None:
    watch = Watch(offer=OfferId("s"), at=OfferId("1"), mode=WatchMode.WHISPER)
    snoop, lost = snoop_id(CallKey("a"), watch, 7), "snoop~a~left~1~listen~8"
    snapshot = Snapshot(
        application=Application("hotline", ("a",)),
        channels=(
            *(_channel("a"), _channel("seat~a~1"), _channel("seat~a~s"), _channel(snoop), _channel(lost)),
            _channel("seat~a~m", leg="mobile"),
            *(_channel("seat~out~x~9"), _channel("out~y", "Ringing"), _channel("seat~out~y~1")),
        ),
        bridges=(
            *(Bridge("call~a", ("a", "seat~a~1")), Bridge("watch~a~s", ("seat~a~s", snoop))),
            *(Bridge("watch~a~left", ()), Bridge("call~out~y", ("seat~out~y~1",))),
        ),
    )
    calls = live(snapshot, "hotline-fallback")
    begun = {CallKey("out~z"): Line(placed=True, began=NOW, legs={OfferId("1"): Leg()})}
    status = {each.call: each for each in statuses(calls, begun, NOW)}
    assert set(status) == {"a", "out~x", "out~y", "out~z"}
    a, x, y, z = (status[CallKey(key)] for key in ("a", "out~x", "out~y", "out~z"))
    assert (a.watching, set(a.picked_up), a.ringing, a.placed) == ((watch,), {"1", "s"}, ("m",), False)
    assert (x.placed, x.answered, x.picked_up, x.caller) == (True, False, ("9",), None)
    assert (y.placed, y.answered, y.room, y.caller_in_room) == (True, False, ("1",), False)
    assert (z.placed, z.ringing) == (True, ("1",))
    assert orphans(snapshot, calls) == ([lost], ["watch~a~left"])
    assert orphans(snapshot, calls, over={CallKey("out~x")})[0] == [lost, "seat~out~x~9"]
    line = line_of(next(call for call in calls if call.key == "a"), NOW)
    assert (line.room, line.caller_in, line.aside, line.mutes_known) == (["1"], True, {"s"}, False)
    assert line.spies[OfferId("s")].channel == snoop
    assert (line.legs[OfferId("m")].kind, line.legs[OfferId("m")].asked) == (Kind.MOBILE, True)


def test_who_comes_to_hear_whom() -> None:
    """The caller who comes back hears all who are there; each joining has an id of its own."""
    text = (
        '{"type":"ChannelEnteredBridge","timestamp":"2026-11-22T03:59:%s.000+0000","bridge":{"id":"call~a",'
        '"channels":["seat~a~1","seat~a~2","a"]},"channel":{"id":"%s"}}'
    )
    caller, again, leg = (
        facts(decode(text % each), NAME, NOW, None) for each in ((10, "a"), (20, "a"), (20, "seat~a~2"))
    )
    assert [said.offer for said in caller if isinstance(said, LegsJoined)] == ["1", "2"]
    assert [said.offer for said in leg if isinstance(said, LegsJoined)] == ["2"]
    assert len({said.event_id for said in (*caller, *again)}) == 4
