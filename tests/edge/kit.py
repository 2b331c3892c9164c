"""A core that edges connect to, an edge beside a device on a pseudo-terminal, and a network between them to be cut."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from adapters.telephony import AdapterName
from hotline.app import create_app
from hotline.clock import Clock, WallClock
from hotline.edge.run import Box
from hotline.edge.settings import EdgeSettings, lines
from hotline.hall.hall import Hall
from hotline.runtime import Runtime, open_runtime
from hotline.settings import EdgeTable, HallTable, QueueTable, ServiceTable, Settings

BOX = AdapterName("box-1")
EDGE = "town-1"
SECRET = "a-secret-of-the-tests-that-is-long-enough"
GATEWAY_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NUMBER = "13800138000"
SECONDS = 30.0
"""For waiting only."""


async def until(true: Callable[[], object], why: str, seconds: float = SECONDS) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not true():
                await asyncio.sleep(0.01)
    assert true(), why


class Network:
    """A port on this machine that leads to another one; it can be cut, at once or after so many bytes more."""

    def __init__(self, there: int) -> None:
        self._there = there
        self._talks = set[asyncio.Task[None]]()
        self._server: asyncio.Server | None = None
        self.port = 0
        self.open = True
        self.stalled = False
        """Bytes are swallowed, and nobody is told."""
        self._left: int | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        self.open = False
        for talk in self._talks:
            talk.cancel()

    def mend(self) -> None:
        self.open, self.stalled, self._left = True, False, None

    def cut_after(self, count: int) -> None:
        """In the middle of whatever is being said by then."""
        self._left = count

    async def close(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        task.add_done_callback(self._talks.discard)
        try:
            if not self.open:
                return
            with contextlib.suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", self._there)
                try:
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._pass(reader, back, counted=True))
                        both.create_task(self._pass(there, writer, counted=False))
                finally:
                    back.transport.abort()
        except (BaseExceptionGroup, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()

    async def _pass(self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, counted: bool) -> None:
        while data := await source.read(4096):
            if self.stalled:
                continue
            if counted and self._left is not None:
                data, self._left = data[: self._left], self._left - len(data)
                if self._left <= 0:
                    to.write(data)
                    await to.drain()
                    self._left = None
                    raise ConnectionError("cut")
            to.write(data)
            await to.drain()
        raise ConnectionError("over")


def core_settings(
    url: str, state: Path, adapters: Mapping[str, Mapping[str, Any]], secret: Path, edge: str = EDGE
) -> Settings:
    queue = QueueTable(label="人工服务", groups=["all"])
    return Settings(
        halls={"h1": HallTable(label="大厅", default_queue="main", queues={"main": queue})},
        service=ServiceTable(state_dir=state),
        adapters={name: {**table, "edge": edge} for name, table in adapters.items()},
        edges={edge: EdgeTable(secret=f"file:{secret}")},
        database_url=url,  # pyright: ignore[reportArgumentType]
    )


class Core:
    """A core in this process, with its web server."""

    def __init__(self, runtime: Runtime, port: int) -> None:
        self.runtime = runtime
        self.port = port

    @property
    def hall(self) -> Hall:
        return self.runtime.halls["h1"]


@asynccontextmanager
async def core(settings: Settings, port: int = 0, clock: Clock | None = None) -> AsyncIterator[Core]:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    async with open_runtime(settings, clock=clock) as runtime:
        config = uvicorn.Config(
            create_app(runtime),
            loop="none",
            ws=WebSocketsSansIOProtocol,
            ws_max_size=64 * 1024,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext  # pyright: ignore[reportAttributeAccessIssue]
        tasks = [asyncio.create_task(runtime.run()), asyncio.create_task(server.serve(sockets=[listening]))]
        try:
            assert await runtime.halls["h1"].until_led(SECONDS)
            await until(lambda: server.started, "the web server is up")
            yield Core(runtime, listening.getsockname()[1])
        finally:
            server.should_exit = True
            await tasks[1]
            tasks[0].cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def edge_settings(port: int, state: Path, adapters: Mapping[str, Mapping[str, Any]], **more: Any) -> EdgeSettings:
    secret = state.parent / "edge.key"
    secret.write_text(SECRET)
    return EdgeSettings.model_validate(
        {
            "name": EDGE,
            "core": f"ws://127.0.0.1:{port}",
            "secret": f"file:{secret}",
            "state_dir": state,
            "adapters": adapters,
            "push": {"host": "127.0.0.1", "port": 0},
            **more,
        }
    )


@asynccontextmanager
async def edge(settings: EdgeSettings, clock: Clock | None = None, secret: str = SECRET) -> AsyncIterator[Box]:
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    box = Box(settings, lines(settings, Path("edge.toml")), secret, None, clock or WallClock())
    task = asyncio.create_task(box.run())
    try:
        yield box
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def fetch(url: str, query: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def calls_over(url: str, count: int, seconds: float = SECONDS) -> list[tuple[Any, ...]]:
    """Port, masked number, seat, inferred, outcome of the calls that are over, once there are so many."""
    query = (
        "SELECT port, caller_masked, answered_seat, inferred, outcome FROM calls WHERE state = 'ended'"
        " ORDER BY offered_at, key"
    )
    found = list[tuple[Any, ...]]()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while len(found := await fetch(url, query)) < count:
                await asyncio.sleep(0.05)
    assert len(found) >= count, found
    return found
