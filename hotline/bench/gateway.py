"""A gateway at the other end of HTTP: calls that it distributes itself and reports, event by event, signed, in time.

Open loop: callers come by the clock, however slow the answers are. Connections stay open and are many, so that nobody
waits for one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

import orjson

RING_SECONDS: Final = 0.1
TALK_SECONDS: Final = 0.4
CONNECTIONS: Final = 64


class Gateway:
    """Calls to these extensions, one call each at a time."""

    def __init__(self, port: int, adapter: str, secret: str, extensions: list[str], said: Callable[..., None]) -> None:
        self._head = (
            f"POST /api/v1/gateways/{adapter}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            "Content-Type: application/json\r\n"
        )
        self._port = port
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._free = deque(extensions)
        self._said = said
        """Called with (extension, type, `perf_counter`) right before each event is sent."""
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._run = f"{time.time_ns():x}"
        self._number = 0
        self.statuses: Counter[int] = Counter()
        self.answered: list[float] = []
        """Seconds from sending to the 2xx."""
        self.no_seat = 0
        """Callers for whom no extension was free: they were not offered at all."""

    async def connect(self) -> None:
        """Open the connections."""
        for _ in range(CONNECTIONS):
            self._idle.append(await asyncio.open_connection("127.0.0.1", self._port))

    async def close(self) -> None:
        """Close them."""
        for _, writer in self._idle:
            writer.close()

    async def run(self, rate: float, seconds: float) -> None:
        """So many callers a second; returns when the last call is over."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with asyncio.TaskGroup() as calls:
            for number in range(round(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - loop.time()))
                if not self._free:
                    self.no_seat += 1
                    continue
                calls.create_task(self._call(self._free.popleft()))

    async def _call(self, extension: str) -> None:
        self._number += 1
        call = f"{self._run}-{self._number}"
        caller = f"139{self._number % 10**8:08d}"
        await self._post(extension, {"type": "call.offered", "call": call, "caller": caller, "dialled": "12348"})
        await self._post(extension, {"type": "seat.ringing", "call": call, "seat": extension})
        await asyncio.sleep(RING_SECONDS)
        await self._post(extension, {"type": "seat.answered", "call": call, "seat": extension})
        await asyncio.sleep(TALK_SECONDS)
        await self._post(extension, {"type": "call.released", "call": call, "by": "caller"})
        self._free.append(extension)

    async def _post(self, extension: str, event: dict[str, Any]) -> None:
        now = datetime.now(UTC)
        name = f"{event['call']}-{event['type']}"
        body = orjson.dumps({"events": [{"id": name, "at": now.isoformat(), **event}]})
        stamp = str(int(now.timestamp()))
        sign = hmac.new(self._key, f"{name}.{stamp}.".encode() + body, hashlib.sha256).digest()
        head = (
            f"{self._head}webhook-id: {name}\r\nwebhook-timestamp: {stamp}\r\n"
            f"webhook-signature: v1,{base64.b64encode(sign).decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        sent = perf_counter()
        self._said(extension, event["type"], sent)
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        self.answered.append(perf_counter() - sent)
        self.statuses[int(answer[9:12])] += 1
        self._idle.append((reader, writer))
