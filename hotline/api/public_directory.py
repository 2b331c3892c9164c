"""The directory for everybody: `/public/directory`, without session, script or cookie.

For the hall's screen (`?screen=1`), a kiosk, a telephone. Everything on it is public anyway; so that nobody who asks
too often takes the database from the desks, answers are few per minute and may be kept for half a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import structlog
from limits import parse
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from hotline.api.deps import address_of, is_local, is_secure, read_cursor, write_cursor
from hotline.api.problems import Problem
from hotline.directory import area as areas
from hotline.directory import hours, page, people, reading
from hotline.directory.hours import standing
from hotline.directory.page import Asked, Shown
from hotline.directory.people import Adviser, Person
from hotline.rosters import plans
from hotline.tickets.matter import Matter
from hotline.tickets.words import MAX_QUERY

_log = structlog.get_logger(__name__)

PACE: Final = parse("120/minute")
"""Per address: the visitors of a hall share one."""
PACE_OF_ALL: Final = parse("1200/minute")
A_PAGE: Final = 20
A_SCREEN: Final = 4
"""As many as a screen of 1920×1080 shows without being turned."""
SCREEN_SECONDS: Final = 20
"""How long a screen shows a page."""
_TOWNSHIP: Final = 9
"""Digits of the smallest areas to choose from: a city has thousands of villages."""
_ADVISER: Final = "村居法律顾问"
_KEPT: Final = "public, max-age=30"
_HEADERS: Final = {"Content-Security-Policy": page.CONTENT_POLICY, "Referrer-Policy": "no-referrer"}


async def show(request: Request) -> Response:
    """The offices that are public, or why they cannot be shown."""
    now = request.app.state.clock.now()
    if not is_secure(request) and not is_local(request):
        return _page(page.notice("请使用安全连接", "请使用以 https 开头的完整地址。", now), 403)
    pace = request.app.state.pace
    if not pace.take(PACE, "directory", address_of(request)) or not pace.take(PACE_OF_ALL, "directory-all"):
        return _page(page.notice("请稍后再试", "访问过于频繁，请过一会儿再打开。", now), 429, {"Retry-After": "60"})
    halls: Mapping[str, Any] = request.app.state.settings.halls
    asked = _asked(request, halls)
    if asked is None:
        return _page(page.notice("没有这个大厅", "请检查地址是否完整。", now), 404)
    title = halls[asked.hall].label
    try:
        async with request.app.state.engine.connect() as conn:
            if request.query_params.get("screen"):
                return await _screen(request, conn, asked, title)
            return await _kiosk(request, conn, asked, title)
    except Problem:  # a cursor that is none of ours
        return _page(page.notice("地址无效", "请从第一页重新打开。", now), 400)
    except (DBAPIError, PoolTimeout, OSError) as error:
        _log.warning("public_directory_failed", error=type(error).__name__)
        return _page(page.notice("暂时无法使用", "系统繁忙，请稍后再打开。", now), 503, {"Retry-After": "60"})


ROUTES: Final = [Route(page.PATH, show, methods=["GET"])]


async def _kiosk(request: Request, conn: AsyncConnection, asked: Asked, title: str) -> Response:
    found, following = await _found(request, conn, asked, A_PAGE)
    places = {code: name for code, name in (await reading.areas(conn, asked.hall)).items() if len(code) <= _TOWNSHIP}
    if asked.area and asked.area not in places:
        places = {**places, asked.area: asked.area}
    now = request.app.state.clock.now()
    return _kept(request, page.kiosk(title, asked, found, places, now, write_cursor(following)), {})


async def _screen(request: Request, conn: AsyncConnection, asked: Asked, title: str) -> Response:
    found, following = await _found(request, conn, asked, A_SCREEN)
    # After the last page comes the first one again.
    query = {"screen": "1", "hall": asked.hall, "area": asked.area, "service": asked.service}
    chosen = {name: value for name, value in query.items() if value}
    if following is not None:
        chosen["cursor"] = write_cursor(following) or ""
    refresh = {"Refresh": f"{SCREEN_SECONDS}; url={page.PATH}?{urlencode(chosen)}"}
    return _kept(request, page.screen(title, found, request.app.state.clock.now()), refresh)


async def _found(
    request: Request, conn: AsyncConnection, asked: Asked, limit: int
) -> tuple[list[Shown], reading.Place | None]:
    calendar = await plans.calendar(conn, asked.hall)
    now = request.app.state.clock.now()
    wanted = reading.Wanted(
        hall=asked.hall,
        area=asked.area or None,
        service=asked.service or None,
        text=asked.text or None,
        open_now=asked.open_now,
        public=True,
    )
    after = read_cursor(asked.cursor, reading.Place)
    found, following = await reading.search(conn, wanted, now=now, kind_of=calendar.kind, limit=limit, after=after)
    named = await people.public_of(conn, asked.hall, [each.code for each in found])
    shown = [
        Shown(
            unit=each,
            standing=standing(each.hours, now, calendar.kind),
            people=[_named(one) for one in named[each.code]],
        )
        for each in found
    ]
    return shown, following


def _named(one: Person | Adviser) -> str:
    post = one.post if isinstance(one, Person) else _ADVISER
    when = " ".join(hours.told(one.hours))
    return "，".join(each for each in (f"{one.name}（{post}）" if post else one.name, when) if each)


def _asked(request: Request, halls: Mapping[str, Any]) -> Asked | None:
    """None: no such hall. What cannot be looked for is left out, so that an old bookmark still shows something."""
    query = request.query_params
    hall = query.get("hall") or next(iter(halls), "")
    if hall not in halls:
        return None
    service = query.get("service", "")
    return Asked(
        hall=hall,
        area=areas.plain(query.get("area", "")) or "",
        service=service if service in set(Matter) else "",
        text=query.get("text", "").strip()[:MAX_QUERY],
        open_now=query.get("open") == "1",
        cursor=query.get("cursor", "")[:300],
    )


def _kept(request: Request, html: str, headers: Mapping[str, str]) -> Response:
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"'
    found = {**headers, "ETag": tag, "Cache-Control": _KEPT}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers={**_HEADERS, **found})
    return _page(html, 200, found)


def _page(html: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(html, status, {"Cache-Control": "no-store", **_HEADERS, **(headers or {})})
