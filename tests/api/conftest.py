"""A site for every test of the routes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from structlog.testing import capture_logs

from hotline.store.engine import Database
from hotline.store.seal import Seal
from tests.api.site import Site


@pytest_asyncio.fixture
async def site(database: Database, seal: Seal, tmp_path: Path) -> AsyncIterator[Site]:
    """Two halls with one account of every role."""
    made = Site(database, seal, tmp_path / "state")
    await made.populate()
    with capture_logs():  # tracebacks drawn for a terminal take seconds
        yield made
    made.passwords.close()
