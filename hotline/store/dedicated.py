"""A connection of one's own that comes back by itself, with its statements prepared once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from hotline.store.engine import Database
from hotline.store.errors import told_apart

ANSWER_SECONDS: Final = 6.0
"""Past this the connection is given up as half open: a second more than the server itself allows a statement."""


class Dedicated:
    """One connection, used by one statement at a time; opened when first needed and again after a loss."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._name = name
        self._connection: asyncpg.Connection | None = None
        self._prepared: dict[str, PreparedStatement] = {}
        self._turn = asyncio.Lock()

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """The rows of one statement, which is a transaction of its own.

        Raises StoreAway (it may have been carried out or not) or Conflict (it was not).
        """
        async with self._turn:
            with told_apart(self._connection):
                prepared = await self._prepare(statement)
            with told_apart(self._connection):
                try:
                    return await prepared.fetch(*values, timeout=ANSWER_SECONDS)
                except (TimeoutError, asyncio.CancelledError):
                    # Nobody knows what the server still does with it: never speak on this connection again.
                    self._cut()
                    raise

    async def close(self) -> None:
        """Closes the connection; the next `fetch` would open another."""
        async with self._turn:
            connection, self._connection = self._connection, None
            self._prepared.clear()
            if connection is not None and not connection.is_closed():
                with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await connection.close(timeout=2.0)

    @property
    def backend(self) -> int | None:
        """Process id of the server's side; None while not connected."""
        if self._connection is None or self._connection.is_closed():
            return None
        return self._connection.get_server_pid()

    async def _prepare(self, statement: str) -> PreparedStatement:
        connection = self._connection
        if connection is None or connection.is_closed():
            self._prepared.clear()
            connection = self._connection = await self._database.dedicated(self._name)
        prepared = self._prepared.get(statement)
        if prepared is None:
            try:
                prepared = await connection.prepare(statement, timeout=ANSWER_SECONDS)
            except (TimeoutError, asyncio.CancelledError):
                self._cut()
                raise
            self._prepared[statement] = prepared
        return prepared

    def _cut(self) -> None:
        connection, self._connection = self._connection, None
        self._prepared.clear()
        if connection is not None:
            connection.terminate()
