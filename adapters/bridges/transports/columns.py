"""What does a column take, what does it give back, and is the table as the mapping wants it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Table, inspect

from adapters.bridge import Probed
from adapters.bridges.outgoing import as_column
from adapters.errors import Misconfigured, Refused


def row_of(tree: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """The document as a row. Raises `Misconfigured` when a column is not there, `Refused` when a value is none of its
    kind."""
    for name in tree:
        if name not in table.c:
            raise Misconfigured(f"表 {table.name} 没有列 {name}：请核对映射文件，或请对方加列")
    return {name: bound(as_column(value), table.c[name]) for name, value in tree.items()}


def bound(value: object, column: Column[Any], zone: ZoneInfo | None = None) -> Any:
    """A value as the column's type wants it: drivers do not turn texts into times and numbers."""
    try:
        kind: type = column.type.python_type
    except NotImplementedError:
        return value
    try:
        if kind is datetime:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
            if isinstance(at, datetime) and at.tzinfo is not None and not getattr(column.type, "timezone", False):
                # Without a zone of its own, a column holds the wall's time, as whoever reads it by eye expects.
                return at.astimezone(zone or at.tzinfo).replace(tzinfo=None)
            return at
        if kind in (int, float) and isinstance(value, str):
            return kind(value)
        if kind is bool and isinstance(value, str):
            return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
        if kind is str and not isinstance(value, str) and value is not None:
            return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
    except (ValueError, KeyError) as error:
        raise Refused(f"列 {column.name} 放不进这个值：请核对映射文件的代码和时间格式") from error
    return value


def plain(row: Mapping[Any, Any], without: Sequence[str]) -> dict[str, Any]:
    """A row as a document; times as text."""
    named = {str(getattr(name, "name", name)): value for name, value in row.items()}
    return {
        name: value if isinstance(value, str | int | float) else _text(value)
        for name, value in named.items()
        if name not in without and value is not None
    }


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def aware(at: datetime, zone: ZoneInfo) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def probe_table(table: Table, wanted: set[str]) -> Probed:
    lacking = sorted(wanted - {column.name for column in table.columns})
    if lacking:
        return Probed(table.name, False, f"缺少列 {'、'.join(lacking)}：请对方加列，或改映射文件")
    return Probed(table.name, True, "列齐全")


def is_unique(connection: Connection, table: Table, column: str) -> bool:
    look = inspect(connection)
    indexes = [each["column_names"] for each in look.get_indexes(table.name, schema=table.schema) if each["unique"]]
    constraints = [each["column_names"] for each in look.get_unique_constraints(table.name, schema=table.schema)]
    primary = look.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    return [column] in [*indexes, *constraints, primary]
