"""A creating request that comes twice, because its answer was lost: how does it happen once?

The client marks it with an `Idempotency-Key`. The key is stored together with the answer in the transaction of the act
itself: either both are there or neither, also when the process is killed in between. For 24 hours the same account,
route and key get the first answer again, with no second effect; another body under the same key is refused. A request
that was refused had no effect and leaves no key. Answers are sealed: one may hold an initial password.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Grant
from hotline.api.problems import Problem
from hotline.people.sweep import ANSWERS_KEPT
from hotline.store.seal import Seal, place
from hotline.store.tables import IDEMPOTENCY_KEYS

M = TypeVar("M", bound=BaseModel)

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="调用方生成的唯一值（建议 UUID）。24 小时内以同一个值重发同样的请求，得到第一次的答复，不重复执行",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


class Once:
    """A request that creates something, with its key if it has one."""

    def __init__(self, request: Request, key: str | None, body: bytes) -> None:
        self._request = request
        self._key = key
        self._route = f"{request.method} {request.url.path}"
        self._body_hash = hashlib.sha256(body).digest()

    async def do(self, grant: Grant, kind: type[M], work: Callable[[AsyncConnection], Awaitable[M]]) -> M:
        """The answer of `work`, which does its act in the given transaction; or the answer of the first time.

        Raises `Problem`: `request_running` while the same request is being done, `key_reused` for another body.
        """
        async with self._request.app.state.engine.begin() as conn:
            if self._key is None:
                return await work(conn)
            row = f"{grant.who.account} {self._route} {self._key}"
            # Held until the transaction ends, however it ends: no mark of a running request can be left behind.
            lock = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"once:{row}", 0)))
            if not (await conn.execute(lock)).scalar_one():
                raise Problem("request_running")
            seal: Seal = self._request.app.state.seal
            where = place("idempotency_keys", "answer_sealed", row)
            stored = await self._find(conn, grant)
            if stored is not None:
                return kind.model_validate_json(seal.open(stored, where))
            answer = await work(conn)
            await self._keep(conn, grant, seal.seal(answer.model_dump_json(), where))
        return answer

    async def _find(self, conn: AsyncConnection, grant: Grant) -> bytes | None:
        k = IDEMPOTENCY_KEYS.c
        query = select(k.body_hash, k.answer_sealed).where(
            k.account == grant.who.account,
            k.route == self._route,
            k.key == self._key,
            k.at > grant.now - ANSWERS_KEPT,
        )
        found = (await conn.execute(query)).one_or_none()
        if found is None:
            return None
        if bytes(found.body_hash) != self._body_hash:
            raise Problem("key_reused")
        return bytes(found.answer_sealed)

    async def _keep(self, conn: AsyncConnection, grant: Grant, answer: bytes) -> None:
        kept = {"body_hash": self._body_hash, "answer_sealed": answer, "at": grant.now}
        row = insert(IDEMPOTENCY_KEYS).values(account=grant.who.account, route=self._route, key=self._key, **kept)
        k = IDEMPOTENCY_KEYS.c
        await conn.execute(row.on_conflict_do_update(index_elements=[k.account, k.route, k.key], set_=kept))


async def _once(request: Request, key: Key = None) -> Once:
    return Once(request, key, await request.body())


Turn = Annotated[Once, Depends(_once)]
"""For routes that create something."""
