"""Numbers outside: consulted, a mobile at night, the person who is called back; and which may be rung at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.asterisk import adapter as adapter_module
from adapters.asterisk.rig import Rig
from adapters.asterisk.rig.handset import Talk
from adapters.errors import Refused, Unsupported
from adapters.telephony import (
    Ability,
    CallAnswered,
    CallKey,
    CallReleased,
    EndedBy,
    OfferId,
    Phone,
    PhoneKind,
    PlaceCall,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    SendKeys,
    StopRinging,
)
from tests.adapters.asterisk.stage import PHONES, Stage, stage, stage_rig

pytestmark = pytest.mark.asterisk
POLICE, MOBILE, CLIENT = "110", "13900139000", "13800138000"
OUTBOUND = CallKey("out~HALL-000000007")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("outside"), their_id_header="X-Call-ID") as started:
        yield started


def _outside(on: Stage, number: str = POLICE, seconds: int = 15) -> RingOutside:
    return RingOutside(call=on.call, offer=OfferId("out"), number=number, seconds=seconds)


def _mobile(on: Stage, seconds: int = 15) -> RingSeat:
    phone = Phone(PhoneKind.MOBILE, MOBILE)
    return RingSeat(call=on.call, offer=OfferId("out"), phone=phone, seconds=seconds, caller_shown="138****8000")


async def test_three_with_somebody_outside(rig: Rig, tmp_path: Path) -> None:
    """Consulted by voice, then all three; keys reach him; the lawyer leaves, the caller stays with him."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.ear.do(_outside(on), _outside(on))
        police = on.talks["out"] = await on.phones["out"].rung()
        assert police.number == POLICE
        assert "sip:12348@" in police.invite["from"], "whom the number outside sees"
        assert not [name for name in police.invite if name.startswith("x-hotline")]
        await on.ear.until(SeatRinging, lambda fact: fact.offer == "out")
        assert (await on.port()).ringing == ("out",)
        police.answer()
        await on.ear.until(SeatAnswered, lambda fact: fact.offer == "out")
        await on.arrange("ann", "out", caller=False)
        await on.hear(caller="music", ann="out", out="ann")
        await on.ear.do(SendKeys(call=on.call, digits="0", offer=OfferId("out")))
        await on.eventually(lambda: police.sound.pressed == ["0"], "the key arrives")
        await on.arrange("ann", "out")
        await on.hear(caller="ann out", ann="caller out", out="caller ann")
        await on.ear.do(StopRinging(call=on.call, offer=OfferId("ann")))
        await on.ear.until(SeatReleased)
        await on.arrange("out")
        await on.hear(caller="out", out="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await police.until(lambda talk: talk.end == "hung_up_on")
        await on.nothing_left()


@pytest.mark.parametrize(
    ("code", "reason"),
    [(486, "busy"), (600, "busy"), (603, "rejected"), (480, "no_answer"), (404, "unreachable"), (503, "unreachable")],
)
async def test_a_number_outside_does_not_take_it(rig: Rig, tmp_path: Path, code: int, reason: str) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.ear.do(_outside(on))
        await _refuses(on, code)
        declined = await on.ear.until(SeatDeclined)
        assert (declined.offer, declined.reason, declined.seat_fault) == ("out", reason, False)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_nobody_picks_up_outside(rig: Rig, tmp_path: Path) -> None:
    """The time runs out, whether the network said that it rings or played a tone of its own; and we may give up."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        for number, early in enumerate((False, True), 1):
            offer = OfferId(f"out-{number}")
            await on.ear.do(RingOutside(call=on.call, offer=offer, number=POLICE, seconds=1))
            talk = await _incoming(on, number)
            talk.progress() if early else talk.ring()
            declined = await on.ear.until(SeatDeclined, lambda fact, offer=offer: fact.offer == offer)
            assert (declined.reason, declined.seat_fault) == ("no_answer", False)
            await talk.until(lambda talk: talk.end == "cancelled")
        await on.ear.do(_outside(on))
        talk = await on.phones["out"].rung(3)
        await on.ear.do(StopRinging(call=on.call, offer=OfferId("out")))
        assert (await on.ear.until(SeatDeclined, lambda fact: fact.offer == "out")).reason == "stopped"
        await talk.until(lambda talk: talk.end == "cancelled")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_a_mobile_is_taken_by_the_key_one(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.ear.do(_mobile(on))
        mobile = on.talks["out"] = await on.phones["out"].picks_up()
        await on.hear(out="question")
        assert not on.ear.all(SeatAnswered)
        port = await on.port()
        assert (port.picked_up, port.ringing) == ((), ("out",))
        with pytest.raises(Refused):
            await on.arrange("out")
        mobile.press("21")
        await on.ear.until(SeatAnswered)
        await on.arrange("out")
        await on.joined("out")
        await on.hear(caller="out", out="caller")
        mobile.press("1")
        await asyncio.sleep(0.3)
        assert len(on.ear.all(SeatAnswered)) == 1
        mobile.hang_up()
        assert (await on.ear.until(SeatReleased)).hung_up
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_a_mailbox_takes_no_call(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It picks up, talks, and presses nothing; or it hangs up by itself."""
    monkeypatch.setattr(adapter_module, "ACCEPTS_WITHIN_SECONDS", 0.6)
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.ear.do(_mobile(on))
        mailbox = await on.phones["out"].picks_up()
        declined = await on.ear.until(SeatDeclined)
        assert (declined.reason, declined.seat_fault) == ("no_answer", False)
        await mailbox.until(lambda talk: talk.end == "hung_up_on")
        phone = Phone(PhoneKind.MOBILE, MOBILE)
        await on.ear.do(RingSeat(call=on.call, offer=OfferId("again"), phone=phone, seconds=9))
        (await on.phones["out"].picks_up(2)).hang_up()
        declined = await on.ear.until(SeatDeclined, lambda fact: fact.offer == "again")
        assert (declined.reason, declined.seat_fault) == ("no_answer", False)
        assert not on.ear.all(SeatAnswered)
        assert not on.ear.all(SeatReleased)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_a_mobile_that_is_switched_off_is_a_seat_s_fault(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.ear.do(_mobile(on))
        await _refuses(on, 503)
        declined = await on.ear.until(SeatDeclined)
        assert (declined.reason, declined.seat_fault) == ("unreachable", True)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)


async def test_somebody_is_called_back(rig: Rig, tmp_path: Path) -> None:
    """The lawyer's phone first, then the client's; the lawyer hears it ring; either may be rung again to no effect."""
    async with stage(rig, tmp_path) as on:
        on.call = OUTBOUND
        first = _first(on)
        await on.ear.do(first, first)
        ann = await on.phones["ann"].rung()
        assert ann.invite["call-info"].endswith("answer-after=0")
        port = await on.port()
        assert (port.call, port.placed, port.answered, port.ringing) == (OUTBOUND, True, False, ("ann",))
        await on.picks_up("ann")
        assert (await on.port()).picked_up == ("ann",)
        place = PlaceCall(call=on.call, number=CLIENT, seconds=15)
        await on.ear.do(place, place)
        client = on.talks["caller"] = await on.phones["out"].rung()
        assert client.number == CLIENT
        await on.hear(ann="ringing")
        assert (await on.port()).answered is False
        client.answer()
        await on.ear.until(CallAnswered)
        await on.arrange("ann")
        await on.joined("ann")
        await on.hear(caller="ann", ann="out")
        port = await on.port()
        assert (port.placed, port.answered, port.room, port.caller_in_room) == (True, True, ("ann",), True)
        await on.arrange("ann", caller=False)
        await on.hear(caller="music", ann="")
        await on.arrange("ann")
        client.hang_up()
        over = await on.ear.until(CallReleased)
        assert (over.by, over.cause) == (EndedBy.CALLER, "q850:16")
        await on.talks["ann"].until(lambda talk: talk.end == "hung_up_on")
        await on.ear.do(place, first, Release(call=on.call))
        await on.nothing_left()
        assert len(on.phones["out"].talks) == 1


@pytest.mark.parametrize(
    ("code", "by", "cause"),
    [
        (486, EndedBy.CALLER, "busy"),
        (603, EndedBy.CALLER, "rejected"),
        (404, EndedBy.NETWORK, "unreachable"),
        (0, EndedBy.US, "no_answer"),
    ],
)
async def test_the_client_is_not_reached(rig: Rig, tmp_path: Path, code: int, by: EndedBy, cause: str) -> None:
    async with stage(rig, tmp_path) as on:
        on.call = CallKey(f"out~HALL-{code}")
        await on.ear.do(_first(on))
        await on.picks_up("ann")
        await on.ear.do(PlaceCall(call=on.call, number=CLIENT, seconds=1))
        if code:
            await _refuses(on, code)
        over = await on.ear.until(CallReleased)
        assert (over.by, over.cause) == (by, cause)
        await on.talks["ann"].until(lambda talk: talk.end == "hung_up_on")
        await on.nothing_left()


async def test_an_outbound_call_that_never_was(rig: Rig, tmp_path: Path) -> None:
    """The lawyer does not pick up, or hangs up first, or thinks better of it while it rings at the client's."""
    async with stage(rig, tmp_path) as on:
        on.call = CallKey("out~HALL-1")
        await on.ear.do(_first(on))
        (await on.phones["ann"].rung()).refuse(486)
        await on.ear.until(SeatDeclined)
        await on.ear.do(Release(call=on.call), Release(call=on.call))
        over = await on.ear.until(CallReleased)
        assert (over.by, over.call) == (EndedBy.US, on.call)
        on.call = CallKey("out~HALL-2")
        await on.ear.do(_first(on))
        (await on.picks_up("ann")).hang_up()
        await on.ear.until(SeatReleased)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased, lambda fact: fact.call == on.call)
        on.call = CallKey("out~HALL-3")
        await on.ear.do(_first(on))
        await on.picks_up("ann")
        await on.ear.do(PlaceCall(call=on.call, number=CLIENT, seconds=15))
        client = await on.phones["out"].rung()
        await on.ear.do(Release(call=on.call))
        assert (await on.ear.until(CallReleased, lambda fact: fact.call == on.call)).by is EndedBy.US
        await client.until(lambda talk: talk.end == "cancelled")
        await on.nothing_left()


async def test_which_numbers_may_be_rung(rig: Rig, tmp_path: Path) -> None:
    """Behind the hall's own rules stands ours; and a line without a way out says so."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        for number in ("0086138", "00861390000000", "+8613900000000", "12", "1390000000000", "110@evil", "110&x", ""):
            with pytest.raises(Refused):
                await on.ear.do(_outside(on, number))
            with pytest.raises(Refused):
                await on.ear.do(PlaceCall(call=OUTBOUND, number=number, seconds=5))
        with pytest.raises(Refused):
            await on.ear.do(PlaceCall(call=CallKey("any"), number=CLIENT, seconds=5))
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        assert not on.phones["out"].talks
        assert Ability.RINGS_OUTSIDE in on.ear.adapter.abilities
    async with stage(rig, tmp_path, outside="") as on:
        await on.caller_rings()
        assert frozenset(Ability) - on.ear.adapter.abilities == {Ability.RINGS_OUTSIDE}
        for command in (_outside(on), _mobile(on)):
            with pytest.raises(Unsupported):
                await on.ear.do(command)
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)


async def test_the_platform_s_own_id(rig: Rig, tmp_path: Path) -> None:
    """Read from the header that the trunk is known to send, without what does not belong into an id."""
    async with stage(rig, tmp_path) as on:
        peer = ("127.0.0.1", rig.sip_port)
        for header, known in (("GD-2026/11\"'<x>-0007", "GD-202611x-0007"), ("", "")):
            headers = {"X-Call-ID": header} if header else {}
            talk = await on.phones["caller"].call("12348", peer, headers)
            began = time.monotonic()
            while not (offered := [fact for fact in on.ear.facts if getattr(fact, "their_id", None) == known]):
                assert time.monotonic() - began < 3
                await asyncio.sleep(0.02)
            assert len(offered) == 1
            talk.cancel()
        await on.nothing_left()


def _first(on: Stage) -> RingSeat:
    phone = Phone(PhoneKind.DESK, PHONES["ann"])
    return RingSeat(call=on.call, offer=OfferId("ann"), phone=phone, seconds=15, first=True, expected=True)


async def _incoming(on: Stage, number: int) -> Talk:
    """It has come, and says nothing yet."""
    phone = on.phones["out"]
    await on.eventually(lambda: len(phone.talks) >= number, "it rings outside")
    return phone.talks[number - 1]


async def _refuses(on: Stage, code: int) -> None:
    (await _incoming(on, 1)).refuse(code)
