"""While the database cannot be reached: 503, when to come again, and never a 500."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from hotline.people.permissions import Role
from hotline.people.sessions import Presence, Sessions
from tests.api.site import Site


@pytest.mark.parametrize("where", ["socket", "port"])
async def test_a_database_that_is_not_there(site: Site, tmp_path: Path, where: str) -> None:
    host = str(tmp_path) if where == "socket" else "127.0.0.1"

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(host=host, port=9, user="nobody", database="none", timeout=5)

    gone = create_async_engine("postgresql+asyncpg://", async_creator=connect)
    async with site.browser(Role.SUPERVISOR) as client:
        site.app.state.engine = gone
        site.app.state.sessions = Sessions(gone, lambda *_: Presence.ABSENT)
        for path in ("/session", "/calls", "/tickets"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "store_away"), path
            assert int(answer.headers["retry-after"]) > 0
        signed = await client.post("/session", json={"hall": "h1", "work_number": "1001", "password": "x"})
        assert (signed.status_code, signed.json()["code"]) == (503, "store_away")
    await gone.dispose()


async def test_another_file_that_is_not_there_is_our_bug(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    async def lose(*_: object, **__: object) -> None:
        raise FileNotFoundError("something of ours")

    monkeypatch.setattr("hotline.tickets.categories.current", lose)
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/categories")).status_code == 500
