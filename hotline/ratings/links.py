"""Links to rate by: made by a supervisor, used once by whoever holds them, good for a few days.

A newer link for the same call takes the place of the older one. The rating's row is locked while a code is used, so of
two uses at the same moment one counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy import case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.ratings import codes
from hotline.ratings.scores import Scores
from hotline.ratings.service import RatingRefused, answered, subject
from hotline.store.seal import Seal
from hotline.store.tables import CALLS, RATING_LINKS, RATINGS

LINK: Final = "link"
DAYS: Final = 7
"""How long a link is good, unless the hall says otherwise."""


class LinkState(StrEnum):
    """What a code is good for."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """A newer link took its place."""
    UNKNOWN = "unknown"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link that was made. The code is kept nowhere: it cannot be shown a second time."""

    code: str
    call: str
    expires_at: datetime


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What is behind a code."""

    state: LinkState
    day: date | None = None
    """When the caller called, in Asia/Shanghai; only of an open link."""


_UNKNOWN: Final = Found(state=LinkState.UNKNOWN)


async def invite(
    conn: AsyncConnection,
    seal: Seal,
    *,
    hall: str,
    ticket: str,
    chance: bytes,
    by: str,
    now: datetime,
    days: int = DAYS,
) -> Invitation:
    """Makes the link for a ticket's call; `chance`: `codes.CHANCE_BYTES` random bytes.

    Raises `NoSuchRating`, `RatingRefused(rating_not_possible | rating_own_call | rating_given)`.
    """
    about = await subject(conn, hall, by, CALLS.c.ticket == ticket)
    r, k = RATINGS.c, RATING_LINKS.c
    row = {"hall": hall, "call": about.call, "ticket": about.ticket, "way": LINK, "operator": about.operator}
    born = insert(RATINGS).values(**row, asked_at=now, changed_at=now)
    # The update changes nothing but locks the row: two invitations at once come one after the other.
    born = born.on_conflict_do_update(index_elements=[r.call, r.way], set_={"ticket": about.ticket})
    rating, given = (await conn.execute(born.returning(r.id, r.at))).one()
    if given is not None:
        raise RatingRefused("rating_given")
    older = (k.rating == rating) & k.used_at.is_(None) & k.withdrawn_at.is_(None)
    await conn.execute(update(RATING_LINKS).where(older).values(withdrawn_at=now))
    code, until = codes.make(seal, chance), now + timedelta(days=days)
    link = {"code_hash": codes.hash_of(code), "rating": rating, "made_at": now, "made_by": by, "expires_at": until}
    await conn.execute(insert(RATING_LINKS).values(**link))
    return Invitation(code=code, call=about.call, expires_at=until)


async def look_up(conn: AsyncConnection, seal: Seal, code: str, now: datetime) -> Found:
    """What the code is good for. Looking uses nothing up."""
    if not codes.is_ours(seal, code):
        return _UNKNOWN
    k, r = RATING_LINKS.c, RATINGS.c
    state = case(
        (k.used_at.is_not(None), LinkState.USED.value),
        (k.withdrawn_at.is_not(None), LinkState.WITHDRAWN.value),
        (k.expires_at <= now, LinkState.EXPIRED.value),
        else_=LinkState.OPEN.value,
    )
    query = (
        select(state, CALLS.c.day)
        .select_from(RATING_LINKS)
        .join(RATINGS, r.id == k.rating)
        .join(CALLS, CALLS.c.id == r.call)
        .where(k.code_hash == codes.hash_of(code))
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return _UNKNOWN
    found = LinkState(row[0])
    return Found(state=found, day=row[1] if found is LinkState.OPEN else None)


async def give(
    conn: AsyncConnection,
    seal: Seal,
    code: str,
    *,
    scores: Scores,
    comment: str,
    now: datetime,
    satisfied_from: Callable[[str], float],
) -> bool:
    """Takes the rating and uses the code up; False: the code is not good (any more), see `look_up`.

    `scores` must not be empty. `satisfied_from`: the rule of the hall whose id it is given.
    """
    if not codes.is_ours(seal, code):
        return False
    k, r = RATING_LINKS.c, RATINGS.c
    mine = k.code_hash == codes.hash_of(code)
    # The rating first, then the link: whoever makes a newer link locks them in the same order.
    query = select(r.id, r.hall, r.call).join(RATING_LINKS, k.rating == r.id).where(mine)
    about = (await conn.execute(query.with_for_update(of=RATINGS))).one_or_none()
    if about is None:
        return False
    good = mine & k.used_at.is_(None) & k.withdrawn_at.is_(None) & (k.expires_at > now)
    if (await conn.execute(update(RATING_LINKS).where(good).values(used_at=now))).rowcount != 1:
        return False
    values = answered(seal, about.call, LINK, scores, comment, now, satisfied_from(about.hall))
    await conn.execute(update(RATINGS).where(r.id == about.id).values(**values))
    return True
