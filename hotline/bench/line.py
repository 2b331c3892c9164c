"""A telephone system that does at once what it is told, and notes when it was told: nothing of its own to wait for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from adapters.errors import LinkDown
from adapters.telephony import (
    Ability,
    AdapterName,
    Arrange,
    CallKey,
    CallOffered,
    CallReleased,
    Command,
    DeviceEvent,
    EndedBy,
    Hear,
    LegsJoined,
    LinkUp,
    OfferId,
    PortStatus,
    RingSeat,
    SeatAnswered,
)


class FastLine:
    """Callers ring when `offer` is called; a rung seat answers at once and talks for as long as `talk` says."""

    abilities = frozenset({Ability.ANSWERS, Ability.PLAYS, Ability.RINGS_SEATS, Ability.JOINS})

    def __init__(self, name: AdapterName, talk: Callable[[], float], seats: int) -> None:
        self._name = name
        self._all_seats = seats
        self._talk = talk
        self._hear: Hear | None = None
        self._facts = 0
        self.up = asyncio.Event()
        self.offered: dict[CallKey, float] = {}
        """When each caller rang (`perf_counter`), until a seat is rung for him."""
        self.freed: dict[str, float] = {}
        """When each extension's last talk ended, until it is rung again; only where somebody waited for it."""
        self.to_ring: list[float] = []
        """Seconds from a caller's ring to the command to ring a seat."""
        self.idle: list[float] = []
        """Seconds from a talk's end to the next command to ring that seat."""
        self.rings: list[float] = []
        """When each command to ring came."""
        self.ended = 0
        self.on_ended: Callable[[], None] | None = None
        self._seats: dict[CallKey, str] = {}
        self._talking: set[CallKey] = set()

    @property
    def name(self) -> AdapterName:
        """As the hall calls it."""
        return self._name

    async def run(self, hear: Hear) -> None:
        """Until cancelled."""
        self._hear = hear
        now = datetime.now(UTC)
        hear(LinkUp(adapter=self._name, event_id=f"up:{now.timestamp()}", at=now, heard_at=now, detail="bench"))
        self.up.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._hear = None

    async def do(self, command: Command) -> None:
        """At once."""
        match command:
            case RingSeat():
                self._ring(command.call, command.phone.extension, command.offer)
            case Arrange():
                self._join(command)
            case _:
                pass

    async def ports(self) -> Sequence[PortStatus]:
        """Never asked: it does not claim to report them."""
        return ()

    def offer(self, number: int) -> None:
        """A caller rings."""
        call = CallKey(f"c{number}")
        self.offered[call] = perf_counter()
        self._say(CallOffered, call, caller=f"139{number % 10**8:08d}", dialled="12348")

    def clear(self) -> None:
        """Forget what was measured so far."""
        for notes in (self.to_ring, self.idle, self.rings):
            notes.clear()
        self.freed.clear()

    def _ring(self, call: CallKey, extension: str, offer: OfferId) -> None:
        now = perf_counter()
        self.rings.append(now)
        if (since := self.offered.pop(call, None)) is not None:
            self.to_ring.append(now - since)
        if (since := self.freed.pop(extension, None)) is not None:
            self.idle.append(now - since)
        self._seats[call] = extension
        self._say(SeatAnswered, call, offer=offer)

    def _join(self, command: Arrange) -> None:
        """The first picture with a seat beside the caller is the talk's beginning; it may come again."""
        if not (command.room and command.caller and command.call in self._seats) or command.call in self._talking:
            return
        self._talking.add(command.call)
        self._say(LegsJoined, command.call, offer=command.room[0])
        if seconds := self._talk():
            asyncio.get_running_loop().call_later(seconds, self._over, command.call)
        else:
            self._over(command.call)

    def _over(self, call: CallKey) -> None:
        self._talking.discard(call)
        extension = self._seats.pop(call)
        others_free = self._all_seats - 1 - len(self._seats)
        if len(self.offered) > others_free:
            self.freed[extension] = perf_counter()
        self.ended += 1
        self._say(CallReleased, call, by=EndedBy.CALLER)
        if self.on_ended is not None:
            self.on_ended()

    def _say(self, kind: Callable[..., DeviceEvent], call: CallKey, **more: Any) -> None:
        if self._hear is None:
            raise LinkDown("nobody listens")
        self._facts += 1
        now = datetime.now(UTC)
        self._hear(kind(adapter=self._name, event_id=f"{call}:{self._facts}", at=now, heard_at=now, call=call, **more))
