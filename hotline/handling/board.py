"""One hall's tickets on their way (办理), one step at a time: row, version, history and deadlines together.

Everything that hall and units do (`hall_side.py`, `unit_side.py`) goes through `step` or `note` here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.deadlines.book import Book
from hotline.matters.ready import AidUndecided, DutiesOpen
from hotline.messages import asking
from hotline.network.told import tell
from hotline.store.tables import DISPATCHES, TICKET_CHANGES, TICKET_REQUESTS, TICKET_STEPS, TICKETS
from hotline.tickets.fields import cleaned
from hotline.tickets.handed import HandoverUndecided, check_end
from hotline.tickets.ticket import AT_UNIT, ENDED, Step, TicketRefused, TicketState, advance

MAX_TEXT: Final = 5_000
"""Signs of a reason, a note or a reply."""
SYSTEM: Final = "system"
LAPSED: Final = "工单已不在申请单位或已结束，申请自动失效。"


class HandlingRefused(Exception):
    """Not now, or not by this person; `code` is one of the API's, `detail` what people read."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


class Worker(msgspec.Struct, frozen=True, kw_only=True):
    """Who does it."""

    account: str
    unit: str = ""
    """The unit (机构) the account belongs to; empty: the hall."""
    reach: frozenset[str] = frozenset()
    """That unit and all below it."""


class Board:
    """The tickets of one hall, for one person, now, in the caller's transaction."""

    def __init__(self, conn: AsyncConnection, book: Book, *, hall: str, worker: Worker, now: datetime) -> None:
        self.conn = conn
        self.book = book
        self.hall = hall
        self.worker = worker
        self.now = now

    async def locked(self, number: str, version: int | None = None) -> Row[Any]:
        """The ticket, to be changed. `version`: what it must still be, where the person decided upon what they saw.

        Raises `HandlingRefused`: `not_found`, `ticket_stale`.
        """
        t = TICKETS.c
        query = select(TICKETS).where(t.hall == self.hall, t.number == number).with_for_update()
        row = (await self.conn.execute(query)).one_or_none()
        if row is None:
            raise HandlingRefused("not_found")
        if version is not None and row.version != version:
            raise HandlingRefused("ticket_stale", "工单刚刚被他人更新，请查看最新内容后再操作。")
        return row

    async def step(
        self, ticket: Row[Any], step: Step, *, said: str = "", data: Mapping[str, Any] | None = None, **values: Any
    ) -> Row[Any]:
        """The ticket one step further, with these columns. Raises `HandlingRefused`: `ticket_state`, `too_long`,
        `handover_undecided`, `duties_open`, `aid_undecided`."""
        try:
            state = advance(TicketState(ticket.state), step)
        except TicketRefused:
            raise HandlingRefused("ticket_state", "工单当前的状态不能进行这一步。") from None
        try:
            await check_end(self.conn, ticket.number, ticket.state, state)
        except HandoverUndecided:
            raise HandlingRefused("handover_undecided") from None
        except DutiesOpen as duties:
            raise HandlingRefused("duties_open", duties.detail) from None
        except AidUndecided:
            raise HandlingRefused("aid_undecided") from None
        t = TICKETS.c
        version = ticket.version + 1
        written = (
            await self.conn.execute(
                update(TICKETS)
                .where(t.number == ticket.number)
                .values(state=state.value, version=version, **values)
                .returning(TICKETS)
            )
        ).one()
        await self._say(written, step.value, said, data or {})
        await self.conn.execute(
            insert(TICKET_CHANGES).values(
                hall=self.hall,
                ticket=ticket.number,
                version=version,
                at=self.now,
                actor=self.worker.account,
                what=step.value,
                fields=sorted(values),
            )
        )
        await self._lapse(written, step)
        await tell(self.conn, written, self.now)
        await asking.follow(self.conn, written, step, self.now)
        return await self.book.follow(written, step)

    async def note(self, ticket: Row[Any], what: str, *, said: str = "", data: Mapping[str, Any] | None = None) -> None:
        """A line in the ticket's history; nothing else changes. Raises `HandlingRefused`: `too_long`."""
        await self._say(ticket, what, said, data or {})

    async def lead(self, ticket: str) -> Row[Any] | None:
        """The dispatch (派单) of the unit that has the ticket now, to be changed."""
        d = DISPATCHES.c
        query = select(DISPATCHES).where(d.ticket == ticket, d.lead, d.ended_at.is_(None)).with_for_update()
        return (await self.conn.execute(query)).one_or_none()

    async def change_dispatch(self, dispatch: int, **values: Any) -> None:
        """These columns of a dispatch."""
        await self.conn.execute(update(DISPATCHES).where(DISPATCHES.c.id == dispatch).values(**values))

    async def end_dispatches(self, ticket: str, end: str, reason: str = "", *, lead_only: bool = False) -> None:
        """Nobody has the ticket any more, for that reason; `lead_only`: who helps goes on helping."""
        d = DISPATCHES.c
        query = update(DISPATCHES).where(d.ticket == ticket, d.ended_at.is_(None))
        query = query.where(d.lead) if lead_only else query
        ended = {"ended_at": self.now, "ended_by": self.worker.account, "end": end, "end_reason": reason}
        await self.conn.execute(query.values(**ended))

    async def _lapse(self, ticket: Row[Any], step: Step) -> None:
        """What a unit asked for while it had the ticket is not for whoever has it next; an ended one needs nothing."""
        r, state = TICKET_REQUESTS.c, TicketState(ticket.state)
        if state in AT_UNIT and step is not Step.PASS_ON:
            return
        lapsing = update(TICKET_REQUESTS).where(r.ticket == ticket.number, r.decided_at.is_(None))
        if state not in ENDED:
            lapsing = lapsing.where(r.asked_unit != "")
        await self.conn.execute(lapsing.values(decided_at=self.now, decided_by=SYSTEM, granted=False, answer=LAPSED))

    async def _say(self, ticket: Row[Any], what: str, said: str, data: Mapping[str, Any]) -> None:
        await self.conn.execute(
            insert(TICKET_STEPS).values(
                hall=self.hall,
                ticket=ticket.number,
                at=self.now,
                actor=self.worker.account,
                unit=self.worker.unit,
                step=what,
                state=ticket.state,
                text=said,
                data=dict(data),
            )
        )


def text(said: str, *, needed: str = "", longest: int = MAX_TEXT) -> str:
    """What somebody wrote, cleaned. `needed`: the Chinese name of a field that may not stay empty.

    Raises `HandlingRefused`: `invalid_input`.
    """
    clean = cleaned(said).strip()
    if needed and not clean:
        raise HandlingRefused("invalid_input", f"请填写{needed}。")
    if len(clean) > longest:
        raise HandlingRefused("invalid_input", f"{needed or '内容'}不能超过 {longest} 个字符（现在 {len(clean)} 个）。")
    return clean
