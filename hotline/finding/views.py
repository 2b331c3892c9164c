"""Which filters of a list does somebody use again and again (常用筛选)? One's own, and those shared with the hall."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.tables import ACCOUNTS, SAVED_VIEWS

MAX_VIEWS: Final = 50
"""Of one account, over all lists."""


class List(StrEnum):
    """What is filtered."""

    TICKETS = "tickets"
    CALLS = "calls"


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A filter with a name."""

    id: int
    list: List
    name: str
    filter: Mapping[str, Any]
    shared: bool
    own: bool
    by: str
    """The name of who made it."""


class ViewRefused(Exception):
    """`code` is one of the API's."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


_S = SAVED_VIEWS.c


async def listed(conn: AsyncConnection, hall: str, account: str, of: List) -> list[View]:
    """One's own first, then the shared ones, by name."""
    query = (
        select(SAVED_VIEWS, ACCOUNTS.c.name.label("maker"))
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == _S.account)
        .where(_S.hall == hall, _S.list == of.value, or_(_S.account == account, _S.shared))
        .order_by((_S.account == account).desc(), _S.name, _S.id)
    )
    return [
        View(
            id=row.id,
            list=List(row.list),
            name=row.name,
            filter=row.filter,
            shared=row.shared,
            own=row.account == account,
            by=row.maker or "",
        )
        for row in await conn.execute(query)
    ]


async def keep(
    conn: AsyncConnection,
    hall: str,
    account: str,
    of: List,
    name: str,
    filter: Mapping[str, Any],
    *,
    shared: bool,
    now: datetime,
) -> int:
    """Another one; its id. Raises `ViewRefused`: saved_view_name_taken, too_many_saved_views."""
    held = select(func.count()).where(_S.hall == hall, _S.account == account)
    if (await conn.execute(held)).scalar_one() >= MAX_VIEWS:
        raise ViewRefused("too_many_saved_views")
    row = {"hall": hall, "account": account, "list": of.value, "name": name, "filter": dict(filter)}
    made = insert(SAVED_VIEWS).values(**row, shared=shared, made_at=now).on_conflict_do_nothing()
    number = (await conn.execute(made.returning(_S.id))).scalar_one_or_none()
    if number is None:
        raise ViewRefused("saved_view_name_taken")
    return number


async def drop(conn: AsyncConnection, hall: str, account: str, view: int, *, any_shared: bool) -> None:
    """Deletes one's own; with `any_shared` also one that somebody else shared. Raises `ViewRefused(not_found)`."""
    own = _S.account == account
    mine = or_(own, _S.shared) if any_shared else own
    gone = delete(SAVED_VIEWS).where(_S.hall == hall, _S.id == view, mine).returning(_S.id)
    if (await conn.execute(gone)).scalar_one_or_none() is None:
        raise ViewRefused("not_found")
