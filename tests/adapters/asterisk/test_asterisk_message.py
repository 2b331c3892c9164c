"""A message is taken: after the tone, the caller alone, whoever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig
from adapters.asterisk.rig.audio import heard, loudness, read_wav
from adapters.asterisk.rig.rtp import tones
from adapters.errors import Refused
from adapters.telephony import (
    Answer,
    CallReleased,
    EndedBy,
    PlayMusic,
    PlayPrompt,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    TakeMessage,
)
from tests.adapters.asterisk.stage import HZ, Stage, stage, stage_rig

pytestmark = pytest.mark.asterisk
BEEP_HZ = 1000.0


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("message")) as started:
        yield started


async def _leaves_message(on: Stage, name: str, seconds: int = 60) -> None:
    """The caller has been answered, hears music, and is asked to speak."""
    await on.caller_rings()
    await on.ear.do(Answer(call=on.call), PlayMusic(call=on.call))
    message = TakeMessage(call=on.call, name=name, seconds=seconds)
    await on.ear.do(message, message)
    sound = on.talks["caller"].sound
    tone = await sound.listen(0.4)
    assert loudness(tone, BEEP_HZ) > 0.03, "the tone"
    await on.ear.until(RecordingStarted, lambda fact: fact.name == name)
    assert tones(await sound.listen(0.4), HZ) == set(), "then silence"


@pytest.mark.parametrize("end", ["key", "caller", "us", "silence", "time"])
async def test_whoever_ends_it(rig: Rig, tmp_path: Path, end: str) -> None:
    name = f"message-{end}"
    async with stage(rig, tmp_path, message_silence=2) as on:
        await _leaves_message(on, name, seconds=2 if end == "time" else 60)
        await asyncio.sleep(0.5)
        match end:
            case "key":
                on.talks["caller"].press("#")
            case "caller":
                on.talks["caller"].hang_up()
            case "silence":
                on.talks["caller"].sound.sends = False
            case "us":
                await on.ear.do(Release(call=on.call))
            case _:
                pass
        kept = await on.ear.until(RecordingStopped)
        assert (kept.name, kept.missing) == (name, "")
        sound = read_wav(rig.recordings / str(kept.file))
        assert heard(sound, HZ["caller"], [HZ["music"], BEEP_HZ])
        assert kept.seconds is not None
        assert abs(kept.seconds - len(sound) / 8000) <= 1.0
        if end in ("caller", "us"):
            over = await on.ear.until(CallReleased)
            assert over.by is (EndedBy.CALLER if end == "caller" else EndedBy.US)
            assert on.ear.facts.index(kept) < on.ear.facts.index(over), "the file is known before the call is closed"
        else:
            await on.ear.do(PlayPrompt(call=on.call, prompt="notice"))
            await on.ear.until(PromptEnded)
            await on.ear.do(Release(call=on.call))
            await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_somebody_takes_the_call_after_all(rig: Rig, tmp_path: Path) -> None:
    """A lawyer became free while the caller spoke: what he said until then is kept, and he talks to a person."""
    async with stage(rig, tmp_path) as on:
        await _leaves_message(on, "message-short")
        await on.takes("ann")
        await on.arrange("ann")
        kept = await on.ear.until(RecordingStopped)
        assert (kept.name, kept.missing) == ("message-short", "")
        await on.hear(caller="ann", ann="caller")
        with pytest.raises(Refused):
            await on.ear.do(TakeMessage(call=on.call, name="../x", seconds=9))
        await on.ear.do(TakeMessage(call=on.call, name="message-again", seconds=9))
        await on.ear.until(RecordingStarted, lambda fact: fact.name == "message-again")
        await on.hear(caller="", ann="")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()
