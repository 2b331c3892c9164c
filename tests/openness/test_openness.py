"""What the hall publishes (服务公开): edited by supervisors, read by everybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
from sqlalchemy import insert

from hotline.openness.content import DEFAULT, faults
from hotline.openness.figures import FEWEST, months, published
from hotline.people.permissions import Role
from hotline.settings import DueTable
from hotline.store.tables import FOLLOW_UPS, RATINGS
from tests.api.site import Site

CONTENT: dict[str, Any] = {
    "intro": "为您提供<b>免费</b>咨询。",
    "hours": "每天 8:30–21:00",
    "complaint_phone": "0532-12345678",
    "services": [
        {"title": "法律援助", "matter": "legal_aid", "procedure": ["申请"], "materials": ["身份证明"]},
        {"title": "导览", "standard": "随到随办"},
    ],
}


async def page(site: Site, query: str = "?hall=h1", **headers: str) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=site.app, client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(f"/public/services{query}", headers=headers)


def test_what_comes_along_will_do() -> None:
    assert faults(DEFAULT) == {}


async def test_what_a_supervisor_publishes_everybody_reads(site: Site) -> None:
    before = await page(site)
    assert "法律援助申请表" in before.text
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/openness")).json()["version"] == 0
        made = await client.put("/openness", json={"seen": 0, "content": CONTENT})
        assert made.json()["version"] == 1, made.text
        stale = await client.put("/openness", json={"seen": 0, "content": CONTENT})
        assert (stale.status_code, stale.json()["code"]) == (409, "openness_changed")
        wrong = await client.put(
            "/openness", json={"seen": 1, "content": {**CONTENT, "services": [{"title": " ", "matter": "magic"}]}}
        )
        assert wrong.json()["errors"][0]["field"] == "content.services.0"
        (version,) = (await client.get("/openness/versions")).json()
        assert (version["version"], version["by"]) == (1, "h1supervisor")
    after = await page(site, **{"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "&lt;b&gt;免费" in after.text
    assert "0532-12345678" in after.text
    assert "script" not in after.headers["content-security-policy"]
    assert (await page(site, **{"if-none-match": after.headers["etag"]})).status_code == 304
    assert "0532-12345678" not in (await page(site, "?hall=h2")).text
    assert (await page(site, "?hall=nowhere")).status_code == 404
    (line,) = await site.audit()
    assert (line["act"], line["object"]) == ("openness_changed", "openness/1")


async def test_the_standards_are_the_halls_own_deadlines(site: Site) -> None:
    told = (await page(site)).text
    assert "法律援助申请 7 日内审查决定" in told
    assert "承办单位 5 个工作日内办理答复（经批准最长 15 个工作日）" in told
    shorter = DueTable(kind="aid_review", amount=4, unit="workdays", matter="legal_aid")  # pyright: ignore[reportArgumentType]
    deadlines = site.settings.halls["h1"].deadlines.model_copy(update={"rules": [shorter]})
    hall = site.settings.halls["h1"].model_copy(update={"deadlines": deadlines})
    site.app.state.settings = site.settings.model_copy(update={"halls": {**site.settings.halls, "h1": hall}})
    assert "法律援助申请 4 个工作日内审查决定" in (await page(site)).text


async def test_figures_only_of_months_that_are_over_and_of_enough_people(site: Site) -> None:
    now = site.clock.now()
    last_month, before = now - timedelta(days=30), now - timedelta(days=60)
    for at, count in ((last_month, FEWEST), (before, FEWEST - 1), (now, FEWEST + 5)):
        for number in range(count):
            call, _ = await site.call("h1", at=at - timedelta(minutes=number))
            row = {"hall": "h1", "call": call, "ticket": "", "way": "key", "asked_at": at, "at": at, "changed_at": at}
            async with site.engine.begin() as conn:
                await conn.execute(insert(RATINGS).values(**row, attitude=5, satisfied=number > 0))
    _, ticket = await site.call("h1")
    async with site.engine.begin() as conn:
        for number in range(FEWEST + 4):
            said = ("satisfied", "dissatisfied", "not_reached")[min(number // 5, 2)]
            row = {"hall": "h1", "ticket": ticket, "at": last_month, "account": "a", "way": "phone"}
            await conn.execute(insert(FOLLOW_UPS).values(**row, contentment=said))
        (october, september, *_) = await months(conn, "h1", now)
    assert (october.month.month, october.rated, october.satisfied) == (10, 10, 0.9)
    assert (october.asked, october.content) == (10, 0.5)
    assert (september.rated, september.satisfied) == (None, None)
    told = (await page(site)).text
    assert "90.0%" in told
    assert "2026 年 11 月</th>" not in told


def test_one_too_few_is_nothing() -> None:
    assert published(FEWEST - 1, FEWEST - 1) == (None, None)
    assert published(FEWEST, 0) == (FEWEST, 0.0)
