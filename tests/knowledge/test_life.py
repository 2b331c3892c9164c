"""Versions, steps and two people, on rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from hotline.knowledge import feedback, finding, items, reading, seed
from hotline.knowledge.anonymise import left_over
from hotline.knowledge.content import Content, Validity, validity
from hotline.knowledge.kinds import Kind, KnowledgeRefused
from hotline.knowledge.life import REVIEW_AFTER, TRANSITIONS, State, Step, advance
from hotline.store.engine import Database
from hotline.store.tables import KNOWLEDGE_VERSIONS
from hotline.tickets import categories
from tests.knowledge.making import NOW, pen, published, revision, step

TODAY = date(2026, 11, 23)
PAY = Content(title="拖欠工资怎么办", body="可以向劳动监察大队投诉。")


def test_only_what_was_reviewed_is_published_and_everything_can_be_written_again() -> None:
    assert {state for (state, what) in TRANSITIONS if what is Step.PUBLISH} == {State.REVIEWED}
    assert all(advance(state, Step.SAVE) is State.DRAFT for state in State)
    with pytest.raises(KnowledgeRefused) as refused:
        advance(State.DRAFT, Step.PUBLISH)
    assert refused.value.code == "knowledge_state"


async def test_a_new_version_is_seen_when_it_is_published_and_the_old_one_until_then(database: Database) -> None:
    async with database.engine.begin() as conn:
        item = await items.create(conn, pen(), Kind.ARTICLE, PAY)
        await step(conn, item, Step.REVIEW)
        await step(conn, item, Step.PUBLISH)
        better = Content(title=PAY.title, body="可以向劳动监察大队投诉，也可以申请劳动仲裁。")
        await items.save(conn, pen(), item, await revision(conn, item), better)
        seen = await reading.one(conn, "h1", item, account="x", today=TODAY, drafts=False)
        assert (seen.version, seen.state, seen.content) == (1, State.DRAFT, PAY)
        assert seen.review_on == TODAY + REVIEW_AFTER
        await step(conn, item, Step.REVIEW)
        await step(conn, item, Step.PUBLISH, review_on=TODAY + timedelta(days=30))
        now = await reading.one(conn, "h1", item, account="writer", today=TODAY, drafts=False)
        assert (now.version, now.content, now.own) == (2, better, True)
        first = await reading.one(conn, "h1", item, account="x", today=TODAY, drafts=True, version=1)
        assert first.content == PAY, "nothing is overwritten"
        assert reading.differences(first.content, now.content)["body"] == [
            reading.Piece(was="可以向劳动监察大队投诉", now="可以向劳动监察大队投诉"),
            reading.Piece(was="", now="，也可以申请劳动仲裁"),
            reading.Piece(was="。", now="。"),
        ]
        lines = await reading.history(conn, "h1", item)
        assert [(line.version, line.step, line.by) for line in lines] == [
            (2, "publish", "reviewer"),
            (2, "review", "reviewer"),
            (2, "save", "writer"),
            (1, "publish", "reviewer"),
            (1, "review", "reviewer"),
            (1, "save", "writer"),
        ]
        await step(conn, item, Step.WITHDRAW, reason="法律修改")
        with pytest.raises(KnowledgeRefused):
            await reading.one(conn, "h1", item, account="x", today=TODAY, drafts=False)


async def test_nobody_reviews_what_they_wrote_and_the_second_of_two_is_told(database: Database) -> None:
    async with database.engine.begin() as conn:
        item = await items.create(conn, pen(), Kind.SCRIPT, PAY)
        with pytest.raises(KnowledgeRefused) as own:
            await step(conn, item, Step.REVIEW, who="writer")
        assert own.value.code == "knowledge_own"
        await items.save(conn, pen("second"), item, 1, Content(title=PAY.title, body="改写"))
        await step(conn, item, Step.REVIEW, who="writer")  # the second version is another's
        for stale in (1, 2):
            with pytest.raises(KnowledgeRefused) as late:
                await items.save(conn, pen(), item, stale, PAY)
            assert late.value.code == "knowledge_changed"
        with pytest.raises(KnowledgeRefused) as other:
            await items.step(conn, pen(hall="h2"), item, 3, Step.PUBLISH)
        assert other.value.code == "not_found"


async def test_the_same_again_is_no_version(database: Database) -> None:
    async with database.engine.begin() as conn:
        item = await items.create(conn, pen(), Kind.ARTICLE, PAY)
        await items.save(conn, pen(), item, 1, Content(title=" 拖欠工资怎么办 ", body=PAY.body + "\n"))
        assert await revision(conn, item) == 1
        assert (await conn.execute(select(func.count()).select_from(KNOWLEDGE_VERSIONS))).scalar_one() == 1


async def test_a_case_is_published_when_somebody_confirmed_it_and_nothing_in_it_looks_like_a_person(
    database: Database,
) -> None:
    async with database.engine.begin() as conn:
        leaky = Content(title="欠薪咨询案例", body="某甲反映。\n联系电话13800138000。")
        item = await items.create(conn, pen(), Kind.CASE, leaky)
        await step(conn, item, Step.REVIEW)
        with pytest.raises(KnowledgeRefused) as silent:
            await step(conn, item, Step.PUBLISH)
        assert silent.value.code == "knowledge_unconfirmed"
        with pytest.raises(KnowledgeRefused) as leaks:
            await step(conn, item, Step.PUBLISH, confirmed=True)
        assert leaks.value.code == "knowledge_personal_data"
        assert leaks.value.errors == [{"field": "body", "message": "疑似个人信息，第 2 段：电话。"}]


@pytest.mark.parametrize(
    ("kind", "content", "field"),
    [
        (Kind.ARTICLE, Content(title=" ", body="x"), "title"),
        (Kind.ARTICLE, Content(title="x", body="\n"), "body"),
        (Kind.ARTICLE, Content(title="长" * 121, body="x"), "title"),
        (Kind.STATUTE, Content(title="x", body="x"), "citation"),
        (Kind.SCRIPT, Content(title="x", body="x", effective_on=TODAY), "effective_on"),
        (Kind.ARTICLE, Content(title="x", body="x", tags=("标" * 21,)), "tags"),
        (Kind.ARTICLE, Content(title="x", body="x", categories=("nowhere",)), "categories"),
        (
            Kind.STATUTE,
            Content(title="x", body="x", citation="x", effective_on=TODAY, repealed_on=TODAY),
            "repealed_on",
        ),
    ],
)
async def test_what_does_not_do(database: Database, kind: Kind, content: Content, field: str) -> None:
    async with database.engine.begin() as conn:
        await categories.ensure_default(conn, NOW)
        with pytest.raises(KnowledgeRefused) as refused:
            await items.create(conn, pen(), kind, content)
    assert [each["field"] for each in refused.value.errors] == [field]


def test_a_statute_is_in_force_from_its_first_day_to_the_day_before_its_last() -> None:
    begins, ends = date(2026, 1, 1), date(2026, 12, 1)
    assert validity(begins, ends, date(2025, 12, 31)) is Validity.NOT_YET
    assert validity(begins, ends, begins) is Validity.EFFECTIVE
    assert validity(begins, ends, ends - timedelta(days=1)) is Validity.EFFECTIVE
    assert validity(begins, ends, ends) is Validity.REPEALED
    assert validity(None, None, begins) is Validity.EFFECTIVE


async def test_what_the_desk_says_and_what_came_of_it(database: Database) -> None:
    async with database.engine.begin() as conn:
        item = await published(conn, "离婚冷静期")
        await feedback.give(conn, pen("desk"), item, useful=True, words="")
        with pytest.raises(KnowledgeRefused):
            await feedback.give(conn, pen("desk"), item, useful=False, words="")
        await feedback.give(conn, pen("desk"), item, useful=False, words="天数写错了")
        await feedback.used(conn, pen("desk"), item)
        draft = await items.create(conn, pen(), Kind.ARTICLE, PAY)
        with pytest.raises(KnowledgeRefused):
            await feedback.used(conn, pen("desk"), draft)  # no desk sees it
        (waiting,), _ = await feedback.listed(conn, "h1", waiting=True, item=None, limit=9, before=None)
        assert (waiting.words, waiting.version, waiting.title) == ("天数写错了", 1, "离婚冷静期")
        await feedback.settle(conn, pen("editor"), waiting.id, "已改正")
        with pytest.raises(KnowledgeRefused) as again:
            await feedback.settle(conn, pen("editor"), waiting.id, "已改正")
        assert again.value.code == "feedback_settled"
        lines, _ = await feedback.listed(conn, "h1", waiting=False, item=item, limit=9, before=None)
        assert [(line.useful, line.settled_words) for line in lines] == [(False, "已改正"), (True, "")]
        seen = await reading.one(conn, "h1", item, account="x", today=TODAY, drafts=False)
        assert (seen.used, seen.useful, seen.wrong) == (1, 1, 1)


async def test_what_comes_along_is_planted_once_and_tells_nobody(database: Database) -> None:
    assert [left_over(each.title + each.body) for each in seed.shipped()] == [[]] * len(seed.shipped())
    async with database.engine.begin() as conn:
        await categories.ensure_default(conn, NOW)
        planted = await seed.plant(conn, pen(), pen("reviewer"))
        assert await seed.plant(conn, pen(), pen("reviewer")) == 0
        seen, _ = await finding.search(conn, finding.Wanted(hall="h1", today=TODAY), limit=50)
        assert len(seen) == planted == len(seed.shipped())
        pay = await finding.at_hand(conn, "h1", TODAY, category="civil.labour.pay")
        assert {each.line.kind for each in pay} == {Kind.ARTICLE, Kind.STATUTE, Kind.CASE}
