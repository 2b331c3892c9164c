"""Which offices (机构) are there, and may one be written like that? The rows, and the rules about a single office.

An office is never deleted. It ends when nothing living is under it, and comes back where what is above it lives. Its
code stays: tickets, accounts and other offices name it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.directory import things
from hotline.directory.errors import DirectoryRefused, wrong
from hotline.directory.hours import of_plain
from hotline.directory.kinds import MAX_UNITS, Thing, UnitKind
from hotline.directory.things import FIELDS, Pen, Values
from hotline.directory.tree import Node, Tree
from hotline.directory.unit import Unit
from hotline.store.tables import UNITS


async def read_tree(conn: AsyncConnection, hall: str) -> Tree:
    """Every office of the hall, those that ended included."""
    u = UNITS.c
    query = select(u.code, u.name, u.kind, u.parent, u.area, u.area_name, u.services, u.valid_to).where(u.hall == hall)
    return Tree(
        Node(
            code=row.code,
            name=row.name,
            kind=UnitKind(row.kind),
            parent=row.parent,
            area=row.area,
            area_name=row.area_name,
            services=frozenset(row.services),
            ended=row.valid_to is not None,
        )
        for row in await conn.execute(query)
    )


async def one(conn: AsyncConnection, hall: str, code: str) -> Unit:
    """Raises `DirectoryRefused(not_found)`."""
    row = (await conn.execute(select(UNITS).where(UNITS.c.hall == hall, UNITS.c.code == code))).one_or_none()
    if row is None:
        raise DirectoryRefused("not_found")
    return unit_of(row)


async def create(conn: AsyncConnection, pen: Pen, code: str, values: Values) -> Unit:
    """A new office. Raises `DirectoryRefused`: unit_code_taken, unit_parent_wrong, directory_full."""
    await things.hold(conn, pen.hall)
    tree = await read_tree(conn, pen.hall)
    if code in tree.nodes:
        raise DirectoryRefused("unit_code_taken")
    if len(tree.nodes) >= MAX_UNITS:
        raise DirectoryRefused("directory_full")
    check_parent(tree, code, values["parent"])
    await things.add(conn, pen, Thing.UNIT, {"code": code, **values})
    return await one(conn, pen.hall, code)


async def change(conn: AsyncConnection, pen: Pen, code: str, version: int, values: Values) -> Unit:
    """Other values. Raises `DirectoryRefused`: not_found, directory_changed, directory_ended, unit_parent_wrong."""
    await things.hold(conn, pen.hall)
    row = await things.locked(conn, pen.hall, Thing.UNIT, code, version)
    if row.valid_to is not None:
        raise DirectoryRefused("directory_ended")
    if values["parent"] != row.parent:
        check_parent(await read_tree(conn, pen.hall), code, values["parent"])
    await things.done(conn, pen, await things.change(conn, pen, Thing.UNIT, row, values))
    return await one(conn, pen.hall, code)


async def end(conn: AsyncConnection, pen: Pen, code: str, version: int, reason: str) -> Unit:
    """It is no more (撤销). Raises `DirectoryRefused`: directory_ended, unit_has_units, and those of `change`."""
    await things.hold(conn, pen.hall)
    row = await things.locked(conn, pen.hall, Thing.UNIT, code, version)
    if row.valid_to is not None:
        raise DirectoryRefused("directory_ended")
    living = [each.name for each in (await read_tree(conn, pen.hall)).children(code) if not each.ended]
    if living:
        raise DirectoryRefused(
            "unit_has_units", f"下级机构：{'、'.join(living[:5])}{'等' if len(living) > 5 else ''}。"
        )
    await things.done(conn, pen, await things.turn(conn, pen, Thing.UNIT, row, ended=True, reason=reason))
    return await one(conn, pen.hall, code)


async def revive(conn: AsyncConnection, pen: Pen, code: str, version: int, reason: str) -> Unit:
    """It is back. Raises `DirectoryRefused`: not_found, directory_changed, directory_living, unit_parent_wrong."""
    await things.hold(conn, pen.hall)
    row = await things.locked(conn, pen.hall, Thing.UNIT, code, version)
    if row.valid_to is None:
        raise DirectoryRefused("directory_living")
    check_parent(await read_tree(conn, pen.hall), code, row.parent)
    await things.done(conn, pen, await things.turn(conn, pen, Thing.UNIT, row, ended=False, reason=reason))
    return await one(conn, pen.hall, code)


def check_parent(tree: Tree, code: str, parent: str | None) -> None:
    """Raises `DirectoryRefused(unit_parent_wrong)`: it is not there, has ended, or lies below the office."""
    if parent is None:
        return
    above = tree.nodes.get(parent)
    if above is None:
        raise DirectoryRefused("unit_parent_wrong", f"没有编码为 {parent} 的机构。")
    if above.ended:
        raise DirectoryRefused("unit_parent_wrong", f"上级机构（{above.name}）已撤销。")
    if tree.closes_a_ring(code, parent):
        raise DirectoryRefused("unit_parent_wrong", f"{above.name}是本机构或其下级。")


async def check_living(conn: AsyncConnection, hall: str, code: str | None, field: str) -> None:
    """Raises `DirectoryRefused(invalid_input)` where no such office lives. None: nothing to look at."""
    if code is None:
        return
    query = select(func.count()).where(UNITS.c.hall == hall, UNITS.c.code == code, UNITS.c.valid_to.is_(None))
    if not (await conn.execute(query)).scalar_one():
        raise wrong(field, "没有这个机构，或机构已撤销。")


def unit_of(row: Row[Any]) -> Unit:
    """As it is stored."""
    plain = {name: row._mapping[name] for name in FIELDS[Thing.UNIT]}
    return Unit(
        code=row.code,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        version=row.version,
        **{
            **plain,
            "kind": UnitKind(row.kind),
            "hours": of_plain(row.hours),
            "services": tuple(row.services),
        },
    )
