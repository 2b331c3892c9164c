"""A quarter of an hour at a hall: the real writer over the real store, a simulated device, a gateway that pushes.

Time is virtual: where the writer would wait, the world goes on to whatever comes next. In that quarter of an hour the
line is cut and comes back, the process dies and starts again, and another process takes over from one that hangs. The
device and the gateway keep ledgers (台账) of their own, before anything of the service has seen what they tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import takewhile
from math import inf
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from adapters.errors import Refused
from adapters.gateway_push.plugin import build as build_gateway
from adapters.gateway_push.settings import GatewaySettings
from adapters.registry import Site
from adapters.simulated.device import Device
from adapters.simulated.line import Setup
from adapters.simulated.world import ALL_DAY, Callers, Lawyers, Shape, Span, World
from adapters.telephony import (
    CallEvent,
    CallKey,
    DeviceEvent,
    LinkUp,
    OfferId,
    SeatAnswered,
    StopRinging,
)
from hotline.calls.call import CallState
from hotline.hall.inputs import (
    Actor,
    Asked,
    CallCommand,
    DefineSeat,
    GoReady,
    Heard,
    LinkLost,
    OrderFailed,
    SignIn,
    Snapshot,
)
from hotline.hall.state import Decision, Order
from hotline.hall.writer import HallWriter
from hotline.store.engine import Database
from hotline.store.errors import LeaseLost
from hotline.store.gaps import Gaps
from hotline.store.intake import Intake
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from hotline.store.spool import Spool
from hotline.verify import Delivered
from hotline.verify.verdict import Check
from seats.seat import SeatNo, SeatState
from tests.verify.other_ends import OtherEnds
from tests.verify.pressing import presses
from tests.verify.the_hall import CARD, GATE, HALL, RULES

SEATS = 3
CALLERS_SECONDS, LAST_SECOND = 600.0, 1800.0
TURNS = 1500
"""A quarter of an hour takes a process a few hundred."""
CUT, CRASH, STARTED, HANG = 150.0, 270.0, 280.0, 400.0
"""When the line is cut, the process dies and is started, the writer hangs."""
HANGS_SECONDS = 40.0
NOBODY_ELSEWHERE = replace(RULES, queues={name: replace(each, spills=()) for name, each in RULES.queues.items()})
"""Callers are served here or not at all, so that the device's ledger can tell who was."""


class Finished(Exception):
    """Nothing more will happen."""


class Crashed(Exception):
    """`kill -9`."""


class Clock:
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class SteppedWriter(HallWriter):
    """The real writer; instead of waiting it lets the world go on."""

    world: HallAtWork
    turns = 0

    async def _wait(self) -> None:
        self.turns += 1
        if self.turns > TURNS:
            raise Finished  # a bug that goes round and round has done its damage
        while not self._inbox and not (self._due and self._due[0][0] <= self._clock.now()):
            await self.world.go_on(self, self._due[0][0] if self._due else None)
        await super()._wait()


class HallAtWork:
    """The hall and the world around it."""

    def __init__(
        self,
        database: Database,
        seal: Seal,
        folder: Path,
        *,
        patient: bool = False,
        only_talk: bool = False,
        seed: int = 5,
    ) -> None:
        # Yesterday at 02:00 in Shanghai: another day than in UTC, and long before the database's own now.
        self.start = datetime.combine(datetime.now(UTC).date() - timedelta(days=1), time(18), UTC)
        self.clock = Clock(self.start)
        self.leader: SteppedWriter | None = None
        self.take_over: BaseException | None = None
        """How the writer ended that had hung."""
        self.conflicts = 0
        self._only_talk = only_talk
        """Nobody holds a caller or passes him on."""
        self._database, self._seal, self._folder = database, seal, folder
        self._gaps = Gaps(database, HALL)
        self._agenda: list[tuple[float, int, Callable[[], Awaitable[None]]]] = []
        self._count = itertools.count(1)
        self._passes = itertools.count(1)
        self._linked = True
        self._dropped: Callable[[DeviceEvent], bool] = lambda fact: False
        self.other_ends = OtherEnds()
        self._crossed: set[str] = set()
        self._stores: list[HallStore] = []
        self._woken = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        people = World(
            Callers(
                per_hour=200,
                by_hour=ALL_DAY,
                patience=Span(60, Shape.EXPONENTIAL),
                endless=patient,
                talk=Span(35),
                key_after=Span(1.0),
                late_by=Span(1.0),
            ),
            Lawyers(picks_up_after=Span(3), no_answer=0.2),
            seed,
        )
        self.device = Device(
            CARD,
            people,
            self.start,
            hear=self._hear,
            arrivals=takewhile(lambda at: at < CALLERS_SECONDS, people.arrivals(0.0)),
            setup=Setup(ports=100, prompts={"greeting": 2.0, "menu": 3.0}, menus={"menu": {"1": 2.0, "2": 1.0}}),
            answers_itself=lambda extension: True,
            keep=lambda name, seconds: (f"{name}.wav", seconds),
            run="d",
        )
        # A device time that is hours ahead is believed: the wall behind the time zone is down.
        settings = GatewaySettings(tokens=["of nobody"], secrets=["of nobody"], max_ahead_seconds=86_400)
        self.gateway = build_gateway(GATE, settings, Site(state_dir=folder, secret=lambda _: "whsec_" + "A" * 43 + "="))

    def drop_on_the_way(self, dropped: Callable[[DeviceEvent], bool]) -> None:
        """The adapter loses these facts; the device's ledger has them."""
        self._dropped = dropped

    async def play(self) -> None:
        """From the first caller to the end of the last call."""
        for number in range(10):
            self._at(20 + number * 55, lambda number=number: self._gateway_call(number))
        for number in range(0 if self._only_talk else 60):
            self._at(40 + number * 9, self._press)
        self._at(CUT, self._cut)
        self._at(CRASH, self._crash)
        self._at(HANG, self._hang)
        try:
            first = await self._begin()
            for number in range(1, SEATS + 1):
                self._sit_down(first, number)
            with contextlib.suppress(Crashed, Finished):
                await first.run()
            await self._away()
            second = await self._begin()
            task = self._spawn(second)
            await asyncio.wait({task})
            while pending := [task for task in self._tasks if not task.done()]:
                await asyncio.wait(pending)
            for task in self._tasks:
                task.result()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            for store in self._stores:
                await store.close()

    async def judged(self) -> list[Check]:
        """What `verify` and both ledgers say of it."""
        return await self.other_ends.judge(self._database.url, CARD, set(self.device.lines))

    # ── time ──

    async def go_on(self, writer: SteppedWriter, due: datetime | None) -> None:
        """To whatever comes next."""
        if writer is not self.leader:
            raise Finished
        at = min(self.device.next_due(), self._agenda[0][0] if self._agenda else inf)
        at = min(at, (due - self.start).total_seconds() if due is not None else inf)
        if at == inf or at > LAST_SECOND:
            raise Finished
        self._set(at)
        now = max(self._now, at)  # the clock's microseconds may fall a hair short of a float
        self.device.pass_time(now)
        while self._agenda and self._agenda[0][0] <= now:
            await heapq.heappop(self._agenda)[2]()

    @property
    def _now(self) -> float:
        return (self.clock.at - self.start).total_seconds()

    def _set(self, at: float) -> None:
        # The whole microsecond at or after: a deadline that is due must be seen to be.
        self.clock.at = max(self.clock.at, self.start + timedelta(microseconds=-(-at * 1e6 // 1)))

    def _at(self, at: float, what: Callable[[], Awaitable[None]]) -> None:
        heapq.heappush(self._agenda, (at, next(self._count), what))

    # ── processes ──

    async def _begin(self) -> SteppedWriter:
        """A process takes the lease, reads the hall back, hears what is pending and asks the device what is live."""
        store = HallStore(self._database, self._seal, HALL)
        self._stores.append(store)
        lease = await store.take_lease("here", 3600)
        assert lease is not None
        state = await store.load(NOBODY_ELSEWHERE)
        writer = SteppedWriter(state, store, lease, lease.seq, self.clock, self._publish, self._perform)
        writer.world = self
        self.leader = writer
        spool = Spool(self._folder / f"spool-{lease.epoch}", self._seal)

        def deliver(kept: Sequence[tuple[Any, DeviceEvent]]) -> None:
            for raw, fact in kept:
                writer.put(Heard(fact, raw))

        self.intake = Intake(store, spool, deliver)
        store.hand_out_anew()
        deliver(await store.pending())
        self._connect(writer)
        return writer

    def _spawn(self, writer: SteppedWriter) -> asyncio.Task[None]:
        async def lead() -> None:
            with contextlib.suppress(Finished):
                await writer.run()

        task = asyncio.create_task(lead())
        self._tasks.append(task)
        return task

    def _connect(self, writer: SteppedWriter) -> None:
        at = self.clock.at
        writer.put(Heard(LinkUp(adapter=CARD, event_id=f"up-{next(self._count)}", at=at, heard_at=at)))
        writer.put(Snapshot(adapter=CARD, asked_at=at, ports=tuple(self.device.ports())))

    async def _cut(self) -> None:
        assert self.leader is not None
        self._linked = False
        hung_up = self.other_ends.hung_up
        self.leader.put(LinkLost(CARD, "cut"))
        await self._gaps.link_lost(CARD, self.clock.at, "cut")
        self._at(CUT + 10, lambda: self._back(hung_up))

    async def _back(self, hung_up: int) -> None:
        """Not before somebody has hung up unheard."""
        assert self.leader is not None
        if self.other_ends.hung_up == hung_up:
            self._at(self._now + 0.5, lambda: self._back(hung_up))
            return
        self._linked = True
        self.other_ends.unheard(self.start + timedelta(seconds=CUT), self.clock.at)
        await self._gaps.link_back(CARD, self.clock.at)
        self._connect(self.leader)

    async def _crash(self) -> None:
        """A gateway's delivery has just been acknowledged."""
        await self._push("last-words", "call.offered", caller="13800100500", dialled="12348")
        self.leader = None
        raise Crashed

    async def _away(self) -> None:
        """The device goes on; nobody hears it."""
        died = self.clock.at
        self._linked = False
        self._set(STARTED)
        self.device.pass_time(self._now)
        self._linked = True
        self.other_ends.unheard(died, self.clock.at)
        await self._gaps.without_writer(died, self.clock.at, "taken over")
        self._at(STARTED + 20, lambda: self._push("last-words", "call.released", by="caller"))

    async def _hang(self) -> None:
        """The leader stands still while a phone rings, another process takes over, and it wakes up again."""
        assert self.leader is not None
        calls = self.leader.state.calls.values()
        if not any(call.state is CallState.RINGING and call.adapter == CARD for call in calls):
            self._at(self._now + 0.5, self._hang)
            return
        self._at(self._now + HANGS_SECONDS, self._wake)
        self._spawn(await self._begin())
        await self._woken.wait()

    async def _wake(self) -> None:
        hung = self._tasks[0]
        self._woken.set()
        done, _ = await asyncio.wait({hung}, timeout=10)
        assert done, "the writer that had hung goes on and on"
        self.take_over = hung.exception()
        if isinstance(self.take_over, LeaseLost):
            self._tasks.remove(hung)

    # ── people and devices ──

    def _sit_down(self, writer: SteppedWriter, number: int) -> None:
        seat = SeatNo(f"{number:02d}")
        groups = ("general", "labour") if number % 2 else ("general",)
        admin = Actor(account="admin", work_number="9100")
        writer.put(Asked(DefineSeat(seat=seat, extension=f"80{number:02d}", groups=groups), admin))
        writer.put(Asked(SignIn(seat=seat, phone_kind="simulated"), _lawyer(seat)))

    def _publish(self, decisions: Sequence[Decision], at: datetime) -> None:
        for decision in decisions:
            for seat in decision.seats.values():
                if seat.state is SeatState.BUSY:
                    self._at(self._now + 30, lambda seat=seat: self._ready_again(seat.number))

    async def _ready_again(self, seat: SeatNo) -> None:
        assert self.leader is not None
        if self.leader.state.seats[seat].state is SeatState.BUSY:
            self.leader.put(Asked(GoReady(seat=seat), _lawyer(seat)))

    async def _press(self) -> None:
        if self.leader is not None:
            for place, command in enumerate(presses(self.leader.state, self._passes)):
                self._at(self._now + place * 6, lambda command=command: self._asked(command))

    async def _asked(self, command: CallCommand) -> None:
        if self.leader is not None:
            self.leader.put(Asked(command, _lawyer(command.seat)))

    def _perform(self, orders: Sequence[Order]) -> None:
        assert self.leader is not None
        for order in orders:
            reason, detail = "link_down", "cut"
            if self._linked and order.adapter == CARD:
                if isinstance(order.command, StopRinging):
                    self._cross(order.command.call, order.command.offer)
                try:
                    self.device.do(order.command, self._now)
                    continue
                except Refused as refused:
                    reason, detail = "refused", str(refused)
            self.leader.put(OrderFailed(adapter=order.adapter, command=order.command, reason=reason, detail=detail))

    def _cross(self, call: CallKey, offer: OfferId) -> None:
        """The lawyer picks up in the very moment in which his phone is told to stop: both are on the wire."""
        line = self.device.lines.get(call)
        if line is None or offer not in line.ringing or offer in self._crossed:
            return
        self._crossed.add(offer)
        seat = line.ringing[offer]

        async def arrives() -> None:
            if call in self.device.lines:
                at = self.clock.at
                self._hear(
                    SeatAnswered(
                        adapter=CARD, event_id=f"x-{offer}", at=at, heard_at=at, call=call, offer=offer, seat=seat
                    )
                )

        self._at(self._now + 0.2, arrives)

    def _hear(self, fact: CallEvent) -> None:
        self.other_ends.note(fact)
        if self._linked and self.leader is not None and not self._dropped(fact):
            self.leader.put(Heard(fact))

    # ── the gateway ──

    async def _gateway_call(self, number: int) -> None:
        """Rings somebody, talks, is held, ends; some deliveries come twice."""
        call, twice = f"g{number}", number % 3 == 0
        steps: Iterator[tuple[float, str, dict[str, Any]]] = iter([
            (0, "call.offered", {"caller": f"138001005{number:02d}", "dialled": "12348"}),
            (2, "seat.ringing", {"seat": "9001"}),
            (5, "seat.answered", {"seat": "9001"}),
            (9, "call.held", {}),
            (12, "call.resumed", {}),
            (20, "recording.ready", {"file": f"{call}.wav", "seconds": 15.0}),
            (21, "call.released", {"by": "caller"}),
        ])  # fmt: skip
        for after, kind, fields in steps:
            self._at(self._now + after, lambda kind=kind, fields=fields: self._push(call, kind, **fields))
            if twice:
                self._at(self._now + after + 1, lambda kind=kind, fields=fields: self._push(call, kind, **fields))

    async def _push(self, call: str, kind: str, **fields: Any) -> None:
        """One delivery: read by the gateway's adapter, durable, acknowledged. Its clock names no zone."""
        now = self.clock.at
        local = f"{now + timedelta(hours=8):%Y-%m-%d %H:%M:%S}"
        event = {"id": f"{call}-{kind}", "type": kind, "at": local, "call": call, **fields}
        body = json.dumps({"events": [event]}).encode()
        delivery = self.gateway.decode(body, now)
        assert len(delivery.events) == 1, delivery
        await self.intake.accept(GATE, [(each, body) for each in delivery.events])
        self.other_ends.delivered.append(Delivered(adapter=GATE, event_id=delivery.events[0].event_id))


def _lawyer(seat: SeatNo) -> Actor:
    return Actor(account=f"acc-{seat}", work_number=f"10{seat}", name=f"律师{seat}")
