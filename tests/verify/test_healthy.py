"""A history made by the real decisions and the real store holds; what was looked at is not nothing."""

from __future__ import annotations

from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.verify import as_text, verify
from tests.verify.history import make_history


async def test_healthy_history_holds(database: Database, seal: Seal) -> None:
    await make_history(database, seal, calls=150, gateway_calls=20)
    verdict = await verify(database.url)
    print(as_text(verdict))
    assert verdict.ok, as_text(verdict)
    assert [check.id for check in verdict.checks] == [1, 2, 3, 5, 6, 7, 10]
    assert all(check.checked >= 100 for check in verdict.checks)
