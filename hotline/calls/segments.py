"""What happened to the caller, stretch by stretch (分段)?

The segments of a call lie end to end from its first ring to its end, so waiting, talk and hold times add up to the
call's length through every transfer. They follow from the call itself: whenever what it says about the caller changes,
one segment ends and the next begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec


class Kind(StrEnum):
    """What the caller experiences."""

    ARRIVING = "arriving"
    MENU = "menu"
    """Announcement or menu."""
    WAITING = "waiting"
    """排队"""
    RINGING = "ringing"
    """A seat rings for him."""
    DIALLING = "dialling"
    """外呼: his own phone rings."""
    TALKING = "talking"
    """通话: with one seat."""
    HELD = "held"
    """保持: hears music."""
    CONSULTING = "consulting"
    """咨询中: hears music while his lawyer asks somebody."""
    CONFERENCE = "conference"
    """三方: with several."""
    OUTSIDE = "outside"
    """With a contact outside, no seat of ours on the line."""
    RATING = "rating"
    """评价: the seat has left."""
    MESSAGE = "message"
    """留言: speaks to be recorded."""


WAITS: Final = frozenset({Kind.WAITING, Kind.RINGING})
TALKS: Final = frozenset({Kind.TALKING, Kind.CONFERENCE})
HOLDS: Final = frozenset({Kind.HELD, Kind.CONSULTING})


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stretch. Aware times; `until` is None while it lasts."""

    kind: Kind
    since: datetime
    until: datetime | None = None
    seat: str | None = None
    """The seat that had the caller, or rang for him."""
    operator: str | None = None
    """Account of the person at that seat."""
    others: tuple[str, ...] = ()
    """Further seats, and contacts outside, that heard him or were consulted."""
    queue: str | None = None


def seconds(segments: Iterable[Segment], kinds: frozenset[Kind], *, seat: str | None = None) -> float:
    """Sum of the closed segments of these kinds; of one seat alone where it is named."""
    return sum(
        (each.until - each.since).total_seconds()
        for each in segments
        if each.kind in kinds and each.until is not None and (seat is None or each.seat == seat)
    )


def go_on(
    segments: tuple[Segment, ...], now: datetime, present: Segment | None, ended_at: datetime | None
) -> tuple[Segment, ...]:
    """The chain after the call has come to `present` (its `since` is `now`), or to its end."""
    last = segments[-1] if segments else None
    if present is None:
        until = now if ended_at is None else ended_at
        return () if last is None else (*segments[:-1], msgspec.structs.replace(last, until=max(last.since, until)))
    if last is None:
        return (present,)
    if last.until is None and _same(last, present):
        return segments
    if last.until is None and last.since >= now:  # lasted no time at all: as if it had not been
        before = segments[-2] if len(segments) > 1 else None
        if before is not None and _same(before, present):
            return (*segments[:-2], msgspec.structs.replace(before, until=None))
        return (*segments[:-1], msgspec.structs.replace(present, since=last.since))
    closed = last if last.until is not None else msgspec.structs.replace(last, until=now)
    return (*segments[:-1], closed, msgspec.structs.replace(present, since=closed.until or now))


def _same(one: Segment, other: Segment) -> bool:
    return (
        one.kind is other.kind
        and one.seat == other.seat
        and one.operator == other.operator
        and one.others == other.others
        and one.queue == other.queue
    )
