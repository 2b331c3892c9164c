"""A web server that comes and goes with a block, on this machine only."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp


@asynccontextmanager
async def listening(app: ASGIApp, port: int = 0, *, certificate: tuple[Path, Path] | None = None) -> AsyncIterator[int]:
    """Serve while the block runs; yields the port. What is still being answered at the end is broken off, as by a
    machine that goes down. `certificate`: files of certificate and key, for TLS."""
    config = uvicorn.Config(
        app, log_config=None, log_level="critical", lifespan="off", server_header=False, access_log=False, ws="none"
    )
    if certificate is not None:
        config.ssl_certfile, config.ssl_keyfile = (str(each) for each in certificate)
    server = _Server(config)
    # The protocol is named, since asyncio sends small answers at once (TCP_NODELAY) only where it is.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
        task = asyncio.create_task(server.serve([bound]), name="simulated receiver")
        try:
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.005)
            yield bound.getsockname()[1]
        finally:
            server.leave()
            await task


class _Server(uvicorn.Server):
    """Without its signal handlers, which are the program's, and gone as soon as it is told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._gone = asyncio.Event()

    def leave(self) -> None:
        """Nobody is served any more."""
        self.should_exit = self.force_exit = True
        self._gone.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """At once."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    async def main_loop(self) -> None:
        """Until told."""
        await self._gone.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield
