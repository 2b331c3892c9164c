"""A lawyer's day at the console, in a real browser against the real service."""

from __future__ import annotations

import re
import time

import pytest
from playwright.async_api import Browser, expect

from tests.console.browser import window
from tests.console.hall import GRACE_SECONDS, ConsoleHall, until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]
FACTS = "来电人在某物业公司任保洁员，未签书面合同，被拖欠工资九千六百元。"
OPINION = "可先向劳动监察大队投诉，也可在一年内申请劳动仲裁。"
NUMBER = re.compile(r"^1\d{2} \d{4} \d{4}$")
MASKED = re.compile(r"^1\d{2} \*{4} \d{4}$")
COMPOSING = """() => {
  const key = new KeyboardEvent('keydown', {key: 'F2', isComposing: true, bubbles: true, cancelable: true});
  document.body.dispatchEvent(key);
  return key.defaultPrevented;
}"""


async def test_a_call_from_ring_to_ticket(browser: Browser, hall: ConsoleHall) -> None:
    """Sign in, sit down, ring, answer, write, reload, hang up, wrap up; then find call, recording and ticket."""
    board = await hall.client("9001")
    async with window(browser, hall) as lawyer:
        page = lawyer.page
        await lawyer.sign_in("1001")
        await expect(lawyer.at("link-state")).to_have_text(re.compile("已连接"))
        await lawyer.sit_down("01")

        call = await lawyer.rung()
        await expect(lawyer.at("ring-caller")).to_have_text(MASKED)
        bar = lawyer.at("ring-bar")
        await expect(bar).to_contain_text("综合咨询")
        await expect(bar).to_contain_text(re.compile(r"首次来电|第 \d+ 次来电"))
        await expect(bar).to_contain_text(re.compile(r"\d+:\d\d"))
        await expect(bar).not_to_contain_text("归属地未知")
        await expect(lawyer.at("ring-left")).to_have_text(re.compile(r"剩余 \d+ 秒"))
        await expect(page).to_have_title(re.compile("^【来电】"))
        assert await page.evaluate("window.__notes") > 0, "the ring tone is played"
        assert "*" in (await board.get(f"/calls/{call}")).json()["caller"], "others see it masked"

        assert not await page.evaluate(COMPOSING), "a key pressed while Chinese is composed belongs to the input method"
        await expect(bar).to_be_visible()
        await page.keyboard.press("F2")
        await lawyer.state("talking")
        await expect(page).not_to_have_title(re.compile("【来电】"))
        await expect(lawyer.at("call-caller")).to_have_text(NUMBER)
        await expect(lawyer.at("call-timer")).to_have_text(re.compile(r"0:0\d"))

        colleague = await hall.client("1005")
        assert (await colleague.post("/seats/05/sign-in", json={"phone_kind": "desk"})).status_code == 200
        await lawyer.at("transfer").click()
        await expect(lawyer.at("target-seat-11")).to_be_visible()
        await expect(lawyer.at("target-seat-05")).to_contain_text("线路呼不到")
        await expect(lawyer.at("target-seat-05")).to_have_attribute("aria-disabled", "true")
        await page.keyboard.press("Escape")
        await colleague.post("/seats/05/sign-off", json={})
        await colleague.aclose()

        number = await lawyer.ticket()
        await expect(lawyer.at("call-carrier")).to_have_text(re.compile("^中国(移动|联通|电信|广电)$"))
        await expect(lawyer.at("field-region")).to_have_value(re.compile(r"^(?!.*中国)\S+$"))
        began = time.monotonic()
        await lawyer.at("field-facts").fill(FACTS)

        async def stored() -> bool:
            return (await board.get(f"/tickets/{number}")).json()["facts"] == FACTS

        await until(stored, 5, "the draft is in the database")
        assert time.monotonic() - began < 4.0
        await lawyer.at("field-facts").press("End")
        await page.keyboard.type("?")
        await expect(lawyer.at("field-facts")).to_have_value(f"{FACTS}?")
        await expect(lawyer.at("key-list")).to_be_hidden()
        await lawyer.at("field-opinion").fill(OPINION)
        await lawyer.at("field-category").click()
        for level in ("民事", "劳动争议"):
            await page.get_by_role("menuitem", name=level).hover()
        await expect(page.get_by_role("menuitem", name="劳动报酬")).to_be_visible()
        assert not await lawyer.barriers(), "the open menu of categories can be read aloud"
        await page.get_by_role("menuitem", name="劳动报酬").click()
        await lawyer.saved()

        await page.reload()
        await lawyer.state("talking")
        await expect(lawyer.at("call-caller")).to_have_text(NUMBER)
        await expect(lawyer.at("field-opinion")).to_have_value(OPINION)
        await expect(lawyer.at("field-facts")).to_have_value(f"{FACTS}?")
        await lawyer.saved()
        (row,) = await hall.fetch("SELECT opinion, facts, version FROM tickets WHERE number = $1", number)
        assert (row["opinion"], row["facts"]) == (OPINION, f"{FACTS}?")

        await page.keyboard.down("F4")
        await lawyer.state("wrap_up")
        await page.keyboard.up("F4")
        await expect(lawyer.at("wrap-left")).to_have_text(re.compile(r"话后处理剩余 \d+ 秒"))
        await lawyer.at("field-claim").fill("要求支付工资")
        await page.keyboard.press("Control+Enter")
        await lawyer.state("ready", "ringing", seconds=2)
        (row,) = await hall.fetch("SELECT claim FROM tickets WHERE number = $1", number)
        assert row["claim"] == "要求支付工资", "it went ready after it was saved"
        ended = await hall.call(call)
        assert (ended["state"], ended["outcome"], ended["seat"] or ended["answered_seat"]) == (
            "ended",
            "answered",
            "01",
        )

        await lawyer.at("nav-calls").click()
        line = lawyer.at("calls-table").get_by_role("row").filter(has_text=number)
        await expect(line).to_contain_text("已接通")
        await line.click()
        await expect(lawyer.at("call-drawer")).to_contain_text(call)
        await expect(lawyer.at("call-drawer")).to_contain_text("通话结束：已接通，坐席挂机")
        async with page.expect_response(re.compile("/audio$")) as heard:
            await lawyer.at("play").click()
        assert (await heard.value).status == 206
        await page.wait_for_function(
            "() => { const a = document.querySelector('audio'); return a && a.currentTime > 0.2 }"
        )
        assert await page.evaluate("document.querySelector('audio').duration") > 1.0
        await page.keyboard.press("Escape")

        await lawyer.at("nav-tickets").click()
        await lawyer.at("filter-text").fill("保洁")
        await lawyer.at("search").click()
        await expect(lawyer.at("tickets-table").get_by_role("row").filter(has_text=number)).to_be_visible()
        await lawyer.at("filter-text").fill("离婚")
        await lawyer.at("search").click()
        await expect(lawyer.at("list-empty")).to_be_visible()
        await page.locator("h1").first.click()
        await page.keyboard.press("?")
        await expect(lawyer.at("key-list")).to_be_visible()
    played = await hall.fetch("SELECT work_number FROM audit WHERE act = 'playback'")
    assert {each["work_number"] for each in played} == {"1001"}
    await board.aclose()
    await hall.leave("01", "1001")


async def test_quick_close_break_and_missing(browser: Browser, hall: ConsoleHall) -> None:
    """无声 with undo; a break chosen while talking begins after the wrap-up; a closed browser is missing, then back."""
    async with window(browser, hall) as lawyer:
        await lawyer.sign_in("1002")
        await lawyer.sit_down("02")
        await lawyer.answer()
        number = await lawyer.ticket()
        await lawyer.at("quick-silence").click()
        await expect(lawyer.at("quick-pending")).to_contain_text("无声电话")
        await lawyer.at("quick-undo").click()
        await expect(lawyer.at("quick-silence")).to_be_enabled()
        (row,) = await hall.fetch("SELECT state, quick_close FROM tickets WHERE number = $1", number)
        assert (row["state"], row["quick_close"]) != ("closed", "silence"), "nothing happened"
        await lawyer.at("quick-silence").click()
        await lawyer.at("quick-now").click()
        await expect(lawyer.at("ticket-panel")).to_contain_text("工单已办结")
        (row,) = await hall.fetch("SELECT state, quick_close FROM tickets WHERE number = $1", number)
        assert (row["state"], row["quick_close"]) == ("closed", "silence")

        await lawyer.at("next-on_break").click()
        await expect(lawyer.at("next-state")).to_contain_text("通话结束后小休")
        await lawyer.state("talking")
        await lawyer.at("hang-up").click()
        await lawyer.state("wrap_up")
        await lawyer.state("on_break", seconds=12)
        cookies = await lawyer.context.storage_state()

    async def missing() -> bool:
        return (await hall.seat("02"))["state"] == "missing"

    closed = time.monotonic()
    await until(missing, GRACE_SECONDS + 6, "the seat is missing")
    assert time.monotonic() - closed > GRACE_SECONDS - 1
    async with window(browser, hall, cookies=cookies) as lawyer:
        await lawyer.page.goto(hall.base)
        await lawyer.state("on_break")
        moves = "SELECT data->>'reason' FROM journal WHERE seat = '02' AND type = 'SeatChanged' ORDER BY seq"
        assert [each[0] for each in await hall.fetch(moves)][-2:] == ["connection_lost", "connection_back"]
        await lawyer.at("seat-sign-off").click()
        await lawyer.page.get_by_role("button", name="退出并停止接听").click()
        await expect(lawyer.at("sit-down")).to_be_visible()
    await hall.leave("02", "1002")


async def test_one_of_two_tabs_rings(browser: Browser, hall: ConsoleHall) -> None:
    """Both tabs show the call, one plays the tone; closing it hands the tone over; an answer in one is seen in both."""
    async with window(browser, hall) as lawyer:
        await lawyer.sign_in("1003")
        second = await lawyer.second_tab()
        await expect(second.get_by_test_id("link-state")).to_have_text(re.compile("已连接"))
        await lawyer.sit_down("03")
        await lawyer.rung()
        await expect(second.get_by_test_id("ring-bar")).to_be_visible()
        await lawyer.page.wait_for_function("() => window.__notes >= 8")
        assert await second.evaluate("window.__notes") == 0, "the follower is silent"
        await second.get_by_test_id("answer").click()
        await lawyer.state("talking")
        await expect(second.get_by_test_id("seat-state")).to_have_attribute("data-state", "talking")
        await lawyer.at("hang-up").click()
        await expect(second.get_by_test_id("seat-state")).to_have_attribute("data-state", "wrap_up")

        await lawyer.page.close()
        await second.get_by_test_id("wrap-ready").click()
        await expect(second.get_by_test_id("ring-bar")).to_be_visible(timeout=15000)
        await second.wait_for_function("() => window.__notes >= 4", timeout=5000)
        await second.keyboard.press("F2")
        await expect(second.get_by_test_id("seat-state")).to_have_attribute("data-state", "talking")
    await hall.leave("03", "1003")
