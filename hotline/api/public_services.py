"""What the hall publishes about its services, for everybody: `/public/services`, without session, script or cookie."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import structlog
from limits import parse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hotline.api.deps import address_of, is_local, is_secure
from hotline.openness import page, store
from hotline.openness.figures import months
from hotline.openness.standards import standards

PACE: Final = parse("120/minute")
"""Per address: the visitors of a hall share one."""
PACE_OF_ALL: Final = parse("1200/minute")
_HEADERS: Final = {"Content-Security-Policy": page.CONTENT_POLICY, "Referrer-Policy": "no-referrer"}

_log = structlog.get_logger(__name__)


async def show(request: Request) -> Response:
    """The page, or why it cannot be shown."""
    now = request.app.state.clock.now()
    if not is_secure(request) and not is_local(request):
        return _page(page.notice("请使用安全连接", "请使用以 https 开头的完整地址。", now), 403)
    pace = request.app.state.pace
    if not pace.take(PACE, "services", address_of(request)) or not pace.take(PACE_OF_ALL, "services-all"):
        return _page(page.notice("请稍后再试", "访问过于频繁，请过一会儿再打开。", now), 429, {"Retry-After": "60"})
    halls: Mapping[str, Any] = request.app.state.settings.halls
    hall = request.query_params.get("hall") or next(iter(halls), "")
    if hall not in halls:
        return _page(page.notice("没有这个大厅", "请检查地址是否完整。", now), 404)
    try:
        async with request.app.state.engine.connect() as conn:
            _, content = await store.current(conn, hall)
            figures = await months(conn, hall, now)
    except (DBAPIError, PoolTimeout, OSError) as error:
        _log.warning("public_services_failed", error=type(error).__name__)
        return _page(page.notice("暂时无法使用", "系统繁忙，请稍后再打开。", now), 503, {"Retry-After": "60"})
    own = halls[hall].deadlines.own_rules()
    promised = {each.matter: standards(each.matter, own) for each in content.services if each.matter}
    html = page.page(halls[hall].label, content, promised, figures, now)
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    kept = {"ETag": tag, "Cache-Control": "public, max-age=300"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**_HEADERS, **kept})
    return _page(html, 200, kept)


ROUTES: Final = [Route(page.PATH, show, methods=["GET"])]


def _page(html: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {"Cache-Control": "no-store", **_HEADERS, **(headers or {})})
