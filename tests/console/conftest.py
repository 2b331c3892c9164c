"""One browser and one hall for all journeys of a test process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.console.browser import chromium
from tests.console.hall import ConsoleHall, running

expect.set_options(timeout=10_000)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browser]:
    """Chromium. Missing, it fails the tests with the reason."""
    folder: Path = tmp_path_factory.mktemp("browser")
    async with chromium(folder) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hall() -> AsyncIterator[ConsoleHall]:
    """A living hall. Every journey has a desk of its own there."""
    async with running() as started:
        yield started
