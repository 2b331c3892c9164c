"""A card, its driver host, the real runtime and a real database: a call through the whole house, and a crash in
mid-call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from adapters.card.simulator import Exchange
from adapters.telephony import AdapterName, PhoneKind
from hotline.calls.call import CallState
from hotline.hall.hall import Hall
from hotline.hall.inputs import Actor, DefineSeat, SignIn
from hotline.runtime import open_runtime
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings
from seats.seat import SeatNo, SeatState
from tests.adapters.card.bench import table

CARD = AdapterName("card-1")
LAWYER = Actor(account="a", work_number="1001")
SEAT = SeatNo("01")
TRUNK, STATION = 3, 8
BOUND_SECONDS = 20.0


@asynccontextmanager
async def hall_with(exchange: Exchange, url: str, folder: Path) -> AsyncIterator[Hall]:
    queue = QueueTable(label="人工服务", groups=["all"])
    found = Settings(
        halls={"h1": HallTable(label="大厅", default_queue="main", queues={"main": queue})},
        service=ServiceTable(state_dir=folder / "state"),
        adapters={"card-1": {**table(exchange, folder), "stuck_seconds": 5}},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )
    async with open_runtime(found) as runtime:
        task = asyncio.create_task(runtime.run())
        hall = runtime.halls["h1"]
        try:
            assert await hall.until_led(BOUND_SECONDS)
            await until(lambda: hall.state.links.get(CARD))
            await hall.ask(DefineSeat(seat=SEAT, extension="8001", groups=("all",)), LAWYER)
            await hall.ask(SignIn(seat=SEAT, phone_kind=PhoneKind.DESK), LAWYER)
            yield hall
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def until(true: Any) -> None:
    async with asyncio.timeout(BOUND_SECONDS):
        while not true():
            await asyncio.sleep(0.01)


async def over(url: str, calls: int) -> list[tuple[Any, ...]]:
    """The calls that are over, once there are so many."""
    connection = await asyncpg.connect(url)
    query = (
        "SELECT caller_masked, dialled, port, answered_seat, inferred, outcome FROM calls WHERE state = 'ended'"
        " ORDER BY offered_at"
    )
    try:
        async with asyncio.timeout(BOUND_SECONDS):
            while len(rows := await connection.fetch(query)) < calls:
                await asyncio.sleep(0.05)
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


async def fetch(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def talking(hall: Hall) -> bool:
    return any(call.state is CallState.TALKING for call in hall.state.calls.values())


async def test_a_call_through_the_whole_house(database_url: str, tmp_path: Path) -> None:
    """In on a trunk, the seat's station rings, is picked up, they talk, he hangs up; then the next one."""
    async with Exchange("shp_a3").running() as exchange:
        async with hall_with(exchange, database_url, tmp_path) as hall:
            exchange.call(TRUNK, "13800138000")
            await exchange.until(f"SsmStartRing {STATION}")
            assert hall.state.seats[SEAT].state is SeatState.RINGING
            exchange.lift(STATION)
            await until(lambda: talking(hall))
            await exchange.until("SsmTalkWith")
            await exchange.until("SsmRecToFile")
            exchange.hang_up(TRUNK)
            await exchange.until(f"SsmSendTone {STATION}")
            assert await over(database_url, 1) == [("138****8000", "12348", TRUNK, "01", False, "answered")]
            await until(lambda: not hall.state.calls)
        (name,) = await fetch(database_url, "SELECT name FROM recordings WHERE file IS NOT NULL")
        assert (tmp_path / "recordings" / f"{name[0]}.wav").exists()


async def test_the_library_crashes_in_mid_call(database_url: str, tmp_path: Path) -> None:
    """The card's death is a gap on record; its call is over, the seat is free, and the next caller is served."""
    async with Exchange("shp_a3").running() as exchange, hall_with(exchange, database_url, tmp_path) as hall:
        exchange.answers.add(STATION)
        exchange.call(TRUNK, "13800138000")
        await until(lambda: talking(hall))
        await exchange.until("SsmRecToFile")
        exchange.say("crash")
        await until(lambda: hall.state.links.get(CARD) is False)
        await until(lambda: hall.state.links.get(CARD))
        ((*_, seat, inferred, outcome),) = await over(database_url, 1)
        assert (seat, inferred, outcome) == ("01", True, "answered")
        gaps = "SELECT detail, ended_at IS NOT NULL FROM writer_gaps WHERE kind = 'link' ORDER BY began_at DESC"
        (detail, closed), *_ = await fetch(database_url, gaps)
        assert detail.startswith("device_down: the driver host died of SIGSEGV")
        assert closed
        exchange.call(TRUNK, "13800138001")
        await until(lambda: any(call.caller == "13800138001" for call in hall.state.calls.values()))
        assert len({key for (key,) in await fetch(database_url, "SELECT call_key FROM raw_events")} - {None}) >= 2
