"""A device that obeys, at an edge: what it says is kept for the core like everything else, and the core's orders are
carried out here. Nothing is decided: while the core is away, callers wait as the device lets them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, assert_never
from weakref import WeakValueDictionary

import msgspec
import structlog

from adapters.errors import AdapterError, Refused
from adapters.prompts import PromptStore, StoresPrompts
from adapters.telephony import CallKey, LinkUp, RecordingStarted, RecordingStopped, TelephonyAdapter
from hotline.clock import Clock
from hotline.edge import asked
from hotline.edge.asked import (
    Answer,
    Asked,
    Data,
    Do,
    Done,
    DropRecording,
    Kept,
    ListRecordings,
    PromptNames,
    Prompts,
    PutPrompt,
    ReadPrompt,
    ReadRecording,
    Recordings,
    RestorePrompt,
)
from hotline.edge.line import Line
from hotline.edge.protocol import Frame, Offered, Seen
from hotline.edge.spool import Spool
from hotline.hall.hands import COMMAND_SECONDS
from hotline.hall.inputs import Heard, Input, Snapshot
from hotline.supervise import keep_running

log = structlog.get_logger()

LOOK_SECONDS: Final = 5.0
"""To learn what is live on the device before the core is told."""
STILL_SECONDS: Final = 10.0
"""A recording that nobody has written to for so long is complete."""
AT_ONCE: Final = 200
"""Recordings in one answer."""


class ObeyingLine(Line):
    """One adapter that takes orders."""

    def __init__(self, adapter: TelephonyAdapter, spool: Spool, clock: Clock, news: Callable[[], None]) -> None:
        super().__init__(adapter, spool, clock, news)
        self._turns = WeakValueDictionary[CallKey, asyncio.Lock]()
        self._recording = set[tuple[CallKey, str]]()

    async def run(self) -> None:
        """Keep the device running until cancelled, whether the core is there or not."""
        await keep_running(self.adapter, self.put, self._clock)

    def put(self, input: Input) -> None:
        """A fact, or that the device can be heard, or cannot, or what is live on it."""
        match input:
            case Heard(fact) if not isinstance(fact, LinkUp):
                self._follow(fact)
                self._note(Frame(fact.heard_at, msgspec.json.encode(fact)))
            case Snapshot():
                self._note(Seen(input.asked_at, list(input.ports), input.routine))
            case _:
                super().put(input)

    async def offer(self) -> Offered:
        """With the calls that are live now; that they are is the newest record."""
        live: list[CallKey] | None = None
        if self.up_since is not None:
            asked_at = self._clock.now()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    ports = list(await self.adapter.ports())
            except (AdapterError, TimeoutError) as error:
                log.warning("not known what is live on the device", adapter=self.name, detail=str(error))
            else:
                live = [port.call for port in ports]
                self._note(Seen(asked_at, ports, routine=False))
        if not await self.written():
            live = None
        return msgspec.structs.replace(await super().offer(), live=live)

    async def answer(self, question: Asked) -> Answer:
        """Do what is asked. Never raises."""
        try:
            return await self._answer(question)
        except (AdapterError, OSError, TimeoutError) as error:
            return asked.failed(error)
        except Exception as error:
            log.exception("what the core asked failed", adapter=self.name, asked=type(question).__name__)
            return asked.failed(Refused(f"{type(error).__name__}: {error}"))

    async def _answer(self, question: Asked) -> Answer:
        match question:
            case Do(command):
                # Repeated because nobody knew: not beside the first try.
                turn = self._turns.setdefault(command.call, asyncio.Lock())
                async with asyncio.timeout(COMMAND_SECONDS), turn:
                    await self.adapter.do(command)
            case PromptNames():
                return Prompts(dict(await self._prompts().prompt_names()))
            case PutPrompt(name, wav):
                await self._prompts().put_prompt(name, wav)
            case RestorePrompt(name):
                await self._prompts().restore_prompt(name)
            case ReadPrompt(name):
                return Data(await self._prompts().read_prompt(name))
            case ListRecordings():
                return Recordings(await asyncio.to_thread(self._kept))
            case ReadRecording(file, offset):
                return Data(await asyncio.to_thread(_piece, self._path(file), offset))
            case DropRecording(file, size):
                await asyncio.to_thread(_drop, self._path(file), size)
            case _:
                assert_never(question)
        return Done()

    def _prompts(self) -> PromptStore:
        store = self.adapter.prompt_store if isinstance(self.adapter, StoresPrompts) else None
        if store is None:
            raise FileNotFoundError(2, "no folder for announcements")
        return store

    # ── recordings ──

    def _follow(self, fact: object) -> None:
        match fact:
            case RecordingStarted():
                self._recording.add((fact.call, fact.name))
            case RecordingStopped():
                self._recording.discard((fact.call, fact.name))
            case _:
                pass

    @property
    def _folder(self) -> Path | None:
        folder = getattr(self.adapter, "recordings", None)
        return Path(folder) if folder is not None else None

    def _kept(self) -> list[Kept]:
        """Complete ones: nothing writes there any more."""
        writing = {name for _, name in self._recording}
        found = sorted(self._files(), key=lambda each: each.at)
        before = self._clock.now().timestamp() - STILL_SECONDS
        return [each for each in found if each.at.timestamp() < before and Path(each.file).stem not in writing][
            :AT_ONCE
        ]

    def _files(self) -> Iterator[Kept]:
        if self._folder is None or not self._folder.is_dir():
            return
        for path in self._folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                stat = path.stat()
                at = datetime.fromtimestamp(stat.st_mtime, UTC)
                yield Kept(str(path.relative_to(self._folder)), stat.st_size, at)

    def _path(self, file: str) -> Path:
        """Raises `FileNotFoundError` for what is not below the folder."""
        folder = self._folder
        path = (folder / file).resolve() if folder is not None else None
        if folder is None or path is None or not path.is_relative_to(folder.resolve()):
            raise FileNotFoundError(2, "no such recording")
        return path


def _piece(path: Path, offset: int) -> bytes:
    with path.open("rb") as source:
        source.seek(offset)
        return source.read(asked.CHUNK_BYTES)


def _drop(path: Path, size: int) -> None:
    if path.stat().st_size != size:
        raise Refused("the recording has changed since")
    path.unlink()
