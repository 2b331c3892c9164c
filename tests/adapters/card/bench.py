"""A card that is not there: the stand-in library, the exchange behind it, the adapter in front of it."""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, TypeVar

from adapters.card.adapter import CardAdapter
from adapters.card.plugin import build
from adapters.card.settings import CardSettings
from adapters.card.simulator import STATIONS, TRUNKS, Exchange, compile_stub, settings, write_prompt
from adapters.errors import AdapterError
from adapters.registry import Site
from adapters.telephony import AdapterName, CallFact, CallKey, CallOffered, DeviceEvent, LinkUp

F = TypeVar("F", bound=DeviceEvent)

VENDORS = ("shp_a3", "keygoe")
NAME = AdapterName("card-1")
NUMBER = "13800138000"
BOUND_SECONDS = 20.0


@cache
def library(vendor: str, conference: bool = True) -> Path:
    """Compiled once per test process, into a folder of its own that ends with it."""
    folder = Path(mkdtemp(prefix="card-stub-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return compile_stub(vendor, folder, conference=conference)


def table(exchange: Exchange, folder: Path, **more: Any) -> dict[str, Any]:
    """Settings with announcements of a tenth of a second."""
    for name in ("greeting", "menu", "music"):
        write_prompt(folder / "prompts", exchange.vendor, name, 0.1)
    write_prompt(folder / "prompts", exchange.vendor, "long", 60)
    return {**settings(exchange, library(exchange.vendor), folder), **more}


def card(exchange: Exchange, folder: Path, name: AdapterName = NAME, **more: Any) -> CardAdapter:
    """An adapter that is not running yet."""
    keys = {key: value for key, value in table(exchange, folder, **more).items() if key != "kind"}
    return build(name, CardSettings.model_validate(keys), Site(state_dir=folder / "state", secret=lambda _: "s3cret"))


class Bench:
    """A running card, and what was heard of it."""

    def __init__(self, exchange: Exchange, adapter: CardAdapter) -> None:
        self.exchange, self.adapter = exchange, adapter
        self.events: list[DeviceEvent] = []
        self.changed = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def hear(self, event: DeviceEvent) -> None:
        self.events.append(event)
        self.changed.set()

    @property
    def trunk(self) -> int:
        return TRUNKS[self.exchange.vendor][3]

    @property
    def station(self) -> int:
        return STATIONS[self.exchange.vendor][0]

    def all(self, kind: type[F], call: CallKey | None = None) -> list[F]:
        found = [event for event in self.events if isinstance(event, kind)]
        return [event for event in found if call is None or (isinstance(event, CallFact) and event.call == call)]

    async def heard(self, kind: type[F], times: int = 1, when: Callable[[F], bool] = lambda event: True) -> F:
        """The latest of so many facts of that kind."""
        with suppress(TimeoutError):
            async with asyncio.timeout(BOUND_SECONDS):
                while len([each for each in self.all(kind) if when(each)]) < times:
                    self.changed.clear()
                    await self.changed.wait()
        found = [each for each in self.all(kind) if when(each)]
        last = [type(event).__name__ for event in self.events[-8:]]
        assert len(found) >= times, f"{kind.__name__} was not heard {times} times; last: {last}"
        return found[times - 1]

    async def in_use(self, channels: int) -> None:
        """The card itself says that so many channels are in use."""
        said = ""
        with suppress(TimeoutError):
            async with asyncio.timeout(BOUND_SECONDS):
                while f" {channels} in use" not in (said := await self.adapter.probe()):
                    await asyncio.sleep(0.01)
                return
        raise AssertionError(f"not {channels} channels: {said}; the library was asked {self.exchange.ledger[-12:]}")

    async def caller(self, number: str = NUMBER) -> CallKey:
        """Somebody rings on the trunk."""
        before = len(self.all(CallOffered))
        self.exchange.call(self.trunk, number)
        return (await self.heard(CallOffered, before + 1)).call


@asynccontextmanager
async def running(vendor: str, folder: Path, **more: Any) -> AsyncIterator[Bench]:
    """The adapter runs until the block ends."""
    async with Exchange(vendor).running() as exchange:
        bench = Bench(exchange, card(exchange, folder, **more))
        async with up(bench):
            yield bench


@asynccontextmanager
async def up(bench: Bench) -> AsyncIterator[None]:
    bench.task = asyncio.create_task(bench.adapter.run(bench.hear))
    heard = asyncio.create_task(bench.heard(LinkUp, len(bench.all(LinkUp)) + 1))
    try:
        await asyncio.wait([bench.task, heard], return_when=asyncio.FIRST_COMPLETED)
        if bench.task.done():
            heard.cancel()
            await bench.task
        await heard
        yield
    finally:
        bench.task.cancel()
        heard.cancel()
        with suppress(asyncio.CancelledError, AdapterError):
            await bench.task


def is_alive(pid: int) -> bool:
    """The process is there; a zombie counts."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
