"""A roster from nothing: an old licence keeps a lawyer from the desk, a shift fills a gap, a colleague takes it over.

The operator 1005 (desk 05, never rung) and the supervisor become lawyers here; the other journeys' people are none.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, expect

from hotline.rosters.calendar import SHANGHAI
from tests.console.browser import Person, window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


def today() -> date:
    return datetime.now(SHANGHAI).date()


async def choose(person: Person, field: str, label: str) -> None:
    """An entry of a list that drops down."""
    await person.page.locator(f"#{field}").click(force=True)  # what is chosen lies over the field
    option = person.page.get_by_role("option", name=label).locator("visible=true").first
    await option.click()
    await expect(option).to_be_hidden()


async def put_day(person: Person, field: str, day: date) -> None:
    await person.page.locator(f"#{field}").fill(day.isoformat())
    await person.page.locator(f"#{field}").press("Enter")


async def register(person: Person, name: str, number: str, valid_until: date) -> None:
    """A lawyer's profile for an account that has none."""
    await person.at("lawyer-add").click()
    await choose(person, "l-account", name)
    await choose(person, "l-firm", "示例律师事务所")
    await person.page.locator("#l-number").fill(number)
    await put_day(person, "l-until", valid_until)
    await person.at("lawyer-save").click()
    await expect(person.at("lawyer-dialog")).to_be_hidden()


async def shown(person: Person, day: date) -> Locator:
    """The column of that day in the week, turned to."""
    await expect(person.page.locator("[data-testid^=day-]").first).to_be_visible()  # the week is there
    column = person.at(f"day-{day}")
    if not await column.is_visible():
        await person.at("week-next").click()
    await expect(column).to_be_visible()
    return column


@pytest.mark.long
async def test_from_the_licence_to_the_swap(browser: Browser, hall: ConsoleHall) -> None:
    tomorrow = today() + timedelta(days=1)
    async with window(browser, hall) as chief, window(browser, hall) as lawyer:
        await chief.sign_in("9001")
        await chief.at("nav-rosters").click()
        await chief.at("rosters-people").click()
        await chief.at("firm-add").click()
        await chief.page.get_by_role("dialog").get_by_role("textbox").fill("示例律师事务所")
        await chief.page.keyboard.press("Enter")
        await expect(chief.at("firms")).to_contain_text("示例律师事务所")
        await register(chief, "李文博", "13301201810000001", today() - timedelta(days=1))
        await register(chief, "何班长", "13301201810000002", today() + timedelta(days=400))
        assert await chief.barriers() == []

        # 执业证已过期: no desk.
        await lawyer.sign_in("1005")
        await lawyer.at("sit-down").click()
        await lawyer.at("seat-05").click()
        await lawyer.at("phone-simulated").click()
        await lawyer.at("sit-go").click()
        await expect(lawyer.page.get_by_text("执业证已过期").first).to_be_visible()
        await chief.at("lawyer-1005").click()
        await put_day(chief, "l-until", today() + timedelta(days=400))
        await chief.at("lawyer-save").click()
        await expect(chief.at("lawyer-dialog")).to_be_hidden()
        # Not on the roster: told, and on record.
        await lawyer.at("sit-go").click()
        await expect(lawyer.page.get_by_text("您现在没有排班").first).to_be_visible()
        await expect(lawyer.at("go-busy")).to_be_visible()
        noted = "SELECT object FROM audit WHERE act = 'signed_in_off_roster' AND work_number = '1005'"
        assert [row["object"] for row in await hall.fetch(noted)] == ["seat:05"]

        # Somebody is needed tomorrow: the gap is shown, and a shift closes it.
        await chief.at("rosters-plans").click()
        await chief.at("requirement-add").click()
        for kind in ("周末", "节假日"):
            await chief.at("requirement-0").get_by_text(kind, exact=True).click()
        await chief.at("requirements-save").click()
        await expect(chief.at("requirements-save")).to_be_disabled()
        await chief.at("rosters-week").click()
        await expect(chief.at("gap-count")).to_be_visible()
        await shown(chief, tomorrow)
        await expect(chief.at("roster-gaps")).to_contain_text("09:00–18:00 缺 1 人")
        await chief.at(f"add-{tomorrow}").click()
        await choose(chief, "r-lawyer", "李文博")
        await chief.page.locator("#r-ends").fill("1800")
        assert await chief.barriers() == []
        await chief.at("shift-save").click()
        await expect(chief.at("shift-dialog")).to_be_hidden()
        (row,) = await until(lambda: hall.fetch("SELECT id, lawyer FROM shifts"), 5, "the shift is stored")
        shift = chief.at(f"shift-{row['id']}")
        await expect(shift).to_have_text("李文博")
        assert await chief.barriers() == []

        # The lawyer asks for somebody else; the supervisor agrees as a colleague, and approves.
        await lawyer.at("nav-rosters").click()
        await shown(lawyer, tomorrow)
        await lawyer.at(f"shift-{row['id']}").click()
        await choose(lawyer, "w-who", "何班长")
        await lawyer.at("swap-reason").fill("出庭")
        assert await lawyer.barriers() == []
        await lawyer.at("swap-send").click()
        await expect(lawyer.at("swap-table")).to_contain_text("待对方同意")
        await chief.at("rosters-swaps").click()
        await chief.page.get_by_test_id(re.compile("^agree-")).click()
        await chief.page.get_by_test_id(re.compile("^approve-")).click()
        await chief.page.get_by_role("button", name="确定").click()
        await expect(chief.at("swap-table")).to_contain_text("已批准")
        await chief.at("rosters-week").click()
        await shown(chief, tomorrow)
        await expect(shift).to_contain_text("何班长")
        await shift.click()
        await expect(chief.at("shift-dialog")).to_contain_text("换班")
        await chief.page.keyboard.press("Escape")

        for tab, there in (("calendar", "year-table"), ("settlement", "settlement-formulas")):
            await chief.at(f"rosters-{tab}").click()
            await expect(chief.at(there)).to_be_visible()
            assert await chief.barriers() == []
    await hall.leave("05", "1005")


async def test_an_operator_changes_no_roster(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("1004")
        await person.at("nav-rosters").click()
        await expect(person.at("roster-week")).to_be_visible()
        for hidden in ("rosters-people", "rosters-plans", "rosters-settlement", "shift-create", "roster-import"):
            await expect(person.at(hidden)).to_have_count(0)
        status, body = await person.ask("/api/v1/lawyers")
        assert (status, body["code"]) == (403, "not_allowed")
