"""What call records of the built-in dialects say: the known samples, and every kind of call."""

from __future__ import annotations

from datetime import datetime

import pytest

from adapters.cti_serial.signs import Anchor, Hidden, Recorded
from adapters.cti_serial.smdr import built_in, names
from tests.adapters.cti_serial.smdr_samples import (
    AVAYA_LOST,
    KNOWN,
    PANASONIC_HEADER,
    PANASONIC_RULER,
    avaya,
    hipath,
    panasonic,
    shenou,
)

DIALECTS = {name: built_in(name) for name in names()}


def record(name: str, line: bytes) -> Recorded:
    [sign] = DIALECTS[name].read(line)
    return sign


def test_these_are_built_in() -> None:
    assert names() == ["avaya-ipo", "hipath", "panasonic", "panasonic-tcp", "shenou"]


@pytest.mark.parametrize(("name", "line", "said"), KNOWN)
def test_known_samples(name: str, line: bytes, said: Recorded | None) -> None:
    assert DIALECTS[name].read(line) == ([said] if said else [])


def test_records_tell_everything_once_the_call_is_over() -> None:
    assert all(dialect.tells.answers and dialect.tells.ends for dialect in DIALECTS.values())


def test_a_login_is_sent_to_the_pbx_s_own_port_only() -> None:
    assert {name for name, dialect in DIALECTS.items() if dialect.greeting} == {"panasonic-tcp"}
    assert DIALECTS["panasonic-tcp"].greeting == b"SMDR\r\nPCCSMDR\r\n"
    assert DIALECTS["panasonic-tcp"].read(panasonic()) == DIALECTS["panasonic"].read(panasonic())


def test_serial_ports_as_they_leave_the_factory() -> None:
    wires = {name: dialect.wire for name, dialect in DIALECTS.items()}
    shown = {name: f"{wire.baud} {wire.bytesize}{wire.parity}{wire.stopbits}" for name, wire in wires.items()}
    assert shown["shenou"] == "2400 8N2"
    assert {shown[name] for name in names() if name != "shenou"} == {"9600 8N1"}


# ── Panasonic ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("dial", "number", "name", "dialled"),
    [
        ("<I>13800138000", "13800138000", "", None),
        ("<I>", None, "", None),
        ("<I>ABC COMPANY12345678", "12345678", "ABC COMPANY", None),
        ("<D>CDE9876<I>Q COMPANY", None, "Q COMPANY", "9876"),
        ("<D>12348<I>13800138000", "13800138000", "", "12348"),
        ("<I>SHOP 24", None, "SHOP 24", None),
        ("<I>P12345678", "12345678", "P", None),
    ],
)
def test_panasonic_callers(dial: str, number: str | None, name: str, dialled: str | None) -> None:
    said = record("panasonic", panasonic(dial))
    assert (said.number, said.name, said.dialled, said.hidden) == (number, name, dialled, None)


@pytest.mark.parametrize(
    ("dial", "hidden"),
    [("<I>Private", Hidden.WITHHELD), ("<I>OUT OF AREA", Hidden.OUT_OF_AREA), ("<D>12348<I>P", Hidden.WITHHELD)],
)
def test_panasonic_callers_without_a_number(dial: str, hidden: Hidden) -> None:
    said = record("panasonic", panasonic(dial))
    assert (said.number, said.name, said.hidden) == (None, "", hidden)


@pytest.mark.parametrize(
    ("when", "at"),
    [
        ("03/04/26 12:00AM", "2026-03-04 00:00"),
        ("03/04/26 11:59AM", "2026-03-04 11:59"),
        ("03/04/26 12:00PM", "2026-03-04 12:00"),
        ("12/31/26 01:07PM", "2026-12-31 13:07"),
    ],
)
def test_panasonic_has_a_clock_of_12_hours_and_the_month_first(when: str, at: str) -> None:
    assert record("panasonic", panasonic(when=when)).at == datetime.fromisoformat(at)


def test_panasonic_transfer_and_abandoned_call() -> None:
    assert record("panasonic", panasonic(cd="TR")).more
    answered = record("panasonic", panasonic())
    assert (answered.ring, answered.talked, answered.more) == (5, 65, False)
    for unanswered in (panasonic(cd="NA"), panasonic(talked="00:00'00"), panasonic(talked="")):
        assert (record("panasonic", unanswered).ring, record("panasonic", unanswered).talked) == (5, None)


@pytest.mark.parametrize(
    "line",
    [
        *(panasonic(dial, co="", ring="", talked="") for dial in ("LOG IN", "LOG OUT", "EXT1235", "In the office")),
        *(panasonic(dial, co="", ring="", talked="") for dial in ("Timed Reminder/Start", "Check in", "<I>S003")),
        *(panasonic(dial, ring="") for dial in ("123456XX", "123..............", "ABC COMPANY12345678")),
        *(panasonic(talked="", ring=ring, cd=cd) for ring, cd in (("", "RC"), ("0'20", "AN"))),
        *(PANASONIC_HEADER, PANASONIC_RULER, b"SMDR", b"-SMDR", b"Enter Password:*******", b"-"),
    ],
)
def test_panasonic_lines_that_say_nothing_of_a_caller(line: bytes) -> None:
    assert DIALECTS["panasonic"].read(line) == []


# ── Avaya IP Office ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_avaya_answered_lost_and_held_calls() -> None:
    assert record("avaya-ipo", avaya()) == Recorded(
        port="Line 1.2",
        at=datetime.fromisoformat("2008-08-01 15:14:19"),
        anchor=Anchor.START,
        ring=7,
        talked=5,
        seat="403",
        number="01707299900",
        dialled="390664",
        call="1000013",
    )
    lost = record("avaya-ipo", AVAYA_LOST)
    assert (lost.ring, lost.talked, lost.seat, lost.more) == (9, None, "4324", False)
    assert record("avaya-ipo", avaya(connected="00:00:00", held="3,4")).talked == 7


def test_avaya_call_that_goes_on_to_voice_mail() -> None:
    first, second = record("avaya-ipo", avaya(more="1")), record("avaya-ipo", avaya(party1="V9502,VM Channel 2"))
    assert (first.call, first.more, first.seat, first.talked) == ("1000013", True, "403", 5)
    assert (second.call, second.more, second.seat, second.talked) == ("1000013", False, "", None)
    conference = record("avaya-ipo", avaya(party1="V11002,CO Channel 100.2"))
    assert (conference.seat, conference.talked) == ("", 5)


def test_avaya_numbers_that_are_missing() -> None:
    blank = record("avaya-ipo", avaya(number=""))
    assert (blank.number, blank.hidden, blank.name) == (None, None, "")
    withheld = record("avaya-ipo", avaya(number="Withheld"))
    assert (withheld.number, withheld.hidden, withheld.name) == (None, Hidden.WITHHELD, "")
    words = record("avaya-ipo", avaya(number="sip:someone@example.org"))
    assert (words.number, words.hidden, words.name) == (None, None, "sip:someone@example.org")


@pytest.mark.parametrize("name", ["张律师", "\udc80\udcff", ""])
def test_avaya_users_have_any_name(name: str) -> None:
    assert record("avaya-ipo", avaya(party1=f"E403,{name}")) == record("avaya-ipo", avaya())


def test_avaya_calls_of_our_own() -> None:
    for line in (avaya(direction="O"), avaya(direction="O", internal="1"), avaya(internal="1")):
        assert DIALECTS["avaya-ipo"].read(line) == []


# ── Siemens HiPath, 申瓯 ──────────────────────────────────────────────────────────────────────────────────────────────


def test_hipath_kinds_of_records() -> None:
    assert all(len(DIALECTS["hipath"].read(hipath(kind))) == 1 for kind in ("1", "5", "7", "51"))
    assert all(DIALECTS["hipath"].read(hipath(kind)) == [] for kind in ("2", "3", "4", "6", "8", "9", "52"))
    assert DIALECTS["hipath"].read(hipath("0", ring="", talked="")) == []


def test_hipath_abandoned_call_dialled_number_and_masked_number() -> None:
    abandoned = record("hipath", hipath(talked="", ring="00:41"))
    assert (abandoned.ring, abandoned.talked, abandoned.seat) == (41, None, "104")
    assert record("hipath", hipath(ring="")).ring is None
    assert record("hipath", hipath(msn="4416")).dialled == "4416"
    assert record("hipath", hipath(msn="\x1b[2J")).dialled is None
    masked = record("hipath", hipath().replace(b"0876153281", b"087615????"))
    assert (masked.number, masked.name) == (None, "087615????")


def test_hipath_flow_control_inside_a_record() -> None:
    line = hipath()
    for at in range(len(line)):
        assert DIALECTS["hipath"].read(line[:at] + b"\x13\x11" + line[at:]) == [record("hipath", line)]


def test_shenou_calls() -> None:
    unanswered = record("shenou", shenou(talked="000000"))
    assert (unanswered.talked, unanswered.anchor) == (None, Anchor.START)
    assert record("shenou", shenou("")).number is None
    assert all(DIALECTS["shenou"].read(shenou(kind=f"{kind:02}")) == [] for kind in range(12))
    assert DIALECTS["shenou"].read(b"R10*3*8123") == []
