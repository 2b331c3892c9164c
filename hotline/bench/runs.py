"""How is a figure taken? Three runs, their median, the machine's noise beside it; noisy runs again, not for ever."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, Generic, Self, TypeVar

import msgspec

from hotline.bench.machine import Meter, favour
from hotline.store.embedded import EmbeddedPostgres
from hotline.store.engine import Database

T = TypeVar("T")

NOISY_PER_CENT: Final = 35.0
"""A run during which others burned more of a core than that is taken again."""
SPARE_RUNS: Final = 2
QUIET_WAIT_SECONDS: Final = 6.0


class Taken(msgspec.Struct, Generic[T]):
    """The median run of a figure."""

    value: T
    others: float
    note: str
    """How many runs, and whether they were noisy."""
    all: list[T]
    """Every run that counted."""


class Bench:
    """One call of `hotline bench`: its size, its database, its progress."""

    def __init__(self, *, runs: int = 3, tiny: bool = False, calls: int | None = None) -> None:
        self.runs = runs
        self.tiny = tiny
        """So small that it shows nothing but that it runs."""
        self.calls = calls
        """What the command line says behind the id (`--only memory_per_million_calls:1000000`)."""
        self._stack = contextlib.AsyncExitStack()
        self._postgres: EmbeddedPostgres | None = None
        self._where = ""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        self.progress("")

    def size(self, full: int, tiny: int) -> int:
        """How many, or for how many seconds."""
        return tiny if self.tiny else full

    def folder(self) -> Path:
        """A new folder on a real disk, gone at the end. Open on the way down: root lends PostgreSQL another user."""
        base = Path("var").absolute()
        try:
            base.mkdir(exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix="bench-", dir=base))
        except OSError:
            made = Path(tempfile.mkdtemp(prefix="hotline-bench-"))
        made.chmod(0o711)
        self._stack.callback(shutil.rmtree, made, ignore_errors=True)
        return made

    async def database_url(self) -> str:
        """An embedded PostgreSQL with the service's own settings and schema, shared by the figures."""
        if self._postgres is None:
            postgres = EmbeddedPostgres(self.folder())
            await postgres.start()
            self._stack.push_async_callback(postgres.stop)
            self._postgres = postgres
            favour(postgres.pid or 0)
            async with await Database.open(postgres.url, check_schema=False) as database:
                await database.migrate()
        return self._postgres.url

    async def enter(self, context: contextlib.AbstractAsyncContextManager[T]) -> T:
        """Have it closed at the end of the bench."""
        return await self._stack.enter_async_context(context)

    def at(self, where: str) -> None:
        """What is measured now, for the progress line."""
        self._where = where
        self.progress(where)

    def progress(self, text: str) -> None:
        """The progress line; only on a terminal."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{text[: os.get_terminal_size(sys.stderr.fileno()).columns - 4]}")
            sys.stderr.flush()

    async def median(self, once: Callable[[], Awaitable[T]], by: Callable[[T], Any]) -> Taken[T]:
        """Run it three times, noisy runs again up to twice; the run in the middle by that figure."""
        tries: list[tuple[float, T]] = []
        quiet = 0
        for number in range(self.runs + (0 if self.tiny else SPARE_RUNS)):
            if number >= self.runs:
                await _wait_for_quiet()
            self.progress(f"{self._where}  第 {number + 1} 次")
            meter = Meter()
            value = await once()
            tries.append((meter.others(), value))
            quiet += tries[-1][0] <= NOISY_PER_CENT
            if quiet >= self.runs:
                break
        tries.sort(key=lambda one: one[0])
        counted = sorted(tries[: self.runs], key=lambda one: by(one[1]))
        others, value = counted[len(counted) // 2]
        note = f"{len(counted)} 次的中位数" if len(counted) > 1 else "1 次"
        if len(tries) > len(counted):
            note += f"，另有 {len(tries) - len(counted)} 次因嘈杂重测"
        worst = max(one[0] for one in counted)
        if worst > NOISY_PER_CENT:
            note += f"，嘈杂：其他进程占用至 {worst:.0f} %"
        return Taken(value, others, note, [one for _, one in counted])


async def until(true: Callable[[], object], seconds: float) -> None:
    """Poll until it is so. Raises `TimeoutError`."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


async def _wait_for_quiet() -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + QUIET_WAIT_SECONDS
    while loop.time() < end:
        meter = Meter()
        await asyncio.sleep(1.0)
        if meter.others() <= NOISY_PER_CENT / 2:
            return
