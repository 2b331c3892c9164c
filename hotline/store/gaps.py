"""Evidence of times that the answer rate may not be blamed on the hall for: no writer ran, or a line was down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from hotline.lines.alarms import Alarm
from hotline.store.engine import Database
from hotline.store.errors import told_apart

REMEMBERED: Final = timedelta(days=7)
"""Alarms that were raised, and events that were heard, earlier than that are not looked for."""
PORT: Final = "port/"
"""How the kind of a port's gap begins: one port of a line was out of order, the line was up."""


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

    async def begin_anew(self, adapters: Sequence[str], linked: Sequence[str], at: datetime) -> None:
        """A process begins to lead: those with a link tell anew what is broken, and who is no longer in the settings is
        not missed."""
        with told_apart():
            await self._database.pool.execute(
                """UPDATE writer_gaps SET ended_at = greatest(began_at, $3)
                   WHERE hall = $1 AND ended_at IS NULL AND kind <> 'writer'
                     AND (adapter <> ALL($2::text[]) OR starts_with(kind, $4) AND adapter = ANY($5::text[]))""",
                self._hall,
                list(adapters),
                at,
                PORT,
                list(linked),
            )

    async def port_lost(self, adapter: str, port: int | None, at: datetime, detail: str) -> None:
        """One channel of a device is out of order; one open gap per channel at most."""
        with told_apart():
            await self._database.pool.execute(
                """INSERT INTO writer_gaps (hall, kind, adapter, began_at, detail)
                   SELECT $1, $2, $3, $4, $5
                   WHERE NOT EXISTS (SELECT 1 FROM writer_gaps
                                     WHERE hall = $1 AND kind = $2 AND adapter = $3 AND ended_at IS NULL)""",
                self._hall,
                _of(port),
                adapter,
                at,
                detail[:200],
            )

    async def port_back(self, adapter: str, port: int | None, at: datetime) -> None:
        """It works again."""
        with told_apart():
            await self._database.pool.execute(
                """UPDATE writer_gaps SET ended_at = greatest(began_at, $4)
                   WHERE hall = $1 AND kind = $2 AND adapter = $3 AND ended_at IS NULL""",
                self._hall,
                _of(port),
                adapter,
                at,
            )

    async def delayed(self, adapter: str, since: datetime) -> None:
        """What an edge heard since then comes only now; one open delay per device at most."""
        with told_apart():
            await self._database.pool.execute(
                """INSERT INTO edge_delays (hall, adapter, began_at)
                   SELECT $1, $2, $3
                   WHERE NOT EXISTS (SELECT 1 FROM edge_delays
                                     WHERE hall = $1 AND adapter = $2 AND ended_at IS NULL)""",
                self._hall,
                adapter,
                since,
            )

    async def caught_up(self, adapter: str, at: datetime) -> None:
        """Everything that it heard is here."""
        with told_apart():
            await self._database.pool.execute(
                """UPDATE edge_delays SET ended_at = greatest(began_at, $3)
                   WHERE hall = $1 AND adapter = $2 AND ended_at IS NULL""",
                self._hall,
                adapter,
                at,
            )

    async def standing_alarms(self, now: datetime) -> dict[str, tuple[Alarm, ...]]:
        """The alarms (告警) that a process before us raised and never cleared, by line."""
        with told_apart():
            rows = await self._database.pool.fetch(
                """SELECT DISTINCT ON (data->>'adapter', data->>'kind', data->>'port') type, at, data::text AS data
                   FROM journal
                   WHERE hall = $1 AND at > $2 AND type IN ('LineAlarmRaised', 'LineAlarmCleared')
                   ORDER BY data->>'adapter', data->>'kind', data->>'port', seq DESC""",
                self._hall,
                now - REMEMBERED,
            )
        found: dict[str, tuple[Alarm, ...]] = {}
        for row in rows:
            if row["type"] == "LineAlarmRaised":
                told = msgspec.json.decode(row["data"])
                try:
                    alarm = msgspec.convert({**told, "since": row["at"]}, Alarm)
                except msgspec.ValidationError:
                    continue  # of a kind that a later version raises
                found[told["adapter"]] = (*found.get(told["adapter"], ()), alarm)
        return found

    async def last_heard(self, now: datetime) -> dict[str, datetime]:
        """When each device last said something that was kept."""
        with told_apart():
            rows = await self._database.pool.fetch(
                """SELECT adapter, max(heard_at) AS at FROM raw_events
                   WHERE hall = $1 AND heard_at > $2 AND type <> 'LinkUp' GROUP BY adapter""",
                self._hall,
                now - REMEMBERED,
            )
        return {row["adapter"]: row["at"] for row in rows}


def _of(port: int | None) -> str:
    return f"{PORT}{'' if port is None else port}"
