"""`make demo-asterisk`: the demo hall behind a real Asterisk, with SIPp callers and SIPp desk phones.

The last desks are for people: their phone is the browser's own (SIP over WebSocket).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console

from adapters.asterisk.rig import CallerPlan, Rig, RigOptions, SeatPlan, running

CALLS_PER_SECOND: Final = 0.07
MEAN_TALK_SECONDS: Final = 40.0
RING_MS: Final = 3000


class AsteriskDemo:
    """A running Asterisk with phones at the simulated lawyers' desks."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig

    def adapter_toml(self) -> str:
        """The `[adapters.NAME]` table for it."""
        lines = [f"{key} = {orjson.dumps(value).decode()}" for key, value in self._rig.settings().items()]
        return "\n[adapters.card-1]\n" + "\n".join(lines) + "\n"

    def extension(self, desk: int, robots: int) -> str:
        """The extension of the n-th desk: a SIPp phone for the simulated lawyers, a browser's for people."""
        if desk <= robots:
            return self._rig.extensions()[desk - 1]
        return self._rig.accounts()[desk - robots - 1].extension

    async def callers(self, stop: asyncio.Event) -> None:
        """People who ring by a Poisson clock until `stop`; each talks for a while and hangs up."""
        number = 13_900_139_000
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), random.expovariate(CALLS_PER_SECOND))
            except TimeoutError:
                number += random.randrange(1, 4)
                talk = 15.0 + random.expovariate(1 / MEAN_TALK_SECONDS)
                self._rig.callers(CallerPlan(talk_ms=int(talk * 1000)), first=number, rate=1)

    async def hang_up(self) -> None:
        """End what is left at the end of the demo."""
        await asyncio.to_thread(self._rig.hang_up_all, 10.0)


@asynccontextmanager
async def asterisk_rig(state_dir: Path, robots: int, people: int, show: Console) -> AsyncIterator[AsteriskDemo]:
    """The rig for as long as the block runs; built on first use (a minute or two, most of it downloads)."""
    folder = (state_dir / "asterisk").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    options = RigOptions(desk=robots, browser=people, folder=folder)
    with running(options, say=lambda text: show.print(text)) as rig:
        rig.phones(plan=SeatPlan(ring_ms=RING_MS))
        yield AsteriskDemo(rig)
