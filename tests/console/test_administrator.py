"""The administrator sets up a desk that was not there: from an empty row to a seat that can be taken."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_new_seat(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("9100")
        await person.at("nav-lines").click()
        await person.at("add-seat").click()
        await person.page.locator("#s-number").fill("01")
        await expect(person.page.get_by_text("这个坐席号已经有了")).to_be_visible()
        await expect(person.at("seat-save")).to_be_disabled()
        await person.page.locator("#s-number").fill("31")
        await person.page.locator("#s-ext").fill("8131")
        await person.page.locator("#s-groups").fill("nobody")
        await person.page.keyboard.press("Enter")
        await person.page.keyboard.press("Tab")
        await person.at("seat-save").click()
        await expect(person.at("edit-seat-31")).to_be_visible()
        row = await until(lambda: hall.fetch("SELECT extension, groups FROM seats WHERE number = '31'"), 5, "stored")
        assert (row[0]["extension"], list(row[0]["groups"])) == ("8131", ["nobody"])
