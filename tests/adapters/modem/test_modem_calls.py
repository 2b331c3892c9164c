"""Modems on real pseudo-terminals: a caller is answered, hears, presses, speaks, is put through, hangs up."""

from __future__ import annotations

import asyncio
import random
import wave
from pathlib import Path

import pytest

from adapters.errors import AdapterError, Refused, Unsupported
from adapters.modem.prompts import tone
from adapters.modem.simulated_makes import MAKES
from adapters.telephony import (
    Answer,
    Arrange,
    CallAnswered,
    CallerIdentified,
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
    SeatRinging,
    SendKeys,
    StartRecording,
    StopRinging,
    TakeMessage,
)
from tests.adapters.modem.bench import (
    AT,
    GREETING_HZ,
    MUSIC_HZ,
    NUMBER,
    SEAT,
    VOICE_HZ,
    loudest_hz,
    loudness,
    served,
    soon,
)

DESK = Phone(PhoneKind.DESK, SEAT)
OFFER = OfferId("c.1")


def sound_of(path: Path) -> bytes:
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        return file.readframes(file.getnframes())


async def test_a_caller_hears_the_greeting_presses_a_key_and_speaks_with_every_make(tmp_path: Path) -> None:
    async def with_make(make: str) -> None:
        async with served(make, tmp_path / make) as line:
            line.modem.said = tone(VOICE_HZ, 1.0)
            call = await line.caller()
            assert (await line.until(CallerIdentified)).caller == NUMBER
            await line.do(Answer(call=call), Answer(call=call), PlayPrompt(call=call, prompt="greeting"))
            assert not (await line.until(PromptEnded)).interrupted
            assert abs(loudest_hz(line.modem.heard) - GREETING_HZ) < 10
            assert 0.3 < len(line.modem.heard) / 16_000 < 0.45, "each sample once"
            assert loudness(line.modem.heard) > 5000
            await line.modem.press("1")
            assert (await line.until(DigitsPressed)).digits == "1"
            await line.do(TakeMessage(call=call, name="message-1", seconds=30))
            await line.until(RecordingStarted)
            file = line.adapter.recordings / "message-1.wav"
            await soon(lambda: line.modem.spoken > 4000, "he speaks", line)
            line.modem.say(b"\x10b")
            released = await line.until(CallReleased)
            assert (released.by, released.cause, released.inferred) == (EndedBy.CALLER, "busy", False)
            await soon(lambda: not line.modem.off_hook, "on hook", line)
            kept = await line.until(RecordingStopped)
            assert (kept.file, kept.missing) == ("message-1.wav", "")
            spoken = sound_of(file)
            assert kept.seconds == round(len(spoken) / 16_000, 3)
            assert abs(loudest_hz(spoken) - VOICE_HZ) < 10
            assert loudness(spoken) > 3000
            assert line.facts(call) == [
                *("CallOffered", "CallerIdentified", "CallAnswered", "PromptEnded", "DigitsPressed"),
                *("RecordingStarted", "RecordingStopped", "CallReleased"),
            ]

    async with asyncio.TaskGroup() as makes:
        for make in MAKES:
            makes.create_task(with_make(make))


async def test_what_is_played_and_what_cuts_it(tmp_path: Path) -> None:
    """A key cuts what may be cut and nothing else; music goes on until something else is played."""

    async def cut() -> None:
        async with served("modem-conexant", tmp_path / "cut") as line:
            call = await line.caller()
            await line.do(PlayPrompt(call=call, prompt="long", interruptible=False))
            await soon(lambda: len(line.modem.heard) > 3000, "sound", line)
            await line.modem.press("3")
            await line.until(DigitsPressed)
            assert not any(isinstance(each, PromptEnded) for each in line.events), "it has to be heard"
            await line.do(PlayPrompt(call=call, prompt="greeting"), PlayPrompt(call=call, prompt="greeting"))
            cut = await line.until(PromptEnded)
            assert (cut.prompt, cut.interrupted) == ("long", True)
            await line.until(PromptEnded, lambda fact: fact.prompt == "greeting")
            line.modem.heard.clear()
            await line.do(PlayPrompt(call=call, prompt="long"))
            await soon(lambda: len(line.modem.heard) > 3000, "sound", line)
            await line.modem.press("1")
            await line.until(DigitsPressed, lambda fact: fact.digits == "1")
            endings = [each.interrupted for each in line.events if isinstance(each, PromptEnded)]
            assert endings == [True, False, True]
            await line.do(Release(call=call))
            assert len(line.modem.heard) / 16_000 < 3, "cut, not played to its end"

    async def music() -> None:
        async with served("modem-v253", tmp_path / "music") as line:
            call = await line.caller()
            await line.do(PlayMusic(call=call), PlayMusic(call=call))
            await soon(lambda: len(line.modem.heard) > 8000, "more than one round", line)
            assert abs(loudest_hz(line.modem.heard) - MUSIC_HZ) < 10
            line.modem.heard.clear()
            await line.do(PlayPrompt(call=call, prompt="greeting"))
            await line.until(PromptEnded)
            assert abs(loudest_hz(line.modem.heard) - GREETING_HZ) < 10
            assert line.modem.commands.count("AT+VLS=1") == 1
            with pytest.raises(Refused, match="no announcement"):
                await line.do(PlayPrompt(call=call, prompt="nobody-made-this"))

    async with asyncio.TaskGroup() as both:
        both.create_task(cut())
        both.create_task(music())


async def test_a_key_and_the_next_announcement_in_one_breath(tmp_path: Path) -> None:
    """A modem that is being told to stop by the key is not told again by the order that follows: it would answer once,
    and the other would be waited for."""
    chance = random.Random(7)
    async with served("modem-usr", tmp_path) as line:
        call = await line.caller()
        clock, worst = asyncio.get_running_loop().time, 0.0
        for _ in range(24):
            began = clock()
            await line.do(PlayPrompt(call=call, prompt="short"))
            worst = max(worst, clock() - began)
            await asyncio.sleep(chance.uniform(0, 0.08))  # any moment of the sound, most of all its end
            line.modem.say(b"\x105")
            await asyncio.sleep(0)
        assert worst < 2.5, "somebody has waited in vain"


async def test_the_receiver_is_lifted(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path) as line:
        call = await line.caller()
        await line.do(PlayMusic(call=call), RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20))
        await line.until(SeatRinging)
        line.modem.lift()
        await line.until(LegsJoined)
        assert not line.modem.off_hook, "the telephone holds the line"
        (status,) = await line.adapter.ports()
        assert (status.room, status.caller_in_room, status.answered) == ((OFFER,), True, True)
        await line.do(Arrange(call=call, room=(OFFER,)))
        with pytest.raises(Refused, match="desk telephone"):
            await line.do(PlayPrompt(call=call, prompt="greeting"))
        assert line.facts(call)[-3:] == ["SeatRinging", "SeatAnswered", "LegsJoined"]


async def test_a_click_answers_where_the_modem_does_not_tell(tmp_path: Path) -> None:
    async with served("modem-conexant", tmp_path) as line:
        call = await line.caller()
        ring = RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20)
        others = (
            RingSeat(call=call, offer=OFFER, phone=Phone(PhoneKind.DESK, "8002"), seconds=20),
            RingSeat(call=call, offer=OFFER, phone=Phone(PhoneKind.MOBILE, SEAT), seconds=20),
            StartRecording(call=call, name="r"),
            SendKeys(call=call, digits="1"),
        )
        for beyond in others:
            with pytest.raises(Unsupported):
                await line.do(beyond)
        with pytest.raises(Refused):
            await line.do(Arrange(call=call, room=(OFFER,)))
        await line.do(Answer(call=call), ring, ring, PickUp(call=call, offer=OFFER), PickUp(call=call, offer=OFFER))
        await line.until(LegsJoined)
        pictures = (
            Arrange(call=call, room=(OFFER,), caller=False),
            Arrange(call=call, room=(OFFER,), muted=(OFFER,)),
            Arrange(call=call, room=(OFFER, OfferId("c.2"))),
            StopRinging(call=call, offer=OFFER),
        )
        for picture in pictures:
            with pytest.raises(AdapterError):
                await line.do(picture)
        await line.do(Release(call=call), Release(call=call), StopRinging(call=call, offer=OFFER))
        released = await line.until(CallReleased)
        assert (released.by, released.inferred) == (EndedBy.US, True), "we cannot put that receiver down"
        kinds = ["CallAnswered", "SeatRinging", "SeatAnswered", "LegsJoined", "CallReleased"]
        assert line.facts(call)[-5:] == kinds


async def test_a_click_is_not_enough_where_the_modem_tells(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path, line={"receiver_told": True}) as line:
        call = await line.caller()
        await line.do(RingSeat(call=call, offer=OFFER, phone=DESK, seconds=20))
        with pytest.raises(Refused, match="receiver"):
            await line.do(PickUp(call=call, offer=OFFER))
        line.modem.lift()
        await line.until(SeatAnswered)
        kinds = [each for each in line.facts(call) if each in ("CallAnswered", "SeatAnswered", "LegsJoined")]
        assert kinds[:2] == ["CallAnswered", "SeatAnswered"], "the caller is off the network's ringing now"


async def test_what_silence_tells(tmp_path: Path) -> None:
    """A message is over (# says it as well); whoever rang has given up, and is not answered."""

    async def ended(way: str) -> None:
        async with served("modem-usr", tmp_path / way) as line:
            line.modem.said = tone(VOICE_HZ, 1.0) if way == "key" else b""
            call = await line.caller()
            take = TakeMessage(call=call, name="message-2", seconds=60)
            await line.do(take, take)
            await line.until(RecordingStarted)
            if way == "key":
                await line.modem.press("#")
            kept = await line.until(RecordingStopped)
            assert kept.name == "message-2"
            assert line.modem.off_hook, "thanks are to be said"
            await line.do(PlayPrompt(call=call, prompt="greeting"), Release(call=call))

    async def given_up() -> None:
        async with served("modem-usr", tmp_path / "given up", number_wait_seconds=8, ring_gap_seconds=1) as line:
            line.modem.ring()
            await soon(lambda: line.offered, "a call", line)
            with pytest.raises(Refused):
                await line.do(Answer(call=line.offered[0].call))
            released = await line.until(CallReleased)
            assert (released.by, released.inferred) == (EndedBy.CALLER, True)
            assert "AT+VLS=1" not in line.modem.commands

    async with asyncio.TaskGroup() as ways:
        ways.create_task(given_up())
        ways.create_task(ended("key"))
        ways.create_task(ended("silence"))


async def test_a_line_that_rings_is_picked_up_to_be_let_go(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path) as line:
        call = await line.caller()
        await line.do(Release(call=call))
        assert line.modem.commands[-2:] == ["AT+VLS=1", "AT+VLS=0"]
        assert line.facts(call)[-1] == "CallReleased"
        assert "CallAnswered" not in line.facts(call)


async def test_nobody_answers_before_the_number_has_come(tmp_path: Path) -> None:
    async with served("modem-usr", tmp_path, number_wait_seconds=8) as line:
        line.modem.ring()
        await soon(lambda: line.offered, "a call", line)
        call = line.offered[0].call
        answering = asyncio.create_task(line.do(Answer(call=call)))
        await asyncio.wait({answering}, timeout=0.2)
        assert not line.modem.off_hook
        line.modem.show_caller(NUMBER, AT)
        await answering
        await line.until(CallAnswered)
        assert line.facts(call) == ["CallOffered", "CallerIdentified", "CallAnswered"]
