"""How does a closed ticket become a draft case (案例)?"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.knowledge.anonymise import Known, Piece, after, anonymise
from hotline.knowledge.content import Content
from hotline.knowledge.kinds import MAX_BODY, MAX_TITLE, KnowledgeRefused
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, CALLS, TICKETS
from hotline.tickets.fields import SEARCHED
from hotline.tickets.ticket import TicketState

HEADINGS: Final[Mapping[str, str]] = {
    "facts": "基本情况",
    "claim": "诉求",
    "opinion": "答复意见",
    "legal_basis": "法律依据",
}
"""Field of the ticket → heading in the case."""

_T = TICKETS.c


async def removal(conn: AsyncConnection, seal: Seal, hall: str, number: str) -> tuple[Row[Any], dict[str, list[Piece]]]:
    """The ticket, and its texts in pieces: what was there, and what stands there instead.

    Raises `KnowledgeRefused`: not_found, knowledge_ticket_open, knowledge_ticket_secret.
    """
    columns = (*(_T[name] for name in _NEEDED), CALLS.c.caller_sealed, ACCOUNTS.c.name)
    query = (
        select(*columns)
        .outerjoin(CALLS, CALLS.c.id == _T.call)
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == _T.operator)
        .where(_T.hall == hall, _T.number == number)
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise KnowledgeRefused("not_found")
    if row.secrecy:
        raise KnowledgeRefused("knowledge_ticket_secret")
    if row.state != TicketState.CLOSED.value or not (row.facts and row.opinion):
        raise KnowledgeRefused("knowledge_ticket_open")
    who = Known(
        caller=_open(seal, row, "caller_name_sealed"),
        counterparty=_open(seal, row, "counterparty_name_sealed"),
        staff=[row.name] if row.name else [],
        numbers=_numbers(seal, row),
    )
    return row, anonymise({name: row._mapping[name] for name in SEARCHED}, who)


def content(row: Row[Any], pieces: Mapping[str, Sequence[Piece]], label: str, known: Collection[str]) -> Content:
    """The draft. `label`: of the ticket's category; `known`: codes of the tree that counts now."""
    parts = [f"【{heading}】\n{text}" for name, heading in HEADINGS.items() if (text := after(pieces[name]).strip())]
    title = f"{label.split(' / ')[-1]}咨询案例" if label else "咨询案例"
    return Content(
        title=title[:MAX_TITLE],
        body="\n\n".join(parts)[:MAX_BODY],
        categories=(row.category,) if row.category in known else (),
        matters=(row.matter,) if row.matter else (),
    )


_NEEDED: Final = (
    *("number", "call", "state", "secrecy", "category", "category_version", "matter", *SEARCHED),
    *("caller_name_sealed", "counterparty_name_sealed", "contact_sealed", "counterparty_contact_sealed"),
)


def _numbers(seal: Seal, row: Row[Any]) -> list[str]:
    found = [_open(seal, row, "contact_sealed"), _open(seal, row, "counterparty_contact_sealed")]
    if row.caller_sealed:
        found.append(seal.open(bytes(row.caller_sealed), place("calls", "caller_sealed", row.call)))
    return [each for each in found if each]


def _open(seal: Seal, row: Row[Any], column: str) -> str:
    blob = row._mapping[column]
    return seal.open(bytes(blob), place("tickets", column, row.number)) if blob else ""
