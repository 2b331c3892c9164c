"""Evidence of times that the answer rate may not be blamed on the hall for: no writer ran, or a line was down."""

from __future__ import annotations

from datetime import datetime

from hotline.store.engine import Database
from hotline.store.errors import told_apart


class Gaps:
    """The gaps of one hall. Raises `StoreAway`."""

    def __init__(self, database: Database, hall: str) -> None:
        self._database = database
        self._hall = hall

    async def last_sign(self, lease_seconds: float) -> datetime | None:
        """When a writer last renewed its lease, or journalled; None: there never was one."""
        with told_apart():
            return await self._database.pool.fetchval(
                """SELECT greatest(until - make_interval(secs => $2),
                                   (SELECT at FROM journal WHERE hall = $1 ORDER BY seq DESC LIMIT 1))
                   FROM hall_leases WHERE hall = $1""",
                self._hall,
                lease_seconds,
            )

    async def without_writer(self, began_at: datetime, ended_at: datetime, detail: str) -> None:
        """No process led the hall between the two."""
        with told_apart():
            await self._database.pool.execute(
                "INSERT INTO writer_gaps (hall, kind, began_at, ended_at, detail) VALUES ($1, 'writer', $2, $3, $4)",
                self._hall,
                began_at,
                max(began_at, ended_at),
                detail,
            )

    async def link_lost(self, adapter: str, at: datetime, detail: str) -> None:
        """A device cannot be heard from now on; one open gap per device at most."""
        with told_apart():
            await self._database.pool.execute(
                """INSERT INTO writer_gaps (hall, kind, adapter, began_at, detail)
                   SELECT $1, 'link', $2, $3, $4
                   WHERE NOT EXISTS (SELECT 1 FROM writer_gaps
                                     WHERE hall = $1 AND kind = 'link' AND adapter = $2 AND ended_at IS NULL)""",
                self._hall,
                adapter,
                at,
                detail[:200],
            )

    async def link_back(self, adapter: str, at: datetime) -> None:
        """It can be heard again."""
        with told_apart():
            await self._database.pool.execute(
                """UPDATE writer_gaps SET ended_at = greatest(began_at, $3)
                   WHERE hall = $1 AND kind = 'link' AND adapter = $2 AND ended_at IS NULL""",
                self._hall,
                adapter,
                at,
            )
