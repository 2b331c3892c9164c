"""How do a running hall and its devices hear that something was changed in the console?

A change raises the hall's revision in its own transaction. Every process looks at the revisions once a second, so it
does not matter whose console it was; the process that made the change looks at once.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.prompts import PromptStore, StoredPrompt, built_in
from hotline.announcements import plans
from hotline.announcements.plan import Plan
from hotline.store.tables import PROMPT_VERSIONS, PROMPTS

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
COMPARE_SECONDS: Final = 60.0
"""Devices are compared that often although nothing was changed: one may have been set up anew."""
DEVICE_SECONDS: Final = 10.0
"""A device that takes longer is not within reach."""

OnChange = Callable[[str, Plan], Awaitable[None]]
"""Hall, and the plan in use with its notices. Called at the start and after every change."""


class Wanted(msgspec.Struct, frozen=True):
    """The recording that is to be played under a name."""

    version: int
    sha256: str


class OnDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device, and what it would play."""

    adapter: str
    prompts: Mapping[str, StoredPrompt]
    failure: str = ""
    """Why it could not be asked, or not be written to, in Chinese."""


class Changes:
    """Follows what is changed, in all halls of this process."""

    def __init__(
        self,
        engine: AsyncEngine,
        of_settings: Mapping[str, Plan],
        stores: Mapping[str, Mapping[str, PromptStore]],
    ) -> None:
        self._engine = engine
        self._of_settings = of_settings
        self._stores = stores
        self._listeners: list[OnChange] = []
        self._told: dict[str, int] = {}
        self._stirred = asyncio.Event()
        self._failures: dict[tuple[str, str], str] = {}
        self._seconds: dict[str, dict[str, float]] = {hall: {} for hall in of_settings}
        self._turns = {hall: asyncio.Lock() for hall in of_settings}

    def on_change(self, listener: OnChange) -> None:
        """Call it with every hall's plan, before `run` and whenever one has changed."""
        self._listeners.append(listener)

    def stir(self) -> None:
        """Something was changed here: look at once."""
        self._stirred.set()

    async def run(self) -> None:
        """Until cancelled. What fails is tried again; nothing here may end a hall."""
        since_compared = COMPARE_SECONDS
        while True:
            self._stirred.clear()
            try:
                changed = await self.look()
                if changed or since_compared >= COMPARE_SECONDS:
                    for hall in self._stores:
                        await self.bring(hall)
                    since_compared = 0.0
            except (SQLAlchemyError, OSError) as error:
                log.warning("announcements not looked at: the database is away", error=type(error).__name__)
            try:
                await asyncio.wait_for(self._stirred.wait(), LOOK_SECONDS)
            except TimeoutError:
                since_compared += LOOK_SECONDS

    async def look(self) -> list[str]:
        """Tell the listeners of each hall whose revision has risen; these halls."""
        async with self._engine.connect() as conn:
            now = await plans.revisions(conn)
        changed = [hall for hall in self._of_settings if now.get(hall, 0) != self._told.get(hall)]
        for hall in changed:
            try:
                plan = await self.plan(hall)
                for listener in self._listeners:
                    await listener(hall, plan)
            except (SQLAlchemyError, OSError):
                raise
            except Exception:
                log.exception("a change of the call plan was not taken up", hall=hall)
            self._told[hall] = now.get(hall, 0)
        return changed

    async def plan(self, hall: str) -> Plan:
        """The plan in use."""
        async with self._engine.connect() as conn:
            return (await plans.current(conn, hall, self._of_settings[hall]))[0]

    async def bring(self, hall: str) -> None:
        """Put what is missing or different on each device of the hall, and take back what is no longer wanted."""
        async with self._turns[hall]:
            async with self._engine.connect() as conn:
                wanted = await _wanted(conn, hall)
            for adapter, store in self._stores.get(hall, {}).items():
                failure = ""
                try:
                    await self._bring(hall, adapter, store, wanted)
                except (OSError, TimeoutError) as error:
                    failure = _why(error)
                if failure and failure != self._failures.get((hall, adapter)):
                    log.warning("announcements cannot be put", adapter=adapter, error=failure)
                self._failures[hall, adapter] = failure

    async def _bring(self, hall: str, adapter: str, store: PromptStore, wanted: Mapping[str, Wanted]) -> None:
        async with asyncio.timeout(DEVICE_SECONDS):
            there = await store.prompt_names()
        self._seconds[hall] = {name: each.seconds for name, each in there.items() if not each.sha256}
        for name, each in wanted.items():
            if name in there and there[name].sha256 == each.sha256:
                continue
            async with self._engine.connect() as conn:
                wav = await _wav(conn, hall, name, each.version)
            async with asyncio.timeout(DEVICE_SECONDS):
                await store.put_prompt(name, wav)
            log.info("announcement put", adapter=adapter, prompt=name, version=each.version)
        for name, stored in there.items():
            if stored.sha256 and name not in wanted:
                async with asyncio.timeout(DEVICE_SECONDS):
                    await store.restore_prompt(name)
                log.info("announcement taken back", adapter=adapter, prompt=name)

    def built_in_seconds(self, hall: str) -> Mapping[str, float]:
        """How long the devices' own announcements are, as far as any has said so."""
        return self._seconds[hall]

    async def devices(self, hall: str) -> list[OnDevice]:
        """What each device of the hall would play now."""
        found: list[OnDevice] = []
        for adapter, store in self._stores.get(hall, {}).items():
            try:
                async with asyncio.timeout(DEVICE_SECONDS):
                    there = await store.prompt_names()
            except (OSError, TimeoutError) as error:
                found.append(OnDevice(adapter=adapter, prompts={}, failure=_why(error)))
            else:
                failure = self._failures.get((hall, adapter), "")
                found.append(OnDevice(adapter=adapter, prompts=there, failure=failure))
        return found

    async def built_in_wav(self, hall: str, name: str) -> bytes | None:
        """What a device says by itself under that name, to be listened to; None: no device gives it away."""
        if name not in built_in():
            return None
        for store in self._stores.get(hall, {}).values():
            try:
                async with asyncio.timeout(DEVICE_SECONDS):
                    wav = await store.read_prompt(name)
            except (OSError, TimeoutError):
                continue
            if wav is not None:
                return wav
        return None


async def _wanted(conn: AsyncConnection, hall: str) -> dict[str, Wanted]:
    p, v = PROMPTS.c, PROMPT_VERSIONS.c
    of_now = (v.hall == p.hall) & (v.name == p.name) & (v.version == p.current)
    query = select(p.name, v.version, v.sha256).join_from(PROMPTS, PROMPT_VERSIONS, of_now).where(p.hall == hall)
    return {row.name: Wanted(row.version, bytes(row.sha256).hex()) for row in await conn.execute(query)}


async def _wav(conn: AsyncConnection, hall: str, name: str, version: int) -> bytes:
    v = PROMPT_VERSIONS.c
    query = select(v.wav).where(v.hall == hall, v.name == name, v.version == version)
    return bytes((await conn.execute(query)).scalar_one())


def _why(error: Exception) -> str:
    match error:
        case TimeoutError():
            return f"{DEVICE_SECONDS:.0f} 秒内没有应答"
        case PermissionError():
            return "没有写入提示音目录的权限"
        case FileNotFoundError():
            return "提示音目录不存在"
        case OSError(errno=errno.ENOSPC):
            return "磁盘已满"
        case _:
            return f"提示音目录无法使用（{type(error).__name__}）"
