"""A whole site around a real Asterisk: the service in a process of its own, desks with consoles, phones on the wire.

Everything but the service lives outside it, so that it can be killed and started again in the middle of things.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx2

from adapters.asterisk.rig import CallerLedgerRow, Rig, SippRun
from hotline.audit.trail import Doer
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.verify import LedgerRow, as_text, compare_ledger, read_calls, verify
from tests.failure.consoles import Console
from tests.failure.rig import Service
from tests.ports import free_port

HALL = "kf"
LINE = "line-1"
PASSWORD = "kraken-velvet-19-oak"
ROOT = Path(__file__).parents[2]

TOML = """
[service]
port = {port}
state_dir = "{state}"
log = "json"

[halls.kf]
label = "示范市公共法律服务中心"
default_queue = "general"
missing_after_seconds = 12
greeting = "greeting"

[halls.kf.menu]
prompt = "menu"
keys = {{ 1 = "labour", 2 = "family", 3 = "general" }}
seconds = 1

[halls.kf.queues.general]
label = "综合咨询"
groups = ["general"]
ring_seconds = {ring}
wrap_seconds = 1

[halls.kf.queues.labour]
label = "劳动争议"
groups = ["labour"]
ring_seconds = 5
wrap_seconds = 1

[halls.kf.queues.family]
label = "婚姻家庭"
groups = ["family"]
ring_seconds = 7
wrap_seconds = 1

[adapters.line-1]
"""


class Site:
    """The service and its people."""

    def __init__(self, home: Path, rig: Rig, url: str, desks: Mapping[str, tuple[str, str]], ring: int) -> None:
        self.rig = rig
        self.url = url
        self.desks = desks
        """Seat → its phone's extension, and the group whose calls it takes."""
        self.clients: dict[str, httpx2.AsyncClient] = {}
        """Seat → the browser of the lawyer who sits there."""
        self.consoles: dict[str, Console] = {}
        state, port, self.config = home / "state", free_port(), home / "hotline.toml"
        state.mkdir()
        self.seal = Seal.from_state(state)
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        self.config.write_text(TOML.format(port=port, state=state, ring=ring) + adapter + "\n", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        self._environment = {**kept, "HOTLINE_DATABASE_URL": url, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
        self.service = Service(home, self.config, port, self._environment)

    async def start(self) -> float:
        """Start the service; seconds until it says that it serves."""
        self.service.start()
        ready = await self.service.ready()
        assert ready is not None, self.service.tail()
        return ready

    async def kill(self) -> None:
        """`kill -9`."""
        self.service.signal(signal.SIGKILL)
        assert await self.service.gone(5) == -signal.SIGKILL

    async def sign_in(self) -> None:
        """Everybody sits down, with a console and a desk phone. They stay signed in for good."""
        admin = await self._client("9100")
        for seat, (extension, group) in self.desks.items():
            _ok(await admin.put(f"/seats/{seat}", json={"extension": extension, "groups": [group]}))
        await admin.aclose()
        for seat in self.desks:
            client = self.clients[seat] = await self._client(seat)
            console = self.consoles[seat] = Console(self.service.base, client, ["desk"])
            await console.subscribed(10)
            _ok(await client.post(f"/seats/{seat}/sign-in", json={"phone_kind": "desk"}))

    async def press(self, seat: str, button: str, **body: Any) -> None:
        """Press a button at a desk."""
        _ok(await self.clients[seat].post(f"/seats/{seat}/{button}", json=body))

    async def hang_up(self, seat: str) -> str:
        """The lawyer puts the phone down; the call's id."""
        (call,) = await self.column("SELECT call FROM seats WHERE number = $1", seat)
        await self.press(seat, "hang-up", call=call)
        return call

    async def close(self) -> None:
        """Close the browsers, stop the service."""
        for console in self.consoles.values():
            await console.close()
        if self.service.alive:
            self.service.signal(signal.SIGTERM)
            assert await self.service.gone(15) == 0, self.service.tail()

    # ── what is stored ──

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Rows of the database."""
        connection = await asyncpg.connect(self.url)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def column(self, statement: str, *values: object) -> list[Any]:
        """The first column."""
        return [row[0] for row in await self.fetch(statement, *values)]

    async def call_of(self, number: str) -> asyncpg.Record:
        """The only call of a caller."""
        (row,) = await self.fetch("SELECT * FROM calls WHERE caller_index = $1", self.seal.index(number))
        return row

    async def states(self, *numbers: str) -> list[str]:
        """The states of these callers' calls, in order; an empty one for a call that is not known yet."""
        found = await self.fetch("SELECT caller_index, state FROM calls")
        by_index = {row["caller_index"]: row["state"] for row in found}
        return [by_index.get(self.seal.index(number), "") for number in numbers]

    async def seat_states(self) -> dict[str, str]:
        """Every seat's state."""
        return {row["number"]: row["state"] for row in await self.fetch("SELECT number, state FROM seats")}

    async def no_call_is_live(self) -> bool:
        """Every call has ended."""
        return not await self.column("SELECT id FROM calls WHERE state <> 'ended'")

    # ── whether it is true ──

    async def line_says(self) -> set[str]:
        """The callers' channels, as Asterisk itself lists them."""
        auth = (self.rig.site.ari_user, self.rig.secrets.ari)
        async with httpx2.AsyncClient(auth=auth) as client:
            channels = (await client.get(f"{self.rig.url}/ari/channels")).json()
        trunk = f"PJSIP/{self.rig.site.trunks[0].name}-"
        return {channel["id"] for channel in channels if channel["name"].startswith(trunk)}

    async def history_holds(self) -> None:
        """`hotline verify` finds nothing, asked with what Asterisk says is live."""
        verdict = await verify(self.url, hall=HALL, live={LINE: await self.line_says()})
        assert verdict.ok, as_text(verdict)

    async def ledgers_agree(
        self,
        callers: Sequence[SippRun],
        phones: Sequence[SippRun],
        answered_by_duty: Mapping[str, datetime] | None = None,
        but: Sequence[str] = (),
    ) -> None:
        """What the callers and the phones wrote down themselves is what the hall says of every call."""
        assert [text for run in callers for text in run.unreadable()] == []
        calls = await read_calls(self.url, hall=HALL, adapter=LINE)
        by_index = {call.caller_index: call.id for call in calls}
        picked_up = {
            row.offer.rpartition(".")[0]: row.answered_at for run in phones for row in run.seats() if row.answered_at
        }
        ledger: list[LedgerRow] = []
        for row in lived_through(callers):
            call = by_index.get(self.seal.index(row.number), "")
            answered = picked_up.get(call) or (answered_by_duty or {}).get(row.number)
            ledger.append(
                LedgerRow(
                    caller=row.number,
                    offered_at=row.invited_at,
                    answered_at=answered,
                    released_at=row.ended_at,
                    outcome_hint="answered" if answered else "unanswered",
                )
            )
        unheard = {self.seal.index(number) for number in but}
        found = compare_ledger(
            [row for row in ledger if row.caller not in but],
            [call for call in calls if call.caller_index not in unheard],
            index_of=self.seal.index,
        )
        assert found.ok, "\n".join(map(str, found.broken))
        assert found.checked == len(ledger) - len(but)

    async def report(self) -> dict[str, Any]:
        """`hotline report` of the day, on the command line."""
        days = await self.column("SELECT DISTINCT day FROM calls")
        assert len(days) == 1, "midnight in Shanghai came in between: run it again"
        out = await self._hotline("report", "--hall", HALL, "--date", days[0].isoformat(), "--format", "json")
        return json.loads(out)

    async def _hotline(self, *arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            Path(sys.executable).with_name("hotline"),
            *arguments,
            "--config",
            self.config,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return out

    async def _client(self, work_number: str) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(base_url=f"{self.service.base}/api/v1", headers={"X-Console": "1"}, timeout=15.0)
        _ok(await client.post("/session", json={"hall": HALL, "work_number": work_number, "password": PASSWORD}))
        return client


@asynccontextmanager
async def site(
    home: Path, rig: Rig, url: str, desks: Mapping[str, tuple[str, str]], *, ring: int = 20
) -> AsyncIterator[Site]:
    """A site whose people are at work."""
    await _people(url, desks)
    made = Site(home, rig, url, desks, ring)
    try:
        await made.start()
        await made.sign_in()
        yield made
    finally:
        await made.close()


def lived_through(runs: Sequence[SippRun]) -> list[CallerLedgerRow]:
    """Every caller's own note."""
    return [row for run in runs for row in run.callers()]


def measure(report: Mapping[str, Any], name: str) -> Any:
    """The value of one measure of a day's report."""
    (found,) = (each for each in report["measures"] if each["id"] == name)
    return found["value"]


async def _people(url: str, desks: Mapping[str, tuple[str, str]]) -> None:
    passwords, now = Passwords(memory_kib=64, passes=1), datetime.now(UTC)
    people = [*((seat, Role.OPERATOR) for seat in desks), ("9100", Role.ADMINISTRATOR)]
    async with await Database.open(url) as database:
        for number, role in people:
            async with database.engine.begin() as connection:
                await accounts.create(
                    connection,
                    passwords,
                    hall=HALL,
                    work_number=number,
                    name=f"律师{number}",
                    role=role,
                    password=PASSWORD,
                    must_change=False,
                    now=now,
                    doer=Doer(account="site", work_number="site"),
                )
    passwords.close()


def _ok(answer: httpx2.Response) -> None:
    assert answer.status_code < 300, f"{answer.status_code}: {answer.text}"
