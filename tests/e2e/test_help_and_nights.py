"""110 at a press, callers who gave up, messages at night, ratings by key: what goes on beside talking to a caller."""

from __future__ import annotations

import re
import time

import pytest
from playwright.async_api import expect

from adapters.asterisk.rig.audio import loudness, read_wav
from tests.console.browser import Person
from tests.console.hall import until
from tests.e2e.house import HZ, adds_up, kinds
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
CLOSED = {"periods": [{"days": "every", "start": "00:00", "end": "00:01"}], "prompt": "closed", "then": "voicemail"}
OPEN = {"periods": [], "prompt": "closed", "then": "end"}


async def test_the_police_are_called_in(stage: Stage) -> None:
    """One press: three on the line; the lawyer cannot leave before they have taken over; the caller stays with them."""
    call = await stage.talks(stage.ann)
    await stage.ann.at("emergency").click()
    police = await stage.rings("out")
    assert police.number == "110"
    await expect(stage.ann.at("party-110")).to_have_attribute("data-state", "ringing")
    await stage.hear(caller="ann", ann="caller")
    await stage.ann.at("emergency").click(force=True)  # pressed twice, rung once
    police.answer()
    await expect(stage.ann.at("party-110")).to_have_attribute("data-state", "up")
    await stage.hear(caller="ann out", ann="caller out", out="ann caller")

    await expect(stage.ann.at("party-110")).to_have_count(1)
    for button in ("leave", "hang-up"):
        await expect(stage.ann.at(button)).to_have_attribute("aria-disabled", "true")
    await stage.ann.at("hang-up").click(force=True)
    await expect(stage.ann.page.get_by_text("对方尚未确认接管").first).to_be_visible()
    await stage.ann.page.locator(".el-message__closeBtn").first.click()
    await stage.refused(stage.ann, "handover_unconfirmed", "leave", call=call)
    await stage.ann.state("talking")
    await stage.ann.at("confirm-110").click()
    await stage.ann.at("leave").click()
    await stage.ann.state("wrap_up")
    await stage.hear(caller="out", out="caller")
    police.hang_up()
    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", "01")
    assert [kind for kind in kinds(over) if kind in ("conference", "outside")] == ["conference", "outside"]
    adds_up(over)


async def test_the_caller_is_cut_off_meanwhile(stage: Stage) -> None:
    """With his line theirs is gone, before they have taken over: the lawyer is put through to them again, once."""
    first = await stage.talks(stage.ann)
    await stage.ann.at("emergency").click()
    await stage.picks_up("out")
    await expect(stage.ann.at("party-110")).to_have_attribute("data-state", "up")
    stage.ears["caller"].hang_up()
    await stage.ended(first)
    await expect(stage.ann.page.get_by_text("正在为您重新接通 110 报警")).to_be_visible()
    police = await stage.rings("out", 12)
    assert police.number == "110"
    await stage.press(stage.ann, "emergency", contact="110")
    police.answer()
    await stage.hear(ann="out", out="ann")
    await stage.hang_up(stage.ann)
    await police.until(lambda talk: talk.end == "hung_up_on")
    assert [talk.end for talk in stage.phones["out"].talks if not talk.end] == []


async def test_the_police_in_wrap_up(stage: Stage) -> None:
    """The caller has gone: the own phone picks up by itself, and 110 is rung; busy, it is told whom to dial."""
    first = await stage.talks(stage.ann)
    stage.ears["caller"].hang_up()
    await stage.ann.state("wrap_up")
    await stage.ended(first)
    await stage.ann.at("emergency").click()
    (await stage.rings("out", 12)).refuse(486)
    told = stage.ann.page.get_by_role("dialog").filter(has_text="110 报警 没有接通")
    await expect(told).to_contain_text("拨打 110 报警")
    await told.get_by_role("button", name="再拨一次").click()
    police = await stage.picks_up("out", 12)
    assert police.number == "110"
    await stage.ann.state("talking")
    await stage.hear(ann="out", out="ann")
    await stage.hang_up(stage.ann)
    await police.until(lambda talk: talk.end == "hung_up_on")
    (row,) = await stage.house.fetch("SELECT * FROM calls ORDER BY offered_at DESC LIMIT 1")
    over = await stage.ended(row["id"])
    assert (over["direction"], over["purpose"], over["outcome"]) == ("out", "emergency", "answered")
    adds_up(over)


async def test_who_gave_up_is_called_back(stage: Stage) -> None:
    """A task in the console, dialled from it: the own phone picks up by itself; they talk; it is done."""
    task = await gives_up(stage)
    number = stage.number
    page = stage.ann
    await page.at("nav-callbacks").click()
    await page.at(f"callback-{task}").click()
    await page.at("callback-dial").click()
    client = await stage.picks_up("out", 12)
    assert client.number == number
    await page.state("talking")
    await stage.hear(ann="out", out="ann")
    await page.page.keyboard.press("Escape")
    await page.at("hang-up").click()
    await client.until(lambda talk: talk.end == "hung_up_on")
    await page.at("view-mine").click()
    await page.at(f"callback-{task}").click()
    await expect(page.at("callback-state")).to_have_attribute("data-state", "reached")
    await page.at("callback-done").click()
    await page.at("end-helped").click()
    await page.at("end-go").click()
    await is_task(stage, task, "done")
    await page.at("callback-drawer").press("Escape")
    await page.at("nav-desk").click()


async def test_who_got_through_is_not_called_back(stage: Stage) -> None:
    """He rings again and is answered: nobody calls him back."""
    task = await gives_up(stage)
    await stage.free(stage.ann)
    await stage.caller(number=stage.number)
    await stage.ann.rung()
    await stage.ann.at("answer").click()
    await is_task(stage, task, "got_through")
    await stage.hang_up(stage.ann)


async def test_a_message_at_night(stage: Stage) -> None:
    """Closed: the notice, the tone, he speaks and puts down; a task whose message is played in the console."""
    await stage.plan(opening=CLOSED, voicemail={"on": True, "max_seconds": 30})
    try:
        began = time.monotonic()
        caller = await stage.caller()
        await stage.has_heard("caller", "question", began)
        await until(lambda: has_begun(stage), 8, "the message is being recorded")
        await caller.sound.listen(2.5)
        caller.hang_up()
        call = await stage.ended((await stage.only_call())["id"])
    finally:
        await stage.plan(opening=OPEN, voicemail={"on": False})
    assert call["outcome"] == "voicemail"
    adds_up(call)
    task = await task_of(stage, call["id"])
    await plays(stage, stage.ann, task)
    await is_task(stage, task, "taken")


async def plays(stage: Stage, page: Person, task: int) -> None:
    """Taken, heard in the page; it is the caller's voice."""
    await page.at("nav-callbacks").click()
    await page.at(f"callback-{task}").click()
    await page.at("callback-take").click()
    async with page.page.expect_response(re.compile("/audio$")) as coming:
        await page.at("message-play").click()
    answer = await coming.value
    assert answer.status in (200, 206)
    path = answer.url.removeprefix(stage.house.base + "/api/v1")
    file = stage.house.config.with_name("message.wav")
    file.write_bytes((await (await stage.client("1001")).get(path)).content)
    said = read_wav(file)
    assert loudness(said, HZ["caller"]) > 0.05
    await expect(page.at("message-audio")).to_be_visible()
    await page.at("callback-drawer").press("Escape")
    await page.at("nav-desk").click()


async def test_a_rating_by_keys(stage: Stage) -> None:
    """The seat has hung up: four questions, four keys, one row; the seat sees nothing of it."""
    await stage.plan(rating=True)
    try:
        call = await stage.talks(stage.ann)
        caller = stage.ears["caller"]
        await stage.hear(caller="ann")
        began = time.monotonic()
        await stage.hang_up(stage.ann)
        await stage.has_heard("caller", "question", began)
        for n, key in enumerate("5435", 1):
            caller.press(key)
            await until(lambda n=n: given(stage, call, n), 5, f"answer {n} is heard")
        await caller.until(lambda talk: talk.end == "hung_up_on")
        over = await stage.ended(call)
    finally:
        await stage.plan(rating=False)
    assert over["outcome"] == "answered"
    assert kinds(over)[-1] == "rating"
    adds_up(over)

    async def kept() -> bool:
        return bool(await stage.house.fetch("SELECT id FROM ratings WHERE call = $1 AND policy IS NOT NULL", call))

    await until(kept, 5, "the rating is a row, complete")
    (row,) = await stage.house.fetch("SELECT * FROM ratings WHERE call = $1", call)
    assert [row[name] for name in ("attitude", "efficiency", "skill", "policy")] == [5, 4, 3, 5]
    assert (row["way"], row["operator"]) == ("key", over["operator"])
    status, _ = await stage.ann.ask("/api/v1/ratings")
    assert status == 403
    status, seen = await stage.ann.ask(f"/api/v1/calls/{call}")
    assert status == 200
    assert not [name for name in seen if "rating" in name and seen[name]], "the lawyer does not see who rated"


async def given(stage: Stage, call: str, number: int) -> bool:
    return len(await stage.journal(call, "RatingGiven")) >= number


async def has_begun(stage: Stage) -> bool:
    return bool(await stage.journal((await stage.only_call())["id"], "RecordingBegun"))


async def gives_up(stage: Stage) -> int:
    """A caller waits, nobody is free, he hangs up; the task that follows."""
    await stage.press(stage.ann, "busy", reason="meeting")
    caller = await stage.caller()
    await stage.hear(caller="music")
    caller.hang_up()
    call = await stage.ended((await stage.only_call())["id"])
    assert call["outcome"] in ("abandoned_queue", "short_abandoned")
    return await task_of(stage, call["id"])


async def task_of(stage: Stage, call: str) -> int:
    """The call-back task that lists a call."""

    async def listed() -> bool:
        return bool(await stage.house.fetch("SELECT FROM callback_calls WHERE call = $1", call))

    await until(listed, 5, "a call-back task")
    return (await stage.house.fetch("SELECT callback FROM callback_calls WHERE call = $1", call))[0]["callback"]


async def is_task(stage: Stage, task: int, state: str) -> None:
    """Wait for a task's state."""

    async def so() -> bool:
        return (await stage.house.fetch("SELECT state FROM callbacks WHERE id = $1", task))[0]["state"] == state

    await until(so, 8, f"the task is {state}", lambda: stage.house.fetch("SELECT * FROM callbacks WHERE id = $1", task))
