"""The other end of a pull: a simulated gateway's own list of calls, served over HTTP as its vendor serves it.

One list, three ways to ask for it; who asks wrongly gets the vendor's own no. What was asked and answered is in the
`asked` ledger. The clock may be wrong (`skew`), tokens may be forgotten (`forget_tokens`), the device may be away
(`away`).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.gateway_push.simulated_call import SimulatedCall

TIME: Final = "%Y-%m-%d %H:%M:%S"

Answering = Callable[[Request, bytes], Response]


@dataclass(slots=True)
class CallList:
    """What the gateway itself has written down, and how it behaves when it is asked."""

    zone: str = "Asia/Shanghai"
    username: str = "admin"
    password: str = "secret"
    serial: str = "3631A2124XXX"
    calls: list[SimulatedCall] = field(default_factory=list)
    skew: timedelta = timedelta(0)
    """The device's clock is so far ahead; its lines bear its own time."""
    local_dates: bool = False
    """The `Date` of answers is local time without a zone, as Dinstar writes it."""
    away: bool = False
    """Every question is answered with 503."""
    asked: list[str] = field(default_factory=list)
    """Each question and the status or code of its answer, in order."""

    def here(self) -> ZoneInfo:
        """The device's time zone."""
        return ZoneInfo(self.zone)

    def stamp(self, at: datetime) -> datetime:
        """That moment by the device's own clock, whole seconds."""
        return (at + self.skew).astimezone(self.here()).replace(microsecond=0)

    def between(self, begun: datetime, until: datetime) -> list[SimulatedCall]:
        """The calls that are over and began between the two, by the device's clock."""
        over = (call for call in self.calls if call.released is not None)
        return [call for call in over if begun <= self.stamp(call.offered) <= until]

    def date(self) -> str:
        """The `Date` header."""
        now = datetime.now(UTC) + self.skew
        if self.local_dates:
            return now.astimezone(self.here()).strftime("%a %b %e %H:%M:%S %Y")
        return format_datetime(now, usegmt=True)


def reading(text: str, listed: CallList) -> datetime:
    """A time as it is asked for, by the device's zone. Raises `ValueError`."""
    return datetime.strptime(text, TIME).replace(tzinfo=listed.here())


@asynccontextmanager
async def served(
    listed: CallList,
    routes: Sequence[tuple[str, str, Answering]],
    *,
    port: int = 0,
    certificate: tuple[Path, Path] | None = None,
) -> AsyncIterator[str]:
    """The list, on this machine; yields the device's address. `certificate`: files of certificate and key, for TLS."""

    def handled(answer: Answering) -> Callable[[Request], Any]:
        async def handle(request: Request) -> Response:
            body = await request.body()
            said = Response(status_code=503) if listed.away else answer(request, body)
            listed.asked.append(f"{request.method} {request.url.path} {said.status_code}")
            said.headers["date"] = listed.date()
            return said

        return handle

    app = Starlette(routes=[Route(path, handled(answer), methods=[method]) for method, path, answer in routes])
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", date_header=False, server_header=False, access_log=False, ws="none"
    )
    if certificate is not None:
        config.ssl_certfile, config.ssl_keyfile = (str(each) for each in certificate)
    server = _Server(config)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", port))
        task = asyncio.create_task(server.serve([listening]), name="simulated list")
        try:
            while not server.started:
                if task.done():
                    task.result()
                await asyncio.sleep(0.005)
            scheme = "https" if certificate is not None else "http"
            yield f"{scheme}://127.0.0.1:{listening.getsockname()[1]}"
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
        """As a device goes that is switched off."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()

    async def main_loop(self) -> None:
        """Until told."""
        await self._gone.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield
