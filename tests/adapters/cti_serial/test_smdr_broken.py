"""Call records on a bad wire: cut anywhere, among garbage, damaged, or any bytes at all."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.signs import AnySign, Recorded
from adapters.cti_serial.smdr import built_in, names
from adapters.cti_serial.smdr_frames import LONGEST
from adapters.reading import Unreadable
from tests.adapters.cti_serial.smdr_samples import PANASONIC_RULER, WHOLE, avaya, hipath, panasonic, shenou

DIALECTS = {name: built_in(name) for name in names()}
TELEPHONE_DIGITS = ("138001", "017072", "087615")


def record(name: str, line: bytes) -> Recorded:
    [sign] = DIALECTS[name].read(line)
    return sign


def heard(dialect: Dialect, chunks: Iterable[bytes]) -> list[AnySign]:
    """What a wire says; frames that cannot be read say nothing."""
    framer, signs = dialect.framer(), list[AnySign]()
    pieces = [piece for chunk in chunks for piece in framer.feed(chunk)] + framer.quiet()
    assert not framer.pending
    for piece in pieces:
        assert len(piece.data) <= LONGEST
        try:
            signs += [] if piece.noise else dialect.read(piece.data)
        except Unreadable:
            continue
    return signs


# ── The stream ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", WHOLE)
def test_records_cut_anywhere_are_the_same(name: str) -> None:
    stream, whole = WHOLE[name] + b"\r\n" + WHOLE[name] + b"\r\n", record(name, WHOLE[name])
    for at in range(len(stream)):
        assert heard(DIALECTS[name], [stream[:at], stream[at:]]) == [whole, whole], at
    assert heard(DIALECTS[name], (bytes([byte]) for byte in stream)) == [whole, whole]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\x00\r\n", b"\r\n\r\n\x0c"])
def test_lines_end_as_they_like(end: bytes) -> None:
    for name, line in WHOLE.items():
        assert heard(DIALECTS[name], [line + end, line + end, line]) == [record(name, line)] * 3


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\x80", b"-> ", b"Enter Password:", b"\x00\x00\x00", b"~" * 700, b"x" * 5000, b"\x07\x1b[2J"]
)
def test_garbage_costs_no_whole_record(garbage: bytes) -> None:
    for name, line in WHOLE.items():
        begun = line[:40]
        stuck = [garbage + line, b"\r\n", garbage + b"\r\n", line + b"\r\n" + begun, garbage, line + line, b"\r\n"]
        assert heard(DIALECTS[name], stuck) == [record(name, line)] * 4, name


def test_garbage_of_any_length_costs_no_whole_record() -> None:
    for name, line in WHOLE.items():
        whole = [record(name, line)]
        for length in range(LONGEST - len(line) - 5, LONGEST + 5, 3):
            assert heard(DIALECTS[name], [b"~" * length, line + b"\r\n"]) == whole, (name, length)


def test_blanks_between_records_are_not_even_noise() -> None:
    pieces = DIALECTS["panasonic"].framer().feed(b"\x0c" + panasonic() + b"\r\n\x0c\r\n \r\n")
    assert [piece.data for piece in pieces] == [panasonic()]


def test_what_sticks_to_a_record_is_noise_and_nothing_is_swallowed() -> None:
    framer = DIALECTS["panasonic"].framer()
    pieces = framer.feed(b"Enter Password: " + panasonic() + panasonic()[:30] + b"\r\n" + PANASONIC_RULER)
    assert [(piece.data, piece.noise) for piece in pieces] == [
        (b"Enter Password: ", True),
        (panasonic(), False),
        (panasonic()[:30], False),
    ]
    assert framer.pending
    assert framer.patience > 0
    assert [piece.data for piece in framer.quiet()] == [PANASONIC_RULER]


def test_endless_babble_is_noise_and_takes_neither_room_nor_time() -> None:
    framer = DIALECTS["shenou"].framer()
    began, length = time.process_time(), 0
    for _ in range(200):
        pieces = framer.feed(b"U" * 4096)
        assert all(piece.noise and len(piece.data) <= LONGEST for piece in pieces)
        length += sum(len(piece.data) for piece in pieces)
    assert length > 200 * 4096 - 2 * LONGEST
    assert time.process_time() - began < 2


def test_avaya_nuls_in_front_and_a_second_time_behind() -> None:
    line = avaya() + b"2008/08/01 15:14:32"
    assert heard(DIALECTS["avaya-ipo"], [b"\x00" * 9 + line + b"\r\n\x00"]) == [record("avaya-ipo", avaya())]
    assert DIALECTS["avaya-ipo"].read(b"\x00\x00" + line) == [record("avaya-ipo", avaya())]


# ── One record ───────────────────────────────────────────────────────────────────────────────────────────────────────

BROKEN = [
    *(("panasonic", panasonic(when=when)) for when in ("**/**/** **:****", "13/14/26 09:30AM", "02/30/26 09:30AM")),
    *(("panasonic", panasonic(when=when)) for when in ("03/14/26 13:30PM", "03/14/26 00:30AM", "03/14/26 09:60AM")),
    *(("panasonic", panasonic(when=when)) for when in ("03/14/26 09:30", "3/14/26  9:30AM ", "14.03.26 09:30AM")),
    ("panasonic", panasonic(ring="*'**", talked="**:**'**")),
    ("panasonic", panasonic(talked="00:61'05")),
    ("panasonic", panasonic(talked="25:00'00")),
    ("panasonic", panasonic(ring="5,15")),
    ("panasonic", panasonic(dial="xI>13800138000")),
    ("panasonic", panasonic(dial="<D>1<D>2<I>13800138000")),
    ("panasonic", panasonic()[:79]),
    ("panasonic", b" " + panasonic()),
    ("panasonic", panasonic()[:30] + panasonic()[31:] + b" "),
    ("panasonic", panasonic().replace(b"1200", b"12\x070")),
    ("panasonic", panasonic().replace(b"1200", b"12\xb20")),
    ("panasonic", bytes(byte | 0x80 for byte in panasonic())),
    ("avaya-ipo", avaya(time="2008/13/01 15:14:19")),
    ("avaya-ipo", avaya(time="2008/08/01 15:14")),
    ("avaya-ipo", avaya(direction="X")),
    ("avaya-ipo", avaya(internal="I")),
    ("avaya-ipo", avaya(party1="E403,Smith, John")),
    ("avaya-ipo", avaya(ring="-7")),
    ("avaya-ipo", b",".join(avaya().split(b",")[:16])),
    ("avaya-ipo", avaya(number="1380013" * 6)),
    ("hipath", hipath(when="31.02.1900:35:48")),
    ("hipath", hipath(kind="xx")),
    ("hipath", hipath()[:75]),
    ("hipath", hipath()[1:] + b" "),
    ("hipath", hipath().replace(b"00:00:07", b"00:00\x1b07")),
    ("shenou", shenou(when="20251314093015")),
    ("shenou", shenou(kind="13")),
    ("shenou", shenou()[:81]),
    ("shenou", shenou().replace(b"8012    8012", b"80\x1012    8012")),
    *((name, line * 20) for name, line in WHOLE.items()),
    *((name, b"") for name in WHOLE),
]


@pytest.mark.parametrize(("name", "line"), BROKEN)
def test_broken_records_say_why_and_show_no_number(name: str, line: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        DIALECTS[name].read(line)
    assert len(str(refusal.value)) > 10
    assert not any(digits in str(refusal.value) for digits in TELEPHONE_DIGITS)


def check(name: str, data: bytes) -> None:
    """It is read the same twice or refused, without a number in the reason, and quickly."""
    reasons, taken = list[str](), list[float]()
    while not taken or (taken[-1] >= 0.1 and len(taken) < 4):  # a busy machine is not blamed on the dialect
        began = time.thread_time()
        reasons = read_through(name, data)
        taken.append(time.thread_time() - began)
    assert min(taken) < 0.1
    assert not any(digits in reason for digits in TELEPHONE_DIGITS for reason in reasons)


def read_through(name: str, data: bytes) -> list[str]:
    """Why frames of it were refused."""
    dialect, reasons = DIALECTS[name], list[str]()
    framer = dialect.framer()
    for frame in (data, *(piece.data for piece in framer.feed(data) + framer.quiet())):
        try:
            signs = dialect.read(frame)
        except Unreadable as refusal:
            reasons.append(str(refusal))
            continue
        assert all(sign.talked is None or sign.talked > 0 for sign in signs)
        assert dialect.read(frame) == signs
    return reasons


@settings(max_examples=500, deadline=None, database=None)
@given(st.sampled_from(sorted(WHOLE)), st.binary(max_size=300))
def test_any_bytes(name: str, data: bytes) -> None:
    check(name, data)


@settings(max_examples=1000, deadline=None, database=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 3), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(1, 12),
)
def test_any_damage(name: str, damages: list[tuple[int, int, bytes]], times: int) -> None:
    line = WHOLE[name]
    for at, lost, put in damages:
        line = line[:at] + put + line[at + lost :]
    check(name, line * times)


@pytest.mark.parametrize("filling", [b" ", b"<I>", b"<D>1", b"1", b"T2", b",", b"-", b"E", b"password", b"Date "])
def test_long_records_are_tried_once(filling: bytes) -> None:
    for name, line in WHOLE.items():
        check(name, (line + filling * LONGEST)[:LONGEST])
        check(name, (filling * LONGEST)[:LONGEST])
