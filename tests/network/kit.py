"""A platform (网络平台) in the tests' hands: signs as vendors do, on the site's clock."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from adapters.bridges.signing import key_of, signed
from hotline.people.permissions import Role
from tests.api.site import NETWORK_SECRET, UNIT, Site

FILING = {
    "id": "fw-1",
    "kind": "consultation",
    "citizen": {"phone": "13900139000", "name": "王女士"},
    "facts": "公司拖欠三个月工资，怎么办？",
}


class PlatformSide:
    """Sends to a site as `name`."""

    def __init__(self, site: Site, name: str = "wechat", secret: str = NETWORK_SECRET) -> None:
        self.site = site
        self.name = name
        self.secret = secret

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx2.Response:
        """The answer; `headers` take the place of those that are signed."""
        content = b"" if body is None else json.dumps(body).encode()
        full = f"/network/v1{path}"
        over = f"{method} {full}\n".encode() + content
        made = signed(key_of(self.secret, "test"), "msg-1", self.site.clock.now(), over)
        given = {"x-platform": self.name, "content-type": "application/json", **made, **headers}
        transport = httpx2.ASGITransport(app=self.site.app, client=("127.0.0.1", 5000))
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, full, content=content, headers=given)

    async def file(self, **changed: Any) -> httpx2.Response:
        """A consultation."""
        return await self.send("POST", "/filings", {**FILING, **changed})

    async def filed(self, **changed: Any) -> str:
        """The number of the ticket."""
        answer = await self.file(**changed)
        assert answer.status_code == 201, answer.text
        return answer.json()["number"]

    async def progress(self, number: str) -> dict[str, Any]:
        """As the platform sees it."""
        answer = await self.send("GET", f"/filings/{number}")
        assert answer.status_code == 200, answer.text
        return answer.json()


async def answer_at_desk(site: Site, number: str) -> None:
    """A supervisor answers it and closes it."""
    async with site.browser(Role.SUPERVISOR) as hall:
        said = {"opinion": "可以申请劳动仲裁。", "no_category_reason": "只问程序"}
        await _on(hall, number, "PUT", "/draft", said)
        await _on(hall, number, "POST", "/close", {})


async def answer_at_unit(site: Site, number: str) -> None:
    """It is dispatched, and the unit replies."""
    async with site.browser(Role.SUPERVISOR) as hall, site.browser(Role.HANDLER) as unit:
        await _on(hall, number, "PUT", "/draft", {"category": "other"})
        await _on(hall, number, "POST", "/dispatch", {"unit": UNIT})
        assert (await unit.post(f"/unit/tickets/{number}/sign", json={})).status_code == 200
        version = (await unit.get(f"/unit/tickets/{number}")).json()["version"]
        said = {"reply": "公司已补发工资。"}
        headers = {"If-Match": f'"{version}"'}
        assert (await unit.post(f"/unit/tickets/{number}/reply", json=said, headers=headers)).status_code == 200
        await _on(hall, number, "POST", "/review", {})


async def _on(client: httpx2.AsyncClient, number: str, method: str, step: str, body: dict[str, Any]) -> None:
    version = (await client.get(f"/tickets/{number}")).json()["version"]
    answer = await client.request(method, f"/tickets/{number}{step}", json=body, headers={"If-Match": f'"{version}"'})
    assert answer.status_code == 200, answer.text
