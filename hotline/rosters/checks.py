"""May this account sign in at that seat now? The rows behind `verdict.judge`."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.telephony import PhoneKind
from hotline.rosters import people, shifts
from hotline.rosters.shift import LONGEST, Span
from hotline.rosters.verdict import ALLOWED, Verdict, judge
from hotline.store.tables import SEATS

EARLY = timedelta(minutes=30)
"""How long before its beginning a shift opens the door, unless the site says otherwise."""


async def may_sign_in(
    conn: AsyncConnection,
    hall: str,
    account: str,
    seat: str,
    phone_kind: PhoneKind,
    now: datetime,
    *,
    required: bool = False,
    early: timedelta = EARLY,
) -> Verdict:
    """The verdict; accounts without a lawyer's profile sign in as they like.

    `required`: without a shift no lawyer signs in. The kind of phone decides nothing: a shift on the mobile phone may
    be worked at a seat, and the other way round.
    """
    licence = await people.licence_of(conn, hall, account)
    if licence is None:
        return ALLOWED
    around = Span(begins_at=now - LONGEST, ends_at=now + early + timedelta(minutes=1))
    own = await shifts.for_rules(conn, hall, around, account)
    groups = await conn.execute(select(SEATS.c.groups).where(SEATS.c.hall == hall, SEATS.c.number == seat))
    return judge(licence, own, groups.scalar_one_or_none() or (), now, required=required, early=early)
