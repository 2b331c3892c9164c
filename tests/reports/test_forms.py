"""Reports in the superior's own forms: what is filled in, what stays, and what is refused by its cell."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from hotline.people.permissions import Role
from hotline.reports import forms, period
from hotline.reports.period import Period, Value
from hotline.reports.shelf import Shelf
from hotline.store.engine import Database
from tests.api.conftest import site
from tests.api.site import Site
from tests.reports.forms import A_FORM, a_form
from tests.reports.test_nightly import HALL, MIDNIGHT, add_call

__all__ = ["site"]

VALUES = {
    "hall": Value(value="=cmd|'/c calc'!A1", unit="text"),
    "period": Value(value="2026年11月", unit="text"),
    "offered": Value(value=1200),
    "answer_rate": Value(value=0.963, unit="rate"),
    "mean_wait": Value(value=None, unit="seconds"),
}


def filled(**cells: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(forms.fill(a_form(**cells), VALUES)))


def test_numbers_stay_numbers_and_the_form_keeps_its_looks() -> None:
    sheet = filled(
        A1="{{ offered }}",
        B1="{{answer_rate}}",
        C1="=A1*2",
        D1="{{period}}接通率 {{answer_rate}}",
        E1="等待 {{mean_wait}}",
    )["月报"]
    assert (sheet["A1"].value, sheet["A1"].font.bold) == (1200, True)
    assert (sheet["B1"].value, sheet["B1"].number_format) == (0.963, "0.00%")
    assert (sheet["C1"].value, sheet["C1"].data_type) == ("=A1*2", "f")
    assert sheet["D1"].value == "2026年11月接通率 96.30%"
    assert sheet["E1"].value == "等待 —"


@pytest.mark.parametrize("text", ["{{hall}}", "{{hall}}：{{offered}}"])
def test_what_is_put_in_never_becomes_a_formula(text: str) -> None:
    cell = filled(A1=text, B1="{{offered}}")["月报"]["A1"]
    assert cell.data_type == "s"
    assert str(cell.value).startswith("=cmd")


def test_what_is_not_known_is_named_by_its_cell() -> None:
    with pytest.raises(forms.FormWrong) as wrong:
        forms.check(a_form(B7="{{answer_rat}}", C2="=SUM({{offered}})"), period.places())
    assert wrong.value.faults == [
        "工作表“月报”的单元格 C2：公式里不能写占位符，请放到另一个单元格再引用",
        "工作表“月报”的单元格 B7：没有占位符 {{answer_rat}}，是否为 {{answer_rate}}？",
    ]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04rubbish", b"<html>", a_form(A1="没有占位符")])
def test_what_is_no_form(data: bytes) -> None:
    with pytest.raises(forms.FormWrong):
        forms.check(data, period.places())


async def test_a_month_adds_numerators_and_denominators(database: Database) -> None:
    numbers = iter(range(1, 20))
    for day, answered, missed in ((0, 1, 1), (1, 8, 0)):
        at = MIDNIGHT + timedelta(days=day, hours=9)
        for _ in range(answered):
            await add_call(database, next(numbers), at)
        for _ in range(missed):
            lost = {"outcome": "abandoned_queue", "answered_at": None, "seat": None, "operator": None}
            await add_call(database, next(numbers), at, **lost)
    asked = period.month_of(f"{MIDNIGHT + timedelta(hours=8):%Y-%m}")
    async with database.engine.connect() as conn:
        found = await period.values(conn, HALL, "一厅", asked, MIDNIGHT + timedelta(days=3))
    assert found.keys() == period.places().keys()
    assert (found["offered"].value, found["answered"].value) == (10, 9)
    assert (found["answer_rate"].value, found["answer_rate_inbound.denominator"].value) == (0.9, 10)


@pytest.mark.parametrize(
    ("first", "last", "label"),
    [
        ("2026-11-01", "2026-11-30", "2026年11月"),
        ("2026-11-21", "2026-11-21", "2026年11月21日"),
        ("2026-11-02", "2026-11-30", "2026年11月2日至2026年11月30日"),
    ],
)
def test_how_a_period_is_called(first: str, last: str, label: str) -> None:
    assert Period(first=date.fromisoformat(first), last=date.fromisoformat(last)).label == label


def test_no_name_leads_out_of_the_shelf(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "h1")
    for name in ("../h2/月报", "a/b", "", "..", "月报.xlsx/../x"):
        assert not shelf.put(name, b"x")
        assert shelf.read(name) is None
    assert shelf.put("省厅月报（2026）", b"x")
    assert [form.name for form in shelf.forms()] == ["省厅月报（2026）"]


async def test_over_the_api(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.put("/report-forms/月报", json={"file": A_FORM})).json() == {"places": 2}
        assert [form["name"] for form in (await client.get("/report-forms")).json()] == ["月报"]
        made = await client.get("/report-forms/月报/xlsx", params={"from": "2026-11-01", "to": "2026-11-30"})
        sheet = openpyxl.load_workbook(BytesIO(made.content))["月报"]
        assert sheet["A1"].value == "2026年11月"
        too_long = await client.get("/report-forms/月报/xlsx", params={"from": "2020-01-01", "to": "2026-11-30"})
        assert too_long.json()["code"] == "invalid_input"
        wrong = await client.put("/report-forms/月报", json={"file": "QUFB"})
        assert wrong.json()["errors"] == [{"field": "file", "message": "无法读取，模板须为 .xlsx 文件。"}]
        assert (await client.delete("/report-forms/月报")).status_code == 200
        assert (await client.delete("/report-forms/月报")).status_code == 404
    assert [line["act"] for line in await site.audit()] == ["report_form_changed", "export", "report_form_changed"]
