"""In which order do callers wait, and how long will it take?

A priority step is worth a fixed number of seconds already waited. So a caller's place never has to be recomputed:
everybody ages at the same speed, and the order of two callers, once both wait, does not change.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Iterator, Sequence
from datetime import datetime
from heapq import merge
from typing import Any

HEAD_START_SECONDS = 120.0
"""What one step of priority is worth: such a caller overtakes those who came up to two minutes earlier."""


def key(joined_at: datetime, priority: int, head_start: float = HEAD_START_SECONDS) -> float:
    """Place in the line; smaller is served first. Seconds since the epoch, less the head start of the priority."""
    return joined_at.timestamp() - priority * head_start


class Line:
    """The callers that one skill group may take, in order of service.

    A caller may stand in several lines at once (when it may go to several groups). Callers of different kinds (of those
    that only some of the group's seats may take, the same ones) are kept apart, so that a seat which may not take one
    kind need not look at every caller of it.
    """

    __slots__ = ("_keys", "_orders")

    def __init__(self) -> None:
        self._orders: dict[Hashable, list[tuple[float, str]]] = {}
        """By kind; no list is empty."""
        self._keys: dict[str, tuple[float, Hashable]] = {}

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, call: str) -> bool:
        return call in self._keys

    def __iter__(self) -> Iterator[str]:
        return (call for _, call in self.ranked())

    def add(self, call: str, place: float, kind: Hashable = None) -> None:
        """Let a caller stand at its place; standing there already is harmless."""
        if call not in self._keys:
            self._keys[call] = place, kind
            order = self._orders.get(kind)
            if order is None:
                self._orders[kind] = [(place, call)]
            else:
                insort(order, (place, call))

    def remove(self, call: str) -> None:
        """Let a caller leave; not standing there is harmless."""
        found = self._keys.pop(call, None)
        if found is not None:
            place, kind = found
            order = self._orders[kind]
            del order[bisect_left(order, (place, call))]
            if not order:
                del self._orders[kind]

    def ranked(self) -> Iterator[tuple[float, str]]:
        """Places and calls, next to be served first."""
        return merge(*self._orders.values())

    def by_kind(self) -> Iterable[tuple[Any, Sequence[tuple[float, str]]]]:
        """The same for each kind."""
        return self._orders.items()

    def ahead_of(self, place: float) -> int:
        """How many stand before that place."""
        return sum(bisect_left(order, (place, "")) for order in self._orders.values())

    def position(self, call: str) -> int:
        """1 for the next to be served, 0 when the caller does not stand here."""
        found = self._keys.get(call)
        if found is None:
            return 0
        return sum(bisect_left(order, (found[0], call)) for order in self._orders.values()) + 1


def expected_wait(position: int, seats: int, mean_handle_seconds: float) -> float | None:
    """Seconds until the caller at `position` is served, if every seat is busy: the line moves one place each
    `mean_handle_seconds / seats`. None when no seat is signed in. (Deterministic fluid approximation of M/M/n.)
    """
    if seats <= 0:
        return None
    return position * mean_handle_seconds / seats
