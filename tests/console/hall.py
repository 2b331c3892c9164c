"""A hall of its own around the built console: service, embedded database, callers; and what is true there.

Callers of the line `people` wait for a person at a desk, one at a time and for ever, so a lawyer who is ready is rung
within a second or two. Callers of the line `robots` keep the rest of the hall busy.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from standardwebhooks import Webhook

from hotline.app import CONSOLE
from hotline.store.embedded import url_if_running
from tests.failure.rig import Service
from tests.ports import free_port

HALL = "kf"
PASSWORD = "kraken-velvet-19-oak"
GRACE_SECONDS = 3
WRAP_SECONDS = 8
ROOT = Path(__file__).parents[2]
PEOPLE = [
    ("1001", "陈立新", "operator"),
    ("1002", "王雅琴", "operator"),
    ("1003", "刘建国", "operator"),
    ("1004", "张晓梅", "operator"),
    ("1005", "李文博", "operator"),
    ("1011", "赵海燕", "operator"),
    ("1012", "孙志强", "operator"),
    ("9001", "何班长", "supervisor"),
    ("9100", "林管理员", "administrator"),
    ("9200", "马审计员", "auditor"),
]
DESKS = {
    **{f"{n:02d}": (f"100{n}", "people") for n in range(1, 5)},
    "05": ("1005", "nobody"),
    "11": ("1011", "robots"),
    "12": ("1012", "robots"),
}
ROBOTS = {"11": "1011", "12": "1012"}

TOML = """
[service]
port = {port}
state_dir = "{state}"
log = "json"

[halls.kf]
label = "示范市公共法律服务中心"
default_queue = "general"
missing_after_seconds = {grace}
misses_limit = 20
greeting = "greeting"
{menu}
[halls.kf.queues.general]
label = "综合咨询"
groups = ["people"]
ring_seconds = 12
wrap_seconds = {wrap}
max_wait_seconds = 3600

[halls.kf.queues.labour]
label = "劳动争议"
groups = ["robots"]
wrap_seconds = 1
max_wait_seconds = 3600
"""
MENU = """
[halls.kf.menu]
prompt = "menu"
keys = { 1 = "general", 2 = "labour" }
seconds = 5
"""
# Everything is twenty times faster than life: times below are before that.
LINES = """
[adapters.people]
kind = "simulated"
speed = 20
ports = 1
calls_per_hour = 180
workday = false
withheld = 0
late_number = 0
wrong_key = 0
no_key = 0
patience_shape = "fixed"
mean_patience_seconds = 72000
talk_shape = "fixed"
mean_talk_seconds = 72000
prompts = {{ greeting = 2, menu = 4 }}
menus = {{ menu = {{ 1 = 1 }} }}

[adapters.robots]
kind = "simulated"
speed = 20
ports = 4
calls_per_hour = 90
workday = false
wrong_key = 0
no_key = 0
mean_talk_seconds = 40
lawyers = ["1011", "1012"]
prompts = {{ greeting = 2, menu = 4 }}
menus = {{ menu = {{ 2 = 1 }} }}

[adapters.gw-1]
kind = "gateway-push"
dialect = "standard"
secrets = ["file:{secret}"]
"""


class ConsoleHall(Service):
    """The service with its people; `kill -9` and start again as often as wanted."""

    def __init__(
        self, home: Path, adapters: str | None, desks: Mapping[str, tuple[str, str]], robots: Mapping[str, str]
    ) -> None:
        self.state = home / "state"
        self.state.mkdir(mode=0o755)
        self.secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        (home / "gw-1").write_text(self.secret, encoding="ascii")
        port, config, self._facts = free_port(), home / "hotline.toml", home / "facts.json"
        text = TOML.format(
            port=port,
            state=self.state,
            grace=GRACE_SECONDS,
            wrap=WRAP_SECONDS,
            menu=MENU if adapters is None else "",
        )
        lines = LINES.format(secret=home / "gw-1") if adapters is None else adapters.replace("<home>", str(home))
        config.write_text(text + lines, encoding="utf-8")
        facts = {"accounts": [[*each, PASSWORD] for each in PEOPLE], "desks": dict(desks), "robots": dict(robots)}
        self._facts.write_text(json.dumps(facts), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        self._kept = {**kept, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        super().__init__(home, config, port, self._kept)

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as log:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.console.serving", str(self.config), str(self._facts)],
                cwd=ROOT,
                env=self._kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def up(self) -> None:
        """Start it and wait until it serves."""
        self.start()
        assert await self.ready() is not None, self.tail()

    async def kill(self) -> None:
        """`kill -9`."""
        self.signal(signal.SIGKILL)
        assert await self.gone(5) == -signal.SIGKILL

    async def client(self, work_number: str) -> httpx2.AsyncClient:
        """Another browser of that account, signed in."""
        client = httpx2.AsyncClient(base_url=f"{self.base}/api/v1", headers={"X-Console": "1"}, timeout=15.0)
        body = {"hall": HALL, "work_number": work_number, "password": PASSWORD}
        answer = await client.post("/session", json=body)
        assert answer.status_code == 200, answer.text
        return client

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Rows of the hall's database."""
        url = url_if_running(self.state)
        assert url is not None, "the database does not run"
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def seat(self, number: str) -> asyncpg.Record:
        """One seat as stored."""
        (row,) = await self.fetch("SELECT * FROM seats WHERE number = $1", number)
        return row

    async def call(self, call: str) -> asyncpg.Record:
        """One call as stored."""
        (row,) = await self.fetch("SELECT * FROM calls WHERE id = $1", call)
        return row

    async def leave(self, seat: str, work_number: str) -> None:
        """Whatever goes on at that seat ends, and it is free again."""
        client = await self.client(work_number)
        end = time.monotonic() + 15
        while (row := await self.seat(seat))["state"] != "signed_off":
            assert time.monotonic() < end, f"seat {seat} stays {row['state']}"
            if row["state"] == "talking":
                await client.post(f"/seats/{seat}/hang-up", json={"call": row["call"]})
            await client.post(f"/seats/{seat}/sign-off", json={})
            await asyncio.sleep(0.1)
        await client.aclose()

    async def push(self, *events: dict[str, Any]) -> None:
        """Let the gateway report something."""
        body, now, name = json.dumps({"events": events}), datetime.now(UTC), secrets.token_hex(8)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(name, now, body),
        }
        async with httpx2.AsyncClient() as client:
            answer = await client.post(f"{self.base}/api/v1/gateways/gw-1/events", content=body, headers=headers)
        assert answer.status_code < 300, answer.text

    async def yesterday(self) -> tuple[str, int]:
        """Ten calls of yesterday, two of them lost: the day (Asia/Shanghai), and how many."""
        noon = (datetime.now(UTC) + timedelta(hours=8) - timedelta(days=1)).replace(hour=4, minute=0, second=0)
        for n in range(10):
            at = [(noon + timedelta(minutes=n, seconds=after)).isoformat() for after in (0, 2, 9, 130)]
            call, key = f"old-{n}", f"{n}"
            told = [{"type": "call.offered", "caller": f"1380013{n:04d}", "dialled": "12348", "at": at[0]}]
            if n % 5:
                told.append({"type": "seat.ringing", "seat": "1011", "at": at[1]})
                told.append({"type": "seat.answered", "seat": "1011", "at": at[2]})
            told.append({"type": "call.released", "by": "caller", "at": at[3]})
            await self.push(*({**one, "id": f"{key}-{place}", "call": call} for place, one in enumerate(told)))
        return (noon + timedelta(hours=8)).date().isoformat(), 10


async def until(
    true: Callable[[], Awaitable[Any]],
    seconds: float,
    what: str,
    why: Callable[[], Awaitable[object]] | None = None,
) -> Any:
    """Poll until it is so; what it was. `why`: asked what is wrong when it is not."""
    end = time.monotonic() + seconds
    while not (found := await true()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}; {await why() if why is not None else ''}")
        await asyncio.sleep(0.05)
    return found


@asynccontextmanager
async def running(
    adapters: str | None = None,
    desks: Mapping[str, tuple[str, str]] = DESKS,
    robots: Mapping[str, str] = ROBOTS,
) -> AsyncIterator[ConsoleHall]:
    """A hall that serves the built console; `adapters` replaces the simulated lines, `<home>` in it is its folder."""
    if not (CONSOLE / "index.html").is_file():
        raise FileNotFoundError(f"{CONSOLE} is not built: python hatch_build.py, or make setup")
    home = Path(tempfile.mkdtemp(prefix="hc-"))
    home.chmod(0o711)
    hall = ConsoleHall(home, adapters, desks, robots)
    async with living(hall, home):
        yield hall


@asynccontextmanager
async def living(hall: ConsoleHall, home: Path) -> AsyncIterator[None]:
    """The hall is at work; afterwards it is stopped, by force where it must be, and its folder is gone."""
    try:
        await hall.up()
        yield
    finally:
        if hall.alive:
            hall.signal(signal.SIGTERM)
            try:
                await hall.gone(15)
            except AssertionError:
                hall.signal(signal.SIGKILL)
        if os.environ.get("KEEP_RIG"):
            print(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)
