"""Recordings that were made at an edge come to the core, where they are played, kept and deleted by the hall's rules.

They lie at the edge until the core has them on its disk; so none is lost when the connection is away for days, and the
edge keeps no voices of callers longer than it has to.
"""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
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
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""There is no use in trying the next one."""


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
        failed = ""
        try:
            found = await self._line.list_recordings()
            for kept in found if found and not await self._shared(folder) else ():
                failed = await self._try(kept, folder) or failed
        except LinkDown:
            return  # it comes back
        except (AdapterError, OSError, TimeoutError) as error:
            failed = f"{type(error).__name__}: {error}"
        if failed and failed != self._told:
            log.error("a recording cannot be fetched from the edge", adapter=self._line.name, error=failed)
        self._told = failed

    async def _try(self, kept: Kept, folder: Path) -> str:
        """Why it could not be fetched; empty: it was. One that is damaged is not in the way of those behind it."""
        try:
            await self._fetch(kept, folder)
        except (LinkDown, TimeoutError):
            raise
        except (AdapterError, OSError) as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            return f"{type(error).__name__}: {error}"
        return ""

    async def _shared(self, folder: Path) -> bool:
        """The edge runs on this machine, and its folder is ours: they are here already, and only here."""
        token = secrets.token_bytes(16)
        mark = folder / f".{secrets.token_hex(8)}.part"
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o750)
        try:
            await asyncio.to_thread(mark.write_bytes, token)
            return await self._line.read_recording(mark.name, 0) == token
        except FileNotFoundError:
            return False
        finally:
            mark.unlink(missing_ok=True)

    async def _fetch(self, kept: Kept, folder: Path) -> None:
        to = placed(folder, kept.file)
        if to is None or kept.size > LONGEST_BYTES:
            log.error("the edge offers what is no recording", adapter=self._line.name, file=kept.file[:200])
            return
        if not (to.is_file() and to.stat().st_size == kept.size):
            await asyncio.to_thread(to.parent.mkdir, parents=True, exist_ok=True, mode=0o750)
            part = to.with_name(f".{to.name}.{self._line.name}.part")  # another line may have the same folder
            try:
                await self._copy(kept, part)
                await asyncio.to_thread(os.replace, part, to)
            finally:
                part.unlink(missing_ok=True)
        await asyncio.to_thread(_sync_folders, to.parent, folder)
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
            target.flush()
            await asyncio.to_thread(os.fsync, target.fileno())


def placed(folder: Path, file: str) -> Path | None:
    """Where it belongs below our folder; None for a path that leads elsewhere."""
    path = PurePosixPath(file)
    if "\\" in file or "\0" in file:
        return None
    if path.is_absolute() or not path.parts or any(part.startswith(".") for part in path.parts):
        return None
    return folder.joinpath(*path.parts)


def _sync_folders(folder: Path, top: Path) -> None:
    """The name is on disk as well, and those of the folders that were made for it."""
    for each in (folder, *folder.parents):
        handle = os.open(each, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if each == top:
            return
