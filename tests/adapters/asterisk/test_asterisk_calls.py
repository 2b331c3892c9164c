"""Whole calls through a real Asterisk: what the adapter says is held against SIPp's ledger and the sound."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from datetime import timedelta
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from adapters.asterisk.rig import CallerPlan, Rig, SeatPlan
from adapters.asterisk.rig.audio import heard, overhear, read_wav
from adapters.errors import Refused, Unsupported
from adapters.telephony import (
    Answer,
    Arrange,
    CallAnswered,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegsJoined,
    OfferId,
    Phone,
    PhoneKind,
    PickUp,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
    StopRinging,
)
from tests.adapters.asterisk.conftest import CALLER_HZ, NOBODY_HZ, SEAT_HZ
from tests.adapters.asterisk.ear import Ear, adapter_of, listening, ring

pytestmark = pytest.mark.asterisk


async def test_a_whole_call(rig: Rig, tmp_path: Path, sounds: dict[str, Path]) -> None:
    phones = rig.phones("desk", SeatPlan(ring_ms=300, media=sounds["seat"]))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        callers = rig.callers(CallerPlan(media=sounds["caller"]))
        rings = await ear.until(CallOffered)
        call = rings.call
        assert (rings.caller, rings.dialled) == ("13900000000", "12348")
        await ear.do(Answer(call=call), Answer(call=call), PlayPrompt(call=call, prompt="greeting"))
        await ear.until(CallAnswered)
        assert (await ear.until(DigitsPressed)).digits == "1"
        assert (await ear.until(PromptEnded)).interrupted
        await ear.do(PlayMusic(call=call))
        (waiting,) = await ear.adapter.ports()
        assert waiting.answered
        assert (waiting.ringing, waiting.room, waiting.caller_in_room) == ((), (), False)

        offer = OfferId("o-1")
        await ear.do(ring(call, offer, "1002"), ring(call, offer, "1002"), PickUp(call=call, offer=offer))
        await ear.until(SeatRinging)
        (ringing,) = await ear.adapter.ports()
        assert (ringing.ringing, ringing.picked_up) == ((offer,), ())
        await ear.until(SeatAnswered)
        (picked_up,) = await ear.adapter.ports()
        assert (picked_up.picked_up, picked_up.ringing, picked_up.room) == ((offer,), (), ())

        await ear.do(Arrange(call=call, room=(offer,)), Arrange(call=call, room=(offer,)))
        await ear.do(StartRecording(call=call, name="2026/11/call-1"), StartRecording(call=call, name="2026/11/call-1"))
        assert (await ear.until(LegsJoined)).offer == offer
        await ear.until(RecordingStarted)
        (talking,) = await ear.adapter.ports()
        assert (talking.room, talking.caller_in_room, talking.recording) == ((offer,), True, True)
        wire = await asyncio.to_thread(overhear, [callers.media, phones.media], 1.6)

        await ear.do(Release(call=call))
        over = await ear.until(CallReleased)
        assert over.by is EndedBy.US
        await ear.until(SeatReleased)
        kept = await ear.until(RecordingStopped)
        assert await asyncio.to_thread(callers.wait, 5) == 0
        await phones.until(3)
        assert not await ear.adapter.ports()
        assert not ear.adapter.misread

    assert heard(wire[callers.media], SEAT_HZ, [CALLER_HZ, NOBODY_HZ]), "the caller does not hear the seat"
    assert heard(wire[phones.media], CALLER_HZ, [SEAT_HZ, NOBODY_HZ]), "the seat does not hear the caller"
    recording = read_wav(rig.recordings / str(kept.file))
    assert heard(recording, CALLER_HZ, [NOBODY_HZ])
    assert heard(recording, SEAT_HZ, [NOBODY_HZ])
    assert kept.seconds is not None
    assert abs(kept.seconds - len(recording) / 8000) <= 1.0

    (lived,) = callers.callers()
    (rung,) = phones.seats()
    near = timedelta(milliseconds=150)
    assert lived.number == rings.caller
    assert (lived.end, rung.end, rung.extension, rung.offer) == ("hung_up_on", "hung_up_on", "1002", offer)
    assert abs(rings.at - lived.invited_at) < near
    assert lived.ended_at is not None
    assert abs(over.at - lived.ended_at) < near
    ids = [fact.event_id for fact in ear.facts]
    assert len(ids) == len(set(ids)), "a command repeated told something twice"


@pytest.mark.parametrize(
    ("extension", "reason", "fault"),
    [
        ("2001", "busy", False),
        ("2002", "rejected", False),
        ("2004", "no_answer", False),
        ("2003", "unreachable", True),
        ("7001", "unreachable", True),
        ("9999", "unreachable", True),
    ],
)
async def test_a_phone_does_not_take_the_call(
    rig: Rig, tmp_path: Path, extension: str, reason: str, fault: bool
) -> None:
    rig.phones("busy", SeatPlan(does="busy"))
    rig.phones("rejecting", SeatPlan(does="rejects"))
    rig.phones("ringing", SeatPlan(does="rings"))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        rig.callers(CallerPlan())
        call = (await ear.until(CallOffered)).call
        await ear.do(ring(call, "o-1", extension, seconds=1))
        declined = await ear.until(SeatDeclined)
        assert (declined.offer, declined.reason, declined.seat_fault) == ("o-1", reason, fault)
        await ear.do(Release(call=call, cause="busy"))
        await ear.until(CallReleased)


async def test_ringing_is_stopped(rig: Rig, tmp_path: Path) -> None:
    phones = rig.phones("ringing", SeatPlan(does="rings"))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        rig.callers(CallerPlan())
        call = (await ear.until(CallOffered)).call
        await ear.do(ring(call, "o-1", "2004"))
        await ear.until(SeatRinging)
        await ear.do(StopRinging(call=call, offer=OfferId("o-1")), StopRinging(call=call, offer=OfferId("o-1")))
        declined = await ear.until(SeatDeclined)
        assert (declined.reason, declined.seat_fault) == ("stopped", False)
        assert len(await ear.adapter.ports()) == 1
        await ear.do(Release(call=call))
        await ear.until(CallReleased)
        await phones.until(2)
    assert [row.end for row in phones.seats()] == ["cancelled"]


async def test_a_seat_is_not_rung_for_a_caller_who_has_gone(rig: Rig, tmp_path: Path) -> None:
    """The order crossed with his hanging up: that is not the phone's fault."""
    phones = rig.phones("desk", SeatPlan(ring_ms=300))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        callers = rig.callers(CallerPlan(patience_ms=200))
        call = (await ear.until(CallOffered)).call
        await ear.until(CallReleased)
        await ear.do(ring(call, "o-1", "1002"))
        assert not ear.all(SeatDeclined)
    callers.wait(5)
    assert not phones.seats()


async def test_the_caller_gives_up_while_a_seat_rings(rig: Rig, tmp_path: Path) -> None:
    phones = rig.phones("ringing", SeatPlan(does="rings"))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        callers = rig.callers(CallerPlan(patience_ms=800))
        call = (await ear.until(CallOffered)).call
        await ear.do(ring(call, "o-1", "2004"))
        over = await ear.until(CallReleased)
        assert over.by is EndedBy.CALLER
        await ear.until(SeatDeclined)
        await phones.until(2)
        await _nothing_left(ear)
    assert [row.end for row in phones.seats()] == ["cancelled"]
    assert [row.end for row in callers.callers()] == ["gave_up"]


@pytest.mark.parametrize("who", ["seat", "caller"])
async def test_one_side_hangs_up(rig: Rig, tmp_path: Path, who: str) -> None:
    phones = rig.phones("desk", SeatPlan(talk_ms=600 if who == "seat" else None))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        callers = rig.callers(CallerPlan(talk_ms=600 if who == "caller" else None))
        call = (await ear.until(CallOffered)).call
        await ear.do(ring(call, "o-1", "1001"))
        await ear.until(SeatAnswered)
        # Nobody said Answer: joining does it.
        await ear.do(Arrange(call=call, room=(OfferId("o-1"),)))
        await ear.until(CallAnswered)
        await ear.until(LegsJoined)
        await ear.until(SeatReleased)
        if who == "seat":
            assert len(await ear.adapter.ports()) == 1
            await ear.do(Release(call=call))
        over = await ear.until(CallReleased)
        assert over.by is (EndedBy.US if who == "seat" else EndedBy.CALLER)
        await asyncio.to_thread(callers.wait, 5)
        await phones.until(3)
        await _nothing_left(ear)
    ends = {"seat": ("hung_up_on", "hung_up"), "caller": ("hung_up", "hung_up_on")}[who]
    assert (callers.callers()[0].end, phones.seats()[0].end) == ends


async def test_announcements(rig: Rig, tmp_path: Path, sounds: dict[str, Path]) -> None:
    """One that may not be cut short is heard to its end in spite of a key; one that is missing ends at once."""
    async with listening(adapter_of(rig, tmp_path)) as ear:
        rig.callers(CallerPlan(media=sounds["caller"]))
        call = (await ear.until(CallOffered)).call
        await ear.do(Answer(call=call))
        began = time.monotonic()
        await ear.do(PlayPrompt(call=call, prompt="recording-notice", interruptible=False))
        await ear.until(DigitsPressed)
        ended = await ear.until(PromptEnded)
        assert not ended.interrupted
        assert time.monotonic() - began > 2
        await ear.do(PlayPrompt(call=call, prompt="no-such-thing"))
        await ear.until(PromptEnded, lambda fact: fact.prompt == "no-such-thing")
        with pytest.raises(Refused):
            await ear.do(PlayPrompt(call=call, prompt="../../etc/passwd"))
        with pytest.raises(Refused):
            await ear.do(StartRecording(call=call, name="../../etc/cron.d/x"))
        await ear.do(Release(call=call))
        await ear.until(CallReleased)


async def test_commands_that_cannot_be(rig: Rig, tmp_path: Path) -> None:
    async with listening(adapter_of(rig, tmp_path)) as ear:
        rig.callers(CallerPlan())
        call = (await ear.until(CallOffered)).call
        with pytest.raises(Refused):
            await ear.do(ring(call, "o-1", "1001&PJSIP/callers/sip:00861380000@127.0.0.2"))
        phone = Phone(PhoneKind.SIMULATED, "1001")
        with pytest.raises(Unsupported):
            await ear.do(RingSeat(call=call, offer=OfferId("o-2"), phone=phone, seconds=5))
        with pytest.raises(Refused):
            await ear.do(Arrange(call=call, room=(OfferId("never-rung"),)))
        await ear.do(Release(call=call), Release(call=call))
        await ear.until(CallReleased)
        with pytest.raises(Refused):
            await ear.do(Answer(call=call))
        await _nothing_left(ear)


async def test_nobody_gets_a_line_out(rig: Rig, tmp_path: Path) -> None:
    """Neither a stranger nor one of our own phones can reach the dial plan; the hall hears nothing of it."""
    async with listening(adapter_of(rig, tmp_path)) as ear:
        stranger = rig.callers(CallerPlan(dialled="00861380000000"), address="127.0.0.3")
        phone = rig.callers(CallerPlan(dialled="00861380000000"), address="127.0.0.1", first=1001)
        for run in (stranger, phone):
            await run.until(1)
            await asyncio.to_thread(run.wait, 5)
        assert [row.answered_at for run in (stranger, phone) for row in run.callers()] == [None, None]
        assert not ear.all(CallOffered)
    assert "401" in stranger.errors()
    assert "401" in phone.errors()


async def test_a_browser_phone_registers(rig: Rig) -> None:
    """REGISTER over the WebSocket with the account that the console is handed (RFC 7118, digest by RFC 2617)."""
    (account,) = rig.accounts()
    async with connect(account.url, subprotocols=["sip"], proxy=None) as socket:  # pyright: ignore[reportArgumentType]
        await socket.send(_register(account.extension, 1, ""))
        challenge = str(await socket.recv())
        assert challenge.startswith("SIP/2.0 401")
        realm, nonce = (re.search(rf'{key}="([^"]*)"', challenge) for key in ("realm", "nonce"))
        assert realm
        assert nonce
        one = _md5(f"{account.extension}:{realm[1]}:{account.password}")
        answer = _md5(f"{one}:{nonce[1]}:00000001:abc:auth:{_md5('REGISTER:sip:hotline')}")
        await socket.send(
            _register(
                account.extension,
                2,
                f'Authorization: Digest username="{account.extension}", realm="{realm[1]}", nonce="{nonce[1]}", '
                f'uri="sip:hotline", response="{answer}", algorithm=MD5, qop=auth, nc=00000001, cnonce="abc"\r\n',
            )
        )
        assert str(await socket.recv()).startswith("SIP/2.0 200")
        assert "Avail" in rig.cli("pjsip show contacts") or account.extension in rig.cli("pjsip show contacts")


def _register(user: str, number: int, more: str) -> str:
    return (
        "REGISTER sip:hotline SIP/2.0\r\n"
        f"Via: SIP/2.0/WS test.invalid;branch=z9hG4bK{number}\r\n"
        f"From: <sip:{user}@hotline>;tag=t\r\nTo: <sip:{user}@hotline>\r\nCall-ID: test\r\nCSeq: {number} REGISTER\r\n"
        f"Contact: <sip:{user}@test.invalid;transport=ws>\r\nExpires: 60\r\nMax-Forwards: 70\r\n{more}"
        "Content-Length: 0\r\n\r\n"
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


async def _nothing_left(ear: Ear, seconds: float = 3.0) -> None:
    """No call, no leg and no bridge is left on the device."""
    end = time.monotonic() + seconds
    while left := await ear.adapter.leftovers():
        assert time.monotonic() < end, f"left over: {left}"
        await asyncio.sleep(0.05)
