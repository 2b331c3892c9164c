"""In which order do callers wait, and how long will it take?

A priority step is worth a fixed number of seconds already waited. So a caller's place never has to be recomputed:
everybody ages at the same speed, and the order of two callers, once both wait, does not change.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from datetime import datetime

HEAD_START_SECONDS = 120.0
"""What one step of priority is worth: such a caller overtakes those who came up to two minutes earlier."""


def key(joined_at: datetime, priority: int, head_start: float = HEAD_START_SECONDS) -> float:
    """Place in the line; smaller is served first. Seconds since the epoch, less the head start of the priority."""
    return joined_at.timestamp() - priority * head_start


class Line:
    """The callers that one skill group may take, in order of service.

    A caller may stand in several lines at once (when it may go to several groups).
    """

    __slots__ = ("_keys", "_order")

    def __init__(self) -> None:
        self._order: list[tuple[float, str]] = []
        self._keys: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, call: str) -> bool:
        return call in self._keys

    def __iter__(self) -> Iterator[str]:
        return (call for _, call in self._order)

    def add(self, call: str, place: float) -> None:
        """Let a caller stand at its place; standing there already is harmless."""
        if call not in self._keys:
            self._keys[call] = place
            insort(self._order, (place, call))

    def remove(self, call: str) -> None:
        """Let a caller leave; not standing there is harmless."""
        place = self._keys.pop(call, None)
        if place is not None:
            del self._order[bisect_left(self._order, (place, call))]

    def ranked(self) -> Iterator[tuple[float, str]]:
        """Places and calls, next to be served first."""
        return iter(self._order)

    def ahead_of(self, place: float) -> int:
        """How many stand before that place."""
        return bisect_left(self._order, (place, ""))

    def position(self, call: str) -> int:
        """1 for the next to be served, 0 when the caller does not stand here."""
        place = self._keys.get(call)
        return 0 if place is None else bisect_left(self._order, (place, call)) + 1


def expected_wait(position: int, seats: int, mean_handle_seconds: float) -> float | None:
    """Seconds until the caller at `position` is served, if every seat is busy: the line moves one place each
    `mean_handle_seconds / seats`. None when no seat is signed in. (Deterministic fluid approximation of M/M/n.)
    """
    if seats <= 0:
        return None
    return position * mean_handle_seconds / seats
