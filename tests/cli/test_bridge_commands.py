"""What is typed about a bridge: looked at, sent again, compared, rehearsed, with a real receiver and database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from hotline.clock import WallClock
from hotline.handovers.courier import Courier
from hotline.rosters.calendar import SHANGHAI
from hotline.settings import load
from hotline.settings_used import bridge
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import AUDIT, HANDOVERS
from tests.adapters.bridges.stage import SECRET, program
from tests.commands import hotline
from tests.handovers.far import Far

SETTINGS = """
[service]
state_dir = "{state}"
[halls.city]
label = "厅"
default_queue = "q"
[halls.city.queues.q]
label = "综合"
groups = ["g"]

[bridges.city]
kind = "line12345"
[bridges.city.http]
url = "{url}"
secret = "env:PEER_SECRET"
[bridges.city.callback]
secrets = ["env:PEER_SECRET"]
"""


class Site:
    """A folder with settings, a database, and a receiver at that address."""

    def __init__(self, folder: Path, database_url: str, url: str, more: str = "") -> None:
        self.folder = folder
        named = {"HOTLINE_CONFIG": str(folder / "hotline.toml"), "HOTLINE_DATABASE_URL": database_url}
        self.environment = dict(os.environ) | named | {"PEER_SECRET": SECRET}
        text = SETTINGS.format(state=folder / "state", url=url) + more
        (folder / "hotline.toml").write_text(text, "utf-8")

    def bridge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return hotline("bridge", *arguments, cwd=self.folder, env=self.environment)

    def told(self, *arguments: str) -> Any:
        return json.loads(self.bridge(*arguments, "--json").stdout)


async def test_sent_again_and_compared(
    database: Database, database_url: str, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text("silent = true\n[at]\n1 = 'refuse'\n", "utf-8")
    monkeypatch.setenv("PEER_SECRET", SECRET)
    async with program(tmp_path, "--scenario", str(scenario)) as (url, _):
        site = Site(tmp_path, database_url, url)
        monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "hotline.toml"))
        way = bridge(load(None), "city")
        far = Far(database, seal, tmp_path, way)
        courier = Courier(database.engine, seal, way, hall="city", clock=WallClock(), leading=lambda: True)
        (made,) = await far.queue(1)
        await courier.round()
        (line,) = site.told("list")
        assert (line["name"], line["failed"], line["waiting"]) == ("city", 1, 0)
        assert site.bridge("replay", "--id", "99").returncode == 2
        refused = site.bridge("replay", "city", "--yes", "--reason", "对方已补充")
        assert (refused.returncode, "1 件已放回发送队列" in refused.stdout) == (0, True)
        async with database.engine.connect() as conn:
            a = AUDIT.c
            row = (await conn.execute(select(a.act, a.object, a.reason))).one()
            assert tuple(row) == ("handover_settled", f"handover:{made}", "对方已补充")
        await courier.round()
        async with database.engine.connect() as conn:
            assert await conn.scalar(select(HANDOVERS.c.state)) == "acknowledged"
        today = datetime.now(SHANGHAI).date().isoformat()
        same = site.bridge("reconcile", "--date", today)
        assert (same.returncode, "我方 1 件，对方 1 件，不一致 0 件" in same.stdout) == (0, True)
        async with database.engine.begin() as conn:
            await conn.execute(HANDOVERS.update().values(their_no="另一个编号"))
        differs = site.bridge("reconcile", "city", "--date", today)
        assert (differs.returncode, "编号不一致" in differs.stdout) == (3, True)
        await way.close()


async def test_looked_at(database_url: str, tmp_path: Path) -> None:
    async with program(tmp_path) as (url, _):
        site = Site(tmp_path, database_url, url)
        good = site.bridge("check", "city")
        assert good.returncode == 0, good.stdout
        for words in (
            "种类 line12345",
            "可以完整映射",
            "自动重发",
            "对方认可我方签名",
            "✓ 对方时钟：与本机相差",
            "/bridges/city/callback",
        ):
            assert words in good.stdout
        examined = hotline("doctor", cwd=tmp_path, env=site.environment)
        assert "✓ 对接桥 city：" in examined.stdout
        site.environment["PEER_SECRET"] = SECRET.replace("c29t", "b29t")
        wrong = site.bridge("check", "city")
        assert (wrong.returncode, "请与对方核对密钥" in wrong.stdout) == (1, True)
        assert Far.ledger_of(tmp_path)["arrivals"] == []
    del site.environment["PEER_SECRET"]
    unset = site.bridge("check", "city")
    assert (unset.returncode, "PEER_SECRET" in unset.stderr) == (1, True)
    site.environment["PEER_SECRET"] = SECRET
    away = site.bridge("check", "city")
    assert (away.returncode, "连不上对方" in away.stdout) == (1, True)
    nobody = site.bridge("check", "country")
    assert (nobody.returncode, "已有：city" in nobody.stderr) == (2, True)


def test_the_receiver_is_rehearsed_by_the_command(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "hotline", "bridge", "simulate", "--state", "peer", "--fault", "busy=1"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert "演练对端：http://127.0.0.1:" in process.stdout.readline().decode()
        process.terminate()
        assert process.wait(20) == 0
    wrong = hotline("bridge", "simulate", "--fault", "explode", cwd=tmp_path)
    assert (wrong.returncode, "lose_ack" in wrong.stderr) == (1, True)
