"""May a ticket go on to that step, as far as its matter (事项) is concerned? If not: what is missing, and why."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.matters.aid import UNDECIDED
from hotline.matters.duties import unasked
from hotline.matters.forms import Before, missing, shipped, written
from hotline.matters.particulars import about, every
from hotline.matters.record import unrecorded
from hotline.matters.reminder import untold
from hotline.store.seal import Seal
from hotline.store.tables import AID_APPLICATIONS
from hotline.tickets.fields import Fault


class DutiesOpen(Exception):
    """Duties (义务) have not been recorded; `names`: which, in Chinese."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names

    @property
    def detail(self) -> str:
        """What to do, in Chinese."""
        return f"请先记录“{'、'.join(self.names)}”的履行情况，或写明无须履行的原因，再结束工单。"


class AidUndecided(Exception):
    """An application for legal aid waits for its decision, or for its lawyer."""


def lacking(seal: Seal, ticket: Row[Any], before: Before) -> list[Fault]:
    """What must be written before that step.

    Once a ticket has left the desk nothing is written on it any more: what is needed at its end is asked for then.
    """
    found = missing(shipped(), ticket.matter, every(seal, ticket), before)
    if before is not Before.HAND_OVER:
        found += unasked(about(ticket))
        found += untold(ticket.matter, ticket.category, about(ticket), told=ticket.legal_aid_told)
    return found


def told(seal: Seal, ticket: Row[Any]) -> str:
    """What of the matter goes along when the ticket is handed over: what is needed for that. Or nothing."""
    values = every(seal, ticket)
    lines = [
        f"{field.label}：{written(field, values[field.id])}"
        for field in shipped().of(ticket.matter)
        if Before.HAND_OVER in field.needed and field.id in values
    ]
    return "；".join(lines)


async def check_settled(conn: AsyncConnection, ticket: str) -> None:
    """Before a ticket ends, in whatever way. Raises `DutiesOpen`, `AidUndecided`."""
    if names := await unrecorded(conn, ticket):
        raise DutiesOpen(names)
    a = AID_APPLICATIONS.c
    if await conn.scalar(select(exists().where(a.ticket == ticket, a.state.in_(sorted(UNDECIDED))))):
        raise AidUndecided(ticket)
