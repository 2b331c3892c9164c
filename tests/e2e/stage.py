"""The whole house for the journeys: Asterisk, the service, two lawyers and a supervisor in browsers of their own.

Everybody speaks in a tone, so that who hears whom is a question of frequencies: on the wire at the telephones, in the
browsers by WebAudio on what their phones play.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import Any, Final

import asyncpg
import httpx2

from adapters.asterisk.rig import Rig
from adapters.asterisk.rig.audio import RATE
from adapters.asterisk.rig.handset import Handset, Talk, handset
from adapters.asterisk.rig.rtp import tones
from hotline.store.embedded import url_if_running
from hotline.store.seal import Seal
from hotline.verify import as_text, verify
from tests.console.browser import Person
from tests.console.hall import HALL, until
from tests.e2e.house import CALLERS, HZ, LINE, NUMBERS, SEATS, WIRE_HZ, House
from tests.failure.consoles import Console
from tests.test_upward import Province

LOUD_DB: Final = -62.0
FAINT_DB: Final = 20.0
"""So far below the loudest tone, another one is only its edge."""
LISTEN_SECONDS: Final = 0.8
HEAR_SECONDS: Final = 10.0
STUCK_SECONDS: Final = 30.0

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


class Stage:
    """Everybody, and what can be asked of them."""

    def __init__(
        self,
        house: House,
        rig: Rig,
        people: Mapping[str, Person],
        phones: Mapping[str, Handset],
        province: Province,
    ) -> None:
        self.house = house
        self.rig = rig
        self.people = people
        self.phones = phones
        """Telephones on the wire: the desk seats by number, and `out`, whatever is rung outside."""
        self.province = province
        """What it was told of the seats."""
        self.ears: dict[str, Talk] = {}
        """Calls of telephones that `hear` may ask: `caller`, `out`, a desk seat."""
        self.clients: dict[str, httpx2.AsyncClient] = {}
        self.consoles: list[Console] = []
        self.measured: dict[str, list[float]] = {}
        """Milliseconds, by what was measured."""
        self.number = ""
        """Of whoever rang last."""
        self._bells = [asyncio.create_task(_rings_always(phone)) for phone in phones.values()]
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

    async def caller(
        self, dialled: str = NUMBERS["01"], number: str = "", headers: Mapping[str, str] | None = None
    ) -> Talk:
        """Somebody rings from a number nobody else has."""
        phone = await self._stack.enter_async_context(
            handset(number or str(next(self._numbers)), (CALLERS, 0), HZ["caller"])
        )
        talk = self.ears["caller"] = await phone.call(dialled, ("127.0.0.1", self.rig.sip_port), headers)
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

    async def invites(self, person: Person) -> list[int]:
        """When each INVITE came to that page since it was loaded, in ms since 1970."""
        return await person.page.evaluate("window.__invites")

    # ── who hears whom ──

    async def hear(self, **expected: str) -> None:
        """Soon everybody named hears exactly those tones (names with blanks between), all at once."""
        wanted = {name: frozenset(what.split()) for name, what in expected.items()}
        end = time.monotonic() + HEAR_SECONDS
        while (heard := dict(zip(wanted, await asyncio.gather(*map(self._heard, wanted)), strict=True))) != wanted:
            if time.monotonic() > end:
                levels = await self._levels(wanted)
                raise AssertionError(f"wanted {_words(wanted)}, heard {_words(heard)}; in the browsers, dB: {levels}")

    async def _heard(self, name: str) -> frozenset[str]:
        if name not in self.people:
            await asyncio.sleep(0.2)
            return tones(await self.ears[name].sound.listen(LISTEN_SECONDS), WIRE_HZ)
        levels: dict[str, float] = await self.people[name].page.evaluate(HEARS, HZ)
        loudest = max(levels.values(), default=-200.0)
        return frozenset(each for each, level in levels.items() if level > max(LOUD_DB, loudest - FAINT_DB))

    def heard_since(self, name: str, since: float) -> list[str]:
        """What that telephone heard since then (`time.monotonic`), fifth of a second by fifth; equal ones once."""
        sound, step, said = self.ears[name].sound.heard(since), RATE // 5, list[str]()
        for start in range(0, len(sound) - step + 1, step):
            now = " ".join(sorted(tones(sound[start : start + step], WIRE_HZ)))
            if not said or said[-1] != now:
                said.append(now)
        return said

    async def has_heard(self, name: str, what: str, since: float, seconds: float = 8.0) -> None:
        """Within that time that telephone has heard exactly that, once and however shortly."""

        async def heard() -> bool:
            return what in self.heard_since(name, since)

        await until(heard, seconds, f"{name} has heard {what!r}")

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

    async def told(self, call: str, kind: str) -> list[dict[str, Any]]:
        """What such events say."""
        return [json.loads(row["data"]) for row in await self.journal(call, kind)]

    def _seal(self) -> Seal:
        return Seal.from_state(self.house.state)

    # ── buttons ──

    async def press(self, person: Person, verb: str, **body: Any) -> None:
        """What a button of the page asks of the service, where the page has no such button now."""
        status, answer = await self._ask(person, verb, body)
        assert status < 300, f"{verb}: {status} {answer}"

    async def refused(self, person: Person, code: str, verb: str, **body: Any) -> None:
        """The service itself refuses, whatever the page shows."""
        status, answer = await self._ask(person, verb, body)
        assert (status >= 400, json.loads(answer)["code"]) == (True, code), f"{verb}: {status} {answer}"

    async def _ask(self, person: Person, verb: str, body: dict[str, Any]) -> tuple[int, str]:
        seat = next(seat for name, (seat, _) in SEATS.items() if self.people[name] is person)
        status, answer = await person.page.evaluate(
            """async ([path, body]) => {
              const got = await fetch(path, {method: 'POST', body: JSON.stringify(body),
                headers: {'X-Console': '1', 'Content-Type': 'application/json'}});
              return [got.status, await got.text()];
            }""",
            [f"/api/v1/seats/{seat}/{verb}", body],
        )
        return status, answer

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

    async def client(self, work_number: str) -> httpx2.AsyncClient:
        """Another browser of that person."""
        if work_number not in self.clients:
            self.clients[work_number] = await self.house.client(work_number)
        return self.clients[work_number]

    async def admin(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """The administrator's request; its answer."""
        answer = await (await self.client("9100")).request(method, path, **given)
        assert answer.status_code < 300, answer.text
        return answer

    async def plan(self, **changes: Any) -> None:
        """Change the call plan (来电流程); callers hear the new one from then on."""
        known = await self._rules_taken()
        now = await self.admin("GET", "/announcements/plan")
        plan = now.json()["plan"] | changes
        await self.admin("PUT", "/announcements/plan", json={"plan": plan}, headers={"If-Match": now.headers["ETag"]})

        async def taken() -> bool:
            return await self._rules_taken() > known

        await until(taken, 5, "the hall has taken the plan over")

    @asynccontextmanager
    async def planned(self, **changes: Any) -> AsyncIterator[None]:
        """The call plan changed for a while."""
        before = (await self.admin("GET", "/announcements/plan")).json()["plan"]
        await self.plan(**changes)
        try:
            yield
        finally:
            await self.plan(**{name: before[name] for name in changes})

    async def _rules_taken(self) -> int:
        return (await self.house.fetch("SELECT count(*) FROM journal WHERE type = 'RulesTaken'"))[0][0]

    # ── in between ──

    async def rested(self) -> None:
        """After a journey: nobody is stuck, nothing is left on the device, everybody is free again."""
        assert self.house.alive, f"the service has ended: {self.house.tail(60)}"
        for name, talk in self.ears.items():
            if talk.up and not talk.deaf:
                talk.hang_up()
            elif name == "caller" and not talk.end:
                talk.cancel()
        for person in self.people.values():
            await person.page.keyboard.press("Escape")
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
        """The consoles of the desk seats, and every telephone's bell."""
        for bell in self._bells:
            bell.cancel()
        for console in self.consoles:
            await console.close()
        for client in self.clients.values():
            if not client.is_closed:
                await client.aclose()
        await self._stack.aclose()


async def _rings_always(phone: Handset) -> None:
    """A telephone rings by itself: whoever rings it is told so, whether or not somebody will pick up."""
    for number in count(1):
        await phone.rung(number, math.inf)


def _words(heard: Mapping[str, frozenset[str]]) -> dict[str, str]:
    return {name: " ".join(sorted(each)) for name, each in heard.items()}
