"""How is a case handed over by rows in a shared database (中间表), each once?

Our key is a column of its own with a unique index: a row is there or it is not, so nothing is ever in doubt for longer
than the database is away. Their news are rows that we mark when the service has them; never a high-water mark, which
passes over what is committed late.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    Connection,
    MetaData,
    Table,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError, NoSuchTableError

from adapters.bridge import (
    Batch,
    BridgeAbility,
    InDoubt,
    News,
    NewsKind,
    NotNow,
    Probed,
    Receipt,
    SetAside,
    Standing,
)
from adapters.bridges.incoming import news
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.settings import TableSettings
from adapters.bridges.transports.columns import aware, bound, is_unique, plain, probe_table, row_of
from adapters.bridges.transports.database import Database
from adapters.bridges.transports.transport import Parcel, What
from adapters.bridges.writing import written
from adapters.errors import AdapterError, Misconfigured, Refused, Undecodable, Unsupported
from adapters.reading import printable

T = TypeVar("T")

ROWS_AT_ONCE: Final = 500
MAX_LISTED: Final = 100_000
_SETTINGS: Final = frozenset({"42501", "28000", "28P01", "3D000", "42P01", "42703"})
"""SQLSTATE: no right, no such user, wrong password, no such database, table, column."""


class TableTransport:
    """Two tables in somebody's database."""

    def __init__(
        self,
        settings: TableSettings,
        mapping: BridgeMapping,
        *,
        url: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Raises `Misconfigured` when the address is none, its driver is not installed, or the mapping has no key."""
        if mapping.news is not None:
            # A row is one piece of news; the list that a callback has around it is not there.
            mapping = mapping.model_copy(update={"news": mapping.news.model_copy(update={"items": None})})
        self._settings = settings
        self._mapping = mapping
        self._now = now
        self._database = Database(url)
        if "key" not in mapping.fields:
            raise Misconfigured("mapping：fields 中没有 key：中间表要有一列放移交标识，并建唯一索引")
        for name, to in mapping.fields.items():
            if "." in to.to:
                raise Misconfigured(f"mapping：fields.{name} 的 to 应为一个列名，不能有点号")
        self._key = mapping.fields["key"].to
        self._tables: dict[str, Table] = {}
        self._told: dict[str, set[int]] = {}
        """The rows of each piece of news that was told and is not heard yet."""

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """A row with a unique key has one effect, and can be looked up."""
        found = {BridgeAbility.CARRIES_FILE, BridgeAbility.DEDUPLICATES, BridgeAbility.CAN_ASK}
        if self._settings.in_table is not None and self._mapping.news is not None:
            found.add(BridgeAbility.POLLED)
        if self._settings.out_mark is not None and "prepared_at" in self._mapping.fields:
            found.add(BridgeAbility.LISTS)
        return frozenset(found)

    async def send(self, parcel: Parcel, *, again: bool) -> Receipt:
        """Insert the row. `again` changes nothing: a row that is there did arrive."""
        if parcel.what is not What.CASE:
            raise Unsupported("中间表只收移交单")

        def work(connection: Connection) -> bool:
            out = self._table(connection, self._settings.out_table)
            row = row_of(parcel.tree, out)
            if connection.execute(select(out.c[self._key]).where(out.c[self._key] == row[self._key])).first():
                return True
            connection.execute(insert(out).values(row))
            return False

        try:
            repeated = await self._run(work, writing=True)
        except _Exists:
            repeated = True
        said = json.dumps(parcel.tree, ensure_ascii=False, sort_keys=True)
        return Receipt(at=self._now(), digest=hashlib.sha256(said.encode()).hexdigest(), repeated=repeated)

    async def ask(self, key: str) -> Standing | None:
        """Is the row there, and have they taken it?"""

        def work(connection: Connection) -> Standing | None:
            out = self._table(connection, self._settings.out_table)
            found = connection.execute(select(out).where(out.c[self._key] == bound(key, out.c[self._key]))).first()
            return self._standing(found._mapping) if found is not None else None

        return await self._run(work)

    async def news(self) -> Batch:
        """Their rows without our mark, the oldest first."""
        inbox = self._inbox()

        def work(connection: Connection) -> list[tuple[int, dict[str, Any]]]:
            table = self._table(connection, inbox)
            order, mark = self._column(table, self._settings.in_order), self._column(table, self._settings.in_mark)
            rows = connection.execute(select(table).where(mark.is_(None)).order_by(order).limit(ROWS_AT_ONCE))
            return [(row._mapping[order], plain(row._mapping, (order.name, mark.name))) for row in rows]

        told: dict[str, News] = {}
        aside: list[SetAside] = []
        settled: list[int] = []
        rows: dict[str, set[int]] = {}
        for number, row in await self._run(work):
            try:
                batch = news(row, self._mapping, self._now())
            except Undecodable as error:
                batch = Batch(set_aside=(SetAside(id=str(number), reason=str(error)),))
            aside.extend(SetAside(id=f"{inbox}-{number}", reason=each.reason) for each in batch.set_aside)
            if not batch.news:
                settled.append(number)
            for each in batch.news:
                told[each.id] = each
                rows.setdefault(each.id, set()).add(number)
        self._told = rows
        await self._mark(settled)
        return Batch(news=tuple(told.values()), set_aside=tuple(aside))

    async def heard(self, ids: Sequence[str]) -> None:
        """Mark their rows."""
        self._inbox()
        await self._mark(sorted({number for each in ids for number in self._told.get(each, ())}))
        for each in ids:
            self._told.pop(each, None)

    async def list_day(self, day: date) -> Sequence[Standing]:
        """The rows of that day which they have taken."""
        if BridgeAbility.LISTS not in self.abilities or self._settings.out_mark is None:
            raise Unsupported("对方不在中间表中标记已取走，没有可以核对的清单")
        mark_name = self._settings.out_mark
        to = self._mapping.fields["prepared_at"]
        begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self._mapping.zone))

        def work(connection: Connection) -> list[Standing]:
            out = self._table(connection, self._settings.out_table)
            at, mark = self._column(out, to.to), self._column(out, mark_name)
            wanted = select(out).where(mark.is_not(None))
            way, zone = to.time or self._mapping.time, ZoneInfo(self._mapping.zone)
            first, last = (bound(written(each, way, zone), at) for each in (begin, begin + timedelta(days=1)))
            rows = connection.execute(wanted.where(at >= first, at < last).limit(MAX_LISTED))
            return [self._standing(row._mapping) for row in rows]

        return await self._run(work)

    async def probe(self) -> Sequence[Probed]:
        """Connect, and compare the columns with the mapping's."""
        wanted = {to.to for to in self._mapping.fields.values()} | {str(path) for path in self._mapping.constants}
        wanted |= {name for name in (self._settings.out_mark, self._settings.out_number) if name is not None}
        inbox, fields = self._settings.in_table, self._mapping.news
        theirs = {self._settings.in_order, self._settings.in_mark}
        if fields is not None:
            places = (fields.kind, fields.id, fields.key, fields.local_no, fields.their_no, fields.at, fields.text)
            theirs |= {each for each in places if each is not None}

        def work(connection: Connection) -> list[Probed]:
            found = [probe_table(self._table(connection, self._settings.out_table), wanted)]
            unique = is_unique(connection, self._table(connection, self._settings.out_table), self._key)
            words = "有唯一索引" if unique else f"列 {self._key} 没有唯一索引，同一件可能出现两次：请建唯一索引"
            found.append(Probed(f"{self._settings.out_table}.{self._key}", unique, words))
            if inbox is not None and fields is not None:
                found.append(probe_table(self._table(connection, inbox), theirs))
            return found

        self._tables.clear()
        try:
            return [Probed("连接", True, "数据库可用"), *await self._run(work)]
        except (NotNow, InDoubt, Misconfigured) as error:
            return [Probed("连接", False, str(error))]

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()

    def _inbox(self) -> str:
        if self._settings.in_table is None or self._mapping.news is None:
            raise Unsupported("没有约定对方写回告的表")
        return self._settings.in_table

    async def _mark(self, numbers: Sequence[int]) -> None:
        if not numbers:
            return
        inbox = self._inbox()

        def work(connection: Connection) -> None:
            table = self._table(connection, inbox)
            order, mark = self._column(table, self._settings.in_order), self._column(table, self._settings.in_mark)
            connection.execute(
                update(table)
                .where(order.in_(numbers), mark.is_(None))
                .values({mark.name: bound(self._now(), mark, ZoneInfo(self._mapping.zone))})
            )

        await self._run(work)

    def _table(self, connection: Connection, name: str) -> Table:
        """The table as it is. Raises `Misconfigured`."""
        if name not in self._tables:
            schema, _, short = name.rpartition(".")
            try:
                self._tables[name] = Table(
                    short, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False
                )
            except NoSuchTableError as error:
                raise Misconfigured(f"数据库中没有表 {name}：请核对名称和权限，或请对方建表") from error
        return self._tables[name]

    def _column(self, table: Table, name: str) -> Column[Any]:
        if name not in table.c:
            raise Misconfigured(f"表 {table.name} 没有列 {name}：请核对设置和映射文件")
        return table.c[name]

    def _standing(self, row: Mapping[Any, Any]) -> Standing:
        fields, settings = self._mapping.fields, self._settings
        named = {str(getattr(name, "name", name)): value for name, value in row.items()}
        taken = named.get(settings.out_mark) if settings.out_mark is not None else None
        local = fields.get("local_no")
        number = named.get(settings.out_number) if settings.out_number is not None else None
        return Standing(
            key=str(named.get(self._key) or ""),
            local_no=str(named.get(local.to) or "") if local is not None else "",
            their_no=str(number or "")[:64],
            state=NewsKind.ACKNOWLEDGED,
            at=aware(taken, ZoneInfo(self._mapping.zone)) if isinstance(taken, datetime) else None,
            text="" if taken is not None or settings.out_mark is None else "对方尚未取走",
        )

    async def _run(self, work: Callable[[Connection], T], *, writing: bool = False) -> T:
        """One transaction. Raises `NotNow`, `Misconfigured`, `Refused` and, where only its end is not known,
        `InDoubt`."""
        committing = False

        def inside(connection: Connection) -> T:
            nonlocal committing
            found = work(connection)
            committing = True
            return found

        try:
            async with asyncio.timeout(self._settings.wait_seconds):
                return await self._database.run(inside)
        except AdapterError:
            raise
        except Exception as error:  # a driver's own errors come as they are while it connects
            state, why = _state(error), _why(error)
            if isinstance(error, IntegrityError) and writing and _is_duplicate(error):
                raise _Exists from error
            if isinstance(error, IntegrityError | DataError) or state[:2] in ("22", "23"):
                raise Refused(f"数据库不收这一行（{why}）：请核对列的类型、长度和约束") from error
            if state in _SETTINGS:
                self._tables.clear()  # they may have changed under us
                raise Misconfigured(f"数据库不允许（{why}）：请核对用户、密码、库名和表，或请对方授权") from error
            if writing and committing:
                raise InDoubt("提交时与数据库的连接中断，不知道这一行是否写入") from error
            raise NotNow(f"数据库用不了（{why}）：请核对网络和数据库") from error


class _Exists(Exception):
    """Somebody else inserted the same key between our look and our insert."""


def _is_duplicate(error: IntegrityError) -> bool:
    said = str(error.orig).lower()
    return _state(error) == "23505" or "unique" in said or "duplicate" in said


def _state(error: BaseException) -> str:
    """The SQLSTATE, where the driver tells one."""
    cause = getattr(error, "orig", None) or error
    return str(getattr(cause, "sqlstate", None) or "")


def _why(error: BaseException) -> str:
    """The kind of error only: a driver's text may hold the row's values."""
    cause = getattr(error, "orig", None) or error
    return printable(f"{type(cause).__name__} {_state(error)}".strip())
