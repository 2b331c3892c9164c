"""A hall's own history, made by the real decisions and the real store: is every caller it lost on a list?"""

from __future__ import annotations

import asyncpg

from hotline.callbacks.keep import NAME, follower
from hotline.callbacks.rules import CallbackRules
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.verify.callbacks import check_callbacks
from hotline.verify.scope import read_scope
from tests.verify.history import HALL, make_history

UNSERVED = """
SELECT count(*) FROM calls WHERE hall = $1 AND direction = 'in' AND state = 'ended' AND answered_at IS NULL
AND caller_index IS NOT NULL AND outcome NOT IN ('blocked', 'forwarded')
"""


async def test_every_caller_a_real_hall_lost_is_on_a_list(database: Database, seal: Seal) -> None:
    await make_history(database, seal, calls=80, gateway_calls=8, hours=0.4)
    assert await follower(database.engine, HALL, CallbackRules(), lambda: True).catch_up() > 0
    lost = await database.pool.fetchval(UNSERVED, HALL)
    assert lost > 3, "a history without a lost caller proves nothing"
    assert await database.pool.fetchval("SELECT count(*) FROM callback_calls WHERE NOT served") == lost
    end = await database.pool.fetchval("SELECT max(seq) FROM journal WHERE hall = $1", HALL)
    assert await database.pool.fetchval("SELECT seq FROM followers WHERE name = $1", NAME) == end
    connection = await asyncpg.connect(database.url)
    try:
        found = await check_callbacks(connection, await read_scope(connection, None, None))
    finally:
        await connection.close()
    assert (list(found.broken), found.note) == ([], "")
    assert found.checked >= lost
