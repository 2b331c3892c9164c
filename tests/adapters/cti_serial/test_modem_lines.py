"""A modem that listens: every variant of RING and of the caller id that NCID, mgetty and call attendants have met."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.caller_id.modem_lines import ENABLE
from adapters.cti_serial import simulated_bytes as made
from adapters.cti_serial.dialect import Dialect, Tells
from adapters.cti_serial.dialects.modem import Modem
from adapters.cti_serial.signs import AnySign, Hidden, Numbered, Rang
from adapters.reading import Unreadable
from tests.adapters.cti_serial.listening import heard, pieces, same_in_any_pieces, seconds_taken, told

AT = datetime(2026, 3, 14, 9, 30, 5)  # noqa: DTZ001 - a device's own time has no zone
MOBILE = "13800138000"
FEW = settings(max_examples=150, deadline=None)
MODEM: Dialect = Modem()

CALLER = Numbered(number="4075551212")
WITHHELD = Numbered(hidden=Hidden.WITHHELD)
OUT_OF_AREA = Numbered(hidden=Hidden.OUT_OF_AREA)


def test_what_it_tells() -> None:
    assert MODEM.tells == Tells(answers=False, ends=False)
    assert Modem.name == "modem"


def test_it_is_told_never_to_answer_and_to_show_the_caller_in_one_line() -> None:
    assert [Modem(enable).greeting for enable in ENABLE] == [
        b"ATS0=0V1Q0#CID=1\r",
        b"ATS0=0V1Q0+VCID=1\r",
        b"ATS0=0V1Q0+FCLASS=8;+VCID=1\r",
        b"ATS0=0V1Q0#CLS=8#CID=1\r",
        b"ATS0=0V1Q0#CC1\r",
        b"ATS0=0V1Q0*ID1\r",
        b"ATS0=0V1Q0%CCID=1\r",
    ]
    assert MODEM.greeting == Modem(ENABLE[1]).greeting
    assert MODEM.read(MODEM.greeting.rstrip()) == [], "the echo"


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        # Rings.
        ("RING", [Rang()]),
        ("RING A", [Rang(pattern="A")]),
        ("RING B", [Rang(pattern="B")]),
        ("RING C", [Rang(pattern="C")]),
        ("RING 1", [Rang(pattern="1")]),
        ("RING 2", [Rang(pattern="2")]),
        ("RING 3", [Rang(pattern="3")]),
        ("DRON=5", [Rang()]),
        ("DROF=11", []),
        ("DRON=5 DROF=11 DRON=5 DROF=34", [Rang()]),
        ("\x10R", [Rang()]),
        ("\x10R\x10q", [Rang()]),
        ("\x10q", []),
        # Numbers.
        ("NMBR = 4075551212", [CALLER]),
        ("NMBR=4075551212", [CALLER]),
        ("DDN_NMBR = 4075551212", [CALLER]),
        ("DDN_NMBR= 9932562", [Numbered(number="9932562")]),
        ("DDN = 4075551212", [CALLER]),
        ("NBR=4075551212", [CALLER]),
        ("NDID = 4075551212", [CALLER]),
        ("CALLER NUMBER: 4075551212", [CALLER]),
        ("CALLER'S NUMBER: 4075551212", [CALLER]),
        ("CallerID: 4075551212", [CALLER]),
        ("FM:4075551212 TO:8765", [Numbered(number="4075551212", dialled="8765")]),
        ("FM:4075551212", [CALLER]),
        ("RING;08912345;08765", [Rang(), Numbered(number="08912345", dialled="08765")]),
        ("RING;08912345", [Rang(), Numbered(number="08912345")]),
        ("4075551212", [CALLER]),
        ("110", [Numbered(number="110")]),
        ("NMBR = 14075552120", [Numbered(number="14075552120")]),
        ("NMBR = 075552120", [Numbered(number="075552120")]),
        ("NMBR = 2120", [Numbered(number="2120")]),
        ("NMBR = +86 138-0013-8000", [Numbered(number="+8613800138000")]),
        # No numbers.
        ("NMBR = P", [WITHHELD]),
        ("NMBR = O", [OUT_OF_AREA]),
        ("NMBR = Restricted", [WITHHELD]),
        ("NMBR = Private", [WITHHELD]),
        ("NMBR = Unknown", [OUT_OF_AREA]),
        ("NMBR = 0000000000", [OUT_OF_AREA]),
        ("REASON FOR NO CALLER NUMBER: P", [WITHHELD]),
        ("NMBR = NO TIME", [Numbered()]),
        ("NMBR =", [Numbered()]),
        # Names.
        ("NAME = JOHN DOE", [Numbered(name="JOHN DOE")]),
        ("NAME=JOHN DOE", [Numbered(name="JOHN DOE")]),
        ("CALLER NAME: JOHN DOE", [Numbered(name="JOHN DOE")]),
        ("NAME = Vähälä", [Numbered(name="Vähälä")]),
        ("NAME = TIME WARNER COM", [Numbered(name="TIME WARNER COM")]),
        ("NAME = ELMHURST, IL", [Numbered(name="ELMHURST, IL")]),
        ("NAME = DOERING", [Numbered(name="DOERING")]),
        ("\x10.\x10XNAME = JOHN DOE", [Numbered(name="JOHN DOE")]),
        ("NAME = O", []),
        ("NAME = P", []),
        ("NAME = Unavailable", []),
        ("NAME = NO NAME", []),
        ("NAME =", []),
        ("REASON FOR NO CALLER NAME: O", []),
        # What says nothing of the caller.
        ("DATE = 0504", []),
        ("DATE=0801", []),
        ("DATE =", []),
        ("DATE = 990305", []),
        ("TIME = 2149", []),
        ("TIME = 12541", []),
        ("TIME = 2423", []),
        ("TIME=", []),
        ("TIME: 05-04 21:49", []),
        ("DATE TIME=11/24 22:10", []),
        ("MESG = 110101", []),
        ("CALLED NUMBER: 8765", []),
        # GSM.
        ('+CLIP: "2165555555",129', [Numbered(number="2165555555")]),
        ('+CLIP: "+8613800138000",145,"",0,"",0', [Numbered(number="+8613800138000")]),
        ('+CLIP: "13800138000",161,,,"LI"', [Numbered(number=MOBILE, name="LI")]),
        ('+CLIP: "",128,"",0,"",1', [WITHHELD]),
        ('+CLIP: "",128,"",0,"",2', [OUT_OF_AREA]),
        ('+CLIP: "",128', [Numbered()]),
        # Line ends that got lost.
        ("NAME=ARCHER L       NMBR=5071234567", [Numbered(name="ARCHER L"), Numbered(number="5071234567")]),
        ("RING RING DATE=0224 NAME=ONMBR=5072884388", [Rang(), Rang(), Numbered(number="5072884388")]),
        ("NMBR = 4075551212RING", [CALLER, Rang()]),
        # Raw caller id in hexadecimal digits.
        ("041230353131313835323430373535353030303059", [Numbered(number="4075550000")]),
        (
            "802001083035313131383532020A3430373535353030303007084A4F484E20444F4584",
            [Numbered(number="4075550000", name="JOHN DOE")],
        ),
        (
            "802401083038303731383337070F41205354524545542053484F5020200307353535303130305F",
            [Numbered(number="5550100", name="A STREET SHOP")],
        ),
        ("801701083033313430393330020b313338303031333830303097", [Numbered(number=MOBILE)]),
        ("82030B01FF70", []),
        # Answers.
        ("OK", []),
        ("ERROR", []),
        ("0", []),
        ("CONNECT", []),
        ("NO CARRIER", []),
        ("NO DIALTONE", []),
        ("AT+VCID=1", []),
        ("AT#CID=1", []),
        ("+VCID: 1", []),
        ("#CID: 1", []),
    ],
)
def test_every_line(line: str, signs: list[AnySign]) -> None:
    assert MODEM.read(line.encode()) == signs
    assert same_in_any_pieces(MODEM, made.modem_line(line)) == signs
    assert heard(MODEM, line.encode()) == signs, "a last line without its end"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff\xff",
        b"nothing of the kind",
        b"12",
        b"123456789012345678901",
        b"802001083035313131383532020A3430373535353030303007084A4F484E20444F4585",
        b"DEADBEEFCAFE",
        b"RINGRING",
    ],
)
def test_lines_that_cannot_be_read(line: bytes) -> None:
    with pytest.raises(Unreadable):
        MODEM.read(line)


# ── Whole calls ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stream", "signs"),
    [
        (  # NCID's documentation, with its blank lines
            "\r\nRING\r\n\r\nDATE = 0504\r\n\r\nTIME = 2149\r\n\r\nNMBR = 4075551212\r\n"
            "\r\nNAME = SOMEBODY\r\n\r\nRING\r\n",
            [Rang(), CALLER, Numbered(name="SOMEBODY"), Rang()],
        ),
        (  # NCID's test data: the type of call comes first, nothing shows the number
            "MESG = 110101\nDATE = 0421\nTIME = 0934\nNMBR = P\nNAME = WITHHELD\nRING\nRING\n",
            [WITHHELD, Rang(), Rang()],
        ),
        (
            "RING\n\nDATE = 0103\nTIME = 1254\nNAME = SARASOTA,FL\nDDN_NMBR = 9415557218\n\nRING\n",
            [Rang(), Numbered(name="SARASOTA,FL"), Numbered(number="9415557218"), Rang()],
        ),
        ("DATE =\nTIME=\nNAME = NO DATE\nNMBR = NO TIME\n", [Numbered(name="NO DATE"), Numbered()]),
        (
            "RING\nDATE = 0107\nTIME = 1518\nNAME = PrivDirOff\nNMBR = 0000000000\n",
            [Rang(), Numbered(name="PrivDirOff"), OUT_OF_AREA],
        ),
        (
            "DATE = 0312\nTIME = 17471\nNMBR = 8175558399\nNAME = EULESS, TX\nRING\n",
            [Numbered(number="8175558399"), Numbered(name="EULESS, TX"), Rang()],
        ),
        ("DATE = 0926\nTIME = 1933\nNMBR = Restricted\nNAME = Unavailable\n", [WITHHELD]),
        ("NMBR = 4075551212\r\nNMBR = O\r\n", [CALLER, OUT_OF_AREA]),  # the line book keeps the first
        ("\r\nRING\r\n\r\nDATE = 0314\r\n\r\nTIME = 0930\r\n\r\nNMBR = 4075551212", [Rang(), CALLER]),
        ("AT+VDR=1,0\r\r\nOK\r\nDRON=5\r\nDROF=11\r\nDRON=5\r\nDROF=34\r\n", [Rang(), Rang()]),
    ],
)
def test_whole_calls(stream: str, signs: list[AnySign]) -> None:
    assert same_in_any_pieces(MODEM, stream.encode()) == signs


def test_simulated_calls() -> None:
    for hidden in Hidden:
        stream = made.modem_ring() + made.modem_caller_id(None, at=AT, hidden=hidden) + made.modem_ring("2")
        assert same_in_any_pieces(MODEM, stream) == [Rang(), Numbered(hidden=hidden), Rang(pattern="2")]
    stream = made.modem_caller_id(MOBILE, at=AT, name="LI") + made.modem_hex(made.mdmf(MOBILE, at=AT, name=b"LI"))
    both = Numbered(number=MOBILE, name="LI")
    assert same_in_any_pieces(MODEM, stream) == [Numbered(number=MOBILE), Numbered(name="LI"), both]


def test_a_name_in_gbk_and_one_in_no_encoding() -> None:
    assert MODEM.read("NAME = 司法局".encode("gb18030")) == [Numbered(name="司法局")]
    assert MODEM.read(b"NAME = LI \xff") == [Numbered(name="LI \ufffd")]


# ── On a bad wire ────────────────────────────────────────────────────────────────────────────────────────────────────

CALL = made.modem_ring() + made.modem_caller_id(MOBILE, at=AT, name="LI")
SAID: list[AnySign] = [Rang(), Numbered(number=MOBILE), Numbered(name="LI")]


@pytest.mark.parametrize("garbage", [b"\x00", b"\xff\xfe", b"\x55\xaa" * 20, b"\x1b[2J", b"\r\n\r\n", b"NMBR = 13"])
def test_garbage_before_between_and_after_costs_no_call(garbage: bytes) -> None:
    stream = garbage + CALL + garbage + CALL + garbage
    assert [sign for sign in same_in_any_pieces(MODEM, stream) if sign in SAID] == SAID * 2


def test_junk_right_before_a_line_costs_nothing() -> None:
    assert MODEM.read(b"\xff\x80 RING") == [Rang()]
    assert MODEM.read(b"\xffNMBR = 4075551212") == [CALLER]


@pytest.mark.parametrize("start", [b"RING", b"NMBR = ", b"NMBR", b"\x10", b"\r", b"80", b"DRON=5 ", b"+CLIP: ", b"9"])
def test_a_flood_of_beginnings_costs_no_call(start: bytes) -> None:
    assert heard(MODEM, (start * 4096)[:4096] + CALL)[-len(SAID) :] == SAID
    assert seconds_taken(MODEM, (start * 4096)[:4096]) < 0.1


LINES = [CALL, b"RING;08912345;08765\r\n", b'+CLIP: "2165555555",129,,,"LI",1\r\n', b"FM:1 TO:2\r\n\x10R"]
CUTS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 6), st.binary(max_size=6)), max_size=5)


@FEW
@given(st.binary(max_size=300), st.sampled_from(LINES), CUTS)
def test_any_bytes_are_read_or_refused(junk: bytes, lines: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
    told(MODEM, junk)
    for at, length, instead in cuts:
        lines = lines[:at] + instead + lines[at + length :]
    told(MODEM, lines)
    heard(MODEM, junk, lines)


@FEW
@given(st.binary(max_size=200))
def test_after_any_bytes_and_a_line_end_a_call_is_heard(junk: bytes) -> None:
    assert heard(MODEM, junk + b"\r\n" + CALL)[-len(SAID) :] == SAID


@FEW
@given(st.lists(st.text('RINGNMBR=0123 \x10:;,"+-OP', max_size=40), max_size=8))
def test_no_byte_is_lost_but_blank_lines_and_line_ends(lines: list[str]) -> None:
    stream = "\r\n".join(lines).encode()
    kept = [line for line in lines if line.strip()]
    assert [piece.data.decode() for piece in pieces(MODEM, stream)] == kept
