"""Firms, lawyers and shifts for tests, made as the service makes them."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from hotline.audit.trail import SYSTEM
from hotline.rosters import people, shifts
from hotline.rosters.licence import Licence
from hotline.rosters.people import Employment, Profile
from hotline.rosters.shift import DutyMode, clock_span
from hotline.store.seal import Seal
from hotline.store.tables import SEAT_CHANGES

LICENCES = iter(range(13301201810000000, 13301201810009999))


async def lawyer(
    engine: AsyncEngine,
    seal: Seal,
    hall: str,
    account: str,
    *,
    now: datetime,
    until: date | None = date(2030, 12, 31),
    number: str | None = None,
    suspended_from: date | None = None,
    firm: int | None = None,
    mobile: str | None = None,
) -> people.Lawyer:
    """A lawyer's profile for an account; with a licence in order unless said."""
    licence = Licence(
        number=str(next(LICENCES)) if number is None else number,
        valid_until=until,
        suspended_from=suspended_from,
        suspended_reason="年度考核" if suspended_from else "",
    )
    profile = Profile(firm=firm, employment=Employment.PART_TIME, licence=licence, mobile=mobile)
    async with engine.begin() as conn:
        return await people.put(
            conn, seal, hall=hall, account=account, profile=profile, version=None, now=now, doer=SYSTEM
        )


async def firm(engine: AsyncEngine, hall: str, name: str, *, now: datetime) -> int:
    """A firm; its number."""
    async with engine.begin() as conn:
        return (await people.add_firm(conn, hall=hall, name=name, now=now, doer=SYSTEM)).id


async def shift(
    engine: AsyncEngine,
    hall: str,
    day: date,
    begins: str,
    ends: str,
    account: str | None = None,
    *,
    now: datetime,
    mode: DutyMode = DutyMode.LIVE,
    group: str = "",
) -> int:
    """A shift; its number."""
    span = clock_span(day, time.fromisoformat(begins), time.fromisoformat(ends))
    wish = shifts.Wish(span=span, lawyer=account, mode=mode, group=group)
    async with engine.begin() as conn:
        return await shifts.create(conn, hall=hall, wish=wish, now=now, doer=SYSTEM)


async def sat(engine: AsyncEngine, hall: str, seat: str, account: str, begins_at: datetime, ends_at: datetime) -> None:
    """The account was signed in at the seat from–to, as the hall's writer notes it."""
    rows = [
        {"at": begins_at, "before": "signed_off", "after": "ready", "operator": account},
        {"at": ends_at, "before": "ready", "after": "signed_off", "operator": None},
    ]
    async with engine.begin() as conn:
        for row in rows:
            await conn.execute(insert(SEAT_CHANGES).values(hall=hall, seat=seat, reason="self", **row))
