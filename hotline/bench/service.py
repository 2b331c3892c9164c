"""The service under test: the real `serve`, in a process and a scheduler group of its own, with seats signed in.

`async with running_service(plan, adapters) as service:` starts `python -m hotline.bench.service FOLDER` and waits until
every seat is signed in; what consoles need to connect is in `service.tokens`. It ends when the block does, or when
whoever started it is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import orjson
import uvloop
from sqlalchemy import insert

from adapters.telephony import PhoneKind
from hotline import log
from hotline.bench.machine import children_of, favour
from hotline.hall.inputs import Actor, DefineSeat, GoBusy, SignIn
from hotline.people.permissions import Role
from hotline.runtime import Runtime
from hotline.serve import serve
from hotline.settings import load
from hotline.store.embedded import url_if_running
from hotline.store.tables.people import ACCOUNTS
from seats.seat import SeatNo

HALL: Final = "bench"
START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 20.0
TOML: Final = """\
[service]
port = {port}
state_dir = "{state}"

[halls.bench]
label = "bench"
default_queue = "general"
record = {record}
missing_after_seconds = 60

[halls.bench.queues.general]
label = "综合咨询"
groups = ["general"]
max_wait_seconds = 3600
max_length = 100000
wrap_seconds = 0
music = false
ring_seconds = 60

[halls.bench.contacts.110]
label = "110 报警"
number = "110"
kind = "emergency"
"""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Who sits at the seats."""

    extensions: list[str]
    busy: bool = False
    """They are signed in, but take no calls."""
    consoles: bool = False
    """They, and a supervisor, get sessions; without, the seats count as attended by themselves."""
    phone_kind: PhoneKind = PhoneKind.DESK
    record: bool = False
    """Calls are recorded, as they are in service."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What a console signs in with."""

    extension: str
    """Empty: the supervisor."""
    cookie: str


class Service:
    """The running service."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, state: Path, tokens: list[Token]) -> None:
        self.process = process
        self.port = port
        self.state = state
        self.tokens = tokens

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    @property
    def database_url(self) -> str:
        """Its own PostgreSQL."""
        url = url_if_running(self.state)
        if url is None:
            raise RuntimeError("the database of the service under test does not run")
        return url

    @property
    def database_pids(self) -> list[int]:
        """PostgreSQL's processes."""
        return children_of(self.pid)


@contextlib.asynccontextmanager
async def running_service(
    folder: Path, plan: Plan, adapters: Mapping[str, Mapping[str, Any]]
) -> AsyncIterator[Service]:
    """Start it in that (empty) folder. `adapters`: their tables in the settings file, by name."""
    state, port = folder / "state", _free_port()
    text = TOML.format(port=port, state=state, record=str(plan.record).lower())
    for name, table in adapters.items():
        text += f"\n[adapters.{name}]\n" + "".join(f"{key} = {orjson.dumps(v).decode()}\n" for key, v in table.items())
    (folder / "hotline.toml").write_text(text, encoding="utf-8")
    (folder / "plan.json").write_bytes(msgspec.json.encode(plan))
    process = _start(folder)
    favour(process.pid)
    try:
        await _until_ready(process, folder)
        tokens = msgspec.json.decode((folder / "ready.json").read_bytes(), type=list[Token])
        service = Service(process, port, state, tokens)
        for pid in service.database_pids:
            favour(pid)
        yield service
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(folder: Path) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
    with (folder / "service.log").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "hotline.bench.service", str(folder)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )


async def _until_ready(process: subprocess.Popen[bytes], folder: Path) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + START_SECONDS
    while not (folder / "ready.json").exists():
        if process.poll() is not None or loop.time() > end:
            said = (folder / "service.log").read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"the service under test did not start: {said}")
        await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


# ── in the service's process ─────────────────────────────────────────────────────────────────────────────────────────


async def _serve(folder: Path, parent: int) -> None:
    plan = msgspec.json.decode((folder / "plan.json").read_bytes(), type=Plan)
    numbers = [SeatNo(f"{number:04d}") for number in range(1, len(plan.extensions) + 1)]
    tokens: list[Token] = []

    async def prepare(runtime: Runtime) -> None:
        if plan.consoles:
            tokens.extend(await _people(runtime, plan, numbers))

    async def started(runtime: Runtime) -> None:
        hall = runtime.halls[HALL]
        while not (hall.leading and all(hall.state.links.get(name) for name in _that_link(runtime))):
            await asyncio.sleep(0.05)
        await asyncio.gather(*(_sit_down(runtime, plan, *one) for one in zip(numbers, plan.extensions, strict=True)))
        beside = folder / "ready.json.new"
        beside.write_bytes(msgspec.json.encode(tokens))
        beside.replace(folder / "ready.json")
        while os.getppid() == parent:
            await asyncio.sleep(0.5)

    unattended = () if plan.consoles else numbers
    settings = load(folder / "hotline.toml")
    await serve(settings, migrate=True, unattended=unattended, prepare=prepare, started=started)


def _that_link(runtime: Runtime) -> list[Any]:
    """Adapters that have a link of their own; those that are only pushed to have none."""
    return [name for name, adapter in runtime.adapters.items() if adapter.abilities]


async def _people(runtime: Runtime, plan: Plan, numbers: list[SeatNo]) -> list[Token]:
    """Accounts that nobody can sign in to (their password is none), with a session each."""
    now = datetime.now(UTC)
    people = [
        (f"acc-{number}", f"1{number}", extension) for number, extension in zip(numbers, plan.extensions, strict=True)
    ]
    everybody = [(*one, Role.OPERATOR) for one in people] + [("acc-s", "90001", "", Role.SUPERVISOR)]
    made: list[Token] = []
    async with runtime.database.engine.begin() as conn:
        await conn.execute(
            insert(ACCOUNTS),
            [
                {
                    "id": account,
                    "hall": HALL,
                    "work_number": work_number,
                    "name": work_number,
                    "role": role.value,
                    "password_hash": "!",
                    "must_change": False,
                    "created_at": now,
                    "password_at": now,
                }
                for account, work_number, _, role in everybody
            ],
        )
        for account, _, extension, _ in everybody:
            token = await runtime.sessions.open(conn, account, now, address="127.0.0.1", agent="bench")
            made.append(Token(extension=extension, cookie=f"hotline_session={token}"))
    return made


async def _sit_down(runtime: Runtime, plan: Plan, number: SeatNo, extension: str) -> None:
    hall = runtime.halls[HALL]
    who = Actor(account=f"acc-{number}", work_number=f"1{number}")
    await hall.ask(DefineSeat(seat=number, extension=extension, groups=("general",)), who)
    await hall.ask(SignIn(seat=number, phone_kind=plan.phone_kind), who)
    if plan.busy:
        await hall.ask(GoBusy(seat=number), who)


def main() -> None:
    """`python -m hotline.bench.service FOLDER`"""
    log.configure("text", level="WARNING")
    parent = os.getppid()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(Path(sys.argv[1]), parent))


if __name__ == "__main__":
    main()
