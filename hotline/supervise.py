"""Keeps an adapter running: back-off after a failure, one line in the log when it goes and one when it returns."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import structlog

from adapters.errors import LinkDown, NoAnswer, Unsupported
from adapters.telephony import Ability, DeviceEvent, LinkUp, TelephonyAdapter
from hotline.clock import Clock
from hotline.crash import crash_point
from hotline.hall.inputs import Heard, Input, LinkLost, Snapshot

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SNAPSHOT_SECONDS = 30.0
"""A device that has not said by then what is live is asked again."""
SNAPSHOT_PAUSE_SECONDS = 2.0
"""A device that is connected and cannot say what is live is asked again after that."""


async def keep_running(adapter: TelephonyAdapter, put: Callable[[Input], None], clock: Clock) -> None:
    """Run the adapter until cancelled. After each `LinkUp` its list of live calls is compared with ours."""
    pause = FIRST_PAUSE_SECONDS
    reported_gone = False
    snapshots: set[asyncio.Task[None]] = set()

    def hear(event: DeviceEvent) -> None:
        nonlocal pause, reported_gone
        crash_point("before_receive")
        put(Heard(event))
        crash_point("after_receive")
        if isinstance(event, LinkUp):
            if reported_gone:
                log.info("link is back", adapter=adapter.name)
            pause, reported_gone = FIRST_PAUSE_SECONDS, False
            if Ability.REPORTS_PORTS in adapter.abilities:
                task = asyncio.create_task(_compare(adapter, put, clock), name=f"snapshot {adapter.name}")
                snapshots.add(task)
                task.add_done_callback(snapshots.discard)

    try:
        while True:
            detail = "ended"
            try:
                await adapter.run(hear)
            except LinkDown as error:
                detail = str(error)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.exception("adapter failed", adapter=adapter.name)
                detail = f"{type(error).__name__}: {error}"
            if not reported_gone:
                log.warning("link is gone", adapter=adapter.name, detail=detail)
                reported_gone = True
            put(LinkLost(adapter.name, detail[:500]))
            await asyncio.sleep(random.uniform(pause / 2, pause))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    finally:
        for task in snapshots:
            task.cancel()


async def _compare(adapter: TelephonyAdapter, put: Callable[[Input], None], clock: Clock) -> None:
    while True:
        asked_at = clock.now()
        try:
            async with asyncio.timeout(SNAPSHOT_SECONDS):
                ports = await adapter.ports()
        except Unsupported:
            return
        except LinkDown as error:
            log.warning("snapshot failed", adapter=adapter.name, detail=str(error))
            return  # the adapter's run ends as well, and the next link brings the next snapshot
        except (NoAnswer, TimeoutError) as error:
            log.warning("snapshot failed, asking again", adapter=adapter.name, detail=str(error))
            await asyncio.sleep(SNAPSHOT_PAUSE_SECONDS)
        except Exception:
            log.exception("snapshot failed", adapter=adapter.name)
            await asyncio.sleep(SNAPSHOT_PAUSE_SECONDS)
        else:
            put(Snapshot(adapter=adapter.name, asked_at=asked_at, ports=tuple(ports)))
            return
