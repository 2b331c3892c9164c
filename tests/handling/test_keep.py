"""Deadlines stay true while the service runs: stamped from the birth, warned of, told once when late."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert, update

from hotline.deadlines.keep import look
from hotline.rosters.calendar import SHANGHAI
from hotline.settings import DeadlinesTable
from hotline.store.tables import TICKETS
from tests.api.site import START, Site
from tests.handling.kit import ALICE, CARL, CENTRE, HALL, Hall

TABLE = DeadlinesTable()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


async def born(hall: Hall, number: str, **values: object) -> None:
    """As the hall's commit makes it: without a deadline."""
    made = {"number": number, "hall": HALL, "day": hall.now.date(), "created_at": hall.now, **values}
    async with hall.engine.begin() as conn:
        await conn.execute(insert(TICKETS).values(**made))


async def test_what_was_born_without_is_stamped_from_its_birth(hall: Hall) -> None:
    await born(hall, "CITY-20250926-000901")
    await born(hall, "CITY-20250926-000902", state="open", urgency="urgent")
    await born(hall, "CITY-20250926-000903", state="closed")
    hall.later(hours=3)
    late = await look(hall.engine, HALL, TABLE, hall.now)
    assert late == ["CITY-20250926-000902"]  # urgent: within the hour
    assert (await hall.row("CITY-20250926-000901")).due_at == at("2025-09-28 17:30")
    assert (await hall.row("CITY-20250926-000902")).due_at == at("2025-09-26 11:00")
    assert (await hall.row("CITY-20250926-000903")).due_at is None
    assert await look(hall.engine, HALL, TABLE, hall.now) == []  # told once


async def test_a_call_that_is_live_is_left_alone(site: Site) -> None:
    _, number = await site.call("h1", live=True, state="draft")
    await look(site.engine, "h1", TABLE, START)
    async with site.engine.connect() as conn:
        row = (await conn.execute(TICKETS.select().where(TICKETS.c.number == number))).one()
    assert row.due_at is None


async def test_what_closed_by_itself_is_no_longer_due(hall: Hall) -> None:
    await born(hall, "CITY-20250926-000901")
    await look(hall.engine, HALL, TABLE, hall.now)
    async with hall.engine.begin() as conn:
        await conn.execute(update(TICKETS).values(state="closed"))
    hall.later(days=30)
    assert await look(hall.engine, HALL, TABLE, hall.now) == []
    assert (await hall.row("CITY-20250926-000901")).due_at is None
    assert (await hall.dues("CITY-20250926-000901", running=False))["dispatch"].met is None


async def test_late_twice_after_more_time_was_given(hall: Hall) -> None:
    number = await hall.ticket()
    await hall.hall(ALICE, "dispatch", number, 1, CENTRE)
    await hall.unit(CARL, "sign", number)
    hall.now = at("2025-10-11 09:00")
    assert await look(hall.engine, HALL, TABLE, hall.now) == [number]
    request = await hall.unit(CARL, "ask_for_time", number, 5, "需现场调查。")
    await hall.hall(ALICE, "decide", request, granted=True, answer="")
    assert await look(hall.engine, HALL, TABLE, hall.now) == []
    hall.now = at("2025-10-20 09:00")
    assert await look(hall.engine, HALL, TABLE, hall.now) == [number]
    assert (await hall.told(number)).count("overdue") == 2


async def test_the_sites_table_counts(hall: Hall) -> None:
    table = DeadlinesTable.model_validate(
        {"opens": "08:30", "closes": "16:00", "rules": [{"kind": "dispatch", "amount": 2, "unit": "workdays"}]}
    )
    await born(hall, "CITY-20250926-000901")
    await look(hall.engine, HALL, table, hall.now)
    assert (await hall.row("CITY-20250926-000901")).due_at == at("2025-09-29 16:00")
