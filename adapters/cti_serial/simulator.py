"""The other end of the wire: a device with lines that ring, on a pseudo-terminal or a TCP port, with a ledger (台账) of
what really happened there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import random
import tty
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from adapters.cti_serial.simulated_calls import LINES, MANY, REST_SECONDS, SCRIPTS, Ringing, Script
from adapters.registry import Rehearsal

ZONE: Final = ZoneInfo("Asia/Shanghai")
DRAIN_SECONDS: Final = 0.5
"""A pseudo-terminal that is closed throws away what nobody has read yet."""
ANSWERED: Final = 0.8
"""So many of the callers are answered."""

Send = Callable[[bytes], Awaitable[None]]


async def simulate(wanted: Rehearsal) -> None:
    """Be that device until its calls are over, or until cancelled. Raises `KeyError` for a dialect nobody simulates."""
    script = SCRIPTS[wanted.dialect]
    chance = random.Random(wanted.seed)
    async with _tcp(wanted) if wanted.tcp is not None else _tty(wanted) as send, asyncio.TaskGroup() as calls:
        free = asyncio.Queue[int]()
        for line in range(1, LINES.get(wanted.dialect, MANY) + 1):
            free.put_nowait(line)

        async def play(line: int) -> None:
            try:
                await _play(_call(line, chance, wanted.speed), script, send, wanted.tell)
                usual, least = REST_SECONDS.get(wanted.dialect, (0.0, 0.0))
                await asyncio.sleep(max(least, usual / wanted.speed))
            finally:
                free.put_nowait(line)

        for _ in range(wanted.calls):
            await asyncio.sleep(chance.expovariate(wanted.per_minute / 60))
            calls.create_task(play(await free.get()))


def _call(line: int, chance: random.Random, speed: float) -> Ringing:
    rang, talked = chance.uniform(3, 25) / speed, chance.uniform(10, 120) / speed
    answered = chance.random() < ANSWERED
    return Ringing(
        line=line,
        number=f"138{chance.randrange(10**8):08}",
        seat=f"80{line:02}",
        began=datetime.now(ZONE),
        answered=rang if answered else None,
        over=rang + (talked if answered else 0),
        speed=speed,
    )


async def _play(
    call: Ringing, script: Callable[[Ringing], Script], send: Send, tell: Callable[[dict[str, object]], None]
) -> None:
    began = asyncio.get_running_loop().time()
    sent = 0
    for at, data in sorted(script(call), key=lambda each: each[0]):
        await asyncio.sleep(began + at - asyncio.get_running_loop().time())
        await send(data)
        sent += len(data)
    await asyncio.sleep(began + call.over - asyncio.get_running_loop().time())
    tell({"call": msgspec.to_builtins(call), "bytes": sent})


@asynccontextmanager
async def _tty(wanted: Rehearsal) -> AsyncGenerator[Send]:
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    os.set_blocking(ours, False)
    name = Path(os.ttyname(theirs))
    if wanted.link is not None:
        if wanted.link.is_symlink():  # what an earlier run that was killed left behind; nothing else is replaced
            wanted.link.unlink()
        wanted.link.symlink_to(name)
        name = wanted.link

    async def send(data: bytes) -> None:
        # Nobody listens: like a real line, it does not wait for anybody.
        with contextlib.suppress(BlockingIOError):
            os.write(ours, data)

    try:
        wanted.ready(str(name))
        yield send
        await asyncio.sleep(DRAIN_SECONDS)
    finally:
        if wanted.link is not None:
            wanted.link.unlink(missing_ok=True)
        os.close(ours)
        os.close(theirs)


@asynccontextmanager
async def _tcp(wanted: Rehearsal) -> AsyncGenerator[Send]:
    listeners = set[asyncio.StreamWriter]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        listeners.add(writer)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1024):
                pass
        listeners.discard(writer)
        writer.close()

    async def send(data: bytes) -> None:
        for each in listeners:
            each.write(data)

    server = await asyncio.start_server(serve, "127.0.0.1", wanted.tcp)
    async with server:
        wanted.ready(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield send
        for each in listeners:
            each.close()
