"""What does one item say, in each version, and how did it get there?"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.knowledge.content import Content, Validity, validity
from hotline.knowledge.items import FIELDS, content_of
from hotline.knowledge.kinds import Kind, KnowledgeRefused
from hotline.knowledge.life import State
from hotline.store.tables import ACCOUNTS, KNOWLEDGE_ITEMS, KNOWLEDGE_STEPS, KNOWLEDGE_VERSIONS


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """An item with one of its versions."""

    id: int
    kind: Kind
    state: State
    revision: int
    newest: int
    published: int | None
    review_on: date | None
    from_ticket: str | None
    used: int
    useful: int
    wrong: int
    version: int
    """Which one `content` is."""
    made_at: datetime
    made_by: str
    """The name of its writer."""
    own: bool
    """The asking account wrote it."""
    content: Content
    validity: Validity


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of an item's history."""

    version: int
    step: str
    at: datetime
    by: str
    reason: str


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a difference: `was` empty where something was added, `now` empty where something went."""

    was: str
    now: str

    @property
    def same(self) -> bool:
        """Nothing changed here."""
        return self.was == self.now


_I, _V, _S = KNOWLEDGE_ITEMS.c, KNOWLEDGE_VERSIONS.c, KNOWLEDGE_STEPS.c


async def one(
    conn: AsyncConnection, hall: str, item: int, *, account: str, today: date, drafts: bool, version: int | None = None
) -> Item:
    """The newest version (`drafts`), the one that the desks see, or the one that is asked for.

    Raises `KnowledgeRefused(not_found)`.
    """
    which = _V.newest if drafts else _V.shown
    if version is not None:
        which = _V.version == version
    columns = (*KNOWLEDGE_ITEMS.c, _V.version, _V.made_at, _V.made_by, *(_V[name] for name in FIELDS))
    query = (
        select(*columns, ACCOUNTS.c.name)
        .join(KNOWLEDGE_VERSIONS, _V.item == _I.id)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == _V.made_by)
        .where(_I.hall == hall, _I.id == item, which)
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise KnowledgeRefused("not_found")
    same = {name: row._mapping[name] for name in _SAME}
    return Item(
        **same,
        kind=Kind(row.kind),
        state=State(row.state),
        made_by=row.name or row.made_by,
        own=row.made_by == account,
        content=content_of(row),
        validity=validity(row.effective_on, row.repealed_on, today),
    )


async def history(conn: AsyncConnection, hall: str, item: int) -> list[StepLine]:
    """What was done with the item, newest first. Raises `KnowledgeRefused(not_found)`."""
    query = (
        select(KNOWLEDGE_STEPS, ACCOUNTS.c.name)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == _S.account)
        .where(_S.hall == hall, _S.item == item)
        .order_by(_S.id.desc())
    )
    lines = [
        StepLine(version=row.version, step=row.step, at=row.at, by=row.name or row.account, reason=row.reason)
        for row in await conn.execute(query)
    ]
    if not lines:
        raise KnowledgeRefused("not_found")  # an item begins with a step
    return lines


def difference(was: str, now: str) -> list[Piece]:
    """What changed between two texts, sentence by sentence, and sign by sign within what was replaced."""
    before, after = _SENTENCE.findall(was), _SENTENCE.findall(now)
    return _joined(
        [piece for left, right in _blocks(before, after) for piece in _within("".join(left), "".join(right))]
    )


def differences(was: Content, now: Content) -> dict[str, list[Piece]]:
    """Of the fields that are not the same."""
    found: dict[str, list[Piece]] = {}
    for name in Content.__struct_fields__:
        before, after = _plain(getattr(was, name)), _plain(getattr(now, name))
        if before != after:
            found[name] = difference(before, after)
    return found


_SENTENCE: Final = re.compile(r"[^。；！？\n]*[。；！？\n]|[^。；！？\n]+")
_FINE: Final = 2_000
"""Signs up to which a replaced passage is compared sign by sign: it takes the square of it."""
_SAME: Final = (
    *("id", "revision", "newest", "published", "review_on", "from_ticket", "used", "useful", "wrong"),
    *("version", "made_at"),
)


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return "、".join(value)
    return "" if value is None else str(value)


def _blocks(before: Sequence[Any], after: Sequence[Any]) -> list[tuple[Sequence[Any], Sequence[Any]]]:
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    return [(before[a:b], after[c:d]) for _, a, b, c, d in matcher.get_opcodes()]


def _within(was: str, now: str) -> list[Piece]:
    if was == now or not was or not now or len(was) + len(now) > _FINE:
        return [Piece(was=was, now=now)]
    return [Piece(was="".join(left), now="".join(right)) for left, right in _blocks(was, now)]


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Neighbours of one sort as one."""
    found: list[Piece] = []
    for piece in pieces:
        if found and found[-1].same and piece.same:
            text = found[-1].now + piece.now
            found[-1] = Piece(was=text, now=text)
        else:
            found.append(piece)
    return found
