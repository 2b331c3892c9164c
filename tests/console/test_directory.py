"""The directory from nothing: a file with a fault, the same put right, an office, an adviser, the history, the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from hotline.directory.kinds import Thing
from tests.console.browser import AXE, RUN_AXE, Person, window
from tests.console.hall import ConsoleHall, until
from tests.directory.making import OFFICE_HOURS, file, office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

OFFICES = [
    office("XH", 名称="西湖县区中心", 类别="县区中心", 区划代码="330106", 业务="法律咨询、法律援助"),
    office("XH-KX", 名称="凯旋街道站", 上级编码="XH", 区划名称="凯旋街道", 开放时间=OFFICE_HOURS, 业务="法律咨询"),
    office("XH-KX-3", 名称="景芳社区工作室", 类别="村居工作室", 上级编码="XH-KX", 区划代码="330106008003"),
]


async def choose(person: Person, field: str, label: str) -> None:
    """An entry of a list that drops down."""
    await person.page.locator(f"#{field}").click(force=True)  # what is chosen lies over the field
    option = person.page.get_by_role("option", name=label).locator("visible=true").first
    await option.click()


async def page_barriers(browser: Browser, url: str) -> list[str]:
    """What axe finds on a public page, which lets no script in: looked at where that rule is off."""
    context = await browser.new_context(bypass_csp=True, viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    await page.goto(url)
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = [one["id"] for one in await page.evaluate(RUN_AXE)]
    await context.close()
    return found


async def test_from_the_file_to_the_public_page(browser: Browser, hall: ConsoleHall, tmp_path: Path) -> None:
    wrong, right = tmp_path / "错.xlsx", tmp_path / "名录.xlsx"
    wrong.write_bytes(file({Thing.UNIT: [*OFFICES[:2], {**OFFICES[2], "上级编码": "XH-X"}]}))
    right.write_bytes(file({Thing.UNIT: OFFICES}))
    async with window(browser, hall, size=(1920, 1080)) as chief:
        await chief.sign_in("9001")
        await chief.at("nav-directory").click()
        # Nothing is written before it is confirmed, and a wrong row is named with its column.
        await chief.at("directory-import").click()
        await chief.at("directory-load-file").set_input_files(wrong)
        await expect(chief.at("directory-load-table")).to_contain_text("D 上级编码：没有编码为 XH-X 的机构")
        await expect(chief.at("directory-load-go")).to_be_disabled()
        assert await chief.barriers() == []
        await chief.at("directory-load-file").set_input_files(right)
        await expect(chief.at("fate-added")).to_contain_text("3")
        await chief.at("directory-load-go").click()
        await expect(chief.at("directory-load")).to_be_hidden()
        stored = await until(lambda: hall.fetch("SELECT code FROM units ORDER BY code"), 5, "the units are stored")
        assert [row["code"] for row in stored] == ["XH", "XH-KX", "XH-KX-3"]

        # Who handles it for the village, then the office itself.
        await choose(chief, "s-matter", "法律援助")
        await chief.page.get_by_role("textbox", name="区划代码").fill("330106008003")
        await chief.at("serving-go").click()
        await expect(chief.at("offers")).to_contain_text("本县区的县区中心，办理法律援助")
        await chief.at("node-XH").click()
        await expect(chief.at("unit-title")).to_have_text("西湖县区中心")
        await chief.page.get_by_role("textbox", name="按名称、编码、区划查找").fill("凯旋")
        await chief.at("node-XH-KX").click()
        await expect(chief.at("unit-hours")).to_contain_text("周一至周五 09:00-12:00 14:00-17:30")
        await chief.at("unit-edit").click()
        await chief.page.locator("#unit-hours-d6").fill("9:00-1")
        await expect(chief.at("unit-save")).to_be_disabled()
        await chief.page.locator("#unit-hours-d6").fill("9:00-11:30")
        await chief.page.locator("#u-address").fill("凯旋路 100 号")
        assert await chief.barriers() == []
        await chief.at("unit-save").click()
        await expect(chief.at("unit-hours")).to_contain_text("周六 09:00-11:30 需预约")
        await chief.at("person-add").click()
        await chief.page.locator("#p-name").fill("李站长")
        await chief.at("person-public").click()
        await chief.at("person-save").click()
        await expect(chief.at("unit-people")).to_contain_text("李站长")
        assert await chief.barriers() == []

        # An adviser for the village, with two hours in the ledger.
        await chief.at("directory-advisers").click()
        await chief.at("adviser-add").click()
        await chief.page.locator("#a-name").fill("陈律师")
        await choose(chief, "a-villages", "景芳社区工作室")
        await chief.page.keyboard.press("Escape")
        await chief.at("adviser-save").click()
        await expect(chief.at("adviser-dialog")).to_be_hidden()
        await expect(chief.at("advisers-table")).to_contain_text("景芳社区工作室")
        await chief.page.get_by_test_id(re.compile("^ledger-[0-9]+$")).click()
        await chief.at("ledger-add").click()
        await expect(chief.at("ledger-table")).to_contain_text("值班服务")
        assert await chief.barriers() == []
        await chief.page.keyboard.press("Escape")
        await expect(chief.at("advisers-table")).to_contain_text("2 / 4 小时")
        await chief.at("directory-experts").click()
        await expect(chief.at("expert-add")).to_be_visible()
        assert await chief.barriers() == []

        # Who did it, and what it was before.
        await chief.at("directory-history").click()
        await expect(chief.at("changes-table")).to_contain_text("地址 — → 凯旋路 100 号")
        await expect(chief.at("loads")).to_contain_text("新增 3")
        assert await chief.barriers() == []

        # For everybody: no sign-in, no script.
        await chief.page.goto(f"{hall.base}/public/directory?area=330106008")
        await expect(chief.page.get_by_role("heading", name="凯旋街道站")).to_be_visible()
        await expect(chief.page.locator("main")).to_contain_text("李站长")
        assert await page_barriers(browser, chief.page.url) == []


async def test_an_operator_looks_and_changes_nothing(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("1004")
        await person.at("nav-directory").click()
        await expect(person.at("directory-advisers")).to_be_visible()
        for hidden in ("unit-add", "directory-import"):
            await expect(person.at(hidden)).to_have_count(0)
        status, body = await person.ask("/api/v1/directory/import/template")
        assert (status, body["code"]) == (403, "not_allowed")
