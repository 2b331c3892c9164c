"""Two moments in which a pushed event could be heard twice, held open by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import asyncpg
import pytest

from hotline.store.engine import Database
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from tests.store.making import CARD, HALL, a_fact


@pytest.fixture
async def store(database: Database, seal: Seal) -> AsyncIterator[HallStore]:
    opened = HallStore(database, seal, HALL)
    yield opened
    await opened.close()


def after_the_answer(store: HallStore, monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something happens between the database's answer and whoever waits for it."""
    line = store._inbox._line
    fetch = line.fetch

    async def answered(statement: str, *values: object) -> list[asyncpg.Record]:
        rows = await fetch(statement, *values)
        happens()
        return rows

    monkeypatch.setattr(line, "fetch", answered)


async def test_the_hall_begins_to_listen_while_an_answer_is_on_its_way(
    store: HallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    after_the_answer(store, monkeypatch, lambda: loop.call_soon(store.hand_out_anew))
    handed = await store.keep(CARD, [(a_fact("a"), b"raw a")])
    pending = await store.pending()
    assert [fact.event_id for _, fact in [*handed, *pending]] == ["a"]


async def test_a_commit_settles_what_a_repeat_has_just_read_as_pending(
    store: HallStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ((raw, _),) = await store.keep(CARD, [(a_fact("a"), b"raw a")])
    after_the_answer(store, monkeypatch, lambda: store._inbox.settle([raw]))
    assert await store.keep(CARD, [(a_fact("a"), b"raw a")]) == []
