"""Rosters in spreadsheets: what is read, what is said about the rest, and what a file cannot do to us."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from hotline.rosters import sheet
from hotline.rosters.sheet import HEADINGS, NotARoster, read
from hotline.rosters.shift import DutyMode


def file(*rows: list[Any], headings: tuple[str, ...] = HEADINGS) -> bytes:
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    page.append(list(headings))
    for row in rows:
        page.append(row)
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def test_cells_as_people_write_them() -> None:
    rows = read(
        file(
            [date(2026, 12, 1), time(9), time(18), 1001, "李律师", "civil", "坐席值守", "备注"],
            ["2026/12/2", "20：00", "8:00", "1002", None, None, "转接手机", None],
            [],
            ["2026年12月3日", timedelta(hours=20), timedelta(hours=24), " １００３ ", "", "", "", ""],
            [datetime.fromisoformat("2026-12-04T00:00"), 0.375, 0.75, None, None, None, "留言", None],
            [46361, "18:00", "24:00", 1001.0, None, None, None, None],
        )
    )
    assert [each.faults for each in rows] == [()] * 5
    assert [each.row for each in rows] == [2, 3, 5, 6, 7]
    assert [each.day for each in rows] == [date(2026, 12, day) for day in (1, 2, 3, 4, 5)]
    assert [(each.begins, each.ends) for each in rows] == [
        (time(9), time(18)),
        (time(20), time(8)),
        (time(20), time(0)),
        (time(9), time(18)),
        (time(18), time(0)),
    ]
    assert [each.work_number for each in rows] == ["1001", "1002", "1003", "", "1001"]
    assert [each.mode for each in rows] == [
        DutyMode.LIVE,
        DutyMode.FORWARDED_MOBILE,
        DutyMode.LIVE,
        DutyMode.VOICEMAIL,
        DutyMode.LIVE,
    ]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (["昨天", "9:00", "18:00"], "日期无法识别：昨天"),
        (["2026-02-30", "9:00", "18:00"], "日期无法识别：2026-02-30"),
        (["2026-12-01", "9点", "18:00"], "开始无法识别：9点"),
        (["2026-12-01", "9:00", "25:00"], "结束无法识别：25:00"),
        (["2026-12-01", None, "18:00"], "没有填写开始"),
        ([True, "9:00", "18:00"], "日期无法识别：True"),
        (["2026-12-01", "9:00", "18:00", None, None, None, "在家"], "值守方式只能是坐席值守、转接手机、留言"),
        (["2026-12-01", "9:00", "18:00", None, None, None, None, "长" * 201], "备注不能超过 200 个字"),
    ],
)
def test_what_cannot_be_read_is_said_in_chinese(row: list[Any], fault: str) -> None:
    (found,) = read(file(row))
    assert found.faults == (fault,)


def test_columns_may_be_in_any_order_but_not_missing() -> None:
    (found,) = read(file(["1001", "18:00", "9:00", "2026-12-01"], headings=("工号", "结束", "开始", "日期")))
    assert (found.begins, found.ends, found.work_number) == (time(9), time(18), "1001")
    with pytest.raises(NotARoster, match="第 1 行缺少列：结束、工号"):
        read(file(headings=("日期", "开始")))


def bomb() -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(sheet.MAX_UNPACKED + 1))
    return data.getvalue()


def entities() -> bytes:
    """A workbook whose text is an XML entity."""
    data = BytesIO()
    good = file(["x", "y", "z"])
    with zipfile.ZipFile(BytesIO(good)) as source, zipfile.ZipFile(data, "w") as packed:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = b'<!DOCTYPE w [<!ENTITY a "aaaa">]>' + content.replace(b"<v>", b"<v>&a;", 1)
            packed.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"not a zip", bytes(200 * 1024), bomb(), entities(), file(*[["x"]] * 1001)],
    ids=["empty", "cut", "text", "large", "bomb", "entities", "rows"],
)
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(NotARoster):
        read(data)


def test_the_template_is_a_roster() -> None:
    made = sheet.template([("1001", "李律师", "示例所")], ["civil"])
    assert read(made) == []
    book = openpyxl.load_workbook(BytesIO(made))
    assert book.sheetnames == ["排班", "填写说明"]
    assert [cell.value for cell in book["排班"][1]] == list(HEADINGS)
    assert ("1001", "李律师", "示例所") in list(book["填写说明"].iter_rows(values_only=True))
