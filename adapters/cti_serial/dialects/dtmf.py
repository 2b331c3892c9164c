"""DTMF caller id (双音多频来电显示): the symbols that a box heard before the first ring, as letters on RS-232.

`D13800138000C`: a start symbol, digits, an end symbol. Which of A B C D * # they are differs by exchange; there is no
checksum, no date and no name. D always begins anew, so a D that ends a number is known by the silence behind it.

Source: DonJin's (东进) published demo, where D resets and C ends; Panasonic's service manuals for A to D.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from adapters.caller_id.written import number_of
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import Numbered
from adapters.reading import Unreadable
from adapters.wire.framing import Framer, Piece

SHORTEST: Final = 3
"""Digits. Fewer are a code that says why there is no number; the codes differ by country."""

_FRAME = re.compile(rb"[A-D*#]{1,8}([0-9]{1,32})[ABC*#]")
_ENDED_BY_D = re.compile(rb"[A-D*#]{1,8}([0-9]{1,32})D")
_UNFINISHED = re.compile(rb"[A-D*#]{1,8}(?:[0-9]{1,32}D?)?\Z")


class Dtmf:
    """Symbols of the keypad."""

    name = "dtmf"
    tells = Tells(answers=False, ends=False)
    greeting = b""

    def framer(self) -> Framer:
        """By start and end symbol."""
        return Symbols()

    def read(self, frame: bytes) -> Sequence[Numbered]:
        """The caller. Raises `Unreadable` for what is no frame."""
        match = _FRAME.fullmatch(frame) or _ENDED_BY_D.fullmatch(frame)
        if match is None:
            raise Unreadable("no digits between a start and an end symbol")
        if len(match[1]) < SHORTEST:
            return [Numbered()]
        number, hidden = number_of(match[1].decode("ascii"))
        return [Numbered(number=number, hidden=hidden)]


class Symbols:
    """From a start symbol, which may repeat, to an end symbol. Line ends between frames are dropped."""

    def __init__(self) -> None:
        self._bytes = b""

    @property
    def patience(self) -> float:
        """Seconds. An exchange sends ten symbols in one."""
        return 1.0

    @property
    def pending(self) -> bool:
        """A frame has begun."""
        return bool(self._bytes)

    def feed(self, data: bytes) -> list[Piece]:
        """The frames that have ended."""
        heard, at = self._bytes + data, 0
        found: list[Piece] = []
        for match in _FRAME.finditer(heard):
            found += _noise(heard[at : match.start()])
            found.append(Piece(match[0]))
            at = match.end()
        begun = _UNFINISHED.search(heard, at)
        begins = begun.start() if begun else len(heard)
        self._bytes = heard[begins:]
        return found + _noise(heard[at:begins])

    def quiet(self) -> list[Piece]:
        """A number that ended with D, or one that was cut off."""
        heard, self._bytes = self._bytes, b""
        return [Piece(heard)] if _ENDED_BY_D.fullmatch(heard) else _noise(heard)


def _noise(data: bytes) -> list[Piece]:
    data = data.strip(b"\r\n")
    return [Piece(data, noise=True)] if data else []
