"""What did the village advisers do, and who is behind? The ledger's (台账) rows; what they mean is `ledger.py`.

An entry is never changed: one that is wrong is struck, with a reason, and stays to be seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.directory import things
from hotline.directory.errors import DirectoryRefused, wrong
from hotline.directory.kinds import Thing
from hotline.directory.ledger import Entry, Reading, Service, looked_back, reading
from hotline.directory.people import Adviser
from hotline.directory.things import Pen
from hotline.rosters.calendar import SHANGHAI
from hotline.store.tables import ADVISER_LEDGER


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger, with who wrote it."""

    id: int
    day: date
    kind: Service
    hours: float
    village: str
    note: str
    noted_at: datetime
    noted_by: str
    struck_at: datetime | None
    struck_by: str | None
    struck_reason: str


MAX_LINES: Final = 500


async def lines(conn: AsyncConnection, hall: str, adviser: int) -> list[Line]:
    """An adviser's ledger, newest first, struck entries included. Raises `DirectoryRefused(not_found)`."""
    await things.find(conn, hall, Thing.ADVISER, adviser)
    table = ADVISER_LEDGER.c
    query = select(ADVISER_LEDGER).where(table.hall == hall, table.adviser == adviser)
    found = await conn.execute(query.order_by(table.day.desc(), table.id.desc()).limit(MAX_LINES))
    return [_line(row) for row in found]


async def note(
    conn: AsyncConnection,
    pen: Pen,
    adviser: int,
    *,
    day: date,
    kind: Service,
    hours: Decimal,
    village: str,
    note: str,
) -> int:
    """A new entry; its number. Raises `DirectoryRefused`: not_found, directory_ended, invalid_input."""
    row = await things.locked(conn, pen.hall, Thing.ADVISER, adviser, None)
    if row.valid_to is not None:
        raise DirectoryRefused("directory_ended")
    if day > pen.now.astimezone(SHANGHAI).date():
        raise wrong("day", "日期不能晚于今天。")
    if village and village not in row.villages:
        raise wrong("village", "不是该顾问服务的村居。")
    values = {"day": day, "kind": kind.value, "hours": hours, "village": village, "note": note}
    written = insert(ADVISER_LEDGER).values(
        hall=pen.hall, adviser=adviser, noted_at=pen.now, noted_by=pen.doer.work_number, **values
    )
    number = (await conn.execute(written.returning(ADVISER_LEDGER.c.id))).scalar_one()
    data = {"what": "noted", "entry": str(number), "day": str(day), "kind": kind.value, "hours": str(hours)}
    await things.audit(conn, pen, Thing.ADVISER, str(adviser), data)
    return number


async def strike(conn: AsyncConnection, pen: Pen, entry: int, reason: str) -> int:
    """The entry does not count any more; the adviser. Raises `DirectoryRefused`: not_found, entry_struck."""
    table = ADVISER_LEDGER.c
    query = select(ADVISER_LEDGER).where(table.hall == pen.hall, table.id == entry).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise DirectoryRefused("not_found")
    if row.struck_at is not None:
        raise DirectoryRefused("entry_struck")
    values = {"struck_at": pen.now, "struck_by": pen.doer.work_number, "struck_reason": reason}
    await conn.execute(update(ADVISER_LEDGER).where(table.id == entry).values(**values))
    await things.audit(conn, pen, Thing.ADVISER, str(row.adviser), {"what": "struck", "entry": str(entry)}, reason)
    return row.adviser


async def readings(conn: AsyncConnection, hall: str, advisers: Iterable[Adviser], today: date) -> dict[int, Reading]:
    """How each of them stands today, by number."""
    known = {each.id: each for each in advisers}
    table = ADVISER_LEDGER.c
    query = select(table.adviser, table.day, table.kind, table.hours).where(
        table.hall == hall,
        table.adviser.in_(known),
        table.day >= looked_back(today),
        table.struck_at.is_(None),
    )
    entries: dict[int, list[Entry]] = defaultdict(list)
    for row in await conn.execute(query):
        entries[row.adviser].append(Entry(day=row.day, kind=Service(row.kind), hours=row.hours))
    return {
        number: reading(
            entries[number],
            since=each.valid_from.astimezone(SHANGHAI).date(),
            until=each.valid_to.astimezone(SHANGHAI).date() if each.valid_to is not None else None,
            today=today,
        )
        for number, each in known.items()
    }


def _line(row: Row[Any]) -> Line:
    known = dict(row._mapping)
    return Line(
        **{name: known[name] for name in Line.__struct_fields__ if name not in ("kind", "hours")},
        kind=Service(row.kind),
        hours=float(row.hours),
    )
