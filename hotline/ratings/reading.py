"""Which ratings are there, and what do they add up to? Everything that is read from the database about ratings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.call import Direction
from hotline.calls.outcome import Outcome
from hotline.ratings.figures import Rated, RatingTally
from hotline.ratings.own import Voice, bounds
from hotline.ratings.questions import Question
from hotline.ratings.scores import Scores
from hotline.ratings.service import NoSuchRating, not_served_by, sealed_at
from hotline.store.seal import Seal
from hotline.store.tables import ACCOUNTS, CALLS, RATINGS, TICKETS

K = TypeVar("K")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which ratings are looked for; None: any."""

    hall: str
    reader: str
    """The account that asks: it sees nothing about its own service."""
    since: datetime | None = None
    until: datetime | None = None
    """Given from `since` on and before `until`."""
    way: str | None = None
    operator: str | None = None
    queue: str | None = None
    satisfied: bool | None = None
    to_follow_up: bool = False
    """Only dissatisfied callers with whom nobody has spoken since."""


class Place(msgspec.Struct, frozen=True, array_like=True):
    """After which rating a page begins."""

    rank: Annotated[int, msgspec.Meta(ge=0, le=1)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    id: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A rating in a list."""

    id: int
    call: str | None
    """None: about a ticket that came over the network."""
    ticket: str
    way: str
    caller: str
    """Masked."""
    offered_at: datetime
    """When the call, or the ticket, came."""
    queue: str | None
    operator: str | None
    operator_name: str
    work_number: str
    at: datetime
    scores: Scores
    satisfied: bool
    has_comment: bool
    followed_at: datetime | None
    followed_by: str
    """Name."""
    to_follow_up: bool


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """A rating with what was said."""

    line: Line
    comment: str
    note: str


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """The tally of some days, and of its parts."""

    total: RatingTally
    days: dict[date, RatingTally]
    operators: dict[str, RatingTally]
    queues: dict[str, RatingTally]


_OPEN: Final = and_(RATINGS.c.satisfied.is_(False), RATINGS.c.followed_at.is_(None))
_RANK: Final = case((_OPEN, 1), else_=0)
_ANSWERED: Final = and_(
    CALLS.c.direction == Direction.IN,
    or_(CALLS.c.outcome == Outcome.ANSWERED, and_(CALLS.c.outcome.is_(None), CALLS.c.answered_at.is_not(None))),
)
"""As reports count 接听: see `hotline.reports.counting.is_answered`."""


async def search(
    conn: AsyncConnection, wanted: Wanted, *, limit: int, after: Place | None = None
) -> tuple[list[Line], Place | None]:
    """One page, dissatisfied callers who are still to be followed up first, then the newest; and where to go on."""
    r = RATINGS.c
    conditions = [r.at.is_not(None), not_served_by(wanted.reader), *_conditions(wanted)]
    if after is not None:
        conditions.append(tuple_(_RANK, r.at, r.id) < tuple_(after.rank, after.at, after.id))
    query = _lines(wanted.hall, *conditions).order_by(_RANK.desc(), r.at.desc(), r.id.desc()).limit(limit + 1)
    rows = (await conn.execute(query)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = Place(int(_is_open(last)), last.at, last.id) if last is not None else None
    return [_line(row) for row in rows[:limit]], more


async def read(conn: AsyncConnection, seal: Seal, hall: str, rating: int, reader: str) -> Whole:
    """One rating with its words. Raises `NoSuchRating`, also for the reader's own service."""
    r = RATINGS.c
    query = _lines(hall, r.id == rating, r.at.is_not(None), not_served_by(reader))
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise NoSuchRating
    return Whole(line=_line(row), comment=_opened(seal, row, "comment_sealed"), note=_opened(seal, row, "note_sealed"))


async def waiting(conn: AsyncConnection, hall: str, reader: str) -> int:
    """How many dissatisfied callers are still to be followed up."""
    query = select(func.count()).select_from(RATINGS)
    return (await conn.execute(query.where(RATINGS.c.hall == hall, _OPEN, not_served_by(reader)))).scalar_one()


async def rated_calls(conn: AsyncConnection, hall: str, day: date) -> dict[str, Rated]:
    """What became of the invitations of a day's calls, by call; of several ratings the one that was given first."""
    query = _first_of_each_call(CALLS.c.hall == hall, CALLS.c.day == day)
    return {row.call: Rated(satisfied=row.satisfied, scores=scores_of(row)) for row in await conn.execute(query)}


async def rated_days(conn: AsyncConnection, hall: str, since: date) -> dict[date, tuple[int, int]]:
    """How many answered calls were rated, and how many with satisfaction, by day; days without any are left out."""
    c = CALLS.c
    first = _first_of_each_call(c.hall == hall, c.day >= since, _ANSWERED, RATINGS.c.at.is_not(None)).subquery()
    query = select(c.day, func.count(), func.count().filter(first.c.satisfied)).join(first, first.c.call == c.id)
    return {day: (rated, satisfied) for day, rated, satisfied in await conn.execute(query.group_by(c.day))}


async def tallies(conn: AsyncConnection, hall: str, first: date, last: date) -> Parts:
    """The counts of the calls of these days, both included, whole and by day, operator and queue."""
    c = CALLS.c
    given = _first_of_each_call(c.hall == hall, c.day >= first, c.day <= last).subquery()
    asked = [given.c[question.value] for question in Question]
    query = (
        select(
            c.day,
            c.operator,
            c.queue,
            func.count().label("answered"),
            func.count(given.c.id).label("invited"),
            func.count(given.c.at).label("rated"),
            func.count().filter(given.c.satisfied).label("satisfied"),
            *(func.coalesce(func.sum(each), 0).label(f"sum_{each.name}") for each in asked),
            *(func.count(each).label(f"count_{each.name}") for each in asked),
        )
        .select_from(CALLS.outerjoin(given, given.c.call == c.id))
        .where(c.hall == hall, c.day >= first, c.day <= last, _ANSWERED)
        .group_by(c.day, c.operator, c.queue)
    )
    parts = Parts(total=RatingTally(), days={}, operators={}, queues={})
    for row in await conn.execute(query):
        tally = RatingTally(
            answered=row.answered,
            invited=row.invited,
            rated=row.rated,
            satisfied=row.satisfied,
            sums={each: row._mapping[f"sum_{each.value}"] for each in Question},
            counts={each: row._mapping[f"count_{each.value}"] for each in Question},
        )
        parts = msgspec.structs.replace(parts, total=parts.total.plus(tally))
        _add(parts.days, row.day, tally)
        _add(parts.queues, row.queue or "", tally)
        if row.operator is not None:
            _add(parts.operators, row.operator, tally)
    return parts


async def voices(conn: AsyncConnection, hall: str, account: str, month: date) -> list[Voice]:
    """Who rated this account's service in the month: the first rating of each call."""
    c, r = CALLS.c, RATINGS.c
    begin, end = bounds(month)
    query = _first_of_each_call(r.hall == hall, r.operator == account, r.at >= begin, r.at < end)
    rows = (await conn.execute(query.add_columns(c.caller_index))).all()
    return [Voice(bytes(row.caller_index or row.call.encode()), scores_of(row)) for row in rows]


def scores_of(row: Row[Any]) -> Scores:
    """The scores in a row of ratings."""
    return Scores.of({question: row._mapping[question.value] for question in Question})


def _first_of_each_call(*conditions: ColumnElement[bool]) -> Select[Any]:
    """Of the ratings of each call the one that was given first; an invitation where none was given."""
    r = RATINGS.c
    query = select(RATINGS).join(CALLS, CALLS.c.id == r.call).where(*conditions)
    return query.ext(distinct_on(r.call)).order_by(r.call, r.at.asc().nulls_last(), r.id)


def _add(table: dict[K, RatingTally], key: K, tally: RatingTally) -> None:
    table[key] = table.get(key, RatingTally()).plus(tally)


def _conditions(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    r = RATINGS.c
    equal = ((r.way, wanted.way), (r.operator, wanted.operator), (CALLS.c.queue, wanted.queue))
    found = [column == value for column, value in equal if value is not None]
    if wanted.since is not None:
        found.append(r.at >= wanted.since)
    if wanted.until is not None:
        found.append(r.at < wanted.until)
    if wanted.satisfied is not None:
        found.append(r.satisfied.is_(wanted.satisfied))
    if wanted.to_follow_up:
        found.append(_OPEN)
    return found


def _lines(hall: str, *conditions: ColumnElement[bool]) -> Any:
    r, c = RATINGS.c, CALLS.c
    follower = ACCOUNTS.alias("follower")
    return (
        select(
            RATINGS,
            func.coalesce(c.caller_masked, TICKETS.c.caller_masked).label("caller_masked"),
            func.coalesce(c.offered_at, TICKETS.c.created_at).label("offered_at"),
            c.queue,
            ACCOUNTS.c.name.label("operator_name"),
            ACCOUNTS.c.work_number,
            follower.c.name.label("followed_name"),
        )
        .outerjoin(CALLS, c.id == r.call)
        .outerjoin(TICKETS, and_(r.call.is_(None), TICKETS.c.number == r.ticket))
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == r.operator)
        .outerjoin(follower, follower.c.id == r.followed_by)
        .where(r.hall == hall, *conditions)
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        id=row.id,
        call=row.call,
        ticket=row.ticket,
        way=row.way,
        caller=row.caller_masked,
        offered_at=row.offered_at,
        queue=row.queue,
        operator=row.operator,
        operator_name=row.operator_name or "",
        work_number=row.work_number or "",
        at=row.at,
        scores=scores_of(row),
        satisfied=row.satisfied,
        has_comment=row.comment_sealed is not None,
        followed_at=row.followed_at,
        followed_by=row.followed_name or row.followed_by or "",
        to_follow_up=_is_open(row),
    )


def _is_open(row: Row[Any]) -> bool:
    return row.satisfied is False and row.followed_at is None


def _opened(seal: Seal, row: Row[Any], column: str) -> str:
    sealed = row._mapping[column]
    return seal.open(bytes(sealed), sealed_at(column, row.call or row.ticket, row.way)) if sealed is not None else ""
