"""What platforms hear by themselves, and the vendor's document and client, word by word: real processes and sockets."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import uvicorn
from sqlalchemy import select

import hotline.network
from hotline.handovers.pace import REST, TRIPS
from hotline.network.client import key_of, listener, signature
from hotline.network.herald import Herald
from hotline.store.tables import NETWORK_NEWS
from tests.api.site import NETWORK_SECRET, Site
from tests.network.kit import PlatformSide, answer_at_desk, answer_at_unit
from tests.ports import free_port

DOCUMENT = (Path(hotline.network.__path__[0]) / "network.md").read_text(encoding="utf-8")


class Listening:
    """A platform that takes news on a real socket, and may fail."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.server = listener(key_of(NETWORK_SECRET), 0, self.heard.append)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/news"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def herald(site: Site, url: str) -> Herald:
    platform = msgspec.structs.replace(site.app.state.network.platforms["wechat"], news_url=url)
    return Herald(site.engine, platform, clock=site.clock, leading=lambda: True)


async def waiting(site: Site) -> list[str]:
    n = NETWORK_NEWS.c
    async with site.engine.connect() as conn:
        rows = await conn.execute(select(n.state).where(n.next_at.is_not(None)).order_by(n.id))
        return [row.state for row in rows]


async def test_news_go_out_signed_and_the_newest_says_everything(site: Site) -> None:
    site.clock.at = datetime.now(UTC)
    there = Listening()
    try:
        wechat = PlatformSide(site)
        number = await wechat.filed()
        assert await waiting(site) == []
        await answer_at_unit(site, number)
        assert await waiting(site) == ["forwarded", "in_progress", "answered"]
        async with httpx2.AsyncClient() as client:
            assert await herald(site, there.url).round(client) == 1
            assert await herald(site, there.url).round(client) == 0
        (news,) = there.heard
        assert (news["type"], news["filing"]["id"], news["filing"]["state"]) == ("filing.changed", "fw-1", "answered")
        assert news["filing"] == await wechat.progress(number)
        assert await waiting(site) == []
    finally:
        there.close()


async def test_what_did_not_arrive_is_sent_again_and_taken_once(site: Site) -> None:
    site.clock.at = datetime.now(UTC)
    number = await PlatformSide(site).filed()
    await answer_at_desk(site, number)
    down = herald(site, f"http://127.0.0.1:{free_port()}/news")
    async with httpx2.AsyncClient() as client:
        for _ in range(TRIPS):
            assert await down.round(client) == 0
            site.clock.forward(minutes=30)
        assert down.breaker.open_until is not None
        assert await waiting(site) == ["closed"]
        site.clock.at = datetime.now(UTC) + timedelta(minutes=4)  # as far as the platform's clock may be off
        async with site.engine.begin() as conn:
            await conn.execute(NETWORK_NEWS.update().values(next_at=site.clock.now() - REST))
        there = Listening()
        try:
            assert await herald(site, there.url).round(client) == 1
            async with site.engine.begin() as conn:  # its answer was lost
                await conn.execute(NETWORK_NEWS.update().values(next_at=site.clock.now()))
            assert await herald(site, there.url).round(client) == 1
        finally:
            there.close()
    assert [news["filing"]["state"] for news in there.heard] == ["closed"]


async def test_after_three_days_it_is_given_up(site: Site) -> None:
    number = await PlatformSide(site).filed()
    await answer_at_desk(site, number)
    site.clock.forward(days=3)
    down = herald(site, f"http://127.0.0.1:{free_port()}/news")
    async with httpx2.AsyncClient() as client:
        assert await down.round(client) == 0
    assert await waiting(site) == []
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(NETWORK_NEWS))).one()
    assert (row.sent_at, row.last_error) == (None, "ConnectError")


@asynccontextmanager
async def served(site: Site) -> AsyncIterator[str]:
    """The site on a real socket, on real time."""
    site.clock.at = datetime.now(UTC)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(site.app, port=port, log_config=None, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


async def run(url: str, key: Path, *what: str, sent: Any = None) -> tuple[int, dict[str, Any]]:
    """The reference client, as a vendor runs it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hotline.network.client", "--url", url, "--platform", "wechat"),
        *("--secret", f"file:{key}", *what),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(process.communicate(json.dumps(sent).encode()), 30)
    return process.returncode or 0, json.loads(out)


async def test_the_reference_client(site: Site) -> None:
    key = site.root / "network.key"
    wish = {"id": "fw-1", "kind": "consultation", "citizen": {"phone": "13900139000"}, "facts": "邻居装修噪声。"}
    async with served(site) as url:
        code, made = await run(url, key, "file", sent=wish)
        assert (code, made["state"]) == (0, "received")
        code, refused = await run(url, key, "file", sent={**wish, "facts": "另一件事。"})
        assert (code, refused["code"]) == (1, "network_id_used")
        code, told = await run(url, key, "progress", made["number"])
        assert (code, told) == (0, made)
        code, answer = await run(url, key, "withdraw", made["number"], sent={"id": "fw-2", "reason": "已解决。"})
        assert (code, answer) == (0, {"withdrawn": True})


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_documents_worked_signature() -> None:
    (block,) = blocks("signature")
    secret, message, stamp, request, made = (line.split(None, 1)[1] for line in block.strip().splitlines())
    assert signature(key_of(secret), f"{message}.{stamp}.{request}\n".encode()) == made


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """Without our ticket's number, and times as instants."""
    times = {name: datetime.fromisoformat(answer[name]) for name in ("filed_at", "due_at") if answer.get(name)}
    return {**answer, **times, "number": ""}


async def test_the_documents_examples_word_by_word(site: Site) -> None:
    wechat = PlatformSide(site)
    number = ""
    answers = {"/filings": blocks("json")[0], "/withdrawal": blocks("json")[1]}
    for block in blocks("http"):
        first, _, body = block.partition("\n")
        method, path = first.split()
        if path.endswith("/rating"):  # the matter before was withdrawn
            number = await wechat.filed(id="fw-9")
            await answer_at_desk(site, number)
        path = path.replace("{number}", number).removeprefix("/network/v1")
        answer = await wechat.send(method, path, json.loads(body) if body.strip() else None)
        assert answer.is_success, (block, answer.text)
        number = answer.json().get("number") or number
        told = next((json.loads(text) for end, text in answers.items() if path.endswith(end)), None)
        if told is not None:
            assert comparable(told) == comparable(answer.json())
    assert len(blocks("http")) == 6
