"""The night lawyer at home: callers ring his own mobile, the key 1 takes them, the page on it is where he writes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from adapters.asterisk.rig.handset import Talk
from tests.console.browser import WATCH, Person
from tests.console.hall import PASSWORD
from tests.e2e.house import HOME_SEAT, NUMBERS, adds_up, kinds
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
SEAT, WORK_NUMBER = HOME_SEAT
MOBILE = "13800138000"
PROFILE = {
    "employment": "part_time",
    "licence_number": "13301201810001005",
    "licence_until": "2039-12-31",
    "mobile": MOBILE,
}
UPRIGHT: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
}
"""A phone held in one hand. It has no microphone to give: he speaks on the mobile, not through the page."""
SIDEWAYS = "document.documentElement.scrollWidth > innerWidth"
MAILBOX_SECONDS = 13.0
"""A mobile that was picked up has ten seconds for the key 1."""


@pytest_asyncio.fixture(loop_scope="session")
async def home(stage: Stage) -> AsyncIterator[Person]:
    """He is signed in on his phone, in the page made for it, and takes callers; afterwards he signs off there."""
    await has_a_mobile(stage)
    browser = stage.ann.context.browser
    assert isinstance(browser, Browser)
    context = await browser.new_context(**UPRIGHT)
    await context.add_init_script(WATCH)
    context.set_default_timeout(10_000)
    page = Person(stage.house, context, await context.new_page())
    try:
        await sits_down(page)
        yield page
        await page.at("seat-sign-off").tap()
        await expect(page.at("mobile-sit")).to_be_visible()
        assert not page.wrongs, page.wrongs
    finally:
        await context.close()


async def test_a_call_taken_at_home(stage: Stage, home: Person) -> None:
    """Picked up is not taken: the caller waits until the key 1. They talk; he puts down, and closes the ticket."""
    call, mobile = await rings_at_home(stage, home)
    began = time.monotonic()
    mobile.press("2")
    await still_rings(stage, began)
    row = await stage.call(call)
    assert (row["state"], row["answered_at"]) == ("ringing", None), "another key takes nothing"
    await home.state("ringing")
    mobile.press("1")
    await home.state("talking")
    await stage.hear(caller="out", out="caller")
    assert not await home.page.evaluate("window.__peers.length"), "no telephone in the page"

    ticket = await home.ticket()
    await home.at("field-facts").fill("来电人深夜拨错号码。")
    await home.saved()
    mobile.hang_up()
    await stage.ears["caller"].until(lambda talk: talk.end == "hung_up_on")
    await home.state("wrap_up")
    await expect(home.at("mobile-call")).to_be_hidden()
    await home.at("quick-wrong_number").tap()
    await expect(home.at("ticket-panel")).to_contain_text("工单已办结")
    await expect(home.at("field-facts")).to_be_hidden()
    await home.at("mobile-done").tap()
    await home.state("ready")

    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", SEAT)
    assert kinds(over)[-2:] == ["ringing", "talking"]
    adds_up(over)
    (kept,) = await stage.house.fetch("SELECT * FROM tickets WHERE number = $1", ticket)
    assert (kept["call"], kept["state"], kept["facts"]) == (call, "closed", "来电人深夜拨错号码。")


async def test_a_mailbox_takes_no_call(stage: Stage, home: Person) -> None:
    """It picks up and talks, and presses nothing: the caller never hears it, keeps his place, and nobody answered."""
    call, mailbox = await rings_at_home(stage, home)
    caller, began = stage.ears["caller"], time.monotonic()
    await mailbox.until(lambda talk: talk.end == "hung_up_on", MAILBOX_SECONDS)
    again = await stage.rings("out")  # there is nobody else: he is rung once more
    assert again.number == MOBILE
    (missed,) = await stage.journal(call, "OfferMissed")
    assert (missed["seat"], json.loads(missed["data"])["reason"]) == (SEAT, "no_answer")
    assert (await stage.call(call))["answered_at"] is None
    await home.state("ringing")
    await still_rings(stage, began)
    caller.cancel()
    await again.until(lambda talk: talk.end == "cancelled")
    await home.state("ready")
    await expect(home.at("mobile-call")).to_be_hidden()

    over = await stage.ended(call)
    assert (over["outcome"], over["answered_at"], over["answered_seat"]) == ("abandoned_ringing", None, None)
    assert "talking" not in kinds(over)
    adds_up(over)


async def rings_at_home(stage: Stage, home: Person) -> tuple[str, Talk]:
    """A caller rings, and the page shows him; the mobile rings, is picked up, asks for the key 1. Call and mobile."""
    began = time.monotonic()
    await stage.caller(NUMBERS[SEAT])
    mobile = await stage.rings("out")
    assert mobile.number == MOBILE
    await home.state("ringing")
    shown, number = home.at("mobile-call"), stage.number
    await expect(home.at("call-caller")).to_have_text(f"{number[:3]} **** {number[7:]}")
    for what in ("上海", "首次来电", "听到提示后按 1 接通"):
        await expect(shown).to_contain_text(what)
    assert number not in await home.page.content()
    assert not await home.page.evaluate(SIDEWAYS)
    mobile.answer()
    await stage.has_heard("out", "question", began)
    await still_rings(stage, began)
    await home.state("ringing")
    return await shown.get_attribute("data-call") or "", mobile


async def still_rings(stage: Stage, since: float) -> None:
    """Nobody has picked up, says the caller's telephone; a second later too, and it has heard nothing."""
    caller = stage.ears["caller"]
    await asyncio.sleep(1)
    assert (caller.rings, caller.up, caller.end) == (True, False, "")
    assert not "".join(stage.heard_since("caller", since))


async def sits_down(page: Person) -> None:
    """Everything by the thumb: account, seat, ready."""
    await page.page.goto(f"{page.hall.base}/#/m")
    await page.at("sign-in-work-number").fill(WORK_NUMBER)
    await page.at("sign-in-password").fill(PASSWORD)
    await page.at("sign-in-submit").tap()
    await expect(page.at("mobile-phone")).to_contain_text("138 **** 8000")
    await page.at("mobile-seat").select_option(SEAT)
    await page.at("sit-go").tap()
    await page.state("ready")


async def has_a_mobile(stage: Stage) -> None:
    """The administrator registers his licence and his number, once."""
    account = (await (await stage.client(WORK_NUMBER)).get("/session")).json()["account"]
    known = (await stage.admin("GET", "/lawyers")).json()["items"]
    if account not in [each["account"] for each in known]:
        await stage.admin("PUT", f"/lawyers/{account}", json=PROFILE)
