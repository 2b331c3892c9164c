"""The simulated receiver as a program: it tells, repeats, talks rubbish, dies and comes back, and keeps its ledger."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters import bridge_registry
from adapters.bridge import Bridge, News, NewsKind, NotNow
from adapters.bridge_registry import PeerRun
from adapters.bridges import peer
from adapters.bridges.peer_ledger import Ledger
from adapters.bridges.peer_page import page
from adapters.bridges.peer_scenario import Fault, read_scenario
from adapters.bridges.peer_serving import listening
from adapters.errors import Misconfigured, NotAdmitted, Undecodable
from tests.adapters.bridges.stage import PATIENCE_SECONDS, SECRET, build, package, program


class Door:
    """Our side of the callback: as the service will have it, it admits, reads, and answers what the bridge says."""

    def __init__(self) -> None:
        self.bridge: Bridge | None = None
        self.news: list[News] = []
        self.refused: list[str] = []
        self.fail = 0
        """So many callbacks are still answered with 500."""
        self._came = asyncio.Event()

    async def take(self, request: Request) -> Response:
        body, now = await request.body(), datetime.now(UTC)
        assert self.bridge is not None
        if self.fail:
            self.fail -= 1
            return Response(status_code=500)
        try:
            batch = self.bridge.read_callback({k.lower(): v for k, v in request.headers.items()}, body, now)
        except NotAdmitted as error:
            self.refused.append(str(error))
            return Response(status_code=401)
        except Undecodable:
            self.refused.append("undecodable")
            return Response(status_code=400)
        self.news.extend(batch.news)
        self._came.set()
        content, kind = self.bridge.reply
        return Response(content, media_type=kind)

    async def until(self, key: str, kind: NewsKind) -> None:
        """Wait until that is known."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not any((each.key, each.kind) == (key, kind) for each in self.news):
                self._came.clear()
                await self._came.wait()

    def told(self, key: str) -> list[NewsKind]:
        """What became of it: each piece once, in the order it came."""
        found = {each.id: each.kind for each in self.news if each.key == key}
        return list(found.values())


@asynccontextmanager
async def door() -> AsyncIterator[tuple[Door, str]]:
    ours = Door()
    async with listening(Starlette(routes=[Route("/callback", ours.take, methods=["POST"])])) as port:
        yield ours, f"http://127.0.0.1:{port}/callback"


def bridge_to(folder: Path, url: str) -> Bridge:
    http = {"url": url, "secret": "env:PEER"}
    return build(folder, {"kind": "line12345", "http": http, "callback": {"secrets": ["env:PEER"]}})


async def test_returned_once_and_accepted_once_across_a_crash(tmp_path: Path) -> None:
    """The rehearsal: a returned case, a peer that is killed, the same key again, and its ledger afterwards."""
    scenario = tmp_path / "bad-day.toml"
    scenario.write_text(
        "return_first = true\nstep_seconds = 0.01\nduplicate_news = 1\nrubbish_news = 1\nunsigned_news = 1\n", "utf-8"
    )
    async with door() as (ours, address):
        arguments = ("--scenario", str(scenario), "--callback", address)
        async with program(tmp_path, *arguments) as (url, process):
            ours.bridge = bridge = bridge_to(tmp_path, url)
            first = await bridge.send(package("T-1.1"))
            await ours.until("T-1.1", NewsKind.RETURNED)
            process.kill()
            await process.wait()
            with pytest.raises(NotNow):
                await bridge.send(package("T-1.2"))
            await bridge.close()
        ours.fail = 2
        async with program(tmp_path, *arguments) as (url, _):
            ours.bridge = bridge = bridge_to(tmp_path, url)
            assert (await bridge.send(package("T-1.1"))).their_no == first.their_no
            await bridge.send(package("T-1.2"))
            await ours.until("T-1.2", NewsKind.DONE)
            async with httpx2.AsyncClient(trust_env=False) as client:
                ledger = (await client.get(f"{url}/ledger")).json()
                html = (await client.get(url)).text
            await bridge.close()
    assert ours.told("T-1.1") == [NewsKind.RETURNED]
    assert ours.told("T-1.2") == [NewsKind.ACCEPTED, NewsKind.FEEDBACK, NewsKind.DONE]
    assert len(ours.news) > len({each.id for each in ours.news})
    assert {"undecodable", "signature_wrong"} <= set(ours.refused)
    assert [each["key"] for each in ledger["cases"]] == ["T-1.1", "T-1.2"]
    assert len(ledger["arrivals"]) == 3
    assert "T-1.2" in html
    assert '<tr class="wrong">' not in html


async def test_gone_for_a_while(tmp_path: Path) -> None:
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    notes: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    scenario = tmp_path / "down.toml"
    scenario.write_text("[[down]]\nafter_seconds = 0\nfor_seconds = 1\n", "utf-8")
    run = PeerRun(
        state=tmp_path / "peer",
        scenario=scenario,
        secret=SECRET,
        ready=ready.set_result,
        tell=notes.put_nowait,
    )
    simulate = bridge_registry.find("line12345").simulate
    assert simulate is not None
    task = asyncio.create_task(simulate(run))
    async with asyncio.timeout(PATIENCE_SECONDS):
        bridge = bridge_to(tmp_path, await ready)
        assert "停机" in str((await notes.get()).get("note"))
        refused = 0
        while True:
            try:
                await bridge.send(package())
                break
            except NotNow:
                refused += 1
                await asyncio.sleep(0.02)
    assert refused > 0
    await bridge.close()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("way", ["folder", "table"])
async def test_folder_and_table_all_the_way(tmp_path: Path, way: str) -> None:
    """The same program at the end of files and of rows, with its own loop."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    url = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    scenario = tmp_path / "quick.toml"
    scenario.write_text("step_seconds = 0.01\nduplicate_news = 1\nrubbish_news = 1\nreturn_first = true\n", "utf-8")
    run = PeerRun(
        state=tmp_path / "peer",
        scenario=scenario,
        folder=way == "folder",
        table=url if way == "table" else "",
        ready=ready.set_result,
    )
    task = asyncio.create_task(peer.run_peer(run))
    keys: dict[str, Any] = {"kind": "line110"}
    if way == "folder":
        keys["folder"] = {"out": str(tmp_path / "peer" / "to-peer"), "inbox": str(tmp_path / "peer" / "from-peer")}
    else:
        keys["table"] = {"url": "env:TABLE", "out_number": "case_no"}
    seen: dict[str, News] = {}
    try:
        async with asyncio.timeout(PATIENCE_SECONDS * 2):
            await asyncio.wait([asyncio.ensure_future(ready), task], return_when=asyncio.FIRST_COMPLETED)
            bridge = build(tmp_path, keys, **{"env:TABLE": url})
            for key, last in (("T-1.1", NewsKind.RETURNED), ("T-1.2", NewsKind.DONE)):
                await bridge.send(package(key))
                while (key, last) not in {(each.key, each.kind) for each in seen.values()}:
                    batch = await bridge.news()
                    seen |= {each.id: each for each in batch.news}
                    await bridge.heard([each.id for each in batch.news])
                    await asyncio.sleep(0.02)
            await bridge.close()
    finally:
        task.cancel()
        await asyncio.wait([task])
    told = [(each.key, each.kind) for each in seen.values()]
    assert told == [
        ("T-1.1", NewsKind.ACKNOWLEDGED),
        ("T-1.1", NewsKind.RETURNED),
        ("T-1.2", NewsKind.ACKNOWLEDGED),
        ("T-1.2", NewsKind.ACCEPTED),
        ("T-1.2", NewsKind.FEEDBACK),
        ("T-1.2", NewsKind.DONE),
    ]
    assert all(each.their_no for each in seen.values())


def test_chance_comes_from_the_seed() -> None:
    scenario = read_scenario(None, {"faults": {"lose_ack": 0.3, "refuse": 0.1}, "seed": 7})
    first = [scenario.fault(number) for number in range(1, 1_001)]
    assert first == [scenario.fault(number) for number in range(1, 1_001)]
    assert 250 < first.count(Fault.LOSE_ACK) < 350
    assert 60 < first.count(Fault.REFUSE) < 140
    other = read_scenario(None, {"faults": {"lose_ack": 0.3, "refuse": 0.1}, "seed": 8})
    assert first != [other.fault(number) for number in range(1, 1_001)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("retrun_first = true", "retrun_first：没有这一项；是否应为 return_first？"),
        ("[faults]\nrefuse = 2", "faults.refuse：不能大于 1"),
        ("[at]\n1 = 'explode'", "at.1：只能是"),
        ("[[[", "不是正确的 TOML"),
    ],
)
def test_a_wrong_scenario_is_told(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "s.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(Misconfigured) as caught:
        read_scenario(file)
    assert words in str(caught.value)


def test_the_page_shows_what_came_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    now = datetime.now(UTC)
    for _ in range(2):
        ledger.open_case(key="k.1", local_no="<b>", way="http", document={}, at=now, deduplicates=False)
    html = page(ledger.everything())
    assert "同一移交标识立了不止一件：1 个" in html
    assert "<b>" not in html
    ledger.close()
    assert peer.main(["--state", str(tmp_path), "--ledger"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cases"]) == 2
