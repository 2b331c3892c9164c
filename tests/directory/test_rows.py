"""The directory in the database: what is written, what is refused, what is kept of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from hotline.directory import advisers, importing, people, reading, sheet, units
from hotline.directory.errors import DirectoryRefused
from hotline.directory.judging import Fate
from hotline.directory.kinds import Thing
from hotline.directory.ledger import Service
from hotline.directory.reading import Wanted
from hotline.rosters.calendar import Calendar
from hotline.store.engine import Database
from hotline.store.tables import ADVISERS, AUDIT, DIRECTORY_CHANGES, UNITS
from tests.directory.making import NOW, OFFICE_HOURS, city, file, office, pen, unit, values, week

LATER = NOW + timedelta(hours=1)
ADVISER: dict[str, Any] = {
    "name": "陈律师",
    "firm": "示例所",
    "licence_number": "",
    "telephone": "",
    "villages": ["village"],
    "hours": None,
    "public": True,
    "note": "",
}


async def found(database: Database, *, now: datetime = NOW, limit: int = 50, **wanted: Any) -> list[str]:
    async with database.engine.connect() as conn:
        listed, _ = await reading.search(
            conn, Wanted(hall="h1", **wanted), now=now, kind_of=Calendar().kind, limit=limit
        )
    return [each.code for each in listed]


def refused(code: str) -> Any:
    return pytest.raises(DirectoryRefused, check=lambda error: error.code == code)


async def test_an_office_from_its_beginning_to_its_return(database: Database) -> None:
    async with database.engine.begin() as conn:
        await unit(conn, "city")
        made = await unit(conn, "county", address="旧址")
        assert (made.version, made.valid_to) == (1, None)
        new = values(kind="county_centre", name="新名", parent="city", area="330106", address="新址")
        changed = await units.change(conn, pen(now=LATER), "county", 1, new)
        assert (changed.name, changed.version) == ("新名", 2)
        with refused("directory_changed"):
            await units.change(conn, pen(), "county", 1, new)
        same = await units.change(conn, pen(), "county", 2, new)
        assert same.version == 2, "nothing changed"
        ended = await units.end(conn, pen(now=LATER), "county", 2, "机构改革")
        assert ended.valid_to == LATER
        for work in (units.change(conn, pen(), "county", 3, new), units.end(conn, pen(), "county", 3, "x")):
            with refused("directory_ended"):
                await work
        back = await units.revive(conn, pen(now=LATER), "county", 3, "恢复")
        assert (back.valid_to, back.valid_from, back.version) == (None, LATER, 4)
        with refused("directory_living"):
            await units.revive(conn, pen(), "county", 4, "x")
    async with database.engine.connect() as conn:
        lines, _ = await reading.history(conn, "h1", thing=Thing.UNIT, key="county", limit=10)
        told = [(each.what, each.name, each.reason) for each in lines]
        assert told == [
            ("revived", "新名", "恢复"),
            ("ended", "新名", "机构改革"),
            ("changed", "新名", ""),
            ("created", "county机构", ""),
        ]
        assert lines[2].before == {"name": "county机构", "address": "旧址", "services": ["legal_advice", "mediation"]}
        assert lines[2].after == {"name": "新名", "address": "新址", "services": []}
        audited = (await conn.execute(select(AUDIT.c.object).order_by(AUDIT.c.seq))).scalars().all()
        assert audited == ["unit/city", "unit/county", "unit/county", "unit/county", "unit/county"]


async def test_no_office_hangs_in_the_air(database: Database) -> None:
    async with database.engine.begin() as conn:
        await city(conn)
        with refused("unit_code_taken"):
            await unit(conn, "city")
        with refused("unit_parent_wrong"):
            await unit(conn, "x", parent="nowhere")
        ring = values(kind="county_centre", name="county机构", parent="village", area="330106")
        with refused("unit_parent_wrong"):
            await units.change(conn, pen(), "county", 1, ring)
        with refused("unit_has_units"):
            await units.end(conn, pen(), "town", 1, "x")
        for code in ("village", "village2", "committee", "town"):
            await units.end(conn, pen(), code, 1, "撤并")
        with refused("unit_parent_wrong"):
            await units.revive(conn, pen(), "village", 2, "x")
        with refused("unit_parent_wrong"):
            await unit(conn, "x", parent="town")
        with refused("not_found"):
            await units.one(conn, "h2", "city")
        assert "town" in (await units.read_tree(conn, "h1")).below("city")


async def test_two_halls_may_use_the_same_code(database: Database) -> None:
    async with database.engine.begin() as conn:
        await unit(conn, "city", "h1")
        await unit(conn, "city", "h2")
        assert (await conn.execute(select(func.count()).select_from(UNITS))).scalar_one() == 2


async def test_two_who_would_close_a_ring_together(database: Database) -> None:
    async with database.engine.begin() as conn:
        await unit(conn, "a")
        await unit(conn, "b")

    async def under(code: str, parent: str) -> str:
        try:
            async with database.engine.begin() as conn:
                await units.change(conn, pen(), code, 1, values(name=code, parent=parent))
        except DirectoryRefused as refused:
            return refused.code
        return "done"

    assert sorted(await asyncio.gather(under("a", "b"), under("b", "a"))) == ["done", "unit_parent_wrong"]


async def test_search(database: Database) -> None:
    async with database.engine.begin() as conn:
        await city(conn)
        await unit(conn, "open", area="330199", hours=week(OFFICE_HOURS), address="凯旋路１００号", public=False)
        await unit(conn, "ended", area="330199")
        await units.end(conn, pen(), "ended", 1, "撤并")
    assert await found(database, area="330106008") == ["committee", "town", "village", "village2"]
    assert await found(database, kind="county_centre") == ["county", "other"]
    assert await found(database, service="mediation", area="330106") == ["county", "committee", "town"]
    assert await found(database, text="凯旋路100") == ["open"]
    assert await found(database, text="人民调解委员会") == ["committee"]
    assert await found(database, text="！") == []
    assert await found(database, open_now=True) == ["open"]
    assert await found(database, open_now=True, now=NOW + timedelta(hours=10)) == []
    assert await found(database, ended=True) == ["ended"]
    assert await found(database, area="330199", public=True) == []
    async with database.engine.begin() as conn:
        await units.change(conn, pen(), "open", 1, values(name="新名", address="别处", area="330199"))
    assert await found(database, text="凯旋路") == []
    assert await found(database, text="新名") == ["open"]


async def test_page_by_page(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_STEP", 3)
    async with database.engine.begin() as conn:
        for number in range(8):
            await unit(conn, f"u{number}", hours=week("每天 全天") if number % 2 else None)
        pages: list[list[str]] = []
        after = None
        while True:
            wanted = Wanted(hall="h1", open_now=True)
            listed, after = await reading.search(conn, wanted, now=NOW, kind_of=Calendar().kind, limit=2, after=after)
            pages.append([each.code for each in listed])
            if after is None:
                break
    assert [each for page in pages for each in page] == ["u1", "u3", "u5", "u7"]
    assert len(pages[0]) == 2


async def test_people_advisers_experts(database: Database) -> None:
    async with database.engine.begin() as conn:
        await city(conn)
        person = {"unit": "town", "name": "李主任", "post": "站长", "telephone": "", "hours": None, "public": False}
        row = await people.write(conn, pen(), Thing.PERSON, None, None, {**person, "note": ""}, ended=False)
        moved = {**person, "unit": "county", "note": ""}
        row = await people.write(conn, pen(now=LATER), Thing.PERSON, row.id, 1, moved, ended=True)
        assert (row.unit, row.valid_to, row.version) == ("county", LATER, 3)
        assert await people.of_unit(conn, "h1", "county") == []
        assert len(await people.of_unit(conn, "h1", "county", ended=True)) == 1
        await people.write(conn, pen(), Thing.PERSON, row.id, 3, moved, ended=False)
        assert [each.name for each in await people.of_unit(conn, "h1", "county")] == ["李主任"]
        with refused("invalid_input"):
            await people.write(conn, pen(), Thing.PERSON, None, None, {**moved, "unit": "nowhere"}, ended=False)
        with refused("not_found"):
            await people.write(conn, pen("h2"), Thing.PERSON, row.id, 4, moved, ended=True)
        lines, _ = await reading.history(conn, "h1", thing=Thing.PERSON, key=str(row.id), limit=10)
        assert [each.what for each in lines] == ["revived", "ended", "changed", "created"]
        await people.write(conn, pen(), Thing.ADVISER, None, None, ADVISER, ended=False)
        assert [each.name for each in await people.advisers(conn, "h1", village="village")] == ["陈律师"]
        assert await people.advisers(conn, "h1", village="village2") == []
        expert = {"name": "周教授", "title": "教授", "fields": ["医疗纠纷"], "level": "city", "unit": None}
        expert |= {"workplace": "示例大学", "telephone": "", "public": False, "note": ""}
        await people.write(conn, pen(), Thing.EXPERT, None, None, expert, ended=False)
        assert [each.fields for each in await people.experts(conn, "h1")] == [("医疗纠纷",)]


async def test_five_villages_and_no_more(database: Database) -> None:
    async with database.engine.begin() as conn:
        await city(conn)
        codes = [f"v{number}" for number in range(6)]
        for code in codes:
            await unit(conn, code, kind="village_studio")
        with refused("too_many_villages"):
            await people.write(conn, pen(), Thing.ADVISER, None, None, {**ADVISER, "villages": codes}, ended=False)
        with refused("invalid_input"):
            await people.write(conn, pen(), Thing.ADVISER, None, None, {**ADVISER, "villages": ["town"]}, ended=False)
        row = await people.write(
            conn, pen(), Thing.ADVISER, None, None, {**ADVISER, "villages": codes[:5]}, ended=False
        )
        # A village that has ended meanwhile stays until it is taken out.
        await units.end(conn, pen(), "v0", 1, "撤并")
        kept = {**ADVISER, "villages": codes[:5], "note": "改"}
        await people.write(conn, pen(), Thing.ADVISER, row.id, 1, kept, ended=False)
        with refused("invalid_input"):
            other = {**ADVISER, "villages": ["v0"]}
            await people.write(conn, pen(), Thing.ADVISER, None, None, other, ended=False)
    with pytest.raises(IntegrityError):
        async with database.engine.begin() as conn:
            await conn.execute(insert(ADVISERS).values(hall="h1", name="x", villages=codes, valid_from=NOW))


async def test_the_ledger(database: Database) -> None:
    long_ago = datetime(2024, 1, 1, tzinfo=UTC)
    async with database.engine.begin() as conn:
        await city(conn)
        row = await people.write(conn, pen(now=long_ago), Thing.ADVISER, None, None, ADVISER, ended=False)
        adviser = people.adviser_of(row)
        entries: list[int] = []
        for day, kind in ((date(2026, 10, 5), Service.DUTY), (date(2026, 9, 5), Service.LECTURE)):
            fields = {"day": day, "kind": kind, "hours": Decimal(4), "village": "village", "note": ""}
            entries.append(await advisers.note(conn, pen(), adviser.id, **fields))
        today = date(2026, 11, 23)
        assert (await advisers.readings(conn, "h1", [adviser], today))[adviser.id].behind == []
        assert await advisers.strike(conn, pen(), entries[0], "重复登记") == adviser.id
        with refused("entry_struck"):
            await advisers.strike(conn, pen(), entries[0], "x")
        behind = (await advisers.readings(conn, "h1", [adviser], today))[adviser.id].behind
        assert behind == ["2026-10 服务 0 小时，差 4 小时"]
        lines = await advisers.lines(conn, "h1", adviser.id)
        assert [(each.id, each.struck_reason) for each in lines] == [(entries[0], "重复登记"), (entries[1], "")]
        wrong = {"kind": Service.DUTY, "hours": Decimal(1), "note": ""}
        with refused("invalid_input"):
            await advisers.note(conn, pen(), adviser.id, day=date(2026, 11, 24), village="", **wrong)
        with refused("invalid_input"):
            await advisers.note(conn, pen(), adviser.id, day=today, village="village2", **wrong)
        await people.write(conn, pen(), Thing.ADVISER, adviser.id, 1, ADVISER, ended=True)
        with refused("directory_ended"):
            await advisers.note(conn, pen(), adviser.id, day=today, village="", **wrong)


async def test_an_import_is_looked_at_and_then_done(database: Database) -> None:
    data = file(
        {
            Thing.UNIT: [
                office("child", 上级编码="mother", 业务="人民调解"),
                office("mother"),
                office("v", 类别="村居工作室"),
            ],
            Thing.PERSON: [{"机构编码": "child", "姓名": "李主任"}],
            Thing.ADVISER: [{"姓名": "陈律师", "服务村居编码": "v"}],
            Thing.EXPERT: [{"姓名": "周教授", "专业领域": "医疗、劳动", "级别": "市级", "所属机构编码": "mother"}],
        }
    )
    rows = sheet.read(data)
    async with database.engine.begin() as conn:
        assert {each.fate for each in await importing.look(conn, "h1", rows, whole=False)} == {Fate.ADDED}
        assert (await conn.execute(select(func.count()).select_from(UNITS))).scalar_one() == 0
        number, done = await importing.write(conn, pen(), rows, whole=False, file_name="名录.xlsx", data=data)
        assert importing.counts(done)["added"] == 6
    async with database.engine.begin() as conn:
        again = await importing.look(conn, "h1", rows, whole=True)
        assert {each.fate for each in again} == {Fate.KEPT}
        (kept,) = await reading.imports(conn, "h1")
        assert (kept.id, kept.file_name, kept.counts["added"]) == (number, "名录.xlsx", 6)
        lines, more = await reading.history(conn, "h1", load=number, limit=4)
        assert (len(lines), more is not None) == (4, True)
        assert await found(database, text="人民调解") == ["child"]
        # The filled template is the directory: nothing changes by it.
        filled = sheet.read(sheet.template(importing.entries(await importing.directory(conn, "h1"))))
        assert {each.fate for each in await importing.look(conn, "h1", filled, whole=True)} == {Fate.KEPT}


async def test_a_second_file_changes_ends_and_revives(database: Database) -> None:
    async def load(*rows: dict[str, Any], whole: bool = False) -> dict[str, int]:
        data = file({Thing.UNIT: rows})
        async with database.engine.begin() as conn:
            _, done = await importing.write(conn, pen(), sheet.read(data), whole=whole, file_name="x.xlsx", data=data)
        return {fate: count for fate, count in importing.counts(done).items() if count}

    assert await load(office("a"), office("b", 上级编码="a"), office("c")) == {"added": 3}
    assert await load(office("a", 地址="新址"), office("b", 上级编码="a"), whole=True) == {
        "changed": 1,
        "kept": 1,
        "ended": 1,
    }
    assert await load(office("c", 名称="又来了")) == {"revived": 1}
    async with database.engine.connect() as conn:
        back = await units.one(conn, "h1", "c")
        assert (back.name, back.valid_to, back.version) == ("又来了", None, 4)
        c = DIRECTORY_CHANGES.c
        told = await conn.execute(select(c.key, c.what, c.load).order_by(c.id).offset(3))
        assert [tuple(row) for row in told] == [
            ("a", "changed", 2),
            ("c", "ended", 2),
            ("c", "changed", 3),
            ("c", "revived", 3),
        ]


async def test_one_wrong_row_and_nothing_is_written(database: Database) -> None:
    data = file({Thing.UNIT: [office("a"), office("b", 上级编码="nowhere")]})
    with refused("directory_rows_wrong") as seen:
        async with database.engine.begin() as conn:
            await importing.write(conn, pen(), sheet.read(data), whole=False, file_name="x.xlsx", data=data)
    assert seen.value.errors == [
        {"field": "unit.3", "message": "机构 第 3 行 D 上级编码：没有编码为 nowhere 的机构（也不在可导入的行中）"}
    ]
    assert await found(database) == []
