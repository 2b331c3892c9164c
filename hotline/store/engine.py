"""How does the program reach its database?

Two ways to one server. The call path has connections of asyncpg of its own (`dedicated`, `pool`); everything a person
waits for goes through SQLAlchemy Core (`reading`, `writing`). Both take the same URL, unix sockets included.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

import asyncpg
import structlog
from sqlalchemy import Executable
from sqlalchemy.engine import CursorResult, Row
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from hotline.store import schema
from hotline.store.errors import BadUrl, NotAdmitted, TooOld, Unreachable

_log = structlog.get_logger(__name__)

OLDEST_SERVER: Final = 15
CONNECT_SECONDS: Final = 5
TELL_SECONDS: Final = 0.1
CLOSE_SECONDS: Final = 5.0

_COMMON: Final[Mapping[str, str]] = {
    "timezone": "UTC",
    "jit": "off",
    # A server that still waits for a client that is gone holds its locks: find out within twenty seconds.
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_FOR_PEOPLE: Final[Mapping[str, str]] = {
    "statement_timeout": "30s",
    # The desk locks ticket rows that the call path writes as well: nobody may sit on them.
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "5s",
}
_FOR_CALLS: Final[Mapping[str, str]] = {
    "statement_timeout": "5s",
    "idle_in_transaction_session_timeout": "5s",
}


class ReadSession:
    """A read-only view of the database, one snapshot per statement. Rows come from Core statements."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def all(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """Every row."""
        return (await self.connection.execute(statement, values)).all()

    async def first(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Row[Any] | None:
        """The first row, if there is one."""
        return (await self.connection.execute(statement, values)).first()

    async def scalar(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        return await self.connection.scalar(statement, values)


class Session(ReadSession):
    """One unit of work: all of it is committed where `writing` ends, or none of it."""

    async def run(
        self, statement: Executable, values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Carries out a statement that writes."""
        return await self.connection.execute(statement, values)


class Database:
    """The open database. Make one with `Database.open`; close it when done."""

    def __init__(self, url: str, pool: asyncpg.Pool, engine: AsyncEngine, server_version: int) -> None:
        self.url = url
        self.pool = pool
        self.engine = engine
        self.server_version = server_version
        """As PostgreSQL numbers it: 150018 is 15.18."""
        self._reading = engine.execution_options(postgresql_readonly=True)

    @classmethod
    async def open(cls, url: str, *, wait_seconds: float = 30.0, pool_size: int = 8, check_schema: bool = True) -> Self:
        """Waits for the server, looks at its version and schema, and opens the pools.

        Raises BadUrl, Unreachable, NotAdmitted, TooOld or WrongSchema; each message says what to do.
        """
        dsn = asyncpg_url(url)
        version = await _wait_for(dsn, wait_seconds)
        if version < OLDEST_SERVER * 10000:
            raise TooOld(f"数据库为 PostgreSQL {version // 10000}，需要 {OLDEST_SERVER} 或更高版本。")

        async def connect() -> asyncpg.Connection:
            return await asyncpg.connect(
                dsn, timeout=CONNECT_SECONDS, server_settings=_settings("hotline desk", _FOR_PEOPLE)
            )

        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=connect,
            pool_size=pool_size,
            max_overflow=4,
            pool_pre_ping=True,
            hide_parameters=True,  # errors must not carry callers' texts into logs
        )
        pool = None
        try:
            if check_schema:
                await schema.check(engine)
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=pool_size,
                timeout=CONNECT_SECONDS,
                command_timeout=10.0,
                server_settings=_settings("hotline hall", _FOR_PEOPLE),
            )
        except BaseException:
            await engine.dispose()
            raise
        return cls(url, pool, engine, version)

    async def dedicated(self, name: str) -> asyncpg.Connection:
        """A connection of one's own for the call path; plans are made once, statements end after five seconds."""
        plans = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
        return await asyncpg.connect(
            asyncpg_url(self.url),
            timeout=CONNECT_SECONDS,
            server_settings=_settings(f"hotline {name}", {**_FOR_CALLS, **plans}),
        )

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """For whoever only looks: the server refuses writes."""
        async with self._reading.connect() as connection:
            yield ReadSession(connection)

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncIterator[Session]:
        """One transaction, committed at the end, rolled back when anything is raised.

        Keep it short and wait for nothing but the database in it: the call path may need the same rows.
        """
        async with self.engine.begin() as connection:
            yield Session(connection)

    async def check_schema(self) -> None:
        """Raises WrongSchema."""
        await schema.check(self.engine)

    async def migrate(self) -> tuple[str | None, str | None]:
        """Brings the schema to what this program wants; the revisions before and after."""
        return await schema.migrate(self.engine)

    async def answers(self, seconds: float = 2.0) -> bool:
        """Can the database be spoken to now? Never raises."""
        try:
            async with asyncio.timeout(seconds):
                return await self.pool.fetchval("SELECT 1") == 1
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False

    async def close(self) -> None:
        """Gives every connection back; those still in use, or whose server is silent, are cut after five seconds."""
        await asyncio.gather(self._close_pool(), self._close_engine())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _close_pool(self) -> None:
        try:
            await asyncio.wait_for(self.pool.close(), CLOSE_SECONDS)
        except TimeoutError:
            self.pool.terminate()

    async def _close_engine(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.engine.dispose(), CLOSE_SECONDS)


def asyncpg_url(url: str) -> str:
    """The URL in the form asyncpg reads; SQLAlchemy's `postgresql+driver://` is understood. Raises BadUrl."""
    parts = urlsplit(url.strip())
    if parts.scheme.split("+")[0] not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise BadUrl
    if not parts.hostname and "host" not in parse_qs(parts.query):
        raise BadUrl("数据库地址中没有主机：postgresql://用户@主机/库名，或 postgresql://用户@/库名?host=套接字目录。")
    return urlunsplit(parts._replace(scheme="postgresql"))


def shown_url(url: str) -> str:
    """The URL as it may stand in messages and logs: without the password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@")))


def _settings(name: str, more: Mapping[str, str]) -> dict[str, str]:
    return {"application_name": name, **_COMMON, **more}


async def _wait_for(dsn: str, wait_seconds: float) -> int:
    """The server's version number, as soon as it answers."""
    loop = asyncio.get_running_loop()
    began, pause = loop.time(), 0.1
    # Whoever looks on hears soon what is waited for, also where an address swallows every packet.
    telling = loop.call_later(TELL_SECONDS, _tell_waiting, dsn, wait_seconds)
    try:
        while True:
            try:
                connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS)
                try:
                    return int(await connection.fetchval("SHOW server_version_num"))
                finally:
                    await connection.close()
            except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
                raise NotAdmitted(f"数据库 {shown_url(dsn)} 拒绝了登录：{error}") from error
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                if loop.time() - began + pause > wait_seconds:
                    raise Unreachable(
                        f"数据库 {shown_url(dsn)} 在 {wait_seconds:.0f} 秒内没有应答：{type(error).__name__} {error}。"
                        "请检查地址、网络和数据库服务。"
                    ) from error
            except (ValueError, asyncpg.InterfaceError) as error:
                raise BadUrl(f"数据库地址无法识别：{error}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, 2.0)
    finally:
        telling.cancel()


def _tell_waiting(dsn: str, wait_seconds: float) -> None:
    _log.warning(f"正在等待数据库 {shown_url(dsn)} 应答：不断重试，最多 {wait_seconds:.0f} 秒")
