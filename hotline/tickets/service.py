"""Tickets at the desk: read, write, close. One transaction each, made by the caller.

The ticket itself is born in the hall's commit. Two people may have it open: every save says which version it started
from, and a save that started from an older one is refused with what is there now.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy import ARRAY, ColumnElement, Row, Text, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.calls.numbers import mask, normalise
from hotline.matters import editions, particulars, record
from hotline.matters.forms import Before
from hotline.matters.ready import lacking
from hotline.messages import asking
from hotline.network.told import tell
from hotline.store.seal import Seal, place
from hotline.store.tables import ACCOUNTS, CALLS, TICKET_CHANGES, TICKETS
from hotline.tickets import categories
from hotline.tickets.fields import SEARCHED, Draft, Fault, Ticket, changes, too_long
from hotline.tickets.handed import check_end
from hotline.tickets.matter import QuickClose
from hotline.tickets.ticket import AT_DESK, CallNotTaken, Step, TicketRefused, TicketState, advance
from hotline.tickets.words import words

ONE_SITTING: Final = timedelta(minutes=1)
"""Saves of one person within this time are one line in the list of changes."""

BY_THE_HALL: Final = "system"
"""`closed_by` of tickets that the hall closed itself: nobody had spoken with the caller."""


class NoSuchTicket(Exception):
    """The hall has no such ticket."""


class TicketChanged(Exception):
    """Somebody else saved it meanwhile; `current` is what is there now."""

    def __init__(self, current: Ticket) -> None:
        super().__init__(current.number)
        self.current = current


class TicketIncomplete(Exception):
    """It cannot be saved or closed like this; `faults` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(", ".join(each.field for each in faults))
        self.faults = faults


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose a ticket is: what access is decided by."""

    number: str
    call: str | None
    operator: str | None
    caller_index: bytes | None
    secrecy: bool


class Deadlines(Protocol):
    """What follows a ticket's steps: the deadlines (期限) that begin and end with them."""

    async def follow(self, ticket: Row[Any], step: Step) -> Row[Any]:
        """After a step; the ticket as it is then."""
        ...

    async def urgency_changed(self, ticket: Row[Any]) -> Row[Any]:
        """Another urgency, or another business type; the ticket as it is then."""
        ...


class Desk:
    """What can be done with the tickets of one hall, by one person, now."""

    def __init__(
        self, conn: AsyncConnection, seal: Seal, deadlines: Deadlines, *, hall: str, account: str, now: datetime
    ) -> None:
        self.conn = conn
        self._deadlines = deadlines
        self._seal = seal
        self._hall = hall
        self._account = account
        self._now = now

    async def owner(self, number: str) -> Owner:
        """Raises `NoSuchTicket`."""
        t = TICKETS.c
        query = select(t.number, t.call, t.operator, t.caller_index, t.secrecy)
        row = (await self.conn.execute(query.where(t.hall == self._hall, t.number == number))).one_or_none()
        if row is None:
            raise NoSuchTicket(number)
        return Owner(**row._mapping)

    async def read(self, number: str) -> Ticket:
        """The ticket. Raises `NoSuchTicket`."""
        return await self._ticket(await self._row(number))

    async def numbers(self, number: str) -> tuple[str, str]:
        """The caller's number and the other contact, in full: recorded by whoever asks. Raises `NoSuchTicket`."""
        row = await self._row(number)
        sealed = await self.conn.scalar(select(CALLS.c.caller_sealed).where(CALLS.c.id == row.call))
        caller = self._seal.open(bytes(sealed), place("calls", "caller_sealed", row.call)) if sealed else ""
        return caller, self._open(row, "contact_sealed")

    async def personal(self, number: str) -> dict[str, str]:
        """The personal particulars in full, by id: recorded by whoever asks. Raises `NoSuchTicket`."""
        return particulars.personal(self._seal, await self._row(number))

    async def save(self, number: str, version: int, draft: Draft) -> Ticket:
        """Writes the fields that changed. Nothing changed: nothing happens.

        Raises `NoSuchTicket`, `TicketChanged`, `TicketRefused`, `TicketIncomplete`.
        """
        row = await self._row(number, lock=True)
        sent = changes(draft)
        if found := too_long(sent):
            raise TicketIncomplete(found)
        about_matter = particulars.write(self._seal, row, sent.pop("particulars", {}))
        if about_matter.faults:
            raise TicketIncomplete(list(about_matter.faults))
        values, changed = self._values(row, sent)
        values |= about_matter.columns
        changed |= about_matter.changed
        if not changed:
            return await self._ticket(row)
        await self._same_version(row, version)
        state = advance(TicketState(row.state), Step.SAVE)
        if "category" in values:
            values["category_version"] = await self._category_version(values["category"])
        if changed & set(SEARCHED):
            values["words"] = words_of({name: values.get(name, row._mapping[name]) for name in SEARCHED})
        if about_matter.changed:
            values["particulars_edition"] = await editions.keep(self.conn, self._now)
        values |= {"saved_at": self._now, "saved_by": self._account}
        written = await self._write(row, Step.SAVE, state, values, "saved", sorted(changed))
        if state.value == row.state and changed & {"urgency", "matter"}:
            written = await self._deadlines.urgency_changed(written)
        if about_matter.changed:
            await record.follow(self.conn, written, self._account, self._now)
        return await self._ticket(written)

    async def close(self, number: str, version: int, *, no_category_reason: str | None = None) -> Ticket:
        """办结: needs an opinion, and a category or the reason why there is none.

        Raises `NoSuchTicket`, `TicketChanged`, `TicketRefused`, `TicketIncomplete`, `CallNotTaken`,
        `HandoverUndecided`, `DutiesOpen`, `AidUndecided`.
        """
        row = await self._row(number, lock=True)
        await self._same_version(row, version)
        await self._call_is_over_or_ours(row)
        sent = changes(Draft(no_category_reason=no_category_reason)) if no_category_reason is not None else {}
        if TicketState(row.state) is not TicketState.CLOSED:
            reason = sent.get("no_category_reason", row.no_category_reason)
            found = too_long(sent)
            if not row.category and not reason.strip():
                found.append(Fault(field="category", why="请选择咨询类别，或填写不选类别的原因。"))
            if not row.opinion.strip():
                found.append(Fault(field="opinion", why="请填写答复意见。"))
            found += lacking(self._seal, row, Before.CLOSE)
            if found:
                raise TicketIncomplete(found)
        state = advance(TicketState(row.state), Step.CLOSE)
        if TicketState(row.state) not in AT_DESK:
            raise TicketRefused(TicketState(row.state), Step.CLOSE)  # that is the hall's: hotline.handling
        values = {**sent, "closed_at": self._now, "closed_by": self._account, "quick_close": ""}
        return await self._ticket(await self._write(row, Step.CLOSE, state, values, "closed", sorted(sent)))

    async def quick_close(self, number: str, kind: QuickClose, version: int | None = None) -> Ticket:
        """一键办结, whatever the version unless one is named: what was written stays.

        Raises `NoSuchTicket`, `TicketChanged`, `TicketRefused`, `CallNotTaken`, `HandoverUndecided`, `DutiesOpen`,
        `AidUndecided`.
        """
        row = await self._row(number, lock=True)
        if version is not None:
            await self._same_version(row, version)
        state = advance(TicketState(row.state), Step.QUICK_CLOSE)
        await self._call_is_over_or_ours(row)
        values = {"quick_close": kind.value, "closed_at": self._now, "closed_by": self._account}
        written = await self._write(row, Step.QUICK_CLOSE, state, values, "quick_closed", ["quick_close"])
        return await self._ticket(written)

    async def _row(self, number: str, *, lock: bool = False) -> Row[Any]:
        query = select(TICKETS).where(TICKETS.c.hall == self._hall, TICKETS.c.number == number)
        row = (await self.conn.execute(query.with_for_update() if lock else query)).one_or_none()
        if row is None:
            raise NoSuchTicket(number)
        return row

    async def _call_is_over_or_ours(self, row: Row[Any]) -> None:
        query = select(CALLS.c.state, CALLS.c.operator).where(CALLS.c.id == row.call)
        call = (await self.conn.execute(query)).one_or_none()
        if call is None or call.state == "ended":
            return
        if call.operator != self._account:
            raise CallNotTaken

    async def same_version(self, number: str, version: int) -> None:
        """Raises `NoSuchTicket`, `TicketChanged`; else nobody changes it before this transaction ends."""
        await self._same_version(await self._row(number, lock=True), version)

    async def _same_version(self, row: Row[Any], version: int) -> None:
        if row.version != version:
            raise TicketChanged(await self._ticket(row))

    def _values(self, row: Row[Any], sent: Mapping[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """Columns to write, and the names of the fields that really differ."""
        values: dict[str, Any] = {}
        changed: set[str] = set()
        for name, value in sent.items():
            match name:
                case "caller_name" | "counterparty_name":
                    column = f"{name}_sealed"
                    if value != self._open(row, column):
                        values[column] = self._sealed(row.number, column, value)
                        changed.add(name)
                case "contact" | "counterparty_contact":
                    number, column = normalise(value) or "", f"{name}_sealed"
                    # The desk shows it masked, and may send back what it shows.
                    if number != self._open(row, column) and value != row._mapping[f"{name}_masked"]:
                        values |= {column: self._sealed(row.number, column, number), f"{name}_masked": mask(number)}
                        if name == "counterparty_contact":
                            values["counterparty_contact_index"] = self._other_side(row, number)
                        changed.add(name)
                case _:
                    if value != row._mapping[name]:
                        values[name] = value
                        changed.add(name)
        return values, changed

    def _other_side(self, row: Row[Any], number: str) -> bytes | None:
        """The index of the other side's number. Raises `TicketIncomplete` when it is the caller's own."""
        index = self._seal.index(number) if number else None
        if index is not None and row.caller_index is not None and index == bytes(row.caller_index):
            raise TicketIncomplete([Fault(field="counterparty_contact", why="对方电话不能是来电人自己的号码。")])
        return index

    async def _category_version(self, code: str) -> int | None:
        if not code:
            return None
        tree = await categories.current(self.conn)
        if not any(item.code == code for item in tree.items):
            raise TicketIncomplete([Fault(field="category", why="没有这个咨询类别。")])
        return tree.version or None

    async def _write(
        self, row: Row[Any], step: Step, state: TicketState, values: Mapping[str, Any], what: str, fields: list[str]
    ) -> Row[Any]:
        await check_end(self.conn, row.number, row.state, state)
        version = row.version + 1
        written = (
            await self.conn.execute(
                update(TICKETS)
                .where(TICKETS.c.number == row.number)
                .values(state=state.value, version=version, **values)
                .returning(TICKETS)
            )
        ).one()
        await self._note(row.number, version, what, fields)
        # Saves while somebody types change no state: nothing of the deadlines has to be looked at.
        if state.value == row.state:
            return written
        await tell(self.conn, written, self._now)
        await asking.follow(self.conn, written, step, self._now)
        return await self._deadlines.follow(written, step)

    async def _note(self, number: str, version: int, what: str, fields: list[str]) -> None:
        """One more line in the list of changes, or the same one while somebody sits and types."""
        c = TICKET_CHANGES.c
        if what == "saved":
            last = select(func.max(c.id)).where(c.ticket == number).scalar_subquery()
            same = await self.conn.execute(
                select(c.id, c.fields).where(
                    c.id == last, c.what == "saved", c.actor == self._account, c.at > self._now - ONE_SITTING
                )
            )
            if (sitting := same.one_or_none()) is not None:
                merged = sorted({*sitting.fields, *fields})
                # Its time stays that of the sitting's first save, so that a sitting ends.
                await self.conn.execute(
                    update(TICKET_CHANGES).where(c.id == sitting.id).values(version=version, fields=merged)
                )
                return
        await self.conn.execute(
            insert(TICKET_CHANGES).values(
                hall=self._hall,
                ticket=number,
                version=version,
                at=self._now,
                actor=self._account,
                what=what,
                fields=fields,
            )
        )

    async def _ticket(self, row: Row[Any]) -> Ticket:
        names: dict[str, str] = {}
        people = {each for each in (row.operator, row.saved_by, row.closed_by) if each}
        if people:
            found = await self.conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(people)))
            names = {row.id: row.name for row in found}
        label = ""
        if row.category:
            wanted = (row.category_version, row.category)
            label = (await categories.paths(self.conn, {wanted})).get(wanted) or row.category
        plain = {name: row._mapping[name] for name in _SAME}
        return Ticket(
            **plain,
            state=TicketState(row.state),
            operator_name=names.get(row.operator, ""),
            caller=row.caller_masked,
            caller_name=self._open(row, "caller_name_sealed"),
            contact=row.contact_masked,
            counterparty_name=self._open(row, "counterparty_name_sealed"),
            counterparty_contact=row.counterparty_contact_masked,
            particulars=particulars.shown(self._seal, row),
            category_label=label,
            saved_by=names.get(row.saved_by, row.saved_by),
            closed_by="系统" if row.closed_by == BY_THE_HALL else names.get(row.closed_by, row.closed_by),
        )

    def _sealed(self, number: str, column: str, text: str) -> bytes | None:
        return self._seal.seal(text, place("tickets", column, number)) if text else None

    def _open(self, row: Row[Any], column: str) -> str:
        blob = row._mapping[column]
        return self._seal.open(bytes(blob), place("tickets", column, row.number)) if blob else ""


def words_of(texts: Mapping[str, str]) -> ColumnElement[Any]:
    """What goes into the column `words` for these texts."""
    return func.array_to_tsvector(literal(words(texts.values()), ARRAY(Text)))


_MADE: Final = frozenset(
    {
        "state",
        "operator_name",
        "caller",
        "caller_name",
        "contact",
        "counterparty_name",
        "counterparty_contact",
        "particulars",
        "category_label",
        "saved_by",
        "closed_by",
    }
)
_SAME: Final = tuple(name for name in Ticket.__struct_fields__ if name not in _MADE)
"""Fields that are columns of the same name."""
