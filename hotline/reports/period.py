"""What can a form of the superior (上级报表) ask for, and what is it for a period? Its places, and their values.

The measures of the days, added up – rates and means from their numerators and denominators, never from rates – and
counts of tickets, units, hand-overs and incidents.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.reports.answer_rate import SHANGHAI, read_report
from hotline.reports.measures import MEASURES, WORST_24H
from hotline.store.tables import DAY_REPORTS, DEADLINES, FOLLOW_UPS, HANDOVERS, INCIDENTS, TICKETS
from hotline.tickets.matter import CHANNELS, MATTERS

MAX_DAYS: Final = 366
EARLIEST: Final = 2000
"""Year of the first day that is asked for."""


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """One place's value."""

    value: float | int | str | None
    unit: str = "count"
    """count, rate, seconds, score or text."""


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def label(self) -> str:
        """`2026年11月`, `2026年11月21日`, or both ends."""
        first, last = self.first, self.last
        if first == last:
            return f"{first.year}年{first.month}月{first.day}日"
        if first.day == 1 and (last + timedelta(days=1)) == month_after(first):
            return f"{first.year}年{first.month}月"
        return f"{first.year}年{first.month}月{first.day}日至{last.year}年{last.month}月{last.day}日"


def month_of(text: str) -> Period:
    """`2026-11`. Raises ValueError."""
    first = datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    return Period(first=first, last=month_after(first) - timedelta(days=1))


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


COUNTS: Final[Mapping[str, str]] = {
    "tickets": "工单总数",
    **{f"tickets_{channel.value}": f"工单数：{label}" for channel, label in CHANNELS.items()},
    **{f"matter_{matter.value}": f"工单数：{label}" for matter, label in MATTERS.items()},
    "tickets_closed": "其中已办结",
    "tickets_dispatched": "其中派单办理过的",
    "tickets_returned": "其中退过单的",
    "tickets_reopened": "其中重新办理过的",
    "tickets_supervised": "其中督办的",
    "tickets_minor": "其中涉及未成年人的",
    "deadlines_met": "按期完成的期限",
    "deadlines_missed": "逾期完成的期限",
    "follow_ups": "回访数",
    "follow_ups_satisfied": "其中满意、基本满意",
    "handovers": "移交其他单位",
    "handovers_accepted": "其中对方已受理",
    "incidents": "应急事件",
}
ALIASES: Final = {"answer_rate": "answer_rate_inbound"}
TEXTS: Final = {
    "hall": "大厅名称",
    "period": "统计期间",
    "first": "起始日期",
    "last": "截止日期",
    "made_on": "制表日期",
}


def places() -> dict[str, str]:
    """Every name that a form may use, with what it means."""
    found = {**TEXTS, **COUNTS}
    for measure in MEASURES:
        found[measure.id] = measure.label
        if measure.unit != "count":
            found[f"{measure.id}.numerator"] = f"{measure.label}：分子"
            found[f"{measure.id}.denominator"] = f"{measure.label}：分母"
    return found | {alias: found[id] for alias, id in ALIASES.items()}


async def values(conn: AsyncConnection, hall: str, label: str, period: Period, now: datetime) -> dict[str, Value]:
    """The value of every place. Days to come count for nothing."""
    found = {
        "hall": Value(value=label, unit="text"),
        "period": Value(value=period.label, unit="text"),
        "first": Value(value=period.first.isoformat(), unit="text"),
        "last": Value(value=period.last.isoformat(), unit="text"),
        "made_on": Value(value=now.astimezone(SHANGHAI).date().isoformat(), unit="text"),
    }
    found |= await _measures(conn, hall, period, now)
    counted = await _counts(conn, hall, period)
    found |= {name: Value(value=counted.get(name, 0)) for name in COUNTS}
    return found | {alias: found[id] for alias, id in ALIASES.items()}


async def _measures(conn: AsyncConnection, hall: str, period: Period, now: datetime) -> dict[str, Value]:
    last = min(period.last, now.astimezone(SHANGHAI).date(), period.first + timedelta(days=MAX_DAYS))
    d = DAY_REPORTS.c
    query = select(d.day, d.measures).where(d.hall == hall, d.day >= period.first, d.day <= last)
    stored = {row.day: row.measures for row in await conn.execute(query)}
    sums: dict[str, tuple[float, float]] = {}
    worst: float | None = None
    for ahead in range((last - period.first).days + 1):
        day = period.first + timedelta(days=ahead)
        made = stored.get(day) or await read_report(conn, hall, day, now, {})
        for row in made["measures"]:
            if row["id"] == WORST_24H.id:
                worst = min((each for each in (worst, row["value"]) if each is not None), default=None)
                continue
            above, below = sums.get(row["id"], (0, 0))
            sums[row["id"]] = (above + row["numerator"], below + row["denominator"])
    found: dict[str, Value] = {}
    for measure in MEASURES:
        above, below = sums.get(measure.id, (0, 0))
        if measure.unit == "count":
            found[measure.id] = Value(value=above)
            continue
        quotient = worst if measure.id == WORST_24H.id else round(above / below, 6) if below else None
        found[measure.id] = Value(value=quotient, unit=measure.unit)
        found[f"{measure.id}.numerator"] = Value(value=above)
        found[f"{measure.id}.denominator"] = Value(value=below)
    return found


async def _counts(conn: AsyncConnection, hall: str, period: Period) -> dict[str, int]:
    t, u, f, h, i = TICKETS.c, DEADLINES.c, FOLLOW_UPS.c, HANDOVERS.c, INCIDENTS.c
    begin = datetime.combine(period.first, time(), SHANGHAI)
    end = datetime.combine(period.last + timedelta(days=1), time(), SHANGHAI)
    born = (t.hall == hall, t.day >= period.first, t.day <= period.last)
    found: dict[str, int] = {}
    for column, prefix in ((t.channel, "tickets_"), (t.matter, "matter_")):
        rows = await conn.execute(select(column, func.count()).where(*born).group_by(column))
        found |= {f"{prefix}{value}": count for value, count in rows}
    parts: list[tuple[Any, dict[str, Any], tuple[Any, ...]]] = [
        (
            TICKETS,
            {
                "tickets": func.count(),
                "tickets_closed": func.count().filter(t.state == "closed"),
                "tickets_dispatched": func.count().filter(t.unit != ""),
                "tickets_returned": func.count().filter(t.times_returned > 0),
                "tickets_reopened": func.count().filter(t.times_reopened > 0),
                "tickets_supervised": func.count().filter(t.supervised),
                "tickets_minor": func.count().filter(t.minor_involved),
            },
            born,
        ),
        (
            DEADLINES,
            {
                "deadlines_met": func.count().filter(u.met),
                "deadlines_missed": func.count().filter(u.met.is_(False)),
            },
            (u.hall == hall, u.done_at >= begin, u.done_at < end),
        ),
        (
            FOLLOW_UPS,
            {
                "follow_ups": func.count(),
                "follow_ups_satisfied": func.count().filter(f.contentment.in_(("satisfied", "fair"))),
            },
            (f.hall == hall, f.at >= begin, f.at < end),
        ),
        (
            HANDOVERS,
            {"handovers": func.count(), "handovers_accepted": func.count().filter(h.accepted_at.is_not(None))},
            (h.hall == hall, h.created_at >= begin, h.created_at < end),
        ),
        (INCIDENTS, {"incidents": func.count()}, (i.hall == hall, i.begun_at >= begin, i.begun_at < end)),
    ]
    for table, columns, conditions in parts:
        counted = [column.label(name) for name, column in columns.items()]
        row = (await conn.execute(select(*counted).select_from(table).where(*conditions))).one()
        found |= row._mapping
    return found
