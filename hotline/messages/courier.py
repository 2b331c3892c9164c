"""Who writes and sends one hall's messages (短信)? One loop: writes what is wanted, claims what is due, sends it.

Nothing is sent that is not on disk. Between claim and answer lies the send: whoever dies there leaves a claim, and a
claim that runs out says that nobody knows. Where the gateway sorts out repeats it is sent again; where it can be asked
it is asked; else a person sees it. Claims of one hall are made one after the other: caps hold for two processes too.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.bridge import InDoubt, NotNow
from adapters.errors import Misconfigured, Refused
from adapters.sms_gateway import Fate, SmsAbility, SmsGateway, TextMessage
from adapters.sms_text import e164
from hotline.clock import Clock
from hotline.handovers.outcome import ABSENT_AFTER, ONCE_MORE_SECONDS
from hotline.handovers.pace import Breaker, again
from hotline.messages import book
from hotline.messages.message import MessageState, Step
from hotline.messages.records import locked, step, step_if_fits
from hotline.messages.rules import Spent, Why, day_of, is_quiet, over_cap
from hotline.messages.writing import SHORT_WAIT, Author, NotYet, Unsent, asked_of, columns, open_number, open_text
from hotline.metrics import MESSAGES_WAITING
from hotline.store.errors import StoreAway
from hotline.store.seal import Seal
from hotline.store.tables import MESSAGES

AT_ONCE: Final = 8
"""Messages on their way at the same time."""
WRITTEN_AT_ONCE: Final = 200
"""So many texts are written before anything is sent."""
SEND_SECONDS: Final = 45.0
"""A send takes no longer."""
LEASE: Final = timedelta(seconds=50)
"""A claim that is older belongs to nobody: whatever a killed process was sending is seen within a minute."""
IDLE_SECONDS: Final = 2.0
"""Between two looks when nothing is due."""
ASK_EVERY: Final = timedelta(seconds=30)

_AWAY: Final = (SQLAlchemyError, StoreAway, OSError, TimeoutError)
_UNREADABLE: Final = "短信打不开（密钥文件不是当时的那一个？）：请核对后重发。"
_UNWRITTEN: Final = "短信生成时本系统出错（密钥文件不是当时的那一个？），过后再试。"

_log = structlog.get_logger(__name__)
_WAITING: Final = (MessageState.WANTED.value, MessageState.READY.value)


class Courier:
    """One hall's messages, over its one gateway; without a gateway each of them says so."""

    def __init__(
        self, engine: AsyncEngine, seal: Seal, author: Author, *, hall: str, clock: Clock, leading: Callable[[], bool]
    ) -> None:
        self.author = author
        self.breaker = Breaker()
        self._engine = engine
        self._seal = seal
        self._hall = hall
        self._clock = clock
        self._leading = leading

    @property
    def gateway(self) -> SmsGateway | None:
        """What carries them."""
        return self.author.gateway

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Until cancelled, while this process leads the hall. A database that is away is waited for, and a fault of
        ours is told and tried again: neither may end the service."""
        while True:
            moved = 0
            if self._leading():
                try:
                    moved = await self.round()
                except _AWAY as error:
                    _log.warning("messages_not_carried", hall=self._hall, error=type(error).__name__)
                except Exception:
                    _log.exception("messages_not_carried", hall=self._hall)
            if not moved:
                await sleep(IDLE_SECONDS)

    async def round(self) -> int:
        """One round: what is wanted, what came too late, what was left behind, what is due; how many were moved."""
        moved = await self._expire() + await self._write()
        if self.gateway is not None:
            await self._give_up_claims()
            moved += await self._ask_about_doubts(self.gateway)
            claimed = await self._claim(self.gateway)
            gone = await asyncio.gather(*(self._send(self.gateway, row) for row in claimed), return_exceptions=True)
            moved += len(claimed)
            for error in gone:
                if error is not None:
                    raise error
        await self._count()
        return moved

    # ── writing ──

    async def _write(self) -> int:
        written = 0
        while written < WRITTEN_AT_ONCE and await self._write_one():
            written += 1
        return written

    async def _write_one(self) -> bool:
        m, now = MESSAGES.c, self._clock.now()
        due = and_(m.hall == self._hall, m.state == MessageState.WANTED.value, m.next_at <= now, self._may_disturb(now))
        query = select(MESSAGES).where(due).order_by(m.next_at, m.id).limit(1).with_for_update(skip_locked=True)
        async with self._engine.begin() as conn:
            row = (await conn.execute(query)).one_or_none()
            if row is None:
                return False
            try:
                # A savepoint: a code or link that was made for a text that could not be written is not kept.
                async with conn.begin_nested():
                    made = await self.author.write(conn, asked_of(self._seal, row), now)
            except Unsent as no:
                await step(conn, row, Step.DROP, why=no.why.value)
            except NotYet:
                await conn.execute(update(MESSAGES).where(m.id == row.id).values(next_at=now + SHORT_WAIT))
            except _AWAY:
                raise
            except Exception:
                # A fault of ours, or a key that is gone: this one waits until it is too late, the others go on.
                _log.exception("message_not_written", message=row.id)
                later = {"next_at": now + SHORT_WAIT, "last_error": _UNWRITTEN}
                await conn.execute(update(MESSAGES).where(m.id == row.id).values(**later))
            else:
                gateway = self.gateway.name if self.gateway is not None else ""
                values = columns(self._seal, row.key, made)
                await step(conn, row, Step.WRITE, gateway=gateway, next_at=now, last_error="", **values)
        return True

    async def _expire(self) -> int:
        m = MESSAGES.c
        states = [MessageState.WANTED.value, MessageState.READY.value, MessageState.HELD.value]
        late = and_(m.hall == self._hall, m.state.in_(states), m.expires_at <= self._clock.now(), m.claim.is_(None))
        async with self._engine.begin() as conn:
            rows = (await conn.execute(select(MESSAGES).where(late).limit(WRITTEN_AT_ONCE).with_for_update())).all()
            for row in rows:
                if row.in_doubt_at is None:
                    await step(conn, row, Step.EXPIRE, day=None)
                else:
                    await step(conn, row, Step.DOUBT)  # it may have gone when it was tried
        return len(rows)

    # ── sending ──

    async def _claim(self, gateway: SmsGateway) -> Sequence[Row[Any]]:
        now, m = self._clock.now(), MESSAGES.c
        room = self.breaker.room(now, AT_ONCE)
        if not room:
            return []
        due = and_(self._ours(gateway), m.state == MessageState.READY.value, m.next_at <= now, m.claim.is_(None))
        query = select(MESSAGES).where(due, self._may_disturb(now)).order_by(m.next_at, m.id).limit(room)
        claimed = list[Row[Any]]()
        async with self._engine.begin() as conn:
            await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"messages:{self._hall}", 0))))
            for row in (await conn.execute(query.with_for_update(skip_locked=True))).all():
                if (why := await self._obstacle(conn, row, now)) is not None:
                    kind = Step.DROP if why is Why.DECLINED else Step.HOLD
                    await step(conn, row, kind, why=why.value)
                    continue
                values = {"claim": secrets.token_hex(8), "claimed_until": now + LEASE, "tries": row.tries + 1}
                counted = {"day": row.day or day_of(now)}
                ours = update(MESSAGES).where(m.id == row.id).values(**values, **counted).returning(MESSAGES)
                claimed.append((await conn.execute(ours)).one())
        return claimed

    async def _obstacle(self, conn: AsyncConnection, row: Row[Any], now: datetime) -> Why | None:
        """Why it may not go now after all. What was counted once is not counted again."""
        if await book.declines(conn, self._hall, bytes(row.number_index)):
            return Why.DECLINED
        if row.over_cap or row.day is not None:
            return None
        m = MESSAGES.c
        today = and_(m.hall == self._hall, m.day == day_of(now), m.state != MessageState.REFUSED.value)
        to_number = func.count().filter(m.number_index == row.number_index)
        spent = (await conn.execute(select(func.coalesce(func.sum(m.segments), 0), to_number).where(today))).one()
        return over_cap(row.segments, Spent(segments=spent[0], to_number=spent[1]), self.author.rules)

    async def _send(self, gateway: SmsGateway, row: Row[Any]) -> None:
        try:
            text, _ = open_text(self._seal, row)
            number = e164(open_number(self._seal, row)) or ""
        except Exception:
            _log.exception("message_unreadable", message=row.id)
            await self._settle(row, Step.REFUSE, last_error=_UNREADABLE, day=None)
            return
        message = TextMessage(key=f"{self._hall}-{row.key}", number=number, text=text, template=row.registered)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                taken = await gateway.send(message)
        except Refused as no:
            self.breaker.worked()
            await self._settle(row, Step.REFUSE, last_error=str(no), day=None)
        except InDoubt as doubt:
            self.breaker.failed(self._clock.now(), str(doubt))
            await self._doubt(gateway, row, str(doubt))
        except (NotNow, Misconfigured) as error:
            self.breaker.failed(self._clock.now(), str(error))
            await self._later(row, str(error), getattr(error, "after_seconds", None))
        except TimeoutError:
            await self._doubt(gateway, row, f"{SEND_SECONDS:.0f} 秒没有答复，不知道网关是否收到。")
        except Exception:
            # A fault of ours in the middle of a send: whether it arrived is not known either.
            _log.exception("message_failed", gateway=gateway.name, message=row.id)
            await self._doubt(gateway, row, "发送时本系统出错，不知道网关是否收到。")
        else:
            self.breaker.worked()
            values = {"sent_at": taken.at, "their_id": taken.their_id, "last_error": "", "in_doubt_at": None}
            await self._settle(row, Step.TAKE, segments=taken.segments or row.segments, **values)

    async def _doubt(self, gateway: SmsGateway, row: Row[Any], why: str) -> None:
        now = self._clock.now()
        if SmsAbility.DEDUPLICATES in gateway.abilities and now < row.expires_at:
            await self._later(row, why, None, in_doubt_at=row.in_doubt_at or now)
        else:
            await self._settle(row, Step.DOUBT, last_error=why, in_doubt_at=now)

    async def _later(self, row: Row[Any], why: str, asked_for: float | None, **marks: Any) -> None:
        """Tried again after a pause; what comes too late by then is seen to by `_expire`."""
        next_at = self._clock.now() + again(row.tries, asked_for, random.random())
        later = {"next_at": next_at, "claim": None, "claimed_until": None, "last_error": why, **marks}

        async def write() -> None:
            async with self._held(row) as (conn, held):
                if held is not None:
                    await conn.execute(update(MESSAGES).where(MESSAGES.c.id == row.id).values(**later))

        await self._surely(row, write)

    async def _settle(self, row: Row[Any], taken: Step, **values: Any) -> None:
        async def write() -> None:
            async with self._held(row) as (conn, held):
                if held is not None:
                    await step_if_fits(conn, held, taken, **values)

        await self._surely(row, write)

    async def _surely(self, row: Row[Any], write: Callable[[], Awaitable[None]]) -> None:
        """What came of a send is known to this process alone: while the database is away it is kept, but no longer
        than the claim, so that what will never be taken is a doubt that a person sees."""
        until, told = asyncio.get_running_loop().time() + LEASE.total_seconds(), False
        while True:
            try:
                return await write()
            except _AWAY as error:
                if asyncio.get_running_loop().time() >= until:
                    raise
                if not told:
                    _log.warning("message_outcome_kept", message=row.id, error=type(error).__name__)
                told = True
            await asyncio.sleep(ONCE_MORE_SECONDS)

    @asynccontextmanager
    async def _held(self, row: Row[Any]) -> AsyncIterator[tuple[AsyncConnection, Row[Any] | None]]:
        """The row, as long as it is still ours to settle: a receipt may have come first, or the claim run out. One that
        was not claimed, but asked about, must not have changed since."""
        async with self._engine.begin() as conn:
            there = await locked(conn, self._hall, row.id)
            same = there.claim == row.claim if row.claim is not None else there.version == row.version
            yield conn, (there if same else None)

    # ── what nobody knows ──

    async def _give_up_claims(self) -> None:
        """Somebody died while sending."""
        m = MESSAGES.c
        # With the state, which has an index: what went is all of it but a few.
        sending = and_(m.hall == self._hall, m.state == MessageState.READY.value)
        query = select(MESSAGES).where(sending, m.claimed_until < self._clock.now())
        async with self._engine.connect() as conn:
            left = (await conn.execute(query)).all()
        for row in left:
            if self.gateway is not None:
                await self._doubt(self.gateway, row, "发送中断（服务重新启动），不知道网关是否收到。")

    async def _ask_about_doubts(self, gateway: SmsGateway) -> int:
        now, m = self._clock.now(), MESSAGES.c
        if SmsAbility.CAN_ASK not in gateway.abilities or not self.breaker.room(now, 1):
            return 0
        waited = or_(m.next_at.is_(None), m.next_at <= now)
        query = select(MESSAGES).where(self._ours(gateway), m.state == MessageState.IN_DOUBT.value, waited)
        async with self._engine.connect() as conn:
            doubts = (await conn.execute(query.order_by(m.id).limit(AT_ONCE))).all()
        return sum([await self._ask(gateway, row) for row in doubts])

    async def _ask(self, gateway: SmsGateway, row: Row[Any]) -> int:
        now = self._clock.now()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                found = await gateway.ask(f"{self._hall}-{row.key}")
        except Exception as error:
            if not isinstance(error, NotNow | Misconfigured | TimeoutError):
                _log.exception("message_not_asked", gateway=gateway.name, message=row.id)
            self.breaker.failed(now, str(error))
            await self._ask_later(row, now + ASK_EVERY)
            return 0
        self.breaker.worked()
        if found is None and now < (believed := (row.in_doubt_at or now) + ABSENT_AFTER):
            await self._ask_later(row, believed)
            return 0
        if found is None:
            late = now >= row.expires_at
            await self._settle(
                row, Step.EXPIRE if late else Step.RETRY, **({"day": None} if late else {"next_at": now})
            )
            return 1
        taken = {None: Step.TAKE, Fate.DELIVERED: Step.DELIVER, Fate.FAILED: Step.MISS}.get(found.fate, Step.TAKE)
        settled = {} if taken is Step.TAKE else {"settled_at": now}
        values = {"sent_at": row.sent_at or now, "their_id": found.their_id, "last_error": ""}
        await self._settle(row, taken, segments=found.segments or row.segments, **values, **settled)
        return 1

    async def _ask_later(self, row: Row[Any], at: datetime) -> None:
        m = MESSAGES.c
        same = and_(m.id == row.id, m.version == row.version)
        async with self._engine.begin() as conn:
            await conn.execute(update(MESSAGES).where(same).values(next_at=at))

    def _ours(self, gateway: SmsGateway) -> ColumnElement[bool]:
        m = MESSAGES.c
        return and_(m.hall == self._hall, m.gateway == gateway.name)

    def _may_disturb(self, now: datetime) -> ColumnElement[bool]:
        m = MESSAGES.c
        return m.by_hand if is_quiet(now, self.author.rules) else m.id.is_not(None)

    async def _count(self) -> None:
        m = MESSAGES.c
        query = select(func.count()).where(m.hall == self._hall, m.state.in_(_WAITING))
        async with self._engine.connect() as conn:
            MESSAGES_WAITING.labels(self._hall).set(await conn.scalar(query) or 0)
