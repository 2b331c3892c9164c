"""A real call: a SIPp caller, a real Asterisk, and the phone in the lawyer's browser, with sound both ways."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from adapters.asterisk.rig import CallerPlan, Rig, RigOptions
from adapters.asterisk.rig import running as rig_running
from adapters.asterisk.rig.audio import heard, loudness, overhear, read_wav, write_pcap
from hotline.store.embedded import url_if_running
from hotline.verify import as_text, verify
from tests.console.browser import MICROPHONE_HZ, Person, window
from tests.console.hall import HALL, ConsoleHall, running, until

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]
CALLER, CALLER_HZ, NOBODY_HZ = 13_900_139_000, 440, 700
TALK_SECONDS = 60
PHONE_SOCKET = re.compile(r"/ws$")
HEARS = """async () => {
  const receiver = window.__peers.at(-1).getReceivers()[0];
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  context.createMediaStreamSource(new MediaStream([receiver.track])).connect(meter);
  const bins = new Float32Array(meter.frequencyBinCount);
  let best = 0;
  for (let tries = 0; tries < 40; tries += 1) {
    await new Promise((go) => setTimeout(go, 50));
    meter.getFloatFrequencyData(bins);
    best = bins.indexOf(Math.max(...bins));
    if (tries > 10 && bins[best] > -60) break;
  }
  const hertz = best * context.sampleRate / meter.fftSize;
  await context.close();
  let packets = {in: 0, out: 0};
  (await window.__peers.at(-1).getStats()).forEach((one) => {
    if (one.type === 'inbound-rtp') packets.in = one.packetsReceived;
    if (one.type === 'outbound-rtp') packets.out = one.packetsSent;
  });
  return {hertz, ...packets};
}"""


async def test_a_call_on_the_browsers_phone(browser: Browser, tmp_path: Path) -> None:
    """Register, self-test, ring, answer in the page, hear and be heard, mute, hang up, close the ticket, be counted."""
    voice = write_pcap(tmp_path / "caller.pcap", CALLER_HZ, TALK_SECONDS)
    with rig_running(RigOptions(browser=1, desk=1)) as rig:
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        desks = {"01": (rig.accounts()[0].extension, "people"), "02": ("1001", "people")}
        async with running(f"\n[adapters.line-1]\n{adapter}\n", desks, {}) as hall, window(browser, hall) as lawyer:
            await lawyer.page.route_web_socket(PHONE_SOCKET, late)
            await lawyer.sign_in("1001")
            await sit_down_with_the_browsers_phone(lawyer)
            await lawyer.state("busy")
            caller = rig.callers(CallerPlan(media=voice), first=CALLER)
            call = await lawyer.rung()
            await expect(lawyer.at("softphone-state")).to_contain_text("已注册")
            assert (await hall.call(call))["offers"] == 1, "rung before the phone was registered"
            await expect(lawyer.at("ring-caller")).to_have_text("139 **** 9000")
            await lawyer.at("answer").click()
            await lawyer.state("talking")
            await expect(lawyer.at("call-card")).to_contain_text("录音中")

            sound = await lawyer.page.evaluate(HEARS)
            assert abs(sound["hertz"] - CALLER_HZ) < 12, sound
            assert min(sound["in"], sound["out"]) > 20, sound
            assert await hears_microphone(caller.media) > 0.01, "the caller hears the lawyer"
            await lawyer.at("mute").click()
            await expect(lawyer.at("mute")).to_contain_text("取消静音")
            await until(lambda: hears_nothing(caller.media), 10, "muted: what was on its way has arrived")
            await lawyer.at("mute").click()

            number = await lawyer.ticket()
            await write_ticket(lawyer)
            await lawyer.at("hang-up").click()
            await lawyer.state("wrap_up")
            await asyncio.to_thread(caller.wait, 5)
            (lived,) = caller.callers()
            assert (lived.end, lived.answered_at is not None) == ("hung_up_on", True)
            await lawyer.at("ticket-close").click()
            await expect(lawyer.at("ticket-panel")).to_contain_text("工单已办结")
            await lawyer.page.keyboard.press("Control+Enter")
            await lawyer.state("ready")

            await the_recording_holds_both(lawyer, call, tmp_path)
            await it_is_counted(hall, rig, call, number)
            await hall.leave("01", "1001")


async def late(socket: WebSocketRoute) -> None:
    """The phone registers a while after the seat was taken, as on a slow network."""
    await asyncio.sleep(3)
    socket.connect_to_server()


async def sit_down_with_the_browsers_phone(lawyer: Person) -> None:
    """The microphone is tested before; it is heard."""
    await lawyer.at("sit-down").click()
    await lawyer.at("seat-01").click()
    await lawyer.at("phone-browser").click()
    await lawyer.at("mic-test").click()
    await expect(lawyer.page.get_by_text("麦克风正常")).to_be_visible()
    await lawyer.at("ring-test").click()
    await lawyer.at("sit-go").click()
    await expect(lawyer.at("go-busy")).to_be_visible()


async def write_ticket(lawyer: Person) -> None:
    """What closing asks for."""
    page = lawyer.page
    await lawyer.at("field-facts").fill("咨询工伤认定期限。")
    await lawyer.at("field-opinion").fill("用人单位三十日内申请，劳动者一年内可以自行申请。")
    await pick_category(page)
    await lawyer.at("field-legal_aid_told").click()
    await lawyer.saved()


async def pick_category(page: Page) -> None:
    """Three levels of the tree."""
    await page.get_by_test_id("field-category").click()
    await page.get_by_role("menuitem", name="民事").hover()
    await page.get_by_role("menuitem", name="劳动争议").hover()
    await page.get_by_role("menuitem", name="工伤").click()


async def hears_microphone(address: tuple[str, int]) -> float:
    """How loud the browser's microphone arrives at the caller, on the wire."""
    sound = await asyncio.to_thread(overhear, [address], 2.0)
    return loudness(sound[address], MICROPHONE_HZ)


async def hears_nothing(address: tuple[str, int]) -> bool:
    """The microphone is silent at the caller's, for two seconds."""
    return await hears_microphone(address) < 0.002


async def the_recording_holds_both(lawyer: Person, call: str, folder: Path) -> None:
    """Both voices are in the file that the call log plays."""

    async def kept() -> list[str]:
        found = await lawyer.hall.fetch("SELECT file FROM recordings WHERE call = $1 AND file IS NOT NULL", call)
        return [row["file"] for row in found]

    await until(kept, 8, "the recording is complete")
    await lawyer.at("nav-calls").click()
    await lawyer.at("calls-table").get_by_role("row").filter(has_text="已接通").click()
    async with lawyer.page.expect_response(re.compile("/audio$")) as coming:
        await lawyer.at("play").click()
    assert (await coming.value).status == 206
    client = await lawyer.hall.client("1001")
    (one,) = (await client.get(f"/calls/{call}")).json()["recordings"]
    (folder / "call.wav").write_bytes((await client.get(f"/recordings/{one['id']}/audio")).content)
    await client.aclose()
    both = read_wav(folder / "call.wav")
    assert heard(both, CALLER_HZ, [NOBODY_HZ])
    assert loudness(both, MICROPHONE_HZ) > 5 * loudness(both, NOBODY_HZ)


async def it_is_counted(hall: ConsoleHall, rig: Rig, call: str, number: str) -> None:
    """The day's report says one offered, one answered; `verify` finds nothing."""
    (row,) = await hall.fetch("SELECT day, ticket, outcome FROM calls WHERE id = $1", call)
    assert (row["ticket"], row["outcome"]) == (number, "answered")
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("hotline"),
        *("report", "--date", row["day"].isoformat(), "--format", "json", "--config", str(hall.config)),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    report = json.loads(out)
    figures = {each["id"]: each["value"] for each in report["measures"]}
    assert (figures["offered"], figures["answered"]) == (1, 1)
    rig.hang_up_all()
    verdict = await verify(url_if_running(hall.state) or "", hall=HALL, live={"line-1": set()})
    assert verdict.ok, as_text(verdict)
