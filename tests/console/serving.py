"""The service as a process for the journeys: what `hotline serve` runs, with people, desks and robots like the demo's.

`python -m tests.console.serving SETTINGS FACTS`: FACTS is JSON `{"accounts": [[number, name, role, password]], "desks":
{seat: [extension, group]}, "robots": {seat: number}}`. Started again it finds everything as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

import uvloop

from hotline import log
from hotline.audit.trail import Doer
from hotline.hall.inputs import Actor, DefineSeat, SignIn
from hotline.hall.writer import CommandRefused
from hotline.people import accounts
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role
from hotline.runtime import Runtime
from hotline.serve import serve
from hotline.settings import load
from hotline.tickets import categories
from seats.seat import SeatNo


async def run(config: Path, facts: dict[str, Any]) -> None:
    """Serve until a signal."""
    settings = load(config)
    log.configure("json")
    (hall,) = settings.halls

    async def prepare(runtime: Runtime) -> None:
        passwords, now = Passwords(memory_kib=64, passes=1), runtime.clock.now()
        async with runtime.database.engine.begin() as conn:
            known = {each.work_number for each in await accounts.of_hall(conn, hall)}
            for work_number, name, role, password in facts["accounts"]:
                if work_number not in known:
                    await accounts.create(
                        conn,
                        passwords,
                        hall=hall,
                        work_number=work_number,
                        name=name,
                        role=Role(role),
                        password=password,
                        must_change=False,
                        now=now,
                        doer=Doer(account="journeys", work_number="journeys"),
                    )
            await categories.ensure_default(conn, now=now)
        passwords.close()
        runtime.demo_accounts = [
            {"work_number": number, "name": name, "role": role, "password": password}
            for number, name, role, password in facts["accounts"]
        ]

    async def started(runtime: Runtime) -> None:
        running = runtime.halls[hall]
        await running.until_led(10)
        async with runtime.database.engine.connect() as conn:
            ids = {each.work_number: each for each in await accounts.of_hall(conn, hall)}
        for seat, (extension, group) in facts["desks"].items():
            with contextlib.suppress(CommandRefused):
                await running.ask(
                    DefineSeat(seat=SeatNo(seat), extension=extension, groups=(group,)),
                    Actor(account="journeys", work_number="journeys"),
                )
        for seat, work_number in facts["robots"].items():
            actor = Actor(account=ids[work_number].id, work_number=work_number, name=ids[work_number].name)
            with contextlib.suppress(CommandRefused):
                await running.ask(SignIn(seat=SeatNo(seat), phone_kind="simulated"), actor)
        await asyncio.Event().wait()

    await serve(settings, migrate=True, unattended=list(facts["robots"]), prepare=prepare, started=started)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))))
