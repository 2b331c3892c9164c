"""A console as the service sees one: signs in, listens, answers every beat, comes back when it is cut off."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


class Console:
    """One browser tab: the session's cookie and a live socket that is kept open."""

    def __init__(self, base: str, client: httpx2.AsyncClient, topics: list[str]) -> None:
        self.base = base
        self.client = client
        self.topics = topics
        self.codes: list[int] = []
        """Why it was cut off, each time."""
        self.snapshots = 0
        self.seats: dict[str, dict[str, Any]] = {}
        self.calls: dict[str, dict[str, Any]] = {}
        self.gaps: list[str] = []
        self._fresh = asyncio.Event()
        self._task = asyncio.create_task(self._live())

    async def subscribed(self, seconds: float) -> None:
        """Wait for a snapshot."""
        async with asyncio.timeout(seconds):
            await self._fresh.wait()

    async def until(self, what: Any, seconds: float) -> None:
        """Wait until the console shows something."""
        end = time.monotonic() + seconds
        while not what(self):
            assert time.monotonic() < end, f"not shown within {seconds} s: {self.seats}"
            await asyncio.sleep(0.02)

    async def move(self, base: str) -> None:
        """Open the same tab at another process's address."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self.base = base
        self.client.base_url = f"{base}/api/v1"
        self._fresh.clear()
        self._task = asyncio.create_task(self._live())

    async def close(self) -> None:
        """Close the tab."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await self.client.aclose()

    async def _live(self) -> None:
        while True:
            try:
                await self._listen()
            except ConnectionClosed as closed:
                self.codes.append(closed.rcvd.code if closed.rcvd is not None else 1006)
            except (OSError, InvalidStatus, TimeoutError, EOFError):
                pass
            except Exception as error:
                # The handshake breaks in many ways when the other end is killed in the middle of it.
                if type(error).__module__.split(".")[0] != "websockets":
                    raise
            self._fresh.clear()
            await asyncio.sleep(0.2)

    async def _listen(self) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self.client.cookies.items())
        headers = {"Cookie": cookie, "Origin": self.base}
        url = f"{self.base.replace('http', 'ws', 1)}/api/v1/live"
        options = {"open_timeout": 10, "close_timeout": 0.5, "ping_interval": None, "max_size": 2**24}
        async with connect(url, additional_headers=headers, **options) as ws:
            async for text in ws:
                message = json.loads(text)
                match message["type"]:
                    case "hello":
                        await ws.send(json.dumps({"type": "subscribe", "topics": self.topics, "last_seq": None}))
                    case "beat":
                        await ws.send('{"type":"beat"}')
                    case "snapshot":
                        self.snapshots += 1
                        self.seats = {seat["number"]: seat for seat in message["data"]["seats"]}
                        self.calls = {call["id"]: call for call in message["data"]["calls"]}
                        self._fresh.set()
                    case "event":
                        self._change(message["event"], message["data"])
                    case _:
                        pass

    def _change(self, event: str, data: Any) -> None:
        if event == "seat":
            self.seats[data["number"]] = data
        elif event == "call":
            if data["state"] == "ended":
                self.calls.pop(data["id"], None)
            else:
                self.calls[data["id"]] = data
