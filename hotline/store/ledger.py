"""How does a hall keep what it decides, and how does it find itself again after a restart?

The writer's store: the lease that makes it the only writer, one statement per batch, and what it reads at the start.
Everything raised is StoreAway (do the same again), LeaseLost (stop) or Conflict (a bug), see `errors`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from adapters.telephony import AdapterName, CallKey, DeviceEvent
from hotline.calls.call import Call, CallId
from hotline.hall.inputs import Input
from hotline.hall.rules import HallRules
from hotline.hall.state import REMEMBERED_CALLERS, REMEMBERED_CALLS, Decision, HallState, Numbers
from hotline.hall.today import Decided
from hotline.store import statements as sql
from hotline.store.batch import TicketRow, collect
from hotline.store.dedicated import Dedicated
from hotline.store.engine import Database
from hotline.store.errors import Conflict, LeaseLost, told_apart
from hotline.store.inbox import Inbox
from hotline.store.marks import Mark
from hotline.store.rows import Rows, clean, region
from hotline.store.seal import Seal, place
from seats.seat import SeatNo

_TICKETS_AT_HAND: Final = 20_000
_CHUNK: Final = 5_000


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """The right to write for a hall, until somebody takes it over."""

    hall: str
    epoch: int
    holder: str
    until: datetime
    """By the database's clock; nobody else can take the hall before."""
    seq: int
    """Number of the hall's last journal row when the lease was taken: the next one is `seq + 1`."""
    numbers: Numbers


class HallStore:
    """Everything one hall's writer reads and writes. Two connections of its own: one commits, one keeps raw events."""

    def __init__(self, database: Database, seal: Seal, hall: str) -> None:
        self.hall = hall
        self._database = database
        self._seal = seal
        self._rows = Rows(seal)
        self._line = Dedicated(database, "writer")
        self._inbox = Inbox(database, seal, self._rows, hall)
        self._tickets: dict[CallId, TicketRow] = {}

    # ── the lease ────────────────────────────────────────────────────────────────────────────────────────────────────

    async def take_lease(self, holder: str, seconds: float) -> Lease | None:
        """The lease with a new epoch, when it is free, run out, or the holder's own; None while another has it.

        A holder's name says who may take over from whom without waiting: a process that replaces its own dead
        predecessor carries the same name, a standby another one.
        """
        found = await self._line.fetch(sql.TAKE_LEASE, self.hall, holder, seconds)
        if not found:
            return None
        row = found[0]
        self._tickets.clear()
        self._inbox.forget()
        return Lease(
            hall=self.hall,
            epoch=row["epoch"],
            holder=holder,
            until=row["until"],
            seq=row["seq"],
            numbers=_numbers(row["next_call"], row["day"], row["next_ticket"]),
        )

    async def renew(self, lease: Lease, seconds: float) -> bool:
        """Prolongs the lease; False when another epoch has begun."""
        return bool(await self._line.fetch(sql.RENEW_LEASE, lease.hall, lease.epoch, seconds))

    async def give_up(self, lease: Lease) -> None:
        """Lets the next one in at once; harmless when the lease is lost already."""
        await self._line.fetch(sql.GIVE_UP_LEASE, lease.hall, lease.epoch)

    # ── reading back ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def load(self, rules: HallRules) -> HallState:
        """The hall as the last commit left it. Raises SealBroken when the keys are not this database's."""
        state = HallState(rules)
        region("13800138000")  # reads libphonenumber's tables now rather than at the first call
        with told_apart():
            async with (
                self._database.pool.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                seats = await connection.fetch(sql.SEATS, self.hall)
                live = await connection.fetch(sql.LIVE_CALLS, self.hall)
                past = await connection.fetch(sql.PAST_CALLS, self.hall, REMEMBERED_CALLS)
                callers = await connection.fetch(sql.LAST_CALLERS, self.hall, REMEMBERED_CALLERS)
                mean = await connection.fetchval(sql.HANDLE_SECONDS, self.hall)
                counters = await connection.fetchrow(sql.COUNTERS, self.hall)
                dialled = await connection.fetch(sql.DIALLED, self.hall)
        calls = [self._rows.call(row) for row in live]
        state.become(
            Decision(
                calls={call.id: call for call in calls},
                seats={seat.number: seat for seat in map(self._rows.seat, seats)},
                numbers=None
                if counters is None
                else _numbers(counters["next_call"], counters["day"], counters["next_ticket"]),
            )
        )
        state.remember(self._rows.call(row) for row in reversed(past))
        for row in reversed(callers):
            number = self._seal.open(row["caller_sealed"], place("calls", "caller_sealed", row["id"]))
            state.last_operators[number] = (row["operator"], row["ended_at"])
            state.last_operators.move_to_end(number)
        state.dialled.extend((SeatNo(row["seat"]), row["offered_at"]) for row in dialled)
        if mean is not None:
            state.handle_seconds = mean
        return state

    async def recall(self, keys: Sequence[tuple[AdapterName, CallKey]]) -> list[Call]:
        """The ended calls that devices call so, where there are any."""
        if not keys:
            return []
        with told_apart():
            found = await self._database.pool.fetch(
                sql.RECALL, self.hall, [adapter for adapter, _ in keys], [key for _, key in keys]
            )
        return [self._rows.call(row) for row in found]

    async def decided_on(self, day: date) -> list[Decided]:
        """The calls offered on that day (Asia/Shanghai) that were answered or are over."""
        with told_apart():
            found = await self._database.pool.fetch(sql.DECIDED_ON, self.hall, day)
        return [msgspec.convert(dict(row), Decided) for row in found]

    async def told_before(self, events: Sequence[tuple[AdapterName, str]]) -> set[tuple[AdapterName, str]]:
        """Which of these events (adapter, event id) are stored already. Raises StoreAway."""
        with told_apart():
            found = await self._database.pool.fetch(
                sql.TOLD_BEFORE, self.hall, [adapter for adapter, _ in events], [clean(event) for _, event in events]
            )
        known = {(row["adapter"], row["event_id"]) for row in found}
        return {(adapter, event) for adapter, event in events if (adapter, clean(event)) in known}

    async def pending(self) -> list[tuple[int, DeviceEvent]]:
        """Pushed events that are kept, not settled, and not yet handed out since the lease was taken; in order."""
        return await self._inbox.pending(_CHUNK)

    def hand_out_anew(self) -> None:
        """From now on the hall hears what it is handed: whatever is not settled by now is pending once more.

        What was handed out before (while another process led, or this one was still reading) was heard by nobody.
        """
        self._inbox.forget()

    async def deliveries(self, adapter: AdapterName, since: datetime) -> list[tuple[bytes, datetime]]:
        """What an adapter was pushed since then, as it came, with the time it was heard; oldest first."""
        return await self._inbox.deliveries(adapter, since)

    # ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    async def keep(
        self,
        adapter: AdapterName,
        items: Sequence[tuple[DeviceEvent, bytes | None]],
        set_aside: Sequence[tuple[bytes, str]] = (),
        mark: Mark | None = None,
    ) -> list[tuple[int, DeviceEvent]]:
        """Makes a push durable; returns with the ids of what the hall has to hear now. See `Inbox.keep`."""
        return await self._inbox.keep(adapter, items, set_aside, mark)

    async def mark(self, adapter: AdapterName, stream: str) -> Mark | None:
        """How far an edge's stream is durable. See `Inbox.mark`."""
        return await self._inbox.mark(adapter, stream)

    async def commit(self, lease: Lease, at: datetime, made: Sequence[tuple[Input, Decision]], first_seq: int) -> None:
        """Writes a batch: all of it, or nothing.

        `first_seq` is the journal number of the batch's first event. After StoreAway the very same batch may be
        committed again, also when the first attempt had come through: the journal's number tells, and it is not
        written twice. Raises StoreAway, LeaseLost or Conflict.
        """
        batch = collect(self._rows, self.hall, made, at, first_seq, self._tickets)
        numbers = batch.numbers
        found = await self._line.fetch(
            sql.COMMIT,
            self.hall,
            lease.epoch,
            first_seq - 1,
            batch.last_seq,
            at,
            batch.calls,
            batch.seats,
            batch.tickets,
            batch.recordings,
            batch.journal,
            batch.seat_changes,
            batch.heard,
            batch.settled,
            None if numbers is None else numbers.next_call,
            None if numbers is None else numbers.day.isoformat(),
            None if numbers is None else numbers.next_ticket,
        )
        if not found or found[0]["epoch"] != lease.epoch:
            raise LeaseLost
        if not found[0]["written"] and found[0]["seq"] != batch.last_seq:
            reached = found[0]["seq"]
            raise Conflict("hall_leases_seq", f"journal is at {reached}, batch is {first_seq}–{batch.last_seq}")
        self._inbox.settle(batch.settled_ids)
        self._tickets.update(batch.ticket_rows)
        for call in batch.over:
            del self._tickets[call]
        while len(self._tickets) > _TICKETS_AT_HAND:
            del self._tickets[next(iter(self._tickets))]

    async def close(self) -> None:
        """Closes this hall's connections."""
        await self._inbox.close()
        await self._line.close()


def _numbers(next_call: int, day: str, next_ticket: int) -> Numbers:
    return Numbers(next_call=next_call, day=date.fromisoformat(day), next_ticket=next_ticket)
