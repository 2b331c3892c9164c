"""Longest idle first (最长空闲优先): the seat that has been free of calls for the longest time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from routing.contract import Choice, FreeSeat, WaitingCall


class LongestIdle:
    """The default: fair in time, and nobody is rung twice in a row while another has waited."""

    name = "longest-idle"

    def choose(self, call: WaitingCall, free: Sequence[FreeSeat], now: datetime) -> Choice:
        """The smallest `idle_since`; seat number breaks ties."""
        seat = min(free, key=lambda each: (each.idle_since, each.seat))
        return Choice(seat.seat, self.name)


STRATEGY = LongestIdle()
