"""Who had the caller, and for how long? What the segments (分段) of a call add up to; pure.

Each seat is credited with its own part of a call that was passed on. Durations are microseconds, so sums are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from hotline.calls.segments import HOLDS, TALKS, WAITS, Kind, Segment

SERVED: Final = TALKS | HOLDS
"""A seat has the caller."""


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """What one seat, with one person at it, had of a call."""

    seat: str | None
    operator: str | None
    talk: int = 0
    """通话与三方"""
    hold: int = 0
    """保持"""
    consult: int = 0
    """咨询"""


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on a call, summed up."""

    turns: tuple[Turn, ...] = ()
    """In the order in which they had the caller first."""
    waited_again: int = 0
    """In the line or ringing after a seat had the caller already."""
    passed: int = 0
    """How often he came to another seat, or to somebody outside."""
    conferred: bool = False
    dialled: bool = False
    """Outbound: the other side was rung."""
    queue: str | None = None
    """The queue that he came to first."""

    @property
    def talk(self) -> int:
        """Of all seats together."""
        return sum(turn.talk for turn in self.turns)

    @property
    def hold(self) -> int:
        """Of all seats together."""
        return sum(turn.hold for turn in self.turns)

    @property
    def consult(self) -> int:
        """Of all seats together."""
        return sum(turn.consult for turn in self.turns)


def course_of(segments: Sequence[Segment]) -> Course:
    """Add the segments up; the one that still lasts is left out of the times."""
    turns: dict[tuple[str | None, str | None], dict[str, int]] = {}
    keeper: str | None = None
    waited_again = passed = 0
    for each in segments:
        took = 0 if each.until is None else micros(each.since, each.until)
        if each.kind in SERVED:
            turn = turns.setdefault((each.seat, each.operator), {"talk": 0, "hold": 0, "consult": 0})
            turn[_PART[each.kind]] += took
        elif each.kind in WAITS and turns:
            waited_again += took
        now = _keeper(each)
        if now is not None:
            passed += keeper is not None and keeper != now
            keeper = now
    return Course(
        turns=tuple(Turn(seat=seat, operator=operator, **times) for (seat, operator), times in turns.items()),
        waited_again=waited_again,
        passed=passed,
        conferred=any(each.kind is Kind.CONFERENCE for each in segments),
        dialled=any(each.kind is Kind.DIALLING for each in segments) or bool(turns),
        queue=next((each.queue for each in segments if each.queue is not None), None),
    )


def micros(begin: datetime, end: datetime) -> int:
    """From one to the other; never negative."""
    return max(0, (end - begin) // timedelta(microseconds=1))


_PART: Final = {Kind.TALKING: "talk", Kind.CONFERENCE: "talk", Kind.HELD: "hold", Kind.CONSULTING: "consult"}


def _keeper(segment: Segment) -> str | None:
    """The seat that has the caller in it, empty for somebody outside; None while nobody has."""
    if segment.kind in SERVED:
        return segment.seat or "?"
    return "" if segment.kind is Kind.OUTSIDE else None
