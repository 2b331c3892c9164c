"""What goes at night, and what stays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from hotline.people import tries
from hotline.people.permissions import Role
from hotline.people.sessions import LONGEST, hash_of
from hotline.people.sweep import SESSIONS_KEPT, Swept, sweep
from hotline.schedule import keep_swept
from hotline.store.tables import ACCOUNT_TRIES, AUDIT, SESSIONS
from tests.api.conftest import site
from tests.api.site import Site

__all__ = ["site"]


async def opened(site: Site) -> str:
    async with site.engine.begin() as conn:
        account = site.people["h1", Role.OPERATOR].id
        return await site.sessions.open(conn, account, site.clock.now(), address="192.0.2.1", agent="x")


async def kept(site: Site) -> set[bytes]:
    async with site.engine.connect() as conn:
        return {bytes(each) for (each,) in await conn.execute(select(SESSIONS.c.token_hash))}


async def test_a_session_goes_thirty_days_after_its_end(site: Site) -> None:
    signed_off, forgotten = await opened(site), await opened(site)
    async with site.engine.begin() as conn:
        await site.sessions.end(conn, hash_of(signed_off), site.clock.now())
    site.clock.at += SESSIONS_KEPT - timedelta(seconds=1)
    young = await opened(site)
    assert (await sweep(site.engine, site.clock.now())).sessions == 0
    site.clock.forward(seconds=1)
    assert (await sweep(site.engine, site.clock.now())).sessions == 1
    assert await kept(site) == {hash_of(forgotten), hash_of(young)}
    site.clock.at += LONGEST
    assert (await sweep(site.engine, site.clock.now())).sessions == 1
    assert await kept(site) == {hash_of(young)}
    assert await site.sessions.find(young, site.clock.now() - LONGEST) is not None


async def test_tries_go_when_they_no_longer_count(site: Site) -> None:
    async with site.engine.begin() as conn:
        for _ in range(tries.MAX_TRIES):
            assert await tries.take(conn, "a", site.clock.now()) is None
    site.clock.at += tries.DELAY - timedelta(seconds=1)
    assert (await sweep(site.engine, site.clock.now())).tries == 0
    async with site.engine.begin() as conn:
        assert await tries.take(conn, "a", site.clock.now()) is not None
    site.clock.forward(seconds=1)
    assert await sweep(site.engine, site.clock.now()) == Swept(sessions=0, tries=1, answers=0)
    async with site.engine.connect() as conn:
        assert (await conn.execute(select(func.count()).select_from(ACCOUNT_TRIES))).scalar_one() == 0


async def test_the_audit_trail_stays(site: Site) -> None:
    async with site.engine.connect() as conn:
        before = (await conn.execute(select(func.count()).select_from(AUDIT))).scalar_one()
    await sweep(site.engine, site.clock.now() + timedelta(days=4000))
    async with site.engine.connect() as conn:
        assert (await conn.execute(select(func.count()).select_from(AUDIT))).scalar_one() == before > 0


async def test_it_runs_at_the_start_and_every_night_and_again_after_a_failure(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """02:00 UTC is 10:00 in Shanghai: the next night begins 14 h 20 min later."""
    runs: list[timedelta] = []
    start = site.clock.now()

    async def counted(*_: object) -> Swept:
        runs.append(site.clock.now() - start)
        if len(runs) == 2:
            raise ConnectionRefusedError
        return Swept(sessions=0, tries=0, answers=0)

    async def skip(seconds: float) -> None:
        site.clock.forward(seconds=seconds)
        if site.clock.now() - start > timedelta(hours=40):
            raise asyncio.CancelledError

    monkeypatch.setattr("hotline.schedule.sweep", counted)
    with pytest.raises(asyncio.CancelledError):
        await keep_swept(site.engine, clock=site.clock, sleep=skip)
    night = timedelta(hours=14, minutes=20)
    assert runs == [timedelta(), night, night + timedelta(minutes=10), night + timedelta(hours=24)]
