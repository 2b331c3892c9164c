"""How soon is a ticket saved, and how soon are tickets found, in an archive of a million?

The real service in its own process, over HTTP, as the console asks: signed in as a supervisor, the first page of each
search. Searches are of all kinds in turn: frequent and rare words, two signs and more, a number, a category, days.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import httpx2

from hotline.bench.archive import PLACES, SUBJECTS, fill
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench
from hotline.bench.service import HALL, Plan, running_service

TICKETS: Final = 50_000
"""Of `make bench`; a million with `--only ticket_save:1000000`."""
SAVES: Final = 1_000
SEARCHES: Final = 400
DESKS: Final = 40
"""Each with a ticket of its own, saved every two seconds while somebody types."""
SAVES_A_SECOND: Final = 20.0
SEARCHES_A_SECOND: Final = 10.0
SAVE_GOAL: Final = {"p99": 50.0}
SEARCH_GOAL: Final = {"p99": 100.0}
OPINION: Final = "告知其收集书面证据，可以先申请人民调解；符合条件的，到法律援助中心申请法律援助。" * 6
"""240 characters, of which each save changes one."""


async def measure(bench: Bench) -> list[Row]:
    """A row for saving and one for searching, out of the same archive."""
    tickets = bench.calls or bench.size(TICKETS, 300)
    adapters = {"sim": {"kind": "simulated"}}
    async with running_service(bench.folder(), Plan(extensions=["8001"], consoles=True), adapters) as service:
        connection = await asyncpg.connect(service.database_url)
        try:
            bench.at(f"ticket_save {tickets:,} 件入库")
            began = time.monotonic()
            await fill(connection, tickets)
            await _drafts(connection)
            filled = time.monotonic() - began
        finally:
            await connection.close()
        cookie = next(token.cookie for token in service.tokens if not token.extension)
        base, headers = f"http://127.0.0.1:{service.port}/api/v1", {"X-Console": "1", "Cookie": cookie}
        async with httpx2.AsyncClient(base_url=base, headers=headers, timeout=60) as client:
            bench.at("ticket_save")
            saved = await bench.median(lambda: _at_a_rate(_save(client), bench.size(SAVES, 8), SAVES_A_SECOND), _p99)
            bench.at("ticket_search")
            searches = _searches()
            found = await bench.median(
                lambda: _at_a_rate(_search(client, searches), bench.size(SEARCHES, 12), SEARCHES_A_SECOND), _p99
            )
    what = f"库中 {tickets:,} 件（入库 {filled:.0f} s）；经 HTTP，含鉴权"
    return [
        Row(
            id="ticket_save",
            unit="ms",
            **quantiles([took for _, took in saved.value]),
            others_cpu=saved.others,
            limited_by="提交到磁盘与全文索引",
            goal=SAVE_GOAL,
            note=f"{saved.note}；每秒 {SAVES_A_SECOND:g} 次，{DESKS} 个席位；{what}",
        ),
        Row(
            id="ticket_search",
            unit="ms",
            **quantiles([took for _, took in found.value]),
            others_cpu=found.others,
            limited_by="PostgreSQL 全文索引与排序",
            goal=SEARCH_GOAL,
            note=f"{found.note}；每秒 {SEARCHES_A_SECOND:g} 次；{what}；最慢的几种的中位数：{_slowest(found.value)}",
        ),
    ]


def _p99(samples: list[tuple[str, float]]) -> float:
    took = sorted(each for _, each in samples)
    return took[int(len(took) * 0.99)]


def _slowest(samples: list[tuple[str, float]]) -> str:
    """The three kinds that take longest at their median."""
    kinds: dict[str, list[float]] = {}
    for kind, took in samples:
        kinds.setdefault(kind, []).append(took)
    middle = {kind: sorted(took)[len(took) // 2] for kind, took in kinds.items()}
    worst = sorted(middle, key=lambda kind: -middle[kind])[:3]
    return "、".join(f"{kind} {middle[kind]:.0f}（最长 {max(kinds[kind]):.0f}）ms" for kind in worst)


async def _drafts(connection: asyncpg.Connection) -> None:
    """One ticket a desk, at work."""
    now = datetime.now(UTC)
    await connection.executemany(
        "INSERT INTO tickets (number, hall, day, created_at, state) VALUES ($1, $2, $3, $4, 'open')",
        [(f"{HALL}-desk-{desk}", HALL, now.date(), now) for desk in range(DESKS)],
    )


Once = Callable[[int], Awaitable[str]]
"""The request with that number; tells which kind it was."""


async def _at_a_rate(once: Once, number: int, rate: float) -> list[tuple[str, float]]:
    """So many a second by the clock, however slow the answers are; what each took from its own time on."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    took: list[tuple[str, float]] = []

    async def one(at: int) -> None:
        due = began + at / rate
        await asyncio.sleep(due - loop.time())
        kind = await once(at)
        took.append((kind, (loop.time() - due) * 1000))

    async with asyncio.TaskGroup() as tasks:
        for at in range(number):
            tasks.create_task(one(at))
    return took


def _save(client: httpx2.AsyncClient) -> Once:
    async def once(at: int) -> str:
        desk = at % DESKS
        ticket = f"/tickets/{HALL}-desk-{desk}"
        etag = etags.get(desk) or (await client.get(ticket)).headers["ETag"]
        body = {"facts": f"第 {at} 次修改。{OPINION}", "opinion": OPINION}
        answer = await client.put(f"{ticket}/draft", json=body, headers={"If-Match": etag})
        answer.raise_for_status()
        etags[desk] = answer.headers["ETag"]
        return "save"

    etags: dict[int, str] = {}
    return once


def _search(client: httpx2.AsyncClient, searches: Iterator[tuple[str, dict[str, str]]]) -> Once:
    async def once(_: int) -> str:
        kind, asked = next(searches)
        answer = await client.get("/tickets", params=asked)
        answer.raise_for_status()
        return kind

    return once


def _searches() -> Iterator[tuple[str, dict[str, str]]]:
    """For ever; each kind in turn, each time with other words."""
    today = datetime.now(UTC).date()
    for number in itertools.count():
        subject, rare = SUBJECTS[number % 10], SUBJECTS[-1 - number % 10]
        yield "常见词", {"q": subject[:2]}
        yield "常见短语", {"q": subject}
        yield "罕见短语", {"q": rare}
        yield "两个短语", {"q": f"{subject} {PLACES[number % len(PLACES)]}区"}
        yield "没有的词", {"q": f"海商{number % 7}"}
        yield "一个字", {"q": rare[:1]}
        yield "号码", {"number": f"139{number:08d}"}
        yield "类别", {"category": "civil.labour"}
        yield "日期与词", {"q": rare, "from": f"{today - timedelta(days=7 + number % 300)}", "to": f"{today}"}
        yield "话务员", {"operator": f"archive-{number % 200}"}
