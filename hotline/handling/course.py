"""What happened with one ticket after the desk? Its steps, its dispatches, its deadlines, requests and follow-ups."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.handling.lists import unit_names
from hotline.network.kinds import PREFIX
from hotline.store.tables import ACCOUNTS, DEADLINES, DISPATCHES, FOLLOW_UPS, TICKET_REQUESTS, TICKET_STEPS, TICKETS

MAX_STEPS: Final = 500
"""Lines of one ticket's history that are shown; the newest."""


class StepLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the history."""

    at: datetime
    actor: str
    unit: str
    step: str
    state: str
    text: str
    data: Mapping[str, Any]


class DispatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """One unit's share."""

    unit: str
    unit_name: str
    lead: bool
    designated: bool
    passed_by: str
    note: str
    sent_at: datetime
    sent_by: str
    signed_at: datetime | None
    handler: str
    reply: str
    ended_at: datetime | None
    end: str
    end_reason: str


class DueLine(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline."""

    kind: str
    unit: str
    unit_name: str
    born_at: datetime
    due_at: datetime
    source: str
    paused_at: datetime | None
    pause_reason: str
    overdue: bool
    done_at: datetime | None
    met: bool | None


class RequestLine(msgspec.Struct, frozen=True, kw_only=True):
    """A request that somebody else decides."""

    id: int
    ticket: str
    kind: str
    amount: int
    reason: str
    asked_at: datetime
    asked_by: str
    asked_unit: str
    decided_at: datetime | None
    decided_by: str
    granted: bool | None
    answer: str


class FollowUpLine(msgspec.Struct, frozen=True, kw_only=True):
    """One time the citizen was asked."""

    at: datetime
    by: str
    way: str
    contentment: str
    solved: bool | None
    note: str


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """All that happened with one ticket after the desk."""

    steps: Sequence[StepLine]
    dispatches: Sequence[DispatchLine]
    deadlines: Sequence[DueLine]
    requests: Sequence[RequestLine]
    follow_ups: Sequence[FollowUpLine]
    follow_up: str
    """`sampling.FollowUp`: whether the citizen has to be asked; empty until the reply has passed the review."""


async def course(conn: AsyncConnection, hall: str, ticket: str, now: datetime) -> Course:
    """What happened with a ticket; empty lists where nothing has."""
    s, d, u, r, f = TICKET_STEPS.c, DISPATCHES.c, DEADLINES.c, TICKET_REQUESTS.c, FOLLOW_UPS.c
    newest = select(TICKET_STEPS).where(s.ticket == ticket).order_by(s.id.desc()).limit(MAX_STEPS)
    steps = list(reversed((await conn.execute(newest)).all()))
    dispatches = (await conn.execute(select(DISPATCHES).where(d.ticket == ticket).order_by(d.id))).all()
    dues = (await conn.execute(select(DEADLINES).where(u.ticket == ticket).order_by(u.id))).all()
    requests = (await conn.execute(select(TICKET_REQUESTS).where(r.ticket == ticket).order_by(r.id))).all()
    follow_ups = (await conn.execute(select(FOLLOW_UPS).where(f.ticket == ticket).order_by(f.id))).all()
    people = await _people(
        conn,
        {row.actor for row in steps}
        | {name for row in dispatches for name in (row.sent_by, row.handler)}
        | {name for row in requests for name in (row.asked_by, row.decided_by)}
        | {row.account for row in follow_ups},
    )
    codes = {row.unit for row in (*steps, *dispatches, *dues)} | {row.asked_unit for row in requests}
    codes |= {row.passed_by for row in dispatches}
    codes |= {each for row in steps for each in (row.data.get("unit", ""), *row.data.get("helpers", ()))}
    names = await unit_names(conn, hall, codes)
    return Course(
        steps=[
            StepLine(
                at=row.at,
                actor=_called(people, row.actor),
                unit=_called(names, row.unit),
                step=row.step,
                state=row.state,
                text=row.text,
                data={**row.data, **_named(row.data, names)},
            )
            for row in steps
        ],
        dispatches=[
            DispatchLine(
                unit=row.unit,
                unit_name=_called(names, row.unit),
                lead=row.lead,
                designated=row.designated,
                passed_by=_called(names, row.passed_by),
                note=row.note,
                sent_at=row.sent_at,
                sent_by=_called(people, row.sent_by),
                signed_at=row.signed_at,
                handler=people.get(row.handler or "", ""),
                reply=row.reply,
                ended_at=row.ended_at,
                end=row.end,
                end_reason=row.end_reason,
            )
            for row in dispatches
        ],
        deadlines=[
            DueLine(
                kind=row.kind,
                unit=row.unit,
                unit_name=_called(names, row.unit),
                born_at=row.born_at,
                due_at=row.due_at,
                source=row.source,
                paused_at=row.paused_at,
                pause_reason=row.pause_reason,
                overdue=_late(row, now),
                done_at=row.done_at,
                met=row.met,
            )
            for row in dues
        ],
        requests=[_request(row, people, names) for row in requests],
        follow_ups=[
            FollowUpLine(
                at=row.at,
                by=_called(people, row.account),
                way=row.way,
                contentment=row.contentment,
                solved=row.solved,
                note=row.note,
            )
            for row in follow_ups
        ],
        follow_up=await conn.scalar(select(TICKETS.c.follow_up).where(TICKETS.c.number == ticket)) or "",
    )


async def open_requests(conn: AsyncConnection, hall: str, *, limit: int = 200) -> list[RequestLine]:
    """What waits for a decision, the oldest first."""
    r = TICKET_REQUESTS.c
    query = select(TICKET_REQUESTS).where(r.hall == hall, r.decided_at.is_(None)).order_by(r.asked_at, r.id)
    rows = (await conn.execute(query.limit(limit))).all()
    people = await _people(conn, {row.asked_by for row in rows})
    names = await unit_names(conn, hall, {row.asked_unit for row in rows})
    return [_request(row, people, names) for row in rows]


def _request(row: Row[Any], people: Mapping[str, str], names: Mapping[str, str]) -> RequestLine:
    return RequestLine(
        id=row.id,
        ticket=row.ticket,
        kind=row.kind,
        amount=row.amount,
        reason=row.reason,
        asked_at=row.asked_at,
        asked_by=_called(people, row.asked_by),
        asked_unit=_called(names, row.asked_unit),
        decided_at=row.decided_at,
        decided_by=people.get(row.decided_by or "", ""),
        granted=row.granted,
        answer=row.answer,
    )


def _late(row: Row[Any], now: datetime) -> bool:
    if row.done_at is not None:
        return row.met is False
    return row.paused_at is None and row.due_at < now


def _called(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)


def _named(data: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What a step keeps about units, by their names."""
    found: dict[str, Any] = {}
    if unit := data.get("unit"):
        found["unit"] = _called(names, unit)
    if helpers := data.get("helpers"):
        found["helpers"] = [_called(names, each) for each in helpers]
    return found


async def _people(conn: AsyncConnection, accounts: Collection[str | None]) -> dict[str, str]:
    wanted = sorted({each for each in accounts if each})
    rows = await conn.execute(select(ACCOUNTS.c.id, ACCOUNTS.c.name).where(ACCOUNTS.c.id.in_(wanted)))
    platforms = {each: f"网络平台 {each.removeprefix(PREFIX)}" for each in wanted if each.startswith(PREFIX)}
    return {"system": "系统", **platforms, **{row.id: row.name for row in rows}}
