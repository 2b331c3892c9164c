"""Caller-ID boxes, FRITZ!Box and NCID: every published sample byte for byte, and the same samples on a bad wire."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.cti_serial import simulated_bytes as made
from adapters.cti_serial.dialect import Dialect, Tells
from adapters.cti_serial.dialects.dtmf import Dtmf
from adapters.cti_serial.dialects.fritz import Fritz
from adapters.cti_serial.dialects.fsk import Fsk
from adapters.cti_serial.dialects.ncid import Ncid
from adapters.cti_serial.dialects.netcallerid import NetCallerId
from adapters.cti_serial.dialects.whozz import TOGGLES, Whozz
from adapters.cti_serial.signs import AnySign, Began, Connected, Finished, Hidden, Numbered, OffHook, OnHook, Rang
from adapters.reading import Unreadable
from tests.adapters.cti_serial.listening import heard, pieces, same_in_any_pieces, seconds_taken, told

AT = datetime(2026, 3, 14, 9, 30, 5)  # noqa: DTZ001 - a device's own time has no zone
MOBILE = "13800138000"
FEW = settings(max_examples=150, deadline=None)

WITHHELD = Numbered(hidden=Hidden.WITHHELD)
OUT_OF_AREA = Numbered(hidden=Hidden.OUT_OF_AREA)

# ── FSK ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

MDMF = "80 16 01 08 30 33 31 37 31 36 35 36 02 0A 32 31 35 36 34 33 30 31 34 34 BA"
"""YD/N 069-1997 as published."""
SDMF_MINIMODEM = "04 12 30 39 33 30 31 32 32 34 36 30 39 35 35 35 31 32 31 32 51"


@pytest.mark.parametrize(
    ("frame", "sign"),
    [
        (MDMF, Numbered(number="2156430144")),
        ("04 12 30 33 31 37 31 36 35 36 32 31 35 36 34 33 30 31 34 34 4F", Numbered(number="2156430144")),
        (SDMF_MINIMODEM, Numbered(number="6095551212")),
        ("80 17 01 08 30 33 31 34 30 39 33 30 02 0B 31 33 38 30 30 31 33 38 30 30 30 97", Numbered(number=MOBILE)),
        ("80 0D 01 08 30 33 31 34 30 39 33 30 04 01 50 81", WITHHELD),
        ("80 0D 01 08 30 33 31 34 30 39 33 30 04 01 4F 82", OUT_OF_AREA),
        (
            "80 20 01 08 30 33 32 34 30 39 30 32 07 08 4A 4F 48 4E 20 44 4F 4502 0A 38 30 30 35 35 35 31 32 31 32 84",
            Numbered(number="8005551212", name="JOHN DOE"),
        ),
        ("041230353131313835323430373535353030303059", Numbered(number="4075550000")),
        (
            "802001083035313131383532020A3430373535353030303007084A4F484E20444F4584",
            Numbered(number="4075550000", name="JOHN DOE"),
        ),
    ],
)
def test_fsk_frames_that_are_right(frame: str, sign: Numbered) -> None:
    stream = made.SEIZURE + bytes.fromhex(frame)
    assert same_in_any_pieces(Fsk(), stream) == [sign]
    assert pieces(Fsk(), stream)[-1].data == bytes.fromhex(frame)


@pytest.mark.parametrize(
    "frame",
    [
        "04 12 30 33 31 37 31 36 35 36 32 31 35 36 34 33 30 31 34 34 BA",
        "80 20 01 08 30 33 32 34 30 39 30 32 07 08 4A 4F 48 4E 20 44 4F 45 02 0A 38 30 30 35 35 35 31 32 31 32 7D",
    ],
)
def test_published_fsk_frames_with_a_wrong_sum_are_noise(frame: str) -> None:
    found = pieces(Fsk(), bytes.fromhex(frame))
    assert found
    assert all(piece.noise for piece in found)
    assert told(Fsk(), bytes.fromhex(frame)) == []
    assert same_in_any_pieces(Fsk(), bytes.fromhex(frame) + bytes.fromhex(MDMF)) == [Numbered(number="2156430144")]


def test_fsk_without_a_number() -> None:
    assert heard(Fsk(), made.sdmf(None, at=AT, hidden=Hidden.WITHHELD)) == [WITHHELD]
    assert heard(Fsk(), made.sdmf(None, at=AT, hidden=Hidden.OUT_OF_AREA)) == [OUT_OF_AREA]
    assert heard(Fsk(), made.sdmf(None, at=AT)) == [Numbered()]
    assert heard(Fsk(), made.sdmf("0000000000", at=AT)) == [OUT_OF_AREA]
    assert heard(Fsk(), made.mdmf(None, at=AT)) == [Numbered()]
    assert heard(Fsk(), made.sdmf("80O55", at=AT)) == [Numbered()], "a number that nobody can read is still a call"


def test_fsk_names() -> None:
    assert heard(Fsk(), made.mdmf(MOBILE, at=AT, name="司法局".encode("gb18030"))) == [
        Numbered(number=MOBILE, name="司法局")
    ]
    assert heard(Fsk(), made.mdmf(MOBILE, at=AT, name=b"\x08")) == [Numbered(number=MOBILE)], "seen on a real line"
    assert heard(Fsk(), made.mdmf(MOBILE, at=AT, name=b"A\x00\xff B")) == [Numbered(number=MOBILE, name="A \ufffd B")]


def test_a_dialable_number_counts_where_there_is_no_other() -> None:
    date = made.parameter(0x01, b"08071837")
    dialable, number = made.parameter(0x03, b"5550100"), made.parameter(0x02, MOBILE.encode())
    withheld = made.parameter(0x04, b"P")
    assert heard(Fsk(), made.framed(0x80, date + dialable)) == [Numbered(number="5550100")]
    assert heard(Fsk(), made.framed(0x80, date + dialable + number)) == [Numbered(number=MOBILE)]
    assert heard(Fsk(), made.framed(0x80, date + dialable + withheld)) == [WITHHELD]


def test_messages_that_wait_are_no_calls_and_no_noise() -> None:
    sdmf = made.framed(0x06, b"BBB")
    for frame in (made.mailbox(waits=True), made.mailbox(waits=False), made.mailbox_call(at=AT), sdmf):
        assert [piece.noise for piece in pieces(Fsk(), frame)] == [False]
        assert Fsk().read(frame) == []


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x80",
        b"\x80\x00",
        made.framed(0x80, b""),
        made.framed(0x80, b"\x02\x0b138"),
        made.framed(0x80, b"\x02"),
        made.framed(0x80, made.parameter(0x30, b"x")),
        made.framed(0x04, b"0314"),
        made.framed(0x04, b"0314093x13800138000"),
        made.framed(0x81, b"0314093013800138000"),
        bytes.fromhex(MDMF)[:-1],
    ],
)
def test_fsk_that_cannot_be_read(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        Fsk().read(frame)


# ── DTMF ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("start", "ABCD*#")
@pytest.mark.parametrize("end", "ABCD*#")
def test_dtmf_with_any_start_and_end(start: str, end: str) -> None:
    assert same_in_any_pieces(Dtmf(), made.dtmf(MOBILE, start=start, end=end)) == [Numbered(number=MOBILE)]


@pytest.mark.parametrize(
    ("stream", "numbers"),
    [
        (b"DD13800138000C", [MOBILE]),
        (b"D138D13800138000C", [MOBILE]),
        (b"138000CD13800138000C", [MOBILE]),
        (b"D13800138000C\r\nD02112348C\r\n", [MOBILE, "02112348"]),
        (b"D13800138000CD02112348C", [MOBILE, "02112348"]),
        (b"#13800138000##02112348#", [MOBILE, "02112348"]),
        (b"D1380013\xff8000C", []),
        (b"D13800138000", []),
        (b"DC", []),
        (b"D" + b"1" * 33 + b"C", []),
    ],
)
def test_dtmf_on_a_bad_line(stream: bytes, numbers: list[str]) -> None:
    assert same_in_any_pieces(Dtmf(), stream) == [Numbered(number=number) for number in numbers]


def test_dtmf_codes_in_place_of_a_number() -> None:
    assert heard(Dtmf(), b"B10C") == heard(Dtmf(), b"D2#") == [Numbered()]
    assert heard(Dtmf(), b"D0000C") == [OUT_OF_AREA]


def test_a_number_that_ended_with_d_is_told_after_the_silence() -> None:
    framer = Dtmf().framer()
    assert framer.feed(b"A13800138000D") == []
    assert framer.pending
    assert framer.patience > 0
    assert [piece.noise for piece in framer.quiet()] == [False]
    assert not framer.pending
    assert [piece.noise for piece in framer.feed(b"A02112348C")] == [False]


# ── NetCallerID ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("stream", "signs"),
    [
        (
            b"###DATE03301423...NMBR4075551212...NAMEWIRELESS CALL+++\r",
            [Numbered(number="4075551212", name="WIRELESS CALL")],
        ),
        (b"###DATE03301423...NMBR...NAME-UNKNOWN CALLER-+++\r", [OUT_OF_AREA]),
        (b"###DATE03301423...NMBR...NAME+++\r", [Numbered()]),
        (b"###DATE...NMBR...NAME-MSG OFF-+++\r", []),
        (b"###DATE...NMBR...NAME   -MSG OFF-+++\r", []),
        (b"###DATE06182106...NMBR7045551212...NAMESMITH+++", [Numbered(number="7045551212", name="SMITH")]),
        (b"###DATE06182106...NMBR7045551212...NAMEA...B+++\r", [Numbered(number="7045551212", name="A...B")]),
        (b"###DATE06182106...NMBR7045551212...NAME-PRIVATE-+++\r", [Numbered(number="7045551212")]),
        (b"###DATE06182106...NMBRPRIVATE...NAME+++\r", [WITHHELD]),
        (b"###DATE0618###DATE06182106...NMBR7045551212...NAME+++\r", [Numbered(number="7045551212")]),
        (b"#####DATE06182106...NMBR7045551212...NAME+++\r", [Numbered(number="7045551212")]),
        (b"####DATE06###DATE06182106...NMBR7045551212...NAME+++\r", [Numbered(number="7045551212")]),
        (b"###DATE06182106+++\r", []),
    ],
)
def test_netcallerid(stream: bytes, signs: list[Numbered]) -> None:
    assert same_in_any_pieces(NetCallerId(), stream) == signs


def test_the_line_end_behind_a_netcallerid_frame_is_no_noise() -> None:
    stream = made.netcallerid(MOBILE, at=AT, name="X") + b"\n" + made.netcallerid(None, at=AT)
    assert [piece.noise for piece in pieces(NetCallerId(), stream)] == [False, False]


@pytest.mark.parametrize("frame", [b"", b"###", b"DATE...NMBR138+++", b"###DATE03301423...NMBR", b"###+++"])
def test_netcallerid_that_cannot_be_read(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        NetCallerId().read(frame)


# ── Whozz Calling ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        (
            b"01 I S 0276 G B3 09/26 11:28 AM 800-240-4637   CallerID.com",
            [Numbered(port="01", number="8002404637", name="CallerID.com")],
        ),
        (
            b"01 I S 0276 G B3 09/26 11:28 AM 800-555-1212   AT&T INFORMATIO",
            [Numbered(port="01", number="8005551212", name="AT&T INFORMATIO")],
        ),
        (
            b"01 I S 0276 G B3 09/26 11:28 AM 800-555-1212 AT&T INFORMATIO",
            [Numbered(port="01", number="8005551212", name="AT&T INFORMATIO")],
        ),
        (b"02 I S 0000 G A0 09/26 01:28 AM 770-263-7111", [Numbered(port="02", number="7702637111")]),
        (b"$02 I S 0000 G A0 09/26 01:28 AM 7702637111", [Numbered(port="02", number="7702637111")]),
        (b"02 I S 0000 B A0 09/26 01:28 AM 770-2\x7f3-7111", [Numbered(port="02")]),
        (b"02 I S 0000 G A0 09/26 01:28 AM Private        Private", [Numbered(port="02", hidden=Hidden.WITHHELD)]),
        (b"02 I S 0000 G A0 09/26 01:28 AM Out-of-Area", [Numbered(port="02", hidden=Hidden.OUT_OF_AREA)]),
        (b"02 I S 0000 G A0 09/26 01:28 AM", [Numbered(port="02")]),
        (b"01 I E 0276 G B3 09/26 11:28 AM 800-240-4637", [Finished(port="01", answered=True, seconds=276)]),
        (b"01 I E 0000 G B3 09/26 11:28 AM 800-240-4637", [Finished(port="01", answered=False)]),
        (b"01 O S 0000 G A0 09/26 11:28 AM 800-240-4637", []),
        (b"01 O E 0276 G A0 09/26 11:28 AM 800-240-4637", []),
        (b"01 R             11/07 07:43:52", [Rang(port="01")]),
        (b"01 R 11/07 07:43:52", [Rang(port="01")]),
        (b"01 F             11/07 17:45:04", [OffHook(port="01")]),
        (b"02 N             11/07 10:46:23", [OnHook(port="02")]),
        (b"01 H             11/07 22:11:08", []),
        (b"V5.5 ECXUdASOBKT L=01 00/00 00:00:12", []),
        (b"?", []),
        (TOGGLES, []),
    ],
)
def test_whozz(line: bytes, signs: list[AnySign]) -> None:
    assert same_in_any_pieces(Whozz(), line + b"\r\n") == signs
    assert Whozz().read(line) == signs


@pytest.mark.parametrize(
    "line",
    [
        b"$01     09/26     02:30 PM     8002404637     I     CallerID.com",
        b"01 I B 0000 G A0 09/26 11:28 AM 800-240-4637",
        b"I S 0276 G B3 09/26 11:28 AM 800-240-4637",
        b"nothing",
        b"",
    ],
)
def test_whozz_that_cannot_be_read(line: bytes) -> None:
    with pytest.raises(Unreadable):
        Whozz().read(line)


def test_a_whole_call_on_whozz() -> None:
    stream = (
        made.whozz_detail(3, "R", at=AT)
        + made.whozz_start(3, MOBILE, at=AT, name="LI")
        + made.whozz_detail(3, "F", at=AT)
        + made.whozz_outgoing(4, "02112348", at=AT)
        + made.whozz_detail(3, "N", at=AT)
        + made.whozz_end(3, MOBILE, at=AT, seconds=61, rings=2)
    )
    assert same_in_any_pieces(Whozz(), stream) == [
        Rang(port="03"),
        Numbered(port="03", number=MOBILE, name="LI"),
        OffHook(port="03"),
        OnHook(port="03"),
        Finished(port="03", answered=True, seconds=61),
    ]
    for hidden in Hidden:
        assert heard(Whozz(), made.whozz_start(3, None, at=AT, hidden=hidden)) == [Numbered(port="03", hidden=hidden)]


# ── NCID gateways ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        (
            "CALL: ###DATE12041529...CALLIN...LINEVOIP...NMBR14075551212...NAMEincoming+++",
            [Numbered(port="VOIP", number="14075551212", name="incoming")],
        ),
        (
            "CALL: ###DATE12041526...CALLPID...LINEVOIP...NMBR14075557777...NAMENONAME+++",
            [Numbered(port="VOIP", number="14075557777")],
        ),
        ("CALL: ###DATE12041616...CALLOUT...LINEVOIP...NMBR14075557711...NAMENONAME+++", []),
        ("CALL: ###DATE04172005...CALLMWI...LINEHOME...NMBRVoicemail...NAMEMessage(s) Waiting+++", []),
        (
            "CALL: ###DATE05221534...LINE7711...NMBR17025551145...NAMECARD SERVICES  +++",
            [Numbered(port="7711", number="17025551145", name="CARD SERVICES")],
        ),
        (
            "CALL: ###DATE05212111...LINE7711...NMBR12125554000...NAMEVähälä Joe+++",
            [Numbered(port="7711", number="12125554000", name="Vähälä Joe")],
        ),
        (
            "CALL: ###DATE05221734...LINE7711...NMBR12125551070...NAMEPRIVATE+++",
            [Numbered(port="7711", number="12125551070")],
        ),
        ("CALL: ###DATE05221734...CALLIN...LINE-...NMBRNO-NUMBER...NAME-+++", [Numbered()]),
        ("CALLINFO: ###BYE...CALLOUT...NMBR14075557777...DATE12041530+++", []),
        ("CALLINFO: ###BYE...CALLIN...NMBR14075551212...DATE12041535+++", [Finished(answered=True)]),
        ("CALLINFO: ###CANCEL...NMBR17025551145...DATE05221534+++", [Finished(answered=False)]),
        (
            "CALLINFO: ###CANCEL...DATE12041535...SCALL12/04/2014 15:29:01...ECALL12/04/2014 15:35:02...CALLIN"
            "...LINEVOIP...NMBR14075551212...NAMEincoming+++",
            [Finished(port="VOIP", answered=False)],
        ),
        ("NOT: Battery Fully Charged ###DATE*08012014*TIME*1904*NAME*-*NMBR*-*LINE*SPH-L710*MTYPE*IN*", []),
        ("NOT: CALL: ###DATE05221734...CALLIN...LINE7711...NMBR12125551070...NAMEa text message+++", []),
        ("MSG: Hello", []),
        ("HELLO: IDENT: gateway sip2ncid 1.14", []),
        ("200 Server: ncidd (NCID) 1.14", []),
        ("GOODBYE", []),
    ],
)
def test_ncid(line: str, signs: list[AnySign]) -> None:
    assert same_in_any_pieces(Ncid(), line.encode() + b"\r\n") == signs
    assert Ncid().read(line.encode()) == signs


@pytest.mark.parametrize(
    "line",
    [
        "CALLINFO: ###CALLED...NMBR14075551212...DATE05071516+++",
        "CALL: ###DATE12041529...CALLIN+++",
        "CALL: ###DATE12041529...CALLIN...LINEVOIP...NMBR14075551212...NAMEinco",
        "CALL: ###DATE12041529...CALLIN...LINE" + "V" * 65 + "...NMBR1...NAMEx+++",
        "CID: *DATE*05042011*TIME*2149*LINE*VOIP*NMBR*4075551212*MESG*NONE*NAME*John*",
        "",
    ],
)
def test_ncid_that_cannot_be_read(line: str) -> None:
    with pytest.raises(Unreadable):
        Ncid().read(line.encode())


def test_two_ncid_lines_whose_line_end_got_lost() -> None:
    call = made.ncid_call(MOBILE, at=AT, line="1").rstrip()
    over = made.ncid_over(MOBILE, at=AT, line="1", answered=False).rstrip()
    assert heard(Ncid(), call + over) == [Numbered(port="1", number=MOBILE), Finished(port="1", answered=False)]


# ── FRITZ!Box ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("line", "signs"),
    [
        (
            b"16.06.20 12:25:42;RING;0;01755290123;732123;SIP1;",
            [Began(port="SIP1", call="0", number="01755290123", dialled="732123")],
        ),
        (b"16.06.20 12:25:42;RING;0;;732123;SIP1;", [Began(port="SIP1", call="0", dialled="732123")]),
        (b"16.06.20 12:25:42;RING;0;01755290123;732123;", [Began(call="0", number="01755290123", dialled="732123")]),
        (b"16.06.20 12:25:46;DISCONNECT;0;0;", [Finished(call="0")]),
        (b"16.06.20 15:04:02;CALL;1;13;732123;01755290123;SIP1;", []),
        (b"16.06.20 15:04:02;CONNECT;0;0;01755290123;", [Connected(call="0", seat="0")]),
        (b"16.06.20 17:55:09;CONNECT;2;10;07191732123;", [Connected(call="2", seat="10")]),
        (b"16.06.20 17:55:15;DISCONNECT;2;6;", [Finished(call="2", answered=True, seconds=6)]),
        (b"09.03.14 21:52:06;DISCONNECT;0;12;04829401845;", [Finished(call="0", answered=True, seconds=12)]),
    ],
)
def test_fritz(line: bytes, signs: list[AnySign]) -> None:
    assert same_in_any_pieces(Fritz(), line + b"\n") == signs
    assert Fritz().read(line) == signs


@pytest.mark.parametrize(
    "line",
    [
        b"16.06.20 12:25:42;RING;0;01755290123;",
        b"16.06.20 12:25:42;RING;0;0175529",
        b"16.06.20 12:25:46;DISCONNECT;0;3",
        b"16.06.20 12:25:46;HOLD;0;3;",
        b"RING;0;01755290123;732123;SIP1;",
        b"",
    ],
)
def test_fritz_that_cannot_be_read(line: bytes) -> None:
    with pytest.raises(Unreadable):
        Fritz().read(line)


def test_a_whole_call_on_a_fritz_box() -> None:
    stream = (
        made.fritz_ring(7, MOBILE, "12348", at=AT)
        + made.fritz_call(8, "11", "12348", "110", at=AT)
        + made.fritz_connect(7, "10", MOBILE, at=AT)
        + made.fritz_disconnect(7, 42, at=AT)
    )
    assert same_in_any_pieces(Fritz(), stream) == [
        Began(port="SIP0", call="7", number=MOBILE, dialled="12348"),
        Connected(call="7", seat="10"),
        Finished(call="7", answered=True, seconds=42),
    ]


# ── All of them on a bad wire ────────────────────────────────────────────────────────────────────────────────────────

CALLS = {
    "fsk-mdmf": (Fsk(), made.mdmf(MOBILE, at=AT, name=b"LI"), b"\x80"),
    "fsk-sdmf": (Fsk(), made.sdmf(MOBILE, at=AT), b"\x04"),
    "dtmf": (Dtmf(), made.dtmf(MOBILE), b"D"),
    "netcallerid": (NetCallerId(), made.netcallerid(MOBILE, at=AT, name="LI"), b"#"),
    "whozz": (Whozz(), made.whozz_start(1, MOBILE, at=AT, name="LI"), b"01 I S "),
    "ncid": (Ncid(), made.ncid_call(MOBILE, at=AT, line="1", name="LI"), b"CALL: ###"),
    "fritz": (Fritz(), made.fritz_ring(1, MOBILE, "12348", at=AT), b"16.06.20 12:25:42;RING;"),
}
"""A call in each dialect, and how one begins."""
EACH = pytest.mark.parametrize(("dialect", "call", "start"), CALLS.values(), ids=CALLS)


@EACH
def test_what_they_tell(dialect: Dialect, call: bytes, start: bytes) -> None:
    silent = isinstance(dialect, (Fsk, Dtmf, NetCallerId))
    assert dialect.tells == Tells(answers=not silent, ends=not silent)
    assert dialect.greeting == (TOGGLES if isinstance(dialect, Whozz) else b"")


@EACH
def test_two_calls_back_to_back(dialect: Dialect, call: bytes, start: bytes) -> None:
    assert same_in_any_pieces(dialect, call + call) == heard(dialect, call) * 2


@EACH
def test_garbage_before_between_and_after_costs_no_call(dialect: Dialect, call: bytes, start: bytes) -> None:
    for garbage in (b"\x00", b"\xff\xfe", b"\x1b[2J", b"\r\n\r\n", b"\x55\xaa" * 20, call[: len(call) // 2] + b"\r\n"):
        said = heard(dialect, call)
        assert [sign for sign in heard(dialect, garbage + call + garbage + call + garbage) if sign in said] == said * 2


@EACH
def test_a_flood_of_beginnings_costs_no_call(dialect: Dialect, call: bytes, start: bytes) -> None:
    assert heard(dialect, start * 400 + b"\r\n" + call)[-1:] == heard(dialect, call)


@EACH
def test_a_call_that_is_damaged_anywhere_is_never_another_call(dialect: Dialect, call: bytes, start: bytes) -> None:
    """Where a checksum or the alphabet shows it; text lines have neither."""
    if not isinstance(dialect, (Fsk, Dtmf)):
        return
    for at in range(len(call)):
        damaged = call[:at] + bytes((call[at] ^ 0x40,)) + call[at + 1 :]
        assert heard(dialect, damaged) in ([], heard(dialect, call)), at


@EACH
def test_no_chunk_takes_long(dialect: Dialect, call: bytes, start: bytes) -> None:
    """4096 bytes are the most that the link hands over at once."""
    worst = (start, call, call[:-3], b"\xff", b" ", b";", b"CALL: ###", b"...", b"\x80\xff", b"\x04\x12")
    assert max(seconds_taken(dialect, (each * 4096)[:4096]) for each in worst) < 0.1


def _mutated(call: bytes, cuts: list[tuple[int, int, bytes]]) -> bytes:
    for at, length, instead in cuts:
        at %= len(call) + 1
        call = call[:at] + instead + call[at + length :]
    return call


CUTS = st.lists(st.tuples(st.integers(0, 80), st.integers(0, 6), st.binary(max_size=6)), max_size=5)


@EACH
def test_any_bytes_are_read_or_refused(dialect: Dialect, call: bytes, start: bytes) -> None:
    @FEW
    @given(st.binary(max_size=300), CUTS)
    def check(junk: bytes, cuts: list[tuple[int, int, bytes]]) -> None:
        for frame in (junk, _mutated(call, cuts)):
            told(dialect, frame)
            heard(dialect, frame, call)

    check()


@pytest.mark.parametrize("name", ["fsk-mdmf", "dtmf", "netcallerid"])
def test_no_byte_is_lost_but_line_ends(name: str) -> None:
    dialect, call, _ = CALLS[name]
    line_ends = b"" if name == "fsk-mdmf" else b"\r\n"

    @FEW
    @given(st.binary(max_size=200), CUTS, st.integers(0, 300))
    def check(junk: bytes, cuts: list[tuple[int, int, bytes]], at: int) -> None:
        stream = junk + _mutated(call, cuts) + call
        found = b"".join(piece.data for piece in pieces(dialect, stream[:at], stream[at:]))
        assert found.translate(None, line_ends) == stream.translate(None, line_ends)

    check()
