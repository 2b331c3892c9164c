"""Keeps an adapter running: back-off after a failure, one line in the log when it goes and one when it returns."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine

import structlog

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.telephony import Ability, DeviceEvent, LinkUp, Probes, TelephonyAdapter
from hotline.clock import Clock
from hotline.crash import crash_point
from hotline.hall.inputs import Heard, Input, LinkLost, Snapshot
from hotline.lines.health import Probe

log = structlog.get_logger()

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
SNAPSHOT_SECONDS = 30.0
"""A device that has not said by then what is live is asked again."""
SNAPSHOT_PAUSE_SECONDS = 2.0
"""A device that is connected and cannot say what is live is asked again after that."""
ROUTINE_SECONDS = 30.0
"""While the link is up a device is asked that often what is live, in case a report was lost."""

PROBE_SECONDS = 60.0
"""While the link is up a device that can be asked whether it is well is asked that often."""
PROBE_AGAIN_SECONDS = 5.0
"""After a first probe that went wrong."""
PROBE_ANSWER_SECONDS = 10.0
"""A device that has not answered by then has not answered. Twice in a row: the link is dead, whatever it looks like."""


class Hold:
    """May we hold the devices? Only while what they report can be written down, and nobody else may lead the hall."""

    def __init__(self) -> None:
        self._ours, self._gone = asyncio.Event(), asyncio.Event()
        self._ours.set()

    @property
    def ours(self) -> bool:
        """We may."""
        return self._ours.is_set()

    def take(self) -> None:
        """From now on we may."""
        self._gone.clear()
        self._ours.set()

    def let_go(self) -> None:
        """From now on we may not."""
        self._ours.clear()
        self._gone.set()

    async def taken(self) -> None:
        """Wait until we may."""
        await self._ours.wait()

    async def gone(self) -> None:
        """Wait until we may not. Raises `LinkDown` then."""
        await self._gone.wait()
        raise LinkDown("let go: the hall's lease has run out")


class Pauses:
    """Between two attempts to reach a device: longer each time, and never the same for two devices, so that those which
    were lost together do not come back at the same instant."""

    def __init__(self) -> None:
        self._next = FIRST_PAUSE_SECONDS

    def reset(self) -> None:
        """It was reached."""
        self._next = FIRST_PAUSE_SECONDS

    async def wait(self) -> None:
        """One pause."""
        await asyncio.sleep(random.uniform(self._next / 2, self._next))
        self._next = min(self._next * 2, LONGEST_PAUSE_SECONDS)


async def keep_running(
    adapter: TelephonyAdapter,
    put: Callable[[Input], None],
    clock: Clock,
    hold: Hold | None = None,
    probed: Callable[[Probe], None] = lambda probe: None,
) -> None:
    """Run the adapter until cancelled, while we may hold it. After each `LinkUp`, and from time to time, its list of
    live calls is compared with ours, and it is asked whether it is well; `probed` is told what it said."""
    hold = hold or Hold()
    pauses = Pauses()
    link = asyncio.Event()
    well = True
    reported_gone = False
    comparing: asyncio.Task[None] | None = None

    def hear(event: DeviceEvent) -> None:
        nonlocal reported_gone, comparing
        crash_point("before_receive")
        put(Heard(event))
        crash_point("after_receive")
        if isinstance(event, LinkUp):
            if reported_gone:
                log.info("link is back", adapter=adapter.name)
            if well:
                pauses.reset()
            reported_gone = False
            link.set()
            if Ability.REPORTS_PORTS in adapter.abilities:
                if comparing is not None:
                    comparing.cancel()
                comparing = asyncio.create_task(_keep_comparing(adapter, put, clock), name=f"snapshot {adapter.name}")

    def asked(probe: Probe) -> None:
        nonlocal well
        well = probe.ok
        probed(probe)

    try:
        while True:
            await hold.taken()
            link.clear()
            works = [adapter.run(hear), hold.gone()]
            if isinstance(adapter, Probes):
                works.append(_keep_probing(adapter, link, asked, clock))
            detail = "ended"
            try:
                await _first_end(*works)
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
            if comparing is not None:
                comparing.cancel()
            put(LinkLost(adapter.name, detail[:500]))
            await pauses.wait()
    finally:
        if comparing is not None:
            comparing.cancel()


async def _first_end(*works: Coroutine[None, None, None]) -> None:
    """Until one of them ends; the others are cancelled. Raises what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    done.pop().result()


async def _keep_probing(adapter: Probes, link: asyncio.Event, probed: Callable[[Probe], None], clock: Clock) -> None:
    """Ask it from time to time whether it is well, from the moment the link is up. Raises `LinkDown` when it is silent
    twice in a row. One that answers that it is not well (`Refused`) keeps its link: calls may go on all the same."""
    await link.wait()
    silent = failed = 0
    while True:
        try:
            async with asyncio.timeout(PROBE_ANSWER_SECONDS):
                detail = await adapter.probe()
        except (NoAnswer, TimeoutError) as error:
            silent, failed = silent + 1, failed + 1
            # A `TimeoutError` of ours says nothing itself.
            probed(Probe(at=clock.now(), ok=False, detail=str(error) or f"{PROBE_ANSWER_SECONDS:g} 秒内没有应答"))
            if silent >= 2:
                raise LinkDown(f"探测两次没有应答：{error}" if str(error) else "探测两次没有应答") from error
        except Refused as error:
            silent, failed = 0, failed + 1
            probed(Probe(at=clock.now(), ok=False, detail=str(error)))
        except LinkDown:
            raise
        except Exception as error:
            log.exception("probe failed", adapter=getattr(adapter, "name", ""))
            silent, failed = 0, failed + 1
            probed(Probe(at=clock.now(), ok=False, detail=f"{type(error).__name__}"))
        else:
            silent = failed = 0
            probed(Probe(at=clock.now(), ok=True, detail=detail))
        await asyncio.sleep(PROBE_AGAIN_SECONDS if failed == 1 else PROBE_SECONDS)


async def _keep_comparing(adapter: TelephonyAdapter, put: Callable[[Input], None], clock: Clock) -> None:
    """What is live, until the device has said so; then again from time to time. Ends with the link."""
    routine = False
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
            put(Snapshot(adapter=adapter.name, asked_at=asked_at, ports=tuple(ports), routine=routine))
            routine = True
            await asyncio.sleep(ROUTINE_SECONDS)
