"""What are a day's figures in one hall?

Reads the calls, counts them with `measures`, and puts the figures together as `hotline report` prints them. A call
belongs to the day in Asia/Shanghai on which it was offered (column `calls.day`), whenever it was answered or ended.
Same rows, same report: nothing of the moment of reading is in it, except while the day is not over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.reports.counting import (
    DAY,
    LEFT,
    LIMITS,
    CallFacts,
    Share,
    Tally,
    answer_rate,
    tally,
    within_of_requests,
    worst_window,
)
from hotline.reports.measures import MEASURES, OUTCOME_LABELS, WORST_24H, row
from hotline.store.tables import ACCOUNTS, CALLS, DAY_REPORTS

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year, so a fixed offset is exact."""
FINAL: Final = "final"
PROVISIONAL: Final = "provisional"

_COLUMNS: Final = (
    CALLS.c.day,
    CALLS.c.offered_at,
    CALLS.c.queued_at,
    CALLS.c.rung_at,
    CALLS.c.answered_at,
    CALLS.c.ended_at,
    CALLS.c.outcome,
    CALLS.c.queue,
    CALLS.c.seat,
    CALLS.c.operator,
    CALLS.c.handling,
    CALLS.c.backfilled,
)


async def report(
    engine: AsyncEngine,
    hall: str,
    day: date,
    *,
    now: datetime | None = None,
    queue_labels: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The day's report as `hotline report --format json` prints it.

    `now` decides whether the day is over (default: the clock); until then, and while a call of the day is live, the
    report is provisional.
    """
    async with engine.connect() as connection:
        return await read_report(connection, hall, day, now or datetime.now(UTC), queue_labels or {})


async def read_report(
    connection: AsyncConnection, hall: str, day: date, now: datetime, queue_labels: Mapping[str, str]
) -> dict[str, Any]:
    """The same within a transaction of the caller's."""
    rows = await connection.execute(_days_query(hall, day - timedelta(days=1), day))
    before: list[CallFacts] = []
    calls: list[CallFacts] = []
    for found in rows:
        (calls if found.day == day else before).append(_facts(found))
    people = await _people(connection, hall, {call.operator for call in calls if call.operator is not None})
    # Counting is Python's work: off the loop, on which callers are being put through.
    return await asyncio.to_thread(assemble, hall, day, calls, before, now, queue_labels, people)


async def last_days(
    engine: AsyncEngine, hall: str, n: int, *, now: datetime | None = None, first_day: date | None = None
) -> list[dict[str, Any]]:
    """The last `n` days, today (provisional, from the calls) first; days before the hall's first call are left out.

    Past days come from the stored reports; those not stored yet are computed.
    """
    moment = now or datetime.now(UTC)
    today = moment.astimezone(SHANGHAI).date()
    oldest = today - timedelta(days=n - 1)
    async with engine.connect() as connection:
        stored = {
            found.day: found.measures
            for found in await connection.execute(
                select(DAY_REPORTS.c.day, DAY_REPORTS.c.measures).where(
                    DAY_REPORTS.c.hall == hall, DAY_REPORTS.c.day >= oldest, DAY_REPORTS.c.day < today
                )
            )
        }
        begins = first_day or await first_day_of(connection, hall) or today
        items: list[dict[str, Any]] = []
        for back in range(n):
            day = today - timedelta(days=back)
            if day >= begins:
                items.append(brief(stored.get(day) or await read_report(connection, hall, day, moment, {})))
    return items


async def first_day_of(connection: AsyncConnection, hall: str) -> date | None:
    """The day of the hall's first call; None before there is one."""
    return (await connection.execute(select(func.min(CALLS.c.day)).where(CALLS.c.hall == hall))).scalar()


def brief(report: Mapping[str, Any]) -> dict[str, Any]:
    """The line that a report takes in a list of days."""
    measures = {measure["id"]: measure for measure in report["measures"]}

    def rate(id: str) -> dict[str, Any]:
        return {key: measures[id][key] for key in ("value", "numerator", "denominator", "formula")}

    return {
        "day": report["day"],
        "state": report["state"],
        "offered": measures["offered"]["value"],
        "answered": measures["answered"]["value"],
        "answer_rate": rate("answer_rate_inbound"),
        "sl15": rate("sl_15"),
        "worst_24h": rate(WORST_24H.id),
        "mean_wait_seconds": measures["mean_wait"]["value"],
    }


def assemble(
    hall: str,
    day: date,
    calls: Sequence[CallFacts],
    before: Sequence[CallFacts],
    now: datetime,
    queue_labels: Mapping[str, str],
    people: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    """Put a day's figures together. `before`: the calls of the day before, for the rolling 24 hours."""
    begin, end = bounds(day)
    counts = tally(calls)
    over = now >= end and all(call.outcome is not None for call in calls)
    worst = worst_window([*before, *calls], begin, max(begin, min(end, now)))
    measures = [measure.row(counts) for measure in MEASURES]
    measures.append(
        row(
            WORST_24H.id,
            WORST_24H.label,
            WORST_24H.formula,
            worst.share if worst else Share(numerator=0, denominator=0),
        )
    )
    return {
        "hall": hall,
        "day": day.isoformat(),
        "state": FINAL if over else PROVISIONAL,
        "time_zone": "Asia/Shanghai",
        "data_until": _last_instant(calls),
        "measures": measures,
        "worst_24h": {"from": _stamp(worst.begins_at), "to": _stamp(worst.ends_at)} if worst else None,
        "outcomes": _outcomes(counts),
        "lines": _groups(calls, _line, _LINES),
        "queues": _groups(calls, lambda call: call.queue, queue_labels),
        "hours": _hours(calls),
        "seats": _takers(calls, lambda call: call.seat, {}),
        "operators": _takers(calls, lambda call: call.operator, people),
        "definitions": _definitions(),
    }


def bounds(day: date) -> tuple[datetime, datetime]:
    """Begin and end of a day in Asia/Shanghai; the end belongs to the next day."""
    begin = datetime.combine(day, time(), SHANGHAI)
    return begin, begin + DAY


# ── private ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_LINES: Final = {"hall": "本系统分配", "observed": "网关自行分配", "backfilled": "事后补录"}


def _days_query(hall: str, first: date, last: date) -> Select[*tuple[Any, ...]]:
    return select(*_COLUMNS).where(and_(CALLS.c.hall == hall, CALLS.c.day >= first, CALLS.c.day <= last))


def _facts(found: Row[Any]) -> CallFacts:
    return CallFacts(
        offered_at=found.offered_at,
        queued_at=found.queued_at,
        rung_at=found.rung_at,
        answered_at=found.answered_at,
        ended_at=found.ended_at,
        outcome=found.outcome,
        queue=found.queue or "",
        seat=found.seat,
        operator=found.operator,
        observed=found.handling == "device",
        backfilled=found.backfilled,
    )


async def _people(connection: AsyncConnection, hall: str, accounts: set[str]) -> dict[str, tuple[str, str]]:
    """Work number and name of accounts."""
    if not accounts:
        return {}
    rows = await connection.execute(
        select(ACCOUNTS.c.id, ACCOUNTS.c.work_number, ACCOUNTS.c.name).where(
            ACCOUNTS.c.hall == hall, ACCOUNTS.c.id.in_(accounts)
        )
    )
    return {found.id: (found.work_number, found.name) for found in rows}


def _stamp(instant: datetime) -> str:
    return instant.astimezone(SHANGHAI).isoformat(timespec="milliseconds")


def _last_instant(calls: Iterable[CallFacts]) -> str | None:
    """数据截至: the latest thing that is known of the day's calls."""
    latest = max(
        (at for call in calls for at in (call.offered_at, call.answered_at, call.ended_at) if at is not None),
        default=None,
    )
    return None if latest is None else _stamp(latest)


def _line(call: CallFacts) -> str:
    return "backfilled" if call.backfilled else "observed" if call.observed else "hall"


def _outcomes(counts: Tally) -> list[dict[str, Any]]:
    """Every outcome there is, those that did not happen too: what is missing is seen to be missing."""
    ended = sum(counts.outcomes.values())
    return [
        {
            "outcome": outcome,
            "label": OUTCOME_LABELS.get(outcome, outcome),
            "count": counts.outcomes.get(outcome, 0),
            "share": round(counts.outcomes.get(outcome, 0) / ended, 6) if ended else None,
        }
        for outcome in [*OUTCOME_LABELS, *sorted(counts.outcomes.keys() - OUTCOME_LABELS.keys())]
    ]


def _split(
    calls: Iterable[CallFacts], by: Callable[[CallFacts], str | None], keys: Iterable[str]
) -> dict[str, list[CallFacts]]:
    parts: dict[str, list[CallFacts]] = {key: [] for key in keys}
    for call in calls:
        key = by(call)
        if key is not None:
            parts.setdefault(key, []).append(call)
    return parts


def _groups(
    calls: Iterable[CallFacts], by: Callable[[CallFacts], str | None], labels: Mapping[str, str]
) -> list[dict[str, Any]]:
    parts = _split(calls, by, labels)
    return [
        {"key": key, "label": labels.get(key, key) or "未进入队列", **_figures(parts[key])}
        for key in [*labels, *sorted(parts.keys() - labels.keys())]
    ]


def _hours(calls: Iterable[CallFacts]) -> list[dict[str, Any]]:
    labels = {f"{hour:02d}": f"{hour:02d}:00" for hour in range(24)}
    return _groups(calls, lambda call: f"{call.offered_at.astimezone(SHANGHAI).hour:02d}", labels)


def _figures(calls: Sequence[CallFacts]) -> dict[str, Any]:
    counts = tally(calls)
    waits, talks = counts.answered_waits, counts.talks
    first_limit = LIMITS[0]
    in_time = within_of_requests(counts, first_limit)
    return {
        "offered": counts.offered,
        "answered": counts.answered,
        "abandoned": sum(counts.outcomes.get(outcome, 0) for outcome in LEFT),
        "live": counts.live,
        "answer_rate": answer_rate(counts).value,
        "asked": in_time.denominator,
        f"answered_within_{first_limit}": in_time.numerator,
        f"sl_{first_limit}": in_time.value,
        "mean_wait_seconds": _mean(waits),
        "mean_talk_seconds": _mean(talks),
    }


def _takers(
    calls: Iterable[CallFacts], by: Callable[[CallFacts], str | None], people: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    parts = _split((call for call in calls if call.answered_at is not None), by, ())
    rows: list[dict[str, Any]] = []
    for key in sorted(parts):
        counts = tally(parts[key])
        work_number, name = people.get(key, ("", ""))
        rows.append(
            {
                "key": key,
                "work_number": work_number,
                "name": name,
                "answered": counts.answered,
                "mean_wait_seconds": _mean(counts.answered_waits),
                "talk_seconds": round(sum(counts.talks) / 1_000_000, 3),
                "mean_talk_seconds": _mean(counts.talks),
            }
        )
    return rows


def _mean(micros: Sequence[int]) -> float | None:
    return round(sum(micros) / len(micros) / 1_000_000, 3) if micros else None


def _definitions() -> dict[str, dict[str, str]]:
    return {
        measure.formula: {"label": measure.label, "wording": measure.wording, "source": measure.source}
        for measure in (*MEASURES, WORST_24H)
    }
