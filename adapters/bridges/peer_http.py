"""The simulated receiver's HTTP side: what is documented for vendors in `peer.md`, and every way to get it wrong."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from adapters.bridges.peer_desk import Desk, Taken
from adapters.bridges.peer_ledger import Case
from adapters.bridges.peer_page import SHANGHAI, page
from adapters.bridges.peer_scenario import Fault

MAX_BODY_BYTES: Final = 1024 * 1024
TOLERANCE_SECONDS: Final = 300
RUBBISH: Final = "<html><body>您的访问已被拦截，请联系网络管理员</body></html>"


class BrokenOff(Response):
    """An answer whose connection is cut in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise more than is sent; the server then closes the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4096")]})
        await send({"type": "http.response.body", "body": b'{"code":', "more_body": True})


def app_of(desk: Desk, secret: str) -> Starlette:
    """The web application. `secret` empty: signatures are not checked."""
    side = _Side(desk, secret)
    return Starlette(
        routes=[
            Route("/handovers", side.take, methods=["POST"]),
            Route("/handovers", side.listed, methods=["GET"]),
            Route("/handovers/{key}", side.asked, methods=["GET"]),
            Route("/news", side.told, methods=["POST"]),
            Route("/figures", side.figures, methods=["POST"]),
            Route("/ping", side.ping, methods=["GET"]),
            Route("/ledger", side.ledger, methods=["GET"]),
            Route("/", side.page, methods=["GET"]),
        ]
    )


class _Side:
    def __init__(self, desk: Desk, secret: str) -> None:
        self._desk = desk
        # The library, not our own signing: each side checks the other.
        self._webhook = Webhook(secret) if secret else None

    async def take(self, request: Request) -> Response:
        body, refused = await self._admitted(request)
        if refused is not None:
            return refused
        try:
            document = json.loads(body)
        except ValueError:
            return _no(400, "BAD_JSON", "内容不是 JSON")
        if not isinstance(document, dict):
            return _no(400, "BAD_JSON", "内容不是对象")
        taken = self._desk.take(document, "http")
        if taken.fault in (Fault.SLOW, Fault.LATE):
            await asyncio.sleep(self._desk.scenario.slow_seconds)
        if taken.fault is Fault.LATE:
            taken = self._desk.open(document, "http", taken.arrival, Fault.LATE)
        answer = self._answer(taken)
        self._desk.said(taken, type(answer).__name__ if isinstance(answer, BrokenOff) else f"HTTP {answer.status_code}")
        return answer

    async def asked(self, request: Request) -> Response:
        _, refused = await self._admitted(request)
        if refused is not None:
            return refused
        found = self._desk.ledger.by_key(request.path_params["key"])
        if not found:
            return _no(404, "NOT_FOUND", "没有这一件")
        return JSONResponse({"code": "0", "message": "", "data": _listed(found[0])})

    async def listed(self, request: Request) -> Response:
        _, refused = await self._admitted(request)
        if refused is not None:
            return refused
        found = self._desk.ledger.cases()
        day = request.query_params.get("day", "")
        local = [each for each in found if _day(each) == day]
        return JSONResponse({"code": "0", "message": "", "data": [_listed(each) for each in local]})

    async def figures(self, request: Request) -> Response:
        body, refused = await self._admitted(request)
        if refused is not None:
            return refused
        document: Mapping[str, Any] = json.loads(body)
        key = str(document.get("key", ""))
        fresh = self._desk.ledger.add_figures(key, document, self._desk.now())
        code = "0" if fresh else "DUPLICATE"
        return JSONResponse({"code": code, "message": "", "data": {"key": key}})

    async def told(self, request: Request) -> Response:
        body, refused = await self._admitted(request)
        if refused is not None:
            return refused
        document: Mapping[str, Any] = json.loads(body)
        (item,) = document["items"]
        id, text = str(item["id"]), str(item.get("text") or "")
        fresh = self._desk.ledger.add_heard(id, str(item["key"]), str(item["type"]), text, self._desk.now())
        return JSONResponse({"code": "0" if fresh else "DUPLICATE", "message": "", "data": {"key": id}})

    async def ping(self, request: Request) -> Response:
        return JSONResponse({"code": "0"}, headers={"date": format_datetime(self._desk.now(), usegmt=True)})

    async def ledger(self, request: Request) -> Response:
        return JSONResponse(self._desk.ledger.everything())

    async def page(self, request: Request) -> Response:
        return HTMLResponse(page(self._desk.ledger.everything()))

    async def _admitted(self, request: Request) -> tuple[bytes, Response | None]:
        body = await request.body()
        if len(body) > MAX_BODY_BYTES:
            return body, _no(413, "TOO_LARGE", "内容太长")
        if self._webhook is None:
            return body, None
        message, stamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        given = request.headers.get("webhook-signature", "")
        if not (message and stamp.isdigit() and given):
            return body, _no(401, "UNSIGNED", "缺少签名")
        at = datetime.fromtimestamp(int(stamp[:12]), UTC)
        if abs((self._desk.now() - at).total_seconds()) > TOLERANCE_SECONDS:
            return body, _no(401, "STALE", "时间戳相差超过 300 秒")
        expected = self._webhook.sign(message, at, body.decode("utf-8", "surrogateescape"))
        if not any(hmac.compare_digest(each.encode(), expected.encode()) for each in given.split(" ")):
            return body, _no(401, "BAD_SIGNATURE", "签名不对")
        return body, None

    def _answer(self, taken: Taken) -> Response:
        match taken.fault:
            case Fault.REFUSE:
                return _no(422, "REFUSED", taken.why)
            case Fault.BUSY:
                return JSONResponse({"code": "BUSY", "message": "繁忙"}, 503, {"retry-after": "1"})
            case Fault.LOSE_ACK | Fault.LOSE_BEFORE:
                return BrokenOff()
            case Fault.RUBBISH | Fault.RUBBISH_BEFORE:
                return HTMLResponse(RUBBISH)
            case Fault.ERROR:
                return Response("Internal Server Error", 500)
            case Fault.UNAUTHORISED:
                return _no(401, "BAD_SIGNATURE", "签名不对（剧本）")
            case Fault.REDIRECT:
                return RedirectResponse("/login", 302)
            case Fault.HUGE:
                return StreamingResponse(_endless(), media_type="application/json")
            case Fault.NO_NUMBER:
                return JSONResponse({"code": "0", "message": "", "data": {"key": taken.key}})
            case Fault.WRONG_CASE:
                case = taken.case.case_no if taken.case is not None else ""
                return JSONResponse({"code": "0", "message": "", "data": {"key": "another", "case_no": case}})
            case Fault.SLOW | Fault.LATE | None:
                return self._yes(taken)

    def _yes(self, taken: Taken) -> Response:
        assert taken.case is not None
        data = {"key": taken.key, "case_no": taken.case.case_no}
        return JSONResponse({"code": "0" if taken.fresh else "DUPLICATE", "message": "", "data": data})


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(512):
        yield b" " * 65_536


def _no(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status)


def _listed(case: Case) -> dict[str, str]:
    return {
        "key": case.key,
        "local_no": case.local_no,
        "case_no": case.case_no,
        "state": case.state,
        "at": case.at,
        "text": "",
    }


def _day(case: Case) -> str:
    return datetime.fromisoformat(case.at).astimezone(SHANGHAI).date().isoformat()
