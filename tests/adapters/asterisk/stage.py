"""A caller, two lawyers, a supervisor and a number outside, each with a tone of his own: who hears whom?"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.asterisk.rig.handset import Handset, Talk, handset
from adapters.asterisk.rig.rtp import tones
from adapters.asterisk.tones import tone
from adapters.telephony import (
    Arrange,
    CallKey,
    CallOffered,
    LegsJoined,
    OfferId,
    Phone,
    PhoneKind,
    PortStatus,
    RingSeat,
    SeatAnswered,
    Watch,
    WatchMode,
)
from tests.adapters.asterisk.ear import Ear, adapter_of, listening

HZ: Final = {
    "caller": 800,
    "ann": 1000,
    "ben": 1300,
    "boss": 1700,
    "out": 2100,
    "music": 620,
    "ringing": 450,
    "question": 2500,
}
PHONES: Final = {"ann": "3001", "ben": "3002", "boss": "3003"}
CALLER_ADDRESS: Final = "127.0.0.2"
LISTEN: Final = 0.45
SETTLE: Final = 0.12
"""Until what was on its way has been played."""


class Stage:
    """Everybody, and the adapter between them."""

    def __init__(self, rig: Rig, ear: Ear, phones: dict[str, Handset]) -> None:
        self.rig = rig
        self.ear = ear
        self.phones = phones
        self.talks: dict[str, Talk] = {}
        self.call = CallKey("")
        self.joins = 0

    async def caller_rings(self) -> CallKey:
        """A caller rings the hotline; his call."""
        known = len(self.ear.all(CallOffered))
        peer = ("127.0.0.1", self.rig.sip_port)
        self.talks["caller"] = await self.phones["caller"].call("12348", peer)
        await self.eventually(lambda: len(self.ear.all(CallOffered)) > known, "the call is offered")
        self.call = self.ear.all(CallOffered)[-1].call
        return self.call

    async def takes(self, name: str, offer: str = "") -> Talk:
        """That person's phone rings for the call, and is picked up. The offer is called as he is."""
        await self.ear.do(self.ring(name, offer))
        return await self.picks_up(name, offer)

    async def picks_up(self, name: str, offer: str = "") -> Talk:
        """His phone rings, or is about to."""
        phone = self.phones[name]
        rung = sum(not talk.end and not talk.up for talk in phone.talks)
        talk = self.talks[name] = await phone.picks_up(len(phone.talks) + (0 if rung else 1))
        await self.ear.until(SeatAnswered, lambda fact: (fact.call, fact.offer) == (self.call, offer or name))
        return talk

    def ring(self, name: str, offer: str = "", *, seconds: int = 15, expected: bool = False) -> RingSeat:
        """The command."""
        phone = Phone(PhoneKind.DESK, PHONES[name])
        return RingSeat(call=self.call, offer=OfferId(offer or name), phone=phone, seconds=seconds, expected=expected)

    async def arrange(
        self, *room: str, caller: bool = True, muted: tuple[str, ...] = (), watching: tuple[Watch, ...] = ()
    ) -> Arrange:
        """The command, carried out."""
        command = Arrange(
            call=self.call,
            room=tuple(OfferId(name) for name in room),
            caller=caller,
            muted=tuple(OfferId(name) for name in muted),
            watching=watching,
        )
        await self.ear.do(command)
        return command

    async def joined(self, *names: str) -> None:
        """So many more `LegsJoined` than at the last look, of these."""
        wanted = self.joins + len(names)
        await self.eventually(lambda: len(self.ear.all(LegsJoined)) >= wanted, f"{names} joined")
        told = self.ear.all(LegsJoined)
        assert sorted(str(fact.offer) for fact in told[self.joins :]) == sorted(names), told[self.joins :]
        self.joins = len(told)

    async def hear(self, **expected: str) -> None:
        """Everybody named hears exactly those tones (names with blanks between)."""
        await asyncio.sleep(SETTLE)
        heard = await asyncio.gather(*(self.talks[name].sound.listen(LISTEN) for name in expected))
        said = {name: tones(samples, HZ) for name, samples in zip(expected, heard, strict=True)}
        assert said == {name: frozenset(what.split()) for name, what in expected.items()}

    async def port(self) -> PortStatus:
        """The only call, as the device lists it."""
        (port,) = await self.ear.adapter.ports()
        return port

    async def eventually(self, when: Callable[[], bool], what: str, seconds: float = 5.0) -> None:
        """Wait for it."""
        end = time.monotonic() + seconds
        while not when():
            assert time.monotonic() < end, f"not within {seconds} s: {what}; heard {self.ear.facts}"
            await asyncio.sleep(0.01)

    async def nothing_left(self) -> None:
        """No call, no leg and no bridge is left on the device."""
        end = time.monotonic() + 4
        while left := [*await self.ear.adapter.leftovers(), *await self.ear.adapter.ports()]:
            assert time.monotonic() < end, f"left over: {left}"
            await asyncio.sleep(0.03)
        assert "0 active channels" in self.rig.cli("core show channels count")
        assert not self.ear.adapter.misread
        ids = [fact.event_id for fact in self.ear.facts]
        assert len(ids) == len(set(ids)), "something was told twice"


@contextmanager
def stage_rig(folder: Path, **options: object) -> Iterator[Rig]:
    """An Asterisk for a stage."""
    music = folder / "music.alaw"
    music.write_bytes(tone(HZ["music"], 20))
    table = {"desk": 0, "groups": {name: (extension,) for name, extension in PHONES.items()}, "duty": False} | options
    with running(RigOptions(prompts=False, outside=True, own_music=music, **table)) as rig:  # pyright: ignore[reportArgumentType]
        (rig.site.prompts_dir / "accept-by-1.alaw").write_bytes(tone(HZ["question"], 1.0))
        (rig.site.prompts_dir / "notice.alaw").write_bytes(tone(HZ["question"], 1.0))
        yield rig


@asynccontextmanager
async def stage(rig: Rig, state: Path, **changes: object) -> AsyncIterator[Stage]:
    """Everybody is there, nobody rings yet."""
    async with AsyncExitStack() as stack:
        ear = await stack.enter_async_context(listening(adapter_of(rig, state, **changes)))
        phones = await stack.enter_async_context(people(rig))
        yield Stage(rig, ear, phones)


@asynccontextmanager
async def people(rig: Rig) -> AsyncIterator[dict[str, Handset]]:
    """Their telephones."""
    places = {name: ("127.0.0.1", rig.ports[name]) for name in PHONES}
    places |= {"caller": (CALLER_ADDRESS, 0), "out": rig.outside}
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(handset(PHONES.get(name, name), place, HZ[name]))
            for name, place in places.items()
        }


def listens(offer: str, at: str) -> Watch:
    """监听"""
    return Watch(offer=OfferId(offer), at=OfferId(at), mode=WatchMode.LISTEN)


def whispers(offer: str, at: str) -> Watch:
    """密语"""
    return Watch(offer=OfferId(offer), at=OfferId(at), mode=WatchMode.WHISPER)
