"""The other end of the wire: a voice modem on a pseudo-terminal or a TCP port, with callers, a desk telephone, and a
ledger (台账) of what really happened on the line."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import random
import tty
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from adapters.modem.prompts import tone
from adapters.modem.simulated_makes import MAKES
from adapters.modem.simulated_modem import SimulatedModem
from adapters.registry import Rehearsal

ZONE: Final = ZoneInfo("Asia/Shanghai")
RING_SECONDS: Final = 5.0
NUMBER_SECONDS: Final = 2.0
"""FSK caller id comes between the first ring and the second."""
RINGS_SECONDS: Final = 10.0
"""So long the receiver stays up although nobody has put the caller through."""
REST_SECONDS: Final = 8.0
"""A line that rings anew sooner would be the same call that rings on."""
LISTENER_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.05
CHUNK_BYTES: Final = 4096
VOICE: Final = tone(440, 1.0)
BUSY: Final = b"\x10b"

__all__ = ["MAKES", "simulate"]


class Happened(msgspec.Struct, kw_only=True):
    """One call in the ledger; seconds since its first ring."""

    number: str
    began: datetime
    answered: float | None = None
    """The modem went off hook."""
    heard_seconds: float = 0.0
    """So much sound the caller was played."""
    lifted: float | None = None
    over: float = 0.0
    given_up: bool = False
    """While it rang."""


class PtyEnd:
    """The modem's end of a pseudo-terminal. Like a real line it does not wait for somebody who does not read."""

    def __init__(self) -> None:
        self._ours, self._theirs = pty.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.name = os.ttyname(self._theirs)
        self._take: Callable[[bytes], None] = lambda data: None
        self._open = True

    def connect(self, take: Callable[[bytes], None]) -> None:
        """From now on bytes from the computer go there."""
        self._take = take
        self.stop(False)

    def write(self, data: bytes) -> None:
        """Bytes to the computer."""
        with contextlib.suppress(OSError):
            os.write(self._ours, data)

    def stop(self, stopped: bool) -> None:
        """Leave bytes from the computer where they are, or take them again."""
        loop = asyncio.get_running_loop()
        if not self._open:
            return
        if stopped:
            loop.remove_reader(self._ours)
        else:
            loop.add_reader(self._ours, self._readable)

    def unplug(self) -> None:
        """Both ends are gone, as when the plug is pulled."""
        if self._open:
            self.stop(True)
            self._open = False
            for each in (self._ours, self._theirs):
                with contextlib.suppress(OSError):
                    os.close(each)

    def _readable(self) -> None:
        try:
            data = os.read(self._ours, CHUNK_BYTES)
        except OSError:
            return
        if data:
            self._take(data)


class TcpEnd(asyncio.Protocol):
    """The same on a TCP port: one computer at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self.take: Callable[[bytes], None] = lambda data: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has called; who was there before is gone."""
        if self._transport is not None:
            self._transport.close()
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes from the computer."""
        self.take(data)

    def write(self, data: bytes) -> None:
        """Bytes to the computer."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def stop(self, stopped: bool) -> None:
        """Leave bytes from the computer where they are, or take them again."""
        if self._transport is None or self._transport.is_closing():
            return
        if stopped:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def close(self) -> None:
        """Let go."""
        if self._transport is not None:
            self._transport.close()


async def simulate(wanted: Rehearsal) -> None:
    """Be that modem until its calls are over, or until cancelled. Raises `KeyError` for a make nobody simulates."""
    chance = random.Random(wanted.seed)
    async with _tty(wanted) if wanted.tcp is None else _tcp(wanted, wanted.tcp) as modem:
        working = asyncio.create_task(modem.run(), name="simulated modem")
        try:
            await _set_up(modem)
            for _ in range(wanted.calls):
                await asyncio.sleep(chance.expovariate(wanted.per_minute / 60))
                wanted.tell({"call": msgspec.to_builtins(await _call(modem, chance, wanted.speed))})
                await asyncio.sleep(max(REST_SECONDS / wanted.speed, 2.5))
        finally:
            working.cancel()


async def _set_up(modem: SimulatedModem) -> None:
    """Nobody rings before somebody listens, for a while."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LISTENER_SECONDS):
            while not modem.shows_callers:
                await asyncio.sleep(LOOK_SECONDS)


async def _call(modem: SimulatedModem, chance: random.Random, speed: float) -> Happened:
    """One caller: rings, is answered or gives up, speaks, presses a key, talks with whoever lifts the receiver."""
    clock = asyncio.get_running_loop().time
    began = clock()
    happened = Happened(number=f"138{chance.randrange(10**8):08}", began=datetime.now(ZONE))
    patience, listens, talks = chance.uniform(20, 60), chance.uniform(8, 30), chance.uniform(10, 60)
    modem.heard.clear()
    modem.said = VOICE
    named = False
    next_ring = 0.0
    while not (modem.off_hook or modem.receiver_up):
        since = clock() - began
        if since >= patience / speed:
            happened.over, happened.given_up = since, True
            return happened
        if since >= next_ring:
            modem.ring()
            next_ring += RING_SECONDS / speed
        if not named and since >= NUMBER_SECONDS / speed:
            modem.show_caller(happened.number, happened.began)
            named = True
        await asyncio.sleep(LOOK_SECONDS)
    happened.answered = clock() - began
    await _while(modem, listens / speed / 2)
    if modem.off_hook:
        await modem.press(chance.choice("1230"))
    await _while(modem, listens / speed / 2)
    if modem.off_hook:
        modem.lift()
        happened.lifted = clock() - began
        await _while(modem, RINGS_SECONDS / speed, until_let_go=True)
    if modem.receiver_up:
        await asyncio.sleep(talks / speed)
        modem.put_down()
    elif modem.off_hook:
        modem.say(BUSY)
        await _while(modem, 5.0)
    happened.over, happened.heard_seconds = clock() - began, round(len(modem.heard) / 16_000, 2)
    return happened


async def _while(modem: SimulatedModem, seconds: float, *, until_let_go: bool = False) -> None:
    """So long, or until the modem has hung up."""
    clock = asyncio.get_running_loop().time
    until = clock() + seconds
    while clock() < until and modem.off_hook:
        await asyncio.sleep(LOOK_SECONDS)
    if until_let_go and modem.off_hook:
        modem.put_down()  # the line was not given to the telephone


@asynccontextmanager
async def _tty(wanted: Rehearsal) -> AsyncGenerator[SimulatedModem]:
    end = PtyEnd()
    modem = SimulatedModem(MAKES[wanted.dialect], end)
    name = Path(end.name)
    if wanted.link is not None:
        if wanted.link.is_symlink():  # what an earlier run that was killed left behind; nothing else is replaced
            wanted.link.unlink()
        wanted.link.symlink_to(name)
        name = wanted.link
    try:
        end.connect(modem.take)
        wanted.ready(str(name))
        yield modem
    finally:
        if wanted.link is not None:
            wanted.link.unlink(missing_ok=True)
        end.unplug()


@asynccontextmanager
async def _tcp(wanted: Rehearsal, port: int) -> AsyncGenerator[SimulatedModem]:
    end = TcpEnd()
    modem = SimulatedModem(MAKES[wanted.dialect], end)
    end.take = modem.take
    server = await asyncio.get_running_loop().create_server(lambda: end, "127.0.0.1", port)
    async with server:
        wanted.ready(f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield modem
        end.close()
