"""The call log (通话记录), a call's journal, the screen pop, and the caller's full number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Final

import msgspec
from fastapi import Depends, Path, Query, Request, Response
from sqlalchemy import ColumnElement, Row, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api import course
from hotline.api.callers import policy_of
from hotline.api.deps import (
    REVEAL_PACE,
    Cursor,
    Grant,
    Holding,
    Limit,
    granted,
    holding,
    read_cursor,
    router,
    write_cursor,
)
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.callers import MarkBody, WarningBody
from hotline.api.schemas.calls import (
    CallDetail,
    CallRow,
    JournalLine,
    Mark,
    PopBody,
    RecordingBody,
    RevealBody,
    Revealed,
)
from hotline.api.schemas.common import Code, Page
from hotline.api.schemas.tickets import TicketRow
from hotline.api.sentences import Names, Narrator, missing_reason
from hotline.audit.trail import Act, record
from hotline.callers import lists
from hotline.calls.outcome import Outcome
from hotline.people.permissions import Action, scope
from hotline.ratings.own import without_rating
from hotline.ratings.service import may_see
from hotline.store.seal import place
from hotline.store.tables import ACCOUNTS, CALLS, JOURNAL, RECORDINGS
from hotline.tickets.search import of_caller

routes = router("通话")
Reader = Annotated[Grant, Depends(granted(Action.CALL_READ))]
Revealer = Annotated[Grant, Depends(granted(Action.CALL_REVEAL))]
Id = Annotated[Code, Path(description="通话标识", examples=["demo-000000001"])]

POP_DAYS: Final = 90
POP_ROWS: Final = 10
MARKED: Final = frozenset(
    {
        "CallHeld",
        "CallResumed",
        "PartyRung",
        "PartyAnswered",
        "PartyMissed",
        "PartyJoined",
        "PartyLeft",
        "CallPassed",
        "CallTransferred",
        "CallTaken",
        "HandoverConfirmed",
        "LeftUnconfirmed",
        "MonitorSwitched",
    }
)
"""What is marked in a recording."""
MAX_JOURNAL: Final = 2000


class After(msgspec.Struct, frozen=True, array_like=True):
    """After which call a page begins."""

    day: date
    offered_at: datetime
    id: str


class CallsWanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are looked for; None: any."""

    first: date | None = None
    last: date | None = None
    """Days in Asia/Shanghai, both included."""
    outcome: Outcome | None = None
    queue: str | None = None
    seat: str | None = None
    operator: str | None = None
    adapter: str | None = None
    number: str | None = None
    """The caller's, in full."""
    their_id: str | None = None
    id: str | None = None
    tickets: Sequence[str] | None = None
    """Only the calls of these tickets."""


@routes.get(
    "/calls",
    operation_id="listCalls",
    summary="通话记录",
    response_model=Page[CallRow],
    responses=refusals("bad_cursor"),
)
async def list_calls(
    grant: Reader,
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="起始日期（含）")] = None,
    last: Annotated[date | None, Query(alias="to", description="截止日期（含）")] = None,
    outcome: Annotated[Outcome | None, Query(description="结果")] = None,
    queue: Annotated[Code | None, Query(description="队列")] = None,
    seat: Annotated[Code | None, Query(description="坐席号")] = None,
    operator: Annotated[Code | None, Query(description="账号标识")] = None,
    adapter: Annotated[Code | None, Query(description="线路名称")] = None,
    number: Annotated[str | None, Query(max_length=40, description="完整的来电号码")] = None,
    their_id: Annotated[str | None, Query(max_length=128, description="省平台的通话编号")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CallRow]:
    """话务员查到自己接听的通话，班长和审计员查到本大厅的通话；最新的在前。"""
    wanted = CallsWanted(
        first=first,
        last=last,
        outcome=outcome,
        queue=queue,
        seat=seat,
        operator=operator,
        adapter=adapter,
        number=number,
        their_id=their_id,
    )
    async with request.app.state.engine.connect() as conn:
        rows, more = await find_calls(conn, wanted, grant, request, limit=limit, after=read_cursor(cursor, After))
    return Page(items=rows, next_cursor=write_cursor(more))


async def find_calls(
    conn: AsyncConnection,
    wanted: CallsWanted,
    grant: Grant,
    request: Request,
    *,
    limit: int,
    after: After | None = None,
) -> tuple[list[CallRow], After | None]:
    """A page of the calls that the account may see, and where the next one begins."""
    c = CALLS.c
    conditions: list[ColumnElement[bool]] = [c.hall == grant.hall]
    if wanted.first is not None:
        conditions.append(c.day >= wanted.first)
    if wanted.last is not None:
        conditions.append(c.day <= wanted.last)
    for name in ("outcome", "queue", "seat", "operator", "adapter"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(c[name] == str(value))
    if wanted.number and wanted.number.strip():
        conditions.append(c.caller_index == request.app.state.seal.index(wanted.number))
    if wanted.their_id and wanted.their_id.strip():
        conditions.append(c.their_id == wanted.their_id.strip())
    if wanted.tickets is not None:
        conditions.append(c.ticket.in_(wanted.tickets))
    if wanted.id is not None:
        conditions.append(c.id == wanted.id)
    if grant.only_own is not None:
        conditions.append(_own(grant.only_own, holding(request, grant)))
    if after is not None:
        here = tuple_(literal(after.day), literal(after.offered_at), literal(after.id))
        conditions.append(tuple_(c.day, c.offered_at, c.id) < here)
    query = _calls(*conditions).order_by(c.day.desc(), c.offered_at.desc(), c.id.desc()).limit(limit + 1)
    rows = (await conn.execute(query)).all()
    more = rows[limit - 1] if len(rows) > limit else None
    labels = _queue_labels(request, grant)
    shown = [CallRow(**_facts(row, labels), recordings=row.recordings_kept) for row in rows[:limit]]
    return shown, After(more.day, more.offered_at, more.id) if more is not None else None


@routes.get(
    "/calls/{call}",
    operation_id="readCall",
    summary="通话详情",
    response_model=CallDetail,
    responses=refusals("not_found"),
)
async def read_call(call: Id, grant: Reader, request: Request) -> CallDetail:
    """通话、它的流水（每条附中文说明）和录音。"""
    async with request.app.state.engine.connect() as conn:
        row = await _reachable(conn, call, grant, request)
        journal = (
            await conn.execute(
                select(JOURNAL)
                .where(JOURNAL.c.call == call, JOURNAL.c.call_seq > 0, JOURNAL.c.hall == grant.hall)
                .order_by(JOURNAL.c.call_seq)
                .limit(MAX_JOURNAL)
            )
        ).all()
        kept = (
            await conn.execute(
                select(RECORDINGS)
                .where(RECORDINGS.c.call == call, RECORDINGS.c.hall == grant.hall)
                .order_by(RECORDINGS.c.id)
            )
        ).all()
        reads = scope(grant.who.role, Action.RATING_READ) is not None
        rating = reads and await may_see(conn, call, grant.who.account)
        if not rating:
            journal = without_rating(journal, lambda line: line.type)
        if (
            scope(grant.who.role, Action.CALL_MONITOR) is None
            and not request.app.state.settings.halls[grant.hall].monitor_announced
        ):
            journal = _without_watchers(journal)
        people = await _people(conn, grant.hall, journal)
    names = Names(queues=_queue_labels(request, grant), people=people)
    told = Narrator(names)
    contacts = request.app.state.settings.halls[grant.hall].contacts
    return CallDetail(
        **_facts(row, names.queues),
        segments=course.shown(
            row,
            people=people,
            seats=_seat_names(journal, people),
            contacts={name: each.label for name, each in contacts.items()},
            queues=names.queues,
            rating=rating,
        ),
        journal=[
            JournalLine(
                at=line.at,
                type=line.type,
                text=told.tell(line.type, line.data, call=call, seat=line.seat, actor=line.actor),
                actor=people.get(line.actor) or str(line.actor),
                data=line.data,
            )
            for line in journal
        ],
        recordings=[
            RecordingBody(
                id=str(each.id),
                name=each.name,
                seconds=each.seconds,
                missing=missing_reason(each.missing),
                started_at=each.started_at,
                their_id=each.their_id,
                marks=_marks(each, journal, names),
            )
            for each in kept
        ],
    )


@routes.get(
    "/calls/{call}/pop",
    operation_id="popCall",
    summary="来电弹屏",
    response_model=PopBody,
    responses=refusals("not_found"),
)
async def pop_call(call: Id, grant: Reader, request: Request) -> PopBody:
    """同一号码此前的通话和工单，来电人的标记，以及可能的利益冲突。没有相应权限的部分为空。"""
    c = CALLS.c
    async with request.app.state.engine.connect() as conn:
        row = await _reachable(conn, call, grant, request)
        if row.caller_index is None:
            return PopBody(times_before=None, calls=[], tickets=[], marks=[], conflicts=[])
        index = bytes(row.caller_index)
        earlier = and_(c.hall == grant.hall, c.caller_index == index, c.offered_at < row.offered_at, c.id != row.id)
        recent = and_(earlier, c.offered_at >= row.offered_at - timedelta(days=POP_DAYS))
        times = (await conn.execute(select(func.count()).select_from(CALLS).where(recent))).scalar_one()
        rows = (await conn.execute(_calls(earlier).order_by(c.offered_at.desc(), c.id.desc()).limit(POP_ROWS))).all()
        reads_tickets = scope(grant.who.role, Action.TICKET_READ) is not None
        tickets = await of_caller(conn, grant.hall, index, but_call=row.id, limit=POP_ROWS) if reads_tickets else []
        asks = scope(grant.who.role, Action.CALLER_RULE_ASK) is not None
        marks = await lists.marks(conn, hall=grant.hall, caller_index=index, now=grant.now) if asks else []
        conflicts = await _conflicts(conn, request, grant, index) if reads_tickets else []
    labels = _queue_labels(request, grant)
    return PopBody(
        times_before=times,
        calls=[CallRow(**_facts(each, labels), recordings=each.recordings_kept) for each in rows],
        tickets=[TicketRow.of(line) for line in tickets],
        marks=[MarkBody.of(line) for line in marks],
        conflicts=[WarningBody.of(line) for line in conflicts],
    )


@routes.post(
    "/calls/{call}/reveal",
    operation_id="revealCaller",
    summary="查看完整号码",
    response_model=Revealed,
    responses=refusals("not_found", "too_many_reveals"),
)
async def reveal_caller(call: Id, body: RevealBody, grant: Revealer, request: Request, response: Response) -> Revealed:
    """返回来电人的完整号码；原因记入审计，次数有限制。"""
    response.headers["Cache-Control"] = "no-store"
    async with request.app.state.engine.begin() as conn:
        row = await _reachable(conn, call, grant, request)
        if row.caller_sealed is None:
            raise Problem("not_found", "来电没有号码。")
        if not request.app.state.pace.take(REVEAL_PACE, "reveal", grant.who.account):
            raise Problem("too_many_reveals", headers={"Retry-After": "3600"})
        number = request.app.state.seal.open(bytes(row.caller_sealed), place("calls", "caller_sealed", row.id))
        await record(
            conn, hall=grant.hall, doer=grant.doer, act=Act.REVEAL, object=call, reason=body.reason, at=grant.now
        )
    return Revealed(caller=number)


async def _conflicts(conn: AsyncConnection, request: Request, grant: Grant, index: bytes) -> list[lists.Warning]:
    return await lists.warnings(
        conn,
        request.app.state.seal,
        hall=grant.hall,
        caller_index=index,
        account=grant.who.account,
        sees_all=grant.only_own is None,
        now=grant.now,
        policy=policy_of(request, grant.hall),
    )


async def _reachable(conn: AsyncConnection, call: str, grant: Grant, request: Request) -> Row[Any]:
    """The call, when the account may see it; else it is not there."""
    c = CALLS.c
    conditions: list[ColumnElement[bool]] = [c.hall == grant.hall, c.id == call]
    if grant.only_own is not None:
        conditions.append(_own(grant.only_own, holding(request, grant)))
    row = (await conn.execute(_calls(*conditions))).one_or_none()
    if row is None:
        raise Problem("not_found")
    return row


def _own(account: str, held: Holding | None) -> ColumnElement[bool]:
    """One's own calls: those one answered, and the one at one's seat now."""
    answered = CALLS.c.operator == account
    return or_(answered, CALLS.c.id == held.call.id) if held is not None and held.call is not None else answered


def _calls(*conditions: ColumnElement[bool]) -> Any:
    recordings = select(func.count()).where(RECORDINGS.c.call == CALLS.c.id).scalar_subquery()
    people = (ACCOUNTS.c.name.label("operator_name"), ACCOUNTS.c.work_number.label("work_number"))
    return (
        select(CALLS, *people, recordings.label("recordings_kept"))
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == CALLS.c.operator)
        .where(and_(*conditions))
    )


def _facts(row: Row[Any], labels: Mapping[str, str]) -> dict[str, Any]:
    asked = row.queued_at or row.offered_at
    served = row.answered_at or row.ended_at
    return {
        "id": row.id,
        "state": row.state,
        "outcome": row.outcome,
        "handling": row.handling,
        "adapter": row.adapter,
        "port": row.port,
        "queue": row.queue,
        "queue_label": labels.get(row.queue or "", row.queue or ""),
        "caller": row.caller_masked,
        "region": row.region,
        "offered_at": row.offered_at,
        "queued_at": row.queued_at,
        "rung_at": row.rung_at,
        "answered_at": row.answered_at,
        "ended_at": row.ended_at,
        "seat": row.seat,
        "operator_name": row.operator_name or "",
        "work_number": row.work_number or "",
        "wait_seconds": _seconds(asked, served),
        "talk_seconds": course.talked(row),
        "hold_seconds": course.held(row),
        "ticket": row.ticket,
        "their_id": row.their_id,
        "ended_by": row.ended_by,
        "backfilled": row.backfilled,
    }


def _seconds(since: datetime | None, until: datetime | None) -> float | None:
    return None if since is None or until is None else round(max(0.0, (until - since).total_seconds()), 3)


def _queue_labels(request: Request, grant: Grant) -> Mapping[str, str]:
    hall = request.app.state.settings.halls.get(grant.hall)
    return {name: queue.label for name, queue in hall.queues.items()} if hall is not None else {}


def _without_watchers(journal: Sequence[Row[Any]]) -> list[Row[Any]]:
    """Without the supervisors who listened or whispered: the lines of their legs."""
    watching = {line.data.get("offer") for line in journal if line.data.get("part") in ("listening", "whispering")}
    return [line for line in journal if line.data.get("offer", "") not in watching]


def _marks(kept: Row[Any], journal: Sequence[Row[Any]], names: Names) -> list[Mark]:
    """Places in a recording that somebody will look for: who came and left, holds, 110 (录音标记)."""
    if kept.started_at is None:
        return []
    until = kept.stopped_at
    told = Narrator(names)
    texts = [told.tell(line.type, line.data, call=line.call, seat=line.seat, actor=line.actor) for line in journal]
    return [
        Mark(
            seconds=round((line.at - kept.started_at).total_seconds(), 1),
            text=text,
            emergency=bool(line.data.get("emergency")) or line.type in ("HandoverConfirmed", "LeftUnconfirmed"),
        )
        for line, text in zip(journal, texts, strict=True)
        if line.type in MARKED and line.at >= kept.started_at and (until is None or line.at <= until)
    ]


def _seat_names(journal: Sequence[Row[Any]], people: Mapping[str, str]) -> dict[str, str]:
    """Who sat where on this call, as far as its journal tells."""
    sat: dict[str, str] = {}
    for line in journal:
        target, label = line.data.get("target"), line.data.get("label")
        if target and label and not line.data.get("contact") and line.data.get("kind") in (None, "seat"):
            sat[str(target)] = str(label)
        if line.seat and (name := people.get(str(line.data.get("operator") or ""))):
            sat[line.seat] = name
    return sat


async def _people(conn: AsyncConnection, hall: str, journal: Sequence[Row[Any]]) -> dict[str, str]:
    """Names of those who appear in a journal, by account and by 工号."""
    wanted = {line.actor for line in journal} | {
        str(line.data["operator"]) for line in journal if line.data.get("operator")
    }
    a = ACCOUNTS.c
    rows = await conn.execute(
        select(a.id, a.work_number, a.name).where(a.hall == hall, or_(a.id.in_(wanted), a.work_number.in_(wanted)))
    )
    found: dict[str, str] = {}
    for account, work_number, name in rows:
        found[account] = found[work_number] = name
    return found
