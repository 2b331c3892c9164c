"""Many consoles at once, in this process: each holds its live socket open, answers beats, and sees its calls change."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from time import perf_counter
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect

from hotline.bench.service import Service, Token

CALL: Final = '"event":"call"'
AT_ONCE: Final = 25
"""Consoles that connect at the same time."""


class _Call(msgspec.Struct):
    state: str
    seat: str | None = None


class _Event(msgspec.Struct):
    data: _Call


_decode = msgspec.json.Decoder(_Event).decode
OnCall = Callable[[Token, str, float], None]
"""Whose console saw a call, in which state it is, and when (`perf_counter`)."""


class Consoles:
    """The open ones."""

    def __init__(self) -> None:
        self.closed: list[str] = []
        """Why each one was closed that we did not close."""
        self.messages = 0


@contextlib.asynccontextmanager
async def open_consoles(service: Service, tokens: Sequence[Token], on_call: OnCall | None) -> AsyncIterator[Consoles]:
    """All of them connected and subscribed, each with its snapshot, for as long as the block runs."""
    consoles = Consoles()
    gate = asyncio.Semaphore(AT_ONCE)
    ready = [asyncio.Event() for _ in tokens]
    tasks = [
        asyncio.create_task(_console(service, token, consoles, on_call, gate, there), name="console of the bench")
        for token, there in zip(tokens, ready, strict=True)
    ]
    try:
        async with asyncio.timeout(60):
            for there in ready:
                await there.wait()
        yield consoles
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _console(
    service: Service,
    token: Token,
    consoles: Consoles,
    on_call: OnCall | None,
    gate: asyncio.Semaphore,
    ready: asyncio.Event,
) -> None:
    address = f"ws://127.0.0.1:{service.port}/api/v1/live"
    headers = {"Cookie": token.cookie, "Origin": f"http://127.0.0.1:{service.port}"}
    await gate.acquire()
    async with contextlib.AsyncExitStack() as stack:
        try:
            socket = await stack.enter_async_context(
                connect(
                    address, additional_headers=headers, compression=None, max_queue=None, max_size=None, proxy=None
                )
            )
            topic = "desk" if token.extension else "hall"
            await socket.send(f'{{"type":"subscribe","topics":["{topic}"],"last_seq":null}}')
        finally:
            gate.release()
        try:
            await _read(socket, token, consoles, on_call, ready)
        except Exception as error:
            consoles.closed.append(f"{type(error).__name__}: {error}")
            ready.set()
            raise


async def _read(
    socket: ClientConnection, token: Token, consoles: Consoles, on_call: OnCall | None, ready: asyncio.Event
) -> None:
    async for message in socket:
        now = perf_counter()
        consoles.messages += 1
        assert isinstance(message, str)
        head = message[:64]
        if CALL in head:
            if on_call is not None:
                on_call(token, _decode(message).data.state, now)
        elif '"beat"' in head:
            await socket.send('{"type":"beat"}')
        elif '"snapshot"' in head:
            ready.set()
    raise ConnectionError(f"closed by the service: {socket.close_code}")
