"""With which knowledge does a rehearsal hall begin? Written by us; statutes by citation and our own summary.

A real hall begins with none: what its lawyers read out is its own to write and to answer for.
"""

from __future__ import annotations

from importlib import resources

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.knowledge import items
from hotline.knowledge.content import Content
from hotline.knowledge.items import Pen
from hotline.knowledge.kinds import Kind
from hotline.knowledge.life import Step
from hotline.store.tables import KNOWLEDGE_ITEMS


class Seed(Content, frozen=True, kw_only=True):
    """An item as the file tells it."""

    kind: Kind


def shipped() -> list[Seed]:
    """The items that come along."""
    return msgspec.json.decode(resources.files("hotline.knowledge").joinpath("seed.json").read_bytes(), type=list[Seed])


async def plant(conn: AsyncConnection, writer: Pen, reviewer: Pen) -> int:
    """Published, where the hall has no item yet; how many there are of it now. Two people, as everywhere."""
    there = select(KNOWLEDGE_ITEMS.c.id).where(KNOWLEDGE_ITEMS.c.hall == writer.hall).limit(1)
    if (await conn.execute(there)).one_or_none() is not None:
        return 0
    seeds = shipped()
    for seed in seeds:
        said = {name: getattr(seed, name) for name in Content.__struct_fields__}
        item = await items.create(conn, writer, seed.kind, Content(**said))
        await items.step(conn, reviewer, item, 1, Step.REVIEW)
        await items.step(conn, reviewer, item, 2, Step.PUBLISH, confirmed=True)
    return len(seeds)
