"""How does a ticket become a case that tells nobody who it was? What the ticket knows, and what has the form of it.

Pure, and careful rather than elegant: what is found is replaced, what may be a name and may be a word is left and
marked, and a person confirms before anybody else reads it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from hotline.knowledge.names import ANYBODY, LABELS, Hit, firm_label, introduced, is_firm, known
from hotline.knowledge.personal import PUT, Sort, find


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What the ticket's own fields tell about people."""

    caller: str = ""
    counterparty: str = ""
    staff: Sequence[str] = ()
    """The lawyer, the handler: people of ours."""
    numbers: Sequence[str] = ()
    """Telephone numbers, digits only."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a text: `was`, and what it became. The same: nothing was found in it."""

    was: str
    now: str
    sort: str = ""
    doubtful: bool = False
    """May be a name and may be a word: left as it is."""


class Folded(msgspec.Struct, frozen=True):
    """A text as it is searched, and where each of its signs stood."""

    text: str
    places: Sequence[int]
    """By sign of `text`; one more at the end."""


STAFF: Final = "值班律师"


def fold(text: str) -> Folded:
    """Full-width signs narrow, sign by sign, so that every place can be found again; invisible signs go."""
    signs: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(text):
        if unicodedata.category(sign) == "Cf":
            continue
        for each in unicodedata.normalize("NFKC", sign):
            signs.append(each)
            places.append(at)
    return Folded("".join(signs), [*places, len(text)])


def anonymise(texts: Mapping[str, str], who: Known) -> dict[str, list[Piece]]:
    """Each text in pieces. One person has one label in all of them."""
    folded = {name: fold(text) for name, text in texts.items()}
    plain = [each.text for each in folded.values()]
    people = _people(who, introduced(plain))
    return {
        name: _pieces(texts[name], each, _hits(each.text, people, [fold(number).text for number in who.numbers]))
        for name, each in folded.items()
    }


def after(pieces: Sequence[Piece]) -> str:
    """The text as it may be read."""
    return "".join(piece.now for piece in pieces)


def left_over(text: str) -> list[str]:
    """What still has the form of somebody's data, by paragraph: `第 2 段：电话`. Long numbers may be a file's."""
    found: list[str] = []
    for number, paragraph in enumerate(text.split("\n"), start=1):
        sorts = dict.fromkeys(span.sort for span in find(fold(paragraph).text) if span.sort is not Sort.NUMBER)
        found += [f"第 {number} 段：{PUT[sort].strip('【】')}" for sort in sorts]
    return found


def _people(who: Known, found: Sequence[str]) -> dict[str, str]:
    """Name → label: the caller is 某甲, the other side 某乙, whoever else the text names follows."""
    labels = list(LABELS)
    people: dict[str, str] = {}

    def add(name: str, label: str) -> None:
        clean = " ".join(fold(name).text.split())
        clean = clean if clean.isascii() else clean.replace(" ", "")
        if len(clean) >= 2 and clean not in people:
            people[clean] = firm_label(clean) if is_firm(clean) else label

    for name in who.staff:
        add(name, STAFF)
    add(who.caller, labels.pop(0))
    add(who.counterparty, labels.pop(0))
    for name in found:
        if name not in people:
            add(name, labels.pop(0) if labels else ANYBODY)
    return people


class _Mark(msgspec.Struct, frozen=True):
    start: int
    end: int
    put: str
    sort: str
    doubtful: bool


def _hits(text: str, people: Mapping[str, str], numbers: Sequence[str]) -> list[_Mark]:
    """Without overlaps: numbers and addresses first (a name in an address goes with it), then the longest name."""
    marks = [_Mark(span.start, span.end, PUT[span.sort], span.sort.value, False) for span in find(text)]
    for number in numbers:
        if len(number) >= 5:
            spaced = r"[ \t\-‐–—.]{0,2}".join(map(re.escape, number))
            marks += [
                _Mark(*each.span(), PUT[Sort.PHONE], Sort.PHONE.value, False) for each in re.finditer(spaced, text)
            ]
    named = sorted(known(text, people), key=_longest_first)
    marks += [_Mark(hit.start, hit.end, hit.put, Sort.NAME.value, hit.doubtful) for hit in named]
    chosen: list[_Mark] = []
    taken = bytearray(len(text))
    for mark in marks:
        if not any(taken[mark.start : mark.end]):
            taken[mark.start : mark.end] = bytes([1]) * (mark.end - mark.start)
            chosen.append(mark)
    return sorted(chosen, key=lambda mark: mark.start)


def _longest_first(hit: Hit) -> tuple[bool, int, int]:
    return hit.doubtful, hit.start - hit.end, hit.start


def _pieces(text: str, folded: Folded, marks: Sequence[_Mark]) -> list[Piece]:
    pieces: list[Piece] = []
    at = 0
    for mark in marks:
        start, end = folded.places[mark.start], folded.places[mark.end]
        if start > at:
            pieces.append(Piece(was=text[at:start], now=text[at:start]))
        was = text[start:end]
        pieces.append(Piece(was=was, now=was if mark.doubtful else mark.put, sort=mark.sort, doubtful=mark.doubtful))
        at = end
    if at < len(text):
        pieces.append(Piece(was=text[at:], now=text[at:]))
    return pieces
