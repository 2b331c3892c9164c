"""Times in which a line could not be used are in the day's report, counted by hand."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import insert

from hotline.reports.answer_rate import bounds, report
from hotline.reports.nightly import digest
from hotline.reports.outages import Outage, cut, outage_rows
from hotline.reports.xlsx import write_xlsx
from hotline.store.engine import Database
from hotline.store.tables import WRITER_GAPS

DAY = date(2026, 11, 20)
BEGIN, END = bounds(DAY)
HALL = "h1"


def gap(kind: str, adapter: str | None, begins_minutes: float, ends_minutes: float | None) -> dict[str, Any]:
    """Minutes from the day's midnight."""
    return {
        "kind": kind,
        "adapter": adapter,
        "began_at": BEGIN + timedelta(minutes=begins_minutes),
        "ended_at": None if ends_minutes is None else BEGIN + timedelta(minutes=ends_minutes),
    }


GAPS = [
    gap("link", "line-1", -30, 10),  # began the day before: ten minutes are this day's
    gap("link", "line-1", 60, 62),
    gap("link", "line-1", 61, 63),  # told twice, by an edge and by us: what overlaps counts once
    gap("port/11", "gw-1", 600, 605),
    gap("port/3", "gw-1", 600, 601),
    gap("link", "never-up", 1430, None),  # goes on: ten minutes are this day's
    gap("writer", None, 120, 121),
    gap("link", "line-1", -90, -60),  # the day before
    gap("link", "line-1", 1440, 1500),  # the day after
]
COUNTED = [
    ("服务停止", 1, 60.0, 60.0),
    ("线路 gw-1 端口 3 故障", 1, 60.0, 60.0),
    ("线路 gw-1 端口 11 故障", 1, 300.0, 300.0),
    ("线路 line-1 中断", 3, 780.0, 600.0),
    ("线路 never-up 中断", 1, 600.0, 600.0),
]


def told(rows: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(each["label"], each["times"], each["seconds"], each["longest_seconds"]) for each in rows]


def test_counted_by_hand() -> None:
    assert told(outage_rows(cut([Outage(**each) for each in GAPS], BEGIN, END))) == COUNTED
    assert outage_rows([]) == []


async def test_in_the_report_and_its_file(database: Database, tmp_path: Path) -> None:
    async with database.engine.begin() as conn:
        for each in GAPS:
            await conn.execute(insert(WRITER_GAPS).values(hall=HALL, **each))
            await conn.execute(insert(WRITER_GAPS).values(hall="other", **each))
    made = await report(database.engine, HALL, DAY, now=END + timedelta(minutes=20))
    assert told(made["outages"]) == COUNTED
    rates = {each["id"]: each["value"] for each in made["measures"] if each["id"].startswith("answer_rate")}
    assert set(rates.values()) == {None}, "no rate is made of it"
    later = await report(database.engine, HALL, DAY, now=END + timedelta(days=3))
    assert digest(later) == digest(made), "a day that is over says the same for ever"
    during = await report(database.engine, HALL, DAY, now=BEGIN + timedelta(minutes=1435))
    assert told(during["outages"])[-1] == ("线路 never-up 中断", 1, 300.0, 300.0)

    write_xlsx(made, tmp_path / "day.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "day.xlsx")["队列与线路"]
    rows = [[cell.value for cell in row[:4]] for row in sheet.iter_rows()]
    assert ["线路 line-1 中断", 3, 780, 600] in rows
