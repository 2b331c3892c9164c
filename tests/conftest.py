"""A real PostgreSQL per test process, a fresh database per test."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio
import structlog

from hotline.store import embedded
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database
from hotline.store.seal import Seal, make_keys

TEMPLATE = "hotline_template"
MEMORY = Path("/dev/shm")
ROOM = 1 << 30
"""What a test process's databases may take at once, by far, in bytes."""
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that the processes end at about the same time."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("asterisk", "browser", "crash")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Leave the names of what failed where `tests.whole` looks; only when asked to (`FAILED_TESTS`)."""
    if path := os.environ.get("FAILED_TESTS"):
        stats = terminalreporter.stats
        names = {report.nodeid for kind in ("failed", "error") for report in stats.get(kind, [])}
        Path(path).write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction]
    """What a command or a benchmark sets up in this process ends with its test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """Short, because of the socket's path, and open on the way down: root lends the server another user.

    In memory where there is room: on a disk, making a database takes thirty times as long.
    """
    home = Path(tempfile.mkdtemp(prefix="hl-", dir=MEMORY if _has_room(MEMORY) else None))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(server_home: Path) -> AsyncIterator[EmbeddedPostgres]:
    """The test process's own server, with a migrated template database."""
    running = EmbeddedPostgres(server_home / "state")
    with pytest.MonkeyPatch.context() as patch:
        # Thousands of databases are made here and none outlives the run: waiting for the disk would prove nothing.
        patch.setattr(embedded, "SETTINGS", {**embedded.SETTINGS, "fsync": "off", "full_page_writes": "off"})
        await running.start()
    try:
        await _create(running, TEMPLATE)
        async with await Database.open(running.url_for(database=TEMPLATE), check_schema=False) as database:
            await database.migrate()
        yield running
    finally:
        await running.stop()


@pytest_asyncio.fixture
async def database_url(server: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a fresh database with the whole schema."""
    async for url in _fresh(server, TEMPLATE):
        yield url


@pytest_asyncio.fixture
async def empty_database_url(server: EmbeddedPostgres) -> AsyncIterator[str]:
    """The URL of a fresh database without any tables."""
    async for url in _fresh(server, "template0"):
        yield url


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh database, opened."""
    async with await Database.open(database_url, wait_seconds=5, pool_size=4) as opened:
        yield opened


@pytest.fixture(scope="session")
def seal() -> Seal:
    """Keys of this test run."""
    return Seal(make_keys())


def _has_room(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM


async def _fresh(server: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    name = f"t{os.getpid()}_{next(_numbers)}"
    await _create(server, name, template)
    yield server.url_for(database=name)
    await _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _create(server: EmbeddedPostgres, name: str, template: str = "template0") -> None:
    # Copied file by file: half as long as through the log, and nothing here outlives the run.
    await _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} OWNER hotline STRATEGY file_copy")


async def _administer(server: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(server.url_for(database="postgres", user="postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
