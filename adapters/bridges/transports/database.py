"""Somebody's database, by any SQLAlchemy URL: on the event loop where its driver can, in a thread where it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.errors import Misconfigured

T = TypeVar("T")


class Database:
    """Connections to it, opened when they are needed."""

    def __init__(self, url: str) -> None:
        """Raises `Misconfigured` when the address is none, or its driver is not installed."""
        self._engine = _engine(url.strip())

    async def run(self, work: Callable[[Connection], T]) -> T:
        """One transaction. Raises what the driver raises."""
        engine = self._engine
        if isinstance(engine, AsyncEngine):
            async with engine.begin() as connection:
                return await connection.run_sync(work)

        def sync() -> T:
            with engine.begin() as connection:
                return work(connection)

        return await asyncio.to_thread(sync)

    async def close(self) -> None:
        """Close the connections."""
        if isinstance(self._engine, AsyncEngine):
            await self._engine.dispose()
        else:
            await asyncio.to_thread(self._engine.dispose)


def _engine(url: str) -> AsyncEngine | Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+asyncpg")  # the driver that comes with us
        if parsed.get_dialect().is_async:
            return create_async_engine(parsed, pool_size=2, max_overflow=2, pool_pre_ping=True)
        return create_engine(parsed, pool_pre_ping=True)
    except ArgumentError as error:
        raise Misconfigured("table.url：不是数据库地址，应如 postgresql://用户:密码@主机/库") from error
    except (ModuleNotFoundError, SQLAlchemyError) as error:
        raise Misconfigured(f"table.url：没有安装这种数据库的驱动（{type(error).__name__}）：请先安装") from error
