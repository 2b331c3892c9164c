"""FreeSWITCH that distributes its calls itself: what its event socket says is kept and read; nothing is asked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.errors import Undecodable, Unsupported
from adapters.freeswitch import esl
from adapters.freeswitch.calls import MEMORY, CallBook
from adapters.freeswitch.listening import WIRE, EventSocket
from adapters.freeswitch.settings import FreeswitchSettings
from adapters.freeswitch.trace import Site
from adapters.reading import Unreadable
from adapters.telephony import (
    Ability,
    AdapterName,
    Command,
    Delivery,
    Hear,
    LinkUp,
    PortStatus,
    RefusedItem,
    WireWatch,
)

LOOK_SECONDS: Final = 0.5


class Freeswitch:
    """One FreeSWITCH: `TelephonyAdapter`, `Listens` and `Recalls`."""

    def __init__(self, name: AdapterName, settings: FreeswitchSettings, password: str) -> None:
        self._name = name
        self._settings = settings
        self._password = password
        self._book = self._new_book()
        self.watch: WireWatch | None = None
        """Shown everything on the wire that is opened from now on, but the password: for a capture."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """None: nothing is ordered or asked."""
        return frozenset()

    @property
    def wires(self) -> Sequence[EventSocket]:
        """The event socket."""
        settings, watch = self._settings, self.watch
        shown = None if watch is None else lambda data, at, sent: watch(WIRE, data, at, sent)
        return [EventSocket(settings.host, settings.port, self._password, settings.silence_seconds, shown)]

    @property
    def due(self) -> datetime | None:
        """When a call without any sign is taken for over."""
        return self._book.due

    @property
    def memory(self) -> timedelta:
        """Events tell of calls that began hours ago."""
        return MEMORY

    async def run(self, hear: Hear) -> None:
        """Hand on at once what is heard, without keeping it: for checks and tools. The service uses `wires`."""

        def up(detail: str) -> None:
            now = datetime.now(UTC)
            hear(LinkUp(adapter=self._name, event_id=f"link/{now.timestamp()}", at=now, heard_at=now, detail=detail))

        async def take(body: bytes, heard_at: datetime) -> None:
            try:
                delivery = self.decode(body, heard_at)
            except Undecodable:
                return
            for event in delivery.events:
                hear(event)

        async def conclude() -> None:
            while True:
                await asyncio.sleep(LOOK_SECONDS)
                now = datetime.now(UTC)
                if self.due is not None and self.due <= now:
                    await take(b"", now)

        concluding = asyncio.create_task(conclude(), name=f"silence {self._name}")
        try:
            for wire in self.wires:
                await wire.listen(up, take)
        finally:
            concluding.cancel()
            await asyncio.gather(concluding, return_exceptions=True)

    async def do(self, command: Command) -> None:
        """Raises `Unsupported`: FreeSWITCH distributes these calls itself."""
        raise Unsupported(f"{self._name} only listens: {type(command).__name__} is not possible")

    async def ports(self) -> Sequence[PortStatus]:
        """Raises `Unsupported`: nothing is asked."""
        raise Unsupported(f"{self._name} only listens and cannot be asked for its calls")

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Read one event, or conclude from silence when there is none. Raises `Undecodable`."""
        return _decoded(self._book, body, heard_at)

    def framed(self, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
        """What the wire would have handed over: for a replay. What comes from another wire is left out."""
        stream = esl.Stream()
        for wire, data, at in heard:
            if wire != WIRE:
                continue
            for piece in stream.feed(data):
                if isinstance(piece, esl.Message) and piece.kind == esl.EVENT and piece.body:
                    yield piece.body, at

    def recall(self, kept: Iterable[tuple[bytes, datetime]]) -> int:
        """Rebuild the book from what was kept, oldest first; how many were read. Until then the former serves."""
        book, read = self._new_book(), 0
        for body, heard_at in kept:
            try:
                _decoded(book, body, heard_at)
            except Undecodable:
                continue
            read += 1
        self._book = book
        return read

    def _new_book(self) -> CallBook:
        settings = self._settings
        site = Site(
            queues=frozenset(settings.queues),
            numbers=frozenset(settings.numbers),
            contexts=frozenset(settings.contexts),
            seat=re.compile(settings.seat_pattern),
            agents=settings.agents,
        )
        return CallBook(self._name, site)


def _decoded(book: CallBook, body: bytes, heard_at: datetime) -> Delivery:
    if not body:
        return Delivery(events=book.conclude(heard_at))
    try:
        event = esl.read(body)
    except Unreadable as error:
        raise Undecodable(str(error)) from None
    events, wrong = book.take(event, heard_at)
    repaired = [RefusedItem(index, wrong) for index in range(len(events))] if wrong else []
    return Delivery(events=events, repaired=repaired)
