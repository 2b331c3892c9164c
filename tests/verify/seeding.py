"""Bugs planted into a healthy history: where they are registered, and what they are planted with."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg

from hotline.reports.nightly import digest
from hotline.verify import as_text, verify

Plant = Callable[[asyncpg.Connection], Awaitable[str]]
"""Plants a bug; the id that the verification must name."""
Seeds = dict[str, tuple[int, Plant]]
"""By name: the invariant that the bug breaks, and how it is planted."""


def register(seeds: Seeds) -> Callable[[int], Callable[[Plant], Plant]]:
    """A decorator that registers a bug with the invariant that it breaks."""

    def seed(invariant: int) -> Callable[[Plant], Plant]:
        def keep(plant: Plant) -> Plant:
            seeds[plant.__name__] = (invariant, plant)
            return plant

        return keep

    return seed


async def prove(invariant: int, plant: Plant, url: str) -> None:
    """The bug turns that invariant red, and is named."""
    connection = await asyncpg.connect(url)
    try:
        offender = await plant(connection)
    finally:
        await connection.close()
    assert offender, "nothing was planted"
    verdict = await verify(url)
    (found,) = (check for check in verdict.checks if check.id == invariant)
    assert offender in [broken.id for broken in found.broken], as_text(verdict)


async def one(db: asyncpg.Connection, statement: str, *values: object) -> Any:
    """The first value; there must be one, or nothing could be planted."""
    found = await db.fetchval(statement, *values)
    assert found is not None, "the history holds nothing to plant this bug in"
    return found


async def record(db: asyncpg.Connection, statement: str, *values: object) -> asyncpg.Record:
    """The first row; there must be one, or nothing could be planted."""
    found = await db.fetchrow(statement, *values)
    assert found is not None, "the history holds nothing to plant this bug in"
    return found


async def append(db: asyncpg.Connection, call: str, kind: str, **data: Any) -> None:
    """One more event of a call, numbered as the writer would."""
    await db.execute(
        """
        INSERT INTO journal (hall, seq, at, epoch, type, call, call_seq, actor, data)
        SELECT hall, max(seq) + 1, max(at), max(epoch), $2, $1, (SELECT seq + 1 FROM calls WHERE id = $1), 'system', $3
        FROM journal GROUP BY hall
        """,
        call,
        kind,
        json.dumps({"type": kind, **data}),
    )
    await db.execute("UPDATE calls SET seq = seq + 1 WHERE id = $1", call)


async def change_report(db: asyncpg.Connection, change: Callable[[dict[str, Any]], None]) -> None:
    """The stored report of the day says something else, and its digest fits."""
    report = json.loads(await one(db, "SELECT measures FROM day_reports"))
    change(report)
    await db.execute("UPDATE day_reports SET measures = $1, digest = $2", json.dumps(report), digest(report))


def measure(report: dict[str, Any], id: str) -> dict[str, Any]:
    """One of a report's measures."""
    (found,) = (measure for measure in report["measures"] if measure["id"] == id)
    return found
