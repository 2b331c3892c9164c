"""Calls on a card, from the ring to the end, through a real host process and a compiled stand-in of each library."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from adapters.card import book, faults
from adapters.card.simulator import write_prompt
from adapters.errors import Refused, Unsupported
from adapters.telephony import (
    Ability,
    Answer,
    Arrange,
    CallAnswered,
    CallerIdentified,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegsJoined,
    OfferId,
    Phone,
    PhoneKind,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
)
from tests.adapters.card.bench import NUMBER, VENDORS, running

OFFER = OfferId("offer-1")
DESK = Phone(PhoneKind.DESK, "8001")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_call_with_greeting_key_seat_talk_and_end(vendor: str, tmp_path: Path) -> None:
    async with running(vendor, tmp_path) as bench:
        adapter, exchange = bench.adapter, bench.exchange
        exchange.answers.add(bench.station)
        call = await bench.caller()
        offered = bench.all(CallOffered)[0]
        assert (offered.caller, offered.dialled, offered.port) == (NUMBER, "12348", bench.trunk)
        await adapter.do(Answer(call=call))
        await adapter.do(Answer(call=call))
        assert len(bench.all(CallAnswered)) == 1
        await adapter.do(PlayPrompt(call=call, prompt="greeting"))
        assert not (await bench.heard(PromptEnded)).interrupted
        await adapter.do(PlayPrompt(call=call, prompt="long"))
        exchange.press(bench.trunk, "1")
        assert (await bench.heard(PromptEnded, 2)).interrupted
        assert (await bench.heard(DigitsPressed)).digits == "1"
        await adapter.do(PlayMusic(call=call))
        ring = RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20, caller_shown="138****8000")
        await adapter.do(ring)
        await adapter.do(ring)
        assert (await bench.heard(SeatRinging)).seat == "8001"
        await bench.heard(SeatAnswered)
        for _ in range(2):
            await adapter.do(Arrange(call=call, room=(OFFER,)))
        await adapter.do(StartRecording(call=call, name="rec/1"))
        await adapter.do(StartRecording(call=call, name="rec/1"))
        (status,) = await adapter.ports()
        assert (status.call, status.port, status.answered, status.room) == (call, bench.trunk, True, (OFFER,))
        assert status.caller_in_room
        assert status.recording
        await adapter.do(SendKeys(call=call, digits="12#", offer=OFFER))
        await adapter.do(SendKeys(call=call, digits="9"))
        exchange.hang_up(bench.trunk)
        released = await bench.heard(CallReleased)
        assert (released.call, released.by, released.inferred) == (call, EndedBy.CALLER, False)
        assert len(bench.all(LegsJoined)) == len(bench.all(RecordingStarted)) == 1
        stopped = await bench.heard(RecordingStopped)
        assert bench.events.index(stopped) < bench.events.index(released)
        assert await adapter.ports() == []
        assert stopped.file == "rec/1.wav"
        await exchange.until("SsmSendTone" if vendor == "shp_a3" else "busy-tone")
        assert len({event.event_id for event in bench.events}) == len(bench.events)
    recorded = (tmp_path / "recordings" / "rec" / "1.wav").read_bytes()
    assert recorded[:4] == b"RIFF"
    assert recorded[20] == 6
    functions = [entry.split()[0] for entry in exchange.ledger]
    assert functions.count("SsmPickup" if vendor == "shp_a3" else "XMS_ctsAnswerCallIn") == 1
    assert functions[-1] in ("SsmCloseCti", "XMS_acsCloseStream")


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_caller_who_gives_up(vendor: str, tmp_path: Path) -> None:
    """The line goes back to idle; the number came late."""
    async with running(vendor, tmp_path) as bench:
        first = await bench.caller("-")
        bench.exchange.say(f"number {bench.trunk} {NUMBER}")
        assert (await bench.heard(CallerIdentified)).caller == NUMBER
        bench.exchange.give_up(bench.trunk)
        released = await bench.heard(CallReleased)
        assert (released.by, released.cause, released.inferred) == (EndedBy.CALLER, "rings_stopped", True)
        second = await bench.caller()
        assert second != first
        assert [status.call for status in await bench.adapter.ports()] == [second]


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_busy_tone_is_a_hang_up(vendor: str, tmp_path: Path) -> None:
    async with running(vendor, tmp_path) as bench:
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        bench.exchange.say(f"busy {bench.trunk}")
        assert (await bench.heard(CallReleased)).cause == "busy_tone"
        await bench.exchange.until("SsmHangup" if vendor == "shp_a3" else "XMS_ctsResetDevice")
        assert await bench.adapter.ports() == []


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_seat_that_does_not_answer_is_busy_or_puts_down(vendor: str, tmp_path: Path) -> None:
    async with running(vendor, tmp_path) as bench:
        adapter = bench.adapter
        call = await bench.caller()
        await adapter.do(Answer(call=call))
        await adapter.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=0))
        assert (await bench.heard(SeatDeclined)).reason == "no_answer"
        await bench.exchange.until("SsmStopRing" if vendor == "shp_a3" else "XMS_ctsClearCall")
        await bench.in_use(1)  # the order is carried out: who lifts in that moment hears the busy tone and puts down
        bench.exchange.lift(bench.station)
        await bench.in_use(2)
        await adapter.do(RingSeat(call=call, offer=OfferId("o2"), phone=DESK, seconds=20))
        assert (await bench.heard(SeatDeclined, 2)).reason == "busy"
        bench.exchange.put_down(bench.station)
        bench.exchange.answers.add(bench.station)
        await bench.in_use(1)
        await adapter.do(RingSeat(call=call, offer=OfferId("o3"), phone=DESK, seconds=20))
        await bench.heard(SeatAnswered)
        await adapter.do(Arrange(call=call, room=(OfferId("o3"),)))
        bench.exchange.put_down(bench.station)
        gone = await bench.heard(SeatReleased)
        assert (gone.offer, gone.hung_up) == ("o3", True)
        (status,) = await adapter.ports()
        assert (status.room, status.picked_up) == ((), ())
        await adapter.do(StopRinging(call=call, offer=OfferId("o3")))
        await adapter.do(Release(call=call))
        await adapter.do(Release(call=call))
        assert (await bench.heard(CallReleased)).by is EndedBy.US
        with pytest.raises(Refused):
            await adapter.do(RingSeat(call=call, offer=OfferId("o4"), phone=DESK, seconds=20))


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_message(vendor: str, tmp_path: Path) -> None:
    """A tone, what the caller says, and # at its end; then one that something else cuts short."""
    async with running(vendor, tmp_path) as bench:
        write_prompt(tmp_path / "prompts", vendor, "beep", 0.05)
        call = await bench.caller()
        await bench.adapter.do(TakeMessage(call=call, name="message-1", seconds=60))
        await bench.exchange.until("SsmRecToFile" if vendor == "shp_a3" else "XMS_ctsRecord ")
        bench.exchange.press(bench.trunk, "#")
        assert (await bench.heard(RecordingStopped)).file == "message-1.wav"
        await bench.adapter.do(TakeMessage(call=call, name="message-2", seconds=60))
        await bench.exchange.until("SsmRecToFile" if vendor == "shp_a3" else "XMS_ctsRecord ", 2)
        await bench.adapter.do(PlayMusic(call=call))
        assert (await bench.heard(RecordingStopped, 2)).name == "message-2"
        await bench.exchange.until_true(lambda: (tmp_path / "recordings" / "message-2.wav").exists())
        (status,) = await bench.adapter.ports()
        assert not status.recording
    for name in ("message-1", "message-2"):
        assert (tmp_path / "recordings" / f"{name}.wav").read_bytes()[:4] == b"RIFF"


async def test_a_card_without_conference(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path, conference=False) as bench:
        bench.exchange.answers.add(bench.station)
        assert not {Ability.CONFERS, Ability.HOLDS, Ability.WATCHES, Ability.RINGS_OUTSIDE} & bench.adapter.abilities
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        await bench.adapter.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20))
        await bench.heard(SeatAnswered)
        await bench.adapter.do(Arrange(call=call, room=(OFFER,)))
        with pytest.raises(Unsupported):
            await bench.adapter.do(Arrange(call=call, room=(OFFER,), muted=(OFFER,)))
        (status,) = await bench.adapter.ports()
        assert status.room == (OFFER,)


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_channel_out_of_order(vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "STEADY", timedelta(seconds=0.1))
    async with running(vendor, tmp_path) as bench:
        await bench.caller()
        bench.exchange.say(f"fault {bench.trunk}")
        assert (await bench.heard(PortFault)).port == bench.trunk
        assert (await bench.heard(CallReleased)).cause == "port_fault"
        assert "1 out of order" in await bench.adapter.probe()
        bench.exchange.say(f"mend {bench.trunk}")
        await bench.heard(PortRestored)
        assert "0 out of order" in await bench.adapter.probe()


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_caller_whose_end_is_told_by_the_wires(
    vendor: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "OWN_ANSWER", timedelta())
    async with running(vendor, tmp_path, polarity_reversal=True) as bench:
        bench.exchange.reverse(bench.trunk)  # nobody is on the line yet
        call = await bench.caller()
        await bench.adapter.do(Answer(call=call))
        assert not bench.all(CallReleased)
        bench.exchange.reverse(bench.trunk)
        over = await bench.heard(CallReleased)
        assert (over.call, over.by, over.cause) == (call, EndedBy.CALLER, "polarity")
        await bench.in_use(0)


async def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    async with running("shp_a3", tmp_path) as bench:
        call = await bench.caller()
        for command in (
            PlayPrompt(call=call, prompt="no-such"),
            PlayPrompt(call=call, prompt="../secret"),
            RingSeat(call=call, offer=OFFER, phone=Phone(PhoneKind.DESK, "9999"), seconds=5),
            RingSeat(call=call, offer=OFFER, phone=Phone(PhoneKind.MOBILE, "8001"), seconds=5),
            SendKeys(call=call, digits="x"),
            SendKeys(call=call, digits="1"),
            StartRecording(call=call, name="../up"),
            Arrange(call=call, room=(OFFER,)),
        ):
            with pytest.raises(Refused):
                await bench.adapter.do(command)
        with pytest.raises(Unsupported):
            await bench.adapter.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=5, first=True))
        assert len(await bench.adapter.ports()) == 1
