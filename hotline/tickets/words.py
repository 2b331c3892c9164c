"""How is Chinese text found again? By pairs of neighbouring signs.

Chinese has no spaces, and the dictionaries that cut it into words miss names and new terms. So every two neighbouring
signs of a run of letters are one word of the index (`民间借贷` → 民间, 间借, 借贷), and the last sign of a run stands
alone: two signs find any place, one sign finds by prefix. Signs are folded first (NFKC, lower case), so that full-width
and half-width digits are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

MAX_QUERY: Final = 60

_RUN: Final = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """The same text, whatever the input method made of it."""
    return unicodedata.normalize("NFKC", text).lower()


def runs(text: str) -> list[str]:
    """The pieces of a text between spaces and signs, folded."""
    return _RUN.findall(folded(text))


def words(texts: Iterable[str]) -> list[str]:
    """What the index keeps of these texts, sorted, each once."""
    found: set[str] = set()
    for text in texts:
        for run in runs(text):
            found.update(run[i : i + 2] for i in range(len(run) - 1))
            found.add(run[-1])
    return sorted(found)


def query(text: str) -> str | None:
    """The `tsquery` for what somebody typed; None when there is nothing to look for in it."""
    asked: set[str] = set()
    for run in runs(text[:MAX_QUERY]):
        if len(run) == 1:
            asked.add(f"{_quoted(run)}:*")
        else:
            asked.update(_quoted(run[i : i + 2]) for i in range(len(run) - 1))
    return " & ".join(sorted(asked)) or None


def _quoted(word: str) -> str:
    """Only letters and digits come here (`_RUN`); quoted so that none of them is an operator."""
    return f"'{word}'"
