"""How a hall is to behave: its settings, as values that `decide` reads and never changes."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from hotline.calls.outcome import Outcome
from routing.contract import RoutingStrategy
from routing.menu import Menu
from routing.queue import HEAD_START_SECONDS


class Widening(msgspec.Struct, frozen=True, kw_only=True):
    """After so many seconds of waiting the call may go to further groups as well."""

    after_seconds: int
    groups: tuple[str, ...]


class QueueRules(msgspec.Struct, frozen=True, kw_only=True):
    """One queue: who serves it, how long it rings, when it gives up."""

    name: str
    label: str
    strategy: RoutingStrategy
    groups: tuple[str, ...]
    widening: tuple[Widening, ...] = ()
    ring_seconds: int = 20
    max_wait_seconds: int = 600
    """0: waits for ever."""
    max_length: int = 500
    wrap_seconds: int = 30
    """0: no wrap-up (话后处理)."""
    priority: int = 0
    music: bool = True


class HallRules(msgspec.Struct, frozen=True, kw_only=True):
    """One hall (大厅)."""

    hall: str
    label: str
    queues: Mapping[str, QueueRules]
    default_queue: str
    dialled: Mapping[str, str] = {}
    """Dialled number → queue, where several numbers lead to the hall."""
    greeting: str = ""
    """Announcement with the recording notice; empty: none."""
    menu: Menu | None = None
    parting: Mapping[Outcome, str] = {}
    """Announcement for callers who cannot be served now, by outcome."""
    record: bool = True
    misses_limit: int = 3
    """Offers not taken in a row after which the seat becomes busy (no_answer)."""
    sign_off_missing_seconds: int = 1800
    silent_call_seconds: int = 14400
    """An observed call of which nothing was heard for so long is over."""
    head_start_seconds: float = HEAD_START_SECONDS

    def queue_of(self, name: str | None) -> QueueRules:
        """A queue's rules; the default queue's where there is none of that name (settings change, calls live on)."""
        return self.queues.get(name or "") or self.queues[self.default_queue]
