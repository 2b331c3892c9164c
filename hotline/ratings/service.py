"""Ratings taken by a call-back, dissatisfied callers followed up. One transaction each, made by the caller.

Whoever served a caller has no hand in that caller's rating: neither takes it, nor sends the link, nor reads or settles
it, whatever the role.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.call import Direction
from hotline.calls.outcome import Outcome
from hotline.ratings.questions import Question
from hotline.ratings.scores import Scores
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLS, JOURNAL, RATINGS

CALL_BACK: Final = "call_back"
MAX_COMMENT: Final = 500
"""Characters."""
_SERVED: Final = ("CallTaken", "CallPassed")
"""Events that name who has the caller from then on."""


class RatingRefused(Exception):
    """It cannot be done; `code` says why.

    rating_not_possible: no caller's call, or it is live, or nobody answered it. rating_own_call: one served that
    caller. rating_given: rated in this way before. rating_not_open: there is nothing to follow up, or it was done.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoSuchRating(Exception):
    """The hall has no such call, ticket or rating."""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A call that may be rated."""

    call: str
    ticket: str
    operator: str | None


async def subject(conn: AsyncConnection, hall: str, account: str, *of: ColumnElement[bool]) -> Subject:
    """The call that these conditions name, when this account may ask its caller for a rating.

    Raises `NoSuchRating`, `RatingRefused(rating_not_possible | rating_own_call)`.
    """
    c = CALLS.c
    query = select(c.id, c.ticket, c.operator, c.outcome, c.direction, served_by(c.id, account).label("own"))
    row = (await conn.execute(query.where(c.hall == hall, *of))).one_or_none()
    if row is None:
        raise NoSuchRating
    if row.own or row.operator == account:
        raise RatingRefused("rating_own_call")
    if row.outcome != Outcome.ANSWERED or row.direction != Direction.IN:
        raise RatingRefused("rating_not_possible")
    return Subject(call=row.id, ticket=row.ticket, operator=row.operator)


async def take(
    conn: AsyncConnection,
    seal: Seal,
    *,
    hall: str,
    call: str,
    scores: Scores,
    comment: str,
    by: str,
    now: datetime,
    satisfied_from: float,
) -> int:
    """回访评价: what a caller said on the phone when asked afterwards; the rating's id.

    Raises `NoSuchRating`, `RatingRefused(rating_not_possible | rating_own_call | rating_given)`.
    """
    about = await subject(conn, hall, by, CALLS.c.id == call)
    r = RATINGS.c
    row = {"hall": hall, "call": call, "ticket": about.ticket, "way": CALL_BACK, "operator": about.operator}
    row |= {"asked_at": now, "taken_by": by, **answered(seal, call, CALL_BACK, scores, comment, now, satisfied_from)}
    statement = insert(RATINGS).values(**row).on_conflict_do_nothing(index_elements=[r.call, r.way]).returning(r.id)
    made = (await conn.execute(statement)).scalar_one_or_none()
    if made is None:
        raise RatingRefused("rating_given")
    return made


async def follow_up(
    conn: AsyncConnection, seal: Seal, *, hall: str, rating: int, note: str, by: str, now: datetime
) -> str:
    """不满意回访: somebody has spoken with the dissatisfied caller, `note` says what came of it.

    The id of the call; of the ticket, where it came over the network.

    Raises `NoSuchRating`, `RatingRefused(rating_own_call | rating_not_open)`.
    """
    r = RATINGS.c
    query = select(r.call, r.ticket, r.way, r.operator, r.satisfied, r.followed_at, served_by(r.call, by).label("own"))
    query = query.where(r.hall == hall, r.id == rating, r.at.is_not(None)).with_for_update(of=RATINGS)
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise NoSuchRating
    if row.own or row.operator == by:
        raise RatingRefused("rating_own_call")
    if row.satisfied or row.followed_at is not None:
        raise RatingRefused("rating_not_open")
    about = row.call or row.ticket
    sealed = seal.seal(note, sealed_at("note_sealed", about, row.way))
    done = {"followed_at": now, "followed_by": by, "note_sealed": sealed, "changed_at": now}
    await conn.execute(update(RATINGS).where(r.id == rating).values(**done))
    return about


async def may_see(conn: AsyncConnection, call: str, account: str) -> bool:
    """May this account, which reads ratings, see that of this call? Not of a caller it served itself."""
    c = CALLS.c
    own = or_(c.operator.is_not_distinct_from(account), served_by(c.id, account))
    return not (await conn.execute(select(own).where(c.id == call))).scalar_one_or_none()


def served_by(call: ColumnElement[str], account: str) -> ColumnElement[bool]:
    """Did this account have that caller on the phone, at any time of the call?"""
    j = JOURNAL.c
    return exists().where(j.call == call, j.call_seq > 0, j.type.in_(_SERVED), j.data["operator"].astext == account)


def not_served_by(account: str) -> ColumnElement[bool]:
    """Of ratings: about somebody else's service."""
    r = RATINGS.c
    return ~or_(r.operator.is_not_distinct_from(account), served_by(r.call, account))


def answered(
    seal: Seal, about: str, way: str, scores: Scores, comment: str, now: datetime, satisfied_from: float
) -> dict[str, Any]:
    """The columns of a rating that was given now. `about`: the call, or the ticket that came over the network."""
    text = comment.strip()
    return {
        **{question.value: scores.given.get(question) for question in Question},
        "at": now,
        "satisfied": scores.satisfied(satisfied_from),
        "comment_sealed": seal.seal(text, sealed_at("comment_sealed", about, way)) if text else None,
        "changed_at": now,
    }


def sealed_at(column: str, about: str, way: str) -> bytes:
    """The place that a rating's sealed texts belong to."""
    return place("ratings", column, f"{about} {way}")
