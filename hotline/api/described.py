"""What do the documents say that others build upon? `/openapi.json` (OpenAPI 3.1) and `/asyncapi.json` (AsyncAPI 3).

Both are generated from what the server itself uses. Every route names the refusals of its own; those that any route
may give are added here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse

from hotline.api import bridge_callbacks, gateway, network
from hotline.api.deps import COOKIE, SAFE_METHODS
from hotline.api.live_document import document
from hotline.api.problems import SCHEMA, refusals

PREFIX: Final = "/api/v1"
OPEN: Final = frozenset({"signIn", "site"})
"""Operations that need no session."""
UNGUARDED: Final = frozenset({"site"})
INTRODUCTION: Final = """12348 公共法律服务热线的接口。

- 登录后以 Cookie 保持会话；改变内容的请求须带请求头 `X-Console: 1`，并来自本系统的页面。
- 出错时一律返回 `application/problem+json`（RFC 9457），`code` 不会改名。
- 电话号码一律脱敏；完整号码只给正在接听的坐席，或在说明原因后返回并记入审计。
- 列表以 `next_cursor` 翻页，标记不透明；时间为带时差的 ISO 8601，时长以秒计。
- 新建类请求可带 `Idempotency-Key`，24 小时内重发不会重复执行。工单以 `ETag` / `If-Match` 防止互相覆盖。
- 实时推送见 `/asyncapi.json`。
"""

routes = APIRouter(tags=["文档"])


@routes.get("/asyncapi.json", include_in_schema=False)
async def asyncapi(request: Request) -> JSONResponse:
    """The live socket, as AsyncAPI 3."""
    return JSONResponse(document(request.app.title, request.app.version))


def describe(app: FastAPI) -> None:
    """The app's OpenAPI document is made here."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = openapi(app)
        return app.openapi_schema

    app.openapi = made


def openapi(app: FastAPI) -> dict[str, Any]:
    """The document of the app's routes."""
    found = get_openapi(
        title=app.title,
        version=app.version,
        description=INTRODUCTION,
        routes=app.routes,
        tags=[{"name": name} for name in _tags(app)],
    )
    schemas: dict[str, Any] = found.setdefault("components", {}).setdefault("schemas", {})
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = SCHEMA
    found["components"]["securitySchemes"] = {"session": {"type": "apiKey", "in": "cookie", "name": COOKIE}}
    found["paths"][PREFIX + gateway.PATH] = {"post": gateway.OPERATION}
    for path, operation in bridge_callbacks.OPERATIONS.items():
        found["paths"][PREFIX + path] = {"post": operation}
    return found


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses: dict[str, Any] = operation["responses"]
    for response in responses.values():
        if response["description"] == "Successful Response":
            response["description"] = "成功"
    if "HTTPValidationError" in str(responses.get("422", "")):
        del responses["422"]
    if path.startswith(network.PREFIX):
        _add(responses, ["internal", "tls_required", "store_away", "bad_signature", "slow_down", "invalid_input"])
        _add(responses, ["too_large", "bad_json"] if "requestBody" in operation else ["too_large"])
    if not path.startswith(PREFIX):
        return
    operation_id = operation["operationId"]
    sends = method.upper() not in SAFE_METHODS
    _add(responses, ["internal"])
    if operation_id in UNGUARDED:
        return
    _add(responses, ["tls_required", "store_away"])
    if operation.get("parameters") or "requestBody" in operation:
        _add(responses, ["invalid_input"])
    if operation_id not in OPEN:
        operation["security"] = [{"session": []}]
        _add(responses, ["not_signed_in", "must_change_password", "not_allowed"])
    if sends:
        _add(responses, ["cross_site", "too_large", *(["bad_json"] if "requestBody" in operation else [])])
        operation.setdefault("parameters", []).append(
            {
                "name": "X-Console",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "const": "1"},
                "description": "表明请求来自控制台，防止跨站请求",
            }
        )


def _add(responses: dict[str, Any], codes: Iterable[str]) -> None:
    for status, entry in refusals(*codes).items():
        there = responses.setdefault(str(status), entry)
        if there is not entry:
            for kind, content in entry["content"].items():
                examples = there["content"].setdefault(kind, content).setdefault("examples", {})
                examples.update(content["examples"])


def _tags(app: FastAPI) -> list[str]:
    found: dict[str, None] = {}
    for route in app.routes:
        found |= dict.fromkeys(str(tag) for tag in getattr(route, "tags", []))
    return list(found)
