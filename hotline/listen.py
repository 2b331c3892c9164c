"""Listens at devices that only talk: each wire is kept alive by itself, each frame is durable before the next is read.

Unlike a device that obeys, such a one is never let go while the database is away: nobody else would hear it, and what
it says goes to the spool.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

import structlog

from adapters.errors import LinkDown, Undecodable
from adapters.telephony import AdapterName, Delivery, LinkUp, Listens, Wire
from hotline.clock import Clock
from hotline.hall.inputs import Heard, Input, LinkLost
from hotline.supervise import Pauses

log = structlog.get_logger()

STEADY_SECONDS: Final = 10.0
"""A wire that was up for less has not come back: somebody accepts connections and hangs up."""
SPIN_SECONDS: Final = 1.0
"""Before a silence that was not understood is told again."""

Deliver = Callable[[AdapterName, bytes, datetime], Awaitable[Delivery]]


async def keep_listening(
    name: AdapterName, adapter: Listens, put: Callable[[Input], None], deliver: Deliver, clock: Clock
) -> None:
    """Listen at every wire of the adapter until cancelled; conclude what silence means."""
    ear = _Ear(name, adapter, put, deliver, clock)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(ear.conclude(), name=f"silence {name}")
        for wire in adapter.wires:
            tasks.create_task(ear.keep(wire), name=f"wire {name}/{wire.name}")


class _Ear:
    def __init__(
        self, name: AdapterName, adapter: Listens, put: Callable[[Input], None], deliver: Deliver, clock: Clock
    ) -> None:
        self._name = name
        self._adapter = adapter
        self._put = put
        self._deliver = deliver
        self._clock = clock
        self._up = dict[str, str]()
        """Wires that are open, with what is there."""
        self._heard = asyncio.Event()

    async def keep(self, wire: Wire) -> None:
        pauses, loop = Pauses(), asyncio.get_running_loop()
        told, up_since = False, loop.time()

        def up(detail: str) -> None:
            nonlocal told, up_since
            if told:
                log.info("wire is back", adapter=self._name, wire=wire.name)
            told, up_since = False, loop.time()
            self._up[wire.name] = detail
            if len(self._up) == len(self._adapter.wires):
                self._link_up()

        while True:
            detail = "ended"
            try:
                await wire.listen(up, self._take)
            except LinkDown as error:
                detail = str(error)
            except Exception as error:
                log.exception("wire failed", adapter=self._name, wire=wire.name)
                detail = f"{type(error).__name__}: {error}"
            if not told:
                log.warning("wire is gone", adapter=self._name, wire=wire.name, detail=detail)
                told = True
                self._put(LinkLost(self._name, f"{wire.name}: {detail}"[:500]))
            if self._up.pop(wire.name, None) is not None and loop.time() - up_since >= STEADY_SECONDS:
                pauses.reset()
            await pauses.wait()

    async def conclude(self) -> None:
        """Wait until the adapter has something to conclude, or for news that change when."""
        while True:
            self._heard.clear()
            due = self._adapter.due
            with suppress(TimeoutError):
                async with asyncio.timeout(None if due is None else self._seconds_until(due)):
                    await self._heard.wait()
            due = self._adapter.due
            if due is not None and self._seconds_until(due) <= 0:
                await self._take(b"", self._clock.now())
                if self._adapter.due == due:
                    await asyncio.sleep(SPIN_SECONDS)  # it has not understood: no reason to spin

    async def _take(self, body: bytes, heard_at: datetime) -> None:
        """Returns when it is durable, understood or not."""
        try:
            await self._deliver(self._name, body, heard_at)
        except Undecodable as error:
            log.info("kept, but not understood", adapter=self._name, reason=str(error))
        self._heard.set()

    def _link_up(self) -> None:
        now = self._clock.now()
        facts: dict[str, Any] = {"at": now, "heard_at": now}
        detail = "; ".join(f"{wire}: {what}" if what else wire for wire, what in sorted(self._up.items()))
        self._put(Heard(LinkUp(adapter=self._name, event_id=f"link/{now.timestamp()}", detail=detail[:500], **facts)))

    def _seconds_until(self, due: datetime) -> float:
        return max(0.0, (due - self._clock.now()).total_seconds())
