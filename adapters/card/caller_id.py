"""Whose number is in the caller-id signals that a card hands over raw? Pure.

FSK (Bellcore, V.23): type 04 (SDMF) or 80 (MDMF), length, data, and a checksum that makes the sum 0 modulo 256; before
the frame there may be seizure bytes. DTMF caller id: a letter begins it, another ends it, with no checksum; on lines
here 'D' begins and 'C' ends, as in the vendor's published programs. Sources: domain facts 4.1, 4.2, 4.7.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

SINGLE, MULTIPLE = 0x04, 0x80
NUMBER_PARAMETER: Final = 0x02
MONTH_TO_MINUTE: Final = 8
"""Digits of date and time before the number in a single message."""
MOST_DIGITS: Final = 32
KEPT: Final = timedelta(seconds=6)
"""A number without a call that follows it was another caller's: rings come every five seconds."""


def number_in(data: bytes) -> str:
    """The number in a frame; empty when it is withheld, or when the frame is damaged."""
    for at, kind in enumerate(data):
        if kind not in (SINGLE, MULTIPLE) or at + 1 >= len(data):
            continue
        end = at + 2 + data[at + 1]
        if end < len(data) and sum(data[at : end + 1]) % 256 == 0:
            body = data[at + 2 : end]
            return _digits(body[MONTH_TO_MINUTE:] if kind == SINGLE else _parameter(body))
    return ""


class Announced:
    """The numbers that came on idle channels, until the call comes that they belong to."""

    def __init__(self) -> None:
        self._numbers: dict[int, tuple[str, datetime]] = {}
        self._dialling: dict[int, str] = {}

    def frame(self, channel: int, data: bytes, now: datetime) -> str:
        """An FSK frame came; its number."""
        if number := number_in(data):
            self._numbers[channel] = (number, now)
        return number

    def key(self, channel: int, key: str, now: datetime) -> str:
        """A DTMF key came while nobody was on the line; the number once it is complete."""
        match key:
            case "A" | "B" | "D":
                self._dialling[channel] = ""
            case "C" | "#":
                if number := self._dialling.pop(channel, ""):
                    self._numbers[channel] = (number, now)
                    return number
            case _ if channel in self._dialling and len(self._dialling[channel]) < MOST_DIGITS:
                self._dialling[channel] += key
            case _:
                pass
        return ""

    def take(self, channel: int, now: datetime) -> str:
        """The number that belongs to the call that comes now."""
        self._dialling.pop(channel, None)
        number, at = self._numbers.pop(channel, ("", now))
        return number if now - at <= KEPT else ""


def _parameter(body: bytes) -> bytes:
    at = 0
    while at + 1 < len(body):
        if body[at] == NUMBER_PARAMETER:
            return body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + body[at + 1]
    return b""


def _digits(text: bytes) -> str:
    digits = "".join(chr(byte) for byte in text if chr(byte) in "0123456789+*#")
    return digits[:MOST_DIGITS] if len(digits) == len(text) else ""
