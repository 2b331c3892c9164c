"""The whole house for the journeys: Asterisk, the service, two lawyers and a supervisor in browsers of their own.

Everybody speaks in a tone, so that who hears whom is a question of frequencies: on the wire at the telephones, in the
browsers by WebAudio on what their phones play.
"""

from __future__ import annotations

import asyncio
import json
import math
import shutil
import signal
import struct
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx2
from playwright.async_api import Browser, Playwright, async_playwright, expect

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.asterisk.rig.audio import tone
from adapters.asterisk.rig.handset import Handset, Talk, handset
from adapters.asterisk.rig.rtp import tones
from hotline.store.embedded import url_if_running
from hotline.store.seal import Seal
from hotline.verify import as_text, verify
from tests.console.browser import CHROMIUM, FLAGS, Person, window
from tests.console.hall import HALL, ConsoleHall
from tests.failure.consoles import Console

HZ: Final = {"caller": 800, "ann": 1000, "ben": 1300, "boss": 1700, "out": 2100, "music": 620, "desk": 1500}
QUESTION_HZ: Final = 2500
LINE: Final = "line-1"
SEATS: Final = {"ann": ("01", "1001"), "ben": ("02", "1002"), "boss": ("09", "9001")}
"""Who sits where, with which work number (工号)."""
DESK_SEATS: Final = {"03": ("3003", "1003"), "04": ("3004", "1004")}
"""Seats with a desk phone: its extension, and who sits there."""
NUMBERS: Final = {"01": "12348", "02": "12302", "03": "12303", "04": "12304"}
"""Dialled number that leads to one seat alone."""
PROMPTS: Final = (
    *("greeting", "closed", "voicemail", "voicemail-thanks", "rate-thanks", "fallback", "wait", "sorry"),
    *(f"rate-{question}" for question in ("attitude", "efficiency", "skill", "policy")),
)
CALLERS: Final = "127.0.0.2"
LOUD_DB: Final = -62.0
FAINT_DB: Final = 26.0
"""So far below the loudest tone, another one is only its edge."""
LISTEN_SECONDS: Final = 0.8
STUCK_SECONDS: Final = 30.0

SETTINGS: Final = """
[service]
port = {port}
state_dir = "{state}"
log = "json"

[halls.kf]
label = "示范市公共法律服务中心"
default_queue = "general"
missing_after_seconds = 12
misses_limit = 20
transfer_seconds = 6
dialled = {{ 12348 = "general", 12302 = "labour", 12303 = "family", 12304 = "housing" }}
greeting = ""

[halls.kf.callbacks]
quiet_from = "00:00"
quiet_to = "00:00"

[halls.kf.contacts.110]
label = "110 报警"
number = "110"
kind = "emergency"

[halls.kf.contacts.12345]
label = "12345 政务服务便民热线"
number = "12345"
kind = "hotline"
ring_seconds = 6

[halls.kf.queues.general]
label = "综合咨询"
groups = ["first"]
ring_seconds = 12
wrap_seconds = 30

[halls.kf.queues.labour]
label = "劳动争议"
groups = ["second"]
ring_seconds = 12
wrap_seconds = 30

[halls.kf.queues.family]
label = "婚姻家庭"
groups = ["third"]
ring_seconds = 5
wrap_seconds = 0

[halls.kf.queues.housing]
label = "房产物业"
groups = ["fourth"]
ring_seconds = 5
wrap_seconds = 0

[adapters.line-1]
"""

HEARS: Final = """async tones => {
  const peer = [...window.__peers].reverse().find((one) => one.connectionState === 'connected');
  const track = peer?.getReceivers()[0]?.track;
  if (!track) return {};
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  meter.smoothingTimeConstant = 0;
  context.createMediaStreamSource(new MediaStream([track])).connect(meter);
  const bins = new Float32Array(meter.frequencyBinCount);
  const loudest = {};
  await new Promise((go) => setTimeout(go, 220));
  for (let looks = 0; looks < 12; looks += 1) {
    await new Promise((go) => setTimeout(go, 50));
    meter.getFloatFrequencyData(bins);
    for (const [name, hertz] of Object.entries(tones)) {
      const level = bins[Math.round(hertz * meter.fftSize / context.sampleRate)];
      loudest[name] = Math.max(loudest[name] ?? -200, level);
    }
  }
  await context.close();
  return loudest;
}"""
"""How loud each tone is in what the page's phone plays, in dB, at its loudest within a second."""
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
  };
"""
"""When each INVITE came to the page, by the machine's clock."""


class House(ConsoleHall):
    """The service of the journeys, with settings of its own."""

    def __init__(self, home: Path, rig: Rig, desks: Mapping[str, tuple[str, str]]) -> None:
        super().__init__(home, "", desks, {})
        adapter = "\n".join(f"{key} = {json.dumps(value)}" for key, value in rig.settings().items())
        text = SETTINGS.format(port=self.port, state=self.state)
        self.config.write_text(f"{text}{adapter}\n", encoding="utf-8")


class Stage:
    """Everybody, and what can be asked of them."""

    def __init__(self, house: House, rig: Rig, people: Mapping[str, Person], phones: Mapping[str, Handset]) -> None:
        self.house = house
        self.rig = rig
        self.people = people
        self.phones = phones
        """Telephones on the wire: the desk seats by number, and `out`, whatever is rung outside."""
        self.ears: dict[str, Talk] = {}
        """Calls of telephones that `hear` may ask: `caller`, `out`, a desk seat."""
        self.clients: dict[str, httpx2.AsyncClient] = {}
        self.consoles: list[Console] = []
        self.measured: dict[str, list[float]] = {}
        """Milliseconds, by what was measured."""
        self.number = ""
        """Of whoever rang last."""
        self._numbers = count(13_900_130_001)
        self._stack = AsyncExitStack()

    @property
    def ann(self) -> Person:
        """The lawyer at seat 01."""
        return self.people["ann"]

    @property
    def ben(self) -> Person:
        """The lawyer at seat 02."""
        return self.people["ben"]

    @property
    def boss(self) -> Person:
        """The supervisor at seat 09."""
        return self.people["boss"]

    # ── callers ──

    async def caller(self, dialled: str = NUMBERS["01"], number: str = "") -> Talk:
        """Somebody rings from a number nobody else has."""
        phone = await self._stack.enter_async_context(
            handset(number or str(next(self._numbers)), (CALLERS, 0), HZ["caller"])
        )
        talk = self.ears["caller"] = await phone.call(dialled, ("127.0.0.1", self.rig.sip_port))
        self.number = phone.name
        return talk

    async def talks(self, person: Person, dialled: str = NUMBERS["01"]) -> str:
        """A caller rings and that lawyer answers in the page; the call."""
        await self.caller(dialled)
        call = await person.rung()
        await person.at("answer").click()
        await person.state("talking")
        await self.ears["caller"].until(lambda talk: talk.up)
        return call

    async def picks_up(self, name: str, seconds: float = 8.0) -> Talk:
        """The next ring of that telephone is answered."""
        talk = await self.rings(name, seconds)
        talk.answer()
        return talk

    async def rings(self, name: str, seconds: float = 8.0) -> Talk:
        """The latest ring of that telephone that is not over, or the next one."""
        phone = self.phones[name]
        open_rings = [number for number, talk in enumerate(phone.talks, 1) if not talk.end and not talk.up]
        talk = self.ears[name] = await phone.rung(open_rings[-1] if open_rings else len(phone.talks) + 1, seconds)
        return talk

    # ── who hears whom ──

    async def hear(self, seconds: float = 8.0, **expected: str) -> None:
        """Within that time everybody named hears exactly those tones (names with blanks between), all at once."""
        wanted = {name: frozenset(what.split()) for name, what in expected.items()}
        end = time.monotonic() + seconds
        while (heard := dict(zip(wanted, await asyncio.gather(*map(self._heard, wanted)), strict=True))) != wanted:
            if time.monotonic() > end:
                levels = await self._levels(wanted)
                raise AssertionError(f"wanted {_words(wanted)}, heard {_words(heard)}; in the browsers, dB: {levels}")

    async def _heard(self, name: str) -> frozenset[str]:
        if name not in self.people:
            await asyncio.sleep(0.2)
            return tones(await self.ears[name].sound.listen(LISTEN_SECONDS), {**HZ, "question": QUESTION_HZ})
        levels: dict[str, float] = await self.people[name].page.evaluate(HEARS, HZ)
        loudest = max(levels.values(), default=-200.0)
        return frozenset(each for each, level in levels.items() if level > max(LOUD_DB, loudest - FAINT_DB))

    async def _levels(self, names: Mapping[str, object]) -> dict[str, dict[str, int]]:
        return {
            name: {each: round(level) for each, level in (await self.people[name].page.evaluate(HEARS, HZ)).items()}
            for name in names
            if name in self.people
        }

    # ── what is stored ──

    async def call(self, call: str) -> asyncpg.Record:
        """A call as stored."""
        return await self.house.call(call)

    async def only_call(self, number: str = "") -> asyncpg.Record:
        """The latest call of a caller; by default of the one who rang last."""
        index = self._seal().index(number or self.number)
        return (await self.house.fetch("SELECT * FROM calls WHERE caller_index = $1 ORDER BY id DESC", index))[0]

    async def ended(self, call: str, seconds: float = 8.0) -> asyncpg.Record:
        """Wait for the call's end."""

        async def over() -> bool:
            return (await self.call(call))["state"] == "ended"

        await until(over, seconds, f"{call} has ended")
        return await self.call(call)

    async def journal(self, call: str, *types: str) -> list[asyncpg.Record]:
        """What happened on a call, in order."""
        query = "SELECT seq, type, seat, at, data FROM journal WHERE call = $1 AND type = ANY($2) ORDER BY call_seq"
        return await self.house.fetch(query, call, list(types))

    def _seal(self) -> Seal:
        return Seal.from_state(self.house.state)

    # ── buttons ──

    async def press(self, person: Person, verb: str, **body: Any) -> None:
        """What a button of the page asks of the service, where the page has no such button now."""
        seat = next(seat for name, (seat, _) in SEATS.items() if self.people[name] is person)
        status, answer = await person.page.evaluate(
            """async ([path, body]) => {
              const got = await fetch(path, {method: 'POST', body: JSON.stringify(body),
                headers: {'X-Console': '1', 'Content-Type': 'application/json'}});
              return [got.status, await got.text()];
            }""",
            [f"/api/v1/seats/{seat}/{verb}", body],
        )
        assert status < 300, f"{verb}: {status} {answer}"

    async def choose(self, person: Person, how: str, kind: str, identity: str) -> None:
        """Open the list of targets by its button, choose one, and consult or transfer."""
        await person.at(how).click()
        tab = {"seat": "seats", "queue": "queues", "outside": "outside"}[kind]
        await person.at(f"target-tab-{tab}").click()
        await person.at(f"target-{kind}-{identity}").click()
        await person.at(f"target-{how}").click()

    async def hang_up(self, person: Person) -> None:
        """Put down, and be free for the next caller."""
        await person.at("hang-up").click()
        await person.state("wrap_up", "ready", "busy")
        await self.free(person)

    async def free(self, person: Person) -> None:
        """Out of wrap-up."""
        if await person.at("seat-state").get_attribute("data-state") != "ready":
            await self.press(person, "ready")
        await person.state("ready")

    async def admin(self, method: str, path: str, **given: Any) -> Any:
        """The administrator's request; its answer."""
        if "9100" not in self.clients:
            self.clients["9100"] = await self.house.client("9100")
        answer = await self.clients["9100"].request(method, path, **given)
        assert answer.status_code < 300, answer.text
        return answer

    async def plan(self, **changes: Any) -> None:
        """Change the call plan (来电流程)."""
        now = await self.admin("GET", "/announcements/plan")
        plan = now.json()["plan"] | changes
        await self.admin("PUT", "/announcements/plan", json={"plan": plan}, headers={"If-Match": now.headers["ETag"]})

    # ── in between ──

    async def rested(self) -> None:
        """After a journey: nobody is stuck, nothing is left on the device, everybody is free again."""
        for talk in self.ears.values():
            if talk.up and not talk.deaf:
                talk.hang_up()
        await until(self._no_live_call, STUCK_SECONDS, "every call has ended")
        await until(self._no_seat_occupied, STUCK_SECONDS, "no seat is occupied")
        await self._stack.aclose()
        self.ears.clear()
        for name, (_, _) in SEATS.items():
            if name != "boss":
                await self.free(self.people[name])
        await until(self._nothing_left, 5, "nothing is left on the device", self._leftovers)

    async def history_holds(self) -> None:
        """`hotline verify` finds nothing, asked with what Asterisk says is live: nothing."""
        url = url_if_running(self.house.state)
        assert url is not None
        verdict = await verify(url, hall=HALL, live={LINE: set()})
        assert verdict.ok, as_text(verdict)

    async def _no_live_call(self) -> bool:
        return not await self.house.fetch("SELECT id FROM calls WHERE state <> 'ended'")

    async def _no_seat_occupied(self) -> bool:
        return not await self.house.fetch("SELECT number FROM seats WHERE call IS NOT NULL")

    async def _nothing_left(self) -> bool:
        return not await self._leftovers()

    async def _leftovers(self) -> list[str]:
        auth = (self.rig.site.ari_user, self.rig.secrets.ari)
        async with httpx2.AsyncClient(auth=auth, base_url=f"{self.rig.url}/ari") as client:
            channels, bridges = (await client.get("/channels")).json(), (await client.get("/bridges")).json()
        return [each["name"] for each in channels] + [each["id"] for each in bridges]

    async def close(self) -> None:
        """The consoles of the desk seats."""
        for console in self.consoles:
            await console.close()
        for client in self.clients.values():
            await client.aclose()
        await self._stack.aclose()


@asynccontextmanager
async def whole_house(folder: Path) -> AsyncIterator[Stage]:
    """Asterisk, the service and three browsers run; everybody sits at a desk and is free."""
    async with AsyncExitStack() as stack:
        rig = stack.enter_context(running(_rig_options(folder)))
        for prompt in PROMPTS:
            (rig.site.prompts_dir / f"{prompt}.alaw").write_bytes(tone(QUESTION_HZ, 0.4))
        extensions = [account.extension for account in rig.accounts()]
        groups = ("first", "second", "supervisors")
        desks = {seat: (ext, g) for (seat, _), ext, g in zip(SEATS.values(), extensions, groups, strict=True)}
        desks |= {seat: (ext, g) for (seat, (ext, _)), g in zip(DESK_SEATS.items(), ("third", "fourth"), strict=True)}
        house = await stack.enter_async_context(_serving(rig, desks))
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
        stage = Stage(house, rig, people, phones)
        stack.push_async_callback(stage.close)
        await asyncio.gather(*(_sit_down(stage, name) for name in SEATS))
        for seat, (_, work_number) in DESK_SEATS.items():
            await _sit_at_a_desk_phone(stage, seat, work_number)
        yield stage


async def until(
    true: Callable[[], Awaitable[object]],
    seconds: float,
    what: str,
    why: Callable[[], Awaitable[object]] | None = None,
) -> None:
    """Poll until it is so. `why`: asked what is wrong when it is not."""
    end = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}; {await why() if why is not None else ''}")
        await asyncio.sleep(0.05)


def kinds(call: asyncpg.Record) -> list[str]:
    """What a caller lived through, in order."""
    return [each["kind"] for each in segments(call)]


def segments(call: asyncpg.Record) -> list[dict[str, Any]]:
    """A call's segments as stored."""
    return json.loads(call["segments"])


def _rig_options(folder: Path) -> RigOptions:
    music = folder / "music.alaw"
    music.write_bytes(tone(HZ["music"], 20))
    groups = {seat: (extension,) for seat, (extension, _) in DESK_SEATS.items()}
    return RigOptions(
        desk=0, browser=len(SEATS), groups=groups, duty=False, outside=True, prompts=False, own_music=music
    )


@asynccontextmanager
async def _serving(rig: Rig, desks: Mapping[str, tuple[str, str]]) -> AsyncIterator[House]:
    home = Path(tempfile.mkdtemp(prefix="he-"))
    home.chmod(0o711)
    house = House(home, rig, desks)
    try:
        await house.up()
        yield house
    finally:
        if house.alive:
            house.signal(signal.SIGTERM)
            await house.gone(15)
        shutil.rmtree(home, ignore_errors=True)


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
    client = await stage.house.client(work_number)
    console = Console(stage.house.base, client, ["desk"])
    stage.consoles.append(console)
    stage.clients[seat] = client
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


def _words(heard: Mapping[str, frozenset[str]]) -> dict[str, str]:
    return {name: " ".join(sorted(each)) for name, each in heard.items()}
