"""Running an adapter in a test: everything it says is kept, and can be waited for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from adapters.asterisk.adapter import AsteriskAdapter
from adapters.asterisk.rig import Rig
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import AdapterError
from adapters.telephony import AdapterName, CallKey, Command, DeviceEvent, LinkUp, OfferId, Phone, PhoneKind, RingSeat

F = TypeVar("F", bound=DeviceEvent)


class Ear:
    """What one run of an adapter said."""

    def __init__(self, adapter: AsteriskAdapter) -> None:
        self.adapter = adapter
        self.facts: list[DeviceEvent] = []
        self.run: asyncio.Task[None] | None = None
        self._more = asyncio.Event()

    def hear(self, fact: DeviceEvent) -> None:
        self.facts.append(fact)
        self._more.set()

    async def do(self, *commands: Command) -> None:
        for command in commands:
            await self.adapter.do(command)

    async def until(self, kind: type[F], when: Callable[[F], bool] = lambda fact: True, seconds: float = 8.0) -> F:
        """The first fact of that kind, also one heard already."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for fact in self.facts:
                        if isinstance(fact, kind) and when(fact):
                            return fact
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} within {seconds} s; heard {self.facts}") from None

    def all(self, kind: type[F]) -> list[F]:
        return [fact for fact in self.facts if isinstance(fact, kind)]

    async def ended(self, seconds: float = 15.0) -> AdapterError:
        """How the run ended by itself."""
        assert self.run is not None
        async with asyncio.timeout(seconds):
            try:
                await self.run
            except AdapterError as error:
                return error
        raise AssertionError("the run returned without saying why")


def adapter_of(rig: Rig, state: Path, **changes: object) -> AsteriskAdapter:
    """An adapter for the rig; without its records, which also tell of the calls of other tests."""
    table = {key: value for key, value in rig.settings().items() if key != "kind"} | {"records": None} | changes
    settings = AsteriskSettings.model_validate(table)
    return AsteriskAdapter(AdapterName("line-1"), settings, rig.secrets.ari, state)


@asynccontextmanager
async def listening(adapter: AsteriskAdapter) -> AsyncIterator[Ear]:
    """The adapter runs, and is connected when the block begins."""
    ear = Ear(adapter)
    ear.run = asyncio.create_task(adapter.run(ear.hear))
    try:
        link = asyncio.create_task(ear.until(LinkUp))
        await asyncio.wait({link, ear.run}, return_when=asyncio.FIRST_COMPLETED)
        if ear.run.done():
            link.cancel()
            ear.run.result()
        await link
        yield ear
    finally:
        ear.run.cancel()
        await asyncio.wait({ear.run}, timeout=2)
        assert ear.run.done(), "run did not end within 2 s of being cancelled"


def ring(call: CallKey, offer: str, extension: str, *, seconds: int = 15) -> RingSeat:
    """The command that rings a desk phone."""
    phone = Phone(PhoneKind.DESK, extension)
    return RingSeat(call=call, offer=OfferId(offer), phone=phone, seconds=seconds, caller_shown="139****0000")
