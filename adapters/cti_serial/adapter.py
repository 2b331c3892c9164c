"""Lines that are listened at: what their devices say is framed, kept and read; there is nothing they can be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from adapters.cti_serial.book import MEMORY, LineBook, Site
from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.listening import FRAME, GONE, NOISE, OPENED, Cutter, ListenedWire
from adapters.cti_serial.settings import CtiSettings, WireTable
from adapters.cti_serial.signs import Numbered, OffHook, OnHook, Rang
from adapters.cti_serial.sounds import AnySounded, port_of, read
from adapters.errors import LinkDown, Undecodable, Unsupported
from adapters.reading import Clock, Unreadable, printable
from adapters.telephony import (
    Ability,
    AdapterName,
    Command,
    Delivery,
    DeviceEvent,
    Hear,
    LinkUp,
    PortStatus,
    RefusedItem,
    Wire,
    WireWatch,
)
from adapters.wire.link import Watch

if TYPE_CHECKING:
    from adapters.cti_serial.sounding import SoundWire

BY_PORT: Final = (Rang, Numbered, OffHook, OnHook)
"""Signs that only their port tells apart; the others name their call, or tell the whole of it."""


class CtiSerial:
    """One group of lines: `TelephonyAdapter`, `Listens` and `Recalls`."""

    def __init__(
        self, name: AdapterName, settings: CtiSettings, dialects: Mapping[str, Dialect], recordings: Path | None = None
    ) -> None:
        """`recordings`: where those of the lines' sound devices are kept."""
        self._name = name
        self._settings = settings
        self._dialects = dialects
        self._book = self._new_book()
        self.recordings = recordings
        """Where the calls' recordings lie; None: there are none."""
        self._sounds = self._sound_wires()
        self.watch: WireWatch | None = None
        """Shown everything on the wires that are opened from now on: for a capture."""

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """Nothing can be ordered or asked; where no wire tells live that somebody picked up, people have to."""
        told = any(dialect.tells.answers for dialect in self._dialects.values())
        return frozenset() if told else frozenset({Ability.BY_HAND})

    @property
    def wires(self) -> Sequence[Wire]:
        """What to listen at."""
        heard = self._heard_live if self._sounds else None
        listened = [
            ListenedWire(name, table, self._dialects[name], self._watching(name), heard)
            for name, table in self._settings.wires.items()
        ]
        return [*listened, *self._sounds.values()]

    @property
    def due(self) -> datetime | None:
        """When silence says something."""
        return self._book.due

    @property
    def memory(self) -> timedelta:
        """Records tell of calls that were seen live hours ago."""
        return MEMORY

    async def run(self, hear: Hear) -> None:
        """Hand on at once what is heard, without keeping it: for checks and tools. The service uses `wires`."""
        up = set[str]()

        def on_up(wire: str) -> Callable[[str], None]:
            def told(detail: str) -> None:
                up.add(wire)
                if len(up) == len(self.wires):
                    now = datetime.now(UTC)
                    event_id = f"link/{now.timestamp()}"
                    hear(LinkUp(adapter=self._name, event_id=event_id, at=now, heard_at=now, detail=detail))

            return told

        async def take(body: bytes, heard_at: datetime) -> None:
            for event in self.decode(body, heard_at).events:
                hear(event)

        async def conclude() -> None:
            while True:
                await asyncio.sleep(0.2)
                now = datetime.now(UTC)
                if self.due is not None and self.due <= now:
                    await take(b"", now)

        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(conclude(), name=f"silence {self._name}")
                for wire in self.wires:
                    tasks.create_task(wire.listen(on_up(wire.name), take), name=f"wire {self._name}/{wire.name}")
        except* LinkDown as down:
            raise LinkDown("; ".join(str(each) for each in down.exceptions)) from None

    async def do(self, command: Command) -> None:
        """Raises `Unsupported`: somebody else answers these lines."""
        raise Unsupported(f"{self._name} only listens: {type(command).__name__} is not possible")

    async def ports(self) -> Sequence[PortStatus]:
        """Raises `Unsupported`: the devices cannot be asked."""
        raise Unsupported(f"{self._name} only listens and cannot be asked for its calls")

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Read what was heard: `WIRE:frame`, `WIRE!noise`, `WIRE<` when it was opened, `WIRE>` when it is gone, or
        nothing, when silence is to be concluded from. Raises `Undecodable` for noise and for unreadable frames."""
        return self._decoded(self._book, body, heard_at)

    def framed(self, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
        """What the wires would have handed over: for a replay. What comes from a wire nobody knows is left out."""
        cutters = {wire: Cutter(wire, dialect) for wire, dialect in self._dialects.items()}
        last: datetime | None = None
        for wire, data, at in heard:
            last = at
            for each in cutters.values():
                if each.patient_until is not None and each.patient_until <= at:
                    yield from each.quiet(each.patient_until)
            if wire in cutters:
                yield from cutters[wire].feed(data, at)
        for each in cutters.values():
            if last is not None:
                yield from each.quiet(each.patient_until or last)

    def recall(self, kept: Iterable[tuple[bytes, datetime]]) -> int:
        """Rebuild the book from what was kept, oldest first; how many were read. Until then the former serves."""
        book, read = self._new_book(), 0
        for body, heard_at in kept:
            try:
                self._decoded(book, body, heard_at)
            except Undecodable:
                continue
            read += 1
        self._book = book
        return read

    def _decoded(self, book: LineBook, body: bytes, heard_at: datetime) -> Delivery:
        if not body:
            return Delivery(events=book.conclude(heard_at))
        wire, mark, frame = _taken_apart(body)
        if (channel := port_of(wire)) is not None:
            return Delivery(events=book.sounded(channel, _sounded(mark, frame), heard_at))
        table, dialect = self._settings.wires.get(wire), self._dialects.get(wire)
        if table is None or dialect is None:
            raise Undecodable(f"no wire {wire!r} in the settings")
        if mark == NOISE:
            raise Undecodable("no frame")
        if mark in (OPENED, GONE):
            book.deaf(heard_at, again=mark == OPENED)
            return Delivery(events=[])
        try:
            signs = dialect.read(frame)
        except Unreadable as error:
            raise Undecodable(str(error)) from None
        events, refused = list[DeviceEvent](), list[RefusedItem]()
        for index, sign in enumerate(signs):
            port, unknown = _port(table, sign.port)
            if unknown and isinstance(sign, BY_PORT):
                reason = printable(f"line {sign.port[:20]!r} has no channel in the settings")
                refused.append(RefusedItem(index, reason))
            events += book.take(wire, port, sign, heard_at, ends_told=dialect.tells.ends, frame=frame)
        return Delivery(events=events, refused=refused)

    def _heard_live(self, body: bytes, at: datetime) -> None:
        """What was heard just now and is safe: the lines' sound devices follow their receivers."""
        wire, mark, frame = _taken_apart(body)
        if mark != FRAME:
            return
        with suppress(Unreadable):
            for sign in self._dialects[wire].read(frame):
                port, _ = _port(self._settings.wires[wire], sign.port)
                if port is not None and port in self._sounds:
                    self._sounds[port].heard(sign, at)

    def _sound_wires(self) -> Mapping[int, SoundWire]:
        """By channel. Who has none needs no library for sound."""
        settings, folder = self._settings, self.recordings
        if not settings.sound or folder is None:
            return {}
        from adapters.cti_serial.sounding import SoundWire

        patience = max(settings.ring_gap, settings.alone)
        return {port: SoundWire(self._name, port, table, folder, patience) for port, table in settings.sound.items()}

    def _new_book(self) -> LineBook:
        settings = self._settings
        clock = Clock(
            zone=settings.zone,
            max_ahead=timedelta(seconds=settings.max_ahead_seconds),
            max_age=timedelta(days=settings.max_age_days),
        )
        site = Site(
            seats=settings.seats,
            dialled=settings.dialled or None,
            patterns=settings.patterns,
            ring_gap=settings.ring_gap,
            alone=settings.alone,
        )
        return LineBook(self._name, site, clock)

    def _watching(self, wire: str) -> Watch | None:
        watch = self.watch
        return None if watch is None else lambda data, at, sent: watch(wire, data, at, sent)


def _sounded(mark: bytes, frame: bytes) -> AnySounded | None:
    if mark == OPENED:
        return None
    try:
        return read(frame)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise Undecodable(f"no word about a recording: {type(error).__name__}") from None


def _taken_apart(body: bytes) -> tuple[str, bytes, bytes]:
    for at in range(min(len(body), 17)):
        if body[at : at + 1] in (FRAME, NOISE, OPENED, GONE):
            return body[:at].decode("ascii", "replace"), body[at : at + 1], body[at + 1 :]
    raise Undecodable("no name of a wire")


def _port(table: WireTable, named: str) -> tuple[int | None, bool]:
    """The channel, and whether the device named one that nobody knows."""
    if named in table.ports:
        return table.ports[named], False
    if not named:
        return 1, False
    return (int(named), False) if named.isascii() and named.isdigit() and len(named) <= 4 else (None, True)
