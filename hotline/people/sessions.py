"""Who is it that sends this request, and may the session still be used?

The cookie carries 256 random bits; the database keeps their SHA-256 only. A session ends after 30 minutes without a
sign of life, after 14 hours (a long shift) in any case, at sign-off, and at once when the account is disabled or
changed. It does not end while its account has a caller on the phone, and a seat that stands ready for the next caller
counts as a sign of life: a lawyer who waits for calls at night must stay reachable. A seat that no longer picks up
becomes busy by itself after a few calls, and then the 30 minutes run.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final

import msgspec
from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.people.permissions import Role
from hotline.store.tables import ACCOUNTS, SESSIONS

IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=14)
MOST: Final = 5
"""Sessions of one account at a time; the oldest gives way."""
SEEN_EVERY: Final = timedelta(minutes=1)
"""How exactly the last sign of life is written down: one write a minute, not one per request."""


class Presence(IntEnum):
    """What an account is doing at a seat now."""

    ABSENT = 0
    """Nothing that keeps a session."""
    READY = 1
    """Waits for the next caller: no idle time."""
    ON_CALL = 2
    """Rings or talks: nothing ends the session."""


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """The account behind a request, as it is now."""

    account: str
    hall: str
    work_number: str
    name: str
    role: Role
    groups: tuple[str, ...]
    unit: str
    """The unit (机构) of a handler; empty: the hall."""
    must_change: bool
    """Has an initial password: may do nothing but change it."""
    session: bytes
    """Hash of the session's token."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """Sessions that are over from now on."""

    account: str
    sessions: tuple[bytes, ...]


class Sessions:
    """The sessions of all accounts. `presence(hall, account)` says what the account does at a seat."""

    def __init__(self, engine: AsyncEngine, presence: Callable[[str, str], Presence]) -> None:
        self._engine = engine
        self._presence = presence
        self._listeners: list[Callable[[Ended], None]] = []

    def on_ended(self, listener: Callable[[Ended], None]) -> None:
        """Is called with sessions as soon as they end, so that what hangs on them can be closed. Must not block."""
        self._listeners.append(listener)

    async def open(self, conn: AsyncConnection, account: str, now: datetime, *, address: str, agent: str) -> str:
        """A new session; its token, which is kept nowhere else."""
        token = secrets.token_urlsafe(32)
        await conn.execute(
            insert(SESSIONS).values(
                token_hash=hash_of(token),
                account=account,
                created_at=now,
                seen_at=now,
                expires_at=now + LONGEST,
                address=address[:64],
                agent=agent[:200],
            )
        )
        return token

    async def find(self, token: str, now: datetime) -> Who | None:
        """Whose it is; None when it is not one, or no longer. Notes the sign of life."""
        if not 20 <= len(token) <= 100 or not token.isascii():
            return None
        async with self._engine.begin() as conn:
            row = (await conn.execute(_LIVE.where(SESSIONS.c.token_hash == hash_of(token)))).one_or_none()
            if row is None:
                return None
            presence = self._presence(row.hall, row.account)
            over = _over(row, presence, now)
            if over:
                await self._end(conn, [row.token_hash], now)
            elif row.seen_at <= now - SEEN_EVERY:
                await conn.execute(update(SESSIONS).where(SESSIONS.c.token_hash == row.token_hash).values(seen_at=now))
        if over:
            self.announce(Ended(account=row.account, sessions=(row.token_hash,)))
            return None
        return _who(row)

    async def still(self, session: bytes, now: datetime) -> Who | None:
        """The same for a session that was found before, by its hash: for sockets, once a minute. No sign of life."""
        async with self._engine.connect() as conn:
            row = (await conn.execute(_LIVE.where(SESSIONS.c.token_hash == session))).one_or_none()
        if row is None or _over(row, self._presence(row.hall, row.account), now):
            return None
        return _who(row)

    async def touch(self, session: bytes, now: datetime) -> None:
        """A sign of life that came another way: a command over the live socket."""
        async with self._engine.begin() as conn:
            await conn.execute(
                update(SESSIONS)
                .where(SESSIONS.c.token_hash == session, SESSIONS.c.seen_at <= now - SEEN_EVERY)
                .values(seen_at=now)
            )

    async def end(self, conn: AsyncConnection, session: bytes, now: datetime) -> Ended | None:
        """Signs one off. `announce` what it returns, after the commit."""
        ended = await self._end(conn, [session], now)
        return ended[0] if ended else None

    async def end_all(
        self, conn: AsyncConnection, account: str, now: datetime, *, but: bytes | None = None
    ) -> Ended | None:
        """Ends every session of an account (`but` one). `announce` what it returns, after the commit."""
        rows = await conn.execute(
            select(SESSIONS.c.token_hash).where(SESSIONS.c.account == account, SESSIONS.c.revoked_at.is_(None))
        )
        ended = await self._end(conn, [each for (each,) in rows if each != but], now)
        return ended[0] if ended else None

    async def crowded(self, conn: AsyncConnection, account: str, now: datetime) -> Ended | None:
        """Ends the oldest sessions beyond `MOST`."""
        rows = await conn.execute(
            select(SESSIONS.c.token_hash)
            .where(SESSIONS.c.account == account, SESSIONS.c.revoked_at.is_(None))
            .order_by(SESSIONS.c.created_at.desc(), SESSIONS.c.token_hash)
            .offset(MOST)
        )
        ended = await self._end(conn, [each for (each,) in rows], now)
        return ended[0] if ended else None

    def announce(self, ended: Ended | None) -> None:
        """Tells the listeners; call it when the transaction is committed."""
        if ended is not None:
            for listener in self._listeners:
                listener(ended)

    async def sweep(self, now: datetime) -> int:
        """Once a minute: ends what is over, and notes the life of sessions whose account sits at a seat that serves.

        Without it a session would be idle the moment a long call ends. Returns how many ended.
        """
        async with self._engine.begin() as conn:
            rows = (await conn.execute(_LIVE)).all()
            over: list[bytes] = []
            alive: list[bytes] = []
            for row in rows:
                presence = self._presence(row.hall, row.account)
                if _over(row, presence, now):
                    over.append(row.token_hash)
                elif presence is not Presence.ABSENT and row.seen_at <= now - SEEN_EVERY:
                    alive.append(row.token_hash)
            if alive:
                await conn.execute(update(SESSIONS).where(SESSIONS.c.token_hash.in_(alive)).values(seen_at=now))
            ended = await self._end(conn, over, now)
        for each in ended:
            self.announce(each)
        return len(over)

    async def _end(self, conn: AsyncConnection, sessions: Collection[bytes], now: datetime) -> Sequence[Ended]:
        if not sessions:
            return []
        rows = await conn.execute(
            update(SESSIONS)
            .where(SESSIONS.c.token_hash.in_(sessions), SESSIONS.c.revoked_at.is_(None))
            .values(revoked_at=func.least(now, SESSIONS.c.expires_at))
            .returning(SESSIONS.c.account, SESSIONS.c.token_hash)
        )
        by_account: dict[str, list[bytes]] = {}
        for account, token_hash in rows:
            by_account.setdefault(account, []).append(token_hash)
        return [Ended(account=account, sessions=tuple(hashes)) for account, hashes in by_account.items()]


def hash_of(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


_LIVE: Final[Select[*tuple[Any, ...]]] = (
    select(
        SESSIONS.c.token_hash,
        SESSIONS.c.account,
        SESSIONS.c.seen_at,
        SESSIONS.c.expires_at,
        ACCOUNTS.c.hall,
        ACCOUNTS.c.work_number,
        ACCOUNTS.c.name,
        ACCOUNTS.c.role,
        ACCOUNTS.c.groups,
        ACCOUNTS.c.unit,
        ACCOUNTS.c.must_change,
    )
    .join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account)
    .where(SESSIONS.c.revoked_at.is_(None), ACCOUNTS.c.disabled_at.is_(None))
)


def _over(row: Row[Any], presence: Presence, now: datetime) -> bool:
    match presence:
        case Presence.ON_CALL:
            return False
        case Presence.READY:
            return bool(now >= row.expires_at)
        case _:
            return bool(now >= row.expires_at or now - row.seen_at >= IDLE)


def _who(row: Row[Any]) -> Who:
    return Who(
        account=row.account,
        hall=row.hall,
        work_number=row.work_number,
        name=row.name,
        role=Role(row.role),
        groups=tuple(row.groups),
        unit=row.unit,
        must_change=row.must_change,
        session=row.token_hash,
    )
