"""How a simulated gateway gets its messages across: retries with back-off, faults on demand, and a ledger of it all."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import httpx2

from adapters.gateway_push.simulated_call import Message, SimulatedCall, What, Wire

FINAL_STATUSES = {400, 401, 404, 413, 422}
"""Sending the same bytes again would be answered the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chaos:
    """Faults of the way, as shares of deliveries."""

    duplicate: float = 0.0
    reorder: float = 0.0
    """Held back for up to `reorder_seconds`, so that later deliveries overtake."""
    reorder_seconds: float = 5.0
    delay: float = 0.0
    delay_seconds: float = 30.0
    lose_end: float = 0.0
    """Share of calls whose release is never sent."""
    lose: float = 0.0
    """Share of calls of which nothing is ever sent: the gateway's network was away for longer than it tries."""
    garbage: float = 0.0
    """Share of deliveries accompanied by a body that nobody can read."""


@dataclass(slots=True)
class Summary:
    """What a run did, by the gateway's own count."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    deliveries: int = 0
    acknowledged: int = 0
    lost: int = 0
    """Held back for good by `Chaos.lose_end` or `Chaos.lose`."""
    unacknowledged: int = 0
    attempts: int = 0
    garbage: int = 0
    statuses: Counter[str] = field(default_factory=Counter)


class Ledger:
    """JSON lines, each written out at once so that a reader beside us sees it."""

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("a", encoding="utf-8") if path else None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file:
            self._file.close()

    def write(self, kind: str, **entry: Any) -> None:
        if self._file:
            self._file.write(json.dumps({"kind": kind, **entry}, ensure_ascii=False) + "\n")
            self._file.flush()


class Sender:
    """Delivers one message with retries, and counts."""

    def __init__(self, *, url: str, client: httpx2.AsyncClient, attempts: int, ledger: Ledger) -> None:
        self._url = url
        self._client = client
        self._attempts = attempts
        self.ledger = ledger
        self.summary = Summary()

    async def deliver(self, message: Message, call: str, wire: Wire, chance: Random) -> None:
        first, status, tried = _now(), "", 0
        self.summary.deliveries += 1
        while tried < self._attempts:
            tried += 1
            status = await self._post(message, wire)
            if status.startswith("2") or (status.isdecimal() and int(status) in FINAL_STATUSES):
                break
            await asyncio.sleep(min(5.0, 0.1 * 2**tried) * chance.uniform(0.5, 1.0))
        acknowledged = status.startswith("2")
        self.summary.acknowledged += acknowledged
        self.summary.unacknowledged += not acknowledged
        self.ledger.write(
            "event",
            call=call,
            id=message.id,
            what=message.what,
            sent=first.isoformat(),
            acknowledged=_now().isoformat() if acknowledged else None,
            status=status,
            attempts=tried,
        )

    async def garbage(self, message: Message, wire: Wire, chance: Random) -> None:
        body = message.body[: chance.randrange(len(message.body))] + b"\xff\x00"
        self.summary.garbage += 1
        unsigned = {"content-type": "application/octet-stream"}
        try:
            answer = await self._client.post(self._url, content=body, headers=unsigned)
            self.ledger.write("garbage", status=str(answer.status_code))
        except httpx2.HTTPError as error:
            self.ledger.write("garbage", status=type(error).__name__)

    async def _post(self, message: Message, wire: Wire) -> str:
        self.summary.attempts += 1
        try:
            answer = await self._client.post(self._url, content=message.body, headers=wire.headers(message, _now()))
            status = str(answer.status_code)
        except httpx2.HTTPError as error:
            status = type(error).__name__
        self.summary.statuses[status] += 1
        return status


class Outbox:
    """The deliveries of one call: in order, except where chaos holds one back."""

    def __init__(
        self, call: SimulatedCall, wire: Wire, sender: Sender, chaos: Chaos, chance: Random, told: int = 0
    ) -> None:
        """`told`: how many events of the call have been told before."""
        self._call = call
        self._wire = wire
        self._sender = sender
        self._chaos = chaos
        self._chance = Random(chance.random())
        self._count = told
        self._queue: asyncio.Queue[Message | None] = asyncio.Queue()
        self._loses_end = self._chance.random() < chaos.lose_end
        self._loses_all = chaos.lose > 0 and self._chance.random() < chaos.lose
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Outbox:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._drain(), name=f"{self._call.key}-deliveries")
        return self

    async def __aexit__(self, *error: Any) -> None:
        self._queue.put_nowait(None)
        await self._tasks.__aexit__(*error)

    def tell(self, what: What) -> None:
        """Something happened now."""
        self._count += 1
        for message in self._wire.messages(what, self._call, _now(), self._count):
            ends = what is What.RELEASED and message.what not in ("Cdr", "record")
            if self._loses_all or (ends and self._loses_end):
                self._sender.summary.lost += 1
                self._sender.ledger.write("event", call=self._call.key, id=message.id, what=message.what, lost=True)
                continue
            self._queue.put_nowait(message)

    async def _drain(self) -> None:
        chaos, chance = self._chaos, self._chance
        while (message := await self._queue.get()) is not None:
            held = 0.0
            if chance.random() < chaos.delay:
                held = chaos.delay_seconds * chance.uniform(0.5, 1.0)
            elif chance.random() < chaos.reorder:
                held = chaos.reorder_seconds * chance.random()
            if chance.random() < chaos.garbage:
                self._tasks.create_task(self._sender.garbage(message, self._wire, chance))
            if chance.random() < chaos.duplicate:
                self._tasks.create_task(self._deliver(message, held + chance.random()))
            if held:
                self._tasks.create_task(self._deliver(message, held))
            else:
                await self._deliver(message, 0.0)

    async def _deliver(self, message: Message, after: float) -> None:
        await asyncio.sleep(after)
        await self._sender.deliver(message, self._call.key, self._wire, self._chance)


def _now() -> datetime:
    return datetime.now(UTC)
