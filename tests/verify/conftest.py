"""One healthy history per test process, and a fresh copy of it per test."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import pytest_asyncio

from hotline.reports.nightly import keep_day
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.conftest import TEMPLATE
from tests.verify.history import History, make_history
from tests.verify.the_hall import DAY_BEGINS, HALL
from tests.verify.whole_calls import whole_calls

HEALTHY = "healthy_history"
CALLS = 150
"""Callers of the healthy history's day; two more ring at night."""
_numbers = itertools.count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def healthy(server: EmbeddedPostgres, seal: Seal, server_home: Path) -> History:
    """The history that the copies are of; its day's report is kept."""
    await _administer(server, f"CREATE DATABASE {HEALTHY} TEMPLATE {TEMPLATE} OWNER hotline")
    async with await Database.open(server.url_for(database=HEALTHY), pool_size=2) as database:
        history = await make_history(database, seal, calls=CALLS, gateway_calls=8, hours=0.8, whole=whole_calls)
        await keep_day(
            database.engine, HALL, date(2026, 11, 19), now=DAY_BEGINS + timedelta(days=2), state_dir=server_home
        )
    return history


@pytest_asyncio.fixture
async def healthy_url(server: EmbeddedPostgres, healthy: History) -> AsyncIterator[str]:
    """A fresh copy of the healthy history, with the append-only walls taken down."""
    name = f"h{os.getpid()}_{next(_numbers)}"
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {HEALTHY} OWNER hotline")
    url = server.url_for(database=name)
    connection = await asyncpg.connect(url)
    try:
        for table in ("journal", "raw_events", "seat_changes", "calls", "tickets", "day_reports"):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    finally:
        await connection.close()
    yield url
    await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(server: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.url_for(database="postgres", user="postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
