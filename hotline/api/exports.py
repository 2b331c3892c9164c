"""Lists of tickets and calls as a file (导出): masked, without formulas, bounded, with a reason on record."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Annotated, BinaryIO, Final

from fastapi import Depends, Request, Response
from fastapi.responses import StreamingResponse
from limits import RateLimitItem, parse

from hotline.api.calls import After, CallsWanted, find_calls
from hotline.api.deps import Grant, granted, router
from hotline.api.problems import Problem, refusals
from hotline.api.schemas.calls import CallRow
from hotline.api.schemas.finding import CallExport, TicketExport
from hotline.api.words import OUTCOMES
from hotline.audit.trail import Act, record
from hotline.calls.numbers import mask
from hotline.finding import columns, table_file
from hotline.finding.table_file import MEDIA, Format
from hotline.people.permissions import Action
from hotline.tickets.search import Place, Wanted, search

routes = router("导出")
Exporter = Annotated[Grant, Depends(granted(Action.LIST_EXPORT))]

MOST: Final = 50_000
"""Rows of one file."""
EXPORT_PACE: Final[RateLimitItem] = parse("20/hour")
"""Per account."""
_PORTION: Final = 500
_CHUNK: Final = 256 * 1024
_FILE: Final = {
    200: {"description": "表格", "content": {each: {} for each in MEDIA.values()}},
}
_REFUSED: Final = ("export_too_large", "slow_down")

Portions = AsyncIterator[Sequence[Sequence[str]]]


@routes.post(
    "/tickets/export",
    operation_id="exportTickets",
    summary="导出工单列表",
    response_class=Response,
    responses={**_FILE, **refusals(*_REFUSED)},
)
async def export_tickets(body: TicketExport, grant: Exporter, request: Request) -> Response:
    """符合条件的全部工单，最新的在前，最多 5 万行；号码脱敏，条件和原因记入审计。"""
    wanted = Wanted(
        hall=grant.hall,
        first=body.first,
        last=body.last,
        state=body.state.value if body.state is not None else None,
        category=body.category,
        operator=body.operator,
        caller_index=request.app.state.seal.index(body.number) if body.number and body.number.strip() else None,
        text=body.q.strip() if body.q and body.q.strip() else None,
    )

    async def portions() -> Portions:
        after: Place | None = None
        while True:
            # One short transaction a portion: a long list holds nothing up.
            async with request.app.state.engine.connect() as conn:
                lines, after = await search(conn, wanted, limit=_PORTION, after=after)
            yield [columns.ticket_row(line, OUTCOMES) for line in lines]
            if after is None:
                return

    return await _file(request, grant, body, "tickets", columns.TICKETS, portions())


@routes.post(
    "/calls/export",
    operation_id="exportCalls",
    summary="导出通话列表",
    response_class=Response,
    responses={**_FILE, **refusals(*_REFUSED)},
)
async def export_calls(body: CallExport, grant: Exporter, request: Request) -> Response:
    """符合条件的全部通话，最新的在前，最多 5 万行；号码脱敏，条件和原因记入审计。"""
    fields = ("first", "last", "outcome", "queue", "seat", "operator", "adapter", "number", "their_id")
    wanted = CallsWanted(**{name: getattr(body, name) for name in fields})

    async def portions() -> Portions:
        after: After | None = None
        while True:
            async with request.app.state.engine.connect() as conn:
                rows, after = await find_calls(conn, wanted, grant, request, limit=_PORTION, after=after)
            yield [_call_row(row) for row in rows]
            if after is None:
                return

    return await _file(request, grant, body, "calls", columns.CALLS, portions())


async def _file(
    request: Request,
    grant: Grant,
    body: TicketExport | CallExport,
    what: str,
    headings: Sequence[str],
    portions: Portions,
) -> Response:
    if not request.app.state.pace.take(EXPORT_PACE, "export", grant.who.account):
        raise Problem("slow_down", headers={"Retry-After": "3600"})
    file = tempfile.TemporaryFile()  # noqa: SIM115 – has no name, and is gone when the answer is
    try:
        rows = await _written(file, body.format, headings, portions)
    except BaseException:
        file.close()
        raise
    async with request.app.state.engine.begin() as conn:
        await record(
            conn,
            hall=grant.hall,
            doer=grant.doer,
            act=Act.EXPORT,
            object=what,
            reason=body.reason,
            at=grant.now,
            data={**_asked(body), "rows": rows, "format": body.format.value},
        )
    name = f"12348-{what}-{grant.hall}-{columns.moment(grant.now)[:10]}.{body.format.value}"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(file.seek(0, 2)),
    }
    return StreamingResponse(_read(file), media_type=MEDIA[body.format], headers=headers)


async def _written(file: BinaryIO, format: Format, headings: Sequence[str], portions: Portions) -> int:
    """How many rows there are. Raises `Problem(export_too_large)`. The work is done beside the event loop."""
    table = await asyncio.to_thread(table_file.begin, file, format, headings)
    count = 0
    try:
        async for rows in portions:
            count += len(rows)
            if count > MOST:
                raise Problem("export_too_large", f"一次最多导出 {MOST:,} 行。")
            await asyncio.to_thread(table.add, rows)
    finally:
        await asyncio.to_thread(table.close)
    return count


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _asked(body: TicketExport | CallExport) -> Mapping[str, str]:
    """The filter as it goes on record: of a number, what anybody may see."""
    said = body.model_dump(mode="json", exclude_none=True, by_alias=True, exclude={"reason", "format"})
    if said.get("number"):
        said["number"] = mask(said["number"])
    return {key: str(value) for key, value in said.items()}


def _call_row(row: CallRow) -> list[str]:
    return [
        row.id,
        columns.moment(row.offered_at),
        row.caller,
        row.region,
        row.queue_label,
        OUTCOMES.get(row.outcome or "", ""),
        row.seat or "",
        row.work_number,
        row.operator_name,
        _seconds(row.wait_seconds),
        _seconds(row.talk_seconds),
        columns.moment(row.ended_at),
        str(row.recordings),
        row.ticket or "",
        row.their_id or "",
    ]


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
