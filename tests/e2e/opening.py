"""The house opens: Asterisk and the service start, everybody sits down with a phone."""

from __future__ import annotations

import asyncio
import math
import struct
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, Playwright, async_playwright, expect

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.asterisk.rig.audio import tone
from adapters.asterisk.rig.handset import handset
from tests.console.browser import CHROMIUM, FLAGS, Person, window
from tests.console.hall import living
from tests.e2e.house import DESK_SEATS, HOME_SEAT, HZ, PROMPTS, QUESTION_HZ, SEATS, THEIR_ID, TOLD_HZ, House
from tests.e2e.stage import Stage
from tests.failure.consoles import Console
from tests.test_upward import Province

INVITES: Final = """
  window.__invites = [];
  const Wire = window.WebSocket;
  window.WebSocket = class extends Wire {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', (event) => {
        if (typeof event.data === 'string' && event.data.startsWith('INVITE ')) window.__invites.push(Date.now());
      });
    }
    send(text) {
      const isLate = window.__slow && typeof text === 'string' && text.startsWith('REGISTER ');
      if (isLate) setTimeout(() => super.send(text), window.__slow);
      else super.send(text);
    }
  };
"""
"""When each INVITE came to the page, by the machine's clock; `__slow`: its phone registers so many ms late."""


@asynccontextmanager
async def whole_house(folder: Path) -> AsyncIterator[Stage]:
    """Asterisk, the service and three browsers run; everybody sits at a desk and is free."""
    async with AsyncExitStack() as stack:
        rig = stack.enter_context(running(_rig_options(folder)))
        for prompt in PROMPTS:
            (rig.site.prompts_dir / f"{prompt}.alaw").write_bytes(tone(QUESTION_HZ, 0.4))
        for prompt, hertz in TOLD_HZ.items():
            (rig.site.prompts_dir / f"{prompt}.alaw").write_bytes(tone(hertz, 1))
        extensions = [account.extension for account in rig.accounts()]
        groups = ("first", "second", "supervisors")
        desks = {seat: (ext, g) for (seat, _), ext, g in zip(SEATS.values(), extensions, groups, strict=True)}
        desks |= {seat: (ext, g) for (seat, (ext, _)), g in zip(DESK_SEATS.items(), ("third", "fourth"), strict=True)}
        desks[HOME_SEAT[0]] = ("5005", "home")
        province = await stack.enter_async_context(_province())
        house = await stack.enter_async_context(_serving(rig, desks, province))
        play = await stack.enter_async_context(async_playwright())
        people: dict[str, Person] = {}
        for name in SEATS:
            browser = await _chromium(play, folder / f"{name}.wav", HZ[name])
            stack.push_async_callback(browser.close)
            people[name] = await stack.enter_async_context(window(browser, house))
            await people[name].context.add_init_script(INVITES)
        phones = {
            seat: await stack.enter_async_context(handset(ext, ("127.0.0.1", rig.ports[seat]), HZ["desk"]))
            for seat, (ext, _) in DESK_SEATS.items()
        }
        phones["out"] = await stack.enter_async_context(handset("outside", rig.outside, HZ["out"]))
        stage = Stage(house, rig, people, phones, province)
        stack.push_async_callback(stage.close)
        await asyncio.gather(*(_sit_down(stage, name) for name in SEATS))
        for seat, (_, work_number) in DESK_SEATS.items():
            await _sit_at_a_desk_phone(stage, seat, work_number)
        yield stage


def _rig_options(folder: Path) -> RigOptions:
    music = folder / "music.alaw"
    music.write_bytes(tone(HZ["music"], 20))
    groups = {seat: (extension,) for seat, (extension, _) in DESK_SEATS.items()}
    return RigOptions(
        desk=0,
        browser=len(SEATS),
        groups=groups,
        duty=False,
        outside=True,
        their_id_header=THEIR_ID,
        prompts=False,
        own_music=music,
        rtp_timeout=4,
    )


@asynccontextmanager
async def _province() -> AsyncIterator[Province]:
    """Whom the states of the seats are reported to."""
    province = Province()
    async with await asyncio.start_server(province.serve, "127.0.0.1", 0) as server:
        province.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/seats"
        yield province


@asynccontextmanager
async def _serving(rig: Rig, desks: Mapping[str, tuple[str, str]], province: Province) -> AsyncIterator[House]:
    home = Path(tempfile.mkdtemp(prefix="he-"))
    home.chmod(0o711)
    house = House(home, rig, desks, province)
    async with living(house, home):
        yield house


async def _chromium(play: Playwright, voice: Path, hertz: int) -> Browser:
    """A Chromium whose microphone hears syllables in that tone."""
    _syllables(voice, hertz)
    return await play.chromium.launch(
        executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-audio-capture={voice}"]
    )


async def _sit_down(stage: Stage, name: str) -> None:
    person, (seat, work_number) = stage.people[name], SEATS[name]
    await person.sign_in(work_number)
    await person.sit_down(seat, "browser")
    if name == "boss":  # whose page is the board
        return
    await expect(person.at("softphone-state")).to_contain_text("已注册")


async def _sit_at_a_desk_phone(stage: Stage, seat: str, work_number: str) -> None:
    client = await stage.client(work_number)
    console = Console(stage.house.base, client, ["desk"])
    stage.consoles.append(console)
    await console.subscribed(10)
    answer = await client.post(f"/seats/{seat}/sign-in", json={"phone_kind": "desk"})
    assert answer.status_code == 200, answer.text


def _syllables(path: Path, hertz: int) -> None:
    """0.2 s each: a steady tone would be filtered out as noise."""
    rate = 48000
    samples = [
        round(16000 * math.sin(2 * math.pi * hertz * n / rate)) if n % (rate * 3 // 10) < rate // 5 else 0
        for n in range(rate * 3)
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
