"""Compares what gateways told with their own lists of calls: a push that never came is a call nobody would learn of.

There is no bookmark. At the start the last day is fetched, then what ended since the last complete list and a good
while before it; every call goes the way of a push, where it is kept raw and recognised by its event ids and its key. So
a list that was fetched twice, in part, or by two processes does no harm. What the device said while the call lived
stays; its list only adds what is missing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from adapters.errors import AdapterError, LinkDown, NoAnswer, Undecodable
from adapters.telephony import AdapterName, Delivery, Pulls
from hotline.clock import Clock
from hotline.metrics import DELIVERIES
from hotline.store.errors import SpoolFull

log = structlog.get_logger()

AT_START: Final = timedelta(hours=24)
AT_MOST: Final = timedelta(days=7)
"""After a longer silence of the device the rest is left to a person with the device's own page."""
OVERLAP: Final = timedelta(minutes=15)
"""Its clock and its haste to write lists down differ from ours."""
SETTLED: Final = timedelta(seconds=60)
"""A call that has just ended is left to its push, which says who hung up."""
STRETCH: Final = timedelta(hours=6)
"""So much is fetched, and kept, at a time."""
REMEMBERED: Final = 100_000
"""Bodies of this process that need not be handed over again."""
FIRST_PAUSE_SECONDS: Final = 5.0
REFUSED_SECONDS: Final = 600.0
"""A device that says no is left alone for so long at least: some lock out who tries five times."""
IDLE_SECONDS: Final = 1.0
"""While another process leads, how often that is looked at."""


class Led(Protocol):
    """What is needed of the hall."""

    @property
    def leading(self) -> bool:
        """This process writes for it."""
        ...

    @property
    def unled_since(self) -> datetime | None:
        """When whoever led before gave the last sign of life; None: nobody ever did."""
        ...

    async def deliver(self, name: AdapterName, body: bytes) -> Delivery:
        """As `Hall.deliver`."""
        ...


class PullKeeper:
    """Fetches one device's list again and again."""

    def __init__(self, name: AdapterName, adapter: Pulls, hall: Led, clock: Clock) -> None:
        self._name = name
        self._adapter = adapter
        self._hall = hall
        self._clock = clock
        self._complete_to: datetime | None = None
        self._handed = dict[bytes, None]()
        self._failures = 0
        self._told = ""

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """While this process leads, until cancelled; a device that does not answer is tried less and less often."""
        while True:
            if not self._hall.leading:
                await sleep(IDLE_SECONDS)
                continue
            await sleep(await self.once())

    async def once(self) -> float:
        """Fetch what may be new. Returns the seconds until it is due again; what goes wrong is told once."""
        every = self._adapter.pull_seconds
        try:
            fetched = await self._catch_up()
        except (AdapterError, SpoolFull) as error:
            wait = REFUSED_SECONDS
            if isinstance(error, LinkDown | NoAnswer | SpoolFull):
                wait = min(FIRST_PAUSE_SECONDS * 2 ** min(self._failures, 16), every)
            return self._failed(type(error).__name__, str(error), max(wait, FIRST_PAUSE_SECONDS))
        except Exception as error:  # a fault of ours: pushes come all the same
            if not self._told:
                log.exception("pull failed", adapter=self._name)
            return self._failed(type(error).__name__, "", every)
        if self._told:
            log.info("calls are pulled again", adapter=self._name, calls=fetched)
        self._failures, self._told = 0, ""
        DELIVERIES.labels(self._name, "pulled").inc(fetched)
        return every

    async def _catch_up(self) -> int:
        """Everything until a minute ago; how many calls were handed over."""
        now = self._clock.now()
        until = now - SETTLED
        since = self._since(now)
        handed = 0
        while since < until:
            end = min(since + STRETCH, until)
            bodies = await self._adapter.pull(since, end)
            handed += await self._hand_over(bodies)
            if not self._hall.leading:
                return handed  # whoever leads now has begun with the last day
            self._complete_to = since = end
        return handed

    def _since(self, now: datetime) -> datetime:
        """From when on something may be missing: at the start the last day, or as long as nobody was here."""
        if self._complete_to is None:
            before = self._hall.unled_since
            since = now - AT_START if before is None else min(now - AT_START, before - OVERLAP)
        else:
            since = self._complete_to - OVERLAP
        if since < now - AT_MOST and not self._told:
            log.warning("calls of so long ago are not pulled", adapter=self._name, days=AT_MOST.days, missing=since)
        return max(since, now - AT_MOST)

    async def _hand_over(self, bodies: Sequence[bytes]) -> int:
        handed = 0
        for body in bodies:
            mark = hashlib.blake2b(body, digest_size=16).digest()
            if mark in self._handed:
                continue
            try:
                delivery = await self._hall.deliver(self._name, body)
            except Undecodable as error:
                log.info("pulled, but not understood", adapter=self._name, reason=str(error))
            else:
                handed += bool(delivery.events)
            self._handed[mark] = None
            if len(self._handed) > REMEMBERED:
                del self._handed[next(iter(self._handed))]
        return handed

    def _failed(self, kind: str, detail: str, wait: float) -> float:
        self._failures += 1
        DELIVERIES.labels(self._name, "pull_failed").inc()
        if kind != self._told:
            log.warning("calls cannot be pulled", adapter=self._name, error=kind, detail=detail[:300])
            self._told = kind
        return wait
