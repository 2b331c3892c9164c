"""Which keys has the caller pressed? A key that is held down is one key.

Plain, DLE and the digit come once. Shielded (V.253, table 17) the modem writes DLE `/`, the digit again every 70 ms for
as long as the key is down, and DLE `~`; any of these may be lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

KEYS: Final = frozenset("0123456789*#ABCD")
BEGINS: Final = "/"
ENDS: Final = "~"
AGAIN: Final = timedelta(seconds=0.5)
"""The same digit after so long is a new press: the end of the former was lost."""


class Keypad:
    """One line's keys."""

    def __init__(self) -> None:
        self._shield = False
        self._held = ""
        self._last: datetime | None = None

    def take(self, letter: str, at: datetime) -> str | None:
        """A key was pressed now; None: it was before, or this is no key."""
        if letter in (BEGINS, ENDS):
            self._shield, self._held = letter == BEGINS, ""
            return None
        if letter not in KEYS:
            return None
        if not self._shield:
            return letter
        held = letter == self._held and self._last is not None and at - self._last < AGAIN
        self._held, self._last = letter, at
        return None if held else letter
