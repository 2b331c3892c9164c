"""Careless devices: what was found by fuzzing and must not come back."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from adapters.card.wire import read_order, read_said
from adapters.cti_serial.adapter import CtiSerial
from adapters.cti_serial.plugin import PLUGIN
from adapters.modem.stream import Stream
from adapters.reading import Clock, Unreadable, printable, seconds
from adapters.registry import Site
from adapters.telephony import AdapterName, CallReleased

NOW = datetime(2026, 3, 14, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"), [("12", 12), (" 12\t", 12), ("3\x1d", 3), ("\u20033\x1f", 3), ("1234567", None), ("1 2", None)]
)
def test_seconds_among_blanks_of_any_kind(said: str, meant: int | None) -> None:
    assert seconds(said) == meant


@pytest.mark.parametrize("said", ["line '13800138000' has no channel", "Invalid value '5477580'", "8653123 twice"])
def test_a_reason_shows_no_phone_number(said: str) -> None:
    for shown in (printable(said), str(Unreadable(said))):
        assert "…" in shown
        assert not any(part.isdigit() and len(part) > 6 for part in shown.replace("'", " ").split())


def test_a_time_of_another_age_is_told_in_few_figures() -> None:
    clock = Clock(zone="Asia/Shanghai", max_ahead=timedelta(minutes=2), max_age=timedelta(days=31))
    assert clock.read("9999-01-01 00:00:00", NOW) == (NOW, "time 7978 years ahead of ours")
    assert clock.read("2000-01-01 00:00:00", NOW) == (NOW, "time 26 years old")
    assert clock.read("2026-01-01 00:00:00", NOW) == (NOW, "time 72 days old")


def test_short_numbers_stay_readable() -> None:
    assert printable("no rule fits: \ue58aR") == "no rule fits: ?R"
    assert printable("expected 3 fields, found 12; extension 8001") == "expected 3 fields, found 12; extension 8001"


def test_a_call_monitor_with_a_control_character_behind_the_duration() -> None:
    built = _listening("fritz")
    said = b"14.03.26 12:00:00;RING;3;13800138000;12348;SIP0;\n14.03.26 12:00:05;DISCONNECT;3;3\x1d;\n"
    facts = [fact for body, at in built.framed([("a", said, NOW)]) for fact in built.decode(body, at).events]
    assert isinstance(facts[-1], CallReleased)


def test_a_line_that_is_named_like_a_phone_number_is_not_shown() -> None:
    built = _listening("ncid")
    said = b"CALL: ###DATE03141200...CALLIN...LINE6369043...NMBR13800138000...NAMENO NAME+++\r\n"
    (body,) = built.framed([("a", said, NOW)])
    (refused,) = built.decode(*body).refused
    assert "6369043" not in refused.reason


@pytest.mark.parametrize("read", [read_said, read_order])
@pytest.mark.parametrize("line", [b'{"\xd2', b'{"is":"Ready","deep":' + b"[" * 60_000], ids=["no text", "deep"])
def test_a_driver_host_whose_library_prints_anything(read: Callable[[bytes], object], line: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read(line)


@pytest.mark.parametrize("said", [b"\n", b"\r", b"\x11", b"\x10R", b"x\n"])
def test_a_modem_that_should_send_sound_and_sends_line_ends_costs_in_proportion(said: bytes) -> None:
    def took(size: int) -> float:
        def once() -> float:
            stream = Stream()
            stream.expect_sound(True)
            began = time.thread_time()
            stream.feed((said * size)[:size])
            return time.thread_time() - began

        return min(once() for _ in range(5))

    assert took(16_384) < 12 * took(4096), "four times as much took more than twelve times as long"


def _listening(dialect: str) -> CtiSerial:
    table = {"wires": {"a": {"url": "/dev/null", "dialect": dialect}}}
    site = Site(state_dir=Path("/nowhere"), secret=lambda reference: "")
    built = PLUGIN.build(AdapterName("box-1"), PLUGIN.settings.model_validate(table), site)
    assert isinstance(built, CtiSerial)
    return built
