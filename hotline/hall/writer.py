"""The single writer of one hall: input by input, decide; batch by batch, commit; then become, show, reply, act.

The order of the last lines of `_settle` is the promise of the whole service: nobody sees and no device does what is not
on disk. A crash between commit and act is repaired by the devices' snapshots after the restart.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from msgspec.structs import replace

from adapters.telephony import AdapterName, CallFact, CallKey, CallOffered, Handling, RingOutside
from hotline.calls.call import Call, CallId
from hotline.clock import Clock
from hotline.crash import crash_point
from hotline.hall.deadlines import due_of
from hotline.hall.decide import decide
from hotline.hall.inputs import (
    Actor,
    Asked,
    DeadlinePassed,
    Emergency,
    HallCommand,
    Heard,
    Input,
    Recovered,
    Snapshot,
)
from hotline.hall.state import Decision, HallState, Order
from hotline.metrics import COMMIT_SECONDS, EVENT_TO_SCREEN
from hotline.store.errors import Conflict, StoreAway
from hotline.store.ledger import Lease
from seats.seat import SeatNo

log = structlog.get_logger()

BATCH = 64
"""Inputs decided and committed together at most; more wait for the next turn."""
RETRY_SECONDS = 0.25
ASK_SECONDS = 10.0
"""A command that could not be written by then is taken back: done a minute late it would surprise whoever gave it."""
VOICE_SECONDS = 0.5
"""An emergency that is not written by then is carried out first and written afterwards."""
REMIND_SECONDS = 30.0
"""A deadline that could not be decided about is tried again after that."""
DUE_AT_LEAST = 4096
"""Deadlines kept before those of calls that are over are sorted out."""


class CommandRefused(Exception):
    """The hall refused a command; `code` is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotLeading(Exception):
    """This process does not write for the hall (any more): ask again in a moment, the one that does will answer."""


class Stalled(NotLeading):
    """Nothing can be written now. The command was taken back, unless it was being written at that very moment."""


class Ledger(Protocol):
    """What the writer needs of the store (see `hotline.store.ledger.HallStore`)."""

    async def recall(self, keys: Sequence[tuple[AdapterName, CallKey]]) -> list[Call]:
        """Ended calls that are no longer in memory."""
        ...

    async def told_before(self, events: Sequence[tuple[AdapterName, str]]) -> set[tuple[AdapterName, str]]:
        """Which of these events (adapter, event id) are stored already, and so have had their effect."""
        ...

    async def commit(self, lease: Lease, at: datetime, made: Sequence[tuple[Input, Decision]], first_seq: int) -> None:
        """Everything of the batch, or nothing. Raises `LeaseLost`, `StoreAway`, `Conflict`."""
        ...


class _Entry:
    __slots__ = ("input", "reply", "voiced")

    def __init__(self, input: Input, reply: asyncio.Future[Decision] | None) -> None:
        self.input = input
        self.reply = reply
        self.voiced = False
        """Its orders went out although it is not written down yet."""

    @property
    def withdrawn(self) -> bool:
        """Whoever asked does not wait any more, and nothing has been done."""
        return self.reply is not None and self.reply.cancelled() and not self.voiced

    def note_leg(self, orders: Sequence[Order]) -> None:
        """The same leg is to be meant when it is decided again."""
        leg = next((each.command.offer for each in orders if isinstance(each.command, RingOutside)), None)
        if leg is not None and isinstance(self.input, Asked) and isinstance(self.input.command, Emergency):
            self.input = Asked(replace(self.input.command, rung_as=leg), self.input.actor)

    @property
    def cannot_wait(self) -> bool:
        """Somebody's life may hang on it."""
        return isinstance(self.input, Asked) and isinstance(self.input.command, Emergency)


class HallWriter:
    """Owns the state of one hall while it holds the hall's lease."""

    def __init__(
        self,
        state: HallState,
        ledger: Ledger,
        lease: Lease,
        seq: int,
        clock: Clock,
        publish: Callable[[Sequence[Decision], datetime], None],
        perform: Callable[[Sequence[Order]], None],
    ) -> None:
        self.state = state
        self.lease = lease
        self.seq = seq
        """Number of the last journal event of the hall."""
        self._ledger = ledger
        self._clock = clock
        self._publish = publish
        self._perform = perform
        self._inbox: deque[_Entry] = deque()
        self._batch: list[_Entry] = []
        """What is being decided and committed now."""
        self._undone: dict[int, Sequence[Order]] = {}
        """Orders of emergencies among it."""
        self._visitors: list[Callable[[], None]] = []
        self._over = False
        self._wake = asyncio.Event()
        self._due: list[tuple[datetime, str, str]] = []
        self._due_limit = DUE_AT_LEAST
        self._now = clock.now()

    def put(self, input: Input) -> None:
        """One more input; never blocks and never refuses."""
        self._inbox.append(_Entry(input, None))
        self._wake.set()

    async def ask(self, command: HallCommand, actor: Actor) -> Decision:
        """Have something done. Returns when it is on disk. Raises `CommandRefused`.

        Raises `NotLeading` when the writer stopped meanwhile (then it may have been done or not), `Stalled` when it
        cannot write.
        """
        if self._over:
            raise NotLeading
        reply: asyncio.Future[Decision] = asyncio.get_running_loop().create_future()
        entry = _Entry(Asked(command, actor), reply)
        self._inbox.append(entry)
        self._wake.set()
        if entry.cannot_wait:
            asyncio.get_running_loop().call_later(VOICE_SECONDS, self._voice_first, entry)
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await reply
        except TimeoutError:
            raise Stalled from None

    def when_at_rest(self, visit: Callable[[], None]) -> None:
        """Call it when all that the state says is on disk: now, or right after the commit that is under way."""
        if self._batch and not self._over:
            self._visitors.append(visit)
        else:
            visit()

    @property
    def waiting_inputs(self) -> int:
        """Inputs not decided yet."""
        return len(self._inbox)

    async def run(self) -> None:
        """Until cancelled, or until the lease is lost (`LeaseLost`)."""
        self._watch_everything()
        self.put(Recovered())
        try:
            while True:
                await self._wait()
                taken = (self._inbox.popleft() for _ in range(min(BATCH, len(self._inbox))))
                self._batch = [entry for entry in taken if not entry.withdrawn]
                if self._batch:
                    await self._turn(self._batch)
                    self._batch = []
                    self._let_in()
        finally:
            self._over = True
            self._drop_replies()
            self._let_in()

    # ── one turn ──

    async def _turn(self, batch: list[_Entry]) -> None:
        batch = await self._without_repeats(batch)
        await self._recall(batch)
        self._now = max(self._now, self._clock.now())
        crash_point("before_decide")
        made = [(entry, *self._decide(entry)) for entry in batch]
        self._undone = {id(entry): decision.orders for entry, decision, _ in made if entry.cannot_wait}
        crash_point("after_decide")
        try:
            await self._commit([(entry.input, decision) for entry, decision, _ in made])
        except Conflict as conflict:
            for _, decision, undo in reversed(made):
                self.state.unbecome(decision, undo)
            if len(batch) > 1:  # find the one that does not fit: each on its own
                for entry in batch:
                    await self._turn([entry])
                return
            log.error(
                "decision does not fit the database", constraint=str(conflict), input=type(batch[0].input).__name__
            )
            if batch[0].reply is not None and not batch[0].reply.done():
                batch[0].reply.set_exception(conflict)
            aside = Decision(set_aside=f"conflict: {conflict}"[:500])
            await self._commit([(batch[0].input, aside)])
            self._remind(batch[0].input)
            return
        self._settle([(entry, decision) for entry, decision, _ in made])

    def _decide(self, entry: _Entry) -> tuple[Decision, Decision]:
        try:
            decision = decide(self.state, entry.input, self._now)
        except Exception as error:
            log.exception("decide failed", input=type(entry.input).__name__)
            if entry.reply is not None and not entry.reply.done():
                entry.reply.set_exception(error)
            decision = Decision(set_aside=f"{type(error).__name__}: {error}"[:500])
        return decision, self.state.become(decision)

    async def _commit(self, made: list[tuple[Input, Decision]]) -> None:
        events = sum(len(decision.events) for _, decision in made)
        if not events and not any(_must_be_kept(input, decision) for input, decision in made):
            return
        while True:
            try:
                crash_point("before_commit")
                with COMMIT_SECONDS.time():
                    await self._ledger.commit(self.lease, self._now, made, self.seq + 1)
                crash_point("after_commit")
            except StoreAway as away:
                log.warning("database away, the batch waits", detail=str(away))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                break
        self.seq += events

    def _voice_first(self, entry: _Entry) -> None:
        """The one exception to *commit before act*: nothing can be written, and somebody calls for help. What the press
        orders goes out at once; it is decided again, and written, when the database is back. The leg is named the same
        both times, so the second order finds it there."""
        if entry.voiced or entry.reply is None or entry.reply.done():
            return
        entry.voiced = True
        orders = self._emergency_orders(entry)
        log.error("emergency carried out before it is written: the database is away", orders=len(orders))
        entry.note_leg(orders)
        self._perform(orders)
        entry.reply.set_result(Decision())

    def _emergency_orders(self, entry: _Entry) -> Sequence[Order]:
        if entry in self._batch:  # decided already, and part of the state
            return self._undone.get(id(entry), ())
        try:
            return decide(self.state, entry.input, self._now).orders
        except Exception:
            log.exception("an emergency could not be decided before it is written")
            return ()

    def _settle(self, made: list[tuple[_Entry, Decision]]) -> None:
        # No await from here to the end: what is published, answered and ordered is one instant.
        decisions = [decision for _, decision in made]
        crash_point("before_publish")
        self._show(made, decisions)
        crash_point("before_reply")
        for entry, decision in made:
            if entry.reply is not None and not entry.reply.done():
                if decision.refusal is not None:
                    entry.reply.set_exception(CommandRefused(decision.refusal))
                else:
                    entry.reply.set_result(decision)
        crash_point("before_perform")
        for decision in decisions:
            self._perform(decision.orders)
            for call in decision.calls.values():
                self._watch(call.id, "call", due_of(call, self.state.rules))
            for seat in decision.seats.values():
                self._watch(seat.number, "seat", due_of(seat, self.state.rules))
        for entry, decision in made:
            if decision.set_aside:
                self._remind(entry.input)

    def _show(self, made: list[tuple[_Entry, Decision]], decisions: list[Decision]) -> None:
        # Whatever goes wrong with what is shown, what is on disk has to be answered and carried out.
        try:
            self._publish(decisions, self._now)
            told_at = self._clock.now()
            for entry, _ in made:
                if isinstance(entry.input, Heard):
                    EVENT_TO_SCREEN.observe((told_at - entry.input.fact.heard_at).total_seconds())
        except Exception:
            log.exception("showing a decision failed")

    async def _without_repeats(self, batch: list[_Entry]) -> list[_Entry]:
        """A device's records are read again after a restart: what was told from them before has had its effect."""
        asked = [told for entry in batch if (told := _from_records(entry.input)) is not None]
        while asked:
            try:
                known = await self._ledger.told_before(asked)
                return [entry for entry in batch if _from_records(entry.input) not in known]
            except StoreAway as away:
                log.warning("database away, the batch waits", detail=str(away))
                await asyncio.sleep(RETRY_SECONDS)
        return batch

    async def _recall(self, batch: list[_Entry]) -> None:
        """Late reports, and devices' lists of what is live, may be about calls that are no longer at hand."""
        keys = {key for entry in batch for key in _named_by(entry.input) if self.state.find(*key) is None}
        while keys:
            try:
                self.state.remember(await self._ledger.recall(sorted(keys)))
                return
            except StoreAway as away:
                log.warning("database away, the batch waits", detail=str(away))
                await asyncio.sleep(RETRY_SECONDS)

    # ── time ──

    async def _wait(self) -> None:
        """Until there is input, or something is due."""
        if not self._inbox:
            self._wake.clear()
            pause = self._seconds_to_next()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            _, kind, name = heapq.heappop(self._due)
            if kind == "call":
                self.put(DeadlinePassed(call=CallId(name)))
            else:
                self.put(DeadlinePassed(seat=SeatNo(name)))

    def _seconds_to_next(self) -> float | None:
        if not self._due:
            return None
        return max(0.0, (self._due[0][0] - self._clock.now()) / timedelta(seconds=1))

    def _watch(self, name: str, kind: str, due: datetime | None) -> None:
        if due is None:
            return
        heapq.heappush(self._due, (due, kind, name))
        if len(self._due) > self._due_limit:
            self._watch_everything()

    def _remind(self, input: Input) -> None:
        """A deadline that could not be decided about comes again: what waits for it must not wait for ever."""
        if isinstance(input, DeadlinePassed):
            again = self._clock.now() + timedelta(seconds=REMIND_SECONDS)
            if input.call is not None:
                self._watch(input.call, "call", again)
            if input.seat is not None:
                self._watch(input.seat, "seat", again)

    def _watch_everything(self) -> None:
        """What is due by the state as it is: leaves out what has been settled, which would lie here until its time."""
        self._due.clear()
        self._due_limit = max(DUE_AT_LEAST, 4 * (len(self.state.calls) + len(self.state.seats)))
        for call in self.state.calls.values():
            self._watch(call.id, "call", due_of(call, self.state.rules))
        for seat in self.state.seats.values():
            self._watch(seat.number, "seat", due_of(seat, self.state.rules))

    def _let_in(self) -> None:
        visitors, self._visitors = self._visitors, []
        for visit in visitors:
            visit()

    def _drop_replies(self) -> None:
        for entry in (*self._batch, *self._inbox):
            if entry.reply is not None and not entry.reply.done():
                entry.reply.set_exception(NotLeading())


def _named_by(input: Input) -> list[tuple[AdapterName, CallKey]]:
    """The calls an input may be about that began long ago. The first ring of a call we steer is always news."""
    match input:
        case Heard(fact=CallOffered(handling=Handling.HALL)):
            return []
        case Heard(fact=CallFact(adapter=adapter, call=call)):
            return [(adapter, call)]
        case Snapshot(adapter=adapter, ports=ports):
            return [(adapter, status.call) for status in ports]
        case _:
            return []


def _from_records(input: Input) -> tuple[AdapterName, str] | None:
    if not isinstance(input, Heard) or input.raw is not None:
        return None
    fact = input.fact
    return (fact.adapter, fact.event_id) if isinstance(fact, CallFact) and fact.backfilled else None


def _must_be_kept(input: Input, decision: Decision) -> bool:
    return bool(decision.calls or decision.seats or decision.set_aside) or isinstance(input, Heard)
