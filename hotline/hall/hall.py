"""One hall (大厅) as it lives in this process: waits for the hall's lease, then leads it until the lease is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import structlog

from adapters.errors import Undecodable
from adapters.telephony import (
    AdapterName,
    Decodes,
    Delivery,
    DeviceEvent,
    LinkUp,
    Listens,
    PortFault,
    PortRestored,
    Recalls,
    TelephonyAdapter,
    has_link,
)
from hotline.bus import Hub
from hotline.callers.book import CallerBook, Entries
from hotline.carried import Carried
from hotline.clock import Clock
from hotline.crash import crash_point
from hotline.hall.counters import count as count_up
from hotline.hall.hands import Hands
from hotline.hall.inputs import (
    SYSTEM,
    Actor,
    CallersChanged,
    HallCommand,
    Heard,
    Input,
    LinkLost,
    PresenceChanged,
    RulesChanged,
    Snapshot,
)
from hotline.hall.presence import Presence
from hotline.hall.refused import Code
from hotline.hall.rules import HallRules
from hotline.hall.state import Decision, HallState, Order
from hotline.hall.work import SHANGHAI
from hotline.hall.writer import CommandRefused, HallWriter, NotLeading
from hotline.lines.alarms import Limits
from hotline.lines.watch import Lines, say
from hotline.listen import keep_listening
from hotline.metrics import OUTBOUND_REFUSED
from hotline.obeyed import Obeyed
from hotline.store.beside import beside
from hotline.store.errors import LeaseLost, SpoolFull, StoreAway
from hotline.store.gaps import Gaps
from hotline.store.intake import Intake
from hotline.store.ledger import HallStore, Lease
from hotline.store.marks import Mark
from hotline.store.spool import Spool
from hotline.supervise import Hold, keep_running
from seats.seat import SeatNo

log = structlog.get_logger()

LEASE_SECONDS = 8.0
"""A hall whose writer is gone is led by another process after at most this time."""
RENEW_SECONDS = 2.0
LOOK_SECONDS = 0.25
FULL_SECONDS = 1.0
"""A spool that is full is tried again after that; the wire's own buffer has to hold meanwhile."""

__all__ = ["Hall", "NotLeading"]


class Hall:
    """A hall: its state, its consoles, its adapters; leading or standing by."""

    def __init__(
        self,
        rules: HallRules,
        store: HallStore,
        spool: Spool,
        gaps: Gaps,
        adapters: Mapping[AdapterName, TelephonyAdapter],
        clock: Clock,
        holder: str,
        missing_after_seconds: float,
        unattended: Sequence[str] = (),
        read_callers: Callable[[], Awaitable[CallerBook]] | None = None,
        limits: Mapping[AdapterName, Limits] | None = None,
    ) -> None:
        self.rules = rules
        self._read_callers = read_callers
        self.store = store
        self._gaps = gaps
        self._notes: set[asyncio.Task[None]] = set()
        self._noting = asyncio.Lock()
        """One gap after the other: what an edge tells afterwards begins and ends at the same moment."""
        self.intake = Intake(store, spool, self.apply_kept)
        self.adapters = adapters
        self.clock = clock
        self.state = HallState(rules)
        self.hub = Hub(lambda: self.state, clock.now)
        self.presence = Presence(missing_after_seconds, lambda: self.state, self._tell_presence, unattended)
        self.last_heard: dict[AdapterName, datetime] = {}
        """When each device last said something."""
        self.lines = Lines(adapters, clock, limits)
        """How each line is."""
        self._holder = holder
        self._writer: HallWriter | None = None
        self.unled_since: datetime | None = None
        """When whoever led before gave the last sign of life; None: nobody ever did."""
        self._led = asyncio.Event()
        self._held_until = 0.0
        """By the loop's clock, which nobody sets: no other process can have the lease before."""
        self._decoding = {
            name: asyncio.Lock()
            for name, adapter in adapters.items()
            if isinstance(adapter, Recalls) and adapter.memory > timedelta()
        }
        """Adapters that decode with a memory: one delivery at a time, in the order heard."""
        self._recalled: set[AdapterName] = set()

    def change_rules(self, rules: HallRules) -> None:
        """The hall is to behave so from now on; the same rules again change nothing."""
        if rules == self.rules:
            return
        self.rules = rules
        self.put(RulesChanged(rules))

    def change_callers(self, entries: Entries) -> None:
        """These callers are to be treated so from now on."""
        self.put(CallersChanged(entries))

    @property
    def leading(self) -> bool:
        """This process writes for the hall now."""
        return self._writer is not None

    @property
    def waiting_inputs(self) -> int:
        """Inputs that are not decided yet."""
        return self._writer.waiting_inputs if self._writer is not None else 0

    async def until_led(self, seconds: float) -> bool:
        """Wait until this process leads, but not longer than that. True when it does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._led.wait()
        return self.leading

    @contextlib.asynccontextmanager
    async def decoding(self, name: AdapterName) -> AsyncGenerator[None]:
        """Around reading a pushed delivery and making it durable. Adapters with a memory have it back by then."""
        turn = self._decoding.get(name)
        if turn is None:
            yield
            return
        async with turn:
            if name not in self._recalled:
                try:
                    await self._recall(name)
                except StoreAway as away:
                    log.warning("decoding without memory: the database is away", adapter=name, detail=str(away))
            yield

    async def deliver(self, name: AdapterName, body: bytes, heard_at: datetime | None = None) -> Delivery:
        """Read what an observed device said, and make it durable, raw bytes included; the hall hears of it by itself.

        `heard_at` None: it was pushed, and is heard now that it is its turn, so that what is read back later comes in
        the same order; its sender repeats it after `SpoolFull`. What came over a wire comes once: then this returns
        only when it is durable, whatever fails meanwhile. Raises `Undecodable`, when the bytes are kept as well.
        """
        adapter = self.adapters[name]
        assert isinstance(adapter, Decodes)
        async with self.decoding(name):
            keep = self._keep_pushed if heard_at is None else self._keep_heard
            heard_at = heard_at or self.clock.now()
            try:
                delivery = adapter.decode(body, heard_at)
            except Undecodable as error:
                self.lines.not_understood(name, str(error), heard_at)
                await keep(name, [], [(body, str(error))])
                raise
            except Exception as error:  # a fault of ours: what was said must not go with it
                log.exception("decoder failed", adapter=name)
                self.lines.not_understood(name, f"the decoder failed: {type(error).__name__}", heard_at)
                await keep(name, [], [(body, f"the decoder failed: {type(error).__name__}")])
                raise Undecodable("the decoder failed") from error
            crash_point("before_keep")
            await keep(name, *beside(delivery, body))
            crash_point("after_keep")
        self.last_heard[name] = heard_at
        if body:  # else it is a conclusion from silence
            self.lines.delivered(name, delivery, heard_at)
        return delivery

    async def carry(
        self, name: AdapterName, frames: Sequence[tuple[bytes, datetime]], until: datetime | None, mark: Mark | None
    ) -> None:
        """What an edge has heard, decoded in its order and made durable together with `mark`: how far that is. `until`:
        nothing else was heard before, so what silence says by then is concluded.

        Raises `StoreAway` when it may be durable or not: `carried_to` tells. Until it is, the edge has it. Raises
        `Conflict` when the database refuses one of the records, and `NotLeading` when another process decodes.
        """
        adapter = self.adapters[name]
        assert isinstance(adapter, Carried | Obeyed)
        async with self._decoding.get(name) or contextlib.nullcontext():
            if not self.leading:
                raise NotLeading
            if name in self._decoding and name not in self._recalled:
                await self._recall(name)
            try:
                said = adapter.read(frames, until)
                if said.items or said.set_aside or mark is not None:
                    crash_point("before_keep")
                    await self.intake.accept(name, said.items, said.set_aside, mark)
                    crash_point("after_keep")
            except BaseException:
                self._recalled.discard(name)  # the decoder knows what nobody has: it is read back before the repeat
                raise
        if frames:
            self.last_heard[name] = frames[-1][1]
            bodies = [body for body, _ in frames if body] if isinstance(adapter, Carried) else []
            self.lines.carried(name, bodies, said.set_aside, said.repaired, frames[-1][1])

    def carried_late(self, name: AdapterName, since: datetime | None) -> None:
        """What an edge heard since then comes only now: nobody here could decide earlier. None: it has caught up."""
        gaps, now = self._gaps, self.clock.now()
        self._note(lambda: gaps.caught_up(name, now) if since is None else gaps.delayed(name, since))

    async def carried_to(self, name: AdapterName, stream: str) -> Mark | None:
        """How far that stream of an edge is durable; None: nothing of it. Raises `StoreAway`."""
        return await self.store.mark(name, stream)

    async def _keep_pushed(
        self, name: AdapterName, items: Sequence[tuple[DeviceEvent, bytes | None]], aside: Sequence[tuple[bytes, str]]
    ) -> None:
        try:
            await self.intake.accept(name, items, aside)
        except Exception:
            self._recalled.discard(name)  # the decoder knows what nobody has: it is read back before the repeat comes
            raise

    async def _keep_heard(
        self, name: AdapterName, items: Sequence[tuple[DeviceEvent, bytes | None]], aside: Sequence[tuple[bytes, str]]
    ) -> None:
        """The decoder has understood it already and would not do so twice, so it is kept as it is, until it is."""
        for attempt in count():
            try:
                await self.intake.accept(name, items, aside)
            except Exception as error:
                if attempt == 0:
                    full = isinstance(error, SpoolFull)
                    log.error("not kept yet: the wire has to wait", adapter=name, exc_info=not full)
                await asyncio.sleep(FULL_SECONDS)
            else:
                return

    def when_at_rest(self, visit: Callable[[], None]) -> None:
        """Call it when all that the state says is on disk: now, or in a moment."""
        if self._writer is not None:
            self._writer.when_at_rest(visit)
        else:
            visit()

    def put(self, input: Input) -> None:
        """One more input. While another process leads, facts wait in the store, and devices are not ours."""
        if isinstance(input, Heard):
            self.last_heard[input.fact.adapter] = input.fact.heard_at
        self.lines.take(input)
        self._note_evidence(input)
        if self._writer is not None:
            self._writer.put(input)

    def apply_kept(self, kept: Sequence[tuple[int, DeviceEvent]]) -> None:
        """Decide about pushed events that are durable already, under the ids they were kept with."""
        for raw, fact in kept:
            self.put(Heard(fact, raw))

    async def ask(self, command: HallCommand, actor: Actor) -> Decision:
        """Have something done. Raises `CommandRefused` or `NotLeading`."""
        if self._writer is None:
            raise NotLeading
        try:
            return await self._writer.ask(command, actor)
        except CommandRefused as refused:
            if refused.code in (Code.QUOTA_EXCEEDED, Code.OUTSIDE_NOT_ALLOWED):
                log.warning("call outside refused", hall=self.rules.hall, code=refused.code, by=actor.work_number)
                OUTBOUND_REFUSED.labels(self.rules.hall, refused.code).inc()
            raise

    async def close(self) -> None:
        """Give back what it holds of the database and of the disk; `run` has ended."""
        for note in tuple(self._notes):
            note.cancel()
        await asyncio.gather(*self._notes, return_exceptions=True)
        await self.intake.close()
        await self.store.close()

    async def run(self) -> None:
        """Lead whenever the lease can be had, until cancelled."""
        while True:
            lease = await self._take_lease()
            try:
                await self._lead(lease)
            except* LeaseLost:
                log.error("another process has taken over the hall", hall=self.rules.hall)
                self.state = HallState(self.rules)  # what we knew is the past: nobody may read it here as the present
            except* StoreAway as away:
                log.warning("the database went away before the hall was read", hall=self.rules.hall, detail=str(away))
                await asyncio.sleep(0.5)
            finally:
                self._writer = None
                self._led.clear()
                self.hub.close(1012)

    async def _take_lease(self) -> Lease:
        reported = ""
        while True:
            why = "standing by: another process leads the hall"
            try:
                last_sign = await self._gaps.last_sign(LEASE_SECONDS)
                lease = await self.store.take_lease(self._holder, LEASE_SECONDS)
                if lease is not None:
                    await self._note_gap(last_sign)
                    return lease
            except StoreAway:
                why = "the database is away: the hall cannot be led"
            if why != reported:
                log.info(why, hall=self.rules.hall)
                reported = why
            await asyncio.sleep(0.5)

    async def _lead(self, lease: Lease) -> None:
        crash_point("before_recover")
        hold, self._held_until = Hold(), _monotonic() + LEASE_SECONDS
        rules = self.rules
        self.state = await self.store.load(rules)
        if self._read_callers is not None:
            self.state.book = await self._read_callers()
        await self._recall_all()
        decided_today = await self.store.decided_on(self.clock.now().astimezone(SHANGHAI).date())
        crash_point("after_recover")
        hands = Hands(self.adapters, self.put)

        def publish(decisions: Sequence[Decision], now: datetime) -> None:
            try:
                self.hub.publish(decisions, now)
            except Exception:
                self.hub.close(1012)  # who missed something comes back for a snapshot
                raise
            count_up(self.state, decisions)
            say(decisions)

        def perform(orders: Sequence[Order]) -> None:
            hands.perform(orders)

        writer = HallWriter(self.state, self.store, lease, lease.seq, self.clock, publish, perform)
        for name in sorted({call.adapter for call in self.state.calls.values()} - set(self.adapters)):
            # No longer in the settings: nobody will ever report the end of its calls, nor carry out an order.
            writer.put(Snapshot(adapter=name, asked_at=self.clock.now(), ports=()))
        if self.rules is not rules:  # edited while the hall was read
            writer.put(RulesChanged(self.rules))
        # No await in between: from one moment to the next pushed events are heard instead of left pending.
        self._writer = writer
        self.store.hand_out_anew()
        self._led.set()
        self.hub.restart(decided_today)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(writer.run(), name=f"writer {self.rules.hall}")
                tasks.create_task(self._keep_lease(lease), name=f"lease {self.rules.hall}")
                tasks.create_task(self._watch_lease(hold), name=f"hold {self.rules.hall}")
                tasks.create_task(self.intake.run(), name=f"intake {self.rules.hall}")
                tasks.create_task(self.hub.keep_boards_fresh(), name=f"boards {self.rules.hall}")
                tasks.create_task(self.presence.watch(), name=f"presence {self.rules.hall}")
                tasks.create_task(self.lines.keep(self._gaps, self.put), name=f"lines {self.rules.hall}")
                for adapter in self.adapters.values():
                    if isinstance(adapter, Obeyed):
                        continue  # it runs at its edge
                    if isinstance(adapter, Listens):
                        work = keep_listening(adapter.name, adapter, self.put, self.deliver, self.clock)
                    else:
                        probed = self.lines.of(adapter.name).probed
                        work = keep_running(adapter, self.put, self.clock, hold, probed)
                    tasks.create_task(work, name=f"adapter {adapter.name}")
        finally:
            await hands.stop()
            with contextlib.suppress(StoreAway, LeaseLost):
                await self.store.give_up(lease)

    async def _recall_all(self) -> None:
        """Another process may have decoded meanwhile: what an adapter remembers has to be read again."""
        self._recalled.clear()
        for name, turn in self._decoding.items():
            async with turn:
                if name not in self._recalled:
                    await self._recall(name)

    async def _recall(self, name: AdapterName) -> None:
        adapter = self.adapters[name]
        assert isinstance(adapter, Recalls)
        kept = await self.intake.deliveries(name, self.clock.now() - adapter.memory)
        reading = asyncio.create_task(asyncio.to_thread(adapter.recall, kept), name=f"recall {name}")
        try:
            read = await asyncio.shield(reading)
        finally:
            while not reading.done():  # a thread cannot be stopped: until it has ended, nobody else may decode
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([reading])
        self._recalled.add(name)
        log.info("gateway's memory read back", adapter=name, deliveries=read)

    async def _keep_lease(self, lease: Lease) -> None:
        """Renew the lease. While the database is away the hall waits; once another process leads, nothing passes."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            asked_at = _monotonic()
            with contextlib.suppress(StoreAway):
                if not await self.store.renew(lease, LEASE_SECONDS):
                    raise LeaseLost
                self._held_until = asked_at + LEASE_SECONDS

    async def _watch_lease(self, hold: Hold) -> None:
        """A lease that has run out leaves the devices to whoever leads now, and where nobody does, to their fallback:
        callers whom we could not even write down are better served by the duty phone."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            held = _monotonic() < self._held_until
            if hold.ours and not held:
                log.error("the lease has run out: the database is away. Devices let go", hall=self.rules.hall)
                hold.let_go()
            elif held and not hold.ours:
                log.warning("the lease is renewed. Devices taken back", hall=self.rules.hall)
                hold.take()

    async def _note_gap(self, last_sign: datetime | None) -> None:
        """The hall was without a writer since the last one's last sign of life, and its devices are not heard yet."""
        now = self.clock.now()
        self.unled_since = last_sign
        if last_sign is not None:
            await self._gaps.without_writer(min(last_sign, now), now, "taken over")
        self.lines.begin()
        linked = [name for name, adapter in self.adapters.items() if has_link(adapter)]
        await self._gaps.begin_anew(list(self.adapters), linked, now)
        for name in linked:
            await self._gaps.link_lost(name, now, "starting")

    def _note_evidence(self, input: Input) -> None:
        """Times in which a line, or a channel of it, could not be used."""
        gaps = self._gaps
        match input:
            case LinkLost(adapter=name, detail=detail):
                began = input.at or self.clock.now()
                self._note(lambda: gaps.link_lost(name, began, detail))
            case Heard(fact=LinkUp(adapter=name, at=at)):
                self._note(lambda: gaps.link_back(name, at))
            case Heard(fact=PortFault(adapter=name, port=port, heard_at=at, detail=detail)):
                self._note(lambda: gaps.port_lost(name, port, at, detail))
            case Heard(fact=PortRestored(adapter=name, port=port, heard_at=at)):
                self._note(lambda: gaps.port_back(name, port, at))
            case _:
                pass

    def _note(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have it written down, after what came before it; while the database is away, later."""

        async def noted() -> None:
            async with self._noting:
                for attempt in count():
                    try:
                        await work()
                    except StoreAway as away:
                        if attempt == 0:
                            log.warning("gap not recorded yet", hall=self.rules.hall, detail=str(away))
                        await asyncio.sleep(FULL_SECONDS)
                    else:
                        return

        task = asyncio.create_task(noted(), name=f"gap {self.rules.hall}")
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _tell_presence(self, seat: SeatNo, here: bool) -> None:
        try:
            await self.ask(PresenceChanged(seat=seat, here=here), SYSTEM)
        except (CommandRefused, NotLeading):
            pass
        except Exception:  # a bug in deciding, told by the writer already: whoever watches the desks goes on
            log.exception("presence could not be noted", seat=seat)


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
