"""Calls, seats and decisions to store, and a server whose answers can be cut off."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import msgspec

from adapters.telephony import AdapterName, CallFact, CallKey, CallOffered, Handling
from hotline.calls.call import Call, CallId, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallArrived, HallEvent
from hotline.hall.inputs import Heard, Input, Recovered
from hotline.hall.rules import HallRules, QueueRules
from hotline.hall.state import Decision, Numbers
from hotline.store.ledger import HallStore, Lease
from routing.strategies.longest_idle import STRATEGY
from seats.seat import MAIN, Seat, SeatNo, SeatState

HALL = "HZ"
CARD = AdapterName("card-1")
AT = datetime(2026, 11, 21, 2, 13, 5, 120000, tzinfo=UTC)
RULES = HallRules(
    hall=HALL,
    label="示范厅",
    queues={"legal": QueueRules(name="legal", label="法律咨询", strategy=STRATEGY, groups=("general",))},
    default_queue="legal",
)


def a_call(number: int = 1, **changes: Any) -> Call:
    """A caller who rings."""
    fields: dict[str, Any] = {
        "id": CallId(f"{HALL}-{number:09d}"),
        "hall": HALL,
        "adapter": CARD,
        "key": CallKey(f"key-{number}"),
        "handling": Handling.HALL,
        "offered_at": AT,
        "caller": f"1380013{number:04d}",
        "seq": 1,
        "ticket": f"{HALL}-20261121-{number:06d}",
    }
    return Call(**(fields | changes))


def ended(call: Call, **changes: Any) -> Call:
    """That call, over."""
    fields: dict[str, Any] = {
        "state": CallState.ENDED,
        "ended_at": call.offered_at + timedelta(minutes=3),
        "outcome": Outcome.ABANDONED_QUEUE,
    }
    return msgspec.structs.replace(call, **(fields | changes))


def answered(call: Call, seat: str, **changes: Any) -> Call:
    """That call, with a seat on it."""
    fields: dict[str, Any] = {
        "state": CallState.TALKING,
        "seat": seat,
        "answered_seat": seat,
        "operator": f"op-{seat}",
        "rung_at": call.offered_at + timedelta(seconds=2),
        "answered_at": call.offered_at + timedelta(seconds=5),
    }
    return msgspec.structs.replace(call, **(fields | changes))


def a_seat(number: str = "01", **changes: Any) -> Seat:
    """A desk where nobody sits."""
    fields: dict[str, Any] = {"number": SeatNo(number), "extension": f"80{number}", "groups": ("general",), "since": AT}
    return Seat(**(fields | changes))


def at_work(number: str, call: Call | None = None, **changes: Any) -> Seat:
    """A desk where somebody sits, perhaps with a call."""
    state = SeatState.READY if call is None else SeatState.TALKING
    fields: dict[str, Any] = {
        "operator": f"op-{number}",
        "state": state,
        "call": None if call is None else call.id,
        "part": "" if call is None else MAIN,
    }
    return a_seat(number, **(fields | changes))


def a_fact(event_id: str = "e1", kind: type[CallFact] = CallOffered, **changes: Any) -> Any:
    """Something a device reported."""
    fields: dict[str, Any] = {
        "adapter": CARD,
        "event_id": event_id,
        "at": AT,
        "heard_at": AT,
        "call": CallKey("key-1"),
    }
    return kind(**(fields | changes))


def arrived(call: Call, call_seq: int = 1) -> CallArrived:
    """The event of a call's birth."""
    return CallArrived(
        call=call.id, call_seq=call_seq, adapter=call.adapter, key=call.key, handling=call.handling, ticket=call.ticket
    )


def decided(
    *things: Call | Seat, events: tuple[HallEvent, ...] = (), entered: Input | None = None, **more: Any
) -> tuple[Input, Decision]:
    """An input and what it led to."""
    calls = {thing.id: thing for thing in things if isinstance(thing, Call)}
    seats = {thing.number: thing for thing in things if isinstance(thing, Seat)}
    return entered or Recovered(), Decision(calls=calls, seats=seats, events=list(events), **more)


def born(call: Call, fact: Any | None = None) -> tuple[Input, Decision]:
    """A call comes in by a fact."""
    numbers = Numbers(next_call=2, day=AT.date(), next_ticket=2)
    entered = Heard(fact) if fact is not None else None
    return decided(call, events=(arrived(call),), entered=entered, numbers=numbers)


async def leased(store: HallStore, holder: str = "one") -> Lease:
    """The lease; somebody else must not have it."""
    lease = await store.take_lease(holder, 60)
    assert lease is not None
    return lease


class Wire:
    """A unix socket between client and server whose answers can be held back, and which can be cut."""

    def __init__(self, directory: Path, url: str) -> None:
        parts = urlsplit(url)
        self._server = f"{parse_qs(parts.query)['host'][0]}/.s.PGSQL.5432"
        self._own = directory / ".s.PGSQL.5432"
        self.url = f"postgresql://hotline@/{parts.path.strip('/')}?host={quote(str(directory))}&port=5432"
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.answers_pass = asyncio.Event()
        self.answers_pass.set()
        self.questions_pass = asyncio.Event()
        self.questions_pass.set()
        self.held = asyncio.Event()
        """An answer has come from the server and is being held back."""

    async def cut(self) -> None:
        """Every connection is gone, at both ends, with whatever was held back."""
        for task in list(self._tasks):
            task.cancel()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    def restore(self) -> None:
        """New connections work again."""
        self.answers_pass.set()
        self.questions_pass.set()
        self.held.clear()

    def leave_behind(self) -> None:
        """What is connected stays silent for ever; new connections work."""
        self.answers_pass, self.questions_pass = asyncio.Event(), asyncio.Event()
        self.restore()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Wire]:
        listening = await asyncio.start_unix_server(self._serve, self._own)
        try:
            yield self
        finally:
            listening.close()
            await self.cut()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._server)
        self._writers |= {writer, server_writer}
        for source, target, gate in (
            (reader, server_writer, self.questions_pass),
            (server_reader, writer, self.answers_pass),
        ):
            task = asyncio.create_task(self._pump(source, target, gate))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if not gate.is_set():
                    self.held.set()
                    await gate.wait()
                target.write(data)
                await target.drain()
        with contextlib.suppress(OSError, RuntimeError):
            target.close()
