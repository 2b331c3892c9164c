"""The network API `/network/v1` (网络平台接口): 12348 法网, WeChat and the app file for citizens, ask and rate.

No session: every request is signed (`hotline.network.platform`), limited, and done once under the platform's own `id`.
Nothing is half done: where the hall cannot write, the answer is 503 and the platform tries again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import msgspec
import structlog
from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.routing import APIRoute
from limits import parse
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.errors import NotAdmitted
from hotline.api.callers import policy_of
from hotline.api.deps import BODY_LIMIT, Hall, address_of, is_local, is_secure
from hotline.api.gateway import headers_of, read_body
from hotline.api.problems import Problem, problem_of, refusals
from hotline.api.schemas.common import Code
from hotline.api.schemas.network import (
    CategoryBody,
    FilingBody,
    Kept,
    NetworkRatingBody,
    OfficeBody,
    ServiceBody,
    ServicesBody,
    StandingBody,
    SupplementBody,
    WithdrawalBody,
    WithdrawnBody,
)
from hotline.audit.trail import Act, record
from hotline.callers.conflicts import Touched, follow_ticket
from hotline.callers.reading import read_entries
from hotline.deadlines.site import book_of
from hotline.directory import reading as directory
from hotline.hall.events import TicketNumbered
from hotline.hall.inputs import NumberTicket
from hotline.hall.writer import CommandRefused, NotLeading, Stalled
from hotline.handling.board import Board, HandlingRefused, Worker
from hotline.metrics import NETWORK_REFUSED
from hotline.network import filing, later
from hotline.network.kinds import APPLICATIONS, FilingKind, Kind
from hotline.network.once import Made, NetworkRefused, once
from hotline.network.platform import Platform
from hotline.network.reading import standing
from hotline.rosters import plans
from hotline.tickets import categories
from hotline.tickets.matter import MATTERS
from hotline.tickets.service import TicketIncomplete

PREFIX: Final = "/network/v1"
MAX_OFFICES: Final = 500
ONCE: Final = ("request_running", "network_id_used", "network_day_full", "hall_away")
"""What every request that changes something may be refused with."""
LATER: Final = (*ONCE, "not_found", "ticket_state")

_log = structlog.get_logger(__name__)


class _Signed(APIRoute):
    """A route that nobody passes who has not signed, or asks too often."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def signed(request: Request) -> Response:
            try:
                request.state.platform = await _admitted(request)
            except Problem as problem:
                NETWORK_REFUSED.labels(problem.code).inc()
                raise
            return await handle(request)

        return signed


async def _admitted(request: Request) -> Platform:
    if not is_secure(request) and not is_local(request):
        raise Problem("tls_required")
    state: Any = request.app.state
    body = await read_body(request, BODY_LIMIT)
    request._body = body  # pyright: ignore[reportPrivateUsage]  # as `Request.body` keeps it: read once, for both of us
    headers = headers_of(request)
    try:
        platform = state.network.admit(request.method, headers[":path"], headers, body, state.clock.now())
    except (NotAdmitted, KeyError) as no:
        _log.info("network request not admitted", why=str(no) if isinstance(no, NotAdmitted) else "unknown platform")
        raise Problem("bad_signature") from None
    if not state.pace.take(parse(f"{platform.per_minute}/minute"), "network", platform.name):
        raise Problem("slow_down", headers={"Retry-After": "60"})
    if request.method == "POST" and not state.halls[platform.hall].leading:
        raise Problem("hall_away")
    return platform


def _who(
    request: Request,
    name: Annotated[str, Header(alias="x-platform", description="平台名称，由 12348 分配", examples=["wechat"])],
    id: Annotated[str, Header(alias="webhook-id", description="这次请求的标识")],
    timestamp: Annotated[str, Header(alias="webhook-timestamp", description="Unix 秒，与本机时间相差不超过 300 秒")],
    signature: Annotated[
        str, Header(alias="webhook-signature", description="v1,base64(HMAC-SHA256(id.timestamp.方法 路径⏎请求体))")
    ],
) -> Platform:
    return request.state.platform


routes = APIRouter(prefix=PREFIX, tags=["网络平台"], route_class=_Signed)
From = Annotated[Platform, Depends(_who)]
Number = Annotated[Code, Path(description="工单编号", examples=["demo-20261121-000001"])]


@routes.post(
    "/filings",
    operation_id="networkFile",
    summary="提交咨询或申请",
    status_code=201,
    response_model=StandingBody,
    responses=refusals(*ONCE, "network_matter", "network_citizen_full", "ticket_incomplete", "hall_stalled"),
)
async def file(body: FilingBody, platform: From, request: Request) -> dict[str, Any]:
    """成为一张渠道为“网络”的工单，期限与来电相同。同一编号（id）重发，得到第一次的答复。"""
    state: Any = request.app.state
    wish, now = body.filing(), state.clock.now()
    policy = policy_of(request, platform.hall)
    touched: Touched = {}
    async with _doing(request) as conn:

        async def work() -> Made:
            if found := filing.faults(wish, platform):
                raise NetworkRefused("ticket_incomplete", faults=found)
            index = await filing.citizen_index(conn, state.seal, platform, wish, now)
            number = await _numbered(state.halls[platform.hall], platform)
            book = await book_of(conn, platform.hall, state.settings.halls[platform.hall].deadlines, now)
            await filing.file(conn, state.seal, platform, book, wish, number=number, now=now)
            touched.update(
                await follow_ticket(conn, state.seal, hall=platform.hall, ticket=number, now=now, policy=policy)
            )
            made = await standing(conn, platform, number, filed=(wish.id, now))
            await _on_record(conn, request, platform, Act.NETWORK_FILED, number)
            return Made(ticket=number, answer=msgspec.to_builtins(made), citizen_index=index)

        answer = await once(conn, platform, Kind.FILING, body.id, body.model_dump(mode="json"), now, work)
        entries = await read_entries(conn, state.seal, platform.hall, touched, now, policy)
    if entries:
        state.on_callers_changed(platform.hall, entries)
    return answer


@routes.get(
    "/filings/{number}",
    operation_id="networkProgress",
    summary="查询进度",
    response_model=StandingBody,
    responses=refusals("not_found"),
)
async def progress(number: Number, platform: From, request: Request, response: Response) -> StandingBody:
    """只能查询本平台提交的事项。"""
    response.headers["Cache-Control"] = "no-store"
    async with _doing(request) as conn:
        return StandingBody.of(await standing(conn, platform, number))


@routes.post(
    "/filings/{number}/supplements",
    operation_id="networkSupplement",
    summary="补充",
    response_model=Kept,
    responses=refusals(*LATER, "network_over", "network_supplements_full"),
)
async def supplement(number: Number, body: SupplementBody, platform: From, request: Request) -> dict[str, Any]:
    """写入工单的办理过程，大厅和承办单位都能看到。"""

    async def work(board: Board) -> dict[str, Any]:
        await later.supplement(board, number, body.text)
        return {"number": number}

    return await _later(request, platform, number, Kind.SUPPLEMENT, body, Act.NETWORK_SUPPLEMENTED, work)


@routes.post(
    "/filings/{number}/withdrawal",
    operation_id="networkWithdraw",
    summary="撤回",
    response_model=WithdrawnBody,
    responses=refusals(*LATER, "network_over", "request_pending", "handover_undecided", "duties_open", "aid_undecided"),
)
async def withdraw(number: Number, body: WithdrawalBody, platform: From, request: Request) -> dict[str, Any]:
    """涉及未成年人、特急或督办的事项，由大厅决定是否终止。"""

    async def work(board: Board) -> dict[str, Any]:
        return {"withdrawn": await later.withdraw(board, number, body.reason)}

    return await _later(request, platform, number, Kind.WITHDRAWAL, body, Act.NETWORK_WITHDRAWN, work)


@routes.post(
    "/filings/{number}/rating",
    operation_id="networkRate",
    summary="评价",
    response_model=Kept,
    responses=refusals(*LATER, "network_not_over", "rating_given"),
)
async def rate(number: Number, body: NetworkRatingBody, platform: From, request: Request) -> dict[str, Any]:
    """答复以后评价一次；不满意的，由班长回访。"""
    state: Any = request.app.state
    scores = body.scores()
    if not scores.given:
        raise Problem("invalid_input", errors=[{"field": "attitude", "message": "至少需要一项评分。"}])
    satisfied_from = state.settings.halls[platform.hall].ratings.satisfied_from

    async def work(board: Board) -> dict[str, Any]:
        given = {"scores": scores, "comment": body.comment, "satisfied_from": satisfied_from}
        await later.rate(board, state.seal, number, **given)
        return {"number": number}

    return await _later(request, platform, number, Kind.RATING, body, Act.NETWORK_RATED, work)


@routes.get("/services", operation_id="networkServices", summary="服务目录", response_model=ServicesBody)
async def services(platform: From, request: Request) -> ServicesBody:
    """本平台可以提交的业务类型、咨询类别及编码、对外公开的机构。"""
    now = request.app.state.clock.now()
    async with _doing(request) as conn:
        tree = await categories.current(conn)
        calendar = await plans.calendar(conn, platform.hall)
        wanted = directory.Wanted(hall=platform.hall, public=True)
        offices, _ = await directory.search(conn, wanted, now=now, kind_of=calendar.kind, limit=MAX_OFFICES)
    return ServicesBody(
        matters=[
            ServiceBody(
                matter=matter.value,
                label=label,
                kinds=[kind.value for kind in FilingKind if kind is FilingKind.CONSULTATION or matter in APPLICATIONS],
            )
            for matter, label in MATTERS.items()
            if matter in platform.matters
        ],
        categories_version=tree.version,
        categories=[CategoryBody.model_validate(each) for each in tree.items],
        offices=[OfficeBody.model_validate(each) for each in offices],
    )


async def _later(
    request: Request,
    platform: Platform,
    number: str,
    kind: Kind,
    body: SupplementBody | WithdrawalBody | NetworkRatingBody,
    act: Act,
    work: Callable[[Board], Coroutine[Any, Any, dict[str, Any]]],
) -> dict[str, Any]:
    """One step on a matter that this platform filed, once under its `id`, on record."""
    state: Any = request.app.state
    now = state.clock.now()
    async with _doing(request) as conn:

        async def step() -> Made:
            await standing(conn, platform, number)  # only what it filed itself
            book = await book_of(conn, platform.hall, state.settings.halls[platform.hall].deadlines, now)
            board = Board(conn, book, hall=platform.hall, worker=Worker(account=platform.account), now=now)
            answer = await work(board)
            await _on_record(conn, request, platform, act, number)
            return Made(ticket=number, answer=answer)

        asked = {"number": number, **body.model_dump(mode="json")}
        return await once(conn, platform, kind, body.id, asked, now, step)


@asynccontextmanager
async def _doing(request: Request) -> AsyncIterator[AsyncConnection]:
    """One transaction; what goes wrong becomes a problem."""
    try:
        async with request.app.state.engine.begin() as conn:
            yield conn
    except NetworkRefused as refused:
        headers = {"Retry-After": "3600"} if refused.code.endswith("_full") else None
        errors = [{"field": field, "message": why} for field, why in refused.faults.items()]
        raise Problem(refused.code, refused.detail, errors=errors, headers=headers) from None
    except HandlingRefused as refused:
        raise problem_of(refused.code, refused.detail) from None
    except TicketIncomplete as incomplete:
        errors = [{"field": fault.field, "message": fault.why} for fault in incomplete.faults]
        raise Problem("ticket_incomplete", errors=errors) from None


async def _numbered(hall: Hall, platform: Platform) -> str:
    try:
        decided = await hall.ask(NumberTicket(channel="network"), platform.actor)
    except CommandRefused as refused:
        raise problem_of(refused.code) from refused
    except Stalled as stalled:
        raise Problem("hall_stalled") from stalled
    except NotLeading as away:
        raise Problem("hall_away") from away
    return next(event.number for event in decided.events if isinstance(event, TicketNumbered))


async def _on_record(conn: AsyncConnection, request: Request, platform: Platform, act: Act, number: str) -> None:
    doer = platform.doer(address_of(request))
    await record(conn, hall=platform.hall, doer=doer, act=act, object=number, at=request.app.state.clock.now())
