"""Which hand-overs need a person, in which order, and how a way has done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text, update

from hotline.handovers.handover import HandoverState as S
from hotline.handovers.reading import UNDECIDED_AFTER, Place, View, carried, counted, listed
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVERS, TICKETS
from tests.handovers.kit import HALL, Office
from tests.handovers.other import BRIDGE


@pytest.fixture
def office(database: Database, seal: Seal) -> Office:
    return Office(database, seal)


async def lies(office: Office, state: S, ticket: str = "", turn: int = 1, **values: Any) -> int:
    """A hand-over in that state; its id."""
    made = await office.hand_over(ticket or await office.ticket(), turn)
    async with office.engine.begin() as conn:
        await conn.execute(update(HANDOVERS).where(HANDOVERS.c.id == made).values(state=state.value, **values))
    return made


async def test_what_needs_a_person_comes_by_urgency_and_page_by_page(office: Office) -> None:
    now = office.clock.now()
    long_ago = now - UNDECIDED_AFTER - timedelta(minutes=1)
    silent = await lies(office, S.ACKNOWLEDGED, sent_at=long_ago)
    await lies(office, S.ACKNOWLEDGED, sent_at=now)
    returned = await lies(office, S.RETURNED)
    failed = await lies(office, S.FAILED)
    doubtful = [await lies(office, S.IN_DOUBT), await lies(office, S.IN_DOUBT)]
    # Handed over again, dispatched since, taken by them, over: nobody has to look.
    ticket = await office.ticket()
    await lies(office, S.RETURNED, ticket)
    await lies(office, S.ACCEPTED, ticket, 2)
    dispatched = await office.ticket()
    await lies(office, S.RETURNED, dispatched)
    await lies(office, S.DONE)
    found: list[int] = []
    place: Place | None = None
    async with office.engine.begin() as conn:
        await conn.execute(update(TICKETS).where(TICKETS.c.number == dispatched).values(state="dispatched"))
        while True:
            lines, place = await listed(conn, HALL, View.ATTENTION, now=now, limit=2, after=place)
            found += [line.id for line in lines]
            if place is None:
                break
        counts = await counted(conn, HALL, now)
        over, _ = await listed(conn, HALL, View.OVER, now=now, limit=50, after=None)
    assert found == [*reversed(doubtful), failed, returned, silent]
    assert (counts.in_doubt, counts.failed, counts.returned, counts.undecided) == (2, 1, 1, 1)
    assert (counts.on_the_way, counts.theirs) == (2, 1)
    assert [line.state for line in over] == ["done", "returned", "returned", "returned"]


async def test_how_a_way_has_done(office: Office) -> None:
    sent_at = office.clock.now() - timedelta(hours=1)
    await lies(office, S.DONE, sent_at=sent_at)
    await lies(office, S.PREPARED)
    await lies(office, S.IN_DOUBT)
    async with office.engine.connect() as conn:
        way, other = (await carried(conn, HALL, [BRIDGE, "another"])).values()
    assert (way.waiting, way.last_sent_at) == (2, sent_at)
    assert (other.waiting, other.last_sent_at) == (0, None)


async def test_figures_are_told_without_reading_all_that_went(office: Office) -> None:
    await lies(office, S.DONE, sent_at=office.clock.now())
    same = ", ".join(column.name for column in HANDOVERS.c if column.name not in ("id", "key", "ticket"))
    tickets = "SELECT 'T' || n, hall, day, created_at, state FROM tickets, generate_series(0, 19999) n"
    handovers = f"SELECT 'k' || n, 'T' || n, {same} FROM handovers, generate_series(0, 19999) n"
    async with office.engine.connect() as conn:
        await conn.execute(text(f"INSERT INTO tickets (number, hall, day, created_at, state) {tickets}"))
        await conn.execute(text(f"INSERT INTO handovers (key, ticket, {same}) {handovers}"))
        await conn.execute(text("ANALYZE handovers, tickets"))
        said: list[tuple[str, Any]] = []
        event.listen(conn.sync_connection, "before_cursor_execute", lambda *args: said.append((args[2], args[3])))
        await carried(conn, HALL, [BRIDGE])
        await counted(conn, HALL, office.clock.now())
        await listed(conn, HALL, View.OVER, now=office.clock.now(), limit=50, after=Place(0, 15_000))
        plans = [
            "\n".join(row[0] for row in await conn.exec_driver_sql(f"EXPLAIN {query}", values))
            for query, values in list(said)
        ]
    assert plans
    for plan in plans:
        assert "Seq Scan on handovers" not in plan, plan
        assert "handovers.id DESC" not in plan, plan  # sorted by hand
