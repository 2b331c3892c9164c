"""When is what done every night?

At 00:20 Asia/Shanghai the reports of the days that are over are made, once per hall in the whole cluster; after a
downtime the missed days are caught up. Which days are due follows from what is stored, so no timetable of runs is kept,
and a job that was killed is simply due again. At the same hour what is no longer needed is swept away, and both sides'
lists of hand-overs are compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.errors import AdapterError
from hotline.clock import Clock
from hotline.handovers.reconciling import Reconciler
from hotline.people.sweep import sweep
from hotline.reports.nightly import keep_day, last_run, read_due

LOOK_EVERY: Final = timedelta(minutes=10)
"""Between two looks at most: calls end late, databases come back, clocks are set right."""

_log = structlog.get_logger(__name__)


async def keep_reports(
    engine: AsyncEngine,
    halls: Mapping[str, Mapping[str, str]],
    state_dir: Path,
    *,
    clock: Clock,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Make every report that becomes due, until cancelled. `halls`: their queues' labels.

    A hall whose report fails does not keep the others from theirs; it is tried again at the next look.
    """
    while True:
        for hall, queue_labels in halls.items():
            try:
                await run_due(engine, hall, state_dir, now=clock.now(), queue_labels=queue_labels)
            except Exception:
                _log.exception("day_report_failed", hall=hall)
        await sleep(pause(clock.now()).total_seconds())


async def keep_swept(
    engine: AsyncEngine, *, clock: Clock, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> None:
    """Sweep once at the start and once every night, until cancelled; a sweep that fails is tried at the next look."""
    done: datetime | None = None
    while True:
        now = clock.now()
        if done is None or done < last_run(now):
            try:
                swept = await sweep(engine, now)
            except Exception:
                _log.exception("sweep_failed")
            else:
                done = now
                _log.info("swept", sessions=swept.sessions, tries=swept.tries, answers=swept.answers)
        await sleep(pause(clock.now()).total_seconds())


async def keep_compared(
    reconciler: Reconciler,
    *,
    clock: Clock,
    leading: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Compare both sides' lists of hand-overs (对账) every night, until cancelled, while this process leads the hall.
    A list that cannot be had is asked for again at the next look."""
    while True:
        now = clock.now()
        if leading():
            try:
                for day in await reconciler.due(last_run(now).date() - timedelta(days=1)):
                    try:
                        compared = await reconciler.compare(day)
                    except AdapterError as error:
                        _log.warning("handovers_not_compared", bridge=reconciler.bridge.name, day=day, why=str(error))
                    else:
                        _log.info(
                            "handovers_compared", bridge=reconciler.bridge.name, day=day, found=len(compared.found)
                        )
            except Exception:
                _log.exception("handovers_not_compared", bridge=reconciler.bridge.name)
        await sleep(pause(now).total_seconds())


async def run_due(
    engine: AsyncEngine, hall: str, state_dir: Path, *, now: datetime, queue_labels: Mapping[str, str]
) -> list[date]:
    """Make a hall's due reports, oldest first; the days made here. Days another instance is making are left to it."""
    made: list[date] = []
    for day in await read_due(engine, hall, now):
        kept = await keep_day(
            engine, hall, day, now=now, state_dir=state_dir, queue_labels=queue_labels, only_if_due=True
        )
        if kept is not None:
            made.append(day)
            _log.info("day_report_made", hall=hall, day=str(day), state=kept.state, digest=kept.digest[:12])
    return made


def pause(now: datetime) -> timedelta:
    """How long to wait before looking again: until the next 00:20, at most ten minutes."""
    return min(LOOK_EVERY, last_run(now) + timedelta(days=1) - now)
