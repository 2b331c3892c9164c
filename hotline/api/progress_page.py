"""How far is my matter? `/public/progress`: number and code, without session, script or cookie.

A wrong number and a wrong code are told alike. Whoever tries is soon not heard any more: per address, and per ticket
from wherever it comes, since eight digits would not stand a night of trying.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs

import structlog
from limits import parse
from sqlalchemy import Row, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hotline.api.deps import address_of, is_local, is_secure
from hotline.api.rating_page import network_of
from hotline.deadlines.rules import DueKind
from hotline.messages import progress
from hotline.messages import progress_page as page
from hotline.messages.progress_page import Standing
from hotline.store.tables import DEADLINES, TICKET_STEPS, TICKETS, UNITS
from hotline.tickets.ticket import TicketState

_log = structlog.get_logger(__name__)

PACE: Final = parse("60/minute")
"""Per address: many citizens share one address of their telephone company."""
WRONG_PACE: Final = parse("20/10minutes")
"""Wrong tries per address."""
WRONG_OF_TICKET: Final = parse("10/hour")
"""Wrong tries per ticket, whoever tries."""
RETRY_AFTER: Final = "600"
BODY_LIMIT: Final = 2 * 1024
WRONG: Final = "编号或查询码不正确，请核对短信或指引单。"
_HEADERS: Final = {
    "Content-Security-Policy": page.CONTENT_POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


async def ask(request: Request) -> Response:
    """Shows the form, or how far a matter is, or says why not."""
    if not is_secure(request) and not is_local(request):
        return _page(page.notice("请使用安全连接", "请使用以 https 开头的完整地址。"), 403)
    where = network_of(address_of(request))
    pace = request.app.state.pace
    if not pace.take(PACE, "progress", where) or pace.spent(WRONG_PACE, "progress-wrong", where):
        return _too_often()
    if request.method != "POST":
        return _page(page.form())
    typed = await _typed(request)
    if typed is None:
        return _page(page.form(wrong="提交的内容无法识别，请重新填写。"), 400)
    try:
        return await _answer(request, *typed, where)
    except (DBAPIError, PoolTimeout, OSError) as error:
        _log.warning("progress_page_failed", error=type(error).__name__)
        return _page(page.notice("暂时无法查询", "系统繁忙，请过几分钟再查询。"), 503, {"Retry-After": "60"})


ROUTES: Final = [Route(page.PATH, ask, methods=["GET", "POST"])]


async def _answer(request: Request, number: str, typed: str, where: str) -> Response:
    state, pace = request.app.state, request.app.state.pace
    if pace.spent(WRONG_OF_TICKET, "progress-ticket", number.lower()):
        return _too_often()
    code = progress.plain(typed)
    async with state.engine.connect() as conn:
        row = await _ticket(conn, number)
        # Asked for a ticket that is not there as well, so that both take as long.
        right = await progress.opens(conn, state.seal, row.number if row is not None else number, code or "")
        if row is None or not right:
            pace.take(WRONG_PACE, "progress-wrong", where)
            pace.take(WRONG_OF_TICKET, "progress-ticket", number.lower())
            return _page(page.form(number, WRONG), 404)
        return _page(page.found(await _standing(conn, row), state.clock.now()))


async def _ticket(conn: AsyncConnection, number: str) -> Row[Any] | None:
    t = TICKETS.c
    query = select(TICKETS)
    # Halls' names are written large or small; citizens type either.
    spelt = {number, number.lower(), number.upper()}
    return (await conn.execute(query.where(t.number.in_(sorted(spelt))).limit(1))).one_or_none()


async def _standing(conn: AsyncConnection, ticket: Row[Any]) -> Standing:
    s, u, d = TICKET_STEPS.c, UNITS.c, DEADLINES.c
    since = await conn.scalar(select(func.max(s.at)).where(s.ticket == ticket.number, s.state == ticket.state))
    unit = None
    if ticket.unit and not ticket.secrecy:
        query = select(u.name, u.telephone, u.public).where(u.hall == ticket.hall, u.code == ticket.unit)
        unit = (await conn.execute(query)).one_or_none()
    running = select(func.max(d.due_at)).where(
        d.ticket == ticket.number, d.kind == DueKind.REPLY.value, d.done_at.is_(None), d.paused_at.is_(None)
    )
    return Standing(
        number=ticket.number,
        state=TicketState(ticket.state),
        accepted_at=ticket.created_at,
        since=since,
        unit=unit.name if unit is not None else "",
        unit_telephone=unit.telephone if unit is not None and unit.public else "",
        due_at=await conn.scalar(running),
    )


async def _typed(request: Request) -> tuple[str, str] | None:
    """Number and code; None when it is no form of ours."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return None
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=8)
    except ValueError:
        return None
    number, code = (fields.get(name, [""])[0].strip()[:64] for name in ("number", "code"))
    # What the database cannot hold is no number of ours.
    return (number, code) if number and code and number.isprintable() else None


def _too_often() -> Response:
    return _page(page.notice("请稍后再试", "查询过于频繁，请十分钟后再查询。"), 429, {"Retry-After": RETRY_AFTER})


def _page(html: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {**_HEADERS, **(headers or {})})
