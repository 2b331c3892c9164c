"""Two lawyers at their desks, a caller and somebody outside: every button over HTTP, every voice on the wire.

The real service and a real Asterisk, each in a process of its own; the telephones live in this one, each speaking in a
tone of its own, so that who hears whom, and since when, is a question of frequencies in the packets that arrive.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from array import array
from collections.abc import AsyncIterator
from typing import Any, Final

import httpx2

from adapters.asterisk.rig import RigOptions, ensure_root
from adapters.asterisk.rig.audio import PACKET, level
from adapters.asterisk.rig.handset import Handset, Talk, handset
from adapters.asterisk.rig.instance import CALLERS_ADDRESS, LOOPBACK, Rig, prepare
from adapters.asterisk.tones import unalaw
from hotline.bench.consoles import open_consoles
from hotline.bench.machine import favour
from hotline.bench.phones import ADAPTER, HALL_NUMBER
from hotline.bench.runs import Bench
from hotline.bench.service import Plan, Service, running_service

CALLER_HZ: Final = 500.0
SEATS_HZ: Final = (1000.0, 1400.0)
OUTSIDE_HZ: Final = 2000.0
AUDIBLE: Final = 0.03
"""Share of full scale, of one tone in one packet."""
WAIT_SECONDS: Final = 8.0
HUSHED_SECONDS: Final = 0.08
"""So long nothing of a tone: it is gone."""


class Desk:
    """A lawyer's buttons and telephone."""

    def __init__(self, seat: str, phone: Handset, client: httpx2.AsyncClient) -> None:
        self.seat = seat
        self.phone = phone
        self.talk: Talk | None = None
        """Its latest call."""
        self._client = client
        self._answered = 0

    async def press(self, verb: str, **body: Any) -> None:
        """One button, once. Raises `RuntimeError` when it is refused."""
        answer = await self._ask(verb, body)
        if answer.status_code >= 300:
            raise RuntimeError(f"{self.seat} {verb}: {answer.status_code} {answer.text}")

    async def press_when_it_may(self, verb: str, **body: Any) -> None:
        """A button that comes free only when the hall has heard what we did on the wire a moment ago."""
        async with asyncio.timeout(WAIT_SECONDS):
            while (answer := await self._ask(verb, body)).status_code == 409:
                await asyncio.sleep(0.02)
        if answer.status_code >= 300:
            raise RuntimeError(f"{self.seat} {verb}: {answer.status_code} {answer.text}")

    async def picks_up(self) -> float:
        """The next ring is answered at once; when (`time.monotonic`)."""
        self._answered += 1
        self.talk = await self.phone.rung(self._answered)
        at = time.monotonic()
        self.talk.answer()
        return at

    async def put_down(self) -> None:
        """Until its leg was taken away, and nothing more of it is heard or sent."""
        if self.talk is not None:
            await self.talk.until(lambda talk: bool(talk.end))
            await self.talk.sound.close()

    async def _ask(self, verb: str, body: dict[str, Any]) -> httpx2.Response:
        return await self._client.post(f"/seats/{self.seat}/{verb}", json=body)


class Desks:
    """Everybody."""

    def __init__(self, rig: Rig, service: Service, caller: Handset, desks: list[Desk], outside: Handset) -> None:
        self.rig = rig
        self.service = service
        self.caller = caller
        self.desks = desks
        self.outside = outside

    async def begin(self) -> tuple[Talk, str, Desk, Desk]:
        """A caller rings and is answered: his telephone, the call, who has him, and the other one."""
        talk = await self.caller.call(HALL_NUMBER, (LOOPBACK, self.rig.sip_port))
        rung = {asyncio.create_task(desk.phone.rung(len(desk.phone.talks) + 1)): desk for desk in self.desks}
        done, rest = await asyncio.wait(rung, return_when=asyncio.FIRST_COMPLETED)
        for task in rest:
            task.cancel()
        await asyncio.wait(rest)
        one = rung[done.pop()]
        other = next(desk for desk in self.desks if desk is not one)
        await one.picks_up()
        assert one.talk is not None
        call = one.talk.invite["x-hotline-offer"].rpartition(".")[0]
        await asyncio.gather(hears(talk, tone_of(one), 0), hears(one.talk, CALLER_HZ, 0))
        return talk, call, one, other


@contextlib.asynccontextmanager
async def desks(bench: Bench) -> AsyncIterator[Desks]:
    """All of it. Raises `Misconfigured` where the machine cannot have an Asterisk, saying what to install."""
    folder = bench.folder()
    bench.progress("正在启动 Asterisk")
    groups = {"first": ("1001",), "second": ("1002",)}
    options = RigOptions(
        desk=0, groups=groups, folder=folder / "rig", prompts=False, records=False, duty=False, outside=True
    )
    rig = prepare(options, folder / "rig", ensure_root(bench.progress))
    rig.start()
    try:
        favour(rig.pid)
        table = {key: value for key, value in rig.settings().items() if key != "records"}
        extensions = [extension for group in groups.values() for extension in group]
        plan = Plan(extensions=extensions, consoles=True, record=True)
        async with contextlib.AsyncExitStack() as stack:
            service = await stack.enter_async_context(running_service(folder, plan, {ADAPTER: table}))
            await stack.enter_async_context(open_consoles(service, service.tokens, None))
            base = f"http://127.0.0.1:{service.port}/api/v1"
            cookies = {token.extension: token.cookie for token in service.tokens}
            found: list[Desk] = []
            for number, (group, hertz) in enumerate(zip(groups, SEATS_HZ, strict=True), 1):
                extension = groups[group][0]
                phone = await stack.enter_async_context(handset(extension, (LOOPBACK, rig.ports[group]), hertz))
                headers = {"X-Console": "1", "Cookie": cookies[extension]}
                client = httpx2.AsyncClient(base_url=base, headers=headers, timeout=WAIT_SECONDS)
                found.append(Desk(f"{number:04d}", phone, await stack.enter_async_context(client)))
            caller = await stack.enter_async_context(handset("13900000000", (CALLERS_ADDRESS, 0), CALLER_HZ))
            outside = await stack.enter_async_context(handset("outside", rig.outside, OUTSIDE_HZ))
            yield Desks(rig, service, caller, found, outside)
    finally:
        rig.stop()


def tone_of(desk: Desk) -> float:
    """In which tone that lawyer speaks."""
    assert desk.phone.hertz is not None
    return desk.phone.hertz


async def hears(talk: Talk, hertz: float, since: float) -> float:
    """When the first packet with that tone came to that telephone after `since` (`time.monotonic`). Raises
    `TimeoutError`."""
    last = since
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            for at, packet in talk.sound.packets(last):
                if at > last and _speaks(packet, hertz):
                    return at
                last = at
            await asyncio.sleep(0.004)


async def silent(talk: Talk, *hertz: float) -> None:
    """Until nothing of these tones has come there for a while."""
    async with asyncio.timeout(WAIT_SECONDS):
        while any(
            _speaks(packet, each)
            for _, packet in talk.sound.packets(time.monotonic() - HUSHED_SECONDS)
            for each in hertz
        ):
            await asyncio.sleep(0.01)


def _speaks(packet: bytes, hertz: float) -> bool:
    return level(array("h", map(unalaw, packet[:PACKET])), hertz) > AUDIBLE
