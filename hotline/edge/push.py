"""Gateways push to the edge as they would to the core: same path, same signatures, 2xx when it is on disk here.

Nothing is decoded here, so what nobody can read is answered with 2xx too; the core keeps it, and says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.errors import NotAdmitted
from adapters.reasons import in_chinese
from adapters.telephony import Ingests
from hotline.clock import Clock
from hotline.edge.line import Line
from hotline.edge.settings import PushTable
from hotline.settings_words import SettingsWrong
from hotline.store.errors import SpoolFull

log = structlog.get_logger()

PATH: Final = "/api/v1/gateways/{adapter}/events"
AGAIN_SECONDS: Final = 5
KEPT: Final = msgspec.json.encode({"kept": True})


class Push:
    """The web server of an edge."""

    def __init__(self, table: PushTable, lines: Sequence[Line], clock: Clock) -> None:
        """Raises `SettingsWrong` when the port is taken."""
        self._lines: Mapping[str, Line] = {line.name: line for line in lines}
        self._table = table
        self._clock = clock
        self._listening = _listen(table)

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._listening.getsockname()[1]

    async def run(self) -> None:
        """Until cancelled."""
        server = _Server(
            uvicorn.Config(
                Starlette(routes=[Route(PATH, self._receive, methods=["POST"])]),
                loop="none",
                http="httptools",
                ws="none",
                access_log=False,
                log_config=None,
                lifespan="off",
                ssl_certfile=self._table.tls_certificate,
                ssl_keyfile=self._table.tls_key,
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        for line in self._lines.values():
            line.up(f"推送端口 {self.port}")
        serving = asyncio.create_task(server.serve(sockets=[self._listening]), name="push server")
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            with contextlib.suppress(asyncio.CancelledError):
                await serving

    async def _receive(self, request: Request) -> Response:
        line = self._lines.get(request.path_params["adapter"])
        if line is None:
            return _refusal(404, "no_such_adapter", "边缘机没有这条推送线路")
        assert isinstance(line.adapter, Ingests)
        body = await _read(request, line.adapter.max_body_bytes)
        if isinstance(body, Response):
            return body
        now = self._clock.now()
        try:
            line.adapter.admit(_headers(request), body, now)
        except NotAdmitted as error:
            log.info("delivery refused", adapter=line.name, code="bad_signature", detail=str(error))
            return _refusal(401, "bad_signature", in_chinese(str(error)))
        if not body:
            return _refusal(400, "bad_events", "内容为空")
        try:
            await line.pushed(body, now)
        except SpoolFull as full:
            return _refusal(503, "spool_full", str(full), {"Retry-After": str(AGAIN_SECONDS)})
        reply: tuple[bytes, str] | None = getattr(line.adapter, "reply", None)
        if reply is not None:
            return Response(reply[0], media_type=reply[1])
        return Response(KEPT, media_type="application/json")


class _Server(uvicorn.Server):
    """Signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[override]  # the parent's annotation names a private generator type
        yield


async def _read(request: Request, limit: int) -> bytes | Response:
    parts, size = list[bytes](), 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                return _refusal(413, "too_large", "内容过长")
            parts.append(chunk)
    except ClientDisconnect:
        return _refusal(400, "bad_events", "连接中断")
    return b"".join(parts)


def _headers(request: Request) -> dict[str, str]:
    """As at the core: the headers, and two things that are none (`:peer`, `:path`)."""
    headers = {key.lower(): value for key, value in request.headers.items()}
    headers[":peer"] = request.client.host if request.client is not None else ""
    headers[":path"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return headers


def _refusal(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    body = msgspec.json.encode({"status": status, "code": code, "detail": detail})
    return Response(body, status, headers, "application/problem+json")


def _listen(table: PushTable) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in table.host else socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((table.host, table.port))
    except OSError as error:
        listening.close()
        raise SettingsWrong(
            f"[push] port：{table.host}:{table.port} 无法使用（{error.strerror}），可能已被占用"
        ) from error
    listening.listen(256)
    listening.setblocking(False)
    return listening
