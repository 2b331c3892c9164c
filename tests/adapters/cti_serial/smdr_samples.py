"""Call records byte for byte: from manuals where it says so, else made up to the documented layout."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from adapters.cti_serial.signs import Anchor, Recorded

MINUTE: Final = timedelta(minutes=1)

PANASONIC_HEADER: Final = b"  Date     Time    Ext CO        Dial Number        Ring Duration  Acc code  CD "
PANASONIC_RULER: Final = b"-" * 80

AVAYA_CONTINUED: Final = (
    b"2002/06/28 09:30:57,00:00:13,7,01707392200,I,299999,299999,,0,1000014160,1,E4750,John Smith,T9002,LINE 1.2,11,0"
)
AVAYA_LOST: Final = (
    b"2008/06/28 09:28:41,00:00:00,9,8004206,I,4324,4324,,0,1000014155,0,"
    b"E4324,Joe Bloggs,T9161,LINE 5.1,0,0,,,,,,,,,,,,,"
)
"""From the manual's examples, with the 30 values of later releases."""


def panasonic(
    dial: str = "<I>13800138000",
    *,
    when: str = "03/14/26 09:30AM",
    ext: str = "1200",
    co: str = "01",
    ring: str = "0'05",
    talked: str = "00:01'05",
    cd: str = "",
) -> bytes:
    """A line of pattern A."""
    return f"{when:16} {ext:>5} {co:2} {dial:25} {ring:>4} {talked:8} {'':10} {cd:3}".encode()


def avaya(
    *,
    time: str = "2008/08/01 15:14:19",
    connected: str = "00:00:05",
    ring: str = "7",
    number: str = "01707299900",
    direction: str = "I",
    internal: str = "0",
    more: str = "0",
    party1: str = "E403,Extn403",
    held: str = "0,0",
) -> bytes:
    """The manual's example of a call from outside, changed where named; `party1` with its name, `held` with parking."""
    call = f"{time},{connected},{ring},{number},{direction},403,390664,,{internal},1000013,{more}"
    return f"{call},{party1},T9001,Line 1.2,{held},,,,,,,,,,,,,,".encode("utf-8", "surrogateescape")


def hipath(
    kind: str = "1", *, when: str = "11.04.1900:35:48", ring: str = "00:01", talked: str = "00:00:07", msn: str = ""
) -> bytes:
    """A compressed record."""
    return f"{when:16}{'1':>3}{'104':>6}{ring:5}{talked:8}{'0876153281':25}{'':11}{kind:>2}{'':11}{msn:>11}".encode()


def shenou(
    number: str = "13800138000", *, when: str = "20250314093015", talked: str = "000215", kind: str = "12"
) -> bytes:
    """A record as the console forwards it."""
    return f"T{when:15}{talked:7}{number:16}{'8012':8}{'8012':24}{kind:3}{'0.00':8}".encode()


WHOLE: Final = {"panasonic": panasonic(), "avaya-ipo": avaya(), "hipath": hipath(), "shenou": shenou()}
"""One record of each about an answered call."""

KNOWN: Final[list[tuple[str, bytes, Recorded | None]]] = [
    ("panasonic", PANASONIC_HEADER, None),
    ("panasonic", PANASONIC_RULER, None),
    (
        "panasonic",
        b"01/02/02 10:03AM  1200 01 <I>12345678901234567890   5'15 00:00'00            NA ",
        Recorded(
            port="01",
            at=datetime.fromisoformat("2002-01-02 10:03"),
            anchor=Anchor.END,
            step=MINUTE,
            ring=315,
            seat="1200",
            number="12345678901234567890",
        ),
    ),
    ("panasonic", b"01/02/02 10:15AM  *123 01 1234567890123456               00:01'05 9876543210    ", None),
    (
        "avaya-ipo",
        AVAYA_CONTINUED,
        Recorded(
            port="LINE 1.2",
            at=datetime.fromisoformat("2002-06-28 09:30:57"),
            anchor=Anchor.START,
            ring=7,
            talked=24,
            seat="4750",
            number="01707392200",
            dialled="299999",
            call="1000014160",
            more=True,
        ),
    ),
    (
        "hipath",
        b"11.04.1900:35:48  1   10400:0100:00:070876153281                           1",
        Recorded(
            port="1",
            at=datetime.fromisoformat("2019-04-11 00:35:48"),
            anchor=Anchor.END,
            ring=1,
            talked=7,
            seat="104",
            number="0876153281",
        ),
    ),
    ("shenou", b"T20050920083428 000324 8012            8012    02134567890             02 0.50    ", None),
    (
        "shenou",
        b"T20250314093015 000215 13800138000     8012    8012                    12 0.00    ",
        Recorded(
            at=datetime.fromisoformat("2025-03-14 09:30:15"),
            anchor=Anchor.ANSWER,
            talked=135,
            seat="8012",
            number="13800138000",
        ),
    ),
]
"""The samples of the project's domain notes: dialect, line, and what it says (None: nothing about a caller)."""
