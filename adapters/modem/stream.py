"""What is in the bytes that come from a voice modem: lines of text, events, sound?

Three things share one wire. Text is framed as V.250 does it. An event is DLE and one character, anywhere. Sound comes
between CONNECT and DLE ETX while the modem receives; in it a DLE is written twice. Source: ITU-T V.253, clause 9.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from adapters.wire.framing import Lines

DLE: Final = 0x10
ETX: Final = 0x03
SUB: Final = 0x1A
"""After a DLE: two of them, as sound."""
XON, XOFF = 0x11, 0x13
CONNECT: Final = b"CONNECT"

_FLOW_LETTERS: Final = {ord("Q"): True, ord("S"): False}
_SPECIAL: Final = re.compile(rb"[\x10\x11\x13]")
_SPECIAL_OR_END: Final = re.compile(rb"[\x10\x11\x13\r\n\x00]")


class Line(msgspec.Struct, frozen=True):
    """A line of text without its end."""

    text: bytes


class Event(msgspec.Struct, frozen=True):
    """DLE and this character."""

    letter: str


class Sound(msgspec.Struct, frozen=True):
    """A stretch of what the line says, in the coding that was agreed."""

    data: bytes


class SoundOver(msgspec.Struct, frozen=True):
    """The modem receives no longer (DLE ETX)."""


class Flow(msgspec.Struct, frozen=True):
    """The modem wants no more sound for now, or wants it again."""

    go: bool


Item = Line | Event | Sound | SoundOver | Flow


class Stream:
    """Takes one modem's bytes apart, in whatever pieces they come."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._shielded = False
        self._expecting = False
        self._skip_line_feed = False
        self.receiving = False
        """What comes is sound."""

    @property
    def pending(self) -> bool:
        """A line has begun."""
        return self._lines.pending

    @property
    def patience(self) -> float:
        """Seconds of silence after which a line that has begun is a line."""
        return self._lines.patience

    def expect_sound(self, expected: bool) -> None:
        """The command to receive was sent: behind CONNECT comes sound."""
        self._expecting = expected

    def quiet(self) -> list[Item]:
        """Nothing has come for `patience` seconds."""
        return [Line(piece.data) for piece in self._lines.quiet() if not piece.noise]

    def feed(self, data: bytes) -> list[Item]:
        """What has come, in its order."""
        found: list[Item] = []
        while data:
            if self._shielded:
                self._shielded = False
                self._event(data[0], found)
                data = data[1:]
            elif self.receiving:
                data = self._sound(data, found)
            else:
                data = self._text(data, found)
        return found

    def _sound(self, data: bytes, found: list[Item]) -> bytes:
        if self._skip_line_feed:
            self._skip_line_feed = False
            if data[0] == 0x0A:
                return data[1:]
        at = data.find(DLE)
        if at < 0:
            found.append(Sound(data))
            return b""
        if at:
            found.append(Sound(data[:at]))
        self._shielded = True
        return data[at + 1 :]

    def _text(self, data: bytes, found: list[Item]) -> bytes:
        # One search for whichever comes first: each of many short lines must not have all the rest looked through.
        special = (_SPECIAL_OR_END if self._expecting else _SPECIAL).search(data)
        until = special.start() if special else len(data)
        if special and data[until] in b"\r\n\x00":
            until = special.end()  # sound may follow behind this very line
            special = None
        for piece in self._lines.feed(data[:until]):
            if not piece.noise:
                found.append(Line(piece.data))
                if self._expecting and piece.data.strip().startswith(CONNECT):
                    self._expecting, self.receiving = False, True
                    self._skip_line_feed = data[until - 1] == 0x0D
        if special is None:
            return data[until:]
        if data[until] == DLE:
            self._shielded = True
        else:
            found.append(Flow(data[until] == XON))
        return data[until + 1 :]

    def _event(self, code: int, found: list[Item]) -> None:
        if self.receiving and code in (DLE, SUB):
            found.append(Sound(bytes([DLE]) * (1 if code == DLE else 2)))
        elif self.receiving and code == ETX:
            self.receiving = False
            found.append(SoundOver())
        elif code in _FLOW_LETTERS:
            found.append(Flow(_FLOW_LETTERS[code]))
        elif 0x20 < code < 0x7F:
            found.append(Event(chr(code)))


def stuffed(sound: bytes) -> bytes:
    """Sound as it goes to the modem: each DLE twice."""
    return sound.replace(b"\x10", b"\x10\x10")
