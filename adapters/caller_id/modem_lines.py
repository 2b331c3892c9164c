"""What does a line of a modem that waits for calls say? RING and the caller id, one field a line.

    RING
    DATE = 0504
    TIME = 2149
    NMBR = 4075551212
    NAME = SOMEBODY

No two makers write the same labels. Each field is a sign of its own, so that a number is known at once: in China no
name follows that could be waited for. Some exchanges send a number and then `NMBR = O` to mask it; this reader has no
memory and tells both, and whoever keeps the call keeps its first number. DATE, TIME and MESG say nothing.

Sources: NCID's Modems.md, ncidd.c and test data; mgetty's cnd.c and manual; MultiTech's reference for +VDR; 3GPP TS
27.007 for +CLIP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from adapters.caller_id.fsk_frame import read_frame
from adapters.caller_id.signs import Hidden, Numbered, Rang
from adapters.caller_id.written import name_of, number_of, words
from adapters.reading import Unreadable

ENABLE: Final[Sequence[bytes]] = (
    b"AT#CID=1\r",
    b"AT+VCID=1\r",
    b"AT+FCLASS=8;+VCID=1\r",
    b"AT#CLS=8#CID=1\r",
    b"AT#CC1\r",
    b"AT*ID1\r",
    b"AT%CCID=1\r",
)
"""What turns caller id on, in the order to try: a modem that has it answers OK, every other one ERROR."""

QUIET: Final = b"ATS0=0V1Q0"
"""Never answer by itself, answer in words."""

_NUMBER_LABELS: Final = (
    *("REASON FOR NO CALLER NUMBER", "CALLER'S NUMBER", "CALLER NUMBER", "CALLERID"),
    *("DDN_NMBR", "NMBR", "NBR", "NDID", "DDN"),
)
_NAME_LABELS: Final = ("CALLER NAME", "NAME")
_MUTE_LABELS: Final = ("REASON FOR NO CALLER NAME", "CALLED NUMBER", "DATE", "TIME", "MESG")
_LABEL = re.compile(rf"({'|'.join((*_MUTE_LABELS, *_NUMBER_LABELS, *_NAME_LABELS))})\s*[=:]", re.IGNORECASE)

_RING = re.compile(r"RING(?: ?([A-Z0-9]))?")
_CADENCE = re.compile(r"(?:DRO[NF]\s*=\s*[0-9]+[\s,]*)+")
_RING_WITH_NUMBER = re.compile(r"RING;([^;]*);?([^;]*);?")
_FROM_TO = re.compile(r"FM:(\S*)(?: TO:(\S*))?")
_CLIP = re.compile(r"\+CLIP:\s*(.*)")
_WITHHELD_BY: Final = {"1": Hidden.WITHHELD, "2": Hidden.OUT_OF_AREA}
_DIGITS = re.compile(r"[0-9]{3,20}")
_HEX = re.compile(r"(?:[0-9A-F]{2}){6,258}", re.IGNORECASE)
_LOST_LINE_END = re.compile(r"(?<=[0-9])RING$")
_ANSWER = re.compile(r"OK|ERROR|AT.*|CONNECT.*|NO CARRIER|NO DIAL ?TONE|NO ANSWER|BUSY|VCON|[0-9]|[#+]V?CID:.*")
"""To a command: a result, the echo, the present setting."""


def read_line(line: bytes) -> Sequence[Rang | Numbered]:
    """What the line says of a call; nothing for the modem's answers. Raises `Unreadable` for other lines."""
    text = words(without_junk(line)).strip()
    said, rings_after = _LOST_LINE_END.subn("", text)
    return [*_line(said), *([Rang()] if rings_after else [])]


def without_junk(line: bytes) -> bytes:
    """A line that begins with what a switched relay leaves behind is a line all the same."""
    return line.lstrip(bytes({*range(0x21), *range(0x7F, 0x100)}))


def _line(text: str) -> Sequence[Rang | Numbered]:
    if ring := _RING.fullmatch(text):
        return [Rang(pattern=ring[1] or "")]
    if _CADENCE.fullmatch(text):
        return [Rang()] if "DRON" in text else []
    if with_number := _RING_WITH_NUMBER.fullmatch(text):
        return [Rang(), _numbered(with_number[1], dialled=with_number[2])]
    if from_to := _FROM_TO.fullmatch(text):
        return [_numbered(from_to[1], dialled=from_to[2] or "")]
    if clip := _CLIP.fullmatch(text):
        return [_clip(clip[1])]
    if _LABEL.search(text):
        return list(_labelled(text))
    if _DIGITS.fullmatch(text):
        return [_numbered(text)]
    if _HEX.fullmatch(text):
        return read_frame(bytes.fromhex(text))
    if _ANSWER.fullmatch(text):
        return []
    raise Unreadable("not a line of a modem that waits for calls")


def _labelled(text: str) -> Iterator[Rang | Numbered]:
    """The fields of a line, mostly one; rings whose line end got lost stand before them."""
    labels = list(_LABEL.finditer(text))
    for _ in range(text[: labels[0].start()].count("RING")):
        yield Rang()
    ends = [after.start() for _, after in pairwise(labels)]
    for label, end in zip(labels, [*ends, len(text)], strict=True):
        value = text[label.end() : end].strip()
        if label[1].upper() in _NUMBER_LABELS:
            yield _numbered(value)
        elif label[1].upper() in _NAME_LABELS and (name := name_of(value)):
            yield Numbered(name=name)


def _clip(value: str) -> Numbered:
    """`"number",type,"subaddress",its type,"name",validity`; all but the first two may be missing."""
    number, _, _, _, name, validity, *_ = [*(part.strip(' "') for part in value.split(",")), *[""] * 5]
    sign = _numbered(number)
    hidden = None if sign.number else sign.hidden or _WITHHELD_BY.get(validity)
    return Numbered(number=sign.number, hidden=hidden, name=name_of(name))


def _numbered(value: str, dialled: str = "") -> Numbered:
    number, hidden = number_of(value)
    return Numbered(number=number, hidden=hidden, dialled=number_of(dialled)[0])
