"""Framers: whatever comes between, before and inside of frames, and in whatever pieces, no whole frame is lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.wire.framing import Between, Framer, Lines, Measured, Piece

FEW = settings(max_examples=200, deadline=None)


def cut(framer: Framer, *parts: bytes) -> list[Piece]:
    """Everything that was found, and then silence."""
    found = [piece for part in parts for piece in framer.feed(part)]
    found += framer.quiet()
    assert not framer.pending
    return found


def frames(framer: Framer, *parts: bytes) -> list[bytes]:
    return [piece.data for piece in cut(framer, *parts) if not piece.noise]


def joined(found: list[Piece]) -> bytes:
    return b"".join(piece.data for piece in found)


def same_in_any_pieces(make: Callable[[], Framer], stream: bytes) -> list[bytes]:
    whole = frames(make(), stream)
    for at in range(len(stream) + 1):
        assert frames(make(), stream[:at], stream[at:]) == whole, at
    assert frames(make(), *(stream[at : at + 1] for at in range(len(stream)))) == whole
    return whole


def measured(kind: int, data: bytes) -> bytes:
    frame = bytes((kind, len(data))) + data
    return frame + bytes((-sum(frame) % 256,))


def marked() -> Between:
    return Between(b"###", b"+++", longest=40)


def stx() -> Between:
    return Between(b"\x02", b"\x03", longest=40)


def fsk() -> Measured:
    return Measured(frozenset({0x04, 0x80}))


def lines() -> Lines:
    return Lines(longest=40)


FRAMES = {
    "marked": (marked, b"###DATE0314...NMBR12348+++"),
    "stx": (stx, b"\x02K0110200\x03"),
    "fsk": (fsk, measured(0x80, b"\x01\x0803140930\x02\x0512348")),
    "fsk of three bytes": (fsk, measured(0x04, b"")),
    "lines": (lines, b"NMBR = 12348\r\n"),
}
EACH = pytest.mark.parametrize(("make", "frame"), FRAMES.values(), ids=FRAMES)
Make = Callable[[], Framer]


@EACH
def test_frames_back_to_back(make: Make, frame: bytes) -> None:
    assert same_in_any_pieces(make, frame * 3) == [frame.rstrip(b"\r\n")] * 3


@EACH
def test_garbage_before_between_and_after_costs_no_frame(make: Make, frame: bytes) -> None:
    for garbage in (
        b"\x00",
        b"\xff",
        b"##",
        b"++",
        b"\r\n",
        frame[: len(frame) // 2] + b"\r\n",
        b"\x55" * 30 + b"\r\n",
    ):
        found = same_in_any_pieces(make, garbage + frame + garbage + frame + garbage)
        assert [each.endswith(frame.rstrip(b"\r\n")) for each in found].count(True) == 2, garbage


@EACH
def test_a_flood_of_beginnings_costs_no_frame(make: Make, frame: bytes) -> None:
    for start in (frame[:1], frame[:2], frame[:-1]):
        stream = (start * 4096)[:4096] + b"\r\n" + frame
        assert frames(make(), stream)[-1].endswith(frame.rstrip(b"\r\n"))
        assert frames(make(), stream[:2000], stream[2000:])[-1].endswith(frame.rstrip(b"\r\n"))


@EACH
def test_no_chunk_takes_long(make: Make, frame: bytes) -> None:
    """4096 bytes are the most that the link hands over at once."""

    def seconds(stream: bytes) -> float:
        began = time.perf_counter()
        cut(make(), stream)
        return time.perf_counter() - began

    for start in (frame[:1], frame[:2], frame[:-1], frame, b"\x80\xff", b"\n", b"\x00"):
        stream = (start * 4096)[:4096]
        assert min(seconds(stream) for _ in range(3)) < 0.1


@EACH
def test_half_a_frame_is_pending_until_it_is_quiet(make: Make, frame: bytes) -> None:
    framer = make()
    assert not framer.pending
    assert framer.patience > 0
    half = frame.rstrip(b"\r\n")[:-1]
    assert framer.feed(half) == []
    assert framer.pending
    assert joined(framer.quiet()) == half
    assert not framer.pending
    assert [piece for piece in framer.feed(frame) if not piece.noise] == [Piece(frame.rstrip(b"\r\n"))]


@pytest.mark.parametrize("name", ["marked", "stx", "fsk", "fsk of three bytes"])
def test_no_byte_is_lost_and_none_is_made(name: str) -> None:
    make, frame = FRAMES[name]
    alphabet = st.sampled_from([frame, frame[:1], frame[:3], frame[-3:], frame[:-1], b"\r\n", b"x", b"\x80", b"\xff"])

    @FEW
    @given(st.lists(st.one_of(alphabet, st.binary(max_size=20)), max_size=12), st.integers(0, 200))
    def check(parts: list[bytes], at: int) -> None:
        stream = b"".join(parts)
        assert joined(cut(make(), *parts)) == joined(cut(make(), stream[:at], stream[at:])) == stream

    check()


@pytest.mark.parametrize("name", ["fsk", "lines"])
def test_frames_do_not_depend_on_the_pieces(name: str) -> None:
    make, frame = FRAMES[name]
    some = st.sampled_from([frame, frame[:1], frame[:3], frame[:-1], b"\r\n", b"\x00", b"\x80", b"x" * 30])

    @FEW
    @given(st.lists(st.one_of(some, st.binary(max_size=20)), max_size=12))
    def check(parts: list[bytes]) -> None:
        assert frames(make(), *parts) == frames(make(), b"".join(parts))

    check()


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_any_end_ends_a_line() -> None:
    assert same_in_any_pieces(Lines, b"a\rb\nc\r\nd\x00e\r\r\nf\n\rg") == [b"a", b"b", b"c", b"d", b"e", b"f", b"g"]


def test_only_line_ends_end_a_line() -> None:
    line = b"a\x0bb\x0cc\x1cd\x85e\x1ff"
    assert same_in_any_pieces(Lines, line + b"\n") == [line]


def test_blank_lines_say_nothing() -> None:
    assert cut(Lines(), b"\r\n \t\r\n\x00\x00") == []
    assert cut(Lines(), b" a \r\n") == [Piece(b" a ")]


def test_a_line_that_grows_too_long_is_noise_and_the_next_one_is_none() -> None:
    found = cut(Lines(longest=10), b"a" * 25 + b"\nRING\n")
    assert [(len(piece.data), piece.noise) for piece in found] == [(10, True), (10, True), (5, True), (4, False)]
    assert frames(Lines(longest=10), b"a" * 10 + b"\n", b"b" * 11 + b"\n") == [b"a" * 10]


@FEW
@given(st.binary(max_size=120), st.integers(0, 120))
def test_lines_lose_nothing_but_blanks_and_ends(stream: bytes, at: int) -> None:
    found = cut(Lines(longest=10), stream[:at], stream[at:])
    ends = b"\r\n\x00 \t\x0b\x0c"
    assert joined(found).translate(None, ends) == stream.translate(None, ends)
    assert all(len(piece.data) <= 10 for piece in found)


# ── Between ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_cut_off_by_a_new_beginning_is_noise() -> None:
    assert same_in_any_pieces(stx, b"\x02half\x02whole\x03") == [b"\x02whole\x03"]
    assert cut(stx(), b"\x02half\x02whole\x03") == [Piece(b"\x02half", noise=True), Piece(b"\x02whole\x03")]
    assert same_in_any_pieces(marked, b"###half###whole+++") == [b"###whole+++"]


def test_ends_without_a_beginning_are_noise() -> None:
    assert same_in_any_pieces(marked, b"+++a+++###b+++c+++") == [b"###b+++"]


def test_a_beginning_whose_end_never_comes_costs_nothing_behind_it() -> None:
    assert same_in_any_pieces(stx, b"\x02" + b"x" * 200 + b"\x02whole\x03") == [b"\x02whole\x03"]
    assert frames(stx(), b"\x02" + b"x" * 200 + b"\x03") == []
    assert frames(stx(), b"\x02half") == []


def test_what_was_cut_off_after_a_repeated_beginning_is_noise() -> None:
    assert frames(stx(), b"\x02\x02half\x02whole\x03") == [b"\x02whole\x03"]


def test_repeated_beginnings_in_any_pieces() -> None:
    assert same_in_any_pieces(stx, b"\x02half\x02\x02whole\x03")


def test_the_longest_frame_in_any_pieces() -> None:
    assert same_in_any_pieces(marked, b"###" + b"x" * 37 + b"+++") == [b"###" + b"x" * 37 + b"+++"]


def test_a_flood_of_beginnings_is_few_pieces() -> None:
    assert len(cut(stx(), b"\x02" * 4096)) < 200


# ── Measured ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_wrong_sum_is_noise() -> None:
    frame = measured(0x80, b"12348")
    assert frames(fsk(), frame[:-1] + bytes((frame[-1] ^ 1,))) == []
    for at in range(len(frame)):
        assert frames(fsk(), frame[:at] + bytes((frame[at] ^ 0x20,)) + frame[at + 1 :]) == []


def test_other_types_are_noise() -> None:
    other, right = measured(0x81, b"12348"), measured(0x80, b"12348")
    assert same_in_any_pieces(fsk, other + right) == [right]


def test_a_false_beginning_hides_a_frame_until_it_is_quiet_and_no_longer() -> None:
    right = measured(0x80, b"12348")
    framer = fsk()
    assert framer.feed(b"\x80\xff" + right) == []
    assert framer.pending
    assert framer.quiet() == [Piece(b"\x80\xff", noise=True), Piece(right)]
    assert frames(fsk(), b"\x04" + right + right) == [right] * 2


@FEW
@given(st.binary(max_size=60), st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.integers(0, 200))
def test_frames_are_found_behind_bytes_that_begin_none(junk: bytes, datas: list[bytes], at: int) -> None:
    junk = junk.translate(None, b"\x04\x80")
    stream = junk + b"".join(measured(0x04, data) for data in datas)
    assert frames(fsk(), stream[:at], stream[at:]) == [measured(0x04, data) for data in datas]
