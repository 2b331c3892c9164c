"""A site with callers, and a journal to write into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select

from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import JOURNAL
from tests.api.site import Site

Note = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture
async def site(database: Database, seal: Seal, tmp_path: Path) -> AsyncIterator[Site]:
    """Two halls with one account of every role."""
    made = Site(database, seal, tmp_path / "state")
    await made.populate()
    yield made
    made.passwords.close()


@pytest.fixture
def note(site: Site) -> Note:
    """Writes an event of a call into the journal, as the hall does."""

    async def write(call: str, kind: str, hall: str = "h1", **data: Any) -> None:
        j = JOURNAL.c
        async with site.engine.begin() as conn:
            last = await conn.scalar(select(func.max(j.seq)).where(j.hall == hall)) or 0
            of_call = await conn.scalar(select(func.max(j.call_seq)).where(j.call == call)) or 0
            row = {"hall": hall, "seq": last + 1, "at": site.clock.now(), "epoch": 1, "type": kind, "call": call}
            await conn.execute(insert(JOURNAL).values(**row, call_seq=of_call + 1, actor="system", data=data))
        # What comes next comes later; a call that is written afterwards is numbered behind it.
        site.clock.forward(seconds=3)
        site.number_from(last + 1)

    return write
