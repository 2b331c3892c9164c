"""The simulated receiver's shared tables: makes them, takes our rows, and answers with rows."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from adapters.bridges.fields import FIELDS, Kind
from adapters.bridges.peer_desk import Desk
from adapters.bridges.peer_files import answer_later
from adapters.bridges.transports.database import Database
from adapters.handover_package import KEY_CHARS, limit_of

T = TypeVar("T")

LOOK_SECONDS: Final = 0.1
ROWS_AT_ONCE: Final = 200
LONG_TEXT: Final = 1_000


def tables() -> tuple[MetaData, Table, Table]:
    """Both tables, as `table/tables.sql` has them: ours, which they read, and theirs, which we read."""
    made = MetaData()
    out = Table(
        "hotline_out",
        made,
        *(_column(name) for name in FIELDS if name not in ("direction", "peer")),
        Column("taken_at", DateTime(timezone=True)),
        Column("case_no", String(64)),
    )
    back = Table(
        "hotline_in",
        made,
        Column("seq", Integer, primary_key=True, autoincrement=True),
        Column("id", String(200)),
        Column("type", String(64), nullable=False),
        Column("key", String(KEY_CHARS)),
        Column("local_no", String(64)),
        Column("case_no", String(64)),
        Column("at", DateTime(timezone=True)),
        Column("text", Text),
        Column("reason_code", String(64)),
        Column("by", String(200)),
        Column("taken_at", DateTime(timezone=True)),
    )
    return made, out, back


class TableSide:
    """The receiver at its end of the tables."""

    def __init__(self, desk: Desk, url: str) -> None:
        self._database = Database(url)
        self._desk = desk
        self._made, self._out, self._back = tables()
        self._waiting: list[dict[str, Any]] = []

    async def make(self) -> None:
        """Make the tables, where they are not there."""
        await self._database.run(lambda connection: self._made.create_all(connection))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Take the rows that are there, write the answers; how many rows."""
        out = self._out

        def fetch(connection: Connection) -> list[dict[str, Any]]:
            rows = connection.execute(
                select(out).where(out.c.taken_at.is_(None)).order_by(out.c.prepared_at).limit(ROWS_AT_ONCE)
            )
            return [_document(dict(row)) for row in rows.mappings()]

        taken: dict[str, str] = {}
        for row in await self._database.run(fetch):
            found = self._desk.take(row, "table") if row["key"] not in taken else None
            if found is not None and answer_later(self._desk, found, row, self.lay):
                taken[row["key"]] = found.case.case_no if found.case is not None else ""
        answers, self._waiting = self._waiting, []

        def write(connection: Connection) -> None:
            for key, case_no in taken.items():
                marked = {"taken_at": self._desk.now(), "case_no": case_no or None}
                connection.execute(update(out).where(out.c.key == key).values(marked))
            for item in answers:
                connection.execute(insert(self._back).values(item))

        if taken or answers:
            await self._database.run(write)
        return len(taken)

    def lay(self, name: str, items: list[dict[str, Any]]) -> None:
        """Answer with rows, at the next look."""
        for item in items:
            at = item.get("at")
            self._waiting.append(item | ({"at": datetime.fromisoformat(at)} if at else {}))

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()


def _document(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the ledger keeps it."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _column(name: str) -> Column[Any]:
    field, limit = FIELDS[name], limit_of(name)
    match field.kind:
        case Kind.TIME:
            return Column(name, DateTime(timezone=True))
        case Kind.FLAG:
            return Column(name, Boolean)
        case Kind.LIST:
            return Column(name, Text)
        case _ if limit is not None and limit > LONG_TEXT:
            return Column(name, Text)
        case _:
            return Column(name, String(limit or 200), primary_key=name == "key")
