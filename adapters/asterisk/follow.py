"""How far have Asterisk's records been read? A bookmark on disk that stays behind on purpose.

What we tell is in the hall's memory first and in its database a moment later; a bookmark written at once would lose
what a crash catches in between. So it is written `LAG` late, and what is read twice has no effect the second time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog

from adapters.asterisk.ending import Told
from adapters.asterisk.records import Bookmark, facts, read_new
from adapters.asterisk.settings import AsteriskSettings
from adapters.telephony import AdapterName, CallEvent, CallKey, CallReleased, Handling, Hear, RecordingStopped

LAG: Final = timedelta(seconds=60)

log = structlog.get_logger("adapters.asterisk")


class RecordsReader:
    """Reads on from where it stopped."""

    def __init__(self, settings: AsteriskSettings, name: AdapterName, bookmark: Path) -> None:
        self._path = settings.records
        self._oldest = timedelta(days=settings.records_days)
        self._name = name
        self._file = bookmark
        self._here: Bookmark | None = None
        self._unreadable = False
        self._past: deque[tuple[datetime, Bookmark]] = deque()
        self.misread = 0
        """Lines that were not records."""

    async def read(self, now: datetime, told: Container[str]) -> list[CallEvent]:
        """What is new in the records, without the ends of calls that were `told` already."""
        if self._path is None:
            return []
        here = self._here or self._load()
        try:
            records, self._here = await asyncio.to_thread(read_new, self._path, here, now, self._bad)
        except OSError as error:
            if not self._unreadable:
                log.warning("call records cannot be read", adapter=self._name, problem=str(error))
            self._unreadable = True
            return []
        self._unreadable = False
        self._past.append((now, self._here))
        self._save(now)
        fresh = [record for record in records if now - record.end <= self._oldest]
        if len(fresh) < len(records):
            log.warning(
                "old call records left alone: these calls are missing in the hall's history",
                adapter=self._name,
                records=len(records) - len(fresh),
                older_than_days=self._oldest / timedelta(days=1),
            )
        return [
            said for said in facts(fresh, self._name, now) if not (said.handling is Handling.HALL and said.call in told)
        ]

    async def tell(self, hear: Hear, told: Told) -> set[CallKey]:
        """Let `hear` hear what is new. The calls whose ends were told."""
        over: set[CallKey] = set()
        for said in await self.read(datetime.now(UTC), told.ended):
            if isinstance(said, RecordingStopped):
                told.record(said.event_id)
            if isinstance(said, CallReleased):
                over.add(said.call)
            hear(said)
        return over

    def _load(self) -> Bookmark:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Bookmark)
        except FileNotFoundError:
            return Bookmark()
        except msgspec.MsgspecError as error:
            log.warning("bookmark unreadable, reading all records again", adapter=self._name, problem=str(error))
            return Bookmark()

    def _save(self, now: datetime) -> None:
        old: Bookmark | None = None
        while self._past and now - self._past[0][0] >= LAG:
            old = self._past.popleft()[1]
        if old is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_bytes(msgspec.json.encode(old))
        beside.replace(self._file)

    def _bad(self, problem: str) -> None:
        self.misread += 1
        log.warning("unreadable call record", adapter=self._name, problem=problem)
