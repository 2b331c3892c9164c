"""Which record is the next one to send, and which one is new? The numbers of one adapter's stream, without any I/O.

The edge sends in order, no more than a window ahead of what is acknowledged, and after each new connection again from
what the core has. The core takes what is beyond its mark and drops what is not. The mark is durable together with what
follows from the record, so a record takes effect once, whoever dies when.
"""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import Final

import msgspec

from hotline.edge.protocol import WINDOW, WINDOW_BYTES

NOTHING: Final = 0
"""The mark of a stream of which nothing is durable yet: numbers begin with 1."""


class RolledBack(Exception):
    """The core has more than we ever sent: our files were put back to an earlier state. It has all that was in them;
    the numbers given since were used before, so a new stream has to begin."""


class Outgoing:
    """The edge's side."""

    def __init__(self, last: int) -> None:
        self.last = last
        """Newest record that is on our disk."""
        self.known = last
        """The core may have everything up to there: it was here when we started, or has been sent since."""
        self.acknowledged = NOTHING
        self.sent = NOTHING
        self._under_way = deque[tuple[int, int]]()
        """Number and size of what was sent and is not acknowledged."""
        self._bytes = 0

    def connected(self, mark: int) -> None:
        """The core has everything up to `mark`. Raises `RolledBack`."""
        if mark > self.known:
            raise RolledBack
        self.acknowledged = self.sent = mark
        self._under_way.clear()
        self._bytes = 0

    @property
    def waiting(self) -> int:
        """Records that are not acknowledged."""
        return self.last - self.acknowledged

    @property
    def all_sent(self) -> bool:
        """Nothing of what is on our disk has still to be sent."""
        return self.sent == self.last

    @property
    def room(self) -> int:
        """So many records may be sent now."""
        if self._bytes >= WINDOW_BYTES:
            return 0
        return min(self.last - self.sent, WINDOW - len(self._under_way))

    def sending(self, seq: int, size: int) -> None:
        """That one goes out now."""
        self.sent = seq
        self.known = max(self.known, seq)
        self._under_way.append((seq, size))
        self._bytes += size

    def ack(self, seq: int) -> None:
        """Everything up to there is durable at the core. What it never got it cannot acknowledge: that is left out."""
        self.acknowledged = max(self.acknowledged, min(seq, self.sent))
        while self._under_way and self._under_way[0][0] <= self.acknowledged:
            self._bytes -= self._under_way.popleft()[1]


class Verdict(StrEnum):
    """What a record is to the core."""

    NEW = "new"
    REPEATED = "repeated"
    """It is durable already: dropped."""


class Judged(msgspec.Struct, frozen=True):
    """What a number says."""

    verdict: Verdict
    lost: int = 0
    """So many records before it will never come: the edge has lost them (a disk that went bad)."""


class Incoming:
    """The core's side: `mark` is the last number that is durable, or about to be."""

    def __init__(self, mark: int) -> None:
        self.mark = mark

    def judge(self, seq: int) -> Judged:
        """What that record is; the mark is not moved."""
        if seq <= self.mark:
            return Judged(Verdict.REPEATED)
        return Judged(Verdict.NEW, lost=seq - self.mark - 1)

    def taken(self, seq: int) -> None:
        """It is durable."""
        self.mark = max(self.mark, seq)
