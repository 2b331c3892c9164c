"""How does the simulated gateway misbehave? By share, or the nth arrival; chance comes from the seed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from random import Random
from typing import Final

import msgspec


class Fault(StrEnum):
    """What goes wrong with one arrival. "After": the message went, the answer does not say so."""

    REFUSE = "refuse"
    """拒收: for good, with a reason."""
    BUSY = "busy"
    """繁忙: 503, nothing went."""
    LOSE_ANSWER = "lose_answer"
    """发出后断线: after."""
    LOSE_BEFORE = "lose_before"
    """发出前断线: nothing went, which the sender cannot know."""
    RUBBISH = "rubbish"
    """发出后答复乱码: 200 with a page, after."""
    ERROR = "error"
    """500, after."""
    SLOW = "slow"
    """`slow_seconds` late, after."""
    UNAUTHORISED = "unauthorised"
    """401: nothing went."""


GONE: Final = frozenset({Fault.LOSE_ANSWER, Fault.RUBBISH, Fault.ERROR, Fault.SLOW})
"""The message went all the same."""


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """How it behaves."""

    deduplicates: bool = True
    """The same key twice is one message."""
    seed: int = 1
    faults: Mapping[Fault, float] = {}
    """The share of arrivals to which it happens."""
    at: Mapping[int, Fault] = {}
    """To the nth arrival, counted from 1."""
    slow_seconds: float = 30
    receipt_seconds: float = 0.2
    """How long after the message its receipt is told."""
    failed: float = 0
    """The share of messages that do not reach the telephone."""
    twice: float = 0
    """The share of receipts that are told twice."""
    rubbish_receipts: float = 0
    """The share of receipts before which something unreadable is sent."""
    unsigned_receipts: float = 0
    """The share of receipts before which one with a wrong signature is sent."""

    def fault(self, arrival: int) -> Fault | None:
        """What goes wrong with the nth arrival; the same for the same seed."""
        if (fixed := self.at.get(arrival)) is not None:
            return fixed
        chance = Random(f"{self.seed}/{arrival}").random()
        for fault, share in self.faults.items():
            if chance < share:
                return fault
            chance -= share
        return None

    def happens(self, share: float, what: str) -> bool:
        """Does something with that share happen to this?"""
        return Random(f"{self.seed}/{what}").random() < share
