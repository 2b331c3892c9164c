"""How long does a change of who hears whom take? Three on the line, and a call that goes from one lawyer to another.

Two clocks each: until the adapter has heard from Asterisk that the legs are joined, and until the first packet with the
new voice has arrived at the caller's telephone (packets come every 20 ms, so 10 ms of it are chance).
"""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.rig.audio import PACKET, level
from adapters.asterisk.rig.handset import handset
from adapters.asterisk.rig.instance import CALLERS_ADDRESS, LOOPBACK, Rig
from adapters.asterisk.rig.rtp import Rtp
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.tones import unalaw
from adapters.telephony import (
    AdapterName,
    Arrange,
    CallOffered,
    CallReleased,
    DeviceEvent,
    LegsJoined,
    LinkUp,
    OfferId,
    Phone,
    PhoneKind,
    Release,
    RingSeat,
    SeatAnswered,
    StartRecording,
)

FIRST, SECOND = OfferId("first"), OfferId("second")
VOICE_HZ: Final = 1300.0
WAIT_SECONDS: Final = 5.0
F = TypeVar("F", bound=DeviceEvent)


class ArrangeTimes(msgspec.Struct, frozen=True, kw_only=True):
    """In milliseconds, one figure a round."""

    three_way: list[float]
    """The caller comes back to a consultation: all three hear each other."""
    three_way_heard: list[float]
    """The same, until he hears the second lawyer."""
    swap: list[float]
    """The first lawyer out, the second one in."""
    swap_heard: list[float]


async def arrange_times(rig: Rig, rounds: int, state: Path) -> ArrangeTimes:
    """Measure on a rig with the groups `first` and `second` of one desk phone each. The call is recorded, as calls are.

    Raises `TimeoutError` when something does not happen at all."""
    heard: list[DeviceEvent] = []
    more = asyncio.Event()

    def hear(fact: DeviceEvent) -> None:
        heard.append(fact)
        more.set()

    async def until(kind: type[F], when: Callable[[F], bool] = lambda fact: True) -> F:
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                for fact in heard:
                    if isinstance(fact, kind) and when(fact):
                        return fact
                more.clear()
                await more.wait()

    table = {key: value for key, value in rig.settings().items() if key not in ("kind", "records")}
    adapter = AsteriskAdapter(AdapterName("measured"), AsteriskSettings.model_validate(table), rig.secrets.ari, state)
    times = ArrangeTimes(three_way=[], three_way_heard=[], swap=[], swap_heard=[])
    async with AsyncExitStack() as stack:
        caller, first, second = [
            await stack.enter_async_context(handset(name, address, hertz))
            for name, address, hertz in (
                ("13900000000", (CALLERS_ADDRESS, 0), None),
                (rig.extensions("first")[0], (LOOPBACK, rig.ports["first"]), None),
                (rig.extensions("second")[0], (LOOPBACK, rig.ports["second"]), VOICE_HZ),
            )
        ]
        run = asyncio.create_task(adapter.run(hear))
        stack.callback(run.cancel)
        await until(LinkUp)
        talk = await caller.call("12348", (LOOPBACK, rig.sip_port))
        call = (await until(CallOffered)).call
        for offer, phone in ((FIRST, first), (SECOND, second)):
            desk = Phone(PhoneKind.DESK, phone.name)
            await adapter.do(RingSeat(call=call, offer=offer, phone=desk, seconds=15))
            await phone.picks_up()
            await until(SeatAnswered, lambda fact, offer=offer: fact.offer == offer)

        async def change(picture: Arrange, joins: int, into: list[float], into_heard: list[float]) -> None:
            heard.clear()
            began = time.monotonic()
            await adapter.do(picture)
            await until(LegsJoined, lambda _: sum(isinstance(fact, LegsJoined) for fact in heard) >= joins)
            into.append((time.monotonic() - began) * 1000)
            into_heard.append((await _voice(talk.sound, began) - began) * 1000)

        await adapter.do(Arrange(call=call, room=(FIRST,)))
        await adapter.do(StartRecording(call=call, name="measured"))
        for _ in range(rounds):
            await adapter.do(Arrange(call=call, room=(FIRST, SECOND), caller=False))
            await _silence(talk.sound)
            both = Arrange(call=call, room=(FIRST, SECOND))
            await change(both, 2, times.three_way, times.three_way_heard)
            await adapter.do(Arrange(call=call, room=(FIRST,)))
            await _silence(talk.sound)
            await change(Arrange(call=call, room=(SECOND,)), 1, times.swap, times.swap_heard)
        await adapter.do(Release(call=call))
        await until(CallReleased)
    return times


async def _voice(sound: Rtp, began: float) -> float:
    """When the first packet with the second lawyer's voice came, by `time.monotonic`."""
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            for at, packet in sound.packets(began):
                if _speaks(packet):
                    return at
            await asyncio.sleep(0.005)


async def _silence(sound: Rtp) -> None:
    """Until his voice has not been heard for a while."""
    async with asyncio.timeout(WAIT_SECONDS):
        while any(_speaks(packet) for _, packet in sound.packets(time.monotonic() - 0.08)):
            await asyncio.sleep(0.01)


def _speaks(packet: bytes) -> bool:
    return level(array("h", map(unalaw, packet[:PACKET])), VOICE_HZ) > 0.03
