"""The deadlines of one site: its calendar from the database, its rules and office hours from the settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.book import Book
from hotline.deadlines.rules import Rule
from hotline.deadlines.working import Clock, Office
from hotline.rosters.plans import calendar


class Table(Protocol):
    """`[halls.H.deadlines]`"""

    opens: str
    closes: str

    def own_rules(self) -> Sequence[Rule]:
        """The site's rules."""
        ...


async def book_of(conn: AsyncConnection, hall: str, table: Table, now: datetime) -> Book:
    """The book of a hall, now."""
    office = Office(opens=time.fromisoformat(table.opens), closes=time.fromisoformat(table.closes))
    clock = Clock(calendar=await calendar(conn, hall), office=office)
    return Book(conn, hall=hall, clock=clock, now=now, own=table.own_rules())
