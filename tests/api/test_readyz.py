"""`/readyz`: what it says of lines that have a link, and of those that only push."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from adapters.registry import Site, build
from hotline.api import health


class _Answers:
    async def answers(self) -> bool:
        return True


@pytest.mark.parametrize(("up", "leading", "status"), [(True, True, 200), (False, True, 200), (True, False, 503)])
async def test_a_gateway_that_only_pushes_is_not_down(tmp_path: Path, up: bool, leading: bool, status: int) -> None:
    site = Site(state_dir=tmp_path, secret=lambda reference: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    adapters: dict[str, Any] = {
        "sim-1": build("sim-1", {"kind": "simulated"}, site),
        "gw-1": build("gw-1", {"kind": "gateway-push", "secrets": ["env:X"]}, site),
    }
    app = FastAPI()
    app.state.database = _Answers()
    app.state.halls = {
        "h1": SimpleNamespace(leading=leading, state=SimpleNamespace(links={"sim-1": up}), adapters=adapters)
    }
    app.include_router(health.routes)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://hall") as client:
        answer = await client.get("/readyz")
    assert answer.status_code == status
    assert answer.json()["adapters"] == {"sim-1": up, "gw-1": "push"}
