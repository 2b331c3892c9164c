"""What phones do on the wire: refuse in every way, play early media, cross our messages, and vanish."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig
from adapters.telephony import (
    CallReleased,
    EndedBy,
    OfferId,
    Phone,
    PhoneKind,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StopRinging,
)
from tests.adapters.asterisk.stage import PHONES, Stage, stage, stage_rig

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("wire"), rtp_timeout=2) as started:
        yield started


async def test_every_refusal(rig: Rig, tmp_path: Path) -> None:
    """A phone that says "not now" without having rung is out of order as far as anybody can tell."""
    answers = [
        (486, False, ("busy", False)),
        (600, True, ("busy", False)),
        (603, False, ("rejected", False)),
        (480, True, ("no_answer", False)),
        (480, False, ("unreachable", True)),
        (503, False, ("unreachable", True)),
        (404, False, ("unreachable", True)),
        (488, True, ("unreachable", True)),
    ]
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        for number, (code, rings, told) in enumerate(answers, 1):
            offer = f"ann-{number}"
            await on.ear.do(on.ring("ann", offer))
            phone = on.phones["ann"]
            await on.eventually(lambda phone=phone, number=number: len(phone.talks) == number, "it rings")
            if rings:
                phone.talks[-1].ring()
                await on.ear.until(SeatRinging, lambda fact, offer=offer: fact.offer == offer)
            phone.talks[-1].refuse(code)
            declined = await on.ear.until(SeatDeclined, lambda fact, offer=offer: fact.offer == offer)
            assert (code, (declined.reason, declined.seat_fault)) == (code, told)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_early_media(rig: Rig, tmp_path: Path) -> None:
    """A phone that plays something before it is picked up: nobody hears it, and it is not an answer."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.ear.do(on.ring("ann"))
        await on.eventually(lambda: len(on.phones["ann"].talks) == 1, "it rings")
        talk = on.talks["ann"] = on.phones["ann"].talks[0]
        talk.progress()
        await asyncio.sleep(0.3)
        assert not on.ear.all(SeatAnswered)
        talk.answer()
        await on.ear.until(SeatAnswered)
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_who_may_pick_up_by_itself(rig: Rig, tmp_path: Path) -> None:
    """Only a call that is expected, and each phone in its own words."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        rings = [(kind, expected) for kind in (PhoneKind.BROWSER, PhoneKind.DESK) for expected in (False, True)]
        for number, (kind, expected) in enumerate(rings, 1):
            phone, offer = Phone(kind, PHONES["ann"]), OfferId(f"o-{number}")
            await on.ear.do(RingSeat(call=on.call, offer=offer, phone=phone, seconds=9, expected=expected))
            talk = await on.phones["ann"].rung(number)
            assert (talk.invite["x-hotline-offer"], talk.invite["x-hotline-call"]) == (offer, on.call)
            browser, desk = (expected and kind is each for each in (PhoneKind.BROWSER, PhoneKind.DESK))
            assert talk.invite.get("x-hotline-expected") == ("1" if browser else None)
            assert ("answer-after=0" in talk.invite.get("call-info", "")) is desk
            assert ("alert-autoanswer" in talk.invite.get("alert-info", "")) is desk
            talk.refuse(486)
            await on.ear.until(SeatDeclined, lambda fact, offer=offer: fact.offer == offer)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)


async def test_answer_against_stop(rig: Rig, tmp_path: Path) -> None:
    """The phone is picked up as we let it go, a little earlier or later: it ends once, in one way or the other."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        ways: set[str] = set()
        for number in range(24):
            offer = f"ann-{number}"
            await on.ear.do(on.ring("ann", offer))
            talk = await on.phones["ann"].rung(number + 1)
            stop = asyncio.create_task(on.ear.do(StopRinging(call=on.call, offer=OfferId(offer))))
            await asyncio.sleep(0.0004 * (number % 12))
            talk.answer()
            await stop
            await on.eventually(lambda offer=offer: _ends(on, offer) == 1, "it has ended")
            ways.add("answered" if any(fact.offer == offer for fact in on.ear.all(SeatAnswered)) else "stopped")
        await asyncio.sleep(0.2)
        assert all(_ends(on, f"ann-{number}") == 1 for number in range(24))
        assert (await on.port()).picked_up == ()
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()
        assert "stopped" in ways


@pytest.mark.parametrize("who", ["caller", "ann"])
async def test_good_byes_cross(rig: Rig, tmp_path: Path, who: str) -> None:
    """He hangs up in the same instant as we end it."""
    async with stage(rig, tmp_path) as on:
        for number in range(8):
            await on.caller_rings()
            await on.takes("ann", f"ann-{number}")
            await on.arrange(f"ann-{number}")
            if number % 2:
                on.talks[who].hang_up()
            await on.ear.do(Release(call=on.call))
            on.talks[who].hang_up()
            await on.ear.until(CallReleased, lambda fact: fact.call == on.call)
        await on.nothing_left()
        assert len(on.ear.all(CallReleased)) == len(on.ear.all(SeatReleased)) == 8


@pytest.mark.parametrize("who", ["caller", "ann"])
async def test_a_bye_that_never_came(rig: Rig, tmp_path: Path, who: str) -> None:
    """His line is dead: for lack of sound he counts as gone, and not as having hung up."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        on.talks[who].vanish()
        if who == "ann":
            gone = await on.ear.until(SeatReleased, seconds=8)
            assert not gone.hung_up
            await on.ear.do(Release(call=on.call))
            await on.ear.until(CallReleased)
        else:
            over = await on.ear.until(CallReleased, seconds=8)
            assert (over.by, over.cause) == (EndedBy.NETWORK, "q850:44")
            await on.talks["ann"].until(lambda talk: talk.end == "hung_up_on")
        rig.hang_up_all()


def _ends(on: Stage, offer: str) -> int:
    return sum(fact.offer == offer for kind in (SeatDeclined, SeatReleased) for fact in on.ear.all(kind))
