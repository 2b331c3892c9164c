"""NetCallerID, a box of one line: `###DATE03301423...NMBR4075551212...NAMEWIRELESS CALL+++`, 4800 baud.

It tells the caller and nothing else. Where there is no number the name says why (`-UNKNOWN CALLER-`); frames with
`-MSG OFF-` are about a lamp for messages (留言灯). NCID's gateways took over the notation: `fields` and `caller` serve
both.

Source: NCID API, "Optional NetCallerID Device-to-Server".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from adapters.caller_id.written import name_of, number_of, words
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import Numbered
from adapters.reading import Unreadable
from adapters.wire.framing import Between, Framer, Piece

BEGIN, END = "###", "+++"

_LABELS: Final = ("DATE", "SCALL", "ECALL", "CALL", "LINE", "NMBR", "NAME")
_LAMP = re.compile(r"\s*-MSG .*-\s*")


class NetCallerId:
    """One call a frame."""

    name = "netcallerid"
    tells = Tells(answers=False, ends=False)
    greeting = b""

    def framer(self) -> Framer:
        """By the marks at both ends."""
        return _Frames(BEGIN.encode(), END.encode())

    def read(self, frame: bytes) -> Sequence[Numbered]:
        """The caller. Raises `Unreadable` for a frame without a number's place."""
        text = words(frame)
        if not (text.startswith(BEGIN) and text.endswith(END)):
            raise Unreadable("not between ### and +++")
        found = fields(text)
        if "NMBR" not in found:
            raise Unreadable("a frame without NMBR")
        return [] if _LAMP.fullmatch(found.get("NAME", "")) else [caller(found)]


class _Frames(Between):
    """The line end behind each frame is no noise."""

    def feed(self, data: bytes) -> list[Piece]:
        return [piece for piece in super().feed(data) if piece.data.strip(b"\r\n")]


def fields(text: str) -> dict[str, str]:
    """What follows each label, and under "" what has none. The name is the last field and may contain dots. Where a
    frame was cut off and another one began, the last one counts."""
    text = text[text.rfind(BEGIN) + len(BEGIN) : text.rfind(END)]
    before, named, name = text.partition("...NAME")
    found = {"NAME": name} if named else {}
    for part in before.split("..."):
        label = next((label for label in _LABELS if part.startswith(label)), "")
        found.setdefault(label, part[len(label) :])
    return found


def caller(found: Mapping[str, str], port: str = "") -> Numbered:
    """Who calls."""
    number, hidden = number_of(found.get("NMBR", ""))
    name = found.get("NAME", "")
    if number is None and hidden is None:
        _, hidden = number_of(name)
    return Numbered(port=port, number=number, hidden=hidden, name=name_of(name))
