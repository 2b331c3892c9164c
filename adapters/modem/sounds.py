"""In which coding does sound go over the wire? Chosen from what the modem lists (`+VSM=?`), pure.

    128,"8-BIT LINEAR",8,0,(7200,8000),(0),(0)        U.S. Robotics' own numbers from 128 on
    1,"UNSIGNED PCM",8,0,8000,0,0                     Conexant: V.253's number 1
    5,"ALAW PCM",8,0,(8000),(0),(0)

Sources: ITU-T V.253, table 20; U.S. Robotics' command reference for +VSM; NCID's notes on chips.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
import soxr

RATE: Final = 8000
"""Samples per second of announcements and recordings."""
RATES: Final = (8000, 7200, 11025)
"""In the order of preference; older chips have no 8000."""

_ENTRY: Final = re.compile(r'^\s*(?:\+VSM:)?\s*(\d+)\s*[,;]\s*"?([^",;]*)"?\s*[,;]\s*(\d+)[^,;]*(.*)$', re.IGNORECASE)
_BY_ID: Final = {1: "u8", 4: "ulaw", 5: "alaw"}
_BY_NAME: Final = (
    (re.compile(r"ADPCM|CELP|IMA|(?<!UN)SIGNED", re.IGNORECASE), ""),
    (re.compile(r"U-?LAW|MU-?LAW|µ", re.IGNORECASE), "ulaw"),
    (re.compile(r"A-?LAW", re.IGNORECASE), "alaw"),
    (re.compile(r"UNSIGNED|8-?BIT LINEAR|LINEAR", re.IGNORECASE), "u8"),
)
_PREFERRED: Final = ("u8", "ulaw", "alaw")
"""Linear first: it is what others have proven with these modems; G.711 sounds better on a faint line."""


class Coding(msgspec.Struct, frozen=True):
    """One way the modem takes and gives sound."""

    number: int
    law: str
    """As `adapters.line_audio.codec` calls it."""
    rate: int = RATE
    """Samples per second; one byte each."""


def listed(lines: Iterable[str]) -> list[Coding]:
    """What of the modem's list can be used here: eight bits a sample, no compression that would have to be computed."""
    found: list[Coding] = []
    for line in lines:
        entry = _ENTRY.match(line)
        if entry is None or entry[3] != "8":
            continue
        law = _law(int(entry[1]), entry[2])
        rate = _rate(entry[4])
        if law and rate:
            found.append(Coding(int(entry[1]), law, rate))
    return found


def chosen(codings: Sequence[Coding], wanted: str = "") -> Coding | None:
    """The best of them: 8 kHz first, then `wanted`, or the usual order; None where there is none."""
    order = (wanted,) if wanted else _PREFERRED
    able = [each for each in codings if each.law in order]
    return min(able, key=lambda each: (RATES.index(each.rate), order.index(each.law)), default=None)


def resampled(pcm16: bytes, rate: int, to: int) -> bytes:
    """The same sound at another rate."""
    if rate == to:
        return pcm16
    samples = soxr.resample(np.frombuffer(pcm16, "<i2"), rate, to, quality="HQ")
    return np.asarray(samples, "<i2").tobytes()


def _law(number: int, name: str) -> str:
    for pattern, law in _BY_NAME:
        if pattern.search(name):
            return law
    return _BY_ID.get(number, "")


def _rate(rest: str) -> int:
    """Of the first list of rates: `(7200,8000)`, `(7200-11025)`, `8000`; 0: none that we know."""
    numbers = rest.partition(")")[0]
    if span := re.search(r"(\d{4,5})\s*-\s*(\d{4,5})", numbers):
        low, high = int(span[1]), int(span[2])
        return next((rate for rate in RATES if low <= rate <= high), 0)
    there = {int(each) for each in re.findall(r"\d{4,5}", numbers)}
    return next((rate for rate in RATES if rate in there), 0)
