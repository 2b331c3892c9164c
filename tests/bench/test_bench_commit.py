"""The commit's benchmark measures what it says."""

from __future__ import annotations

from hotline.bench.commit import run
from hotline.store.engine import Database


async def test_it_writes_whole_calls_and_gives_figures(database: Database, database_url: str) -> None:
    figures = await run(database_url, batches=(1, 8), seconds=0.2, history=100)
    assert [one.batch for one in figures] == [1, 8]
    for one in figures:
        assert one.commits > 0
        assert 0 < one.p50 <= one.p99 <= one.max
        assert one.decisions_per_second > one.commits_per_second * (one.batch - 0.5)
        assert one.python_us_per_decision > 0
    halls = await database.pool.fetch(
        "SELECT hall, count(*) AS calls, count(*) FILTER (WHERE state = 'ended') AS over FROM calls GROUP BY hall"
    )
    assert len(halls) == 2
    for hall in halls:
        assert hall["over"] >= 100
        assert hall["calls"] - hall["over"] <= 2
    assert await database.pool.fetchval("SELECT count(*) FROM tickets") == sum(hall["calls"] for hall in halls)
