"""What a lawyer does with a caller, button by button: hold, mute, keys, ask, confer, pass on; a page loaded again."""

from __future__ import annotations

import re
import time

import pytest
from playwright.async_api import expect

from tests.console.browser import Person
from tests.console.hall import until
from tests.e2e.house import adds_up, kinds, segments
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]


async def test_held_muted_and_keys(stage: Stage) -> None:
    """Hold with music and back; mute; the keypad's digits arrive at the caller's."""
    call = await stage.talks(stage.ann)
    await stage.hear(caller="ann", ann="caller")
    await stage.ann.at("hold").click()
    await expect(stage.ann.at("call-bar")).to_have_attribute("data-state", "held")
    await stage.hear(caller="music", ann="")
    await stage.ann.at("resume").click()
    await expect(stage.ann.at("call-bar")).to_have_attribute("data-state", "talking")
    await stage.hear(caller="ann", ann="caller")

    await stage.ann.at("mute").click()
    await expect(stage.ann.at("muted-mark")).to_be_visible()
    await stage.hear(caller="", ann="caller")
    await stage.ann.at("mute").click()
    await stage.hear(caller="ann", ann="caller")

    await stage.ann.at("keypad").click()
    for key in "40#":
        await stage.ann.at(f"key-{key}").click()

    async def pressed() -> bool:
        return stage.ears["caller"].sound.pressed == ["4", "0", "#"]

    await until(pressed, 4, "the keys arrive at the caller's")
    await stage.hang_up(stage.ann)
    await stage.ears["caller"].until(lambda talk: talk.end == "hung_up_on")
    over = await stage.ended(call)
    assert (over["outcome"], over["seat"]) == ("answered", "01")
    assert [kind for kind in kinds(over) if kind in ("talking", "held")] == ["talking", "held", "talking"]
    adds_up(over)


async def test_asked_conferred_and_left(stage: Stage) -> None:
    """Consult and come back, consult again, three on the line; the first lawyer leaves, the second has the caller."""
    call = await stage.talks(stage.ann)
    await is_asked(stage)
    await stage.hear(caller="music", ann="ben", ben="ann")
    await stage.ann.at("cancel-consult").click()
    await stage.hear(caller="ann", ann="caller")
    await stage.free(stage.ben)

    await is_asked(stage)
    await stage.ann.at("join").click()
    await expect(stage.ann.at("party-02")).to_have_attribute("data-part", "joined")
    await stage.hear(caller="ann ben", ann="caller ben", ben="caller ann")
    await stage.ann.at("leave").click()
    await stage.ann.state("wrap_up")
    await expect(stage.ben.at("call-bar")).to_have_attribute("data-part", "main")
    await stage.hear(caller="ben", ben="caller")
    await stage.hang_up(stage.ben)

    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"], over["ended_by"]) == ("answered", "02", "seat")
    lived = [(each["kind"], each.get("seat")) for each in segments(over)]
    assert [each for each in lived if each[0] in ("talking", "held", "consulting", "conference")] == [
        *(("talking", "01"), ("held", "01"), ("consulting", "01"), ("talking", "01")),
        *(("held", "01"), ("consulting", "01"), ("conference", "01"), ("talking", "02")),
    ]
    adds_up(over)
    (ticket,) = await stage.house.fetch("SELECT seat, operator FROM tickets WHERE number = $1", over["ticket"])
    assert ticket["seat"] == "02"
    assert ticket["operator"] == over["operator"]


async def test_passed_on_and_taken_back(stage: Stage) -> None:
    """To a phone that nobody picks up, and back; to a queue; to 12345, which is busy, and back; then it takes him."""
    call = await stage.talks(stage.ann)
    await stage.choose(stage.ann, "transfer", "seat", "03")
    left = await stage.rings("03")
    await stage.hear(caller="music")
    await is_returned(stage.ann, 12)
    await left.until(lambda talk: talk.end == "cancelled")
    await stage.ann.at("answer").click()
    await stage.hear(caller="ann", ann="caller")

    before = await stage.call(call)
    await stage.choose(stage.ann, "transfer", "queue", "labour")
    await stage.ben.rung()
    await stage.ann.state("wrap_up")
    await stage.ben.at("answer").click()
    await stage.hear(caller="ben", ben="caller")
    passed = await stage.call(call)
    assert (passed["queue"], passed["queued_at"]) == ("labour", before["queued_at"]), "his waiting time is kept"

    await stage.choose(stage.ben, "transfer", "outside", "12345")
    busy = await stage.rings("out")
    assert busy.number == "12345"
    busy.refuse(486)
    await is_returned(stage.ben, 6)
    await stage.ben.at("answer").click()
    await stage.hear(caller="ben", ben="caller")
    await stage.choose(stage.ben, "transfer", "outside", "12345")
    await stage.picks_up("out")
    await stage.ben.state("wrap_up")
    await stage.hear(caller="out", out="caller")
    stage.ears["out"].hang_up()
    await stage.ears["caller"].until(lambda talk: talk.end == "hung_up_on")

    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", "02")
    assert "outside" in kinds(over)
    adds_up(over)
    asked = [row["seat"] for row in await stage.journal(call, "CallReturning")]
    assert asked == ["01", "02"]


async def test_the_page_is_loaded_again(stage: Stage) -> None:
    """The call goes on: he hears music, then the same lawyer, who has clicked nothing."""
    call = await stage.talks(stage.ann)
    await stage.hear(caller="ann", ann="caller")
    began = time.monotonic()
    await stage.ann.page.reload()
    await stage.ann.state("talking")
    await stage.hear(caller="ann", ann="caller")
    assert "music" in (heard := stage.heard_since("caller", began)), heard
    await stage.hang_up(stage.ann)
    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", "01")
    assert [row["type"] for row in await stage.journal(call, "SeatVanished", "CallEnded")] == [
        "SeatVanished",
        "CallEnded",
    ]
    adds_up(over)


async def is_asked(stage: Stage) -> None:
    """咨询 02: it rings there with its origin, and is picked up."""
    await stage.choose(stage.ann, "consult", "seat", "02")
    await expect(stage.ben.at("ring-bar")).to_have_attribute("data-kind", "consult")
    await expect(stage.ben.at("ring-from")).to_have_text("咨询来自 01 号 陈立新")
    await expect(stage.ben.at("ring-caller")).to_have_text(re.compile(r"^139 \*{4} \d{4}$"))
    await expect(stage.ann.at("join")).to_have_attribute("aria-disabled", "true")
    await stage.ben.at("answer").click()
    await expect(stage.ann.at("party-02")).to_have_attribute("data-state", "up")


async def is_returned(person: Person, seconds: float) -> None:
    """He comes back to whoever passed him on, and it says so."""
    await expect(person.at("ring-bar")).to_have_attribute("data-kind", "returned", timeout=seconds * 1000)
