"""What a dialect makes of a stream, in whatever pieces it comes."""

from __future__ import annotations

import re
import time

from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.signs import AnySign
from adapters.reading import Unreadable
from adapters.wire.framing import Piece


def pieces(dialect: Dialect, *parts: bytes) -> list[Piece]:
    """Frames and noise, then silence."""
    framer = dialect.framer()
    found = [piece for part in parts for piece in framer.feed(part)]
    return found + framer.quiet()


def heard(dialect: Dialect, *parts: bytes) -> list[AnySign]:
    """What the frames say; frames that cannot be read say nothing, and their reason shows no number."""
    return [sign for piece in pieces(dialect, *parts) if not piece.noise for sign in told(dialect, piece.data)]


def told(dialect: Dialect, frame: bytes) -> list[AnySign]:
    """What one frame says."""
    try:
        return list(dialect.read(frame))
    except Unreadable as error:
        reason = str(error)
    assert reason
    assert not re.search(r"[0-9]{3}", reason)
    return []


def same_in_any_pieces(dialect: Dialect, stream: bytes) -> list[AnySign]:
    """What the stream says, after checking that no split of it says anything else."""
    whole = heard(dialect, stream)
    for at in range(len(stream) + 1):
        assert heard(dialect, stream[:at], stream[at:]) == whole, at
    assert heard(dialect, *(stream[at : at + 1] for at in range(len(stream)))) == whole
    return whole


def seconds_taken(dialect: Dialect, stream: bytes) -> float:
    """The best of three, so that a busy machine is not blamed on the dialect."""

    def once() -> float:
        began = time.perf_counter()
        heard(dialect, stream)
        return time.perf_counter() - began

    return min(once() for _ in range(3))
