"""The gateway for text messages (短信网关) pushes receipts (状态报告) here: verified, durable, then 2xx."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.errors import NotAdmitted, Undecodable, Unsupported
from hotline.api.gateway import headers_of, read_body
from hotline.api.problems import Problem
from hotline.messages.courier import Courier
from hotline.messages.hearing import hear

log = structlog.get_logger()


async def receive(request: Request) -> Response:
    """`POST /api/v1/sms/{name}/receipts`"""
    try:
        return await _receive(request, request.path_params["name"])
    except Problem as problem:
        log.info("receipts refused", gateway=request.path_params["name"], code=problem.code)
        return problem.response()


async def _receive(request: Request, name: str) -> Response:
    couriers: Mapping[str, Courier] = request.app.state.message_couriers
    found = [(hall, each.gateway) for hall, each in couriers.items() if each.gateway and each.gateway.name == name]
    if not found:
        raise Problem("no_such_sms_gateway")
    ((hall, gateway),) = found
    now = request.app.state.clock.now()
    try:
        body = await read_body(request, gateway.max_body_bytes)
        batch = gateway.read_receipts(headers_of(request), body, now)
    except NotAdmitted as error:
        raise Problem("bad_signature", str(error)) from error
    except (Undecodable, Unsupported) as error:
        raise Problem("bad_events", str(error)) from error
    state: Any = request.app.state
    async with state.engine.begin() as conn:
        await hear(conn, state.seal, hall=hall, gateway=name, receipts=batch.receipts, now=now)
    if batch.set_aside:
        log.warning("receipts not understood", gateway=name, pieces=batch.set_aside)
    return JSONResponse({"code": "0"})


ROUTES: Final = [Route("/api/v1/sms/{name}/receipts", receive, methods=["POST"])]
