"""A modem that only listens (来电显示调制解调器). What its lines say is read in `adapters/caller_id/modem_lines.py`;
the line book keeps a call's first number. In voice mode the modem says DLE R (`10 52`) in place of RING.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from adapters.caller_id.modem_lines import ENABLE, QUIET, read_line, without_junk
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import AnySign, Rang
from adapters.wire.framing import Framer, Lines

_SHIELDED = re.compile(rb"\x10(.)", re.DOTALL)
"""DLE and the letter of an event, in voice mode."""


class Modem:
    """One line of text a field. `enable` is the one of `ENABLE` that the modem understands."""

    name = "modem"
    tells = Tells(answers=False, ends=False)

    def __init__(self, enable: bytes = ENABLE[1]) -> None:
        self._enable = enable

    @property
    def greeting(self) -> bytes:
        """One command line; modems are deaf to a second one until they have answered the first."""
        return QUIET + self._enable.removeprefix(b"AT")

    def framer(self) -> Framer:
        """By line; a last field without its line end counts after a second."""
        return Lines()

    def read(self, frame: bytes) -> Sequence[AnySign]:
        """What the line says of a call; nothing for the modem's answers. Raises `Unreadable` for other lines."""
        events = _SHIELDED.findall(frame)
        rang: list[AnySign] = [Rang() for event in events if event == b"R"]
        text = without_junk(_SHIELDED.sub(b"", frame))
        return rang if events and not text.strip() else [*rang, *read_line(text)]
