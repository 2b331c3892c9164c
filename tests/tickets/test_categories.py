"""The category tree: the one that comes along, and what an import must be like."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from hotline.store.engine import Database
from hotline.tickets.categories import (
    MAX_ITEMS,
    Category,
    TreeRefused,
    add_version,
    below,
    current,
    default_tree,
    ensure_default,
    faults,
    paths,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def item(code: str, parent: str | None = None, label: str = "名", external_code: str = "") -> Category:
    return Category(code=code, parent=parent, label=label, external_code=external_code)


def test_the_default_tree_is_good() -> None:
    tree = default_tree()
    assert faults(tree.items) == []
    assert tree.version == 0
    assert [each.label for each in tree.items if each.parent is None][:3] == ["民事", "刑事", "行政"]
    assert tree.path("civil.labour.pay") == "民事 / 劳动争议 / 劳动报酬"
    assert tree.path("no.such") == ""


@pytest.mark.parametrize(
    ("items", "why"),
    [
        ([], "不能为空"),
        ([item("a"), item("a")], "重复"),
        ([item("a", "b")], "不存在"),
        ([item("a", "b"), item("b", "a")], "环"),
        ([item("a", "a")], "环"),
        ([item("a"), item("b", "a"), item("c", "b"), item("d", "c"), item("e", "d")], "最多"),
        ([item("a b")], "编码"),
        ([item("")], "编码"),
        ([item("民事")], "编码"),
        ([item("a", label=" ")], "名称"),
        ([item("a", label="x" * 61)], "名称"),
        ([item("a", label="a\nb")], "名称"),
        ([item("a", external_code="10 01")], "外部编码"),
        ([Category(code="a", label="名", codes={"a b": "1"})], "对接桥"),
        ([Category(code="a", label="名", codes={"city": ""})], "单位编码"),
        ([Category(code="a", label="名", codes={"city": "甲"})], "单位编码"),
        ([item(f"a{n}") for n in range(MAX_ITEMS + 1)], "超过"),
    ],
)
def test_faults(items: list[Category], why: str) -> None:
    assert any(why in fault.why for fault in faults(items))


async def test_versions(database: Database) -> None:
    async with database.engine.begin() as conn:
        assert (await current(conn)).version == 0
        assert (await ensure_default(conn, NOW)).version == 1
        assert (await ensure_default(conn, NOW)).version == 1
        coded = Category(code="y", parent="x", label="乙", codes={"city": "0201"})
        second = await add_version(conn, "本市", [item("x", label="甲"), coded], by="t", now=NOW)
        assert second.version == 2
        assert (await add_version(conn, "本市", second.items, by="t", now=NOW)).version == 2
        with pytest.raises(TreeRefused):
            await add_version(conn, "坏", [item("x", "z")], by="t", now=NOW)
        assert (await current(conn)).items == second.items
        known = await paths(conn, {(1, "civil.loan"), (2, "y"), (2, "civil.loan"), (9, "y"), (None, "y")})
        assert known == {(1, "civil.loan"): "民事 / 民间借贷", (2, "y"): "甲 / 乙", (2, "civil.loan"): ""}
        assert set(await below(conn, "x")) == {"x", "y"}
        assert await below(conn, "never") == ["never"]


async def test_two_imports_at_once_make_two_versions(database: Database) -> None:
    async def add(label: str) -> int:
        async with database.engine.begin() as conn:
            return (await add_version(conn, label, [item("a")], by="t", now=NOW)).version

    assert sorted(await asyncio.gather(*(add(f"版{n}") for n in range(4)))) == [1, 2, 3, 4]
