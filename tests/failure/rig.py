"""A hall with everything around it that must survive the service: telephone system, gateway, consoles, ledgers.

`Rig` owns one state directory and one port. The service runs as a site runs it (`hotline serve`), in a process of its
own; everything else lives outside it and goes on when it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
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
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from standardwebhooks import Webhook

from hotline.audit.trail import Doer
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database
from hotline.store.seal import KEY_FILE, Seal
from tests.failure.consoles import Console
from tests.ports import free_port

HALL = "h1"
LINE = "line-1"
GATEWAY = "gw-1"
NEWROCK = "om-1"
PASSWORD = "kraken-velvet-19-oak"
CONSOLE = {"X-Console": "1"}
READY_SECONDS = 30.0
"""For waiting only; what a start may take is asserted where it is measured."""
ROOT = Path(__file__).parents[2]

TOML = """
[service]
port = {port}
state_dir = "{state}"
log = "json"

[halls.h1]
label = "试验大厅"
default_queue = "general"
missing_after_seconds = {missing}
misses_limit = 20
greeting = "greeting"

[halls.h1.menu]
prompt = "menu"
keys = {{ 1 = "general", 2 = "family" }}
seconds = 3

[halls.h1.queues.general]
label = "综合咨询"
groups = ["all"]
ring_seconds = 5
wrap_seconds = 1

[halls.h1.queues.family]
label = "婚姻家庭"
strategy = "spread-evenly"
groups = ["all"]
ring_seconds = 5
wrap_seconds = 1

[adapters.line-1]
kind = "outside"
socket = "{line}"

[adapters.gw-1]
kind = "gateway-push"
dialect = "standard"
secrets = ["env:RIG_SECRET"]

[adapters.om-1]
kind = "gateway-push"
dialect = "newrock-om"
tokens = ["env:RIG_TOKEN"]
"""


class Service:
    """`hotline serve` in a process of its own."""

    def __init__(self, home: Path, config: Path, port: int, environment: dict[str, str]) -> None:
        self.home = home
        self.config = config
        self.port = port
        self.log = home / f"service-{port}.log"
        self._armed = home / f"crash-{port}"
        self._environment = {**environment, "HOTLINE_CRASH_AT": f"@{self._armed}"}
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0

    @property
    def base(self) -> str:
        """`http://127.0.0.1:PORT`"""
        return f"http://127.0.0.1:{self.port}"

    def arm(self, point: str, passes: int) -> None:
        """It dies when it comes by that crash point for the n-th time from now on."""
        unfinished = self._armed.with_suffix(".new")
        unfinished.write_text(f"{point}:{passes}", encoding="ascii")
        unfinished.rename(self._armed)

    def start(self) -> None:
        """Start it."""
        if self.process is not None:
            self.process.wait(5)
        with self.log.open("ab") as log:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("hotline"), "serve", "--config", str(self.config)],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    async def ready(self, seconds: float = READY_SECONDS) -> float | None:
        """Seconds from the start until it says that it serves; None when it died before."""
        assert self.process is not None
        async with httpx2.AsyncClient(timeout=2.0) as client:
            while time.monotonic() < self.started + seconds:
                if self.process.poll() is not None:
                    return None
                with contextlib.suppress(httpx2.HTTPError):
                    if (await client.get(f"{self.base}/readyz")).status_code == 200:
                        return time.monotonic() - self.started
                await asyncio.sleep(0.02)
        raise AssertionError(f"not ready within {seconds} s:\n{self.tail()}")

    async def gone(self, seconds: float) -> int:
        """Its exit code, once it has ended."""
        assert self.process is not None
        until = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < until, f"still running after {seconds} s:\n{self.tail()}"
            await asyncio.sleep(0.01)
        return self.process.returncode

    @property
    def waited(self) -> float:
        """Seconds its main thread has stood in line for a core (proc(5), schedstat): the crowd's part of any time."""
        assert self.process is not None
        with contextlib.suppress(OSError):
            return int(Path(f"/proc/{self.process.pid}/schedstat").read_text().split()[1]) / 1e9
        return 0.0

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    @property
    def alive(self) -> bool:
        """The process is there."""
        return self.process is not None and self.process.poll() is None

    def tail(self, lines: int = 25) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


class Rig:
    """Everything around the service."""

    def __init__(self, home: Path, url: str | None, seats: int, missing: int) -> None:
        self.home = home
        self.url = url
        self.seats = {f"{n:02d}": f"{1000 + n}" for n in range(1, seats + 1)}
        self.line = home / "line.sock"
        self.line_ledger = home / "line.jsonl"
        self.gateway_ledger = home / "gateway.jsonl"
        self.secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
        self.token = secrets.token_hex(16)
        self.services: list[Service] = []
        self.consoles: list[Console] = []
        self.downs: list[tuple[datetime, datetime]] = []
        self.exchange: subprocess.Popen[bytes] | None = None
        self._missing = missing
        self._asked = 0

    @property
    def service(self) -> Service:
        """The first one."""
        return self.services[0]

    @property
    def state(self) -> Path:
        """State directory of the first service."""
        return self.home / "state-0"

    def add_service(self) -> Service:
        """Another process's settings: own state directory (with the same keys), own port."""
        number = len(self.services)
        state, config = self.home / f"state-{number}", self.home / f"hotline-{number}.toml"
        state.mkdir(mode=0o755)
        if number:
            shutil.copy(self.state / KEY_FILE, state / KEY_FILE)
        port = free_port()
        config.write_text(TOML.format(port=port, state=state, line=self.line, missing=self._missing))
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")},
            "PYTHONPATH": f"{self.home}:{ROOT}",
            "RIG_SECRET": self.secret,
            "RIG_TOKEN": self.token,
            "NO_COLOR": "1",
        }
        if self.url is not None:
            environment["HOTLINE_DATABASE_URL"] = self.url
        service = Service(self.home, config, port, environment)
        self.services.append(service)
        return service

    # ── the people ──

    async def people(self) -> None:
        """Accounts, made before the service is there."""
        if self.url is not None:
            await self._accounts(self.url)
            return
        async with EmbeddedPostgres(self.state) as server:
            await self._accounts(server.url)

    async def _accounts(self, url: str) -> None:
        passwords = Passwords(memory_kib=64, passes=1)
        async with await Database.open(url, check_schema=False) as database:
            await database.migrate()
            people = [(extension, Role.OPERATOR) for extension in self.seats.values()]
            for number, role in [*people, ("9001", Role.SUPERVISOR), ("9100", Role.ADMINISTRATOR)]:
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
                        now=datetime.now(UTC),
                        doer=Doer(account="rig", work_number="rig"),
                    )
        passwords.close()

    async def client(self, number: str, service: Service | None = None) -> httpx2.AsyncClient:
        """A signed-in HTTP client."""
        base = (service or self.service).base
        client = httpx2.AsyncClient(base_url=f"{base}/api/v1", headers=CONSOLE, timeout=15.0)
        answer = await client.post("/session", json={"hall": HALL, "work_number": number, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return client

    async def sign_in(self) -> None:
        """Define the desks, and let everybody sit down, each with a console."""
        admin = await self.client("9100")
        for seat, extension in self.seats.items():
            answer = await admin.put(f"/seats/{seat}", json={"extension": extension, "groups": ["all"]})
            assert answer.status_code == 200, answer.text
        await admin.aclose()
        for seat, extension in self.seats.items():
            client = await self.client(extension)
            console = Console(self.service.base, client, ["desk"])
            self.consoles.append(console)
            await console.subscribed(10)
            answer = await client.post(f"/seats/{seat}/sign-in", json={"phone_kind": "simulated"})
            assert answer.status_code == 200, answer.text
            answer = await client.post(f"/seats/{seat}/ready", json={})
            assert answer.status_code in (200, 409), answer.text
        board = Console(self.service.base, await self.client("9001"), ["hall"])
        self.consoles.append(board)
        await board.subscribed(10)

    async def move(self, service: Service) -> None:
        """As the site's proxy does: everybody to the process that is ready."""
        for console in self.consoles:
            await console.move(service.base)

    @property
    def board(self) -> Console:
        """The supervisor's console."""
        return self.consoles[-1]

    # ── the telephone system ──

    def start_exchange(self, *, rate: float, seed: int = 1, patience: float = 600.0, patient: bool = True) -> None:
        """Callers begin to ring."""
        arguments = ["--listen", self.line, "--name", LINE, "--ledger", self.line_ledger, "--rate", rate]
        arguments += ["--seats", ",".join(self.seats.values()), "--seed", seed, "--patience", patience]
        if patient:
            arguments.append("--patient")
        self.exchange = subprocess.Popen(
            [sys.executable, "-m", "tests.failure.outside", *map(str, arguments)], cwd=ROOT, start_new_session=True
        )

    async def ask_line(self, ask: str, **more: Any) -> dict[str, Any]:
        """Ask the telephone system itself."""
        reader, writer = await asyncio.open_unix_connection(self.line)
        try:
            self._asked += 1
            writer.write(b"test\n" + json.dumps({"id": self._asked, "ask": ask, **more}).encode() + b"\n")
            return json.loads(await reader.readline())
        finally:
            writer.close()

    async def lines(self) -> dict[str, bool]:
        """Live calls there → a person is on."""
        return (await self.ask_line("lines"))["lines"]

    async def line_is_held(self) -> bool:
        """A service is connected there."""
        return (await self.ask_line("held"))["held"]

    # ── pushing by hand ──

    def signed(self, events: Sequence[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a delivery in our own dialect."""
        body, now, name = json.dumps({"events": list(events)}), datetime.now(UTC), secrets.token_hex(8)
        return body.encode(), {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(name, now, body),
        }

    def events_url(self, service: Service | None = None, gateway: str = GATEWAY) -> str:
        """Where a gateway pushes to."""
        return f"{(service or self.service).base}/api/v1/gateways/{gateway}/events"

    # ── the database ──

    async def database_url(self) -> str:
        """Of the running server, however it is run."""
        if self.url is not None:
            return self.url
        from hotline.store.embedded import url_if_running

        until = time.monotonic() + 10
        while (url := url_if_running(self.state)) is None:
            assert time.monotonic() < until, "the embedded server does not run"
            await asyncio.sleep(0.02)
        return url

    def servers(self) -> list[int]:
        """Processes of the embedded server of this rig's state directories."""
        found = list[int]()
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            with contextlib.suppress(OSError):
                if (
                    str(self.home).encode() in (entry / "cmdline").read_bytes()
                    and b"postgres" in (entry / "cmdline").read_bytes().split(b"\0")[0]
                ):
                    found.append(int(entry.name))
        return found

    async def close(self) -> None:
        """End everything that was started."""
        for console in self.consoles:
            await console.close()
        for service in self.services:
            if service.alive:
                service.signal(signal.SIGCONT)
                service.signal(signal.SIGTERM)
                try:
                    await service.gone(15)
                except AssertionError:
                    service.signal(signal.SIGKILL)
        if self.exchange is not None:
            self.exchange.kill()
            self.exchange.wait()


@asynccontextmanager
async def rig(*, url: str | None = None, seats: int = 8, missing: int = 12, services: int = 1) -> AsyncIterator[Rig]:
    """A rig with its people; nothing runs yet."""
    home = Path(tempfile.mkdtemp(prefix="hl-"))
    home.chmod(0o711)
    info = home / "outside_line-0.dist-info"
    info.mkdir(mode=0o755)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: outside-line\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[hotline.telephony]\noutside = tests.failure.line:PLUGIN\n")
    made = Rig(home, url, seats, missing)
    try:
        made.add_service()
        await made.people()
        if services > 1:
            Seal.from_state(made.state)
        for _ in range(1, services):
            made.add_service()
        yield made
    finally:
        await made.close()
        if os.environ.get("KEEP_RIG"):
            print(f"kept: {home}")
        else:
            shutil.rmtree(home, ignore_errors=True)


def overlaps(begin: datetime, end: datetime, spans: Sequence[tuple[datetime, datetime]]) -> bool:
    """The whole span lies within one of the others, give or take a second."""
    edge = timedelta(seconds=1)
    return any(begin >= since - edge and end <= until + edge for since, until in spans)
