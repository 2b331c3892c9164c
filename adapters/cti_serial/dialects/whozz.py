"""Whozz Calling? (CallerID.com), a box of 2, 4 or 8 lines: records of calls and, between them, what each line does.

    01 I S 0276 G B3 09/26 11:28 AM 800-240-4637   CallerID.com
    01 F             09/26 11:28:41

A record is the line, Inbound or Outbound, Start or End, seconds from off hook to on hook (at the end), checksum Good or
Bad, type and number of rings (at the end), date, time, number (14 characters), name (15). A detail line is the line and
Ring, oFf hook (摘机), oN hook (挂机) or Hook flash (拍叉). Outgoing records say nothing; their hooks are told like all
others. A bad checksum is a number not to be trusted: then there is none. The date has no year and is not used. With one
of the box's settings each line begins with a dollar sign.

Sources: the maker's manuals of the 2 Line and the 4 & 8 Line units (Data Format, Detail Mode, Setup Toggles), and his
sample application.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.caller_id.written import name_of, number_of, words
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import AnySign, Finished, Numbered, OffHook, OnHook, Rang
from adapters.reading import Unreadable
from adapters.wire.framing import Framer, Lines

TOGGLES: Final = b"XAd"
"""One letter a setting, kept by the box without power: the long format, a record at both ends of a call, detail lines.
A box out of its carton has the first two."""

_RECORD = re.compile(
    r"(?P<line>\d\d) (?P<way>[IO]) (?P<moment>[SE]) (?P<seconds>\d{4}) (?P<sum>[GB]) \S\d"
    r" \d\d/\d\d \d\d:\d\d [AP]M ?(?P<who>.*)",
    re.ASCII,
)
_DETAIL = re.compile(r"(?P<line>\d\d) (?P<what>[RFNH]) +\d\d/\d\d \d\d:\d\d:\d\d", re.ASCII)
_ANSWER = re.compile(r"\?|V\d.*|" + TOGGLES.decode())
"""To a command it does not know, to the one that lists the settings, and the echo."""


class Whozz:
    """One line of text a record."""

    name = "whozz"
    tells = Tells()
    greeting = TOGGLES

    def framer(self) -> Framer:
        """By line."""
        return Lines()

    def read(self, frame: bytes) -> Sequence[AnySign]:
        """What a line did. Raises `Unreadable` for what is neither a record nor a detail line: the short format too,
        which cannot tell the end of a call from its beginning."""
        text = words(frame).rstrip("\r\n")
        if record := _RECORD.search(text):
            return _call(record)
        if detail := _DETAIL.search(text):
            return _detail(detail["line"], detail["what"])
        if _ANSWER.fullmatch(text.strip()):
            return []
        raise Unreadable("neither a record nor a detail line")


def _call(record: re.Match[str]) -> list[AnySign]:
    port, seconds = record["line"], int(record["seconds"])
    if record["way"] == "O":
        return []
    if record["moment"] == "E":
        # No `Numbered`: the call may be over by its hook already, and would seem to come in once more.
        return [Finished(port=port, answered=seconds > 0, seconds=seconds or None)]
    if record["sum"] == "B":
        return [Numbered(port=port)]
    shown, name = _number_and_name(record["who"])
    number, hidden = number_of(shown)
    return [Numbered(port=port, number=number, hidden=hidden, name=name_of(name))]


def _detail(port: str, what: str) -> list[AnySign]:
    match what:
        case "R":
            return [Rang(port=port)]
        case "F":
            return [OffHook(port=port)]
        case "N":
            return [OnHook(port=port)]
        case _:
            return []


def _number_and_name(who: str) -> tuple[str, str]:
    """By column, or by the first blank where the columns do not stand where they should."""
    if who[14:15].strip():
        number, _, name = who.partition(" ")
        return number, name
    return who[:14], who[15:]
