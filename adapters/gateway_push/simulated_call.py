"""What happens at a simulated gateway, and what a dialect makes of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class What(StrEnum):
    """What can happen to a simulated call; the values are our own dialect's event types."""

    OFFERED = "call.offered"
    IDENTIFIED = "call.identified"
    RINGING = "seat.ringing"
    ANSWERED = "seat.answered"
    DECLINED = "seat.declined"
    HELD = "call.held"
    RESUMED = "call.resumed"
    RELEASED = "call.released"


@dataclass(slots=True, kw_only=True)
class SimulatedCall:
    """One call as the gateway itself knows it."""

    number: int
    key: str
    caller: str
    dialled: str
    offered: datetime
    shown: bool = True
    """The caller's number came with the first ring."""
    seat: str = ""
    seat_rang: datetime | None = None
    answered: datetime | None = None
    released: datetime | None = None
    by: str = ""

    @property
    def callid(self) -> int:
        """The small counter that New Rock uses."""
        return 16384 + self.number * 2 % 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One delivery: a stable id and the bytes."""

    id: str
    what: str
    body: bytes


class Wire(Protocol):
    """One dialect's encoder."""

    def messages(self, what: What, call: SimulatedCall, at: datetime, count: int) -> list[Message]:
        """What the gateway pushes when this happens; `count` is the how-manieth event of the call this is."""
        ...

    def headers(self, message: Message, now: datetime) -> dict[str, str]:
        """Headers of one attempt to deliver it."""
        ...


def as_json(value: object) -> bytes:
    """A body as devices write it: without blanks, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
