"""Items for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Doer
from hotline.finding import views
from hotline.finding.views import List
from hotline.knowledge import feedback, items
from hotline.knowledge.content import Content
from hotline.knowledge.items import Pen
from hotline.knowledge.kinds import Kind
from hotline.knowledge.life import Step
from hotline.people.permissions import Role
from hotline.store.tables import KNOWLEDGE_FEEDBACK, KNOWLEDGE_ITEMS
from tests.api.site import Site

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def pen(who: str = "writer", hall: str = "h1", now: datetime = NOW) -> Pen:
    """Somebody who writes."""
    return Pen(hall=hall, doer=Doer(account=who, work_number=who), now=now)


async def revision(conn: AsyncConnection, item: int) -> int:
    """Of an item, as it is now."""
    return (await conn.execute(select(KNOWLEDGE_ITEMS.c.revision).where(KNOWLEDGE_ITEMS.c.id == item))).scalar_one()


async def step(conn: AsyncConnection, item: int, what: Step, who: str = "reviewer", **more: Any) -> None:
    """A step on what is there now."""
    await items.step(conn, pen(who), item, await revision(conn, item), what, **more)


async def published(
    conn: AsyncConnection, title: str, kind: Kind = Kind.ARTICLE, *, hall: str = "h1", used: int = 0, **said: Any
) -> int:
    """An item that the desks see; its id."""
    said = {"body": f"{title}的说明。", **said}
    if kind is Kind.STATUTE:
        said.setdefault("citation", title)
    item = await items.create(conn, pen(hall=hall), kind, Content(title=title, **said))
    await items.step(conn, pen("reviewer", hall), item, 1, Step.REVIEW)
    await items.step(conn, pen("reviewer", hall), item, 2, Step.PUBLISH, confirmed=True)
    await conn.execute(update(KNOWLEDGE_ITEMS).where(KNOWLEDGE_ITEMS.c.id == item).values(used=used))
    return item


async def knowledge_things(site: Site, hall: str, owner: Role) -> dict[str, Any]:
    """In one hall: something published and said about, drafts of somebody else, a ticket to make a case of, a view."""
    _, ticket = await site.call(hall, operator=owner, state="closed", facts="单位欠薪", opinion="可以投诉")
    account = site.people[hall, owner].id
    async with site.engine.begin() as conn:
        item = await published(conn, f"{owner}的文章", hall=hall)
        await feedback.give(conn, pen(account, hall), item, useful=False, words="有误")
        said = select(func.max(KNOWLEDGE_FEEDBACK.c.id)).where(KNOWLEDGE_FEEDBACK.c.item == item)
        drafts = [
            await items.create(conn, pen("else", hall), Kind.ARTICLE, Content(title=f"{owner}{name}", body="草稿"))
            for name in ("待改", "待审")
        ]
        view = await views.keep(
            conn, hall, account, List.TICKETS, f"{owner}", {"days": 7}, shared=True, now=site.clock.now()
        )
        return {
            "knowledge": item,
            "feedback": (await conn.execute(said)).scalar_one(),
            "knowledge_draft": drafts[0],
            "knowledge_unreviewed": drafts[1],
            "case_ticket": ticket,
            "saved_view": view,
        }
