"""Into which classes are tickets filed? A tree per version; a closed ticket keeps the version it was filed under.

There is no national code table, regions have their own: the tree that comes along is a default, and a site imports its
own as a new version. Codes of GB/T 39666-2020 can stand beside ours as `external_code`, those of single receivers
(12345, the province) under the names of their bridges.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from importlib import resources
from typing import Final

import msgspec
from sqlalchemy import func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import CATEGORIES, CATEGORY_VERSIONS

MAX_ITEMS: Final = 2000
MAX_DEPTH: Final = 4
MAX_LABEL: Final = 60
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
EXTERNAL_CODE: Final = re.compile(r"[A-Za-z0-9.-]{0,32}")
RECEIVER: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
MAX_RECEIVERS: Final = 20


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """One class of the tree."""

    code: str
    parent: str | None = None
    label: str
    external_code: str = ""
    codes: Mapping[str, str] = {}
    """Of single receivers: the name of their bridge (`[bridges.city]` → `city`) → their code."""


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the tree, in the order to be shown."""

    version: int
    label: str
    items: tuple[Category, ...]

    def path(self, code: str) -> str:
        """`民事 / 劳动争议 / 工伤`; empty for a code that is not in this version."""
        by_code = {item.code: item for item in self.items}
        labels: list[str] = []
        item = by_code.get(code)
        while item is not None:
            labels.append(item.label)
            item = by_code.get(item.parent or "")
        return " / ".join(reversed(labels))


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with an import: the place in it and why, in Chinese."""

    item: int
    code: str
    why: str


class TreeRefused(Exception):
    """The tree cannot be taken; `faults` say why."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{each.item}: {each.why}" for each in faults))
        self.faults = tuple(faults)


def default_tree() -> Tree:
    """The tree that comes along (version 0: not stored yet)."""
    shipped = msgspec.json.decode(resources.files("hotline.tickets").joinpath("categories.json").read_bytes())
    return msgspec.convert({"version": 0, **shipped}, Tree)


def faults(items: Sequence[Category]) -> list[Fault]:
    """Everything that is wrong with a tree; at most the first hundred."""
    found: list[Fault] = []

    def fault(number: int, item: Category, why: str) -> None:
        found.append(Fault(item=number, code=item.code, why=why))

    if not items:
        return [Fault(item=0, code="", why="分类不能为空。")]
    if len(items) > MAX_ITEMS:
        return [Fault(item=MAX_ITEMS, code="", why=f"分类不能超过 {MAX_ITEMS} 项。")]
    parents: dict[str, str | None] = {}
    for number, item in enumerate(items):
        if not CODE.fullmatch(item.code):
            fault(number, item, "编码只能由 1 到 40 个字母、数字、点、下划线和连字符组成。")
        elif item.code in parents:
            fault(number, item, "编码重复。")
        if not 1 <= len(item.label.strip()) <= MAX_LABEL or not item.label.isprintable():
            fault(number, item, f"名称需要 1 到 {MAX_LABEL} 个可见字符。")
        if not EXTERNAL_CODE.fullmatch(item.external_code):
            fault(number, item, "外部编码只能由不超过 32 个字母、数字、点和连字符组成。")
        if len(item.codes) > MAX_RECEIVERS or not all(RECEIVER.fullmatch(name) for name in item.codes):
            fault(number, item, f"各单位编码不能超过 {MAX_RECEIVERS} 个，对接桥的名称只能由字母、数字和连字符组成。")
        if not all(code and EXTERNAL_CODE.fullmatch(code) for code in item.codes.values()):
            fault(number, item, "各单位编码只能由 1 到 32 个字母、数字、点和连字符组成。")
        parents.setdefault(item.code, item.parent)
    for number, item in enumerate(items):
        if item.parent is not None and item.parent not in parents:
            fault(number, item, f"上级编码 {item.parent[:40]} 不存在。")
        elif (depth := _depth(item.code, parents)) is None:
            fault(number, item, "上级关系形成了环。")
        elif depth > MAX_DEPTH:
            fault(number, item, f"分类最多 {MAX_DEPTH} 级。")
    return found[:100]


async def add_version(conn: AsyncConnection, label: str, items: Sequence[Category], *, by: str, now: datetime) -> Tree:
    """A new version, which counts from now on. The newest again: that one. Raises `TreeRefused`."""
    clean = tuple(
        msgspec.structs.replace(item, label=unicodedata.normalize("NFC", item.label).strip()) for item in items
    )
    if found := faults(clean):
        raise TreeRefused(found)
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("category_versions", 0))))
    last = await _newest(conn)
    if last is not None and (last.label, last.items) == (label, clean):
        return last
    tree = Tree(version=(last.version if last else 0) + 1, label=label, items=clean)
    await conn.execute(
        insert(CATEGORY_VERSIONS).values(version=tree.version, label=label, imported_at=now, imported_by=by)
    )
    rows = [
        {"version": tree.version, "position": position, **msgspec.structs.asdict(item)}
        for position, item in enumerate(clean)
    ]
    # Parents first would not matter: the tree is checked above, the table has no reference to itself.
    await conn.execute(insert(CATEGORIES), rows)
    return tree


async def ensure_default(conn: AsyncConnection, now: datetime) -> Tree:
    """The newest version; the default tree becomes the first one where there is none."""
    newest = await _newest(conn)
    if newest is not None:
        return newest
    default = default_tree()
    return await add_version(conn, default.label, default.items, by="system", now=now)


async def current(conn: AsyncConnection) -> Tree:
    """The version that counts now; the default (version 0) where none was stored."""
    return await _newest(conn) or default_tree()


async def paths(conn: AsyncConnection, wanted: set[tuple[int | None, str]]) -> Mapping[tuple[int | None, str], str]:
    """The labels of codes, each in its version."""
    trees: dict[int | None, Tree] = {}
    for version in {each for each, code in wanted if each is not None and code}:
        if (tree := await _version(conn, version)) is not None:
            trees[version] = tree
    return {(version, code): trees[version].path(code) for version, code in wanted if version in trees}


async def below(conn: AsyncConnection, code: str) -> list[str]:
    """The code and every code below it, in whatever version."""
    tree = select(literal(code).label("code")).cte("tree", recursive=True)
    tree = tree.union(select(CATEGORIES.c.code).join(tree, CATEGORIES.c.parent == tree.c.code))
    return [each for (each,) in await conn.execute(select(tree.c.code))]


async def above(conn: AsyncConnection, code: str) -> list[str]:
    """The code and every code above it, in whatever version."""
    tree = select(literal(code).label("code")).cte("tree", recursive=True)
    parents = select(CATEGORIES.c.parent).join(tree, CATEGORIES.c.code == tree.c.code)
    tree = tree.union(parents.where(CATEGORIES.c.parent.is_not(None)))
    return [each for (each,) in await conn.execute(select(tree.c.code))]


async def _newest(conn: AsyncConnection) -> Tree | None:
    version = (await conn.execute(select(func.max(CATEGORY_VERSIONS.c.version)))).scalar_one()
    return None if version is None else await _version(conn, version)


async def _version(conn: AsyncConnection, version: int) -> Tree | None:
    label = (
        await conn.execute(select(CATEGORY_VERSIONS.c.label).where(CATEGORY_VERSIONS.c.version == version))
    ).scalar_one_or_none()
    if label is None:
        return None
    rows = await conn.execute(select(CATEGORIES).where(CATEGORIES.c.version == version).order_by(CATEGORIES.c.position))
    items = tuple(
        Category(code=row.code, parent=row.parent, label=row.label, external_code=row.external_code, codes=row.codes)
        for row in rows
    )
    return Tree(version=version, label=label, items=items)


def _depth(code: str, parents: Mapping[str, str | None]) -> int | None:
    depth, at = 1, parents.get(code)
    while at is not None:
        depth, at = depth + 1, parents.get(at)
        if depth > len(parents):
            return None
    return depth
