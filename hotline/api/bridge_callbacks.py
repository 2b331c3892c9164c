"""The other side of a bridge (对接桥) pushes its news and its own cases here: verified, durable, then 2xx."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters.bridge import Bridge, NotAdmitted, TakesCases, Undecodable, Unsupported
from hotline.api.gateway import headers_of, read_body
from hotline.api.problems import Problem, problem_of, refusals
from hotline.deadlines.site import book_of
from hotline.hall.events import TicketNumbered
from hotline.hall.hall import Hall
from hotline.hall.inputs import Actor, NumberTicket
from hotline.hall.writer import CommandRefused, NotLeading, Stalled
from hotline.handovers.hearing import hear
from hotline.handovers.incoming import take
from hotline.tickets.matter import Channel

log = structlog.get_logger()

MOST_TOLD: Final = 10
"""So many reasons they are told at once."""


async def receive(request: Request) -> Response:
    """`POST /api/v1/bridges/{name}/callback`"""
    return await _told(request, _receive)


async def receive_case(request: Request) -> Response:
    """`POST /api/v1/bridges/{name}/cases`"""
    return await _told(request, _receive_case)


async def _told(request: Request, work: Callable[[Request, Bridge, str], Awaitable[Response]]) -> Response:
    name = request.path_params["name"]
    try:
        bridges: Mapping[str, tuple[Bridge, str]] = request.app.state.bridges
        if name not in bridges:
            raise Problem("no_such_bridge")
        return await work(request, *bridges[name])
    except Problem as problem:
        log.info("callback refused", bridge=name, code=problem.code)
        return problem.response()


async def _receive(request: Request, bridge: Bridge, hall: str) -> Response:
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
        # Not kept here, so it must stay with them; what was good is durable, and a repeat of it has no effect.
        log.warning("callback not understood", bridge=bridge.name, pieces=len(batch.set_aside))
        raise Problem("bad_events", "；".join(each.reason for each in batch.set_aside[:MOST_TOLD]))
    answer, kind = bridge.reply
    return Response(answer, media_type=kind)


async def _receive_case(request: Request, bridge: Bridge, hall: str) -> Response:
    if not isinstance(bridge, TakesCases):
        raise Problem("bad_events", "这个对接桥不收转入的事项")
    body = await read_body(request, bridge.max_body_bytes)
    state: Any = request.app.state
    now = state.clock.now()
    try:
        case = bridge.read_case(headers_of(request), body, now)
    except NotAdmitted as error:
        raise Problem("bad_signature", str(error)) from error
    except (Undecodable, Unsupported) as error:
        raise Problem("bad_events", str(error)) from error
    async with state.engine.begin() as conn:
        deadlines = await book_of(conn, hall, state.settings.halls[hall].deadlines, now)
        taken = await take(
            conn,
            state.seal,
            deadlines,
            case,
            hall=hall,
            bridge=bridge.name,
            body=body,
            number=lambda: _number(state.halls[hall], bridge.name),
            now=now,
        )
    answer, kind = bridge.case_reply(case, taken.ticket, repeated=taken.repeated)
    return Response(answer, media_type=kind)


async def _number(hall: Hall, bridge: str) -> str:
    """The hall's next ticket number. Raises `Problem`."""
    try:
        decided = await hall.ask(
            NumberTicket(channel=Channel.HOTLINE.value), Actor(account=f"bridge:{bridge}", work_number=bridge)
        )
    except CommandRefused as refused:
        raise problem_of(refused.code) from refused
    except Stalled as stalled:
        raise Problem("hall_stalled") from stalled
    except NotLeading as away:
        raise Problem("hall_away") from away
    return next(event.number for event in decided.events if isinstance(event, TicketNumbered))


PATHS: Final = {"/bridges/{name}/callback": receive, "/bridges/{name}/cases": receive_case}
ROUTES: Final = [Route(f"/api/v1{path}", handler, methods=["POST"]) for path, handler in PATHS.items()]
_PARAMETERS: Final[list[dict[str, Any]]] = [
    {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,31}$"},
        "description": "设置中的对接桥名称",
        "example": "city",
    },
    *(
        {"name": name, "in": "header", "required": False, "schema": {"type": "string"}, "description": words}
        for name, words in (
            ("webhook-id", "推送的标识，重发时不变"),
            ("webhook-timestamp", "Unix 秒，与本机时间相差不超过 300 秒"),
            ("webhook-signature", "v1,base64(HMAC-SHA256(id.timestamp.body))"),
        )
    ),
]


def _operation(
    id: str, summary: str, description: str, example: Mapping[str, Any], reply: Mapping[str, Any], *more: str
) -> dict[str, Any]:
    answered = {"application/json": {"schema": {"type": "object"}, "example": dict(reply)}}
    given = {"application/json": {"schema": {"type": "object"}, "example": dict(example)}}
    refused = refusals("no_such_bridge", "too_large", "bad_signature", "bad_events", "internal", "store_away", *more)
    return {
        "tags": ["移交"],
        "operationId": id,
        "summary": summary,
        "description": description,
        "parameters": _PARAMETERS,
        "requestBody": {"required": True, "content": given},
        "responses": {"200": {"description": "已存好；重复的推送得到同样的答复，不会重复生效", "content": answered}}
        | {str(code): told for code, told in refused.items()},
    }


OPERATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "/bridges/{name}/callback": _operation(
        "receiveBridgeNews",
        "对方回告移交的办理情况",
        "12345、110、省平台等把移交单的办理情况推送到这里。字段、签名和重发规则见对接说明（adapters/bridges/peer.md）；"
        "对方有自己的格式时，由映射文件决定怎样读和怎样答复。落盘之后才答复 2xx。",
        {
            "items": [
                {
                    "id": "7f1c0a52",
                    "type": "accepted",
                    "key": "h1-20261123-000001-city-1",
                    "case_no": "C-1",
                    "at": "2026-11-23T11:02:00+08:00",
                }
            ]
        },
        {"code": "0"},
    ),
    "/bridges/{name}/cases": _operation(
        "receiveBridgeCase",
        "对方转入事项",
        "其他热线把事项转给本厅：立为工单（渠道为其他热线），答复我方工单号；同一标识只立一件。受理、退回、办结由本系统告知对方。",
        {"key": "A-20261123-17", "case_no": "A-17", "facts": "拖欠工资三个月", "caller_number": "13800138000"},
        {"code": "0", "message": "", "data": {"key": "A-20261123-17", "case_no": "h1-20261123-000002"}},
        "hall_stalled",
        "hall_away",
    ),
}
"""What the OpenAPI document says of them, by path."""
