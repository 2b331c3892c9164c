"""What is kept of a line: the times it could not be used, its alarms, its last facts, and the bytes it sent.

Every query looks back a bounded time and returns a bounded number of rows. Numbers are masked here, so that nobody who
shows what comes out has to think of it; reasons are put into Chinese here as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.reasons import in_chinese
from hotline.lines.causes import why_away
from hotline.lines.masking import SHOWN_BYTES, as_hex, as_text, masked_bytes, masked_text
from hotline.lines.words import sentence
from hotline.store.gaps import PORT
from hotline.store.inbox import UNREADABLE
from hotline.store.rows import FACTS, raw_place
from hotline.store.seal import Seal
from hotline.store.tables import JOURNAL, RAW_EVENTS, WRITER_GAPS

BACK: Final = (timedelta(hours=1), timedelta(days=7))
"""So far back facts and bytes are looked for: further only where little was said, since a busy hour fills the page."""
FACTS_A_FRAME: Final = 4
"""So many facts are looked through for each frame that is shown."""
MOST_GAPS: Final = 200
MOST_ALARMS: Final = 200
ADJOINING: Final = timedelta(seconds=10)
"""Two times without a writer that lie so near, and one of which is a command's, are one: whoever defines three seats
while the service is stopped takes the lease three times."""
BY_COMMAND: Final = "seat defined while stopped"
_ALARMS: Final = ("LineAlarmRaised", "LineAlarmCleared")
_Gap = tuple[str, datetime, datetime | None, str]
"""Kind, beginning, end, why."""


class GapSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the line, one channel of it, or the service itself, could not be used."""

    kind: str
    """writer, link or port."""
    port: int | None
    began_at: datetime
    ended_at: datetime | None
    detail: str


class AlarmSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An alarm that was raised or cleared."""

    at: datetime
    raised: bool
    kind: str
    port: int | None
    detail: str


class FactSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Something the line reported."""

    at: datetime
    heard_at: datetime
    type: str
    text: str
    port: int | None
    call: str
    backfilled: bool
    reason: str
    """Why it was set aside; empty: it was not."""


class RawSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One frame or delivery as it came, numbers masked."""

    heard_at: datetime
    size: int
    """Bytes of all of it."""
    text: str
    hex: str
    cut: bool
    """Only its beginning is shown."""
    state: str
    """applied, pending or set_aside."""
    reason: str
    says: Sequence[str]
    """What was understood: types of facts."""


async def gaps(conn: AsyncConnection, hall: str, adapter: str, since: datetime) -> list[GapSeen]:
    """Those that reach into the time since then, the latest first. Without a writer nobody hears: those as well."""
    g = WRITER_GAPS.c
    query = (
        select(g.kind, g.began_at, g.ended_at, g.detail)
        .where(g.hall == hall, or_(g.adapter == adapter, g.kind == "writer"))
        .where(or_(g.ended_at.is_(None), g.ended_at > since))
        .order_by(g.began_at.desc())
        .limit(MOST_GAPS)
    )
    rows: list[_Gap] = [(row.kind, row.began_at, row.ended_at, row.detail) for row in await conn.execute(query)]
    return [_gap(*row) for row in _merged(rows)]


async def alarms(conn: AsyncConnection, hall: str, adapter: str, since: datetime) -> list[AlarmSeen]:
    """Alarms of the line that were raised or cleared since then, the latest first."""
    j = JOURNAL.c
    query = (
        select(j.at, j.type, j.data)
        .where(j.hall == hall, j.at > since, j.type.in_(_ALARMS), j.data["adapter"].astext == adapter)
        .order_by(j.seq.desc())
        .limit(MOST_ALARMS)
    )
    return [
        AlarmSeen(
            at=row.at,
            raised=row.type == "LineAlarmRaised",
            kind=str(row.data.get("kind", "")),
            port=row.data.get("port"),
            detail=masked_text(in_chinese(str(row.data.get("detail", "")))),
        )
        for row in await conn.execute(query)
    ]


async def facts(
    conn: AsyncConnection, seal: Seal, hall: str, adapter: str, now: datetime, limit: int
) -> list[FactSeen]:
    """The last facts of the line, the latest first."""
    r = RAW_EVENTS.c
    found: list[FactSeen] = []
    for row in await _last(conn, hall, adapter, now, limit, r.fact_sealed):
        sealed_for = raw_place("fact_sealed", hall, row.adapter, row.event_id)
        fact = FACTS.decode(seal.open_bytes(row.fact_sealed, sealed_for))
        found.append(
            FactSeen(
                at=fact.at,
                heard_at=fact.heard_at,
                type=type(fact).__name__,
                text=sentence(fact),
                port=fact.port,
                call=masked_text(getattr(fact, "call", "")),
                backfilled=getattr(fact, "backfilled", False),
                reason=masked_text(in_chinese(row.reason)) if row.state == "set_aside" else "",
            )
        )
    return found


async def raw(conn: AsyncConnection, seal: Seal, hall: str, adapter: str, now: datetime, limit: int) -> list[RawSeen]:
    """The last frames or deliveries of the line, the latest first, masked; one that says several things comes once."""
    r = RAW_EVENTS.c
    found: list[tuple[bytes, dict[str, Any]]] = []
    for row in await _last(conn, hall, adapter, now, FACTS_A_FRAME * limit, r.raw_sealed):
        body = seal.open_bytes(row.raw_sealed, raw_place("raw_sealed", hall, row.adapter, row.event_id))
        if not found or found[-1][0] != body or found[-1][1]["heard_at"] != row.heard_at:
            if len(found) == limit:
                break
            found.append((body, {"heard_at": row.heard_at, "state": row.state, "reason": "", "says": []}))
        told = found[-1][1]
        if row.state == "set_aside":
            told |= {"state": "set_aside", "reason": masked_text(in_chinese(row.reason))}
        if row.type not in told["says"] and row.type != UNREADABLE:
            told["says"].insert(0, row.type)
    return [_raw(body, told) for body, told in found]


async def bodies(
    conn: AsyncConnection, seal: Seal, hall: str, adapter: str, now: datetime, limit: int
) -> list[tuple[bytes, datetime]]:
    """The last frames or deliveries of the line as they came, **not masked**, oldest first, and when they were heard:
    to be decoded again, never to be shown."""
    found: dict[tuple[bytes, datetime], None] = {}
    for row in await _last(conn, hall, adapter, now, FACTS_A_FRAME * limit, RAW_EVENTS.c.raw_sealed):
        place = raw_place("raw_sealed", hall, row.adapter, row.event_id)
        found[seal.open_bytes(row.raw_sealed, place), row.heard_at] = None
    return list(found)[:limit][::-1]


async def _last(
    conn: AsyncConnection, hall: str, adapter: str, now: datetime, limit: int, sealed: ColumnElement[bytes | None]
) -> Sequence[Any]:
    """The last rows of the line that have something sealed there, the latest first."""
    r = RAW_EVENTS.c
    query = (
        select(r.adapter, r.event_id, r.heard_at, r.type, r.fact_sealed, r.raw_sealed, r.state, r.reason)
        .where(r.hall == hall, r.adapter == adapter, sealed.is_not(None))
        .order_by(r.heard_at.desc(), r.id.desc())
        .limit(limit)
    )
    rows: Sequence[Any] = ()
    for back in BACK:
        rows = (await conn.execute(query.where(r.heard_at > now - back))).all()
        if len(rows) == limit:
            break
    return rows


def _raw(body: bytes, told: dict[str, Any]) -> RawSeen:
    # Masked before it is cut: half a number at the edge would be too short to be known as one.
    masked = masked_bytes(body)[:SHOWN_BYTES]
    return RawSeen(size=len(body), text=as_text(masked), hex=as_hex(masked), cut=len(body) > SHOWN_BYTES, **told)


def _merged(rows: Sequence[_Gap]) -> list[_Gap]:
    """Latest first, as they came; a stop in which commands led the hall for a moment is one."""
    merged: list[_Gap] = []
    stop: int | None = None
    """Where the last time without a writer stands: the one before it may adjoin."""
    for kind, began, ended, detail in rows:
        if kind == "writer":
            if stop is not None and ended is not None:
                _, later, until, why = merged[stop]
                if later - ended <= ADJOINING and BY_COMMAND in (detail, why):
                    merged[stop] = (kind, began, None if until is None else max(until, ended), BY_COMMAND)
                    continue
            stop = len(merged)
        merged.append((kind, began, ended, detail))
    return sorted(merged, key=lambda row: row[1], reverse=True)


def _gap(kind: str, began_at: datetime, ended_at: datetime | None, detail: str) -> GapSeen:
    port = kind.removeprefix(PORT) if kind.startswith(PORT) else ""
    return GapSeen(
        kind="port" if kind.startswith(PORT) else kind,
        port=int(port) if port else None,
        began_at=began_at,
        ended_at=ended_at,
        detail=masked_text(why_away(detail)),
    )
