"""What is on an event socket (ESL, 事件套接字)? Bytes in whatever pieces become messages, their bodies events.

A message is a block of `Name: value` lines, an empty line, and as many bytes as its `Content-Length` says. The body of
a `text/event-plain` is again a block of such lines, with values in URL encoding, and may hold a text of its own behind
it (`BACKGROUND_JOB`), which is not read here. Pure: no socket, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

import msgspec

from adapters.reading import Unreadable

MOST_LINE_BYTES: Final = 8 * 1024
"""Lines outside of a body are short: a longer one is no event socket."""
MOST_BLOCK_BYTES: Final = 32 * 1024
MOST_BODY_BYTES: Final = 1 << 20
"""Events take 2 to 60 kB, most of it channel variables."""

EVENT: Final = "text/event-plain"

_HEADER: Final = re.compile(rb"([A-Za-z][A-Za-z0-9_-]{0,127}):[ \t]*(.*)", re.DOTALL)
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_NAME: Final = re.compile(r"[!-9;-~]{1,200}")
_UNSAFE: Final = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\uffff]")


class Message(msgspec.Struct, frozen=True):
    """One message, with lower-case header names."""

    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """Its content type, in lower case."""
        return self.headers.get("content-type", "").strip().lower()

    @property
    def reply(self) -> str:
        """What a `command/reply` says: `+OK …` or `-ERR …`."""
        return self.headers.get("reply-text", "").strip()


class Noise(msgspec.Struct, frozen=True):
    """Bytes that are no event socket's; the reason holds none of them."""

    reason: str


class Stream:
    """Cuts one connection's bytes into messages. What it holds is bounded."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._headers = dict[str, str]()
        self._block = 0
        """Bytes of the block so far."""
        self._wrong = ""
        """What is wrong with this block."""
        self._awaited: int | None = None
        """Bytes of the body; None: still in the headers."""

    @property
    def pending(self) -> bool:
        """A message has begun."""
        return bool(self._bytes or self._headers)

    def feed(self, data: bytes) -> list[Message | Noise]:
        """What is complete now, in the order it came."""
        self._bytes += data
        found = list[Message | Noise]()
        while True:
            if self._awaited is not None:
                if len(self._bytes) < self._awaited:
                    return found
                found.append(Message(self._headers, self._take(self._awaited)))
                self._begin()
                continue
            ends = self._bytes.find(b"\n", 0, MOST_LINE_BYTES)
            if ends < 0:
                if len(self._bytes) >= MOST_LINE_BYTES:
                    self._take(MOST_LINE_BYTES)
                    found.append(Noise("a line without end"))
                    continue
                return found
            line = self._take(ends + 1)[:-1].rstrip(b"\r")
            if line:
                found += self._line(line)
            elif self._headers or self._wrong:
                found += self._ended()

    def _line(self, line: bytes) -> list[Message | Noise]:
        matched = _HEADER.fullmatch(line)
        if matched is None:
            return [Noise("a line that is no header")]
        self._block += len(line)
        if self._block > MOST_BLOCK_BYTES:
            self._wrong = "too many headers"
            return []
        name, value = matched[1].decode().lower(), matched[2].decode("utf-8", "replace").strip()
        if name == "content-length" and self._headers.get(name, value) != value:
            self._wrong = "two lengths"
        self._headers.setdefault(name, value)
        return []

    def _ended(self) -> list[Message | Noise]:
        length = self._headers.get("content-length", "0")
        if not self._wrong and (_LENGTH.fullmatch(length) is None or int(length) > MOST_BODY_BYTES):
            self._wrong = "an impossible length"
        if self._wrong:
            noise = Noise(self._wrong)
            self._begin()
            return [noise]
        if int(length) == 0:
            message = Message(self._headers)
            self._begin()
            return [message]
        self._awaited = int(length)
        return []

    def _begin(self) -> None:
        self._headers, self._block, self._wrong, self._awaited = {}, 0, "", None

    def _take(self, length: int) -> bytes:
        taken = bytes(self._bytes[:length])
        del self._bytes[:length]
        return taken


class Event(msgspec.Struct, frozen=True):
    """One event of FreeSWITCH, with lower-case header names and decoded values."""

    headers: Mapping[str, str]

    @property
    def name(self) -> str:
        """`CHANNEL_CREATE`, `CUSTOM` …"""
        return self.first("event-name").upper()

    @property
    def uuid(self) -> str:
        """The channel (通道) it is about."""
        return self.first("unique-id", "caller-unique-id")

    def first(self, *names: str) -> str:
        """The first of these headers that says something; empty: none does."""
        return next((value for name in names if (value := self.headers.get(name, ""))), "")


def read(body: bytes) -> Event:
    """The event in the body of a `text/event-plain`. Raises `Unreadable`.

    Where a name comes twice the first one counts: what a caller can write himself (variables) comes later. Lines that
    are no headers are passed over: old versions do not encode values that hold line ends.
    """
    if len(body) > MOST_BODY_BYTES:
        raise Unreadable("the event is too long")
    headers = dict[str, str]()
    for line in body.lstrip(b"\r\n").decode("utf-8", "replace").split("\n"):
        if not line.strip():
            break
        name, colon, value = line.partition(":")
        if colon and _NAME.fullmatch(name):
            headers.setdefault(name.lower(), _UNSAFE.sub("", unquote(value.strip(), errors="replace")).strip())
    if not headers.get("event-name"):
        raise Unreadable("no event")
    return Event(headers)
