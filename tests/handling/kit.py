"""A hall with tickets to be handled, a clock that tests turn, and people of the hall and of units."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select

from hotline.deadlines.book import Book
from hotline.deadlines.working import Clock
from hotline.handling.board import Board, Worker
from hotline.handling.hall_side import HallSide
from hotline.handling.unit_side import UnitSide
from hotline.rosters.calendar import SHANGHAI, Calendar
from hotline.store.engine import Database
from hotline.store.tables import DEADLINES, DISPATCHES, TICKET_STEPS, TICKETS
from hotline.tickets.ticket import TicketState

HALL = "city"
CENTRE, STATION, OTHER = "c-01", "s-01", "c-02"
ALICE = Worker(account="acc-alice")
"""An operator of the hall."""
SUSAN = Worker(account="acc-susan")
"""A supervisor of the hall."""
CARL = Worker(account="acc-carl", unit=CENTRE, reach=frozenset({CENTRE, STATION}))
"""A handler of a county centre."""
STAN = Worker(account="acc-stan", unit=STATION, reach=frozenset({STATION}))
"""A handler of a township station below it."""
OTTO = Worker(account="acc-otto", unit=OTHER, reach=frozenset({OTHER}))
"""A handler of another centre."""
FRIDAY = datetime(2025, 9, 26, 10, tzinfo=SHANGHAI)
"""The last Friday before a holiday of eight days; the Sunday after it is worked."""


class Hall:
    """What is done there, at the time that the tests say."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.now = FRIDAY
        self._made = 0

    def later(self, **by: float) -> None:
        """Turn the clock."""
        self.now += timedelta(**by)

    @asynccontextmanager
    async def board(self, worker: Worker) -> AsyncIterator[Board]:
        async with self.engine.begin() as conn:
            book = Book(conn, hall=HALL, clock=Clock(calendar=Calendar()), now=self.now)
            yield Board(conn, book, hall=HALL, worker=worker, now=self.now)

    async def hall(self, worker: Worker, what: str, *args: Any, **kwargs: Any) -> Any:
        """One step of the hall's side."""
        async with self.board(worker) as board:
            return await getattr(HallSide(board), what)(*args, **kwargs)

    async def unit(self, worker: Worker, what: str, *args: Any, **kwargs: Any) -> Any:
        """One step of a unit's side."""
        async with self.board(worker) as board:
            return await getattr(UnitSide(board), what)(*args, **kwargs)

    async def ticket(self, **values: Any) -> str:
        """A ticket that the desk has written, with the deadline of its birth."""
        self._made += 1
        number = f"CITY-20250926-{self._made:06d}"
        written = {
            "number": number,
            "hall": HALL,
            "day": self.now.date(),
            "created_at": self.now,
            "state": TicketState.OPEN.value,
            "operator": ALICE.account,
            "facts": "公司拖欠工资三个月。",
            "category": "civil.labour.pay",
            **values,
        }
        async with self.board(ALICE) as board:
            row = (await board.conn.execute(insert(TICKETS).values(**written).returning(TICKETS))).one()
            await board.book.begin(row)
        return number

    async def row(self, number: str) -> Row[Any]:
        """The ticket's row."""
        return (await self._rows(select(TICKETS).where(TICKETS.c.number == number)))[0]

    async def version(self, number: str) -> int:
        """What a save must name."""
        return (await self.row(number)).version

    async def dues(self, number: str, *, running: bool = True) -> dict[str, Row[Any]]:
        """The ticket's deadlines by kind, the newest of each."""
        d = DEADLINES.c
        query = select(DEADLINES).where(d.ticket == number).order_by(d.id)
        query = query.where(d.done_at.is_(None)) if running else query
        return {row.kind: row for row in await self._rows(query)}

    async def dispatches(self, number: str) -> Sequence[Row[Any]]:
        """Every dispatch of the ticket, in order."""
        d = DISPATCHES.c
        return await self._rows(select(DISPATCHES).where(d.ticket == number).order_by(d.id))

    async def told(self, number: str) -> list[str]:
        """The steps in the ticket's history."""
        s = TICKET_STEPS.c
        return [row.step for row in await self._rows(select(s.step).where(s.ticket == number).order_by(s.id))]

    async def _rows(self, query: Any) -> Sequence[Row[Any]]:
        async with self.engine.connect() as conn:
            return (await conn.execute(query)).all()
