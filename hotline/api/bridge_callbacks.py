"""The other side of a bridge (对接桥) pushes its news here: verified, durable, then 2xx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.bridge import Bridge, NotAdmitted, Undecodable, Unsupported
from hotline.api.gateway import headers_of, read_body
from hotline.api.problems import Problem
from hotline.handovers.hearing import hear

log = structlog.get_logger()


async def receive(request: Request) -> Response:
    """`POST /api/v1/bridges/{name}/callback`"""
    try:
        return await _receive(request, request.path_params["name"])
    except Problem as problem:
        log.info("callback refused", bridge=request.path_params["name"], code=problem.code)
        return problem.response()


async def _receive(request: Request, name: str) -> Response:
    bridges: Mapping[str, tuple[Bridge, str]] = request.app.state.bridges
    if name not in bridges:
        raise Problem("no_such_bridge")
    bridge, hall = bridges[name]
    body = await read_body(request, bridge.max_body_bytes)
    now = request.app.state.clock.now()
    try:
        batch = bridge.read_callback(headers_of(request), body, now)
    except NotAdmitted as error:
        raise Problem("bad_signature", str(error)) from error
    except (Undecodable, Unsupported) as error:
        raise Problem("bad_events", str(error)) from error
    state: Any = request.app.state
    async with state.engine.begin() as conn:
        await hear(conn, state.seal, hall=hall, bridge=bridge.name, news=batch.news, now=now)
    if batch.set_aside:
        log.warning("callback not understood", bridge=name, pieces=len(batch.set_aside))
    answer, kind = bridge.reply
    return Response(answer, media_type=kind)


ROUTES: Final = [Route("/api/v1/bridges/{name}/callback", receive, methods=["POST"])]
