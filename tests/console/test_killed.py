"""kill -9 of the service while a lawyer talks and types."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.crash, pytest.mark.asyncio(loop_scope="session")]
BEFORE = "来电人咨询离婚后子女抚养费如何变更。"
MEANWHILE = "对方拒绝协商，"
OFFLINE = "拟向法院起诉。"
SIGNED_IN = "SELECT seq FROM audit WHERE act = 'login' AND work_number = '1004' ORDER BY seq"


async def test_killed_while_talking_and_typing(browser: Browser, hall: ConsoleHall) -> None:
    """The console says so and comes back by itself; call, seat and all typed text are there, without a new sign-in."""
    async with window(browser, hall) as lawyer:
        await lawyer.sign_in("1004")
        await lawyer.sit_down("04")
        call = await lawyer.answer()
        number = await lawyer.ticket()
        facts = lawyer.at("field-facts")
        await facts.fill(BEFORE)
        await lawyer.saved()
        signed_in = await hall.fetch(SIGNED_IN)
        await hall.kill()
        await facts.press("End")
        await lawyer.page.keyboard.type(MEANWHILE)
        await expect(lawyer.at("link-state")).to_have_text(re.compile("重连中|已断开"))
        await expect(lawyer.at("link-banner")).to_contain_text("通话不受影响")
        await expect(lawyer.at("save-state")).to_have_attribute("data-status", "offline")
        await lawyer.page.keyboard.type(OFFLINE)
        await expect(facts).to_have_value(BEFORE + MEANWHILE + OFFLINE)
        await lawyer.state("talking")

        await hall.up()
        await expect(lawyer.at("link-state")).to_have_text(re.compile("已连接"), timeout=25000)
        await expect(lawyer.at("expired")).to_be_hidden()
        await lawyer.state("talking")
        await lawyer.saved(seconds=8)
        await expect(facts).to_have_value(BEFORE + MEANWHILE + OFFLINE)
        (row,) = await hall.fetch("SELECT facts FROM tickets WHERE number = $1", number)
        assert row["facts"] == BEFORE + MEANWHILE + OFFLINE
        stored = await hall.seat("04")
        assert (stored["state"], stored["call"]) == ("talking", call)
        assert await hall.fetch(SIGNED_IN) == signed_in

        await lawyer.at("hang-up").click()
        await lawyer.state("wrap_up")

        async def over() -> bool:
            return (await hall.call(call))["outcome"] == "answered"

        await until(over, 5, "the call is over, and counts as answered")
    await hall.leave("04", "1004")
