"""Recordings that were made at an edge come to the core, where they are played, kept and deleted by the hall's rules.

They lie at the edge until the core has them on its disk; so none is lost when the connection is away for days, and the
edge keeps no voices of callers longer than it has to.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path, PurePosixPath
from typing import Final

import structlog

from adapters.errors import AdapterError, LinkDown
from hotline.edge.asked import Kept
from hotline.hall.hall import Hall
from hotline.obeyed import Obeyed

log = structlog.get_logger()

LOOK_SECONDS: Final = 10.0
LONGEST_BYTES: Final = 1024**3
"""A longer one is no recording of a call."""


class CarriedRecordings:
    """Of one line at an edge."""

    def __init__(self, line: Obeyed, hall: Hall) -> None:
        self._line = line
        self._hall = hall
        self._told = ""

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if self._hall.leading and self._line.recordings is not None:
                await self._fetch_all(self._line.recordings)
            await asyncio.sleep(LOOK_SECONDS)

    async def _fetch_all(self, folder: Path) -> None:
        try:
            for kept in await self._line.list_recordings():
                await self._fetch(kept, folder)
        except LinkDown:
            return  # it comes back
        except (AdapterError, OSError, TimeoutError) as error:
            why = f"{type(error).__name__}: {error}"
            if why != self._told:
                log.error("a recording cannot be fetched from the edge", adapter=self._line.name, error=why)
            self._told = why
        else:
            self._told = ""

    async def _fetch(self, kept: Kept, folder: Path) -> None:
        to = placed(folder, kept.file)
        if to is None or kept.size > LONGEST_BYTES:
            log.error("the edge offers what is no recording", adapter=self._line.name, file=kept.file[:200])
            return
        if not (to.is_file() and to.stat().st_size == kept.size):
            await asyncio.to_thread(to.parent.mkdir, parents=True, exist_ok=True, mode=0o750)
            part = to.with_name(f".{to.name}.part")
            try:
                await self._copy(kept, part)
                await asyncio.to_thread(os.replace, part, to)
            finally:
                part.unlink(missing_ok=True)
        await self._line.drop_recording(kept.file, kept.size)

    async def _copy(self, kept: Kept, part: Path) -> None:
        """On disk, whole; raises `OSError` when it is not."""
        with part.open("wb") as target:
            while data := await self._line.read_recording(kept.file, target.tell()):
                if target.tell() + len(data) > kept.size:
                    break
                await asyncio.to_thread(target.write, data)
            if target.tell() != kept.size:
                raise OSError(f"{kept.file} is longer or shorter than the edge said")
            await asyncio.to_thread(_sync, target.fileno())


def placed(folder: Path, file: str) -> Path | None:
    """Where it belongs below our folder; None for a path that leads elsewhere."""
    path = PurePosixPath(file)
    if path.is_absolute() or not path.parts or any(part.startswith(".") for part in path.parts) or "\\" in file:
        return None
    return folder.joinpath(*path.parts)


def _sync(handle: int) -> None:
    os.fsync(handle)
