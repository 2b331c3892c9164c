"""A device that obeys and is at an edge (边缘机), as the core sees it: its facts are carried here, its orders there.

What was said while nobody could listen is told apart by whether the call is still live on the device when the edge is
back: who still waits is served as if he had been heard at once, what is over is history.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

import msgspec
import structlog

from adapters.errors import LinkDown
from adapters.prompts import PromptStore, StoredPrompt, StoresPrompts
from adapters.telephony import (
    Ability,
    AdapterName,
    CallFact,
    CallKey,
    Command,
    DeviceEvent,
    Hear,
    LinkUp,
    PortStatus,
    Reach,
    Reaches,
    TelephonyAdapter,
)
from hotline.carried import Said
from hotline.edge.asked import (
    Answer,
    Asked,
    Data,
    Do,
    DropRecording,
    Failed,
    Kept,
    ListRecordings,
    PromptNames,
    Prompts,
    PutPrompt,
    ReadPrompt,
    ReadRecording,
    Recordings,
    RestorePrompt,
    raise_again,
)

log = structlog.get_logger()

APART_SECONDS: Final = 0.5
"""Clocks that differ by less count as one."""
_FACT: Final[msgspec.json.Decoder[DeviceEvent]] = msgspec.json.Decoder(DeviceEvent)


class Edge(Protocol):
    """Where the device is."""

    async def ask(self, adapter: AdapterName, question: Asked) -> Answer:
        """Raises `LinkDown` when it is not there, or goes before it has answered."""
        ...


class Obeyed:
    """One adapter at an edge: `TelephonyAdapter` and `StoresPrompts`."""

    def __init__(self, adapter: TelephonyAdapter) -> None:
        self._adapter = adapter
        self._edge: Edge | None = None
        self.backlog: frozenset[CallKey] | None = None
        """While what comes was said before the connection: calls that were live when it began. None: it is of now, or
        nobody knows."""
        self.ahead = 0.0
        """Seconds by which the edge's clock is ahead of ours."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._adapter.name

    @property
    def abilities(self) -> frozenset[Ability]:
        """The adapter's, as the settings say."""
        return self._adapter.abilities

    @property
    def reach(self) -> Mapping[int | None, Reach]:
        """The adapter's, as the settings say; empty: it does not know."""
        return self._adapter.reach if isinstance(self._adapter, Reaches) else {}

    @property
    def recordings(self) -> Path | None:
        """Where recordings lie that the edge has given us."""
        folder = getattr(self._adapter, "recordings", None)
        return Path(folder) if folder is not None else None

    @property
    def prompt_store(self) -> PromptStore | None:
        """The edge's folder."""
        if not isinstance(self._adapter, StoresPrompts) or self._adapter.prompt_store is None:
            return None
        return _Prompts(self)

    def bind(self, edge: Edge) -> None:
        """That one has it."""
        self._edge = edge

    async def run(self, hear: Hear) -> None:
        """Wait until cancelled: facts come through `read`."""
        await asyncio.get_running_loop().create_future()

    async def do(self, command: Command) -> None:
        """Returns when the device has accepted it."""
        await self.ask(Do(command))

    async def ports(self) -> Sequence[PortStatus]:
        """Raises `LinkDown`: the edge tells by itself."""
        raise LinkDown("what is live is told by the edge")

    async def ask(self, question: Asked) -> Answer:
        """Raises what was raised at the edge, or `LinkDown`."""
        if self._edge is None:
            raise LinkDown("no edge has this line")
        answer = await self._edge.ask(self.name, question)
        if isinstance(answer, Failed):
            raise_again(answer)
        return answer

    def read(self, frames: Iterable[tuple[bytes, datetime]], until: datetime | None) -> Said:
        """The facts, in their order, by our clock."""
        said = Said([], [])
        for body, heard_at in frames:
            try:
                fact = _FACT.decode(body)
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                said.set_aside.append((body, str(error)[:200]))
                continue
            if fact.adapter != self.name or isinstance(fact, LinkUp):
                said.set_aside.append((body, "not a fact of this line"))
                continue
            said.items.append((self._of_now(fact, heard_at), body))
        return said

    def by_our_clock(self, at: datetime) -> datetime:
        """A time of the edge."""
        return at - timedelta(seconds=self.ahead) if abs(self.ahead) > APART_SECONDS else at

    async def list_recordings(self) -> Sequence[Kept]:
        """Complete ones that lie at the edge."""
        answer = await self.ask(ListRecordings())
        return answer.kept if isinstance(answer, Recordings) else []

    async def read_recording(self, file: str, offset: int) -> bytes:
        """A piece of one; empty: that was all."""
        return _data(await self.ask(ReadRecording(file, offset))) or b""

    async def drop_recording(self, file: str, size: int) -> None:
        """We have it."""
        await self.ask(DropRecording(file, size))

    def _of_now(self, fact: DeviceEvent, heard_at: datetime) -> DeviceEvent:
        shift = heard_at - fact.heard_at  # from the edge's clock to ours
        fact = msgspec.structs.replace(fact, at=fact.at + shift, heard_at=fact.heard_at + shift)
        if isinstance(fact, CallFact) and self.backlog is not None and fact.call not in self.backlog:
            return msgspec.structs.replace(fact, backfilled=True)
        return fact


class _Prompts:
    """`PromptStore` of an edge."""

    def __init__(self, line: Obeyed) -> None:
        self._line = line

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        answer = await self._ask(PromptNames())
        return answer.names if isinstance(answer, Prompts) else {}

    async def put_prompt(self, name: str, wav: bytes) -> None:
        await self._ask(PutPrompt(name, wav))

    async def restore_prompt(self, name: str) -> None:
        await self._ask(RestorePrompt(name))

    async def read_prompt(self, name: str) -> bytes | None:
        return _data(await self._ask(ReadPrompt(name)))

    async def _ask(self, question: Asked) -> Answer:
        try:
            return await self._line.ask(question)
        except LinkDown as error:
            raise ConnectionError(f"the edge is away: {error}") from error


def _data(answer: Answer) -> bytes | None:
    return answer.data if isinstance(answer, Data) else None
