"""How does a settlement sheet look in a spreadsheet? Firms, lawyers, formulas; texts are texts, never formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any, Final

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from hotline.rosters.calendar import SHANGHAI

SAFE: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
    "in_memory": True,
}
_STATES: Final = {"final": "本月已结束", "provisional": "暂计（本月未结束）"}
_EMPLOYMENT: Final = {"full_time": "专职", "part_time": "兼职"}
_FIGURES: Final = (
    ("shifts", "班次", "count"),
    ("missed", "缺勤班次", "count"),
    ("shift_seconds", "排班时长（小时）", "hours"),
    ("duty_seconds", "值班时长（小时）", "hours"),
    ("live_seconds", "其中坐席值守", "hours"),
    ("mobile_seconds", "其中转接手机", "hours"),
    ("adherence", "遵守率", "rate"),
    ("answered", "接听量", "count"),
    ("off_duty_answered", "其中班外接听", "count"),
    ("called_back", "外呼接通", "count"),
    ("talk_seconds", "通话时长（小时）", "hours"),
)
NO_FIRM: Final = "（未登记律所）"


def write(sheet: Mapping[str, Any], label: str) -> bytes:
    """The file for what `settle.settlement` gives; `label`: the hall's. The same sheet gives the same bytes."""
    data = BytesIO()
    created = datetime.fromisoformat(f"{sheet['month']}-01")
    with xlsxwriter.Workbook(data, SAFE) as book:
        book.set_properties({"title": f"结算单 {sheet['month']}", "author": "hotline-12348", "created": created})
        styles = _styles(book)
        head = f"12348 热线值班结算单　{label}　{sheet['month']}"
        until = sheet["until"].astimezone(SHANGHAI)
        state = f"状态：{_STATES[sheet['state']]}　计至：{until:%Y-%m-%d %H:%M}　时区：北京时间"
        firms = [[(each["name"] or NO_FIRM, "text"), *_cells(each["sum"])] for each in sheet["firms"]]
        firms.append([("合计", "text"), *_cells(sheet["sum"])])
        _page(book, styles, "按律所", head, state, ["律所"], firms)
        lawyers = [
            [
                (firm["name"] or NO_FIRM, "text"),
                (each["work_number"], "text"),
                (each["name"], "text"),
                (_EMPLOYMENT.get(each["employment"], ""), "text"),
                *_cells(each),
            ]
            for firm in sheet["firms"]
            for each in firm["lawyers"]
        ]
        _page(book, styles, "按律师", head, state, ["律所", "工号", "姓名", "专职/兼职"], lawyers)
        _formulas(book, styles, sheet["formulas"])
    return data.getvalue()


def _cells(figures: Mapping[str, Any]) -> list[tuple[Any, str]]:
    return [(figures[key] / 3600 if unit == "hours" else figures[key], unit) for key, _, unit in _FIGURES]


def _page(
    book: Workbook,
    styles: Mapping[str, Format],
    name: str,
    head: str,
    state: str,
    first: Sequence[str],
    rows: Sequence[Sequence[tuple[Any, str]]],
) -> None:
    page: Worksheet = book.add_worksheet(name)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 26)
    page.set_column(1, 16, 13)
    page.set_footer("&L口径见“口径”表&R第 &P 页，共 &N 页")
    page.write_string(0, 0, head, styles["title"])
    page.write_string(1, 0, state, styles["plain"])
    for column, heading in enumerate([*first, *(label for _, label, _ in _FIGURES)]):
        page.write_string(3, column, heading, styles["heading"])
    page.freeze_panes(4, len(first))
    for at, row in enumerate(rows, start=4):
        for column, (value, unit) in enumerate(row):
            if unit == "text" or value is None:
                page.write_string(at, column, value or "—", styles["text"])
            else:
                page.write_number(at, column, value, styles[unit])
    page.write_string(len(rows) + 6, 0, "制表：　　　　　　律所确认：　　　　　　复核：", styles["plain"])


def _formulas(book: Workbook, styles: Mapping[str, Format], formulas: Mapping[str, str]) -> None:
    page: Worksheet = book.add_worksheet("口径")
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 100)
    page.write_string(0, 0, "口径编号", styles["heading"])
    page.write_string(0, 1, "计算方法", styles["heading"])
    for at, (key, wording) in enumerate(formulas.items(), start=1):
        page.write_string(at, 0, f"settlement:{key}", styles["text"])
        page.write_string(at, 1, wording, styles["text"])


def _styles(book: Workbook) -> dict[str, Format]:
    base = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "vcenter"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "heading": book.add_format({**base, "bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True}),
        "text": book.add_format({**base, "border": 1}),
        "count": book.add_format({**base, "border": 1, "num_format": "#,##0"}),
        "rate": book.add_format({**base, "border": 1, "num_format": "0.00%"}),
        "hours": book.add_format({**base, "border": 1, "num_format": "#,##0.00"}),
        "plain": book.add_format(base),
    }
