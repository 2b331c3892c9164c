"""The page on which a caller rates by link: `/rate/{code}`, without session, script or cookie.

Looking uses nothing up (telephones fetch links for a preview), sending does. The code is the only key, so it is all
that counts, and it is not guessed: whoever tries wrong codes is soon not heard any more.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final
from urllib.parse import parse_qs

import structlog
from limits import parse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from hotline.api.deps import address_of, is_local, is_secure
from hotline.ratings import codes, links, page
from hotline.ratings.links import LinkState
from hotline.ratings.questions import HIGHEST, LOWEST, Question
from hotline.ratings.scores import SATISFIED_FROM, Scores
from hotline.ratings.service import MAX_COMMENT

_log = structlog.get_logger(__name__)

PACE: Final = parse("120/minute")
"""Per address: many callers share one address of their telephone company."""
WRONG_PACE: Final = parse("20/10minutes")
"""Wrong codes per address; after that nothing from there is heard until the time is over."""
RETRY_AFTER: Final = "600"
BODY_LIMIT: Final = 32 * 1024
"""Bytes: a full comment, percent-encoded, nearly three times over."""
MAX_FIELDS: Final = 16
_HEADERS: Final = {
    "Content-Security-Policy": page.CONTENT_POLICY,
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
_STATUSES: Final = {LinkState.USED: 200, LinkState.EXPIRED: 410, LinkState.WITHDRAWN: 410}
"""Used is what a caller sees who has just rated."""


async def rate(request: Request) -> Response:
    """Shows the form, takes it, or says why not."""
    if not is_secure(request) and not is_local(request):
        return _page(page.notice("请使用安全连接", "请使用以 https 开头的完整链接。"), 403)
    where = network_of(address_of(request))
    pace = request.app.state.pace
    if not pace.take(PACE, "rate", where) or pace.spent(WRONG_PACE, "rate-wrong", where):
        return _page(page.notice("请稍后再试", "访问过于频繁，请十分钟后再打开。"), 429, {"Retry-After": RETRY_AFTER})
    code: str = request.path_params["code"]
    if not codes.is_ours(request.app.state.seal, code):
        return _wrong(request, where)
    try:
        return await (_take(request, code, where) if request.method == "POST" else _show(request, code, where))
    except (DBAPIError, PoolTimeout, OSError) as error:
        _log.warning("rating_page_failed", error=type(error).__name__)
        return _page(page.notice("暂时无法使用", "系统繁忙，请过几分钟再打开这个链接。"), 503, {"Retry-After": "60"})


ROUTES: Final = [Route("/rate/{code}", rate, methods=["GET", "POST"])]


async def _show(request: Request, code: str, where: str) -> Response:
    state = request.app.state
    async with state.engine.connect() as conn:
        found = await links.look_up(conn, state.seal, code, state.clock.now())
    if found.state is LinkState.UNKNOWN:
        return _wrong(request, where)
    if found.day is None:
        return _page(page.told(found.state), _STATUSES[found.state])
    return _page(page.form(found.day))


async def _take(request: Request, code: str, where: str) -> Response:
    state = request.app.state
    filled = await _filled(request)
    if filled is None:
        return _page(page.notice("未能提交", "提交的内容无法识别，请重新打开链接填写。"), 400)
    now = state.clock.now()
    wrong = ""
    if len(filled.comment) > MAX_COMMENT:
        wrong = f"意见最多 {MAX_COMMENT} 个字，请删减后再提交。"
    elif not filled.scores:
        wrong = "请至少选择一项评分后再提交。"
    if not wrong:
        async with state.engine.begin() as conn:
            given = await links.give(
                conn,
                state.seal,
                code,
                scores=Scores.of(filled.scores),
                comment=filled.comment,
                now=now,
                satisfied_from=lambda hall: _satisfied_from(request, hall),
            )
        if given:
            # Loading the next page anew sends nothing again.
            return RedirectResponse(f"/rate/{code}", 303, {"Cache-Control": "no-store"})
    async with state.engine.connect() as conn:
        found = await links.look_up(conn, state.seal, code, now)
    if found.state is LinkState.UNKNOWN:
        return _wrong(request, where)
    if found.day is None:
        return _page(page.told(found.state), _STATUSES[found.state])
    return _page(page.form(found.day, page.Filled(scores=filled.scores, comment=filled.comment, wrong=wrong)), 422)


async def _filled(request: Request) -> page.Filled | None:
    """What was sent; None when it is no form of ours. Scores that do not exist count as not chosen."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT:
            return None
    try:
        fields = parse_qs(body.decode("ascii"), max_num_fields=MAX_FIELDS)
    except ValueError:  # not ASCII, or too many fields
        return None
    scores: dict[Question, int] = {}
    for question in Question:
        sent = fields.get(question.value, [""])[0]
        if len(sent) == 1 and sent.isascii() and sent.isdigit() and LOWEST <= int(sent) <= HIGHEST:
            scores[question] = int(sent)
    return page.Filled(scores=scores, comment=fields.get("comment", [""])[0].replace("\r\n", "\n").strip())


def _wrong(request: Request, where: str) -> Response:
    request.app.state.pace.take(WRONG_PACE, "rate-wrong", where)
    return _page(page.told(LinkState.UNKNOWN), 404)


def _satisfied_from(request: Request, hall: str) -> float:
    table = request.app.state.settings.halls.get(hall)
    return table.ratings.satisfied_from if table is not None else SATISFIED_FROM


def network_of(address: str) -> str:
    """Whose tries are counted together: an address, of IPv6 the customer's whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network(f"{found}/64", strict=False)) if isinstance(found, IPv6Address) else str(found)


def _page(html: str, status: int = 200, headers: dict[str, Any] | None = None) -> Response:
    return HTMLResponse(html, status, {**_HEADERS, **(headers or {})})
