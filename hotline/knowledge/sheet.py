"""How is the knowledge base read from a spreadsheet, and how does it look in one? One sheet, one item a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

import msgspec
import xlsxwriter
from openpyxl.utils import get_column_letter

from hotline.directory.columns import text_of
from hotline.directory.sheet import NotADirectory, read_pages
from hotline.knowledge.kinds import KINDS, Kind
from hotline.rosters.settlement_sheet import SAFE
from hotline.tickets.matter import MATTERS

SHEET: Final = "知识库"
COLUMNS: Final[Mapping[str, str]] = {
    "id": "编号",
    "kind": "类型",
    "title": "标题",
    "body": "内容",
    "citation": "引用",
    "categories": "类别编码",
    "matters": "业务类型",
    "tags": "标签",
    "source": "来源",
    "effective_on": "施行日期",
    "repealed_on": "废止日期",
}
"""Field → heading."""
_NEEDED: Final = frozenset(("kind", "title", "body"))
_WIDE: Final = {"title": 36, "body": 80, "citation": 40, "categories": 24}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row as far as it can be read by itself."""

    row: int
    """As the spreadsheet numbers it."""
    values: Mapping[str, Any]
    """By field; a column that is missing, or a cell that cannot be read, is missing here."""
    faults: tuple[str, ...] = ()
    """`B 类型：…`"""


class NotKnowledge(Exception):
    """The file as a whole cannot be read; the text says why, in Chinese."""


def read(data: bytes) -> list[Row]:
    """The rows of the sheet; empty ones are passed over. Raises `NotKnowledge`."""
    try:
        pages = read_pages(data, [SHEET])
    except NotADirectory as wrong:
        raise NotKnowledge(str(wrong)) from None
    if SHEET not in pages:
        raise NotKnowledge(f"没有名为“{SHEET}”的工作表。")
    cells = pages[SHEET]
    titles = [text_of(each) for each in cells[0]] if cells else []
    places = {name: titles.index(title) for name, title in COLUMNS.items() if title in titles}
    if missing := [COLUMNS[name] for name in COLUMNS if name in _NEEDED and name not in places]:
        raise NotKnowledge(f"第 1 行缺少列：{'、'.join(missing)}。")
    return [
        _row(number, {name: row[at] if at < len(row) else None for name, at in places.items()}, places)
        for number, row in enumerate(cells[1:], start=2)
        if any(text_of(cell) for cell in row)
    ]


def write(items: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """The sheet with these items, by field; without any: the template to fill in. Texts stay texts."""
    data = BytesIO()
    with xlsxwriter.Workbook(data, SAFE) as book:
        heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        needed = book.add_format({"bold": True, "bg_color": "#FBE5D6", "border": 1})
        words = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
        page = book.add_worksheet(SHEET)
        page.freeze_panes(1, 0)
        for at, (name, title) in enumerate(COLUMNS.items()):
            page.set_column(at, at, _WIDE.get(name, 14), words)
            page.write_string(0, at, title, needed if name in _NEEDED else heading)
        page.data_validation(1, 1, 5000, 1, {"validate": "list", "source": list(KINDS.values())})
        for row, item in enumerate(items, start=1):
            for at, name in enumerate(COLUMNS):
                if text := _shown(name, item[name]):
                    page.write_string(row, at, text, words)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 110)
        for at, line in enumerate(_NOTES):
            notes.write_string(at, 0, line)
    return data.getvalue()


_NOTES: Final = (
    "橙色标题的列必填。编号由系统给出：新增的条目留空；填了编号的行修改该条目，没有编号的行按“类型+标题”对应。",
    f"类型可填：{'、'.join(KINDS.values())}。法规须填引用，内容写本单位自己的摘要。",
    "类别编码、业务类型、标签可填多个，用顿号分开。日期例：2026-01-01。",
    "导入的内容一律成为草稿，审核、发布后坐席才能看到。",
    "导入前先试算；确认之前不写入任何内容，有一行出错则全部不导入。",
)
_WORDS: Final = frozenset(("title", "body", "citation", "source"))
_LISTS: Final = frozenset(("categories", "matters", "tags"))
_DATES: Final = frozenset(("effective_on", "repealed_on"))


def _row(number: int, cells: Mapping[str, Any], places: Mapping[str, int]) -> Row:
    values: dict[str, Any] = {}
    faults: list[str] = []
    for name, cell in cells.items():
        try:
            values[name] = _read(name, cell)
        except ValueError as wrong:
            faults.append(f"{get_column_letter(places[name] + 1)} {COLUMNS[name]}：{wrong}")
    return Row(row=number, values=values, faults=tuple(faults))


def _read(name: str, cell: Any) -> Any:
    """Raises `ValueError` in Chinese."""
    if name in _WORDS:  # as it was typed: Chinese signs stay Chinese
        return str(cell).strip() if cell is not None else ""
    text = text_of(cell)
    if name == "id":
        if text and not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise ValueError("编号应为数字，新增的条目留空")
        return int(text) if text else None
    if name == "kind":
        by_label = {label: kind for kind, label in KINDS.items()}
        if text not in by_label:
            raise ValueError(f"应为{'、'.join(KINDS.values())}之一")
        return by_label[text]
    if name in _LISTS:
        parts = tuple(filter(None, (each.strip() for each in re.split(r"[、,，;；\s]+", text))))
        return _matters(parts) if name == "matters" else parts
    if name in _DATES:
        return _date(cell, text)
    raise AssertionError(name)


def _matters(labels: Sequence[str]) -> tuple[str, ...]:
    by_label = {label: matter.value for matter, label in MATTERS.items()}
    for label in labels:
        if label not in by_label:
            raise ValueError(f"没有业务类型“{label[:20]}”")
    return tuple(by_label[label] for label in labels)


def _date(cell: Any, text: str) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("日期例：2026-01-01") from None


def _shown(name: str, value: Any) -> str:
    if name == "kind":
        return KINDS[Kind(value)]
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case tuple() | list():
            shown = [MATTERS[each] for each in value] if name == "matters" else value
            return "、".join(shown)
        case _:
            return str(value)
