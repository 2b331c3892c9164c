"""How is a directory read from a spreadsheet, and how does the template look? The file's side of an import.

The file comes from anybody's desk: it is small, unpacks to a bounded size, and whatever in it cannot be read is said
with its row and column. Nothing here knows the hall; `judging.py` does.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Mapping, Sequence
from io import BytesIO
from typing import Any, Final

import msgspec
import openpyxl
import xlsxwriter
from openpyxl.utils import get_column_letter

from hotline.directory.columns import COLUMNS, SHEETS, BadCell, text_of
from hotline.directory.hours_text import NotHours
from hotline.directory.kinds import KINDS, LEVELS, Thing
from hotline.rosters.settlement_sheet import SAFE
from hotline.tickets.matter import MATTERS


class CellFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong in a row: the column as people see it (`C 类别`; empty: the row) and why, in Chinese."""

    column: str
    why: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row as far as it can be read by itself."""

    thing: Thing
    row: int
    """As the spreadsheet numbers it."""
    values: Mapping[str, Any]
    """By field; what could not be read is missing."""
    places: Mapping[str, str]
    """Where each field stands: `C 类别`."""
    faults: tuple[CellFault, ...] = ()


class NotADirectory(Exception):
    """The file as a whole cannot be read; the text says why, in Chinese."""


MAX_BYTES: Final = 2 * 1024 * 1024
MAX_UNPACKED: Final = 64 * 1024 * 1024
MAX_PARTS: Final = 200
MAX_ROWS: Final = 5000
"""Of a sheet."""
_WIDEST: Final = 40


def read(data: bytes) -> list[Row]:
    """The rows of every sheet that is named like one of ours; empty rows are passed over. Raises `NotADirectory`."""
    found: list[Row] = []
    seen = 0
    pages = read_pages(data, SHEETS.values())
    for thing, name in SHEETS.items():
        if name in pages:
            seen += 1
            found += _rows(thing, name, pages[name])
    if not seen:
        raise NotADirectory(f"没有名为{'、'.join(SHEETS.values())}的工作表。")
    return found


def template(filled: Mapping[Thing, Sequence[Mapping[str, Any]]] | None = None) -> bytes:
    """The sheets to fill in; `filled`: entries that stand in them already, by field."""
    data = BytesIO()
    with xlsxwriter.Workbook(data, SAFE) as book:
        heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        needed = book.add_format({"bold": True, "bg_color": "#FBE5D6", "border": 1})
        words = book.add_format({"num_format": "@"})
        for thing, name in SHEETS.items():
            page = book.add_worksheet(name)
            page.freeze_panes(1, 0)
            for at, column in enumerate(COLUMNS[thing]):
                page.set_column(at, at, column.width, words)
                page.write_string(0, at, column.title, needed if column.needed else heading)
                if column.title in _CHOICES:
                    source = {"validate": "list", "source": list(_CHOICES[column.title])}
                    page.data_validation(1, at, MAX_ROWS, at, source)
            for row, entry in enumerate((filled or {}).get(thing, ()), start=1):
                for at, column in enumerate(COLUMNS[thing]):
                    value = entry[column.field]
                    if value is not None:
                        page.write_string(row, at, column.show(value), words)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 110)
        for at, line in enumerate(_NOTES):
            notes.write_string(at, 0, line)
    return data.getvalue()


def read_pages(data: bytes, names: Collection[str]) -> dict[str, list[tuple[Any, ...]]]:
    """The cells of the sheets that have one of these names, row by row. Raises `NotADirectory`."""
    if len(data) > MAX_BYTES:
        raise NotADirectory(f"文件不能超过 {MAX_BYTES // 1024 // 1024} MB。")
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(each.file_size for each in parts) > MAX_UNPACKED:
                raise NotADirectory("文件内容过大。")
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            found: dict[str, list[tuple[Any, ...]]] = {}
            for page in book.worksheets:
                if page.title.strip() in names:
                    page.reset_dimensions()  # the file may claim a million rows, or none
                    rows = page.iter_rows(max_row=MAX_ROWS + 2, max_col=_WIDEST, values_only=True)
                    found[page.title.strip()] = [tuple(row) for row in rows]
            return found
        finally:
            book.close()
    except NotADirectory:
        raise
    except Exception as error:  # the parts below say so in a dozen ways
        raise NotADirectory("不是有效的 Excel 文件（.xlsx）。") from error


_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "类别": list(KINDS.values()),
    "级别": list(LEVELS.values()),
    "对外公开": ("是", "否"),
    "状态": ("在用", "撤销"),
}
_NOTES: Final = (
    "橙色标题的列必填。不需要的工作表和列可以删除：没有的列，原有内容不变；有列而单元格为空，视为清空。",
    "机构按“编码”对应已有机构，编码由本地自定，一经使用不要改变；人员按“机构编码+姓名”，顾问按“姓名+执业机构”，专家按“姓名+工作单位”对应。",
    "区划代码为 2、4、6、9 或 12 位数字，即机构服务的区域；末尾的零可写可不写。",
    "开放时间、值班时间例：周一至周五 09:00-12:00 14:00-17:30；周六 需预约；节假日 休息。",
    "没有写到的日子视为休息，整格为空视为未知。",
    f"业务用顿号分开，可填：{'、'.join(MATTERS.values())}。",
    "村居法律顾问每人最多服务 5 个村居；服务村居编码填村居工作室的编码，用顿号分开。",
    "状态填“撤销”表示机构撤销或人员离任，记录保留；再次导入“在用”即恢复。",
    "导入前先试算，逐行说明结果；确认之前不写入任何内容，有一行出错则全部不导入。",
)


def _rows(thing: Thing, name: str, cells: Sequence[tuple[Any, ...]]) -> list[Row]:
    columns = COLUMNS[thing]
    titles = [text_of(each) for each in cells[0]] if cells else []
    places = {title: at for at, title in reversed(list(enumerate(titles)))}
    missing = [column.title for column in columns if column.needed and column.title not in places]
    if missing:
        raise NotADirectory(f"工作表“{name}”第 1 行缺少列：{'、'.join(missing)}。")
    found: list[Row] = []
    for number, row in enumerate(cells[1:], start=2):
        texts = {
            column.field: text_of(row[places[column.title]] if places[column.title] < len(row) else None)
            for column in columns
            if column.title in places
        }
        if any(texts.values()):
            found.append(_row(thing, number, texts, places))
    if len(found) > MAX_ROWS:
        raise NotADirectory(f"工作表“{name}”一次最多导入 {MAX_ROWS} 行。")
    return found


def _row(thing: Thing, number: int, texts: Mapping[str, str], places: Mapping[str, int]) -> Row:
    values: dict[str, Any] = {}
    faults: list[CellFault] = []
    named = {
        column.field: f"{get_column_letter(places[column.title] + 1)} {column.title}"
        for column in COLUMNS[thing]
        if column.title in places
    }
    for column in COLUMNS[thing]:
        text = texts.get(column.field)
        if text is None:
            continue
        if not text:
            if column.needed:
                faults.append(CellFault(column=named[column.field], why="没有填写"))
            else:
                values[column.field] = list(column.empty) if isinstance(column.empty, tuple) else column.empty
            continue
        try:
            values[column.field] = column.read(text)
        except (BadCell, NotHours) as wrong:
            faults.append(CellFault(column=named[column.field], why=str(wrong)))
    return Row(thing=thing, row=number, values=values, places=named, faults=tuple(faults))
