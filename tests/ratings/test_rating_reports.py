"""Ratings in the day's report, in its spreadsheet, in its being made again, and in `verify`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import openpyxl
import pytest
from sqlalchemy import insert, update

from hotline.people.permissions import Role
from hotline.ratings.reading import rated_calls, rated_days, tallies
from hotline.ratings.scores import Scores
from hotline.reports.answer_rate import last_days, read_report
from hotline.reports.nightly import keep_day, read_due
from hotline.store.tables import CALLS, RATINGS
from hotline.verify.scope import Scope
from hotline.verify.totals import check_totals
from tests.api.site import Site

DAY = date(2026, 11, 21)
NIGHT = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)
"""00:30 in Shanghai: the day is over."""


async def rate(site: Site, call: str, way: str = "key", *, later: float = 0, scores: Scores | None = None) -> None:
    """A row as the service writes it; without scores: only invited."""
    at = site.clock.now() + timedelta(seconds=later)
    given = scores.given if scores is not None else {}
    row: dict[str, Any] = {"hall": call[:2], "call": call, "ticket": f"t-{call}", "way": way, "asked_at": at}
    row |= {"changed_at": at, "at": at if given else None, "satisfied": scores.satisfied() if scores else None}
    async with site.engine.begin() as conn:
        await conn.execute(insert(RATINGS).values(**row, **{each.value: score for each, score in given.items()}))


async def a_day(site: Site) -> list[str]:
    """Six answered calls of two people and a lost one; four invited, three rated, two satisfied."""
    calls = [(await site.call(operator=Role.OPERATOR))[0] for _ in range(4)]
    calls += [(await site.call(operator=Role.SUPERVISOR))[0] for _ in range(2)]
    await site.call(operator=None)
    await site.call("h2")
    await rate(site, calls[0], scores=Scores(attitude=5, skill=5))
    await rate(site, calls[1], scores=Scores(attitude=1))
    await rate(site, calls[1], "call_back", later=60, scores=Scores(attitude=5))
    await rate(site, calls[2])
    await rate(site, calls[4], "link", scores=Scores(policy=4))
    return calls


def measures(report: dict[str, Any]) -> dict[str, tuple[Any, Any, Any]]:
    return {each["id"]: (each["numerator"], each["denominator"], each["value"]) for each in report["measures"]}


async def test_rating_rate_stands_beside_satisfaction(site: Site) -> None:
    await a_day(site)
    async with site.engine.connect() as conn:
        report = await read_report(conn, "h1", DAY, NIGHT, {})
    found = measures(report)
    assert found["rating_invited"][0] == 4
    assert found["rated"][0] == 3
    assert found["rating_rate"] == (3, 6, 0.5)
    assert found["satisfaction"] == (2, 3, 0.666667), "a call-back does not mend the figure"
    assert found["rating_response"] == (3, 4, 0.75)
    assert found["score_attitude"] == (6, 2, 3.0)
    assert found["score_efficiency"] == (0, 0, None)
    [queue] = [part for part in report["queues"] if part["key"] == "main"]
    assert (queue["answered"], queue["rated"], queue["rating_rate"], queue["satisfaction"]) == (6, 3, 0.5, 0.666667)
    people = {part["work_number"]: (part["answered"], part["rated"], part["satisfied"]) for part in report["operators"]}
    assert people == {"1001": (4, 2, 1), "2001": (2, 1, 1)}
    assert sum(part["rated"] for part in report["hours"]) == 3


async def test_the_same_numbers_everywhere(site: Site) -> None:
    calls = await a_day(site)
    async with site.engine.connect() as conn:
        parts = await tallies(conn, "h1", DAY, DAY)
        by_call = await rated_calls(conn, "h1", DAY)
        days = await rated_days(conn, "h1", DAY)
        report = await read_report(conn, "h1", DAY, NIGHT, {})
    found = measures(report)
    assert set(by_call) == {calls[0], calls[1], calls[2], calls[4]}
    assert by_call[calls[1]].satisfied is False
    assert (parts.total.answered, parts.total.invited, parts.total.rated, parts.total.satisfied) == (6, 4, 3, 2)
    assert found["score_attitude"][:2] == (sum(parts.total.sums[q] for q in parts.total.sums if q == "attitude"), 2)
    assert days == {DAY: (3, 2)}
    assert set(parts.operators) == {site.people["h1", role].id for role in (Role.OPERATOR, Role.SUPERVISOR)}
    assert set(parts.queues) == {"main"}
    assert list(parts.days) == [DAY]


async def test_a_rating_that_comes_days_later_has_the_report_made_again(site: Site, tmp_path: Path) -> None:
    """Links are good for a week; the newest three days are made again each night, this one is older."""
    calls = await a_day(site)
    ten_nights = NIGHT + timedelta(days=10)
    for ahead in range(11):
        await keep_day(site.engine, "h1", DAY + timedelta(days=ahead), now=ten_nights, state_dir=tmp_path)
    later = ten_nights + timedelta(minutes=20)
    assert await read_due(site.engine, "h1", later) == []
    await rate(site, calls[3], "link", later=8 * 86400)
    assert await read_due(site.engine, "h1", later) == [], "an invitation alone is no figure of note"
    async with site.engine.begin() as conn:
        given = {"at": later, "attitude": 2, "satisfied": False, "changed_at": later}
        await conn.execute(update(RATINGS).where(RATINGS.c.call == calls[3]).values(**given))
    assert await read_due(site.engine, "h1", later) == [DAY]
    kept = await keep_day(site.engine, "h1", DAY, now=later, state_dir=tmp_path, only_if_due=True)
    assert kept is not None
    assert (kept.counted.rated, kept.counted.satisfied) == (4, 2)
    assert await read_due(site.engine, "h1", later) == []


async def test_days_in_a_list_carry_both_rates(site: Site) -> None:
    await a_day(site)
    [day] = await last_days(site.engine, "h1", 1, now=NIGHT - timedelta(hours=4))
    assert (day["rating_rate"]["numerator"], day["rating_rate"]["denominator"]) == (3, 6)
    assert (day["satisfaction"]["value"], day["satisfaction"]["formula"]) == (0.666667, "satisfied/rated")


async def test_the_spreadsheet_shows_them_with_their_parts(site: Site, tmp_path: Path) -> None:
    await a_day(site)
    await keep_day(site.engine, "h1", DAY, now=NIGHT, state_dir=tmp_path)
    book = openpyxl.load_workbook(tmp_path / "reports/h1/2026/h1-2026-11-21.xlsx")
    rows: dict[Any, Any] = {}
    for row in book["日报"].iter_rows(values_only=True):
        rows.setdefault(row[0], row)  # further down the definitions begin with the same words
    assert rows["测评率"][1:4] == (0.5, 3, 6)
    assert rows["满意率"][1:4] == (0.666667, 2, 3)
    assert rows["服务态度均分"][1:4] == (3, 6, 2)
    assert book["日报"].cell(*_cell(book["日报"], "服务态度均分")).number_format == "0.00"
    heads = [each.value for each in book["队列与线路"][2]]
    assert [each for each in heads if each is not None][-4:] == ["测评量", "测评率", "满意量", "满意率"]
    book.close()


def _cell(sheet: Any, label: str) -> tuple[int, int]:
    for row in sheet.iter_rows():
        if row[0].value == label:
            return row[0].row, 2
    raise AssertionError(label)


# ── verify ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def verified(site: Site) -> list[str]:
    """What the recount finds about ratings."""
    connection = await asyncpg.connect(site.database.url)
    try:
        scope = Scope(halls=("h1",), since=NIGHT - timedelta(days=2), now=NIGHT, whole=True, gaps=())
        check = await check_totals(connection, scope)
    finally:
        await connection.close()
    return [each.detail for each in check.broken if "测评" in each.detail or "满意" in each.detail]


@pytest.mark.parametrize(
    ("bug", "told"),
    [
        ("UPDATE ratings SET satisfied = false WHERE way = 'link'", ["满意量", "满意率"]),
        ("DELETE FROM ratings WHERE at IS NULL", ["测评邀请量"]),
        ("DELETE FROM ratings WHERE way = 'link'", ["测评邀请量", "测评量", "满意量", "测评率", "满意率"]),
    ],
)
async def test_verify_recounts_the_ratings(site: Site, tmp_path: Path, bug: str, told: list[str]) -> None:
    await a_day(site)
    await keep_day(site.engine, "h1", DAY, now=NIGHT, state_dir=tmp_path)
    assert await verified(site) == []
    await site.database.pool.execute(bug)
    found = await verified(site)
    assert [each.split("：")[0] for each in found] == told


async def test_verify_waits_for_a_report_that_is_about_to_be_made_again(site: Site, tmp_path: Path) -> None:
    await a_day(site)
    await keep_day(site.engine, "h1", DAY, now=NIGHT, state_dir=tmp_path)
    late = {"satisfied": False, "changed_at": NIGHT + timedelta(hours=1)}
    async with site.engine.begin() as conn:
        await conn.execute(update(RATINGS).where(RATINGS.c.way == "link").values(**late))
    assert await verified(site) == []


async def test_a_rating_of_a_call_that_nobody_answered_counts_nowhere(site: Site) -> None:
    calls = await a_day(site)
    async with site.engine.begin() as conn:
        await conn.execute(update(CALLS).where(CALLS.c.id == calls[0]).values(outcome="lost"))
        report = await read_report(conn, "h1", DAY, NIGHT, {})
        parts = await tallies(conn, "h1", DAY, DAY)
        days = await rated_days(conn, "h1", DAY)
    assert measures(report)["rating_rate"] == (2, 5, 0.4)
    assert (parts.total.rated, parts.total.answered) == (2, 5)
    assert days == {DAY: (2, 1)}
