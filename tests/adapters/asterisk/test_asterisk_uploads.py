"""An announcement put into the folder is what callers of a real Asterisk hear, in another language as well; taken back,
the former voice returns. No reload, no call disturbed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.asterisk.prompt_store import PromptFolder, decode
from adapters.asterisk.rig import CallerPlan, Rig
from adapters.asterisk.rig.audio import heard, overhear
from adapters.asterisk.tones import tone
from adapters.telephony import Answer, CallOffered, CallReleased, PlayPrompt, PromptEnded, Release
from tests.adapters.asterisk.ear import adapter_of, listening

pytestmark = pytest.mark.asterisk

FIRST_HZ, SECOND_HZ = 1300, 1700


async def test_uploads_are_heard(rig: Rig, tmp_path: Path) -> None:
    store = PromptFolder(Path(str(rig.settings()["prompts"])))
    own = await store.read_prompt("sorry")
    await store.put_prompt("sorry", decode(tone(FIRST_HZ, 3)))
    await store.put_prompt("sorry.yue", decode(tone(SECOND_HZ, 3)))
    async with listening(adapter_of(rig, tmp_path)) as ear:
        callers = rig.callers(CallerPlan())
        call = (await ear.until(CallOffered)).call
        await ear.do(Answer(call=call))
        for prompt, pitch, other in (("sorry", FIRST_HZ, SECOND_HZ), ("sorry.yue", SECOND_HZ, FIRST_HZ)):
            await ear.do(PlayPrompt(call=call, prompt=prompt, interruptible=False))
            wire = await asyncio.to_thread(overhear, [callers.media], 1.5)
            assert heard(wire[callers.media], pitch, [other]), prompt
            ended = await ear.until(PromptEnded, lambda fact, name=prompt: fact.prompt == name)
            assert not ended.interrupted
        await ear.do(Release(call=call))
        await ear.until(CallReleased)
    for name in ("sorry", "sorry.yue"):
        await store.restore_prompt(name)
    assert own is not None
    assert await store.read_prompt("sorry") == own
    assert await store.read_prompt("sorry.yue") is None
