"""A telephone system in a process of its own: callers and phones that live on when the service dies.

One service at a time speaks to it over TCP, in lines of JSON: facts come out, commands go in and are answered. Whoever
connects later takes the line over, as with a real PBX; what happens while nobody is connected is told to nobody. Its
ledger (台账) is its own: one line per call, and one whenever somebody took the line or lost it.

`python -m tests.failure.outside --listen SOCKET …`; `tests.failure.line` is the service's end of it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

import msgspec

from adapters.errors import Refused
from adapters.simulated.device import Device, Setup
from adapters.simulated.world import ALL_DAY, Callers, Lawyers, Shape, Span, World
from adapters.telephony import (
    AdapterName,
    CallEvent,
    CallOffered,
    CallReleased,
    Command,
    LegsJoined,
    SeatAnswered,
)

PROMPTS = {"greeting": 0.2, "menu": 0.3}
KEYS = {"menu": {"1": 1.0, "2": 1.0}}


class Order(msgspec.Struct):
    """What a connected service, or the test, asks for. Answered under the same id."""

    id: int
    ask: str
    """do, ports, lines or drain"""
    command: Command | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class Seen:
    """One call as this end saw it."""

    call: str
    offered_at: datetime
    caller: str | None
    picked_up: bool = False
    answered_at: datetime | None = None


class Exchange:
    """The device in real time, and who is connected to it."""

    def __init__(self, name: str, device_of: Any, ledger: Path) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ledger = ledger.open("a", encoding="utf-8")
        self._seen: dict[str, Seen] = {}
        self._service: asyncio.StreamWriter | None = None
        self._stirred = asyncio.Event()
        self._device: Device = device_of(AdapterName(name), self._hear)

    async def run(self) -> None:
        """Let time pass, until cancelled."""
        while True:
            self._device.pass_time(self._now())
            self._stirred.clear()
            due = min(self._device.next_due() - self._now(), 60.0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(due, 0)):
                    await self._stirred.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, the service's or the test's."""
        if await reader.readline() == b"service\n":
            if self._service is not None:
                self._service.close()
            self._service = writer
            self._write("connected")
            writer.write(b'{"ready":true}\n')
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                order = msgspec.json.decode(line, type=Order)
                writer.write(json.dumps({"id": order.id, **self._answer(order, writer)}).encode() + b"\n")
                self._stirred.set()
        if self._service is writer:
            self._service = None
            self._write("gone")
        writer.close()

    def _answer(self, order: Order, writer: asyncio.StreamWriter) -> dict[str, Any]:
        match order.ask:
            case "do" if order.command is not None:
                if writer is not self._service:
                    return {"refused": "the line was taken over"}
                try:
                    self._device.do(order.command, self._now())
                except Refused as error:
                    return {"refused": str(error)}
                return {}
            case "ports":
                return {"ports": msgspec.to_builtins(self._device.ports())}
            case "lines":
                return {"lines": {key: bool(line.hearing) for key, line in self._device.lines.items()}}
            case "held":
                return {"held": self._service is not None}
            case "drain":
                self._device.drain(self._now(), order.seconds)
                return {}
            case _:
                return {"refused": "what?"}

    def _hear(self, fact: CallEvent) -> None:
        self._note(fact)
        if self._service is not None:
            self._service.write(b'{"fact":' + msgspec.json.encode(fact) + b"}\n")

    def _note(self, fact: CallEvent) -> None:
        match fact:
            case CallOffered():
                self._seen[fact.call] = Seen(fact.call, fact.at, fact.caller)
            case SeatAnswered():
                self._seen[fact.call].picked_up = True
            case LegsJoined():
                seen = self._seen[fact.call]
                seen.answered_at = seen.answered_at or fact.at
            case CallReleased():
                seen = self._seen.pop(fact.call)
                # Picked up and not joined yet: which of the two counts is a matter of milliseconds.
                hint = "answered" if seen.answered_at else "unknown" if seen.picked_up else "unanswered"
                self._write(
                    "call",
                    call=seen.call,
                    offered_at=seen.offered_at.isoformat(),
                    answered_at=seen.answered_at.isoformat() if seen.answered_at else None,
                    released_at=fact.at.isoformat(),
                    outcome_hint=hint,
                    by=fact.by.value,
                )
            case _:
                pass

    def _write(self, kind: str, **entry: Any) -> None:
        self._ledger.write(json.dumps({"kind": kind, "at": datetime.now(UTC).isoformat(), **entry}) + "\n")
        self._ledger.flush()

    def _now(self) -> float:
        return self._loop.time() - self._began


async def _main(given: argparse.Namespace) -> None:
    start = datetime.now(UTC)
    seats = frozenset(given.seats.split(","))
    world = World(
        Callers(
            per_hour=given.rate * 3600,
            by_hour=ALL_DAY,
            patience=Span(given.patience, Shape.FIXED if given.patient else Shape.EXPONENTIAL),
            talk=Span(given.talk),
            key_after=Span(0.2),
            late_by=Span(0.3),
        ),
        Lawyers(picks_up_after=Span(0.3, Shape.EXPONENTIAL)),
        given.seed,
    )

    def device_of(name: AdapterName, hear: Any) -> Device:
        return Device(
            name,
            world,
            start,
            hear=hear,
            arrivals=world.arrivals(0.0) if given.rate else iter(()),
            setup=Setup(ports=200, prompts=PROMPTS, other_prompt=0.3, menus=KEYS, unheeded=inf),
            answers_itself=seats.__contains__,
            keep=lambda name, seconds: None,
            run=f"{start:%y%m%d%H%M%S%f}",
        )

    exchange = Exchange(given.name, device_of, given.ledger)
    server = await asyncio.start_unix_server(exchange.serve, given.listen)
    async with server:
        await exchange.run()


def main() -> None:
    """Until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", required=True, help="unix socket")
    parser.add_argument("--name", default="line-1")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--seats", required=True, help="extensions that pick up by themselves")
    parser.add_argument("--rate", type=float, default=2.0, help="callers a second")
    parser.add_argument("--talk", type=float, default=1.2)
    parser.add_argument("--patience", type=float, default=600.0)
    parser.add_argument("--patient", action="store_true", help="everybody waits exactly that long")
    parser.add_argument("--seed", type=int, default=1)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
