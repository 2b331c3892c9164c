"""What the hall asks the roster while it works: how are callers served now, and which phone rings at night?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.rosters import people, shifts
from hotline.rosters.duty import Duty, Period, duty_mode
from hotline.rosters.shift import LONGEST, DutyMode, Span
from hotline.store.seal import Seal
from hotline.store.tables import ACCOUNTS, LAWYERS

AHEAD: Final = timedelta(days=2)
"""How far ahead the next change is looked for."""


class NightPhone(msgspec.Struct, frozen=True, kw_only=True):
    """Where a night lawyer is reached."""

    account: str
    work_number: str
    name: str
    number: str
    """To be dialled; never shown, never logged."""


async def current_duty(conn: AsyncConnection, hall: str, now: datetime, *, otherwise: DutyMode = DutyMode.LIVE) -> Duty:
    """The mode now, the lawyers in it, and the next change within two days. `otherwise`: where nothing is rostered."""
    span = Span(begins_at=now - LONGEST, ends_at=now + AHEAD)
    periods = [
        Period(begins_at=each.begins_at, ends_at=each.ends_at, mode=each.mode, lawyer=each.lawyer)
        for each in await shifts.for_rules(conn, hall, span)
    ]
    return duty_mode(periods, now, otherwise=otherwise)


async def night_phones(conn: AsyncConnection, seal: Seal, hall: str, duty: Duty) -> list[NightPhone]:
    """The mobile phones to forward to, in the order of the roster; empty in other modes. Raises `SealBroken`."""
    if duty.mode is not DutyMode.FORWARDED_MOBILE:
        return []
    query = (
        select(LAWYERS.c.account, LAWYERS.c.mobile_sealed, ACCOUNTS.c.work_number, ACCOUNTS.c.name)
        .join(ACCOUNTS, ACCOUNTS.c.id == LAWYERS.c.account)
        .where(LAWYERS.c.hall == hall, LAWYERS.c.account.in_(duty.lawyers), ACCOUNTS.c.disabled_at.is_(None))
    )
    found = {
        row.account: NightPhone(
            account=row.account,
            work_number=row.work_number,
            name=row.name,
            number=people.open_mobile(seal, row.account, row.mobile_sealed),
        )
        for row in await conn.execute(query)
    }
    return [found[each] for each in duty.lawyers if each in found and found[each].number]
