"""Knowledge from the draft to the desk and back, a case from a ticket, one search, a kept view, a list as a file."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
TITLE = "被拖欠工资怎么办"
BODY = "可以向劳动监察大队投诉，也可以申请劳动仲裁。"


@pytest.mark.long
async def test_from_the_draft_to_the_desk_and_back(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall, size=(1920, 1080)) as chief, window(browser, hall) as second:
        # Written by one person …
        await chief.sign_in("9001")
        await chief.at("nav-knowledge").click()
        await chief.at("knowledge-add").click()
        await chief.at("k-title").fill(TITLE)
        await chief.at("k-body").fill(BODY)
        assert await chief.barriers() == []
        await chief.at("knowledge-save").click()
        await expect(chief.at("knowledge-state")).to_have_text("草稿")
        await expect(chief.at("knowledge-review")).to_be_disabled()
        assert await chief.barriers() == []

        # … and reviewed and published by another.
        await second.sign_in("9100")
        await second.at("nav-knowledge").click()
        await second.at("knowledge-tab-drafts").click()
        await second.page.get_by_role("button", name=TITLE).click()
        await second.at("knowledge-review").click()
        await expect(second.at("knowledge-state")).to_have_text("已审核")
        await second.at("knowledge-publish").click()
        await expect(second.at("knowledge-state")).to_have_text("已发布")

    async with window(browser, hall) as lawyer:
        # At the desk, in a call: into the reply with one press, and what is wrong with it is said.
        await lawyer.sign_in("1003")
        await lawyer.sit_down("03")
        await lawyer.answer()
        number = await lawyer.ticket()
        await lawyer.at("shelf-knowledge").click()
        await lawyer.at("at-hand-search").fill("欠工资")
        card = lawyer.page.get_by_test_id(re.compile("^hand-[0-9]+$"))
        await expect(card).to_contain_text(TITLE)
        assert await lawyer.barriers() == []
        await card.get_by_role("button", name="填入“答复意见”").click()
        await expect(lawyer.at("field-opinion")).to_have_value(BODY)
        await card.get_by_role("button", name="有误").click()
        await lawyer.page.get_by_role("dialog").get_by_role("textbox").fill("没有写仲裁时效")
        await lawyer.page.get_by_role("button", name="提交").click()
        told = "SELECT words FROM knowledge_feedback WHERE NOT useful"
        assert (await until(lambda: hall.fetch(told), 5, "the feedback is stored"))[0]["words"] == "没有写仲裁时效"
        await lawyer.saved()
        await lawyer.at("hang-up").first.click()
        await lawyer.state("wrap_up", "busy", "ready", "ringing", "talking")
    await hall.leave("03", "1003")

    async with window(browser, hall, size=(1920, 1080)) as chief:
        # The editor settles it, and writes a second version: the difference is shown.
        await chief.sign_in("9001")
        await chief.at("nav-knowledge").click()
        await chief.at("knowledge-tab-feedback").click()
        await expect(chief.at("feedback-table")).to_contain_text("没有写仲裁时效")
        await chief.page.get_by_test_id(re.compile("^settle-[0-9]+$")).click()
        await chief.page.get_by_role("dialog").get_by_role("textbox").fill("已补充")
        await chief.page.get_by_role("dialog").get_by_role("button", name="处理").click()
        await expect(chief.at("feedback-table")).to_have_count(0)
        await chief.at("knowledge-tab-published").click()
        await chief.page.get_by_role("button", name=TITLE).click()
        await chief.at("knowledge-change").click()
        await chief.at("k-body").fill(f"{BODY}仲裁时效一年。")
        await chief.at("knowledge-save").click()
        await expect(chief.at("knowledge-differences").locator("ins")).to_have_text("仲裁时效一年。")
        assert await chief.barriers() == []
        await chief.page.keyboard.press("Escape")

        # The ticket, closed, becomes a case in which nobody is named.
        closed = (
            "UPDATE tickets SET state = 'closed', facts = '我叫张三丰，电话13800138000' WHERE number = $1 RETURNING 1"
        )
        assert len(await hall.fetch(closed, number)) == 1
        await chief.page.goto(f"{hall.base}#/tickets/{number}")
        await chief.at("make-case").click()
        await expect(chief.at("case-facts").locator("del")).to_have_text(["张三丰", "13800138000"])
        assert await chief.barriers() == []
        await chief.at("case-make").click()
        await expect(chief.at("knowledge-body")).to_contain_text("我叫某丙，电话【电话】")
        await chief.page.keyboard.press("Escape")

        # One search over everything, by the key.
        await chief.page.keyboard.press("Control+k")
        await chief.at("find-text").fill("劳动监察")
        await chief.page.keyboard.press("Enter")
        await expect(chief.at(f"found-ticket-{number}")).to_be_visible()
        await expect(chief.at("find")).to_contain_text(TITLE)
        assert await chief.barriers() == []
        await chief.at(f"found-ticket-{number}").click()
        await expect(chief.at("ticket-panel")).to_have_attribute("data-number", number)


async def test_a_filter_is_kept_and_a_list_leaves_as_a_file(
    browser: Browser, hall: ConsoleHall, tmp_path: Path
) -> None:
    async with window(browser, hall) as chief:
        await chief.sign_in("9001")
        await chief.at("nav-tickets").click()
        await chief.at("filter-state").click()
        await chief.page.get_by_role("option", name="已办结").click()
        await chief.at("saved-views").click()
        await chief.at("view-keep").click()
        await chief.at("view-name").fill("本周已办结")
        assert await chief.barriers() == []
        await chief.at("view-save").click()
        await expect(chief.at("view-dialog")).to_be_hidden()
        await chief.page.reload()
        await chief.at("saved-views").click()
        asked = chief.page.expect_request(re.compile(r"/tickets\?.*state=closed"))
        async with asked:
            await chief.page.get_by_role("button", name="本周已办结", exact=True).click()
        await chief.at("export").click()
        assert await chief.barriers() == []
        await chief.at("export-reason").fill("周例会")
        async with chief.page.expect_download() as begun:
            await chief.at("export-go").click()
        download = await begun.value
        await download.save_as(tmp_path / download.suggested_filename)
        page = openpyxl.load_workbook(tmp_path / download.suggested_filename).worksheets[0]
        assert page.cell(1, 1).value == "工单编号"
        written = await hall.fetch("SELECT reason, data FROM audit WHERE act = 'export' AND object = 'tickets'")
        assert [row["reason"] for row in written] == ["周例会"]


async def test_an_operator_reads_and_writes_nothing(browser: Browser, hall: ConsoleHall) -> None:
    async with window(browser, hall) as person:
        await person.sign_in("1004")
        await person.at("nav-knowledge").click()
        await expect(person.at("knowledge-search")).to_be_visible()
        for hidden in ("knowledge-add", "knowledge-import", "knowledge-tab-drafts"):
            await expect(person.at(hidden)).to_have_count(0)
        assert await person.barriers() == []
        await person.at("nav-tickets").click()
        await expect(person.at("saved-views")).to_be_visible()
        await expect(person.at("export")).to_have_count(0)
