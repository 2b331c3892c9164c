"""A hall in this process: the service's own loop, writer and store on a real PostgreSQL, before an instant line."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from adapters.telephony import AdapterName, PhoneKind
from hotline.bench.line import FastLine
from hotline.clock import WallClock
from hotline.hall.hall import Hall
from hotline.hall.inputs import Actor, DefineSeat, SignIn
from hotline.hall.rules import HallRules, QueueRules
from hotline.store.engine import Database
from hotline.store.gaps import Gaps
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal, make_keys
from hotline.store.spool import Spool
from routing.strategies.longest_idle import STRATEGY
from seats.seat import SeatNo

LINE: Final = AdapterName("line-1")


@contextlib.asynccontextmanager
async def hall_with(
    url: str, *, seats: int, talk_seconds: float | Callable[[], float]
) -> AsyncIterator[tuple[Hall, FastLine]]:
    """A hall that leads, its line up, its seats signed in and ready. No greeting, menu, music, recording or wrap-up.
    `talk_seconds`: of all talks, or drawn for each."""
    name = f"b{secrets.token_hex(3)}"
    line = FastLine(LINE, talk_seconds if callable(talk_seconds) else lambda: talk_seconds, seats)
    async with await Database.open(url) as database:
        seal = Seal(make_keys())
        store = HallStore(database, seal, name)
        with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
            numbers = [SeatNo(f"{number:03d}") for number in range(1, seats + 1)]
            spool = Spool(Path(folder) / "spool", seal)
            adapters = {LINE: line}
            hall = Hall(rules(name), store, spool, Gaps(database, name), adapters, WallClock(), name, 60.0, numbers)
            running = asyncio.create_task(hall.run(), name="hall of the bench")
            try:
                if not await hall.until_led(10):
                    raise RuntimeError("the hall of the benchmark does not lead")
                await asyncio.gather(*(sit_down(hall, number) for number in numbers))
                await line.up.wait()
                yield hall, line
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await store.close()


def rules(name: str) -> HallRules:
    """The shortest way through a hall."""
    queue = QueueRules(
        name="general",
        label="",
        strategy=STRATEGY,
        groups=("general",),
        max_wait_seconds=600,
        max_length=1_000_000,
        wrap_seconds=0,
        music=False,
    )
    return HallRules(hall=name, label="", default_queue="general", queues={"general": queue}, record=False)


async def sit_down(hall: Hall, number: SeatNo) -> None:
    """A seat, and somebody at it."""
    who = Actor(account=f"acc-{number}", work_number=f"1{number}")
    await hall.ask(DefineSeat(seat=number, extension=f"8{number}", groups=("general",)), who)
    await hall.ask(SignIn(seat=number, phone_kind=PhoneKind.DESK), who)


async def callers(line: FastLine, *, rate: float, seconds: float, first: int) -> int:
    """Callers ring, evenly spaced, whatever becomes of them. Returns how many."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
        line.offer(first + number)
    return round(rate * seconds)
