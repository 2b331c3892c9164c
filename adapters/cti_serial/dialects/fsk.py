"""FSK caller id as the exchange sends it, handed on byte for byte by a box on RS-232.

The frame comes between the first and the second ring; the box tells nothing else. What a frame says is read in
`adapters/caller_id/fsk_frame.py`; the line book knows when the line talks and somebody only knocks.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters.caller_id.fsk_frame import MDMF, SDMF, WAITING, read_frame
from adapters.caller_id.signs import Numbered
from adapters.cti_serial.dialect import Tells
from adapters.wire.framing import Framer, Measured


class Fsk:
    """Frames of bytes."""

    name = "fsk"
    tells = Tells(answers=False, ends=False)
    greeting = b""

    def framer(self) -> Framer:
        """By length and checksum; a frame with a wrong sum is noise."""
        return Measured(WAITING | {SDMF, MDMF})

    def read(self, frame: bytes) -> Sequence[Numbered]:
        """The caller. Raises `Unreadable` for what is no frame, and for one of another kind or another structure."""
        return read_frame(frame)
