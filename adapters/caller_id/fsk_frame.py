"""What does an FSK caller-id frame (频移键控来电显示) say?

A frame is type, length, data, and what makes the sum of all bytes 0 modulo 256. SDMF (单数据消息格式) is a date and a
number; MDMF (复合数据消息格式) is a row of parameters. The date has no year and is the exchange's: it is not used.

Messages that wait in a mailbox (留言等待) come in frames of their own. They are known, so that they are no noise and
nobody looks for calls inside of them, and say nothing. Somebody who knocks (呼叫等待) comes in the same frame as
everybody else.

Sources: Bellcore GR-30; YD/N 069-1997 and its published samples; the table of types and parameters at
themuffin.net/j/cidinfo; parameter 03 after the Teltone TLE manual and the sample of the Perl module Callerid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.caller_id.signs import Numbered
from adapters.caller_id.written import name_of, number_of, words
from adapters.reading import Unreadable

SDMF: Final = 0x04
MDMF: Final = 0x80
WAITING: Final = frozenset({0x06, 0x82})
"""A message waits, or does so no longer, as SDMF and MDMF."""

NUMBER, DIALABLE, NO_NUMBER, NAME, CALL_TYPE = 0x02, 0x03, 0x04, 0x07, 0x11
"""MDMF parameters. `NO_NUMBER` is the letter that says why. `DIALABLE` is the caller's number where there is neither of
the other two (Bellcore); else it is the number that was called (ETSI), or the same one once more."""

_DATE, _NO_NAME = 0x01, 0x08
_MESSAGE_WAITS = b"\x81"
_OF_A_CALL = frozenset({_DATE, NUMBER, DIALABLE, NO_NUMBER, NAME, _NO_NAME})


def read_frame(frame: bytes) -> Sequence[Numbered]:
    """The caller. Raises `Unreadable` for what is no frame, and for one of another kind or another structure."""
    if len(frame) < 3 or frame[1] != len(frame) - 3 or sum(frame) % 256:
        raise Unreadable("length or checksum of the caller id are wrong")
    kind, data = frame[0], frame[2:-1]
    if kind == SDMF:
        return [_single(data)]
    if kind == MDMF:
        return _multiple(_parameters(data))
    if kind in WAITING:
        return []
    raise Unreadable(f"frame type {kind:02X} is no caller id")


def _single(data: bytes) -> Numbered:
    if not data[:8].isdigit() or len(data) < 8:
        raise Unreadable("caller id without a date")
    number, hidden = number_of(words(data[8:]))
    return Numbered(number=number, hidden=hidden)


def _multiple(found: dict[int, bytes]) -> list[Numbered]:
    if found.get(CALL_TYPE) == _MESSAGE_WAITS:
        return []
    if not found.keys() & _OF_A_CALL:
        raise Unreadable("caller id without a parameter of a call")
    shown = next((found[each] for each in (NUMBER, NO_NUMBER, DIALABLE) if each in found), b"")
    number, hidden = number_of(words(shown))
    return [Numbered(number=number, hidden=hidden, name=name_of(words(found.get(NAME, b""))))]


def _parameters(data: bytes) -> dict[int, bytes]:
    """By type; the first of a type counts."""
    found: dict[int, bytes] = {}
    while data:
        if len(data) < 2 or len(data) < 2 + data[1]:
            raise Unreadable("a parameter of the caller id is cut off")
        found.setdefault(data[0], data[2 : 2 + data[1]])
        data = data[2 + data[1] :]
    return found
