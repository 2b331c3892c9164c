"""`hotline serve` and `hotline edge` as a site runs them, each killed with -9 among calls: what really happened on the
lines and what is in the database are the same calls."""

from __future__ import annotations

import asyncio
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.cti_serial.simulated_calls import SCRIPTS, Ringing
from hotline.calls.numbers import mask
from hotline.edge.spool import Spool
from hotline.store.seal import Seal
from hotline.verify.verify import verify
from tests.adapters.wire.device import Device
from tests.edge.kit import SECRET, calls_over, fetch, until
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0
"""A core on a busy machine, and the edge's pause between two attempts (at most 30 s)."""
NUMBERS = re.compile(r"138\d{8}")
CORE = """
[service]
port = {port}
state_dir = "{home}/core"
log = "json"
[halls.h1]
label = "试验大厅"
default_queue = "main"
queues.main = {{ label = "人工服务", groups = ["all"] }}
[edges.town-1]
secret = "file:{home}/key"
[adapters.box-1]
edge = "town-1"
kind = "cti-serial"
wires.m = {{ url = "{tty}", dialect = "fritz" }}
"""
EDGE = """
name = "town-1"
core = "ws://127.0.0.1:{port}"
secret = "file:{home}/key"
state_dir = "{home}/edge"
log = "json"
[adapters.box-1]
kind = "cti-serial"
wires.m = {{ url = "{tty}", dialect = "fritz" }}
"""


class Process:
    """One of our commands."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        self.log = home / f"{arguments[0]}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [Path(sys.executable).with_name("hotline"), *arguments],
                env={**os.environ, "HOME": str(home), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
            )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def says(self, words: str) -> bool:
        return words in self.log.read_text(encoding="utf-8")

    def says_often(self, words: str) -> int:
        return self.log.read_text(encoding="utf-8").count(words)

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        await until(lambda: not self.alive, f"{self.log.name} ends when it is asked to")
        return self._process.returncode


class Lines:
    """Callers at a device, with a ledger of what became of them."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._chance = random.Random(9)
        self.ledger = list[tuple[datetime, str, str]]()
        """Beginning, masked number and outcome of every call that is over."""
        self.said = 0
        """Lines that the device has printed."""

    async def ring(self, calls: int) -> None:
        """So many callers, one every 50 ms."""
        async with asyncio.TaskGroup() as tasks:
            for line in range(calls):
                tasks.create_task(self._call(line))
                await asyncio.sleep(0.05)

    async def _call(self, line: int) -> None:
        rang, number = self._chance.uniform(0.1, 0.4), f"138{self._chance.randrange(10**8):08}"
        answered = rang if self._chance.random() < 0.8 else None
        began, loop = datetime.now(ZoneInfo("Asia/Shanghai")), asyncio.get_running_loop()
        over = rang + (self._chance.uniform(0.1, 0.6) if answered else 0)
        call = Ringing(line=line, number=number, seat="8001", began=began, answered=answered, over=over, speed=60)
        since = loop.time()
        for at, data in sorted(SCRIPTS["fritz"](call), key=lambda each: each[0]):
            await asyncio.sleep(since + at - loop.time())
            self._device.say(data)
            self.said += 1
        self.ledger.append((began, mask(number) or "", "answered" if answered else "short_abandoned"))


def on_disk(home: Path) -> int:
    """Records in the edge's spool, as they would be found if it died now."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(home / "edge", copy, dirs_exist_ok=True)
        return Spool("box-1", Path(copy) / "spool" / "box-1", Seal.from_state(Path(copy)), limit_bytes=1).last


@pytest.mark.long
@pytest.mark.crash
async def test_every_call_that_rang_is_in_the_database_once(database_url: str, tmp_path: Path) -> None:
    home, port, device = tmp_path, free_port(), Device()
    (home / "key").write_text(SECRET)
    for name, text in (("core.toml", CORE), ("edge.toml", EDGE)):
        (home / name).write_text(text.format(home=home, port=port, tty=device.url))
    lines, started = Lines(device), list[Process]()

    def core(crash_at: str = "") -> Process:
        more = {"HOTLINE_CRASH_AT": crash_at} if crash_at else {}
        more |= {"HOTLINE_DATABASE_URL": database_url}
        started.append(Process(home, "serve", "--config", str(home / "core.toml"), **more))
        return started[-1]

    def edge() -> Process:
        started.append(Process(home, "edge", "--config", str(home / "edge.toml")))
        return started[-1]

    async def listening(times: int) -> None:
        """The edge has opened the device that often: `Up` is on its disk."""
        await until(lambda: here.says_often("wire is open") >= times, "the edge listens")

    try:
        here = edge()
        await listening(1)
        there = core("after_keep:4")
        # The core dies with records durable that it has not acknowledged; the callers do not notice.
        await until(lambda: there.says("edge is connected"), "the edge is connected", START_SECONDS)
        await lines.ring(10)
        await until(lambda: not there.alive, "the core has died")
        await fetch(database_url, "UPDATE hall_leases SET until = now() RETURNING hall")  # not to wait till it runs out
        # The edge dies too, and another one goes on, while the next core is still about to begin.
        there = core()
        await lines.ring(5)
        await until(lambda: on_disk(home) == lines.said + 2, "what was printed is on the edge's disk")
        here.kill()
        here = edge()
        await listening(2)
        await lines.ring(5)
        found = await calls_over(database_url, 20)
        assert [(call[1], call[4]) for call in found] == [told[1:] for told in sorted(lines.ledger)]
        facts = "SELECT call_key, type FROM raw_events WHERE call_key IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1"
        repeated = [fact for fact in await fetch(database_url, facts) if fact[1] != "SeatRinging"]
        assert repeated == []
        verdict = await verify(database_url)
        assert verdict.ok, verdict
        assert await here.stop() == 0
        assert NUMBERS.search(here.log.read_text(encoding="utf-8")) is None
    finally:
        for process in started:
            if process.alive:
                process.kill()
        device.unplug()
