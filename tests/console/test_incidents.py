"""An emergency by the book, the report of it on paper; what is published; a superior's form filled in."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import window
from tests.console.hall import ConsoleHall
from tests.reports.forms import a_form

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_by_the_book(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as chief:
        await chief.sign_in("9001")
        await chief.at("nav-incidents").click()
        await chief.at("begin").click()
        await chief.at("plan-harm").click()
        assert await chief.barriers() == []
        await chief.at("begin-go").click()
        drawer = chief.at("incident-drawer")
        await expect(drawer).to_be_visible()
        await expect(drawer.get_by_test_id("step-0")).to_contain_text("不挂断")
        await drawer.get_by_test_id("step-0").get_by_role("textbox").fill("一直通话")
        await drawer.get_by_test_id("tick-0").click()
        await expect(drawer.get_by_test_id("step-0")).to_contain_text("一直通话")
        await drawer.get_by_test_id("told-oral").click()
        await expect(drawer.get_by_test_id("told-oral")).to_have_count(0)
        # Not in writing before anything is written; not over before every step is done, or not needed and why.
        await drawer.get_by_test_id("told-written").click()
        await expect(chief.page.get_by_text("请先填写重大事项报告")).to_be_visible()
        await drawer.get_by_test_id("end-incident").click()
        await expect(chief.page.get_by_text("个步骤没有完成")).to_be_visible()
        await drawer.locator("#report-course").fill("来电人称要跳楼，律师持续通话至民警到场。")
        await drawer.get_by_test_id("write-report").click()
        await drawer.get_by_test_id("told-written").click()
        assert await chief.barriers() == []
        steps = await drawer.locator("[data-testid^=tick-]").count()
        for _ in range(steps):
            step = drawer.locator("li:has([data-testid^=tick-])").first
            await step.get_by_role("textbox").fill("不适用")
            await step.get_by_role("button", name="不需要").click()
            await expect(drawer.locator("[data-testid^=tick-]")).to_have_count(steps := steps - 1)
        async with chief.page.context.expect_page() as opened:
            await drawer.get_by_test_id("paper").click()
        paper = await opened.value
        await expect(paper.locator("body")).to_contain_text("律师持续通话至民警到场")
        await expect(paper.locator("body")).to_contain_text("一直通话")
        await paper.close()
        await drawer.get_by_test_id("end-incident").click()
        await expect(drawer.get_by_test_id("end-incident")).to_have_count(0)
        await chief.page.keyboard.press("Escape")
        await expect(chief.at("incidents-table")).to_have_count(0)


async def test_what_is_published_stands_in_the_hall(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as chief, window(browser, hall, size=(1080, 1920)) as kiosk:
        await chief.sign_in("9001")
        await chief.at("nav-openness").click()
        await expect(chief.at("publish")).to_be_disabled()
        await chief.at("complaint-phone").fill("0571-12348000")
        assert await chief.barriers() == []
        await chief.at("publish").click()
        await expect(chief.page.get_by_text("已公开第 1 版")).to_be_visible()
        await kiosk.page.goto(f"{hall.base}/public/services")
        await expect(kiosk.page.locator("body")).to_contain_text("0571-12348000")
        await expect(kiosk.page.locator("body")).to_contain_text("法律援助")
        assert await kiosk.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_superiors_form_is_filled_in(browser: Browser, hall: ConsoleHall, tmp_path: Path) -> None:
    wrong, right = tmp_path / "月报.xlsx", tmp_path / "上报表.xlsx"
    wrong.write_bytes(a_form(A1="{{period}}", C3="{{answer_rat}}"))
    right.write_bytes(a_form(A1="统计期：{{period}}", B1="{{offered}}"))
    async with window(browser, hall) as chief:
        await chief.sign_in("9001")
        await chief.at("nav-reports").click()
        await chief.at("form-file").set_input_files(wrong)
        await expect(chief.at("form-fault")).to_contain_text("C3")
        await chief.at("form-file").set_input_files(right)
        async with chief.page.expect_download() as kept:
            await chief.at("form-上报表").click()
        path = await (await kept.value).path()
        sheet = openpyxl.load_workbook(BytesIO(path.read_bytes())).active
        assert sheet is not None
        assert "统计期：" in str(sheet["A1"].value)
        assert str(sheet["B1"].value).isdigit()
        assert await chief.barriers() == []
