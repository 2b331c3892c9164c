"""Which days must be reported (again), and how is a day's report kept?

A kept report is canonical JSON with its SHA-256 digest in `day_reports`, and an XLSX below the state directory. Making
it again from the same rows gives the same bytes. Every instance may try: per hall one transaction at a time holds the
claim, and looks again whether there is still something to do.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec
from sqlalchemy import ColumnElement, Text, and_, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONPATH, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.calls.call import Direction
from hotline.crash import crash_point
from hotline.ratings.reading import rated_days
from hotline.reports.answer_rate import FINAL, SHANGHAI, first_day_of, read_report
from hotline.reports.beside import callback_days, outbound_days
from hotline.reports.counting import CallbackTally
from hotline.reports.xlsx import write_xlsx
from hotline.store.tables import CALLS, DAY_REPORTS

RUN_AT: Final = time(0, 20)
"""Asia/Shanghai: calls that rang before midnight have had twenty minutes to end."""
REMADE_DAYS: Final = 3
"""The newest days are made again each night: gateways report late."""
LOOK_BACK: Final = timedelta(days=31)
"""So far back a device may still report a call (older device times are not believed)."""
RETRY: Final = timedelta(minutes=10)
"""A provisional report is made again so often until its last call is over."""


class Counted(msgspec.Struct, frozen=True):
    """What the calls, ratings and call-backs of a day say now, or said when its report was made."""

    offered: int
    answered: int
    rated: int = 0
    satisfied: int = 0
    outbound: int = 0
    outbound_reached: int = 0
    callbacks_due: int = 0
    callbacks_in_time: int = 0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a day's report."""

    state: str
    made_at: datetime
    digest: str
    counted: Counted


def due_days(
    now: datetime, kept: Mapping[date, Kept], counted: Mapping[date, Counted], first_day: date | None
) -> list[date]:
    """The days whose report is to be made now, oldest first.

    Due are, of the days that were over at the last 00:20: those without a report, provisional ones after a pause,
    those whose calls have changed in number, answer or rating since, or whose call-backs have, and once a night the
    newest three.
    """
    if first_day is None:
        return []
    run = last_run(now)
    newest = run.date() - timedelta(days=1)
    return [
        day
        for day in (first_day + timedelta(days=ahead) for ahead in range((newest - first_day).days + 1))
        if _is_due(day, kept.get(day), counted.get(day), now, run, newest)
    ]


def last_run(now: datetime) -> datetime:
    """The latest 00:20 in Asia/Shanghai that is not after `now`."""
    local = now.astimezone(SHANGHAI)
    today = datetime.combine(local.date(), RUN_AT, SHANGHAI)
    return today if today <= local else today - timedelta(days=1)


async def read_due(engine: AsyncEngine, hall: str, now: datetime) -> list[date]:
    """The days of a hall whose report is to be made now."""
    async with engine.connect() as connection:
        return await _read_due(connection, hall, now)


async def keep_day(
    engine: AsyncEngine,
    hall: str,
    day: date,
    *,
    now: datetime,
    state_dir: Path,
    queue_labels: Mapping[str, str] | None = None,
    only_if_due: bool = False,
) -> Kept | None:
    """Make a day's report and keep it; None when another instance is at it, or (`only_if_due`) has done it already.

    The file is there before the row that names it. Same rows: same digest, same file.
    """
    async with engine.begin() as connection:
        if not await _claim(connection, hall):
            return None
        if only_if_due and day not in await _read_due(connection, hall, now):
            return None
        crash_point("before_nightly")
        report = await read_report(connection, hall, day, now, queue_labels or {})
        place = Path("reports") / quote(hall, safe="") / str(day.year) / f"{quote(hall, safe='')}-{day}.xlsx"
        await asyncio.to_thread(_write_whole, report, state_dir / place)
        made = {
            "made_at": now,
            "state": report["state"],
            "measures": report,
            "digest": digest(report),
            "xlsx": str(place),
        }
        statement = insert(DAY_REPORTS).values(hall=hall, day=day, **made)
        await connection.execute(statement.on_conflict_do_update(index_elements=["hall", "day"], set_=made))
    crash_point("after_nightly")
    measures = {measure["id"]: measure for measure in report["measures"]}
    said = Counted(*(int(measures[id][part]) for id, part in _SAID))
    return Kept(state=report["state"], made_at=now, digest=made["digest"], counted=said)


def canonical(report: Mapping[str, Any]) -> bytes:
    """The report as bytes, the same for equal reports: sorted keys, no spaces, UTF-8."""
    return json.dumps(report, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def digest(report: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(report)).hexdigest()


def _is_due(day: date, kept: Kept | None, counted: Counted | None, now: datetime, run: datetime, newest: date) -> bool:
    if kept is None:
        return True
    if kept.state != FINAL:
        return kept.made_at <= now - RETRY
    if counted is not None and counted != kept.counted:
        return True
    return day > newest - timedelta(days=REMADE_DAYS) and kept.made_at < run


async def _read_due(connection: AsyncConnection, hall: str, now: datetime) -> list[date]:
    oldest = (now - LOOK_BACK).astimezone(SHANGHAI).date()
    d = DAY_REPORTS.c
    rows = await connection.execute(
        select(d.day, d.state, d.made_at, d.digest, *(_said(id, part) for id, part in _SAID)).where(d.hall == hall)
    )
    kept: dict[date, Kept] = {}
    for row in rows:
        said = Counted(*(int(float(each)) for each in row[4:]))
        kept[row.day] = Kept(state=row.state, made_at=row.made_at, digest=row.digest, counted=said)
    taken = or_(CALLS.c.outcome == "answered", and_(CALLS.c.outcome.is_(None), CALLS.c.answered_at.is_not(None)))
    rows = await connection.execute(
        select(CALLS.c.day, func.count(), func.count(case((taken, 1))))
        .where(CALLS.c.hall == hall, CALLS.c.day >= oldest, CALLS.c.direction == Direction.IN)
        .group_by(CALLS.c.day)
    )
    inbound = {day: (many, answered) for day, many, answered in rows}
    ratings = await rated_days(connection, hall, oldest)
    outbound = await outbound_days(connection, hall, oldest)
    callbacks = await callback_days(connection, hall, oldest, now)
    counted: dict[date, Counted] = {}
    for day in inbound.keys() | outbound.keys() | callbacks.keys():
        due = callbacks.get(day, CallbackTally())
        calls = (*inbound.get(day, (0, 0)), *ratings.get(day, (0, 0)), *outbound.get(day, (0, 0)))
        counted[day] = Counted(*calls, due.due, due.in_time)
    return due_days(now, kept, counted, await first_day_of(connection, hall))


_SAID: Final = (
    ("offered", "value"),
    ("answered", "value"),
    ("rated", "value"),
    ("satisfied", "value"),
    ("outbound", "value"),
    ("outbound_reached", "numerator"),
    ("callback_due", "value"),
    ("callback_rate", "numerator"),
)
"""Where a stored report says what `Counted` has, in its order."""


def _said(measure: str, part: str) -> ColumnElement[str]:
    """A stored measure's number, without reading the whole report; 0 in reports of the time before there was such a
    measure."""
    found = func.jsonb_path_query_first(
        DAY_REPORTS.c.measures, cast(f'$.measures[*] ? (@.id == "{measure}").{part}', JSONPATH)
    )
    return func.coalesce(cast(found, Text), "0")


async def _claim(connection: AsyncConnection, hall: str) -> bool:
    """The hall's reports are ours until the transaction ends, unless somebody else has them."""
    key = int.from_bytes(hashlib.sha256(f"hotline.reports {hall}".encode()).digest()[:8], "big", signed=True)
    return bool((await connection.execute(select(func.pg_try_advisory_xact_lock(key)))).scalar_one())


def _write_whole(report: Mapping[str, Any], path: Path) -> None:
    """The file is there completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    write_xlsx(report, unfinished)
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(unfinished, path)
