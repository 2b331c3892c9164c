"""What is looked at, and which times do not count?

All checks read one snapshot of the database. Nothing here knows the code that wrote it: the stored history is read by
plain SQL, and the words in it are taken as the contract has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import msgspec

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded time without a writer (`adapter` None) or with the line to a device down."""

    hall: str
    adapter: str | None
    begins: datetime
    ends: datetime


class Return(msgspec.Struct, frozen=True, kw_only=True):
    """A line came back: what was missed meanwhile is now learnt from the device's list of calls."""

    hall: str
    adapter: str
    at: datetime


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The halls and the time that are looked at."""

    halls: tuple[str, ...]
    since: datetime
    """Calls offered, and events journalled, from then on."""
    whole: bool
    """From the beginning of the history."""
    now: datetime
    gaps: tuple[Gap, ...]
    returns: tuple[Return, ...] = ()

    def lasted(self, hall: str, adapter: str | None, begin: datetime, end: datetime) -> float:
        """Seconds between two instants, without the gaps that excuse."""
        spans = sorted(
            (max(gap.begins, begin), min(gap.ends, end))
            for gap in self.gaps
            if gap.hall == hall and gap.adapter in (None, adapter) and gap.begins < end and gap.ends > begin
        )
        excused, reached = timedelta(), begin
        for begins, ends in spans:
            if ends > reached:
                excused += ends - max(begins, reached)
                reached = ends
        return (end - begin - excused) / timedelta(seconds=1)

    def just_back(self, hall: str, adapter: str, at: datetime, seconds: float) -> bool:
        """Had the line to the device come back so shortly before?"""
        return any(
            back.hall == hall and back.adapter == adapter and timedelta() <= at - back.at <= timedelta(seconds=seconds)
            for back in self.returns
        )

    def gaps_told(self) -> str:
        """The gaps, for the note of a check that excuses them."""
        if not self.gaps:
            return ""
        total = sum(((gap.ends - gap.begins) / timedelta(seconds=1) for gap in self.gaps), 0.0)
        writers = sum(1 for gap in self.gaps if gap.adapter is None)
        first, last = min(gap.begins for gap in self.gaps), max(gap.ends for gap in self.gaps)
        return (
            f"已剔除无写入者 {writers} 段、线路中断 {len(self.gaps) - writers} 段，共 {total:.1f} 秒"
            f"（{first.isoformat(timespec='seconds')} 至 {last.isoformat(timespec='seconds')}）"
        )


async def read_scope(connection: asyncpg.Connection, hall: str | None, since: datetime | None) -> Scope:
    """Find out what there is to look at, inside the snapshot that the caller has opened."""
    now = await connection.fetchval("SELECT transaction_timestamp()")
    assert isinstance(now, datetime)
    found = await connection.fetch(
        "SELECT hall FROM hall_leases UNION SELECT hall FROM seats UNION SELECT DISTINCT hall FROM calls ORDER BY hall"
    )
    halls = tuple(row["hall"] for row in found if hall is None or row["hall"] == hall)
    gaps = [
        Gap(hall=row["hall"], adapter=row["adapter"], begins=row["began_at"], ends=row["ended_at"] or now)
        for row in await connection.fetch(
            """
            SELECT hall, CASE WHEN kind = 'writer' THEN NULL ELSE coalesce(adapter, '') END AS adapter, began_at,
                   ended_at
            FROM writer_gaps WHERE hall = ANY($1) AND kind IN ('writer', 'link')
            UNION ALL SELECT hall, adapter, began_at, ended_at FROM edge_delays WHERE hall = ANY($1)
            ORDER BY began_at
            """,
            halls,
        )
    ]
    # A writer that is gone now and has not come back yet leaves no row: its lease tells.
    gaps += [
        Gap(hall=row["hall"], adapter=None, begins=row["until"], ends=now)
        for row in await connection.fetch(
            "SELECT hall, until FROM hall_leases WHERE hall = ANY($1) AND until < $2", halls, now
        )
    ]
    begin = since or LONG_AGO
    returns = [
        Return(hall=row["hall"], adapter=row["adapter"] or "", at=row["at"])
        for row in await connection.fetch(
            """
            SELECT hall, data->>'adapter' AS adapter, at FROM journal
            WHERE hall = ANY($1) AND at >= $2 AND type = 'LinkRestored'
            """,
            halls,
            begin,
        )
    ]
    return Scope(halls=halls, since=begin, whole=since is None, now=now, gaps=tuple(gaps), returns=tuple(returns))


def plain(dsn: str) -> str:
    """A SQLAlchemy URL as asyncpg takes it."""
    scheme, mark, rest = dsn.partition("://")
    return f"{scheme.partition('+')[0]}{mark}{rest}"


Live = Mapping[str, set[str]]
"""Adapter → keys of the calls that it reports as live now."""
