"""What telephones do on the wire: give up while it rings, refuse, hang up while a call is passed on, hold by a key of
their own, lose their power. Whatever happens, no seat is stuck and no call goes unfinished."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable

import pytest

from adapters.asterisk.rig.handset import Talk
from tests.console.hall import until
from tests.e2e.house import NUMBERS, adds_up, kinds
from tests.e2e.stage import Stage

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
SILENT_SECONDS = 12
"""Until a line on which nothing is heard any more counts as lost."""


async def test_gives_up_while_it_rings(stage: Stage) -> None:
    """CANCEL, at once and after a while: no phone rings on."""
    known = len(stage.phones["03"].talks)
    for wait in (0.0, 0.02, 0.3):
        caller = await stage.caller(NUMBERS["03"])
        await stage.rings("03")
        await asyncio.sleep(wait)
        caller.cancel()
        await caller.until(lambda talk: talk.end != "")
        assert caller.end == "gave_up"
        call = await stage.ended((await stage.only_call())["id"])
        assert call["outcome"] in ("abandoned_ringing", "short_abandoned"), call["outcome"]
        await is_seat(stage, "03", "ready")
        adds_up(call)
    rung = stage.phones["03"].talks[known:]
    assert [talk.end for talk in rung] == ["cancelled"] * 3, "stopped on the wire"


async def test_gives_up_as_it_is_answered(stage: Stage) -> None:
    """His CANCEL crosses with the lawyer's 200: answered for a moment, or abandoned; never both, never neither."""
    chance = random.Random(3261)
    for _ in range(8):
        caller = await stage.caller(NUMBERS["03"])
        phone = await stage.rings("03")
        await asyncio.gather(
            after(chance.choice((0.0, 0.002, 0.005, 0.01)), phone.answer),
            after(chance.choice((0.0, 0.002, 0.005, 0.01)), caller.cancel),
        )
        call = (await stage.only_call())["id"]
        await caller.until(lambda talk: bool(talk.end) or talk.up)
        if caller.up:
            caller.hang_up()  # the 200 was first: RFC 3261, 9.1
        over = await stage.ended(call)
        assert (over["outcome"] == "answered") is (over["answered_at"] is not None)
        await is_seat(stage, "03", "ready")
        await phone.until(lambda talk: bool(talk.end))
        adds_up(over)


@pytest.mark.parametrize(
    ("code", "reason", "state"),
    [
        (486, "busy", "ready"),
        (480, "no_answer", "ready"),
        (603, "rejected", "ready"),
        (503, "phone_unreachable", "busy"),
    ],
)
async def test_a_phone_refuses(stage: Stage, code: int, reason: str, state: str) -> None:
    """The caller stays in the line; a phone that is out of order is offered nothing more."""
    caller = await stage.caller(NUMBERS["03"])
    phone = await stage.rings("03")
    phone.refuse(code)
    call = (await stage.only_call())["id"]

    async def missed() -> bool:
        return bool(await stage.journal(call, "OfferMissed"))

    await until(missed, 5, "the hall knows")
    assert json.loads((await stage.journal(call, "OfferMissed"))[0]["data"])["reason"] == reason
    await leaves(caller)
    adds_up(await stage.ended(call))
    await is_seat(stage, "03", state)
    if state == "busy":
        answer = await (await stage.client("1003")).post("/seats/03/ready", json={})
        assert answer.status_code == 200, answer.text


async def test_hangs_up_while_he_is_passed_on(stage: Stage) -> None:
    """The caller's BYE, or the lawyer's, crosses with the transfer; whoever comes first, nobody is left behind."""
    chance = random.Random(12348)
    desk = await stage.client("1003")
    for round_ in range(6):
        talk, call = await talks_at_desk(stage)
        crossing = stage.ears["caller"] if round_ % 2 else talk

        target = {"kind": "seat", "seat": "04"} if round_ < 4 else {"kind": "outside", "contact": "12345"}
        await asyncio.gather(
            desk.post("/seats/03/transfer", json={"call": call, "target": target}),
            after(chance.choice((0.0, 0.003, 0.01, 0.03)), crossing.hang_up),
        )
        caller = stage.ears["caller"]
        if not caller.end:
            await asyncio.sleep(0.2)
            await leaves(caller)
        over = await stage.ended(call)
        assert over["outcome"] == "answered"
        adds_up(over)
        for seat in ("03", "04"):
            await is_seat(stage, seat, "ready")
        await until(lambda: nobody_rings(stage), 3, "no phone rings on")


async def test_speaks_before_it_answers(stage: Stage) -> None:
    """183 with sound from outside is not an answer: the caller goes on waiting, and comes back when nobody picks up."""
    _, call = await talks_at_desk(stage)
    target = {"kind": "outside", "contact": "12345"}
    desk = await stage.client("1003")
    answer = await desk.post("/seats/03/transfer", json={"call": call, "target": target})
    assert answer.status_code == 200, answer.text
    outside = await stage.rings("out")
    outside.progress()
    await stage.hear(caller="music")
    assert not await stage.journal(call, "PartyAnswered")
    outside.refuse(480)
    await stage.picks_up("03")
    await stage.hear(caller="desk")
    stage.ears["caller"].hang_up()
    adds_up(await stage.ended(call))


async def test_holds_by_the_phones_own_key(stage: Stage) -> None:
    """A re-INVITE with sendonly: the caller hears music, the hall shows the hold; and back."""
    talk, call = await talks_at_desk(stage)
    await stage.hear(caller="desk", **{"03": "caller"})
    talk.hold()
    talk.sound.sends = False
    await is_call(stage, call, "held")
    await stage.hear(caller="music")
    talk.resume()
    talk.sound.sends = True
    await is_call(stage, call, "talking")
    await stage.hear(caller="desk", **{"03": "caller"})
    talk.hang_up()
    over = await stage.ended(call)
    assert [kind for kind in kinds(over) if kind in ("talking", "held")] == ["talking", "held", "talking"]
    adds_up(over)


async def test_a_phone_loses_its_power(stage: Stage) -> None:
    """No BYE ever comes: the caller is served by whoever is there, and the seat is not stuck."""
    talk, call = await talks_at_desk(stage)
    await stage.hear(caller="desk")
    talk.vanish()

    async def noticed() -> bool:
        return bool(await stage.journal(call, "SeatVanished"))

    await until(noticed, SILENT_SECONDS, "the leg counts as lost")
    again = await stage.picks_up("03", 12)
    await stage.hear(caller="desk", **{"03": "caller"})
    again.hang_up()
    over = await stage.ended(call)
    assert (over["outcome"], over["answered_seat"]) == ("answered", "03")
    adds_up(over)


async def test_a_caller_loses_his_power(stage: Stage) -> None:
    """No BYE ever comes: the call ends, the lawyer is free."""
    talk, call = await talks_at_desk(stage)
    stage.ears["caller"].vanish()
    over = await stage.ended(call, SILENT_SECONDS)
    assert over["outcome"] == "answered"
    await talk.until(lambda one: one.end == "hung_up_on")
    await is_seat(stage, "03", "ready")
    adds_up(over)


async def talks_at_desk(stage: Stage) -> tuple[Talk, str]:
    """A caller talks with the desk phone at 03."""
    await stage.caller(NUMBERS["03"])
    talk = await stage.picks_up("03")
    call = (await stage.only_call())["id"]
    await is_call(stage, call, "talking")
    await stage.ears["caller"].until(lambda one: one.up)
    return talk, call


async def after(seconds: float, act: Callable[[], None]) -> None:
    """Do it then."""
    await asyncio.sleep(seconds)
    act()


async def leaves(caller: Talk) -> None:
    """He puts down, whether he was answered or not."""
    if caller.up:
        caller.hang_up()
    else:
        caller.cancel()
        await caller.until(lambda talk: talk.end != "")


async def nobody_rings(stage: Stage) -> bool:
    """Every ring of every telephone is over."""
    return all(talk.end or talk.up for phone in stage.phones.values() for talk in phone.talks)


async def is_seat(stage: Stage, seat: str, state: str) -> None:
    """Wait for a seat's state."""

    async def so() -> bool:
        return (await stage.house.seat(seat))["state"] == state

    await until(so, 5, f"{seat} is {state}", lambda: stage.house.seat(seat))


async def is_call(stage: Stage, call: str, state: str) -> None:
    """Wait for a call's state."""

    async def so() -> bool:
        return (await stage.call(call))["state"] == state

    await until(so, 5, f"{call} is {state}")
