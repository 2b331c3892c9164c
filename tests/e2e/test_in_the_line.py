"""What a caller meets before a person: announcements and keys, the line and the ways out of it, rules about him."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from playwright.async_api import expect

from adapters.asterisk.rig.handset import Talk
from tests.console.hall import until
from tests.e2e.house import SPILLED_TO, SPILLING, THEIR_ID, adds_up, kinds
from tests.e2e.stage import Stage

pytestmark = [
    *(pytest.mark.long, pytest.mark.browser, pytest.mark.asterisk),
    pytest.mark.asyncio(loop_scope="session"),
]
SHANGHAI = timezone(timedelta(hours=8))
WELCOME = {
    "greeting": "greeting",
    "recording_notice": "recording-notice",
    "menu": {"prompt": "menu", "keys": [{"key": "2", "act": "queue", "label": "劳动争议", "queue": "labour"}]},
}
LINE = {"position": True, "every_seconds": 20, "callback_key": "1", "callback_prompt": "callback-offer"}
WISHED = timedelta(minutes=120)
"""By when who wished for it is to be called back, where the settings say nothing."""


async def test_the_menu_leads_to_the_right_lawyer(stage: Stage) -> None:
    """Greeting, recording notice, menu. A key that means nothing: the menu again. The right one rings that lawyer."""
    async with stage.planned(**WELCOME):
        began = time.monotonic()
        caller = await stage.caller()
        await stage.has_heard("caller", "menu", began)
        await stage.hear(caller="")
        assert said(stage, began) == ["greeting", "recording-notice", "menu"]
        again = time.monotonic()
        caller.press("7")
        await stage.has_heard("caller", "menu", again)
        caller.press("2")
        call = await stage.ben.rung()
        await expect(stage.ben.at("ring-bar")).to_contain_text("劳动争议")
        await expect(stage.ann.at("ring-bar")).to_be_hidden()
        await stage.hear(caller="music")
    await stage.ben.at("answer").click()
    await stage.hear(caller="ben", ben="caller")
    await stage.hang_up(stage.ben)
    over = await stage.ended(call)
    assert (over["queue"], over["topic"], over["answered_seat"]) == ("labour", "劳动争议", "02")
    assert over["outcome"] == "answered"
    assert await announced(stage, call) == ["greeting", "recording-notice", "menu", "menu"]
    keys = [(key["digits"], key.get("queue")) for key in await stage.told(call, "KeysHeard")]
    assert keys == [("7", None), ("2", "labour")]
    adds_up(over)


@pytest.mark.parametrize("before", ["greeting", "menu"])
async def test_one_key_leads_to_a_person(stage: Stage, before: str) -> None:
    """It cuts the greeting short, but not the recording notice; and it works in the menu, which does not name it."""
    async with stage.planned(**WELCOME):
        began = time.monotonic()
        caller = await stage.caller()
        await stage.has_heard("caller", before, began)
        caller.press("0")
        call = await stage.ann.rung()
    assert await announced(stage, call) == ["greeting", "recording-notice", "menu"][: 2 if before == "greeting" else 3]
    assert [key["act"] for key in await stage.told(call, "KeysHeard")] == ["person"]
    caller.hang_up()
    over = await stage.ended(call)
    assert over["queue"] == "general"
    adds_up(over)


async def test_in_the_line(stage: Stage) -> None:
    """Two are told their places. The first leaves by a key and is to be called back; the second rings again, and goes
    before somebody who came meanwhile."""
    await stage.press(stage.ann, "busy", reason="meeting")
    async with stage.planned(waiting=LINE):
        first, waiting = await waits(stage, "first")
        second, left = await waits(stage, "second")
        number = stage.number
        await until(lambda: stage.told(waiting, "PlaceTold"), 25, "the first is told his place")
        began = time.monotonic() - 1
        for name, call, place, words in (
            ("first", waiting, 1, "position-next"),
            ("second", left, 2, "position-before"),
        ):
            await stage.has_heard(name, words, began)
            await stage.has_heard(name, "callback-offer", began)
            await stage.hear(**{name: "music"})
            assert [event["position"] for event in await stage.told(call, "PlaceTold")] == [place]
        began = time.monotonic()
        first.press("1")
        await stage.has_heard("first", "callback-thanks", began)
        await first.until(lambda talk: talk.end == "hung_up_on")
    await is_to_be_called_back(stage, waiting)

    second.hang_up()
    asked = (await stage.ended(left))["queued_at"]
    later, meanwhile = await waits(stage, "later")
    again = await stage.caller(number=number)
    await stage.hear(caller="music")
    row = await stage.only_call()
    assert (row["kept_place"], row["place_at"]) == (True, asked)
    assert asked < (await stage.call(meanwhile))["queued_at"] < row["queued_at"]
    await stage.press(stage.ann, "ready")
    assert await stage.ann.rung() == row["id"]
    for talk, call in ((later, meanwhile), (again, row["id"])):
        talk.hang_up()
        adds_up(await stage.ended(call))


async def test_blocked_unless_in_danger(stage: Stage) -> None:
    """He hears why and is refused, as long as nobody says that he may be in danger."""
    number, review = "13900138001", (datetime.now(SHANGHAI) + timedelta(days=30)).date().isoformat()
    await rule(stage, number, kind="harassing", level="blocked", review_on=review)
    async with stage.planned(greeting="greeting", parting={"blocked": "blocked"}):
        began = time.monotonic()
        caller = await stage.caller(number=number)
        await caller.until(lambda talk: talk.end == "hung_up_on")
        assert said(stage, began) == ["blocked"]
        refused = await stage.ended((await stage.only_call())["id"])
        assert (refused["outcome"], refused["queue"], refused["rung_at"]) == ("blocked", None, None)
        adds_up(refused)

        await rule(stage, number, kind="emergency")
        began = time.monotonic()
        await stage.caller(number=number)
        call = await stage.ann.rung()
        assert said(stage, began)[0] == "greeting"
    await stage.ann.at("answer").click()
    await expect(stage.ann.at("mark-emergency")).to_be_visible()
    await stage.hear(caller="ann", ann="caller")
    await stage.hang_up(stage.ann)
    assert (await stage.ended(call))["outcome"] == "answered"
    assert not await stage.house.fetch("SELECT FROM callback_calls WHERE call = $1", refused["id"])


async def test_the_province_s_call(stage: Stage) -> None:
    """It goes by the province's own id as well, at the desk and in everything that is kept; and the province hears what
    the seat does with it."""
    theirs = f"SD-{time.time_ns()}"
    await stage.caller(headers={THEIR_ID: theirs})
    call = await stage.ann.rung()
    await reported(stage, "ringing", theirs)
    await stage.ann.at("answer").click()
    await expect(stage.ann.at("call-card")).to_contain_text(f"省平台编号 {theirs}")
    await stage.hear(caller="ann", ann="caller")
    await reported(stage, "talking", theirs)
    await stage.ann.at("hang-up").click()
    await reported(stage, "wrap_up", "")
    await stage.ended(call)
    _, known = await stage.ann.ask(f"/api/v1/calls/{call}")
    _, ticket = await stage.ann.ask(f"/api/v1/tickets/{known['ticket']}")
    (recording,) = known["recordings"]
    assert known["their_id"] == ticket["their_id"] == recording["their_id"] == theirs


async def test_who_waits_too_long_is_sent_outside(stage: Stage) -> None:
    """The only lawyer talks: after four seconds the province is rung, with music until it picks up; they talk."""
    await stage.talks(stage.ann)
    stage.ears["first"] = stage.ears["caller"]
    caller, call = await waits(stage, "caller", SPILLING)
    outside = await stage.rings("out")
    assert outside.number == SPILLED_TO
    await stage.hear(caller="music")
    outside.answer()
    await stage.hear(caller="out", out="caller", first="ann", ann="caller")
    outside.hang_up()
    await caller.until(lambda talk: talk.end == "hung_up_on")
    over = await stage.ended(call)
    assert (over["outcome"], over["answered_at"], over["answered_seat"]) == ("forwarded", None, None)
    assert [(event["why"], event["to"]) for event in await stage.told(call, "CallSpilled")] == [("after", "province")]
    assert kinds(over) == ["waiting", "ringing", "outside"]
    adds_up(over)
    await stage.hang_up(stage.ann)


async def test_outside_is_busy(stage: Stage) -> None:
    """He is back in the line in his old place: before somebody who came while it was tried."""
    await stage.talks(stage.ann)
    first = stage.ears["first"] = stage.ears["caller"]
    sent, call = await waits(stage, "sent", SPILLING)
    outside = await stage.rings("out")
    later, meanwhile = await waits(stage, "later", SPILLING)
    outside.refuse()
    await stage.hear(sent="music")
    row = await stage.call(call)
    assert (row["state"], row["place_at"]) == ("waiting", row["queued_at"])
    await stage.ann.at("hang-up").click()
    await first.until(lambda talk: talk.end == "hung_up_on")
    await stage.press(stage.ann, "ready")
    assert await stage.ann.rung() == call
    later.hang_up()
    await stage.ended(meanwhile)
    await stage.ann.at("answer").click()
    await stage.hear(sent="ann", ann="caller")
    sent.hang_up()
    over = await stage.ended(call)
    assert over["outcome"] == "answered"
    adds_up(over)


async def waits(stage: Stage, name: str, dialled: str = "12348") -> tuple[Talk, str]:
    """Somebody rings and hears music; his telephone, under that name, and the call."""
    stage.ears[name] = await stage.caller(dialled)
    await stage.hear(**{name: "music"})
    return stage.ears[name], (await stage.only_call())["id"]


async def announced(stage: Stage, call: str) -> list[str]:
    return [event["prompt"] for event in await stage.told(call, "AnnouncementBegun")]


def said(stage: Stage, since: float) -> list[str]:
    """What the caller heard by itself: neither silence nor where one announcement passes into the next."""
    return [each for each in stage.heard_since("caller", since) if each and " " not in each]


async def is_to_be_called_back(stage: Stage, call: str) -> None:
    """A task in the console, and by when."""
    assert (await stage.ended(call))["outcome"] == "abandoned_queue"
    (wish,) = await stage.journal(call, "CallbackWished")
    query = "SELECT b.* FROM callbacks b JOIN callback_calls c ON c.callback = b.id WHERE c.call = $1"
    await until(lambda: stage.house.fetch(query, call), 5, "a task")
    (task,) = await stage.house.fetch(query, call)
    assert (task["kind"], task["state"], task["due_at"]) == ("wished", "waiting", wish["at"] + WISHED)
    await stage.ann.at("nav-callbacks").click()
    line = stage.ann.page.locator("tr", has=stage.ann.at(f"callback-{task['id']}"))
    await expect(line).to_contain_text("要求回拨")
    await expect(line.locator(".due")).to_contain_text(task["due_at"].astimezone(SHANGHAI).strftime("%H:%M"))
    await stage.ann.at("nav-desk").click()


async def rule(stage: Stage, number: str, **wish: Any) -> None:
    """The supervisor makes a rule about a number."""
    wish |= {"number": number, "reason": "多次骚扰值班律师" if "level" in wish else "可能有人身危险"}
    answer = await (await stage.client("9001")).post("/callers/rules", json=wish)
    assert answer.status_code == 201, answer.text


async def reported(stage: Stage, state: str, theirs: str) -> None:
    """The province is told that of seat 01."""

    async def so() -> bool:
        seat = next(each for each in stage.province.told[-1].seats if each.seat == "01")
        return (seat.state, seat.their_call) == (state, theirs)

    await until(so, 5, f"the province knows that seat 01 is {state}")
