"""How do the figures of units look in a spreadsheet? One sheet and its definitions; texts are written as texts."""

from __future__ import annotations

from io import BytesIO
from typing import Final

import xlsxwriter

from hotline.handling.figures import HandlingFigures, UnitFigures
from hotline.rosters.settlement_sheet import SAFE

COLUMNS: Final = (
    ("承办单位", "unit_name", ""),
    ("派单量", "dispatched", "期间内派给该单位主办的工单"),
    ("退单量", "returned", "其中退回的"),
    ("反馈量", "replied", "其中已反馈的"),
    ("到期期限", "due", "期间内到期的签收、办理期限；不再需要的和暂停计时的不计"),
    ("逾期", "overdue", "其中未按时完成的"),
    ("按时率", "in_time_rate", "（到期期限－逾期）÷ 到期期限"),
    ("回访量", "followed_up", "期间内回访并作出评价的工单，以最后一次回访为准"),
    ("满意", "satisfied", ""),
    ("基本满意", "fair", ""),
    ("不满意", "dissatisfied", ""),
    ("未联系上或不愿评价", "not_reached", "不计入回访量"),
    ("满意率", "satisfaction", "（满意＋基本满意）÷ 回访量"),
)


def write(found: HandlingFigures, label: str) -> bytes:
    """The file. `label`: the hall's name."""
    data = BytesIO()
    with xlsxwriter.Workbook(data, SAFE) as book:
        bold, rate = book.add_format({"bold": True}), book.add_format({"num_format": "0.0%"})
        sheet = book.add_worksheet("考核")
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, len(COLUMNS), 12)
        sheet.write_string(0, 0, f"{label} 承办单位考核 {found.first} 至 {found.last}", bold)
        for column, (title, _, _) in enumerate(COLUMNS):
            sheet.write_string(2, column, title, bold)
        row = 3
        for row, unit in enumerate([*found.units, _named(found.together)], start=3):
            for column, (_, name, _) in enumerate(COLUMNS):
                value = getattr(unit, name)
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is None:
                    sheet.write_string(row, column, "–")
                else:
                    sheet.write_number(row, column, value, rate if isinstance(value, float) else None)
        sheet.write_string(row + 1, 0, f"待回访 {found.to_follow_up} 张，其中逾期 {found.to_follow_up_overdue} 张")
        for line, (title, _, meaning) in enumerate((each for each in COLUMNS if each[2]), start=row + 3):
            sheet.write_string(line, 0, f"{title}：{meaning}")
    return data.getvalue()


def _named(together: UnitFigures) -> UnitFigures:
    together.unit_name = "合计"
    return together
