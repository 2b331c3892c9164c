"""Call control with the browser's own phones on a real Asterisk: a caller, two lawyers and a supervisor; and 110."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, WebSocketRoute, expect

from adapters.asterisk.rig import CallerPlan, RigOptions, SeatPlan
from adapters.asterisk.rig import running as rig_running
from adapters.asterisk.rig.audio import write_pcap
from tests.console.browser import MICROPHONE_HZ, Person, window
from tests.console.hall import running, until

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
CALLER, CALLER_HZ = 13_900_139_000, 440
LOUD_DB = -45
"""A tone that is there comes with -20 to -35 dB, what leaks from another stays below -60."""
BACK_SECONDS = 10
"""From the reload until the caller is heard again."""
PHONE_SOCKET = re.compile(r"/ws$")
"""Of the SIP stack, not the console's own."""
POLICE = """
[halls.kf.contacts.110]
label = "110 报警"
number = "110"
kind = "emergency"
"""
HEARS = """async hertz => {
  const peer = window.__peers.at(-1);
  const receiver = peer && peer.connectionState !== 'closed' ? peer.getReceivers()[0] : null;
  if (!receiver) return -200;
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  meter.smoothingTimeConstant = 0;
  context.createMediaStreamSource(new MediaStream([receiver.track])).connect(meter);
  const bins = new Float32Array(meter.frequencyBinCount);
  let best = -200;
  for (let tries = 0; tries < 16; tries += 1) {
    await new Promise((go) => setTimeout(go, 60));
    meter.getFloatFrequencyData(bins);
    best = Math.max(best, bins[Math.round(hertz * meter.fftSize / context.sampleRate)]);
  }
  await context.close();
  return best;
}"""
"""How loud a tone is in what the page's phone plays now, in dB."""


async def test_a_caller_goes_from_hand_to_hand(browser: Browser, tmp_path: Path) -> None:
    """Held, asked about, three on the line, passed on; the page is loaded again; a supervisor listens and leaves."""
    voice = write_pcap(tmp_path / "caller.pcap", CALLER_HZ, 120)
    with rig_running(RigOptions(browser=3, desk=1)) as rig:
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        extensions = [each.extension for each in rig.accounts()]
        desks = {f"0{n}": (each, "people" if n == 1 else "second") for n, each in enumerate(extensions, start=1)}
        async with (
            running(f"\n[adapters.line-1]\n{adapter}\n", desks, {}) as hall,
            window(browser, hall) as first,
            window(browser, hall) as second,
            window(browser, hall) as supervisor,
        ):
            for person, work_number, seat in ((first, "1001", "01"), (second, "1002", "02")):
                await person.sign_in(work_number)
                await person.sit_down(seat, "browser")
                await expect(person.at("softphone-state")).to_contain_text("已注册")
            caller = rig.callers(CallerPlan(media=voice), first=CALLER)
            call = await first.rung()
            await first.at("answer").click()
            await first.state("talking")
            await hears(first, CALLER_HZ)

            await is_asked(first, second)
            await three_talk(first, second)
            await is_passed_on(first, second)
            await is_loaded_again(second)
            await is_listened_to(supervisor, second)

            await is_transferred(second, first)

            await first.at("hang-up").click()
            await first.state("wrap_up")
            await asyncio.to_thread(caller.wait, 8)
            (lived,) = caller.callers()
            assert (lived.end, lived.answered_at is not None) == ("hung_up_on", True)
            (row,) = await hall.fetch("SELECT outcome, segments FROM calls WHERE id = $1", call)
            kinds = [each["kind"] for each in json.loads(row["segments"])]
            assert row["outcome"] == "answered"
            assert [kind for kind in kinds if kind in ("held", "consulting", "conference")] == [
                "held",
                "consulting",
                "conference",
            ]


async def test_the_red_key(browser: Browser, tmp_path: Path) -> None:
    """110 with the caller on the line: the seat stays until it is said that they have taken over, the caller stays with
    them. And from the desk alone, in wrap-up: the own phone picks up by itself."""
    voice = write_pcap(tmp_path / "caller.pcap", CALLER_HZ, 120)
    with rig_running(RigOptions(browser=1, desk=1, outside=True)) as rig:
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        desks = {"01": (rig.accounts()[0].extension, "people")}
        settings = f"\n[adapters.line-1]\n{adapter}\n{POLICE}"
        async with running(settings, desks, {}) as hall, window(browser, hall) as lawyer:
            await lawyer.sign_in("1001")
            await expect(lawyer.at("emergency")).to_be_hidden()
            await lawyer.sit_down("01", "browser")
            await expect(lawyer.at("softphone-state")).to_contain_text("已注册")
            rig.numbers_outside(SeatPlan(ring_ms=1500))
            caller = rig.callers(CallerPlan(media=voice), first=CALLER)
            await lawyer.rung()
            await lawyer.at("answer").click()
            await lawyer.state("talking")

            await lawyer.at("emergency").click()
            police = lawyer.at("party-110")
            await expect(police).to_have_attribute("data-state", "ringing")
            await lawyer.at("emergency").click(force=True)
            await expect(police).to_have_attribute("data-state", "up", timeout=10000)
            await expect(police).to_have_count(1)
            await expect(lawyer.at("hang-up")).to_have_attribute("aria-disabled", "true")
            await lawyer.at("hang-up").click(force=True)
            await expect(lawyer.page.get_by_text("对方尚未确认接管").first).to_be_visible()
            await lawyer.state("talking")
            await hears(lawyer, CALLER_HZ)
            await lawyer.at("confirm-110").click()
            await lawyer.at("leave").click()
            await lawyer.state("wrap_up")
            assert (await hall.fetch("SELECT state FROM calls WHERE direction = 'in'"))[0]["state"] == "handing_over"

            await lawyer.at("emergency").click()
            await lawyer.state("talking")
            await expect(lawyer.at("call-bar")).to_have_attribute("data-state", "talking", timeout=10000)
            await lawyer.at("hang-up").click()
            await lawyer.state("wrap_up")
            caller.stop()


async def is_asked(first: Person, second: Person) -> None:
    """咨询: found by name, rung with its origin, heard alone; the caller hears music."""
    await first.page.keyboard.press("Control+Shift+S")
    await first.at("target-search").fill("王雅琴")
    await first.at("target-search").press("Enter")
    await expect(first.at("call-bar")).to_have_attribute("data-state", "held")
    await expect(first.at("bar-consult")).to_be_visible()
    await expect(first.at("join")).to_have_attribute("aria-disabled", "true")
    await expect(second.at("ring-from")).to_have_text("咨询来自 01 号 陈立新")
    await expect(second.at("ring-caller")).to_have_text("139 **** 9000")
    await second.at("answer").click()
    await expect(second.at("call-bar")).to_have_attribute("data-part", "consulted")
    await expect(first.at("party-02")).to_have_attribute("data-state", "up")
    await hears(second, MICROPHONE_HZ)
    assert await loudness_of(second, CALLER_HZ) < LOUD_DB, "the caller is in the consultation"


async def three_talk(first: Person, second: Person) -> None:
    """三方: everybody hears everybody."""
    await first.at("join").click()
    await expect(first.at("party-02")).to_have_attribute("data-part", "joined")
    await expect(first.at("call-bar")).to_have_attribute("data-state", "talking")
    await hears(second, CALLER_HZ)
    await hears(second, MICROPHONE_HZ)


async def is_passed_on(first: Person, second: Person) -> None:
    """The first lawyer leaves; the second has the caller, all buttons and the ticket."""
    await first.at("leave").click()
    await first.state("wrap_up")
    await expect(second.at("call-bar")).to_have_attribute("data-part", "main")
    await expect(second.at("hold")).to_be_visible()
    await expect(second.at("call-caller")).to_have_text("139 0013 9000")
    await hears(second, CALLER_HZ)


async def is_loaded_again(second: Person) -> None:
    """The page goes and comes back; nobody clicks, and the caller is heard again."""
    await second.page.reload()
    await expect(second.at("restoring").or_(second.at("ring-bar"))).to_be_visible()
    await second.state("talking", seconds=BACK_SECONDS)
    await hears(second, CALLER_HZ, seconds=BACK_SECONDS)
    await expect(second.at("call-quality")).to_have_attribute("data-grade", "good")


async def is_listened_to(supervisor: Person, watched: Person) -> None:
    """From the board, with the dialog for a seat in between; listen, whisper, end. The lawyer is not told."""
    await supervisor.page.route_web_socket(PHONE_SOCKET, late)
    await supervisor.sign_in("9001")
    await expect(supervisor.at("card-02")).to_have_attribute("data-state", "talking")
    await supervisor.at("force-02").click()
    await supervisor.page.locator("[data-testid=board-listen]:visible").click()
    await expect(supervisor.at("sit-for")).to_be_visible()
    await supervisor.at("seat-03").click()
    await supervisor.at("phone-browser").click()
    await supervisor.at("sit-go").click()
    bar = supervisor.at("supervise-bar")
    await expect(bar).to_have_attribute("data-state", "up", timeout=15000)
    await expect(bar).to_contain_text("正在监听 02 号 王雅琴")
    await hears(supervisor, CALLER_HZ)
    await expect(watched.at("watched")).to_be_hidden()
    assert await loudness_of(watched, MICROPHONE_HZ) < LOUD_DB, "who listens is heard"
    await supervisor.at("monitor-whisper").click()
    await expect(bar).to_have_attribute("data-mode", "whisper")
    await hears(watched, MICROPHONE_HZ)
    await supervisor.at("stop-monitor").click()
    await expect(bar).to_be_hidden()
    await supervisor.state("busy")
    await watched.state("talking")


async def late(socket: WebSocketRoute) -> None:
    """On a slow machine the page's phone registers long after the seat was taken."""
    await asyncio.sleep(2)
    socket.connect_to_server()


async def is_transferred(second: Person, first: Person) -> None:
    """直接转: without a word before; the target sees from whom."""
    await second.at("transfer").click()
    await second.at("target-seat-01").click()
    await second.at("target-transfer").click()
    await second.state("wrap_up")
    await expect(first.at("ring-from")).to_have_text("转接来自 02 号 王雅琴")
    await first.at("answer").click()
    await first.state("talking")
    await hears(first, CALLER_HZ)


async def loudness_of(person: Person, hertz: int) -> float:
    """In dB, over a second."""
    return await person.page.evaluate(HEARS, hertz)


async def hears(person: Person, hertz: int, seconds: float = 8) -> None:
    """That tone comes out of the page's phone."""

    async def loud() -> bool:
        return await loudness_of(person, hertz) > LOUD_DB

    await until(loud, seconds, f"{hertz} Hz is heard")
