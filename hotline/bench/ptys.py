"""Pseudo-terminals: serial devices at our end, wires at the other."""

from __future__ import annotations

import contextlib
import os
import pty
import tty
from collections.abc import Iterator


class Ptys:
    """So many devices, each on a wire of its own."""

    def __init__(self, ends: list[int], urls: list[str]) -> None:
        self._ends = ends
        self.urls = urls
        """How each wire is opened."""

    def say(self, device: int, data: bytes) -> None:
        """That device says something; where nobody listens for long, it is lost like on a real wire."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._ends[device], data)


@contextlib.contextmanager
def ptys(count: int) -> Iterator[Ptys]:
    """Raises `OSError` where the machine has no more of them."""
    ends, theirs = list[int](), list[int]()
    try:
        for _ in range(count):
            end, their = pty.openpty()
            ends.append(end)
            theirs.append(their)
            tty.setraw(their)
            os.set_blocking(end, False)
        yield Ptys(ends, [os.ttyname(each) for each in theirs])
    finally:
        for each in [*ends, *theirs]:
            os.close(each)
