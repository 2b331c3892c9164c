"""How do keys pressed after a call become a rating? From the journal: the hall writes what it heard, this makes rows.

`RatingOffered` makes the row, each `RatingGiven` fills in one question. Entries may be applied again: the same ones
give the same row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.calls.call import Direction
from hotline.clock import Clock
from hotline.ratings.questions import HIGHEST, LOWEST, Question
from hotline.ratings.scores import SATISFIED_FROM, Scores
from hotline.store.follower import Follower, JournalEntry
from hotline.store.tables import CALLS, RATINGS

NAME: Final = "ratings"
TYPES: Final = ("RatingOffered", "RatingGiven")
WAY: Final = "key"


class _Heard(msgspec.Struct, kw_only=True):
    """What one call's entries say together."""

    operator: str | None = None
    asked_at: datetime
    at: datetime | None = None
    scores: dict[Question, int] = msgspec.field(default_factory=dict)


def follower(
    engine: AsyncEngine,
    hall: str,
    clock: Clock,
    *,
    satisfied_from: float = SATISFIED_FROM,
    leading: Callable[[], bool] = lambda: True,
) -> Follower:
    """What keeps a hall's ratings by key in step with its journal."""

    async def apply(conn: AsyncConnection, entries: Sequence[JournalEntry]) -> None:
        for call, heard in _by_call(entries).items():
            await _write(conn, hall, call, heard, satisfied_from, clock.now())

    return Follower(engine, hall, NAME, TYPES, apply, leading=leading)


def _by_call(entries: Sequence[JournalEntry]) -> dict[str, _Heard]:
    found: dict[str, _Heard] = {}
    for entry in entries:
        if entry.call is None:
            continue
        heard = found.setdefault(entry.call, _Heard(asked_at=entry.at))
        if entry.type == "RatingOffered":
            heard.operator = entry.data.get("operator") or heard.operator
            continue
        score = entry.data.get("score")
        question = entry.data.get("question")
        # A question of a later version, or a score out of range, is left out; the others count.
        if question in set(Question) and isinstance(score, int) and LOWEST <= score <= HIGHEST:
            heard.scores[Question(question)] = score
            heard.at = entry.at
    return found


async def _write(
    conn: AsyncConnection, hall: str, call: str, heard: _Heard, satisfied_from: float, now: datetime
) -> None:
    c, r = CALLS.c, RATINGS.c
    of_callers = select(c.ticket, c.operator).where(c.id == call, c.hall == hall, c.direction == Direction.IN)
    known = (await conn.execute(of_callers)).one_or_none()
    if known is None:
        return
    born: dict[str, Any] = {"hall": hall, "call": call, "ticket": known.ticket, "way": WAY, "changed_at": now}
    born |= {"operator": heard.operator or known.operator, "asked_at": heard.asked_at}
    await conn.execute(insert(RATINGS).values(**born).on_conflict_do_nothing(index_elements=[r.call, r.way]))
    if heard.at is None:
        return
    query = select(RATINGS).where(r.call == call, r.way == WAY).with_for_update()
    row = (await conn.execute(query)).one()
    there = {question: row._mapping[question.value] for question in Question}
    scores = Scores.of(there | heard.scores)
    if scores == Scores.of(there):
        return
    await conn.execute(
        update(RATINGS)
        .where(r.id == row.id)
        .values(
            **{question.value: score for question, score in scores.given.items()},
            at=func.greatest(r.at, heard.at),
            satisfied=scores.satisfied(satisfied_from),
            changed_at=now,
        )
    )
