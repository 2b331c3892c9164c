"""The peer: the least that distributes calls over ARI. First come, first served, by the seat that was free longest.

Nothing is kept, nothing is shown, nothing survives: StasisStart → seat → originate → answer → bridge; a hang-up frees
the seat. It uses the adapter's own HTTP client, so the difference is what the hall does and not how it speaks.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import orjson
import uvloop
from websockets.asyncio.client import connect

from adapters.asterisk.rest import Rest

HEARD: Final = ("StasisStart", "StasisEnd", "ChannelDestroyed")


class Bare:
    """Callers and seats."""

    def __init__(self, rest: Rest, app: str, extensions: list[str]) -> None:
        self._rest = rest
        self._app = app
        self._free = deque(extensions)
        self._waiting: deque[str] = deque()
        self._callers: dict[str, str] = {}
        """Channel → number."""
        self._legs: dict[str, tuple[str, str]] = {}
        """A seat's leg → caller's channel, extension."""
        self._leg_of: dict[str, str] = {}
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, event: dict[str, Any]) -> None:
        """One event."""
        channel = event["channel"]["id"]
        match event["type"]:
            case "StasisStart" if channel in self._legs:
                self._go(self._join(channel))
            case "StasisStart":
                self._callers[channel] = event["channel"]["caller"]["number"]
                self._waiting.append(channel)
                self._match()
            case "ChannelDestroyed" if channel in self._legs:
                caller, extension = self._legs.pop(channel)
                self._leg_of.pop(caller, None)
                self._free.append(extension)
                self._match()
            case "StasisEnd" if channel in self._callers:
                del self._callers[channel]
                if (leg := self._leg_of.get(channel)) is not None:
                    self._go(self._ask("DELETE", f"channels/{leg}"))
            case _:
                pass

    def _match(self) -> None:
        while self._waiting and self._free:
            caller = self._waiting.popleft()
            if caller in self._callers:
                self._count += 1
                leg, extension = f"leg-{os.getpid()}-{self._count}", self._free.popleft()
                self._legs[leg], self._leg_of[caller] = (caller, extension), leg
                self._go(self._ring(caller, extension, leg))

    async def _ring(self, caller: str, extension: str, leg: str) -> None:
        query = {"endpoint": f"PJSIP/{extension}", "app": self._app, "appArgs": "seat", "timeout": 20}
        marks = {"PJSIP_HEADER(add,X-Hotline-Offer)": self._callers[caller], "CDR_PROP(disable)": "1"}
        await self._rest.call("POST", f"channels/{leg}", {**query, "originator": caller}, {"variables": marks})

    async def _join(self, leg: str) -> None:
        caller, extension = self._legs[leg]
        bridge = f"bridges/bare-{extension}"
        await asyncio.gather(self._ask("POST", f"channels/{quote(caller)}/answer"), self._ask("POST", bridge))
        await self._rest.call("POST", f"{bridge}/addChannel", {"channel": f"{caller},{leg}"})

    async def _ask(self, method: str, path: str) -> None:
        await self._rest.call(method, path)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _run(url: str, app: str, extensions: list[str]) -> None:
    rest = Rest(url, os.environ["BENCH_ARI_USER"], os.environ["BENCH_ARI_PASSWORD"], connections=32)
    address = f"ws{url.removeprefix('http')}/ari/events?app={app}"
    async with connect(
        address, additional_headers={"Authorization": rest.authorization}, compression=None, max_queue=None, proxy=None
    ) as socket:
        await rest.call("PUT", f"applications/{app}/eventFilter", body={"allowed": [{"type": name} for name in HEARD]})
        bare = Bare(rest, app, extensions)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        parent = os.getppid()
        while os.getppid() == parent:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    bare.take(orjson.loads(await socket.recv()))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(sys.argv[1], sys.argv[2], sys.argv[3].split(",")))
