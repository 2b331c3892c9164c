"""A box says something on its wire: how soon is it in the journal, committed? A real pseudo-terminal, a hall with the
service's own loop, writer and store, and a real PostgreSQL with `fsync`; the clock runs from the write at the pty's
other end until the commit has returned."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Final

from sqlalchemy import func, select

from adapters.registry import Site, build
from adapters.telephony import AdapterName, CallOffered, CallReleased
from hotline.bench import said
from hotline.bench.lab import rules
from hotline.bench.ptys import Ptys, ptys
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench, until
from hotline.clock import WallClock
from hotline.hall.hall import Hall
from hotline.hall.inputs import Heard, Input
from hotline.hall.state import Decision
from hotline.store.engine import Database
from hotline.store.gaps import Gaps
from hotline.store.ledger import HallStore, Lease
from hotline.store.seal import Seal, make_keys
from hotline.store.spool import Spool
from hotline.store.tables.journal import JOURNAL

BOX: Final = AdapterName("box-1")
FRAMES_PER_SECOND: Final = 20
SECONDS: Final = 8
RINGS_SECONDS: Final = (2.0, 0.3)
"""A caller gives up after that; in a tiny run."""


async def measure(bench: Bench) -> list[Row]:
    """One row: milliseconds from the byte on the wire to the row in the journal."""
    calls = FRAMES_PER_SECOND * bench.size(SECONDS, 1) // 2
    with ptys(1) as wire:
        async with _hall(await bench.database_url(), wire.urls[0]) as hall:

            async def once() -> list[float]:
                return await _calls(wire, hall, calls, RINGS_SECONDS[bench.tiny])

            taken = await bench.median(once, lambda took: sorted(took)[len(took) // 2])
            rows = await hall.rows()
    lost = sum(2 * calls - len(took) for took in taken.all)
    return [
        Row(
            id="wire_to_journal",
            unit="ms",
            **quantiles(taken.value),
            rate=FRAMES_PER_SECOND,
            others_cpu=taken.others,
            limited_by="两次提交（原始字节、决定）",
            note=f"{taken.note}；NCID 帧经伪终端，每秒 {FRAMES_PER_SECOND} 帧，未入账 {lost}；库中流水 {rows} 行",
        )
    ]


class _Store(HallStore):
    """Notes when each call's offer and end were committed."""

    def __init__(self, database: Database, seal: Seal, hall: str) -> None:
        super().__init__(database, seal, hall)
        self.committed = dict[tuple[str, str], float]()
        self._callers = dict[str, str]()

    async def commit(self, lease: Lease, at: datetime, made: Sequence[tuple[Input, Decision]], first_seq: int) -> None:
        await super().commit(lease, at, made, first_seq)
        now = perf_counter()
        for each, _ in made:
            match each:
                case Heard(fact=CallOffered(call=call, caller=str(caller))):
                    self._callers[call] = caller
                    self.committed[caller, "rings"] = now
                case Heard(fact=CallReleased(call=call)) if call in self._callers:
                    self.committed[self._callers[call], "over"] = now
                case _:
                    pass


class _Listening:
    """A hall that listens at one wire."""

    def __init__(self, database: Database, store: _Store, name: str) -> None:
        self._database = database
        self._name = name
        self.store = store
        self.calls = 0

    async def rows(self) -> int:
        """Of the journal."""
        async with self._database.engine.connect() as conn:
            found = await conn.scalar(select(func.count()).select_from(JOURNAL).where(JOURNAL.c.hall == self._name))
        return int(found or 0)


@contextlib.asynccontextmanager
async def _hall(url: str, wire: str) -> AsyncIterator[_Listening]:
    name = f"b{secrets.token_hex(3)}"
    site = Site(state_dir=Path("/nonexistent"), secret=lambda reference: "")
    box = build(BOX, {"kind": "cti-serial", "wires": {"a": {"url": wire, "dialect": "ncid"}}}, site)
    async with await Database.open(url) as database:
        seal = Seal(make_keys())
        store = _Store(database, seal, name)
        with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
            spool = Spool(Path(folder) / "spool", seal)
            hall = Hall(rules(name), store, spool, Gaps(database, name), {BOX: box}, WallClock(), name, 60.0)
            running = asyncio.create_task(hall.run(), name="hall of the bench")
            try:
                await until(lambda: hall.leading and hall.state.links.get(BOX), 15)
                yield _Listening(database, store, name)
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await store.close()


async def _calls(wire: Ptys, hall: _Listening, calls: int, rings: float) -> list[float]:
    """Callers ring evenly spaced and give up, one frame each; milliseconds of each frame."""
    loop, store = asyncio.get_running_loop(), hall.store
    first, began = hall.calls, loop.time()
    hall.calls += calls
    numbers = [f"138{number:08d}" for number in range(first, first + calls)]
    pause = 2 / FRAMES_PER_SECOND
    frames = [(at * pause, "rings", number) for at, number in enumerate(numbers)]
    frames += [((at + 0.5) * pause + rings, "over", number) for at, number in enumerate(numbers)]
    sent = dict[tuple[str, str], float]()
    for at, what, number in sorted(frames):
        await asyncio.sleep(max(0.0, began + at - loop.time()))
        say = said.ncid_ring if what == "rings" else said.ncid_over
        data = say(number, int(number[-8:]) % 90 + 1, datetime.now(UTC).astimezone(said.ZONE))
        sent[number, what] = perf_counter()
        wire.say(0, data)
    with contextlib.suppress(TimeoutError):
        await until(lambda: all(each in store.committed for each in sent), 5)
    return [(store.committed[each] - at) * 1000 for each, at in sent.items() if each in store.committed]
