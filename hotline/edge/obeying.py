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
from adapters.telephony import (
    CallFact,
    CallKey,
    DeviceEvent,
    LinkUp,
    RecordingStarted,
    RecordingStopped,
    TelephonyAdapter,
)
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
from hotline.edge.protocol import Frame, Offered, Probed, Seen
from hotline.edge.spool import Spool
from hotline.hall.hands import COMMAND_SECONDS
from hotline.hall.inputs import Heard, Input, LinkLost, Snapshot
from hotline.lines.health import Probe
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
        self._recording = frozenset[tuple[CallKey, str]]()
        self._heard: set[CallKey] | None = None
        """While the device is asked what is live: calls of which something has been reported meanwhile."""
        self._look: Seen | None = None
        """What was live when the core was last told."""
        self._looked_at = 0
        """Number of the newest record that says what is live, since the connection began."""
        self._well = True
        self._probed_at = 0
        """The same of the newest one that says whether the device is well."""

    async def run(self) -> None:
        """Keep the device running until cancelled, whether the core is there or not."""
        await keep_running(self.adapter, self.put, self._clock, probed=self.probed)

    def put(self, input: Input) -> None:
        """A fact, or that the device can be heard, or cannot, or what is live on it."""
        match input:
            case Heard(fact) if not isinstance(fact, LinkUp):
                self._follow(fact)
                self._note(Frame(fact.heard_at, msgspec.json.encode(fact)))
            case Snapshot(routine=True) if self._looked_at > self.outgoing.acknowledged:
                pass  # nobody has the one before it: the core is away, and is told what is live when it is back
            case Snapshot():
                self._tell(Seen(input.asked_at, list(input.ports), input.routine))
            case _:
                if isinstance(input, LinkLost):
                    self._recording = frozenset()  # nobody writes any more, nor says so
                super().put(input)

    def probed(self, probe: Probe) -> None:
        """It was asked whether it is well. What was so before, and nobody has been told yet, is not told again."""
        if probe.ok != self._well or self._probed_at <= self.outgoing.acknowledged:
            self._note(Probed(probe.at, probe.ok, probe.detail))
            self._well, self._probed_at = probe.ok, self._newest

    async def offer(self) -> Offered:
        """With the calls that are live now, also those of which something has been heard while this was asked: nobody
        who has just come is history. While the device is away, nobody is live on it."""
        self._look, self._heard = None, set()
        live: list[CallKey] | None = []
        if self.up_since is not None:
            asked_at = self._clock.now()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    ports = list(await self.adapter.ports())
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                log.warning("not known what is live on the device", adapter=self.name, detail=why)
                live = None
            else:
                live = sorted({port.call for port in ports} | self._heard)
                self._look = Seen(asked_at, ports, routine=False)
        self._heard = None
        return msgspec.structs.replace(await super().offer(), last=self._newest, live=live)

    async def connected(self, mark: int) -> bool:
        """What was live follows what was kept. Told only now: a core that does not let us in would be told for ever."""
        taken = await super().connected(mark)
        self._looked_at = self._probed_at = 0
        if taken and self._look is not None:
            self._tell(self._look)
        return taken

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

    # ── what is live ──

    @property
    def _newest(self) -> int:
        """Number that the newest record has, or will have once it is on disk."""
        return self.outgoing.last + len(self._notes)

    def _tell(self, seen: Seen) -> None:
        self._note(seen)
        self._looked_at = self._newest

    # ── recordings ──

    def _follow(self, fact: DeviceEvent) -> None:
        if self._heard is not None and isinstance(fact, CallFact):
            self._heard.add(fact.call)
        match fact:
            case RecordingStarted():
                self._recording |= {(fact.call, fact.name)}
            case RecordingStopped():
                self._recording -= {(fact.call, fact.name)}
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
            file = path.relative_to(self._folder)
            hidden = any(part.startswith(".") for part in file.parts)
            if path.is_file() and not path.is_symlink() and not hidden and _is_text(str(file)):
                stat = path.stat()
                at = datetime.fromtimestamp(stat.st_mtime, UTC)
                yield Kept(str(file), stat.st_size, at)

    def _path(self, file: str) -> Path:
        """Raises `FileNotFoundError` for what is not below the folder."""
        folder = self._folder
        path = (folder / file).resolve() if folder is not None else None
        if folder is None or path is None or not path.is_relative_to(folder.resolve()):
            raise FileNotFoundError(2, "no such recording")
        return path


def _is_text(name: str) -> bool:
    """Names that are no UTF-8 are none of ours, and could not be said."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _piece(path: Path, offset: int) -> bytes:
    with path.open("rb") as source:
        source.seek(offset)
        return source.read(asked.CHUNK_BYTES)


def _drop(path: Path, size: int) -> None:
    if path.stat().st_size != size:
        raise Refused("the recording has changed since")
    path.unlink()
