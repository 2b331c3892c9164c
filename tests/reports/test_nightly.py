"""Which days are due, and is a kept report the same whoever makes it, however often?"""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from sqlalchemy import insert, select, update

from hotline.reports.answer_rate import last_days, report
from hotline.reports.errors import FormatNotYet
from hotline.reports.nightly import Counted, Kept, canonical, digest, due_days, keep_day, last_run, read_due
from hotline.reports.xlsx import write_xlsx
from hotline.schedule import keep_reports, pause, run_due
from hotline.store.engine import Database
from hotline.store.tables import CALLS, DAY_REPORTS

HALL = "kf"
D20 = date(2026, 11, 20)
MIDNIGHT = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
"""2026-11-20, 00:00 in Shanghai."""
NEXT_RUN = MIDNIGHT + timedelta(days=1, minutes=20)
LABELS = {"general": "综合"}


def kept(state: str = "final", made_at: datetime = NEXT_RUN, offered: int = 10, answered: int = 9) -> Kept:
    return Kept(state=state, made_at=made_at, digest="", counted=Counted(offered, answered))


async def add_call(database: Database, number: int, at: datetime, **changes: Any) -> None:
    row: dict[str, Any] = {
        "id": f"{HALL}-{number:09d}",
        "hall": HALL,
        "adapter": "card-1",
        "key": f"k{number}",
        "handling": "hall",
        "state": "ended",
        "seq": 1,
        "offered_at": at,
        "day": at.astimezone(UTC) + timedelta(hours=8),
        "queue": "general",
        "queued_at": at,
        "rung_at": at,
        "answered_at": at + timedelta(seconds=4),
        "ended_at": at + timedelta(seconds=100),
        "outcome": "answered",
        "seat": "01",
        "operator": "acc-1",
        "ticket": f"KF-20261120-{number:06d}",
    }
    row |= changes
    row["day"] = (at + timedelta(hours=8)).date()
    async with database.engine.begin() as connection:
        await connection.execute(insert(CALLS).values(row))


async def add_lost_call(database: Database, number: int, at: datetime, outcome: str = "abandoned_queue") -> None:
    await add_call(database, number, at, outcome=outcome, answered_at=None, rung_at=None, seat=None, operator=None)


# ── which days ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_due_before_the_first_call_or_before_twenty_past() -> None:
    assert due_days(NEXT_RUN, {}, {}, None) == []
    assert due_days(NEXT_RUN - timedelta(seconds=1), {}, {}, D20) == []
    assert due_days(NEXT_RUN, {}, {}, D20) == [D20]


def test_missed_days_are_caught_up_oldest_first() -> None:
    week = [D20 + timedelta(days=ahead) for ahead in range(7)]
    have = {week[2]: kept(made_at=NEXT_RUN + timedelta(days=2))}
    assert due_days(NEXT_RUN + timedelta(days=6), have, {}, D20) == [week[0], week[1], *week[3:]]


def test_provisional_is_made_again_after_a_pause() -> None:
    have = {D20: kept("provisional")}
    assert due_days(NEXT_RUN + timedelta(minutes=9), have, {}, D20) == []
    assert due_days(NEXT_RUN + timedelta(minutes=10), have, {}, D20) == [D20]


def test_newest_days_are_made_again_once_a_night() -> None:
    have = {D20: kept()}
    assert due_days(NEXT_RUN + timedelta(hours=3), have, {}, D20) == []
    next_night = NEXT_RUN + timedelta(days=1)
    assert due_days(next_night, have, {}, D20) == [D20, D20 + timedelta(days=1)]
    have = {D20 + timedelta(days=ahead): kept(made_at=NEXT_RUN + timedelta(days=8)) for ahead in range(9)}
    night = NEXT_RUN + timedelta(days=9)
    assert due_days(night, have, {}, D20) == [D20 + timedelta(days=ahead) for ahead in (7, 8, 9)]


def test_a_day_whose_calls_have_changed_is_made_again() -> None:
    days = {D20 + timedelta(days=ahead): kept(made_at=NEXT_RUN + timedelta(days=20)) for ahead in range(20)}
    now = NEXT_RUN + timedelta(days=19, minutes=5)
    counted = dict.fromkeys(days, Counted(10, 9))
    assert due_days(now, days, counted, D20) == [] or due_days(now, days, counted, D20)[0] > D20 + timedelta(days=16)
    counted[D20] = Counted(11, 9)
    assert D20 in due_days(now, days, counted, D20)


@pytest.mark.parametrize(("hours", "days"), [(0, -1), (0.333, -1), (0.334, 0), (23.9, 0)])
def test_last_run(hours: float, days: int) -> None:
    at = MIDNIGHT + timedelta(hours=hours)
    assert last_run(at) == MIDNIGHT + timedelta(days=days, minutes=20)
    assert timedelta() < pause(at) <= timedelta(minutes=10)


def test_pause_ends_at_twenty_past() -> None:
    assert pause(MIDNIGHT + timedelta(minutes=17)) == timedelta(minutes=3)


# ── the report ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_calls_belong_to_the_day_they_rang_in_shanghai(database: Database) -> None:
    await add_call(database, 1, MIDNIGHT - timedelta(seconds=10))
    await add_call(database, 2, MIDNIGHT)
    await add_lost_call(database, 3, MIDNIGHT + timedelta(hours=23, minutes=59, seconds=59))
    await add_lost_call(database, 4, MIDNIGHT + timedelta(days=1))
    made = await report(database.engine, HALL, D20, now=NEXT_RUN, queue_labels=LABELS)
    measures = {measure["id"]: measure for measure in made["measures"]}
    assert made["state"] == "final"
    assert measures["answer_rate_inbound"] == {
        "id": "answer_rate_inbound",
        "label": "接通率",
        "formula": "answered/offered",
        "numerator": 1,
        "denominator": 2,
        "excluded": {},
        "value": 0.5,
    }
    assert measures["answer_rate_worst_24h"]["value"] == 0.5
    assert [hour["offered"] for hour in made["hours"]] == [1, *[0] * 22, 1]
    assert made["queues"][0]["label"] == "综合"
    assert {part["outcome"]: part["count"] for part in made["outcomes"] if part["count"]} == {
        "answered": 1,
        "abandoned_queue": 1,
    }
    assert made["data_until"] == "2026-11-21T00:01:39.000+08:00"
    assert set(made["definitions"]) == {m["formula"] for m in made["measures"]}


async def test_empty_day_has_null_rates(database: Database) -> None:
    made = await report(database.engine, HALL, D20, now=NEXT_RUN)
    rates = [m for m in made["measures"] if not m["formula"].startswith("count:")]
    assert rates
    assert all(m["denominator"] == 0 and m["value"] is None for m in rates)


async def test_live_calls_make_it_provisional_and_are_visible(database: Database) -> None:
    await add_call(database, 1, MIDNIGHT)
    live = {"state": "waiting", "ended_at": None, "outcome": None, "answered_at": None, "rung_at": None, "seat": None}
    await add_call(database, 2, MIDNIGHT, **live)
    made = await report(database.engine, HALL, D20, now=NEXT_RUN)
    (rate,) = (m for m in made["measures"] if m["id"] == "answer_rate_inbound")
    assert made["state"] == "provisional"
    assert (rate["numerator"], rate["denominator"], rate["excluded"]) == (1, 1, {"live": 1})


async def test_observed_and_backfilled_calls_count_and_have_a_row(database: Database) -> None:
    await add_call(database, 1, MIDNIGHT)
    await add_call(database, 2, MIDNIGHT, handling="device")
    await add_call(database, 3, MIDNIGHT, handling="device", backfilled=True)
    made = await report(database.engine, HALL, D20, now=NEXT_RUN)
    assert [(line["key"], line["offered"]) for line in made["lines"]] == [
        ("hall", 1),
        ("observed", 1),
        ("backfilled", 1),
    ]
    assert made["measures"][0]["value"] == 3


# ── keeping it ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_same_rows_same_bytes(database: Database, tmp_path: Path) -> None:
    for number in range(30):
        await add_call(database, number, MIDNIGHT + timedelta(minutes=40 * number))
    first = await keep_day(database.engine, HALL, D20, now=NEXT_RUN, state_dir=tmp_path, queue_labels=LABELS)
    file = tmp_path / "reports/kf/2026/kf-2026-11-20.xlsx"
    bytes_ = file.read_bytes()
    again = await keep_day(
        database.engine, HALL, D20, now=NEXT_RUN + timedelta(days=9), state_dir=tmp_path, queue_labels=LABELS
    )
    assert first is not None
    assert again is not None
    assert first.digest == again.digest
    assert file.read_bytes() == bytes_
    async with database.engine.connect() as connection:
        row = (await connection.execute(select(DAY_REPORTS))).one()
    assert digest(row.measures) == row.digest == hashlib.sha256(canonical(row.measures)).hexdigest()
    assert row.xlsx == "reports/kf/2026/kf-2026-11-20.xlsx"
    assert canonical(row.measures) == canonical(json.loads(canonical(row.measures)))
    await add_call(database, 99, MIDNIGHT)
    assert await read_due(database.engine, HALL, NEXT_RUN + timedelta(minutes=5)) == [D20]
    changed = await keep_day(database.engine, HALL, D20, now=NEXT_RUN, state_dir=tmp_path, queue_labels=LABELS)
    assert changed is not None
    assert changed.digest != first.digest


async def test_many_instances_make_each_day_once(database: Database, tmp_path: Path) -> None:
    await add_call(database, 1, MIDNIGHT)
    now = NEXT_RUN + timedelta(days=4)

    async def instance() -> list[date]:
        return await run_due(database.engine, HALL, tmp_path, now=now, queue_labels={})

    made = await asyncio.gather(*(instance() for _ in range(4)))
    days = sorted(day for each in made for day in each)
    assert len(days) == len(set(days))
    while missing := await read_due(database.engine, HALL, now):
        days += await instance()
        assert not set(missing) & set(await read_due(database.engine, HALL, now))
    assert sorted(days) == [D20 + timedelta(days=ahead) for ahead in range(5)]


async def test_a_late_end_settles_a_provisional_report(database: Database, tmp_path: Path) -> None:
    """Ringing across midnight: provisional at 00:20, final once the call is over."""
    at = MIDNIGHT + timedelta(hours=23, minutes=59)
    live = {"state": "talking", "ended_at": None, "outcome": None}
    await add_call(database, 1, at, **live)
    assert await run_due(database.engine, HALL, tmp_path, now=NEXT_RUN, queue_labels={}) == [D20]
    assert [day["state"] for day in await last_days(database.engine, HALL, 3, now=NEXT_RUN)] == ["provisional"] * 2
    async with database.engine.begin() as connection:
        await connection.execute(update(CALLS).values(state="ended", ended_at=NEXT_RUN, outcome="answered"))
    later = NEXT_RUN + timedelta(minutes=10)
    assert await run_due(database.engine, HALL, tmp_path, now=later, queue_labels={}) == [D20]
    assert await run_due(database.engine, HALL, tmp_path, now=later, queue_labels={}) == []
    today, yesterday = await last_days(database.engine, HALL, 3, now=later)
    assert (today["day"], today["state"], today["answer_rate"]["value"]) == ("2026-11-21", "provisional", None)
    assert (yesterday["state"], yesterday["answer_rate"]["value"], yesterday["sl15"]["value"]) == ("final", 1.0, 1.0)
    assert yesterday["mean_wait_seconds"] == 4.0


class Hands:
    """A clock that moves only when somebody sleeps."""

    def __init__(self, at: datetime, until: datetime) -> None:
        self.at, self.until = at, until

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        if self.at > self.until:
            raise asyncio.CancelledError


async def test_schedule_runs_through_nights_and_survives_a_failing_hall(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_call(database, 1, MIDNIGHT)
    tried: list[str] = []

    async def sometimes(engine: Any, hall: str, state_dir: Path, **rest: Any) -> list[date]:
        tried.append(hall)
        if hall == "broken":
            raise OSError("no space left")
        return await run_due(engine, hall, state_dir, **rest)

    monkeypatch.setattr("hotline.schedule.run_due", sometimes)
    hands = Hands(MIDNIGHT + timedelta(hours=23), NEXT_RUN + timedelta(minutes=30))
    with pytest.raises(asyncio.CancelledError):
        await keep_reports(database.engine, {"broken": {}, HALL: LABELS}, tmp_path, clock=hands, sleep=hands.sleep)
    assert tried.count("broken") == tried.count(HALL) > 8
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(DAY_REPORTS.c.day, DAY_REPORTS.c.made_at))).all()
    assert [(row.day, row.made_at) for row in rows] == [(D20, NEXT_RUN)], "at 00:20 sharp, once"


# ── the spreadsheet ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_spreadsheet_says_what_the_report_says(database: Database, tmp_path: Path) -> None:
    await add_call(database, 1, MIDNIGHT)
    await add_lost_call(database, 2, MIDNIGHT + timedelta(hours=5), "timed_out")
    await add_lost_call(database, 3, MIDNIGHT + timedelta(hours=5), "short_abandoned")
    evil = '=HYPERLINK("http://x","点我")'
    made = await report(database.engine, HALL, D20, now=NEXT_RUN, queue_labels={"general": evil})
    path = tmp_path / "day.xlsx"
    write_xlsx(made, path)
    first = path.read_bytes()
    write_xlsx(made, path)
    assert path.read_bytes() == first
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["日报", "分时", "队列与线路", "坐席与人员"]
    summary: dict[Any, Any] = {}
    for row in book["日报"].iter_rows(min_row=5):
        summary.setdefault(row[0].value, row)
    assert summary["接通率"][1].value == pytest.approx(1 / 3, abs=1e-6)
    assert summary["接通率（剔除速挂）"][5].value == "速挂（5 秒内） 1"
    assert "凡剔除均逐项列出，不作隐性剔除；分母为 0 时不计值。" in summary
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert evil in [cell.value for cell in cells]
    assert not [cell for cell in cells if cell.data_type == "f"]
    with ZipFile(path) as parts:
        charts = [name for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 2


def test_other_formats_say_so() -> None:
    assert "PDF 格式的日报尚未提供" in str(FormatNotYet("pdf"))
