"""The same creating request twice: one effect, one answer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from hotline.people import accounts
from hotline.people.permissions import Role
from hotline.people.sweep import ANSWERS_KEPT, sweep
from hotline.store.tables import ACCOUNTS, CATEGORY_VERSIONS, IDEMPOTENCY_KEYS
from tests.api.site import Site

NEW = {"work_number": "1007", "name": "李律师", "role": "operator"}
TREE = {"label": "新", "items": [{"code": "a", "label": "甲"}]}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


async def count(site: Site, table: Any) -> int:
    async with site.engine.connect() as conn:
        return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


async def test_the_second_gets_the_first_answer_and_changes_nothing(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        first = await client.post("/accounts", json=NEW, headers=KEY)
        people, acts = await count(site, ACCOUNTS), len(await site.audit())
        site.clock.forward(minutes=20)
        second = await client.post("/accounts", json=NEW, headers=KEY)
        assert (second.status_code, second.json()) == (first.status_code, first.json()) == (201, first.json())
        assert second.headers["cache-control"] == "no-store"
        assert (await count(site, ACCOUNTS), len(await site.audit())) == (people, acts)


@pytest.mark.parametrize(("path", "body"), [("/categories", TREE), ("/accounts/{account}/reset-password", None)])
async def test_every_creating_route_takes_the_key(site: Site, path: str, body: dict[str, Any] | None) -> None:
    path = path.format(account=site.people["h1", Role.OPERATOR].id)
    async with site.browser(Role.ADMINISTRATOR) as client:
        answers = [await client.post(path, json=body, headers=KEY) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert len(await site.audit()) == 1
        if body is None:
            assert (await client.post(path)).json() != answers[0].json()


async def test_another_body_under_the_same_key_is_refused(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        await client.post("/accounts", json=NEW, headers=KEY)
        answer = await client.post("/accounts", json={**NEW, "work_number": "1008"}, headers=KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
        assert answer.headers["content-type"] == "application/problem+json"
        # Another route, and another person, may use the same words.
        assert (await client.post("/categories", json=TREE, headers=KEY)).status_code == 201
    async with site.browser(Role.ADMINISTRATOR, "h2") as client:
        assert (await client.post("/accounts", json=NEW, headers=KEY)).status_code == 201


async def test_while_the_first_is_being_done_the_second_waits(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, create = asyncio.Event(), asyncio.Event(), accounts.create

    async def slowly(*args: Any, **kwargs: Any) -> Any:
        begun.set()
        await go_on.wait()
        return await create(*args, **kwargs)

    monkeypatch.setattr(accounts, "create", slowly)
    async with site.browser(Role.ADMINISTRATOR) as client:
        first = asyncio.create_task(client.post("/accounts", json=NEW, headers=KEY))
        async with asyncio.timeout(5):
            await begun.wait()
            second = await client.post("/accounts", json=NEW, headers=KEY)
            assert (second.status_code, second.json()["code"]) == (409, "request_running")
            assert int(second.headers["retry-after"]) > 0
            go_on.set()
            assert (await first).status_code == 201
        assert (await client.post("/accounts", json=NEW, headers=KEY)).json() == (await first).json()


async def test_what_breaks_in_the_middle_leaves_no_key(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The act is done, the key is not written: neither is there, and the next try does both."""

    async def break_off(*_: Any) -> None:
        raise ConnectionRefusedError

    async with site.browser(Role.ADMINISTRATOR) as client:
        people = await count(site, ACCOUNTS)
        with monkeypatch.context() as patch:
            patch.setattr("hotline.api.once.Once._keep", break_off)
            assert (await client.post("/accounts", json=NEW, headers=KEY)).status_code == 500
        assert await count(site, ACCOUNTS) == people
        assert (await client.post("/accounts", json=NEW, headers=KEY)).status_code == 201


async def test_a_refusal_is_not_kept(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        refused = await client.post("/accounts", json={**NEW, "work_number": "2001"}, headers=KEY)
        assert refused.json()["code"] == "work_number_taken"
        assert await count(site, IDEMPOTENCY_KEYS) == 0
        assert (await client.post("/accounts", json=NEW, headers=KEY)).status_code == 201


async def test_the_answer_lies_sealed(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.post("/accounts", json=NEW, headers=KEY)
    async with site.engine.connect() as conn:
        kept = bytes((await conn.execute(select(IDEMPOTENCY_KEYS.c.answer_sealed))).scalar_one())
    assert answer.json()["initial_password"].encode() not in kept


async def test_after_a_day_it_is_another_request(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.post("/categories", json=TREE, headers=KEY)).json()["version"] == 1
    site.clock.at += ANSWERS_KEPT - timedelta(seconds=1)
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.post("/categories", json={**TREE, "label": "二"}, headers=KEY)).json()[
            "code"
        ] == "key_reused"
        assert (await sweep(site.engine, site.clock.now())).answers == 0
        site.clock.forward(seconds=1)
        assert (await client.post("/categories", json={**TREE, "label": "二"}, headers=KEY)).json()["version"] == 2
        assert (await client.post("/categories", json={**TREE, "label": "二"}, headers=KEY)).json()["version"] == 2
    assert await count(site, CATEGORY_VERSIONS) == 2
    site.clock.at += ANSWERS_KEPT
    assert (await sweep(site.engine, site.clock.now())).answers == 1
    assert await count(site, IDEMPOTENCY_KEYS) == 0


@pytest.mark.parametrize("key", ["", " ", "长".encode().decode("latin-1"), "a" * 256])
async def test_what_a_key_may_not_be(site: Site, key: str) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.post("/accounts", json=NEW, headers={"Idempotency-Key": key.encode("latin-1")})  # pyright: ignore[reportArgumentType]
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
