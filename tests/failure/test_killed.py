"""Killed with -9 under load, at every named place: is anything lost, and how soon does the hall serve again?"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.gateway_push.simulated_sending import Chaos
from adapters.gateway_push.simulator import Habits, simulate
from hotline.crash import POINTS
from tests.failure.judge import history_holds, nobody_dropped, nobody_signed_off, served, settled, stops_cleanly
from tests.failure.rig import READY_SECONDS, Rig, rig

pytestmark = pytest.mark.crash

REPEATS = int(os.environ.get("CRASH_REPEATS", "0"))
"""0: everyday, one point of each kind; else every point, so many times."""
READY = 5.0
"""A hall that was killed serves again after at most this time, on a machine that has nothing else to do."""
QUIET = 1.5
"""So many processes that want each core are few."""
PASSES = {
    "before_receive": 60,
    "after_receive": 60,
    "before_keep": 10,
    "after_keep": 10,
    "before_2xx": 10,
    "before_decide": 60,
    "after_decide": 60,
    "before_commit": 60,
    "after_commit": 60,
    "before_publish": 60,
    "before_reply": 60,
    "before_perform": 60,
    "before_command": 25,
    "after_command": 25,
    "before_recover": 1,
    "after_recover": 1,
}
"""Point → it dies when it comes by there for the n-th time, n random up to this."""
ANY_TIME, ITS_DATABASE, TOLD_TO_STOP = "any time", "its database", "told to stop"
AT_START = {"before_recover", "after_recover"}
NIGHTLY = {"before_nightly", "after_nightly"}
FOLLOWING = {"before_bookmark", "after_bookmark"}


@asynccontextmanager
async def loaded(*, rate: float = 1.5, seed: int = 1) -> AsyncIterator[Rig]:
    """A hall at work: callers at its telephone system, a gateway that pushes, a console at every desk."""
    async with rig(seats=10) as made:
        made.start_exchange(rate=rate, seed=seed)
        made.service.start()
        assert await made.service.ready() is not None, made.service.tail()
        await made.sign_in()
        stop = asyncio.Event()
        gateway = asyncio.create_task(
            simulate(
                made.events_url(),
                secret=made.secret,
                calls_per_second=1.5,
                max_calls=100_000,
                max_seconds=36_000,
                drain_seconds=5,
                seed=seed,
                habits=Habits(pick_up=0.3, patience=4, talk=1.0, ring_timeout=2),
                chaos=Chaos(duplicate=0.1, reorder=0.1, reorder_seconds=1),
                ledger=made.gateway_ledger,
                attempts=200,
                stop=stop,
            )
        )
        try:
            yield made
            stop.set()
            summary = await asyncio.wait_for(gateway, 40)
            assert summary.unacknowledged == 0, summary
            await settled(made)
            await stops_cleanly(made)
        finally:
            gateway.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await gateway


GROUPS: dict[str, list[str]] = {
    "received": [
        *("before_receive", "after_receive", "before_keep", "after_keep", "before_2xx", "before_recover"),
        ANY_TIME,
    ],
    "decided": ["before_decide", "after_decide", "before_commit", "after_commit", "after_recover", ITS_DATABASE],
    "told": [
        *("before_publish", "before_reply", "before_perform", "before_command", "after_command"),
        TOLD_TO_STOP,
    ],
}
EVERYDAY = ["before_keep", "before_commit", "before_perform", ITS_DATABASE, TOLD_TO_STOP]
"""One of each kind: not kept, decided and not written, written and not done. `make crash` tries every point."""


def test_every_point_is_tried() -> None:
    tried = {point for group in GROUPS.values() for point in group} - {ANY_TIME, ITS_DATABASE, TOLD_TO_STOP}
    assert set(EVERYDAY) <= {point for group in GROUPS.values() for point in group}
    assert tried | NIGHTLY | FOLLOWING == set(POINTS)
    assert tried == set(PASSES)


@pytest.mark.parametrize("group", GROUPS if REPEATS else ["everyday"])
async def test_killed(group: str) -> None:
    points = GROUPS[group] if REPEATS else EVERYDAY
    chance, crowds = random.Random(f"{group} {REPEATS}"), list[float]()
    rows = list[tuple[str, int, float, float]]()
    async with loaded(seed=chance.randrange(1000)) as made:
        for _ in range(max(1, REPEATS)):
            for what in points:
                passes = chance.randint(1, PASSES.get(what, 1))
                try:
                    if what == ITS_DATABASE:
                        await its_database_is_killed(made)
                        continue
                    if what == ANY_TIME:
                        await killed_at_any_time(made, chance.uniform(0.3, 3.0))
                    elif what == TOLD_TO_STOP:
                        await told_to_stop(made)
                    else:
                        await killed_at(made, what, passes)
                    rows.append((what, passes, *await comes_back(made)))
                    crowds.append(os.getloadavg()[0] / (os.cpu_count() or 1))
                except AssertionError as error:
                    raise AssertionError(f"{what}:{passes} (after {rows}): {error}") from error
    tell(rows, crowds)


async def killed_at(made: Rig, point: str, passes: int) -> None:
    """A working hall dies there."""
    service = made.service
    if point in AT_START:
        service.signal(signal.SIGKILL)
        await service.gone(5)
        service.arm(point, passes)
        service.start()
    else:
        service.arm(point, passes)
    assert await service.gone(40) == -signal.SIGKILL, service.tail()


async def killed_at_any_time(made: Rig, after: float) -> None:
    """A working hall is killed from outside."""
    await asyncio.sleep(after)
    made.service.signal(signal.SIGKILL)
    await made.service.gone(5)


async def its_database_is_killed(made: Rig) -> None:
    """The service lives on, starts the server again and goes on where it was; what is pushed meanwhile is spooled."""
    await asyncio.sleep(1.0)
    callers = set(await made.lines())
    postmaster = int((made.state / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    began = time.monotonic()
    while postmaster in made.servers():
        await asyncio.sleep(0.01)
    assert await made.service.ready(began - made.service.started + READY_SECONDS) is not None, made.service.tail()
    print(f"  serves again {time.monotonic() - began:.2f} s after its database was killed")
    assert made.service.alive
    await nobody_signed_off(made)
    await served(made, callers, 40)
    await history_holds(made)


async def told_to_stop(made: Rig) -> None:
    """SIGTERM: out within eight seconds, consoles told 1012, callers who wait or ring keep their place."""
    await asyncio.sleep(1.5)
    for console in made.consoles:
        console.codes.clear()
    before = set(await made.lines())
    took = await stops_cleanly(made)
    codes = [code for console in made.consoles for code in console.codes]
    assert codes
    assert set(codes) == {1012}, codes
    nobody_dropped(made, before)
    print(f"  stopped in {took:.2f} s")


async def comes_back(made: Rig) -> tuple[float, float]:
    """After a death: start again, and look at everything that must have survived.

    Seconds until it served, and how many of them it stood in line for a core.
    """
    callers = set(await made.lines())
    made.service.start()
    ready = await made.service.ready()
    assert ready is not None, made.service.tail()
    waited = made.service.waited
    await nobody_signed_off(made)
    await served(made, callers, 40)
    await history_holds(made)
    return ready, waited


def tell(rows: list[tuple[str, int, float, float]], crowds: list[float]) -> None:
    """The matrix, for whoever runs it with -s or reads a failure."""
    for what, passes, seconds, waited in rows:
        print(f"  {what}:{passes}  ready after {seconds:.2f} s, {waited:.2f} s of them in line for a core")
    ready = sorted(seconds for _, _, seconds, _ in rows)
    alone = sorted(seconds - waited for _, _, seconds, waited in rows)
    half = len(rows) // 2
    print(f"  {len(rows)} deaths; ready p50 {ready[half]:.2f} s, max {ready[-1]:.2f} s; {max(crowds):.1f} to a core")
    print(f"  without the time in line: p50 {alone[half]:.2f} s, max {alone[-1]:.2f} s")
    # Its database stands in line as well: on a crowded machine the longest of many says more about the crowd.
    assert (alone[half] if max(crowds) > QUIET else alone[-1]) <= READY
