"""Last lawyer first (熟悉坐席优先): who knows the matter already, when free; else the longest idle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from routing.contract import Choice, FreeSeat, WaitingCall
from routing.strategies import longest_idle


class LastLawyerFirst:
    """A caller who rings again need not tell the story again. Never waits for that lawyer."""

    name = "last-lawyer-first"

    def choose(self, call: WaitingCall, free: Sequence[FreeSeat], now: datetime) -> Choice:
        """The caller's last seat when it is among the free ones; else as `longest-idle`."""
        if call.last_seat is not None and any(each.seat == call.last_seat for each in free):
            return Choice(call.last_seat, self.name)
        return longest_idle.STRATEGY.choose(call, free, now)


STRATEGY = LastLawyerFirst()
