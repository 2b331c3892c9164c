"""What a gateway's vendor reads in the answers: Chinese with what to do, codes that stay; our log keeps the reasons."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from adapters import registry
from adapters.telephony import AdapterName, Delivery, Ingests
from hotline.api.gateway import ROUTES

TOKEN = "0123456789abcdef"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MAPPING = """
format = "json"
time = "%Y-%m-%d %H:%M:%S"
[fields]
call = "id"
at = "at"
[[events]]
when = { "状态" = "来电" }
say = "call.offered"
"""


@pytest.fixture
def gateway(tmp_path: Path) -> httpx2.AsyncClient:
    """The route with a real adapter; what would be made durable is decoded at once."""
    mapping = tmp_path / "my.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    table = {"kind": "gateway-push", "dialect": "mapped", "mapping": mapping, "tokens": ["env:X"]}
    adapter = registry.build("gw-1", table, registry.Site(state_dir=tmp_path, secret=lambda reference: TOKEN))
    assert isinstance(adapter, Ingests)

    async def deliver(name: AdapterName, body: bytes) -> Delivery:
        return adapter.decode(body, NOW)

    app = Starlette(routes=ROUTES)
    app.state.gateways = {
        "gw-1": (adapter, SimpleNamespace(deliver=deliver, lines=SimpleNamespace(not_understood=lambda *told: None)))
    }
    app.state.clock = SimpleNamespace(now=lambda: NOW)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hotline")


async def push(gateway: httpx2.AsyncClient, body: object, token: str = TOKEN) -> tuple[int, dict[str, Any]]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with gateway:
        answer = await gateway.post("/api/v1/gateways/gw-1/events", content=content, headers={"x-hotline-token": token})
    return answer.status_code, answer.json()


async def test_a_wrong_token(gateway: httpx2.AsyncClient) -> None:
    with capture_logs() as said:
        status, told = await push(gateway, b"{}", "wrong")
    assert (status, told["code"], told["detail"]) == (401, "bad_signature", "令牌不对：请核对设置的 tokens")
    assert "令牌" in told["title"]
    assert [each["detail"] for each in said] == ["token_wrong"], "the log keeps the reason as it is"


async def test_what_is_no_json(gateway: httpx2.AsyncClient) -> None:
    status, told = await push(gateway, b'{"id": 1,')
    assert (status, told["code"]) == (400, "bad_events")
    assert told["detail"] == "不是正确的 JSON：这里应为用双引号括起的键名（第 1 行第 10 列）"


async def test_each_event_that_was_refused_or_repaired(gateway: httpx2.AsyncClient) -> None:
    good = {"id": "1", "at": "2026-11-23 09:00:00", "状态": "来电"}
    strange = {**good, "id": "2", "状态": "转接"}
    status, told = await push(gateway, [good, strange, {**good, "id": "3", "at": "2026/11/23 09:00"}])
    assert status == 200
    assert told == {
        "accepted": 2,
        "refused": [{"index": 1, "reason": "映射文件中没有符合的规则（收到 状态 = 转接）：请补一段 [[events]]"}],
        "repaired": [{"index": 2, "reason": "时间格式与映射文件的 time 不符，已按收到的时间登记"}],
    }


async def test_nothing_to_say_is_not_said(gateway: httpx2.AsyncClient) -> None:
    assert await push(gateway, {"id": "1", "at": "2026-11-23 09:00:00", "状态": "来电"}) == (
        200,
        {"accepted": 1, "refused": []},
    )
