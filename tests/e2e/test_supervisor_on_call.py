"""A supervisor on somebody's call: listens unheard, whispers, barges in, takes over; ends a call by force."""

from __future__ import annotations

import json

import pytest
from playwright.async_api import expect

from tests.e2e.house import adds_up, kinds
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


async def test_listens_whispers_barges_and_takes_over(stage: Stage) -> None:
    """From one to another without a new ring; then the call is hers, and the lawyer is off it."""
    call = await stage.talks(stage.ann)
    rung = len(await stage.invites(stage.boss))
    await deed(stage, "01", "board-listen")
    bar = stage.boss.at("supervise-bar")
    await expect(bar).to_have_attribute("data-state", "up")
    await stage.hear(caller="ann", ann="caller", boss="ann caller")
    await expect(stage.ann.at("watched")).to_be_hidden()

    await stage.boss.at("monitor-whisper").click()
    await expect(bar).to_have_attribute("data-mode", "whisper")
    await stage.hear(caller="ann", ann="boss caller", boss="ann caller")
    await stage.boss.at("monitor-barge").click()
    await expect(bar).to_have_attribute("data-mode", "barge")
    await stage.hear(caller="ann boss", ann="boss caller", boss="ann caller")
    await expect(stage.ann.at("watched")).to_be_visible()
    await stage.boss.at("monitor-listen").click()
    await stage.hear(caller="ann", ann="caller", boss="ann caller")
    assert len(await stage.invites(stage.boss)) == rung + 1, "rung once"

    await stage.boss.at("take-over").click()
    await stage.boss.page.get_by_role("dialog").get_by_role("button").last.click()
    await stage.ann.state("wrap_up")
    await stage.hear(caller="boss", boss="caller")
    await stage.boss.at("hang-up").click()
    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", "09")
    assert [kind for kind in kinds(over) if kind != "ringing"] == ["talking", "conference", "talking", "talking"]
    adds_up(over)
    assert await acts(stage, call) == ["monitored"] * 4 + ["took_over"]


async def test_who_has_no_desk_sits_down_for_it(stage: Stage) -> None:
    """A dialog for the desk comes in between; her phone registers late and is waited for; no caller is offered."""
    await stage.press(stage.boss, "sign-off")
    await stage.boss.state("signed_off")
    call = await stage.talks(stage.ann)
    await stage.boss.page.evaluate("window.__slow = 1500")
    await deed(stage, "01", "board-listen")
    await expect(stage.boss.at("sit-for")).to_be_visible()
    await stage.boss.at("seat-09").click()
    await stage.boss.at("phone-browser").click()
    await stage.boss.at("sit-go").click()
    bar = stage.boss.at("supervise-bar")
    await expect(bar).to_have_attribute("data-state", "up")
    await expect(bar).to_contain_text("正在监听 01 号 陈立新")
    await stage.hear(caller="ann", ann="caller", boss="ann caller")
    await stage.boss.at("stop-monitor").click()
    await expect(bar).to_be_hidden()
    await stage.boss.state("busy")
    await stage.hang_up(stage.ann)
    await stage.ended(call)
    await stage.boss.page.evaluate("window.__slow = 0")


async def test_a_call_is_ended_by_force(stage: Stage) -> None:
    """强拆: with a reason, on record; caller and lawyer are off the line at once."""
    call = await stage.talks(stage.ben, "12302")
    await deed(stage, "02", "board-release")
    box = stage.boss.page.get_by_role("dialog")
    await box.get_by_role("textbox").fill("骚扰来电")
    await box.get_by_role("button").last.click()
    await stage.ears["caller"].until(lambda talk: talk.end == "hung_up_on")
    await stage.ben.state("wrap_up")
    over = await stage.ended(call)
    assert (over["outcome"], over["ended_by"]) == ("answered", "us")
    adds_up(over)
    assert await acts(stage, call) == ["force_released"]


async def deed(stage: Stage, seat: str, name: str) -> None:
    """From the menu of a seat on the board."""
    if await stage.boss.at("board").count() == 0:
        await stage.boss.at("nav-live").click()
    await expect(stage.boss.at(f"card-{seat}")).to_have_attribute("data-state", "talking")
    await stage.boss.at(f"force-{seat}").click()
    await stage.boss.page.locator(f"[data-testid={name}]:visible").click()


async def acts(stage: Stage, call: str) -> list[str]:
    """What is on record about a call."""
    rows = await stage.house.fetch("SELECT act, data FROM audit ORDER BY seq")
    watched = ("monitored", "took_over", "force_released")
    return [row["act"] for row in rows if row["act"] in watched and json.loads(row["data"]).get("call") == call]
