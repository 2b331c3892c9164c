"""What a routing strategy sees, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec


class WaitingCall(msgspec.Struct, frozen=True, kw_only=True):
    """A caller in the queue."""

    call: str
    queue: str
    groups: tuple[str, ...]
    """Skill groups (技能组) that the call may go to now, the widening by waiting time included."""
    joined_at: datetime
    """When the caller began to wait for a person."""
    priority: int = 0
    """0 ordinary; each step up counts as some seconds waited (see `queue.key`)."""
    last_seat: str | None = None
    """Where the lawyer who answered this caller's number last sits now, when among the free ones."""


class FreeSeat(msgspec.Struct, frozen=True, kw_only=True):
    """A seat that may be offered a call."""

    seat: str
    groups: tuple[str, ...]
    idle_since: datetime
    taken: int = 0
    """Calls answered since sign-in."""


class Choice(msgspec.Struct, frozen=True):
    """Which seat, and the stable code of the reason (shown as a sentence on the console)."""

    seat: str
    why: str


class RoutingStrategy(Protocol):
    """Chooses a seat for a call. Pure: same arguments, same choice."""

    @property
    def name(self) -> str:
        """The name that queues refer to in the settings."""
        ...

    def choose(self, call: WaitingCall, free: Sequence[FreeSeat], now: datetime) -> Choice:
        """One of `free`, which is never empty and all of whom may serve this call."""
        ...
