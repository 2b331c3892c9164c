"""The service as a process: runtime and web server together, until a signal or a failure ends both."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence

import structlog
import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from hotline.app import create_app
from hotline.runtime import Runtime, open_runtime
from hotline.settings import Settings

log = structlog.get_logger()

GRACE_SECONDS = 5
UNREAD_MILLISECONDS = 10_000
"""A live socket whose other end takes nothing for so long is given up by the kernel (TCP_USER_TIMEOUT, RFC 5482)."""
UNREAD_BYTES = 128 * 1024
"""So much the kernel holds (twice, in fact) for a console that does not read; the rest waits with us, counted."""


class PortInUse(Exception):
    """The port is taken; the message says what to do."""


async def serve(
    settings: Settings,
    *,
    migrate: bool = False,
    unattended: Sequence[str] = (),
    prepare: Callable[[Runtime], Awaitable[None]] | None = None,
    started: Callable[[Runtime], Awaitable[None]] | None = None,
) -> None:
    """Run until SIGINT, SIGTERM or a failure. `prepare` runs before the halls, `started` beside them.

    Raises `PortInUse`, and whatever `open_runtime` raises; each message says what to do.
    """
    listening = _listen(settings.service.host, settings.service.port)
    async with open_runtime(settings, migrate=migrate, unattended=unattended) as runtime:
        if prepare is not None:
            await prepare(runtime)
        server = _Server(
            uvicorn.Config(
                create_app(runtime),
                loop="none",
                http="httptools",
                ws=_LiveSocket,
                ws_per_message_deflate=False,
                ws_max_size=64 * 1024,
                access_log=False,
                log_config=None,
                lifespan="off",
                proxy_headers=settings.service.behind_tls_proxy,
                ssl_certfile=settings.service.tls_certificate,
                ssl_keyfile=settings.service.tls_key,
                timeout_graceful_shutdown=GRACE_SECONDS,
                server_header=False,
            )
        )
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        living = [
            asyncio.create_task(runtime.run(), name="runtime"),
            asyncio.create_task(server.serve(sockets=[listening]), name="web server"),
            asyncio.create_task(_until(stop), name="signals"),
        ]
        if started is not None:
            living.append(asyncio.create_task(_await(started(runtime)), name="started"))
        log.info("服务已启动", address=address(settings))
        _tell_systemd("READY=1")
        try:
            done, _ = await asyncio.wait(living, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _tell_systemd("STOPPING=1")
            for hall in runtime.halls.values():
                hall.hub.close(1012)
            server.should_exit = True
            await asyncio.sleep(0)
            with contextlib.suppress(TimeoutError, asyncio.CancelledError):
                async with asyncio.timeout(GRACE_SECONDS + 1):
                    await asyncio.wait([living[1]])
            for task in living:
                task.cancel()
            await asyncio.gather(*living, return_exceptions=True)
        for task in done:
            task.result()


def address(settings: Settings) -> str:
    """Where the console is opened on this machine."""
    scheme = "https" if settings.service.tls_certificate else "http"
    host = settings.service.host
    return f"{scheme}://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{settings.service.port}/"


class _Server(uvicorn.Server):
    """Signals are ours: the hall is told before the web server stops."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[override]  # the parent's annotation names a private generator type
        yield


class _LiveSocket(WebSocketsSansIOProtocol):
    """A console that stops reading costs little and not for long. Downloads, which a browser may pause, are left be."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The handshake begins."""
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MILLISECONDS)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, UNREAD_BYTES)
        super().connection_made(transport)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise PortInUse(
            f"端口 {host}:{port} 无法使用（{os.strerror(error.errno or 0)}）：可能已有一个服务在运行。"
            "请先停止它，或用 HOTLINE_SERVICE__PORT 指定其他端口。"
        ) from error
    listening.listen(2048)
    listening.setblocking(False)
    return listening


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


async def _await(work: Awaitable[None]) -> None:
    await work


def _tell_systemd(state: str) -> None:
    """`sd_notify(3)`, where systemd started us with `Type=notify`."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)
