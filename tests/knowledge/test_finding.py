"""What is found, in which order, and what never is."""

from __future__ import annotations

from datetime import date, timedelta

from hotline.knowledge import finding, items
from hotline.knowledge.content import Content
from hotline.knowledge.finding import Wanted
from hotline.knowledge.kinds import Kind
from hotline.knowledge.life import Step
from hotline.store.engine import Database
from hotline.tickets import categories
from tests.knowledge.making import NOW, pen, published, step

TODAY = date(2026, 11, 23)
PAY, INJURY, LABOUR, LOAN = "civil.labour.pay", "civil.labour.injury", "civil.labour", "civil.loan"


async def titles(database: Database, **wanted: object) -> list[str]:
    async with database.engine.connect() as conn:
        lines, _ = await finding.search(conn, Wanted(hall="h1", today=TODAY, **wanted), limit=50)  # pyright: ignore[reportArgumentType]
    return [line.title for line in lines]


async def test_the_title_comes_before_the_body_and_what_is_used_before_what_is_not(database: Database) -> None:
    async with database.engine.begin() as conn:
        await published(conn, "离婚财产分割", body="先协商。", used=1)
        await published(conn, "婚姻登记", body="离婚须双方到场。", used=90)
        await published(conn, "离婚冷静期", body="三十日。", used=5)
        await published(conn, "工伤认定", body="一个月内申请。", used=99)
    assert await titles(database, text="离婚") == ["离婚冷静期", "离婚财产分割", "婚姻登记"]
    assert await titles(database, text="离") == ["离婚冷静期", "离婚财产分割", "婚姻登记"]
    assert await titles(database, text="！？") == []
    assert await titles(database, text="不存在") == []


async def test_page_by_page_nothing_twice_and_nothing_missed(database: Database) -> None:
    async with database.engine.begin() as conn:
        for number in range(7):
            await published(conn, f"工资{number}", used=number % 2)
        seen: list[str] = []
        place = None
        while True:
            wanted = Wanted(hall="h1", today=TODAY, text="工资")
            lines, place = await finding.search(conn, wanted, limit=3, after=place)
            seen += [line.title for line in lines]
            if place is None:
                break
    assert seen == ["工资5", "工资3", "工资1", "工资6", "工资4", "工资2", "工资0"]


async def test_drafts_are_for_editors_and_what_is_due_is_listed(database: Database) -> None:
    async with database.engine.begin() as conn:
        await items.create(conn, pen(), Kind.ARTICLE, Content(title="草稿", body="未审核"))
        due = await published(conn, "到期")
        await published(conn, "别的大厅", hall="h2")
        await step(conn, due, Step.CHECK, review_on=TODAY + timedelta(days=1))
    assert await titles(database) == ["到期"]
    assert await titles(database, drafts=True) == ["到期", "草稿"]
    assert await titles(database, review_due=True) == []
    async with database.engine.connect() as conn:
        tomorrow = Wanted(hall="h1", today=TODAY + timedelta(days=1), review_due=True)
        lines, _ = await finding.search(conn, tomorrow, limit=9)
    assert [line.title for line in lines] == ["到期"]


async def test_at_hand_the_very_category_then_those_above_never_those_beside(database: Database) -> None:
    async with database.engine.begin() as conn:
        await categories.ensure_default(conn, NOW)
        await published(conn, "劳动争议总则", categories=(LABOUR,), used=50)
        await published(conn, "工资话术", Kind.SCRIPT, categories=(PAY,), used=1)
        await published(conn, "工伤", categories=(INJURY,), used=99)
        await published(conn, "法律援助告知", matters=("legal_aid",))
        await published(conn, "旧法", Kind.STATUTE, categories=(PAY,), repealed_on=TODAY)
        await published(conn, "现行法", Kind.STATUTE, categories=(PAY,), repealed_on=TODAY + timedelta(days=1))
        found = await finding.at_hand(conn, "h1", TODAY, category=PAY)
        assert [each.line.title for each in found] == ["工资话术", "现行法", "劳动争议总则"]
        assert found[0].body == "工资话术的说明。"
        both = await finding.at_hand(conn, "h1", TODAY, category=PAY, matter="legal_aid")
        assert [each.line.title for each in both][-1] == "法律援助告知"
        typed = await finding.at_hand(conn, "h1", TODAY, category=PAY, text="工伤")
        assert [each.line.title for each in typed] == ["工伤"]
        scripts = await finding.at_hand(conn, "h1", TODAY, category=PAY, kind=Kind.SCRIPT)
        assert [each.line.title for each in scripts] == ["工资话术"]
        most_used = await finding.at_hand(conn, "h1", TODAY, limit=2)
        assert [each.line.title for each in most_used] == ["工伤", "劳动争议总则"]
        assert await finding.at_hand(conn, "h2", TODAY) == []
