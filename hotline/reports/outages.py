"""When could callers not come in, of a day? Evidence of system faults (系统故障) beside the answer rate.

Nobody knows who rang while a line was down, so no rate is changed by this: it is shown as it was, by line and by port,
in the part of each outage that lies in the day. A line that was never up since the service began counts from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.rosters.shift import day_span
from hotline.store.gaps import PORT
from hotline.store.tables import WRITER_GAPS


class Outage(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which the service, a line or one port of it could not be used."""

    kind: str
    """writer, link or port/N."""
    adapter: str | None
    began_at: datetime
    ended_at: datetime | None
    """None: it goes on."""


async def read_outages(connection: AsyncConnection, hall: str, day: date, now: datetime) -> list[Outage]:
    """Those that reach into the day, cut to it; what goes on is cut at `now` while the day does."""
    span, g = day_span(day, day), WRITER_GAPS.c
    query = (
        select(g.kind, g.adapter, g.began_at, g.ended_at)
        .where(g.hall == hall, g.began_at < span.ends_at, or_(g.ended_at.is_(None), g.ended_at > span.begins_at))
        .order_by(g.began_at, g.id)
    )
    found = [Outage(**row._mapping) for row in await connection.execute(query)]
    return cut(found, span.begins_at, min(span.ends_at, now))


def cut(outages: Iterable[Outage], begin: datetime, end: datetime) -> list[Outage]:
    """The parts between the two."""
    parts = [
        msgspec.structs.replace(each, began_at=max(each.began_at, begin), ended_at=min(each.ended_at or end, end))
        for each in outages
    ]
    return [each for each in parts if each.ended_at is not None and each.ended_at > each.began_at]


def outage_rows(outages: Sequence[Outage]) -> list[dict[str, Any]]:
    """The table by service, line and port: how often, how long altogether, and the longest."""
    rows: list[dict[str, Any]] = []
    for kind, adapter in sorted({(each.kind, each.adapter or "") for each in outages}, key=_order):
        spans = sorted(
            (each.began_at, each.ended_at)
            for each in outages
            if (each.kind, each.adapter or "") == (kind, adapter) and each.ended_at is not None
        )
        port = kind.removeprefix(PORT) if kind.startswith(PORT) else ""
        rows.append(
            {
                "key": f"{kind}:{adapter}",
                "label": _label(kind, adapter, port),
                "kind": "port" if kind.startswith(PORT) else kind,
                "adapter": adapter,
                "port": int(port) if port else None,
                "times": len(spans),
                "seconds": _seconds(_covered(spans)),
                "longest_seconds": _seconds(max(ended - began for began, ended in spans)),
            }
        )
    return rows


def _order(key: tuple[str, str]) -> tuple[bool, str, bool, str]:
    """The service first, then line by line, its ports behind it."""
    kind, adapter = key
    return kind != "writer", adapter, kind.startswith(PORT), f"{kind.removeprefix(PORT):>9}"


def _label(kind: str, adapter: str, port: str) -> str:
    if kind == "writer":
        return "服务停止"
    if kind.startswith(PORT):
        return f"线路 {adapter} 端口{f' {port} ' if port else ''}故障"
    return f"线路 {adapter} 中断"


def _covered(spans: Sequence[tuple[datetime, datetime]]) -> timedelta:
    """How long it was so altogether: what overlaps counts once."""
    covered, reached = timedelta(), datetime.min.replace(tzinfo=spans[0][0].tzinfo)
    for began, ended in spans:
        if ended > reached:
            covered += ended - max(began, reached)
            reached = ended
    return covered


def _seconds(span: timedelta) -> float:
    return round(span / timedelta(seconds=1), 3)
