"""The gateway's own ledger shows each message once, under every fault and over a courier that is killed.

A real process at the other end of real sockets; its answers are lost, late, rubbish, and its receipts come twice.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters import sms_registry
from adapters.bridges.peer_serving import listening
from adapters.registry import Site
from adapters.sms_gateway import SmsGateway
from hotline.api import sms_receipts
from hotline.messages.courier import LEASE, Courier
from hotline.messages.message import MessageState as S
from hotline.store.engine import Database
from hotline.store.seal import Seal
from hotline.store.tables import MESSAGES
from tests.messages.kit import HALL, Office

SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two bytes ...").decode()
MESSAGES_SENT = 12


class RealClock:
    """The wall's, at any hour of ours: what is signed is judged by it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def later(self, **by: float) -> None:
        self.ahead += timedelta(**by)


@asynccontextmanager
async def peer(state: Path, *flags: str) -> AsyncIterator[str]:
    """A gateway in a process of its own; its address."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.sms.peer", "--state", str(state), *flags,
        stdout=asyncio.subprocess.PIPE, env={**os.environ, "HOTLINE_SMS_SECRET": SECRET},
    )  # fmt: skip
    assert running.stdout is not None
    try:
        line = (await asyncio.wait_for(running.stdout.readline(), 60)).decode()
        yield line.removeprefix("演练短信网关：").split("（")[0]
    finally:
        running.kill()
        await running.wait()


def gateway(url: str, state: Path, **more: object) -> SmsGateway:
    """As a site builds it."""
    table = {"kind": "http", "url": url, "secret": "env:S", "signature": "12348热线", "answer_seconds": 2.0, **more}
    return sms_registry.build("sms", table, Site(state_dir=state, secret=lambda reference: SECRET))


async def sent(state: Path) -> list[str]:
    """The keys of what went to telephones, as its ledger says after the run."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "adapters.sms.peer", "--state", str(state), "--ledger", stdout=asyncio.subprocess.PIPE
    )
    said, _ = await running.communicate()
    return [each["key"] for each in json.loads(said)["messages"]]


class Hall(Office):
    """One on the wall's clock, whose quiet hours are none."""

    def __init__(self, database: Database, seal: Seal) -> None:
        super().__init__(database, seal, quiet_from=_MIDNIGHT, quiet_to=_MIDNIGHT, segments_a_day=1000)
        self.real = RealClock()
        self.clock.at = datetime.now(UTC)

    def with_gateway(self, carried: SmsGateway) -> Courier:
        """A courier over the real gateway."""
        self.courier = self.another(carried)
        self.courier._clock = self.real  # pyright: ignore[reportPrivateUsage]
        return self.courier

    async def ask_for(self, number: int) -> set[str]:
        """So many messages to so many citizens; their keys at the gateway."""
        made = [await self.wants(ticket=await self.ticket(f"138001380{each:02d}")) for each in range(number)]
        return {f"{HALL}-{(await self.row(each)).key}" for each in made}

    async def carry(self, *, until: frozenset[S] = frozenset({S.SENT})) -> None:
        """Rounds until all stand like that; pauses are not waited for, but skipped."""
        for _ in range(60):
            await self.courier.round()
            if {row.state for row in await self.rows()} <= until:
                return
            async with self.engine.begin() as conn:
                waits = (MESSAGES.c.state == S.READY.value) & MESSAGES.c.claim.is_(None)
                await conn.execute(update(MESSAGES).where(waits).values(next_at=self.real.now()))
            self.courier.breaker.worked()
            self.real.later(minutes=1)  # who says too early that it is not there is not believed


_MIDNIGHT = datetime(2026, 1, 1).time()  # noqa: DTZ001


async def test_an_answer_that_cannot_be_kept_as_it_is(database: Database, seal: Seal, tmp_path: Path) -> None:
    async def taken(request: Request) -> Response:
        return JSONResponse({"code": "0", "data": {"id": "S\x00" + "9" * 5000, "segments": 10**12}})

    async with listening(Starlette(routes=[Route("/messages", taken, methods=["POST"])])) as port:
        hall = Hall(database, seal)
        carried = gateway(f"http://127.0.0.1:{port}", tmp_path)
        hall.with_gateway(carried)
        made = await hall.wants()
        await hall.courier.round()
        await carried.close()
        row = await hall.row(made)
        assert (row.state, row.their_id[:3], row.segments) == (S.SENT, "S99", 2)


@pytest.mark.parametrize(
    ("abilities", "flags"),
    [
        (
            {"deduplicates": True},
            ("--lose-answer", "0.3", "--rubbish", "0.2", "--error", "0.1"),
        ),
        ({"asks": True}, ("--no-dedupe", "--lose-answer", "0.3", "--error", "0.2", "--lose-before", "0.2")),
        ({"deduplicates": True}, ("--busy", "0.5", "--unauthorised", "0.1")),
    ],
)
async def test_each_message_goes_once(
    database: Database, seal: Seal, tmp_path: Path, abilities: dict[str, bool], flags: tuple[str, ...]
) -> None:
    hall = Hall(database, seal)
    wanted = await hall.ask_for(MESSAGES_SENT)
    async with peer(tmp_path, "--seed", "7", *flags) as url:
        carried = gateway(url, tmp_path, **abilities)
        hall.with_gateway(carried)
        await hall.carry()
        await carried.close()
    assert [row.state for row in await hall.rows()] == [S.SENT] * MESSAGES_SENT
    keys = await sent(tmp_path)
    assert len(keys) == len(wanted)
    assert set(keys) == wanted


async def test_where_nobody_can_be_asked_a_person_is(database: Database, seal: Seal, tmp_path: Path) -> None:
    hall = Hall(database, seal)
    await hall.ask_for(2)
    async with peer(tmp_path, "--no-dedupe", "--at", "1=lose_answer") as url:
        carried = gateway(url, tmp_path)
        hall.with_gateway(carried)
        await hall.carry(until=frozenset({S.SENT, S.IN_DOUBT}))
        await carried.close()
    assert sorted(row.state for row in await hall.rows()) == [S.IN_DOUBT, S.SENT]
    assert len(await sent(tmp_path)) == 2


async def test_a_courier_that_is_killed_in_mid_send(database: Database, seal: Seal, tmp_path: Path) -> None:
    hall = Hall(database, seal)
    (wanted,) = await hall.ask_for(1)
    async with peer(tmp_path, "--at", "1=slow") as url:
        carried = gateway(url, tmp_path, deduplicates=True, answer_seconds=30.0)
        dying = asyncio.create_task(hall.with_gateway(carried).round())
        async with asyncio.timeout(30), httpx2.AsyncClient(trust_env=False) as client:
            while not (await client.get(f"{url}/ledger")).json()["messages"]:
                await asyncio.sleep(0.02)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        (row,) = await hall.rows()
        assert (row.state, row.claim is None) == (S.READY, False)
        hall.with_gateway(carried)
        assert await hall.courier.round() == 0
        hall.real.later(seconds=LEASE.total_seconds() + 1)
        await hall.carry()
        await carried.close()
    (row,) = await hall.rows()
    assert row.state == S.SENT
    assert await sent(tmp_path) == [wanted]


async def test_receipts_are_believed_when_they_are_signed_and_only_once(
    database: Database, seal: Seal, tmp_path: Path
) -> None:
    hall = Hall(database, seal)
    await hall.ask_for(4)
    app = Starlette(routes=sms_receipts.ROUTES)
    app.state.engine, app.state.seal, app.state.clock = hall.engine, seal, hall.real
    async with listening(app) as port:
        callback = f"http://127.0.0.1:{port}/api/v1/sms/sms/receipts"
        flags = ("--twice", "1", "--rubbish-receipts", "1", "--unsigned-receipts", "1", "--failed", "0.4")
        async with peer(tmp_path, "--callback", callback, *flags) as url:
            carried = gateway(url, tmp_path, receipts={"secrets": ["env:S"]})
            app.state.message_couriers = {HALL: hall.with_gateway(carried)}
            await hall.carry(until=frozenset({S.SENT, S.DELIVERED, S.UNDELIVERED}))
            async with asyncio.timeout(30), httpx2.AsyncClient(trust_env=False) as client:
                while not all(each["told_at"] for each in (await client.get(f"{url}/ledger")).json()["messages"]):
                    await asyncio.sleep(0.05)
                told = (await client.get(f"{url}/ledger")).json()["messages"]
            await carried.close()
    states = {"delivered": S.DELIVERED, "failed": S.UNDELIVERED}
    assert {each["key"]: states[each["state"]] for each in told} == {
        f"{HALL}-{row.key}": row.state for row in await hall.rows()
    }
    assert {each["state"] for each in told} == {"delivered", "failed"}
