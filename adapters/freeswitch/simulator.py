"""A FreeSWITCH to listen to: its event socket (事件套接字) on a TCP port, calls that come and go, and a ledger (台账)
of what really happened."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from adapters.errors import Misconfigured
from adapters.freeswitch.simulated_calls import SCRIPTS, Ringing, heartbeat, message
from adapters.registry import Rehearsal

DIALECT: Final = "freeswitch"
PASSWORD: Final = "ClueCon"
"""What a FreeSWITCH is delivered with."""
HEARTBEAT_SECONDS: Final = 20.0
BYE: Final = b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
NOTICE: Final = b"Content-Type: text/disconnect-notice\nContent-Length: %d\n\n%s" % (len(BYE), BYE)
SEATS: Final = tuple(str(number) for number in range(8001, 8009))


class EventSocketServer:
    """Speaks to whoever has signed in and subscribed."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._password = password
        self._connected = set[asyncio.StreamWriter]()
        self._heard_by = set[asyncio.StreamWriter]()
        self.heard = asyncio.Event()
        """Somebody has subscribed."""
        self.commands = list[str]()
        """What was asked for, but the password."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        admitted = False
        self._connected.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.write(b"Content-Type: auth/request\n\n")
            while True:
                command = (await reader.readuntil(b"\n\n")).decode("utf-8", "replace").strip()
                if not admitted:
                    admitted = command == f"auth {self._password}"
                    writer.write(_reply("+OK accepted" if admitted else "-ERR invalid"))
                    if not admitted:
                        writer.write(NOTICE)
                        break
                elif command.startswith("event plain "):
                    self.commands.append(command)
                    writer.write(_reply("+OK event listener enabled plain"))
                    self._heard_by.add(writer)
                    self.heard.set()
                else:
                    self.commands.append(command)
                    writer.write(_reply("-ERR command not found"))
        self._connected.discard(writer)
        self._heard_by.discard(writer)
        writer.close()

    def say(self, data: bytes) -> None:
        """Everybody hears it."""
        for each in self._heard_by:
            each.write(data)

    async def close(self) -> None:
        """Says goodbye, and leaves nothing open."""
        self.say(NOTICE)
        for each in list(self._connected):
            with contextlib.suppress(ConnectionError):
                await each.drain()
            each.close()


@asynccontextmanager
async def running(port: int = 0, password: str = PASSWORD) -> AsyncGenerator[tuple[EventSocketServer, int]]:
    """A server and its port for as long as the block runs."""
    said = EventSocketServer(password)
    server = await asyncio.start_server(said.serve, "127.0.0.1", port)
    try:
        yield said, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await said.close()


async def simulate(wanted: Rehearsal) -> None:
    """Be that FreeSWITCH until its calls are over, or until cancelled. The first call comes when somebody listens.
    Raises `KeyError` for another dialect, `Misconfigured` where no TCP port is given."""
    if wanted.dialect != DIALECT:
        raise KeyError(wanted.dialect)
    if wanted.tcp is None:
        raise Misconfigured("FreeSWITCH 只有 TCP 端口：请加上 --tcp 端口号（0 为任选）")
    chance = random.Random(wanted.seed)
    async with running(wanted.tcp) as (server, port):
        wanted.ready(f"socket://127.0.0.1:{port}")
        await server.heard.wait()
        live = set[str]()
        beating = asyncio.create_task(_beat(server, live), name="heartbeat")
        try:
            async with asyncio.TaskGroup() as calls:
                for number in range(wanted.calls):
                    await asyncio.sleep(chance.expovariate(wanted.per_minute / 60))
                    calls.create_task(_play(_call(number, chance, wanted.speed), server, live, wanted))
        finally:
            beating.cancel()
            await asyncio.gather(beating, return_exceptions=True)


async def _beat(server: EventSocketServer, live: set[str]) -> None:
    while True:
        server.say(message(heartbeat(time.time_ns() // 1000, len(live))))
        await asyncio.sleep(HEARTBEAT_SECONDS)


def _call(number: int, chance: random.Random, speed: float) -> Ringing:
    kinds = list(SCRIPTS)
    seat, second = chance.sample(SEATS, 2)
    rings = chance.uniform(1, 5) / speed
    answered = rings + chance.uniform(2, 15) / speed
    return Ringing(
        uuid=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
        number=f"138{chance.randrange(10**8):08}",
        kind=kinds[number] if number < len(kinds) else chance.choice(kinds),
        seat=seat,
        second=second,
        began=time.time_ns() // 1000,
        rings=rings,
        answered=answered,
        over=answered + chance.uniform(10, 120) / speed,
    )


async def _play(call: Ringing, server: EventSocketServer, live: set[str], wanted: Rehearsal) -> None:
    began = asyncio.get_running_loop().time()
    live.add(call.uuid)
    sent = 0
    for at, event in SCRIPTS[call.kind](call):
        await asyncio.sleep(max(0.0, began + at - asyncio.get_running_loop().time()))
        data = message(event)
        server.say(data)
        sent += len(data)
    live.discard(call.uuid)
    wanted.tell({"call": msgspec.to_builtins(call), "bytes": sent})


def _reply(text: str) -> bytes:
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()
