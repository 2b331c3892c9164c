"""Who asks whom to take a shift, who agreed, who approved? Requests to change duty (换班, 替班) and their history.

Approving moves the shifts in the same transaction; when they have changed since the request, or the colleague may not
have them, it is refused and the request stays as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, Row, Select, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, Plain, record
from hotline.rosters import people, shifts
from hotline.rosters.errors import RosterRefused
from hotline.rosters.licence import WORDS, fault
from hotline.rosters.shift import day_of
from hotline.rosters.swap import OPEN, SwapNotPossible, SwapState, SwapStep, advance
from hotline.store.tables import ACCOUNTS, SHIFT_SWAPS, SHIFTS


class ShiftSaid(msgspec.Struct, frozen=True, kw_only=True):
    """A shift as a request names it."""

    id: int
    begins_at: datetime
    ends_at: datetime
    group: str


class SwapRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is shown."""

    id: int
    state: SwapState
    shift: ShiftSaid
    """Given away by `asked_by`."""
    other_shift: ShiftSaid | None
    """Given in return; None: 替班."""
    asked_by: str
    asked_by_name: str
    asked_of: str
    asked_of_name: str
    reason: str
    asked_at: datetime
    answered_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    """工号."""
    decision: str


KEPT: Final = timedelta(days=62)
"""How far back requests are listed that are over."""


async def listed(conn: AsyncConnection, hall: str, *, account: str | None, now: datetime) -> list[SwapRow]:
    """The hall's requests, open ones first; `account`: only those the account is part of."""
    w = SHIFT_SWAPS.c
    where = (w.hall == hall) & (w.state.in_(OPEN) | (w.asked_at > now - KEPT))
    if account is not None:
        where &= or_(w.asked_by == account, w.asked_of == account)
    rows = await conn.execute(_query(where).order_by(w.state.in_(OPEN).desc(), w.asked_at.desc()).limit(500))
    return [_shown(row) for row in rows]


async def one(conn: AsyncConnection, hall: str, swap: int, account: str | None = None) -> SwapRow:
    """Raises `RosterRefused(not_found)`, also for a request that the account is no part of."""
    w = SHIFT_SWAPS.c
    where = (w.hall == hall) & (w.id == swap)
    if account is not None:
        where &= or_(w.asked_by == account, w.asked_of == account)
    row = (await conn.execute(_query(where))).one_or_none()
    if row is None:
        raise RosterRefused("not_found")
    return _shown(row)


async def ask(
    conn: AsyncConnection,
    *,
    hall: str,
    shift: int,
    asked_of: str,
    other_shift: int | None,
    reason: str,
    own: str | None,
    now: datetime,
    doer: Doer,
) -> SwapRow:
    """A new request. `own`: the account that must have the shift; None: a supervisor asks on its lawyer's behalf.

    Raises `RosterRefused`: not_found, swap_not_yours, shift_cancelled, shift_begun, swap_open_already, no_such_lawyer.
    """
    given = await _live_shift(conn, hall, shift, now)
    if given.lawyer is None or given.lawyer == asked_of or (own is not None and given.lawyer != own):
        raise RosterRefused("swap_not_yours")
    if asked_of not in await people.licences(conn, hall):
        raise RosterRefused("no_such_lawyer")
    if other_shift is not None and (await _live_shift(conn, hall, other_shift, now)).lawyer != asked_of:
        raise RosterRefused("swap_not_yours", "对方的班次不是这名律师的。")
    values = {"shift": shift, "other_shift": other_shift, "asked_by": given.lawyer, "asked_of": asked_of}
    try:
        async with conn.begin_nested():
            made = await conn.execute(
                insert(SHIFT_SWAPS)
                .values(hall=hall, reason=reason, state=SwapState.ASKED.value, asked_at=now, **values)
                .returning(SHIFT_SWAPS.c.id)
            )
    except IntegrityError:
        raise RosterRefused("swap_open_already") from None
    swap = made.scalar_one()
    await _audit(conn, hall, swap, Act.SWAP_ASKED, now, doer, reason, {**values})
    return await one(conn, hall, swap)


async def answer(
    conn: AsyncConnection, *, hall: str, swap: int, step: SwapStep, own: str | None, now: datetime, doer: Doer
) -> SwapRow:
    """The colleague agrees or declines, or who asked withdraws. `own`: as whom; None: noted on their behalf.

    Raises `RosterRefused`: not_found, swap_not_yours, swap_not_possible_now.
    """
    row = await _locked(conn, hall, swap)
    if own is not None and own not in (row.asked_by, row.asked_of):
        raise RosterRefused("not_found")
    whose = row.asked_by if step is SwapStep.WITHDRAW else row.asked_of
    if own is not None and own != whose:
        raise RosterRefused("swap_not_yours")
    values = {"state": _next(row, step).value, "answered_at": now, "answered_by": doer.account}
    await conn.execute(update(SHIFT_SWAPS).where(SHIFT_SWAPS.c.id == swap).values(**values))
    data: dict[str, Plain] = {"step": step.value, "on_behalf": own is None}
    await _audit(conn, hall, swap, Act.SWAP_ANSWERED, now, doer, "", data)
    return await one(conn, hall, swap)


async def decide(
    conn: AsyncConnection, *, hall: str, swap: int, step: SwapStep, reason: str, now: datetime, doer: Doer
) -> SwapRow:
    """The supervisor approves or refuses.

    Raises `RosterRefused`: not_found, swap_not_possible_now, swap_outdated, shift_begun, shift_overlap, the licence's.
    """
    await shifts.hold_roster(conn, hall)
    row = await _locked(conn, hall, swap)
    state = _next(row, step)
    if state is SwapState.APPROVED:
        await _hand_over(conn, hall, row, now, doer, reason)
    values = {"state": state.value, "decided_at": now, "decided_by": doer.work_number, "decision": reason}
    await conn.execute(update(SHIFT_SWAPS).where(SHIFT_SWAPS.c.id == swap).values(**values))
    await _audit(conn, hall, swap, Act.SWAP_DECIDED, now, doer, reason, {"step": step.value})
    return await one(conn, hall, swap)


async def _hand_over(conn: AsyncConnection, hall: str, row: Row[Any], now: datetime, doer: Doer, reason: str) -> None:
    moves = [(row.shift, row.asked_by, row.asked_of)]
    if row.other_shift is not None:
        moves.append((row.other_shift, row.asked_of, row.asked_by))
    licences = await people.licences(conn, hall)
    everybody = {each.account: each for each in await people.lawyers(conn, hall)}
    s = SHIFTS.c
    locked = await conn.execute(
        select(SHIFTS).where(s.id.in_([shift for shift, _, _ in moves])).order_by(s.id).with_for_update()
    )
    now_there = {each.id: each for each in locked}
    for shift, giver, taker in moves:
        found = now_there[shift]
        if found.cancelled_at is not None or found.lawyer != giver:
            raise RosterRefused("swap_outdated")
        if found.begins_at <= now:
            raise RosterRefused("shift_begun")
        if taker not in licences:
            raise RosterRefused("no_such_lawyer")
        if (wrong := fault(licences[taker], day_of(found.begins_at))) is not None:
            raise RosterRefused(wrong.value, f"{everybody[taker].name}律师{WORDS[wrong]}。")
    async with shifts.no_double_booking(conn):
        for shift, _, taker in moves:
            values = {"lawyer": taker, "firm": everybody[taker].firm, "version": now_there[shift].version + 1}
            await conn.execute(update(SHIFTS).where(s.id == shift).values(**values))
    for shift, giver, taker in moves:
        old = {"lawyer": giver, "firm": now_there[shift].firm}
        new = {"lawyer": taker, "firm": everybody[taker].firm}
        told = f"换班申请 {row.id}" + (f"：{reason}" if reason else "")
        await shifts.note(
            conn, hall=hall, shift=shift, what=shifts.SWAPPED, before=old, after=new, now=now, doer=doer, reason=told
        )


async def _live_shift(conn: AsyncConnection, hall: str, shift: int, now: datetime) -> shifts.ShiftRow:
    found = await shifts.one(conn, hall, shift)
    if found.cancelled:
        raise RosterRefused("shift_cancelled")
    if found.begins_at <= now:
        raise RosterRefused("shift_begun")
    return found


async def _locked(conn: AsyncConnection, hall: str, swap: int) -> Row[Any]:
    w = SHIFT_SWAPS.c
    row = (await conn.execute(select(SHIFT_SWAPS).where(w.hall == hall, w.id == swap).with_for_update())).one_or_none()
    if row is None:
        raise RosterRefused("not_found")
    return row


def _next(row: Row[Any], step: SwapStep) -> SwapState:
    try:
        return advance(SwapState(row.state), step)
    except SwapNotPossible:
        raise RosterRefused("swap_not_possible_now") from None


async def _audit(
    conn: AsyncConnection,
    hall: str,
    swap: int,
    act: Act,
    now: datetime,
    doer: Doer,
    reason: str,
    data: dict[str, Plain],
) -> None:
    await record(conn, hall=hall, doer=doer, act=act, object=f"swap/{swap}", at=now, reason=reason, data=data)


_GIVEN, _RETURNED = SHIFTS.alias("given"), SHIFTS.alias("returned")
_BY, _OF = ACCOUNTS.alias("asker"), ACCOUNTS.alias("asked")


def _query(where: ColumnElement[bool]) -> Select[Any]:
    shown = [
        each.c[name].label(f"{each.name}_{name}")
        for each in (_GIVEN, _RETURNED)
        for name in ("begins_at", "ends_at", "group")
    ]
    return (
        select(SHIFT_SWAPS, *shown, _BY.c.name.label("by_name"), _OF.c.name.label("of_name"))
        .join(_GIVEN, _GIVEN.c.id == SHIFT_SWAPS.c.shift)
        .outerjoin(_RETURNED, _RETURNED.c.id == SHIFT_SWAPS.c.other_shift)
        .join(_BY, _BY.c.id == SHIFT_SWAPS.c.asked_by)
        .join(_OF, _OF.c.id == SHIFT_SWAPS.c.asked_of)
        .where(where)
    )


def _shown(row: Row[Any]) -> SwapRow:
    given = ShiftSaid(id=row.shift, begins_at=row.given_begins_at, ends_at=row.given_ends_at, group=row.given_group)
    returned = None
    if row.other_shift is not None:
        returned = ShiftSaid(
            id=row.other_shift,
            begins_at=row.returned_begins_at,
            ends_at=row.returned_ends_at,
            group=row.returned_group,
        )
    return SwapRow(
        id=row.id,
        state=SwapState(row.state),
        shift=given,
        other_shift=returned,
        asked_by=row.asked_by,
        asked_by_name=row.by_name,
        asked_of=row.asked_of,
        asked_of_name=row.of_name,
        reason=row.reason,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        decided_at=row.decided_at,
        decided_by=row.decided_by or "",
        decision=row.decision,
    )
