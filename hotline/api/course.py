"""A call's segments (分段) as they are shown, and the times they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import Row

from hotline.api.schemas.calls import SegmentBody
from hotline.calls.segments import HOLDS, TALKS, Kind, Segment, seconds

WORDS: Final[Mapping[Kind, str]] = {
    Kind.ARRIVING: "接入",
    Kind.MENU: "播音导航",
    Kind.WAITING: "排队",
    Kind.RINGING: "振铃",
    Kind.DIALLING: "呼叫对方",
    Kind.TALKING: "通话",
    Kind.HELD: "保持",
    Kind.CONSULTING: "咨询",
    Kind.CONFERENCE: "三方通话",
    Kind.OUTSIDE: "与外部号码通话",
    Kind.RATING: "评价",
    Kind.MESSAGE: "留言",
}
_BRIEF: Final = 0.05
"""Seconds: shorter stretches are the machine's own, and nobody's experience."""


def chain_of(row: Row[Any]) -> tuple[Segment, ...]:
    """The stored segments of a row of `calls`; none of calls that are older than segments."""
    return msgspec.convert(row.segments or (), tuple[Segment, ...])


def talked(row: Row[Any]) -> float | None:
    """Seconds with a person, holds and waits in between not counted; None before the end, and where nobody served."""
    if row.answered_at is None or row.ended_at is None:
        return None
    chain = chain_of(row)
    if not chain:
        return round(max(0.0, (row.ended_at - row.answered_at).total_seconds()), 3)
    return round(seconds(chain, TALKS | {Kind.OUTSIDE}), 3)


def held(row: Row[Any]) -> float | None:
    """Seconds with music while the caller was somebody's: on hold, or while his lawyer asked."""
    if row.answered_at is None or row.ended_at is None:
        return None
    return round(seconds(chain_of(row), HOLDS), 3)


def shown(
    row: Row[Any],
    *,
    people: Mapping[str, str],
    seats: Mapping[str, str],
    contacts: Mapping[str, str],
    queues: Mapping[str, str],
    rating: bool,
) -> list[SegmentBody]:
    """The chain for the screen. `rating`: also the stretch in which the caller was asked to rate; whoever served the
    caller must not learn whether he did."""
    return [
        SegmentBody(
            kind=each.kind.value,
            text=WORDS[each.kind],
            since=each.since,
            seconds=None if each.until is None else round((each.until - each.since).total_seconds(), 3),
            seat=each.seat,
            who=people.get(each.operator or "", "") or seats.get(each.seat or "", ""),
            others=[contacts.get(other) or seats.get(other) or other for other in each.others],
            queue_label=queues.get(each.queue or "", each.queue or ""),
        )
        for each in _apart(chain_of(row))
        if rating or each.kind is not Kind.RATING
    ]


def _apart(chain: Sequence[Segment]) -> list[Segment]:
    return [each for each in chain if each.until is None or (each.until - each.since).total_seconds() >= _BRIEF]
