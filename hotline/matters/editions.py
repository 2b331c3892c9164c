"""With which forms was a ticket written? Each edition is kept from its first use on: old tickets stay readable."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.matters.forms import Forms, read, shipped
from hotline.store.tables import MATTER_EDITIONS


async def keep(conn: AsyncConnection, now: datetime) -> str:
    """The edition that counts now, kept; its name."""
    forms = shipped()
    content: Mapping[str, Any] = msgspec.to_builtins(forms, order="deterministic")
    row = insert(MATTER_EDITIONS).values(edition=forms.edition, content=content, first_used_at=now)
    await conn.execute(row.on_conflict_do_nothing())
    return forms.edition


async def edition(conn: AsyncConnection, name: str) -> Forms | None:
    """The forms of an edition; None where there is none of that name."""
    if name in ("", shipped().edition):
        return shipped()
    content = await conn.scalar(select(MATTER_EDITIONS.c.content).where(MATTER_EDITIONS.c.edition == name))
    return None if content is None else read(content)
