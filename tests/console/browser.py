"""A person at the console: one browser window with its own cookies, and the few things everybody does there."""

from __future__ import annotations

import math
import re
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright, expect

from tests.console.hall import ROOT, ConsoleHall

CHROMIUM = Path("/usr/bin/chromium")
AXE = ROOT / "hotline/console/node_modules/axe-core/axe.min.js"
RUN_AXE = "() => axe.run(document, {runOnly: ['wcag2a', 'wcag2aa']}).then((found) => found.violations)"
MICROPHONE_HZ = 1500
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]
STILL = """() => document.getAnimations().every(
  (one) => one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""
WATCH = """
  window.__notes = 0;
  const make = AudioContext.prototype.createOscillator;
  AudioContext.prototype.createOscillator = function () { window.__notes += 1; return make.call(this); };
  window.__peers = [];
  const Plain = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Plain {
    constructor(...given) { super(...given); window.__peers.push(this); }
  };
  window.__shown = [];
  setInterval(() => {
    const read = (id, name) => document.querySelector(`[data-testid=${id}]`)?.getAttribute(name) ?? "-";
    const now = `${read("link-state", "class")} ${read("seat-state", "data-state")}`;
    if (window.__shown.at(-1)?.split(" | ")[1] !== now)
      window.__shown.push(`${new Date().toISOString().slice(14, 23)} | ${now}`);
  }, 50);
"""
"""Counts the notes of the ring tone, keeps the phone's connections at hand, and what the page showed when."""


class Person:
    """One browser window."""

    def __init__(self, hall: ConsoleHall, context: BrowserContext, page: Page) -> None:
        self.hall = hall
        self.context = context
        self.page = page
        self.wrongs: list[str] = []
        """Errors of the page, and requests that left the site."""
        self._watch(page)

    def at(self, testid: str) -> Locator:
        """By the name that the console gives it for tests."""
        return self.page.get_by_test_id(testid)

    async def sign_in(self, work_number: str) -> None:
        """Choose a demo account on the sign-in page."""
        await self.page.goto(self.hall.base)
        await self.at(f"demo-{work_number}").click()
        await self.at("sign-in-submit").click()
        await expect(self.at("user-menu")).to_be_visible()

    async def sit_down(self, seat: str, phone: str = "simulated") -> None:
        """Take a desk, ready for the next caller."""
        await self.at("sit-down").click()
        await self.at(f"seat-{seat}").click()
        await self.at(f"phone-{phone}").click()
        await self.at("sit-go").click()
        await expect(self.at("go-busy")).to_be_visible()

    async def state(self, *wanted: str, seconds: float = 10) -> None:
        """Wait until the own seat is in one of these states."""
        pattern = re.compile(f"^({'|'.join(wanted)})$")
        try:
            await expect(self.at("seat-state")).to_have_attribute("data-state", pattern, timeout=seconds * 1000)
        except AssertionError as error:
            shown = "\n  ".join(await self.page.evaluate("window.__shown"))
            raise AssertionError(f"{error}\nwhat the page showed:\n  {shown}\n{self.hall.tail()}") from error

    async def rung(self) -> str:
        """Wait for the next caller; the call."""
        await expect(self.at("ring-bar")).to_be_visible(timeout=15000)
        return await self.at("ring-bar").get_attribute("data-call") or ""

    async def answer(self) -> str:
        """Wait for the next caller and take the call."""
        call = await self.rung()
        await self.page.keyboard.press("F2")
        await self.state("talking")
        return call

    async def ticket(self) -> str:
        """The number of the ticket in front."""
        await expect(self.at("field-facts")).to_be_visible()
        return await self.at("ticket-panel").get_attribute("data-number") or ""

    async def saved(self, seconds: float = 6) -> None:
        """Wait until the page says that all is saved."""
        await expect(self.at("save-state")).to_have_attribute("data-status", "saved", timeout=seconds * 1000)

    async def ask(self, path: str) -> tuple[int, Any]:
        """What the service says to a request of this very page."""
        script = "async path => { const got = await fetch(path); return [got.status, await got.json()] }"
        status, body = await self.page.evaluate(script, path)
        return status, body

    async def barriers(self) -> list[str]:
        """What axe finds serious or critical on the page as it is now (WCAG 2, A and AA)."""
        # Half faded in, everything has too little contrast.
        await self.page.wait_for_function(STILL)
        # A message may begin to fade at any time: it goes at once.
        await self.page.add_style_tag(content=".el-message { transition: none !important }")
        await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[str] = []
        for one in await self.page.evaluate(RUN_AXE):
            if one["impact"] in ("serious", "critical"):
                where = "; ".join(node["html"][:160] for node in one["nodes"][:3])
                found.append(f"{one['impact']} {one['id']} ({len(one['nodes'])}) {where}")
        return found

    async def second_tab(self) -> Page:
        """The same console in another tab."""
        page = await self.context.new_page()
        self._watch(page)
        await page.goto(self.hall.base)
        return page

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.wrongs.append(f"page error: {error}"))
        page.on("request", self._check_site)
        # "Leave this page?": yes.
        page.on("dialog", lambda dialog: dialog.accept())

    def _check_site(self, request: Any) -> None:
        if not request.url.startswith((self.hall.base, "data:", "blob:", "about:")):
            self.wrongs.append(f"request off the site: {request.url}")


@asynccontextmanager
async def chromium(folder: Path, *flags: str) -> AsyncIterator[Browser]:
    """Debian's Chromium, whose microphone hears a tone that comes and goes; `flags`: further ones."""
    if not CHROMIUM.exists():
        raise FileNotFoundError(f"{CHROMIUM} is missing: apt-get install chromium fonts-noto-cjk")
    voice = folder / "microphone.wav"
    _voice(voice)
    async with async_playwright() as play:
        browser = await play.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, *flags, f"--use-file-for-fake-audio-capture={voice}"]
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def window(
    browser: Browser, hall: ConsoleHall, *, size: tuple[int, int] = (1366, 768), cookies: Any = None
) -> AsyncIterator[Person]:
    """A window of its own; `cookies`: those of an earlier one."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        storage_state=cookies,
        permissions=["microphone"],
    )
    await context.add_init_script(WATCH)
    context.set_default_timeout(10000)
    person = Person(hall, context, await context.new_page())
    try:
        yield person
        assert not person.wrongs, person.wrongs
    finally:
        await context.close()


def _voice(path: Path) -> None:
    """Syllables of 0.2 s: a steady tone would be filtered out as noise."""
    rate = 48000
    samples = [
        round(16000 * math.sin(2 * math.pi * MICROPHONE_HZ * n / rate)) if n % (rate * 3 // 10) < rate // 5 else 0
        for n in range(rate * 3)
    ]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
