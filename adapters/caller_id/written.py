"""What do devices write where a caller's number (主叫号码) or name belongs? Every reader of caller ids asks here.

A call whose number nobody can read is a call all the same: nothing in this file raises.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.caller_id.signs import Hidden
from adapters.errors import Undecodable
from adapters.reading import text_of

NAME_CHARS: Final = 64
"""Names are for people to read; longer ones are cut here."""

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")
_WHY: Final = {
    **dict.fromkeys(("P", "A", "PRIVATE", "RESTRICTED", "ANONYMOUS", "WITHHELD", "BLOCKED"), Hidden.WITHHELD),
    **dict.fromkeys(("O", "OUT OF AREA", "UNKNOWN", "UNAVAILABLE"), Hidden.OUT_OF_AREA),
}
_NAMELESS: Final = {*_WHY, "NO NAME", "NONAME", ""}


def words(frame: bytes) -> str:
    """The frame as text: UTF-8, else GB 18030, else ASCII with marks where it is none."""
    try:
        return text_of(frame)
    except Undecodable:
        return frame.decode("ascii", "replace")


def number_of(shown: str) -> tuple[str | None, Hidden | None]:
    """The number without dashes, blanks and brackets, or why there is none; neither where the device does not say.

    Letters: P private and A anonymous, O out of area (GR-30, NCID API); words as Whozz Calling and modems print them.
    A number of zeros only is what some exchanges send for one that they do not know.
    """
    number = re.sub(r"[\s().-]", "", shown)
    if _NUMBER.fullmatch(number):
        return (number, None) if re.search("[1-9]", number) else (None, Hidden.OUT_OF_AREA)
    return None, _WHY.get(_phrase(shown))


def name_of(shown: str) -> str:
    """The name, in characters that can be printed; empty where words stand that say there is none."""
    name = " ".join("".join(char if char.isprintable() else " " for char in shown).split())
    return "" if _phrase(name) in _NAMELESS else name[:NAME_CHARS]


def _phrase(shown: str) -> str:
    """`-UNKNOWN CALLER-` and `Out-of-Area` as the words they consist of."""
    phrase = " ".join(re.split(r"[\s.-]+", shown.upper())).strip()
    return re.sub(r" (CALLER|NUMBER)$", "", phrase)
