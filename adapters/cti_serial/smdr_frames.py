"""Where does a record (话单) begin in a stream of lines? Where it looks like one, not only behind a line end."""

from __future__ import annotations

import re
from typing import Final

from adapters.wire.framing import Piece

LONGEST: Final = 1024
"""Bytes of one record. Nothing longer is read."""
PATIENCE: Final = 1.0
"""Seconds after which a last line without its end is a line."""


class RecordLines:
    """Lines (ended by CR, LF or NUL) in which a record begins wherever `begins` matches: what sticks to it in front, a
    prompt or half a record, is noise, and two records whose line end got lost are two. A line without a beginning is a
    frame of its own: a header, or a record that is broken."""

    def __init__(self, begins: re.Pattern[bytes]) -> None:
        self._begins = begins
        self._line = bytearray()

    @property
    def patience(self) -> float:
        """A last line without its end is a line after so long."""
        return PATIENCE

    @property
    def pending(self) -> bool:
        """A line has begun."""
        return bool(self._line)

    def feed(self, data: bytes) -> list[Piece]:
        """The lines that have ended."""
        found: list[Piece] = []
        for part in data.replace(b"\r", b"\n").replace(b"\x00", b"\n").splitlines(keepends=True):
            for at in range(0, len(part), LONGEST):
                self._line += part[at : at + LONGEST].removesuffix(b"\n")
                while len(self._line) > LONGEST:
                    found += self._cut(self._take(self._surely_over()), ended=False)
            if part.endswith(b"\n"):
                found += self.quiet()
        return found

    def quiet(self) -> list[Piece]:
        """The line as it stands."""
        return self._cut(self._take(len(self._line)), ended=True)

    def _surely_over(self) -> int:
        """How much of a line that grows too long can go: up to the last beginning, or else what is too old for one."""
        starts = [each.start() for each in self._begins.finditer(self._line, 0, LONGEST)]
        return starts[-1] if starts and starts[-1] else LONGEST // 2

    def _cut(self, line: bytes, *, ended: bool) -> list[Piece]:
        starts = [each.start() for each in self._begins.finditer(line)]
        if not starts:
            return _piece(line, noise=not ended)
        found = _piece(line[: starts[0]], noise=True)
        for start, end in zip(starts, [*starts[1:], len(line)], strict=True):
            found += _piece(line[start:end], noise=False)
        return found

    def _take(self, length: int) -> bytes:
        taken = bytes(self._line[:length])
        del self._line[:length]
        return taken


def _piece(data: bytes, *, noise: bool) -> list[Piece]:
    return [Piece(data, noise=noise)] if data.strip() else []
