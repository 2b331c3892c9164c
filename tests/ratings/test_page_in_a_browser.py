"""The page behind a link on a telephone's screen: seen, touched and sent with a real browser."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Page, ViewportSize, expect
from sqlalchemy import select

from hotline.people.permissions import Role
from hotline.store.tables import RATINGS
from tests.api.site import Site
from tests.console.browser import AXE, RUN_AXE, chromium

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 740}
SIDEWAYS = "() => document.documentElement.scrollWidth > innerWidth"
SMALL = """() => [...document.querySelectorAll('label.choice, button, textarea')]
  .filter((one) => one.getBoundingClientRect().height < 48).length"""


@contextlib.asynccontextmanager
async def serving(site: Site) -> AsyncIterator[str]:
    """The routes on a real port; its address."""
    server = uvicorn.Server(uvicorn.Config(site.app, port=0, log_config=None, lifespan="off", ws="none"))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await running


async def look(page: Page, wrongs: list[str]) -> None:
    assert not await page.evaluate(SIDEWAYS)
    assert await page.evaluate(SMALL) == 0
    await page.add_script_tag(path=AXE)
    wrongs += [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in await page.evaluate(RUN_AXE)]


async def test_a_caller_rates_with_a_thumb(site: Site, tmp_path: Path) -> None:
    _, ticket = await site.call(operator="acc-somebody")
    async with site.browser(Role.SUPERVISOR) as client:
        path = "/rate/" + (await client.post(f"/tickets/{ticket}/rating-link")).json()["address"].rsplit("/", 1)[1]
    wrongs: list[str] = []
    async with serving(site) as base, chromium(tmp_path) as browser:
        strict = await browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, locale="zh-CN")
        page = await strict.new_page()
        page.on("console", lambda said: wrongs.append(said.text))
        page.on("request", lambda asked: None if asked.url.startswith(base) else wrongs.append(asked.url))
        await page.goto(base + path)
        # The policy lets the style through: a heading without it would be in the browser's own serif black.
        assert (
            await page.locator("button").evaluate("(one) => getComputedStyle(one).backgroundColor")
            == "rgb(20, 80, 140)"
        )
        await page.get_by_role("button", name="提交评价").tap()
        await expect(page.get_by_role("alert")).to_contain_text("请至少选择一项")
        for question, answer in (("服务态度", "非常满意"), ("专业能力", "不满意（2 分）")):
            group = page.get_by_role("group", name=question)
            await group.get_by_text(answer, exact=answer.endswith("）")).first.tap()
        await page.get_by_label("您的意见和建议").fill("讲得很细，就是等得久")
        await page.get_by_role("button", name="提交评价").tap()
        await expect(page.get_by_role("heading")).to_have_text("感谢您的评价")
        await page.reload()
        await expect(page.get_by_role("heading")).to_have_text("感谢您的评价")
        refused = [each for each in wrongs if "422" in each]
        assert (len(refused), wrongs) == (1, refused), "the browser notes the refused try, and nothing else"

        loose = await browser.new_context(viewport=PHONE, is_mobile=True, locale="zh-CN", bypass_csp=True)
        wrongs.clear()
        page = await loose.new_page()
        async with site.browser(Role.SUPERVISOR) as client:
            _, other = await site.call(operator="acc-somebody")
            fresh = (await client.post(f"/tickets/{other}/rating-link")).json()["address"].rsplit("/", 1)[1]
        for each in (f"/rate/{fresh}", path, "/rate/x"):
            await page.goto(base + each)
            await look(page, wrongs)
        assert wrongs == []
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(RATINGS).where(RATINGS.c.ticket == ticket))).one()
    assert (row.attitude, row.efficiency, row.skill, row.satisfied) == (5, None, 2, False)
    assert row.comment_sealed is not None
