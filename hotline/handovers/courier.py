"""Who carries hand-overs over one bridge (对接桥)? Claims what is due, sends it, writes down what came of it.

Nothing is sent that is not on disk, and nothing is on disk as sent that was not. Between the two lies the send: whoever
dies there leaves a claim, and a claim that runs out says that nobody knows whether it arrived. Where the other side
sorts out repeats it is sent again; where it can be asked it is asked; else a person sees it at once.

One courier per bridge: a way that is down keeps no other one waiting. Hand-overs of one ticket keep their order.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Row, Select, and_, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bridge import Bridge, BridgeAbility, InDoubt, Misconfigured, NewsKind, NotNow, Receipt, Refused, Standing
from hotline.clock import Clock
from hotline.handovers.handover import TO_SEND, HandoverState, Step
from hotline.handovers.pace import Breaker, again, is_over
from hotline.handovers.records import Records, open_package
from hotline.metrics import HANDOVERS_WAITING
from hotline.store.errors import StoreAway
from hotline.store.seal import Seal
from hotline.store.tables import HANDOVERS

AT_ONCE: Final = 8
"""Hand-overs on their way at the same time."""
LEASE: Final = timedelta(seconds=120)
"""A send takes no longer; a claim that is older belongs to nobody."""
SEND_SECONDS: Final = 90.0
IDLE_SECONDS: Final = 2.0
"""Between two looks when nothing is due."""
ASK_EVERY: Final = timedelta(seconds=30)
"""Between two questions about what is in doubt."""

_log = structlog.get_logger(__name__)


class Courier:
    """Carries one hall's hand-overs over one bridge."""

    def __init__(
        self, engine: AsyncEngine, seal: Seal, bridge: Bridge, *, hall: str, clock: Clock, leading: Callable[[], bool]
    ) -> None:
        self.bridge = bridge
        self.breaker = Breaker()
        self._engine = engine
        self._seal = seal
        self._hall = hall
        self._clock = clock
        self._leading = leading
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Something is to be sent."""
        self._woken.set()

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, while this process leads the hall. A database that is away is waited for."""
        while True:
            moved = 0
            if self._leading():
                try:
                    moved = await self.round()
                except (SQLAlchemyError, StoreAway, OSError, TimeoutError) as error:
                    _log.warning("handovers_not_carried", bridge=self.bridge.name, error=type(error).__name__)
            if not moved:
                await self._rest(sleep)

    async def round(self) -> int:
        """One round: what was left behind, what is in doubt, what is due; how many were moved."""
        await self._give_up_claims()
        asked = await self._ask_about_doubts()
        claimed = await self._claim()
        await asyncio.gather(*(self._carry(row) for row in claimed))
        await self._count()
        return asked + len(claimed)

    async def _claim(self) -> Sequence[Row[Any]]:
        now, h = self._clock.now(), HANDOVERS.c
        room = self.breaker.room(now, AT_ONCE)
        if not room:
            return []
        earlier = HANDOVERS.alias()
        first = ~exists().where(
            earlier.c.ticket == h.ticket,
            earlier.c.bridge == h.bridge,
            earlier.c.id < h.id,
            earlier.c.state.in_(sorted(TO_SEND)),
        )
        due = and_(self._ours(), h.state == HandoverState.PREPARED, h.next_at <= now, h.claim.is_(None), first)
        chosen: Select[Any] = select(h.id).where(due).order_by(h.id).limit(room).with_for_update(skip_locked=True)
        async with self._engine.begin() as conn:
            rows = await conn.execute(
                update(HANDOVERS)
                .where(h.id.in_(chosen))
                .values(claim=secrets.token_hex(8), claimed_until=now + LEASE, tries=h.tries + 1)
                .returning(HANDOVERS)
            )
            return rows.all()

    async def _carry(self, row: Row[Any]) -> None:
        package = open_package(self._seal, row)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                receipt = await self.bridge.send(package, again=row.again)
        except Refused as no:
            self.breaker.worked()
            await self._settle(row, Step.REFUSE, str(no))
        except InDoubt as doubt:
            self.breaker.failed(self._clock.now(), str(doubt))
            await self._doubt(row, str(doubt))
        except (NotNow, Misconfigured) as error:
            self.breaker.failed(self._clock.now(), str(error))
            await self._later(row, str(error), getattr(error, "after_seconds", None))
        except TimeoutError:
            await self._doubt(row, f"{SEND_SECONDS:.0f} 秒没有答复，不知道对方是否收到。")
        except Exception:
            # A fault of ours in the middle of a send: whether it arrived is not known either.
            _log.exception("handover_failed", bridge=self.bridge.name, handover=row.id)
            await self._doubt(row, "发送时本系统出错，不知道对方是否收到。")
        else:
            self.breaker.worked()
            await self._arrived(row, receipt)

    async def _arrived(self, row: Row[Any], receipt: Receipt) -> None:
        step = Step.ACKNOWLEDGE if receipt.their_no else Step.ARRIVE
        values = {
            "sent_at": row.sent_at or receipt.at,
            "digest": receipt.digest,
            "their_no": receipt.their_no or row.their_no,
            "ledger_no": receipt.ledger_no or row.ledger_no,
            "last_error": "",
            "again": False,
        }
        await self._settle(row, step, "", **values)

    async def _doubt(self, row: Row[Any], why: str) -> None:
        if BridgeAbility.DEDUPLICATES in self.bridge.abilities:
            await self._later(row, why, None, over=Step.DOUBT)
        else:
            await self._settle(row, Step.DOUBT, why, last_error=why, in_doubt_at=self._clock.now())

    async def _later(self, row: Row[Any], why: str, asked_for: float | None, *, over: Step = Step.REFUSE) -> None:
        """Tried again after a pause; `over`: what becomes of it when three days were not enough."""
        now = self._clock.now()
        if is_over(row.tried_since, now):
            if over is Step.DOUBT:
                await self._settle(row, over, why, in_doubt_at=now)
            else:
                await self._settle(row, over, f"三天内未能送达：{why}")
            return
        pause = again(row.tries, asked_for, random.random())
        async with self._held(row) as (records, held):
            if held is not None:
                later = {"next_at": now + pause, "claim": None, "claimed_until": None, "last_error": why}
                await records.change(held, "tried", said=why, **later)

    async def _settle(self, row: Row[Any], step: Step, said: str, **values: Any) -> None:
        async with self._held(row) as (records, held):
            if held is not None:
                await records.step_or_note(held, step, said=said, **({"last_error": said} | values))

    @asynccontextmanager
    async def _held(self, row: Row[Any]) -> AsyncIterator[tuple[Records, Row[Any] | None]]:
        """The row, as long as it is still ours to settle: news may have come first, or the claim run out."""
        async with self._engine.begin() as conn:
            records = Records(conn, hall=self._hall, now=self._clock.now(), actor=self.bridge.name)
            now_there = await records.locked(row.id)
            yield records, (now_there if now_there.claim == row.claim else None)

    async def _give_up_claims(self) -> None:
        """Somebody died while sending."""
        now, h = self._clock.now(), HANDOVERS.c
        query = select(HANDOVERS).where(self._ours(), h.state == HandoverState.PREPARED, h.claimed_until < now)
        async with self._engine.connect() as conn:
            left = (await conn.execute(query)).all()
        for row in left:
            await self._doubt(row, "发送中断（服务重新启动），不知道对方是否收到。")

    async def _ask_about_doubts(self) -> int:
        if BridgeAbility.CAN_ASK not in self.bridge.abilities:
            return 0
        now, h = self._clock.now(), HANDOVERS.c
        if not self.breaker.room(now, 1):
            return 0
        waited = or_(h.next_at.is_(None), h.next_at <= now)
        query = select(HANDOVERS).where(self._ours(), h.state == HandoverState.IN_DOUBT, waited).order_by(h.id)
        async with self._engine.connect() as conn:
            doubts = (await conn.execute(query.limit(AT_ONCE))).all()
        settled = 0
        for row in doubts:
            settled += await self._ask(row)
        return settled

    async def _ask(self, row: Row[Any]) -> int:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                standing = await self.bridge.ask(row.key)
        except (NotNow, Misconfigured, TimeoutError) as error:
            self.breaker.failed(self._clock.now(), str(error))
            async with self._engine.begin() as conn:
                later = {"next_at": self._clock.now() + ASK_EVERY, "last_error": str(error)}
                await conn.execute(update(HANDOVERS).where(HANDOVERS.c.id == row.id).values(**later))
            return 0
        self.breaker.worked()
        await self._found(row, standing)
        return 1

    async def _found(self, row: Row[Any], standing: Standing | None) -> None:
        now = self._clock.now()
        if standing is None:
            await self._settle(row, Step.RETRY, "对方没有收到，重新发送。", next_at=now, last_error="")
            return
        step = Step.ACKNOWLEDGE if standing.their_no else Step.ARRIVE
        if standing.state is NewsKind.ACCEPTED:
            step = Step.ACCEPT
        values = {"sent_at": row.sent_at or standing.at or now, "their_no": standing.their_no, "last_error": ""}
        if step is Step.ACCEPT:
            values["accepted_at"] = standing.at or now
        await self._settle(row, step, "对方已收到。", **values)

    def _ours(self) -> Any:
        h = HANDOVERS.c
        return and_(h.hall == self._hall, h.bridge == self.bridge.name)

    async def _count(self) -> None:
        h = HANDOVERS.c
        query = select(h.id).where(self._ours(), h.state.in_(sorted(TO_SEND)))
        async with self._engine.connect() as conn:
            HANDOVERS_WAITING.labels(self._hall, self.bridge.name).set(len((await conn.execute(query)).all()))

    async def _rest(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        idle = asyncio.create_task(sleep(IDLE_SECONDS))  # pyright: ignore[reportArgumentType]
        try:
            await asyncio.wait({woken, idle}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (woken, idle):
                task.cancel()
            await asyncio.gather(woken, idle, return_exceptions=True)
            self._woken.clear()
