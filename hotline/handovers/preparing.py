"""What goes along when a ticket is handed over? Complete at this moment, so that it can be sent again word by word.

Only what the receiver needs, and only on a legal basis (个人信息保护法 13, 23): the caller's consent to this receiver,
a statutory duty that is named, or an emergency. The way itself says what it still misses (`Bridge.check`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.bridge import Bridge, HandoverPackage, Missing
from adapters.handover_package import (
    CallSegment,
    Confirmation,
    Consent,
    LegalBasis,
    Mode,
    Sender,
    Urgency,
    limit_of,
)
from hotline.calls.numbers import mask
from hotline.directory import area
from hotline.handovers.handover import OPEN, HandoverState
from hotline.matters.forms import Before
from hotline.matters.ready import lacking, told
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLS, CATEGORIES, HANDOVERS, RECORDINGS, TICKETS, UNITS
from hotline.tickets import categories
from hotline.tickets.ticket import ENDED

MAX_RETURNS: Final = 2
"""So often one receiver may send a ticket back; then it stays with us, or goes the voice way."""


class HandoverNotPossible(Exception):
    """Why it cannot be handed over; `code` is one of the API's, `missing` what the receiver still needs."""

    def __init__(self, code: str, detail: str = "", missing: tuple[Missing, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.missing = missing


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person decides about a hand-over."""

    mode: Mode
    legal_basis: LegalBasis
    legal_note: str = ""
    """Which law demands it, where that is the basis."""
    consent: bool = False
    """The caller was asked for this receiver, and agreed."""
    reason: str = ""
    scope_item: str = ""
    confirmed: bool = False
    """They have looked at what goes along."""
    name_too: bool = True
    """The caller's name and number go along."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Who hands over."""

    account: str
    name: str
    work_number: str


class FromHall(msgspec.Struct, frozen=True, kw_only=True):
    """The hall that hands over, as the receiver reads of it."""

    hall: str
    label: str
    telephone: str = ""
    """Where the receiver may ask back."""


async def prepare(
    conn: AsyncConnection,
    seal: Seal,
    bridge: Bridge,
    wish: Wish,
    *,
    at: FromHall,
    ticket: str,
    person: Person,
    now: datetime,
) -> HandoverPackage:
    """The package, which may be sent. The ticket's row is locked until the transaction ends.

    Raises `HandoverNotPossible`: `not_found`, `ticket_closed`, `handover_open`, `handover_returned_often`,
    `handover_basis`, `handover_incomplete`.
    """
    _check_basis(wish)
    package = await compose(conn, seal, bridge, wish, at=at, ticket=ticket, person=person, now=now)
    missing = (*await unwritten(conn, seal, wish, at=at, ticket=ticket), *bridge.check(package))
    if missing:
        raise HandoverNotPossible("handover_incomplete", missing=missing)
    return package


async def unwritten(conn: AsyncConnection, seal: Seal, wish: Wish, *, at: FromHall, ticket: str) -> tuple[Missing, ...]:
    """What the matter (事项) still asks for; nothing in an emergency."""
    if wish.legal_basis is LegalBasis.EMERGENCY:
        return ()
    t = TICKETS.c
    row = (await conn.execute(select(TICKETS).where(t.hall == at.hall, t.number == ticket))).one()
    return tuple(Missing(fault.field, fault.why) for fault in lacking(seal, row, Before.HAND_OVER))


async def compose(
    conn: AsyncConnection,
    seal: Seal,
    bridge: Bridge,
    wish: Wish,
    *,
    at: FromHall,
    ticket: str,
    person: Person,
    now: datetime,
) -> HandoverPackage:
    """The package as it would be now, whether or not the receiver would take it: for the form. Locks as `prepare` does.

    Raises `HandoverNotPossible`: `not_found`, `ticket_closed`, `handover_open`, `handover_returned_often`.
    """
    t = TICKETS.c
    query = select(TICKETS).where(t.hall == at.hall, t.number == ticket).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise HandoverNotPossible("not_found")
    if row.state in ENDED:
        raise HandoverNotPossible("ticket_closed", "工单已经结束；要移交，请先重新打开。")
    turn = await _turn(conn, ticket, bridge)
    return HandoverPackage(
        key=f"{ticket}-{bridge.name}-{turn}",
        local_no=ticket,
        hall=at.hall,
        peer=bridge.name,
        mode=wish.mode,
        reason=_cut("reason", wish.reason),
        scope_item=_cut("scope_item", wish.scope_item),
        legal_basis=wish.legal_basis,
        legal_note=_cut("legal_note", wish.legal_note),
        consent=Consent(given=True, asked_at=now, asked_by=_person(person)) if wish.consent else None,
        confirmed=Confirmation(by=_person(person), at=now) if wish.confirmed else None,
        urgency=Urgency(row.urgency),
        first_receiver=_cut("first_receiver", at.label),
        happened_at=row.created_at,
        caller_name=_cut("caller_name", _opened(seal, row, "caller_name_sealed")) if wish.name_too else "",
        caller_number=await _number(conn, seal, row) if wish.name_too else "",
        confidential=row.secrecy,
        minor=row.minor_involved,
        area=_cut("area", row.region),
        area_code=await _area_code(conn, row),
        category=_cut("category", await _label(conn, row)),
        category_code=_cut("category_code", await _code(conn, row, bridge)),
        facts=_cut("facts", "\n".join(each for each in (row.facts, told(seal, row)) if each)),
        claim=_cut("claim", row.claim),
        answered=_cut("answered", row.opinion),
        calls=await _calls(conn, row),
        sent_by=Sender(
            name=_cut_to(person.name, 64),
            number=person.work_number,
            unit=_cut_to(at.label, 200),
            telephone=at.telephone,
        ),
        prepared_at=now,
    )


def along(package: HandoverPackage) -> list[tuple[str, str]]:
    """What of the caller goes along, as whoever hands over may see it: field and text, numbers masked."""
    shown = {
        "caller_name": package.caller_name,
        "caller_number": mask(package.caller_number) if package.caller_number else "",
        "area": package.area,
        "category": package.category,
        "facts": package.facts,
        "claim": package.claim,
        "answered": package.answered,
    }
    return [(field, text) for field, text in shown.items() if text]


async def _turn(conn: AsyncConnection, ticket: str, bridge: Bridge) -> int:
    """The how manieth hand-over of this ticket over this way."""
    h = HANDOVERS.c
    before = await conn.execute(select(h.state).where(h.ticket == ticket, h.bridge == bridge.name))
    states = [HandoverState(state) for state in before.scalars()]
    if any(state in OPEN or state is HandoverState.ACCEPTED for state in states):
        raise HandoverNotPossible("handover_open", "已经移交给对方，尚未退回或办结。")
    if states.count(HandoverState.RETURNED) >= MAX_RETURNS:
        raise HandoverNotPossible(
            "handover_returned_often", f"对方已退回 {MAX_RETURNS} 次，不能再移交；请由本厅办理或协商。"
        )
    return len(states) + 1


def _check_basis(wish: Wish) -> None:
    if wish.legal_basis is LegalBasis.CONSENT and not wish.consent:
        raise HandoverNotPossible("handover_basis", "请先征得来电人同意（单独同意），或选择其他依据。")
    if wish.legal_basis is LegalBasis.STATUTORY_DUTY and not wish.legal_note.strip():
        raise HandoverNotPossible("handover_basis", "请写明依据哪一部法律的哪一条。")


async def _number(conn: AsyncConnection, seal: Seal, row: Row[Any]) -> str:
    contact = _opened(seal, row, "contact_sealed")
    if contact or row.call is None:
        return contact
    sealed = await conn.scalar(select(CALLS.c.caller_sealed).where(CALLS.c.id == row.call))
    return seal.open(bytes(sealed), place("calls", "caller_sealed", row.call)) if sealed else ""


async def _label(conn: AsyncConnection, row: Row[Any]) -> str:
    wanted = (row.category_version, row.category)
    return (await categories.paths(conn, {wanted})).get(wanted, "") if row.category else ""


async def _code(conn: AsyncConnection, row: Row[Any], bridge: Bridge) -> str:
    """The category in the receiver's own code, where there is one; else in the common one."""
    c = CATEGORIES.c
    query = select(c.codes, c.external_code).where(c.version == row.category_version, c.code == row.category)
    found = (await conn.execute(query)).one_or_none()
    return found.codes.get(bridge.name) or found.external_code if found else ""


async def _area_code(conn: AsyncConnection, row: Row[Any]) -> str:
    """Of the region that the ticket names, where the directory (名录) knows it."""
    u = UNITS.c
    query = select(u.area, u.area_name).where(u.hall == row.hall, u.valid_to.is_(None), u.area_name != "").distinct()
    found = area.named(row.region, [(each.area, each.area_name) for each in await conn.execute(query)])
    return area.official(found) if found else ""


async def _calls(conn: AsyncConnection, row: Row[Any]) -> tuple[CallSegment, ...]:
    if row.call is None:
        return ()
    c, r = CALLS.c, RECORDINGS.c
    call = (await conn.execute(select(c.answered_at, c.ended_at, c.seat).where(c.id == row.call))).one()
    if call.answered_at is None:
        return ()
    recording = await conn.scalar(select(func.min(r.id)).where(r.call == row.call))
    seconds = int((call.ended_at - call.answered_at).total_seconds()) if call.ended_at is not None else 0
    return (
        CallSegment(
            begun_at=call.answered_at,
            seconds=min(max(seconds, 0), 86_400),
            seat=call.seat or "",
            recording="" if recording is None else f"{row.hall}/{recording}",
        ),
    )


def _opened(seal: Seal, row: Row[Any], column: str) -> str:
    blob = row._mapping[column]
    return seal.open(bytes(blob), place("tickets", column, row.number)) if blob else ""


def _person(person: Person) -> str:
    return _cut_to(f"{person.work_number} {person.name}", 64)


def _cut(field: str, text: str) -> str:
    limit = limit_of(field)
    return text if limit is None else _cut_to(text, limit)


def _cut_to(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
