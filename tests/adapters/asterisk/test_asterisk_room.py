"""Who hears whom through a real Asterisk: hold, consultation, three on the line, transfer, mute, keys."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig
from adapters.asterisk.rig.audio import read_wav
from adapters.asterisk.rig.rtp import tones
from adapters.errors import Refused
from adapters.telephony import (
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegHeld,
    LegResumed,
    OfferId,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    RecordingStopped,
    Release,
    SeatReleased,
    SendKeys,
    StartRecording,
    StopRinging,
)
from tests.adapters.asterisk.stage import HZ, Stage, stage, stage_rig

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("room")) as started:
        yield started


async def test_hold_and_back(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        await on.hear(caller="ann", ann="caller")
        for _ in range(2):
            await on.arrange("ann", caller=False)
            port = await on.port()
            assert (port.room, port.caller_in_room, port.picked_up) == (("ann",), False, ("ann",))
            await on.hear(caller="music", ann="")
            await on.arrange("ann")
            await on.joined("ann")
            await on.hear(caller="ann", ann="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_consultation_conference_transfer(rig: Rig, tmp_path: Path) -> None:
    """The caller hears nothing of what the lawyers say about him; then all three talk; then the first one leaves."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        await on.ear.do(StartRecording(call=on.call, name="whole"))
        await on.arrange("ann", caller=False)
        await on.takes("ben")
        await on.arrange("ann", "ben", caller=False)
        await on.hear(caller="music", ann="ben", ben="ann")
        await on.arrange("ann", "ben")
        await on.joined("ann", "ben")
        await on.hear(caller="ann ben", ann="caller ben", ben="caller ann")
        await on.arrange("ben")
        await on.hear(caller="ben", ann="music", ben="caller")
        await on.ear.do(StopRinging(call=on.call, offer=OfferId("ann")))
        gone = await on.ear.until(SeatReleased)
        assert gone.offer == "ann"
        await on.arrange("ben", caller=False)
        await on.hear(caller="music", ben="")
        assert not on.ear.all(RecordingStopped), "the recording goes on through all of it"
        on.talks["ben"].hang_up()
        assert (await on.ear.until(SeatReleased, lambda fact: fact.offer == "ben")).hung_up
        assert (await on.port()).caller_in_room is False
        on.talks["caller"].hang_up()
        assert (await on.ear.until(CallReleased)).by is EndedBy.CALLER
        kept = await on.ear.until(RecordingStopped)
        assert kept.seconds is not None
        assert kept.seconds >= 2
        recorded = tones(read_wav(rig.recordings / str(kept.file)), HZ)
        assert recorded == {"caller", "ann", "ben"}, "everybody who spoke, and no music"
        await on.nothing_left()


async def test_a_swap_in_one_step(rig: Rig, tmp_path: Path) -> None:
    """Out goes the one, in comes the other; they never hear each other, and the caller is not left alone."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.takes("ben")
        await on.arrange("ben")
        await on.hear(caller="ben", ann="music", ben="caller")
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller", ben="music")
        await on.joined("ann", "ben", "ann")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


@pytest.mark.parametrize("order", list(permutations(("caller", "ann", "ben"))), ids="-".join)
async def test_three_leave_in_any_order(rig: Rig, tmp_path: Path, order: tuple[str, str, str]) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await asyncio.gather(on.takes("ann"), on.takes("ben"))
        await on.arrange("ann", "ben")
        await on.joined("ann", "ben")
        left = ["caller", "ann", "ben"]
        for name in order:
            left.remove(name)
            on.talks[name].hang_up()
            if name == "caller":
                await on.ear.until(CallReleased)
                break  # without him there is no call: everybody else is hung up on
            await on.ear.until(SeatReleased, lambda fact, name=name: fact.offer == name)
            await on.arrange(*(other for other in left if other != "caller"))
            await on.hear(**{other: " ".join(sorted({*left} - {other})) for other in left})
        for name in left:
            await on.talks[name].until(lambda talk: talk.end == "hung_up_on")
        await on.eventually(lambda: len(on.ear.all(SeatReleased)) == 2, "both lawyers are free")
        assert {str(fact.offer) for fact in on.ear.all(SeatReleased)} == {"ann", "ben"}
        await on.nothing_left()


async def test_mute(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann", muted=("ann",))
        await on.hear(caller="", ann="caller")
        await on.arrange("ann", muted=("ann",))
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller")
        await on.arrange("ann", muted=("ann",))
        await on.arrange("ann", caller=False)
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_a_repeated_picture_costs_nothing(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.takes("ben")
        asked = _count_requests(on)
        for picture in (("ann",), ("ann", "ben")):
            for caller in (True, False):
                await on.arrange(*picture, caller=caller)
                before = len(asked)
                for _ in range(3):
                    await on.arrange(*picture, caller=caller)
                assert asked[before:] == []
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)


async def test_the_bridge_is_lost(rig: Rig, tmp_path: Path) -> None:
    """Somebody destroyed it behind our back: the next change mends it, for everybody."""
    async with stage(rig, tmp_path) as on:
        call = await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        await on.takes("ben")
        await _destroy_bridge(on)
        await on.hear(caller="", ann="")
        await on.arrange("ann", "ben")
        await on.hear(caller="ann ben", ann="caller ben", ben="caller ann")
        await on.ear.do(Release(call=call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_a_leg_that_has_just_gone(rig: Rig, tmp_path: Path) -> None:
    """The picture crossed with a hang-up: those who are there are let in all the same, and the command is refused."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        with pytest.raises(Refused):
            await on.arrange("ann", "ben")
        await on.hear(caller="ann", ann="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        with pytest.raises(Refused):
            await on.arrange("ann")
        await on.nothing_left()


async def test_keys_to_a_leg_and_to_the_caller(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.ear.do(SendKeys(call=on.call, digits="12#", offer=OfferId("ann")), SendKeys(call=on.call, digits="*0"))
        await on.eventually(lambda: on.talks["ann"].sound.pressed == list("12#"), "keys at ann's")
        await on.eventually(lambda: on.talks["caller"].sound.pressed == list("*0"), "keys at the caller's")
        for digits in ("", "1;2", "a", "1" * 40):
            with pytest.raises(Refused):
                await on.ear.do(SendKeys(call=on.call, digits=digits))
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)


async def test_an_announcement_to_a_caller_on_hold(rig: Rig, tmp_path: Path) -> None:
    """He hears it, then music again; the lawyers go on talking. In the room only he hears it."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.arrange("ann", caller=False)
        await on.ear.do(PlayPrompt(call=on.call, prompt="notice"))
        await on.hear(caller="question", ann="")
        await on.ear.until(PromptEnded)
        await on.hear(caller="music", ann="")
        await on.arrange(caller=True)
        await on.ear.do(PlayPrompt(call=on.call, prompt="notice", interruptible=True))
        await on.hear(caller="question", ann="music")
        on.talks["caller"].press("5")
        ended = await on.ear.until(PromptEnded, lambda fact: fact.interrupted)
        assert ended.prompt == "notice"
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_back_to_the_queue_and_to_the_rating(rig: Rig, tmp_path: Path) -> None:
    """The lawyer leaves the caller alone in the room: he hears music, then an announcement and is heard pressing keys,
    then the next lawyer."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.ear.do(StartRecording(call=on.call, name="handed-on"))
        on.talks["ann"].hang_up()
        await on.ear.until(SeatReleased)
        await on.ear.do(PlayMusic(call=on.call))
        await on.hear(caller="music")
        await on.ear.do(PlayPrompt(call=on.call, prompt="notice"))
        await on.hear(caller="question")
        on.talks["caller"].press("4")
        assert (await on.ear.until(DigitsPressed)).digits == "4"
        assert (await on.ear.until(PromptEnded)).interrupted
        await on.ear.do(PlayMusic(call=on.call))
        await on.takes("ben")
        await on.hear(caller="music", ben="")
        await on.arrange("ben")
        await on.hear(caller="ben", ben="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_the_phone_s_own_hold_and_transfer_keys(rig: Rig, tmp_path: Path) -> None:
    """Its hold is told and can be heard; its transfer is refused, and nothing has changed."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        ann = await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        ann.hold()
        await on.ear.until(LegHeld)
        await ann.until(lambda talk: ("INVITE", 200) in talk.replies)  # one change at a time (RFC 3261, 14.1)
        ann.resume()
        await on.ear.until(LegResumed)
        await on.hear(caller="ann", ann="caller")
        ann.refer("00861380000000")
        await ann.until(lambda talk: any(method == "REFER" for method, _ in talk.replies))
        assert [code for method, code in ann.replies if method == "REFER"] == [603]
        await on.hear(caller="ann", ann="caller")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def _destroy_bridge(on: Stage) -> None:
    rest = on.ear.adapter._ari.rest  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
    assert (await rest.call("DELETE", f"bridges/call~{on.call}")).ok


def _count_requests(on: Stage) -> list[str]:
    """Requests from now on, but for those that only look."""
    rest = on.ear.adapter._ari.rest  # pyright: ignore[reportPrivateUsage, reportOptionalMemberAccess]
    asked: list[str] = []
    call = rest.call

    async def counted(method: str, path: str, query: object = None, body: object = None) -> object:
        asked.append(f"{method} {path}")
        return await call(method, path, query, body)  # pyright: ignore[reportArgumentType]

    rest.call = counted  # pyright: ignore[reportAttributeAccessIssue]
    return asked
