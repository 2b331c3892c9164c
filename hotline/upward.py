"""Seat states for the province (坐席状态上报): the provincial 12348 platform distributes calls to our seats by them.

What is reported is the whole picture, whenever it has changed and every minute: a report that was lost is made good by
the next, and nothing has to be kept. Each is signed as Standard Webhooks; it names desks and their states, no person.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import httpx2
import msgspec
import structlog
from standardwebhooks import Webhook

from hotline.clock import Clock
from hotline.hall.hall import Hall
from hotline.metrics import UPWARD_FAILED

PACE_SECONDS: Final = 1.0
EVERY: Final = timedelta(seconds=60)
"""The picture is sent that often although nothing has changed: silence means that we are away."""
TIMEOUT_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 60.0

log = structlog.get_logger(__name__)


class SeatUpward(msgspec.Struct, frozen=True, kw_only=True):
    """One desk as the province sees it."""

    seat: str
    state: str
    since: datetime
    groups: tuple[str, ...]
    their_call: str = ""
    """The province's own id of the call that the seat is on, if it sent it."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What is reported."""

    hall: str
    at: datetime
    seats: tuple[SeatUpward, ...]


class Upward:
    """Reports one hall's seats to one address."""

    def __init__(
        self,
        hall: Hall,
        url: str,
        secret: str,
        clock: Clock,
        *,
        client: Callable[[], httpx2.AsyncClient] = lambda: httpx2.AsyncClient(timeout=TIMEOUT_SECONDS),
    ) -> None:
        self._hall = hall
        self._url = url
        self._webhook = Webhook(secret)
        self._clock = clock
        self._client = client
        self._told: tuple[SeatUpward, ...] | None = None
        self._told_at: datetime | None = None
        self._count = 0

    def picture(self) -> Picture:
        """The seats now."""
        state = self._hall.state
        theirs: dict[str, str] = {call.id: call.their_id for call in state.calls.values()}
        seats = tuple(
            SeatUpward(
                seat=seat.number,
                state=seat.state,
                since=seat.since,
                groups=seat.groups,
                their_call=theirs.get(seat.call or "", ""),
            )
            for _, seat in sorted(state.seats.items())
        )
        return Picture(hall=state.rules.hall, at=self._clock.now(), seats=seats)

    async def look(self, client: httpx2.AsyncClient) -> bool:
        """Report, if something has changed or a minute has passed. False: nothing due. Raises `httpx2.HTTPError`."""
        now = self.picture()
        fresh = self._told_at is not None and now.at - self._told_at < EVERY
        if fresh and now.seats == self._told:
            return False
        body = msgspec.json.encode(now)
        self._count += 1
        name = f"{now.hall}-{int(now.at.timestamp() * 1000)}-{self._count}"
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.at.timestamp())),
            "webhook-signature": self._webhook.sign(name, now.at, body.decode()),
        }
        answer = await client.post(self._url, content=body, headers=headers, follow_redirects=False)
        answer.raise_for_status()
        self._told, self._told_at = now.seats, now.at
        return True

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """While this process leads, until cancelled. A province that does not answer is tried less and less often."""
        pause, failing = PACE_SECONDS, False
        async with self._client() as client:
            while True:
                if self._hall.leading:
                    try:
                        await self.look(client)
                    except (httpx2.HTTPError, OSError) as error:
                        UPWARD_FAILED.labels(self._hall.rules.hall).inc()
                        if not failing:
                            log.warning("seat states not reported upward", error=type(error).__name__)
                        pause, failing = min(pause * 2, LONGEST_PAUSE_SECONDS), True
                    else:
                        if failing:
                            log.info("seat states are reported upward again")
                        pause, failing = PACE_SECONDS, False
                await sleep(pause)
