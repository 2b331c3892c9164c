"""Spread evenly (均匀分配): the seat that has answered the fewest calls since it signed in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from routing.contract import Choice, FreeSeat, WaitingCall


class SpreadEvenly:
    """For halls that pay by the call, or that want the same load on every lawyer."""

    name = "spread-evenly"

    def choose(self, call: WaitingCall, free: Sequence[FreeSeat], now: datetime) -> Choice:
        """The fewest calls; then the longest idle; then seat number."""
        seat = min(free, key=lambda each: (each.taken, each.idle_since, each.seat))
        return Choice(seat.seat, self.name)


STRATEGY = SpreadEvenly()
