"""What are a day's figures in one hall?

Reads the inbound calls, counts them with `measures`, and puts the figures together as `hotline report` prints them. A
call belongs to the day in Asia/Shanghai on which it was offered (column `calls.day`), whenever it was answered or
ended. Calls of ours stand beside them and are in none of their figures.
Same rows, same report: nothing of the moment of reading is in it, except while the day is not over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from hotline.calls.call import Direction
from hotline.ratings.figures import RATING_RATE, SATISFACTION, Figure, Rated
from hotline.ratings.figures import brief as brief_of_ratings
from hotline.ratings.reading import rated_calls
from hotline.reports.beside import DUTY_LABELS, SEGMENTS, Beside, chain_of, count_outbound, outbound_rows, read_beside
from hotline.reports.counting import (
    DAY,
    LEFT,
    LIMITS,
    CallFacts,
    Share,
    Tally,
    answer_rate,
    in_seconds,
    tally,
    within_of_requests,
    worst_window,
)
from hotline.reports.course import Turn, micros
from hotline.reports.measures import MEASURES, OUTCOME_LABELS, WORST_24H, row
from hotline.reports.outages import outage_rows
from hotline.store.tables import ACCOUNTS, CALLS, DAY_REPORTS

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China keeps one time all year, so a fixed offset is exact."""
FINAL: Final = "final"
PROVISIONAL: Final = "provisional"

_COLUMNS: Final = (
    CALLS.c.id,
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
    SEGMENTS,
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
    ratings = await rated_calls(connection, hall, day)
    rows = await connection.execute(_days_query(hall, day - timedelta(days=1), day))
    before: list[CallFacts] = []
    calls: list[CallFacts] = []
    for found in rows:
        (calls if found.day == day else before).append(_facts(found, ratings.get(found.id)))
    beside = await read_beside(connection, hall, day, now)
    people = await _people(connection, hall, {turn.operator for call in calls for turn in _turns(call)} - {None})
    # Counting is Python's work: off the loop, on which callers are being put through.
    return await asyncio.to_thread(assemble, hall, day, calls, before, now, queue_labels, people, beside)


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

    def rating(figure: Figure) -> dict[str, Any]:
        # Reports of the time before ratings have none.
        unknown = {"value": None, "numerator": 0, "denominator": 0, "formula": figure.formula}
        return rate(figure.id) if figure.id in measures else unknown

    return {
        "day": report["day"],
        "state": report["state"],
        "offered": measures["offered"]["value"],
        "answered": measures["answered"]["value"],
        "answer_rate": rate("answer_rate_inbound"),
        "sl15": rate("sl_15"),
        "worst_24h": rate(WORST_24H.id),
        "mean_wait_seconds": measures["mean_wait"]["value"],
        "rating_rate": rating(RATING_RATE),
        "satisfaction": rating(SATISFACTION),
    }


def assemble(
    hall: str,
    day: date,
    calls: Sequence[CallFacts],
    before: Sequence[CallFacts],
    now: datetime,
    queue_labels: Mapping[str, str],
    people: Mapping[str, tuple[str, str]],
    beside: Beside,
) -> dict[str, Any]:
    """Put a day's figures together. `before`: the calls of the day before, for the rolling 24 hours."""
    begin, end = bounds(day)
    counts = tally(calls, count_outbound(beside.outbound), beside.callbacks)
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
        "duty": _groups(calls, lambda call: beside.duty.mode_at(call.offered_at), DUTY_LABELS),
        "outbound": outbound_rows(beside.outbound),
        "outages": outage_rows(beside.outages),
        "seats": _takers(calls, lambda turn: turn.seat, {}),
        "operators": _takers(calls, lambda turn: turn.operator, people),
        "definitions": _definitions(),
    }


def bounds(day: date) -> tuple[datetime, datetime]:
    """Begin and end of a day in Asia/Shanghai; the end belongs to the next day."""
    begin = datetime.combine(day, time(), SHANGHAI)
    return begin, begin + DAY


# ── private ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_LINES: Final = {"hall": "本系统分配", "observed": "网关自行分配", "backfilled": "事后补录"}


def _days_query(hall: str, first: date, last: date) -> Select[*tuple[Any, ...]]:
    inbound = CALLS.c.direction == Direction.IN
    return select(*_COLUMNS).where(and_(CALLS.c.hall == hall, CALLS.c.day >= first, CALLS.c.day <= last, inbound))


def _facts(found: Row[Any], rating: Rated | None) -> CallFacts:
    course = chain_of(found.segments)
    return CallFacts(
        offered_at=found.offered_at,
        queued_at=found.queued_at,
        rung_at=found.rung_at,
        answered_at=found.answered_at,
        ended_at=found.ended_at,
        outcome=found.outcome,
        queue=(course.queue if course is not None else None) or found.queue or "",
        seat=found.seat,
        operator=found.operator,
        observed=found.handling == "device",
        backfilled=found.backfilled,
        rating=rating,
        course=course,
    )


async def _people(connection: AsyncConnection, hall: str, accounts: set[str | None]) -> dict[str, tuple[str, str]]:
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
        "forwarded": counts.outcomes.get("forwarded", 0),
        "voicemail": counts.outcomes.get("voicemail", 0),
        "passed_on": counts.passed_on,
        "live": counts.live,
        "answer_rate": answer_rate(counts).value,
        "asked": in_time.denominator,
        f"answered_within_{first_limit}": in_time.numerator,
        f"sl_{first_limit}": in_time.value,
        "mean_wait_seconds": _mean(waits),
        "mean_talk_seconds": _mean(talks),
        **brief_of_ratings(counts.ratings),
    }


def _takers(
    calls: Sequence[CallFacts], by: Callable[[Turn], str | None], people: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Who answered, and what each had of the calls: whoever took a call first has answered it, each is credited with
    his own part of the talk, and a rating is about whoever had the caller last."""
    served: dict[str, list[tuple[CallFacts, list[Turn]]]] = {}
    for call in calls:
        parts: dict[str, list[Turn]] = {}
        for turn in _turns(call):
            key = by(turn)
            if key is not None:
                parts.setdefault(key, []).append(turn)
        for key, turns in parts.items():
            served.setdefault(key, []).append((call, turns))
    rows: list[dict[str, Any]] = []
    for key in sorted(served):
        answered = tally(call for call, _ in served[key] if by(_turns(call)[0]) == key)
        last = tally(call for call, _ in served[key] if by(_last(call)) == key)
        over = [turns for call, turns in served[key] if call.ended_at is not None]
        talks = [sum(turn.talk for turn in turns) for turns in over]
        work_number, name = people.get(key, ("", ""))
        rows.append(
            {
                "key": key,
                "work_number": work_number,
                "name": name,
                "answered": answered.answered,
                "served": len(served[key]),
                "passed_to": len(served[key]) - answered.answered,
                "last_with": last.answered,
                "mean_wait_seconds": _mean(answered.answered_waits),
                "talk_seconds": in_seconds(talks),
                "hold_seconds": in_seconds(turn.hold for turns in over for turn in turns),
                "consult_seconds": in_seconds(turn.consult for turns in over for turn in turns),
                "mean_talk_seconds": _mean(talks),
                **brief_of_ratings(last.ratings),
            }
        )
    return rows


def _turns(call: CallFacts) -> Sequence[Turn]:
    """Who had the caller, in their order. Where no segments say so: the seat that answered, from then to the end."""
    if call.answered_at is None:
        return ()
    if call.course is not None and call.course.turns:
        return call.course.turns
    talk = micros(call.answered_at, call.ended_at) if call.ended_at is not None and call.course is None else 0
    return (Turn(seat=call.seat, operator=call.operator, talk=talk),)


def _last(call: CallFacts) -> Turn:
    """Who had the caller last."""
    return Turn(seat=call.seat, operator=call.operator)


def _mean(micros: Sequence[int]) -> float | None:
    return round(sum(micros) / len(micros) / 1_000_000, 3) if micros else None


def _definitions() -> dict[str, dict[str, str]]:
    return {
        measure.formula: {"label": measure.label, "wording": measure.wording, "source": measure.source}
        for measure in (*MEASURES, WORST_24H)
    }
