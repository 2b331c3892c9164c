"""A hall's calls and journal, written by hand, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.following import TYPES, Following
from hotline.callbacks.rules import CallbackRules
from hotline.calls import numbers
from hotline.store.engine import Database
from hotline.store.follower import Follower
from hotline.store.rows import day_of
from hotline.store.seal import Seal, place
from hotline.store.tables import (
    CALLBACK_ATTEMPTS,
    CALLBACK_CALLS,
    CALLBACK_CHANGES,
    CALLBACKS,
    CALLS,
    JOURNAL,
    RECORDINGS,
)

HALL = "HZ"
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai."""
CALLER, OTHER = "13800138000", "13900139000"


class Book:
    """One hall's history in the making. Each act writes the call's row and its journal lines together."""

    def __init__(self, database: Database, seal: Seal, rules: CallbackRules | None = None, hall: str = HALL) -> None:
        self.database = database
        self.engine = database.engine
        self.seal = seal
        self.hall = hall
        self.rules = rules or CallbackRules()
        self.at = NOON
        self._calls = 0
        self._seq = 0

    def forward(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at

    async def rings(self, caller: str | None = CALLER, **more: Any) -> str:
        """A caller rings; the call's id."""
        self._calls += 1
        call = f"{self.hall}-{self._calls:09}"
        known: dict[str, Any] = {"caller_masked": numbers.mask(caller)}
        if caller is not None:
            known["caller_index"] = self.seal.index(caller)
            known["caller_sealed"] = self.seal.seal(caller, place("calls", "caller_sealed", call))
        row = {
            "id": call,
            "hall": self.hall,
            "adapter": "sim",
            "key": call,
            "handling": "hall",
            "state": "offered",
            "seq": 1,
            "offered_at": self.at,
            "day": day_of(self.at),
            "ticket": f"{self.hall}-{self._calls:06}",
            **known,
        } | more
        async with self.engine.begin() as conn:
            await conn.execute(insert(CALLS).values(**row))
        await self.tells("CallArrived", call)
        return call

    async def answers(self, call: str, seat: str | None = None, operator: str = "acc-1") -> None:
        """A seat takes it, or the other side picks up."""
        seat = seat or call[-4:]
        values = {"state": "talking", "answered_at": self.at, "seat": seat, "answered_seat": seat, "operator": operator}
        await self.change(call, values)
        await self.tells("CallTaken", call, seat=seat, actor=operator)

    async def ends(self, call: str, outcome: str = "abandoned_queue", *, at: datetime | None = None) -> None:
        """It is over."""
        await self.change(call, {"state": "ended", "ended_at": at or self.at, "outcome": outcome})
        await self.tells("CallEnded", call, outcome=outcome)

    async def misses(self, caller: str | None = CALLER, outcome: str = "abandoned_queue", **more: Any) -> str:
        """A caller rings and is not served."""
        call = await self.rings(caller, **more)
        self.forward(seconds=20)
        await self.ends(call, outcome)
        return call

    async def serves(self, caller: str = CALLER) -> str:
        """A caller rings and is served."""
        call = await self.rings(caller)
        self.forward(seconds=10)
        await self.answers(call)
        self.forward(minutes=5)
        await self.ends(call, "answered")
        return call

    async def leaves_message(self, caller: str = CALLER, file: str | None = "m.wav") -> str:
        """留言."""
        call = await self.rings(caller)
        self.forward(seconds=40)
        async with self.engine.begin() as conn:
            await conn.execute(
                insert(RECORDINGS).values(
                    hall=self.hall, call=call, name=f"message-{call}", adapter="sim", file=file, seconds=30.0
                )
            )
        await self.ends(call, "voicemail")
        return call

    async def wishes(self, caller: str = CALLER) -> str:
        """A caller asks to be called back and hangs up."""
        call = await self.rings(caller)
        await self.tells("CallbackWished", call)
        self.forward(seconds=5)
        await self.ends(call)
        return call

    async def amended(self, call: str, *, fact: str = "SeatAnswered", **values: Any) -> None:
        """A late report corrects the record."""
        await self.change(call, values)
        await self.tells("CallAmended", call, fact=fact)

    async def dials(self, callback: int, operator: str = "acc-1", seat: str = "01") -> str:
        """The seat's phone rings, is picked up, the caller's phone rings."""
        call = await self.rings(None, direction="out", purpose="callback", callback=callback, seat=seat)
        await self.tells("DialBegun", call, seat=seat, actor=operator)
        self.forward(seconds=3)
        await self.tells("NumberDialled", call, seat=seat)
        return call

    async def calls_back(self, callback: int, *, reached: bool, operator: str = "acc-1") -> str:
        """An outbound call from beginning to end."""
        call = await self.dials(callback, operator)
        self.forward(seconds=20)
        if reached:
            await self.answers(call, operator=operator)
            self.forward(minutes=3)
        await self.ends(call, "answered" if reached else "not_reached")
        return call

    async def tells(
        self, kind: str, call: str | None = None, *, seat: str | None = None, actor: str = "system", **data: Any
    ) -> None:
        """A line of the journal."""
        self._seq += 1
        async with self.engine.begin() as conn:
            await conn.execute(
                insert(JOURNAL).values(
                    hall=self.hall,
                    seq=self._seq,
                    at=self.at,
                    epoch=1,
                    type=kind,
                    call=call,
                    call_seq=0,
                    seat=seat,
                    actor=actor,
                    data={"type": kind, **data},
                )
            )

    async def follow(self, batch: int = 500, name: str = "callbacks") -> int:
        """Apply what is in the journal."""
        rules = Following(self.hall, self.rules)
        return await Follower(self.engine, self.hall, name, TYPES, rules.apply, batch=batch).catch_up()

    async def tasks(self) -> list[Row[Any]]:
        async with self.engine.connect() as conn:
            query = select(CALLBACKS).where(CALLBACKS.c.hall == self.hall).order_by(CALLBACKS.c.id)
            return list(await conn.execute(query))

    async def task(self) -> Row[Any]:
        """The only task."""
        [task] = await self.tasks()
        return task

    async def listed(self) -> Mapping[str, int]:
        """Call → task."""
        async with self.engine.connect() as conn:
            rows = await conn.execute(select(CALLBACK_CALLS).where(CALLBACK_CALLS.c.hall == self.hall))
            return {row.call: row.callback for row in rows}

    async def attempts(self) -> list[tuple[str, str]]:
        """Outbound call and what became of it."""
        a = CALLBACK_ATTEMPTS.c
        async with self.engine.connect() as conn:
            return [(row.call, row.result) for row in await conn.execute(select(CALLBACK_ATTEMPTS).order_by(a.call))]

    async def steps(self, task: int) -> list[str]:
        """The task's history."""
        h = CALLBACK_CHANGES.c
        async with self.engine.connect() as conn:
            query = select(h.step).where(h.callback == task).order_by(h.id)
            return list((await conn.execute(query)).scalars())

    async def set(self, task: int, **values: Any) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(CALLBACKS).where(CALLBACKS.c.id == task).values(**values))

    async def everything(self) -> tuple[Any, ...]:
        """Every row of every table that follows, for comparing."""
        async with self.engine.connect() as conn:
            tables = (CALLBACKS, CALLBACK_CALLS, CALLBACK_ATTEMPTS, CALLBACK_CHANGES)
            read = [(await conn.execute(select(table))).all() for table in tables]
        return tuple(sorted(tuple(map(str, row)) for row in rows) for rows in read)

    async def count(self, table: Any) -> int:
        async with self.engine.connect() as conn:
            return (await conn.execute(select(func.count()).select_from(table))).scalar_one()

    async def change(self, call: str, values: Mapping[str, Any]) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(CALLS).where(CALLS.c.id == call).values(**values))


async def a_task(conn: AsyncConnection, hall: str, call: str, caller_index: bytes, at: datetime) -> int:
    """A task that lists one missed call, without the journal; its id."""
    values = {"hall": hall, "kind": "missed", "state": "waiting", "caller_index": caller_index, "due_at": at}
    values |= {"caller_masked": "139****0000", "created_at": at, "last_at": at}
    task = (await conn.execute(insert(CALLBACKS).values(**values).returning(CALLBACKS.c.id))).scalar_one()
    listed = {"call": call, "callback": task, "hall": hall, "at": at, "kind": "missed", "outcome": "abandoned_queue"}
    await conn.execute(insert(CALLBACK_CALLS).values(**listed))
    return task
