"""An application for legal aid from the call to the lawyer, and a harmed minor whose report is recorded."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import Person, window
from tests.console.hall import ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
CARD = "11010519491231002X"


async def choose(person: Person, field: str, label: str) -> None:
    """One of a list."""
    await person.at(field).click()
    await person.page.get_by_role("option", name=label).filter(visible=True).first.click()


@pytest.mark.long
async def test_an_application_from_the_call_to_the_lawyer(browser: Browser, hall: ConsoleHall) -> None:
    """The desk writes what the matter asks for and files; what is lacking comes; the supervisor grants and appoints."""
    board = await hall.client("9001")
    async with window(browser, hall) as lawyer, window(browser, hall) as chief:
        page = lawyer.page
        await lawyer.sign_in("1003")
        await lawyer.sit_down("03")
        await lawyer.answer()
        number = await lawyer.ticket()
        await lawyer.at("field-caller_name").fill("王某")
        await choose(lawyer, "field-special_group", "农民工")
        await choose(lawyer, "field-matter", "法律援助")
        await choose(lawyer, "field-aid_form", "劳动争议调解与仲裁代理")
        await choose(lawyer, "field-aid_by", "本人")
        await lawyer.at("field-aid_place").fill("城东区")
        await lawyer.at("field-facts").fill("被拖欠工资九千六百元。")
        await lawyer.at("field-opinion").fill("符合法律援助条件，已收件。")
        await lawyer.saved()
        await expect(lawyer.at("duty-migrant_care")).to_contain_text("免予核查")
        await expect(lawyer.at("aid-remind")).to_contain_text("法律援助")

        async def stored() -> bool:
            ticket = (await board.get(f"/tickets/{number}")).json()
            return ticket["particulars"] == {"aid_form": "labour", "aid_by": "self", "aid_place": "城东区"}

        await until(stored, 5, "the particulars are saved with the draft")
        await page.reload()
        await lawyer.state("talking")
        await expect(lawyer.at("field-aid_place")).to_have_value("城东区")

        await lawyer.at("aid-file").click()
        await expect(lawyer.at("aid-applicant")).to_have_value("王某")
        await lawyer.at("aid-card").fill("110105194912310021")
        await choose(lawyer, "aid-ground", "支付劳动报酬")
        await lawyer.at("aid-means").get_by_text("免予核查").click()
        await choose(lawyer, "aid-exempt", "进城务工人员")
        for paper in ("form", "identity", "exempt"):
            await lawyer.at(f"aid-has-{paper}").click()
        await lawyer.at("aid-file-go").click()
        await expect(lawyer.at("aid-dialog")).to_contain_text("身份证号有误")
        await lawyer.at("aid-card").fill(CARD)
        assert not await lawyer.barriers()
        await lawyer.at("aid-file-go").click()
        application = lawyer.at("aid-supplement")
        await expect(application).to_contain_text("尚缺：与申请事项有关的案件材料")
        await expect(application).to_contain_text("期限暂停")
        assert not await lawyer.barriers()
        await lawyer.at("field-legal_aid_told").click()
        await lawyer.saved()
        await lawyer.at("ticket-close").click()
        await lawyer.at("no-category-reason").fill("待法律援助机构审查")
        await lawyer.at("close-anyway").click()
        await expect(page.locator(".el-message")).to_contain_text("法律援助申请还没有审查决定")
        await lawyer.at("close-dialog").get_by_role("button", name="返回填写").click()
        await lawyer.at("aid-materials").click()
        await lawyer.at("aid-step-go").click()
        await expect(lawyer.at("aid-review").get_by_test_id("aid-due")).to_have_text(re.compile(r"前作出决定$"))
        await expect(lawyer.at("aid-decide")).to_have_count(0)

        await chief.sign_in("9001")
        await chief.page.goto(f"{hall.base}#/tickets/{number}")
        await chief.at("aid-decide").click()
        await chief.at("aid-refuse").click()
        await expect(chief.at("aid-step-go")).to_be_disabled()
        await chief.at("aid-grant").click()
        await chief.at("aid-step-go").click()
        await expect(chief.at("aid-granted").get_by_test_id("aid-due")).to_have_text(re.compile(r"前指派$"))
        await chief.at("aid-appoint").click()
        await chief.at("aid-lawyer").fill("李律师")
        await chief.at("aid-firm").fill("城东律师事务所")
        assert not await chief.barriers()
        await chief.at("aid-step-go").click()
        await expect(chief.at("aid-appointed")).to_contain_text("城东律师事务所 李律师")
        dues = await hall.fetch("SELECT kind, met FROM deadlines WHERE ticket = $1 AND kind LIKE 'aid%'", number)
        assert {row["kind"]: row["met"] for row in dues} == {"aid_review": True, "aid_appoint": True}
    await hall.leave("03", "1003")
    await board.aclose()


async def test_a_harmed_minor_is_reported_before_the_ticket_ends(browser: Browser, hall: ConsoleHall) -> None:
    """The mark shows the duty, the supervisor sees it open, the record lets the ticket end."""
    desk = await hall.client("1003")
    visit = {
        "channel": "visit",
        "facts": "孩子被打。",
        "opinion": "已告知。",
        "legal_aid_told": True,
        "minor_involved": True,
    }
    number = (await desk.post("/tickets", json=visit)).json()["number"]
    async with window(browser, hall) as lawyer, window(browser, hall) as chief:
        await lawyer.sign_in("1003")
        await lawyer.page.goto(f"{hall.base}#/tickets/{number}")
        await lawyer.at("ticket-close").click()
        await lawyer.at("no-category-reason").fill("无对应类别")
        await lawyer.at("close-anyway").click()
        await expect(lawyer.page.locator(".el-message")).to_contain_text("未成年人保护法第十一条")
        await lawyer.at("field-mark_minor_harm").get_by_text("是", exact=True).click()
        await expect(lawyer.at("duty-minor_report")).to_contain_text("前履行并记录")
        await chief.sign_in("9001")
        await chief.at("nav-tickets").click()
        await expect(chief.at("open-duties")).to_contain_text(number)
        await lawyer.at("record-minor_report").click()
        await choose(lawyer, "duty-receiver", "公安机关")
        await lawyer.at("duty-reference").fill("110-0042")
        assert not await lawyer.barriers()
        await lawyer.at("duty-save").click()
        await expect(lawyer.at("duty-minor_report")).to_contain_text("110-0042")
        await lawyer.at("ticket-close").click()
        await lawyer.at("no-category-reason").fill("无对应类别")
        await lawyer.at("close-anyway").click()
        await expect(lawyer.page.locator(".el-alert")).to_contain_text("工单已办结")
    await desk.aclose()
