"""How is a roster read from a spreadsheet, and how does the template look? The file's side of an import.

The file comes from anybody's desk: it is small, unpacks to a bounded size, and whatever in it is no roster is said row
by row in Chinese. Nothing here knows the hall; `importing.py` does.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any, Final

import msgspec
import openpyxl
import xlsxwriter
from openpyxl.utils.datetime import from_excel

from hotline.rosters.settlement_sheet import SAFE
from hotline.rosters.shift import DutyMode


class SheetRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row as far as it can be read by itself."""

    row: int
    """As the spreadsheet numbers it."""
    day: date | None = None
    begins: time | None = None
    ends: time | None = None
    work_number: str = ""
    """Empty: an open shift."""
    name: str = ""
    group: str = ""
    mode: DutyMode = DutyMode.LIVE
    note: str = ""
    faults: tuple[str, ...] = ()


class NotARoster(Exception):
    """The file as a whole cannot be read; the text says why, in Chinese."""


HEADINGS: Final = ("日期", "开始", "结束", "工号", "姓名", "技能组", "值守方式", "备注")
MODES: Final[Mapping[str, DutyMode]] = {
    "坐席值守": DutyMode.LIVE,
    "转接手机": DutyMode.FORWARDED_MOBILE,
    "留言": DutyMode.VOICEMAIL,
}
MAX_BYTES: Final = 180 * 1024
MAX_UNPACKED: Final = 16 * 1024 * 1024
MAX_PARTS: Final = 100
MAX_ROWS: Final = 1000
MAX_NOTE: Final = 200
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_TIME: Final = re.compile(r"(\d{1,2})[:：](\d{2})(?:[:：]00)?")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def read(data: bytes) -> list[SheetRow]:
    """The rows of the first sheet below its headings; empty rows are passed over. Raises `NotARoster`."""
    rows = _cells(data)
    if not rows:
        raise NotARoster("文件是空的。")
    places = {_text(title): at for at, title in reversed(list(enumerate(rows[0])))}
    missing = [title for title in ("日期", "开始", "结束", "工号") if title not in places]
    if missing:
        raise NotARoster(f"第 1 行缺少列：{'、'.join(missing)}。")
    found: list[SheetRow] = []
    for number, cells in enumerate(rows[1:], start=2):
        row = {title: cells[at] if at < len(cells) else None for title, at in places.items() if title in HEADINGS}
        if any(_text(each) for each in row.values()):
            found.append(_row(number, row))
    if len(found) > MAX_ROWS:
        raise NotARoster(f"一次最多导入 {MAX_ROWS} 行。")
    return found


def template(lawyers: Sequence[tuple[str, str, str]], groups: Sequence[str]) -> bytes:
    """An empty roster to fill in, with the hall's lawyers (work number, name, firm) and skill groups beside it."""
    data = BytesIO()
    with xlsxwriter.Workbook(data, SAFE) as book:
        heading = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        words = book.add_format({"num_format": "@"})
        days = book.add_format({"num_format": "yyyy-mm-dd"})
        hours = book.add_format({"num_format": "hh:mm"})
        page = book.add_worksheet("排班")
        forms = (days, hours, hours, words, words, words, words, words)
        widths = (13, 9, 9, 10, 12, 14, 12, 30)
        for at, (title, form, width) in enumerate(zip(HEADINGS, forms, widths, strict=True)):
            page.set_column(at, at, width, form)
            page.write_string(0, at, title, heading)
        page.freeze_panes(1, 0)
        page.data_validation(1, 6, MAX_ROWS, 6, {"validate": "list", "source": list(MODES)})
        if groups:
            page.data_validation(1, 5, MAX_ROWS, 5, {"validate": "list", "source": list(groups)[:20]})
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 2, 24)
        told = (
            "每行一个班次。日期如 2026-12-01；时间如 08:30，结束不晚于开始时视为次日（20:00–08:00 为夜班）。",
            "工号留空表示空缺班次；姓名用于核对；技能组留空表示不限；值守方式留空表示坐席值守。",
            "导入前先试算，逐行说明结果；确认之前不写入任何内容，有一行出错则全部不导入。",
        )
        for at, line in enumerate(told):
            notes.write_string(at, 0, line)
        at = len(told) + 1
        for column, title in enumerate(("工号", "姓名", "律所")):
            notes.write_string(at, column, title, heading)
        for row, each in enumerate(lawyers, start=at + 1):
            for column, value in enumerate(each):
                notes.write_string(row, column, value)
    return data.getvalue()


def _cells(data: bytes) -> list[tuple[Any, ...]]:
    if len(data) > MAX_BYTES:
        raise NotARoster(f"文件不能超过 {MAX_BYTES // 1024} KB。")
    try:
        with zipfile.ZipFile(BytesIO(data)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(each.file_size for each in parts) > MAX_UNPACKED:
                raise NotARoster("文件内容过大。")
        book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            page = book.worksheets[0]
            page.reset_dimensions()  # the file may claim a million rows, or none
            return [
                tuple(row) for row in page.iter_rows(max_row=MAX_ROWS + 2, max_col=2 * len(HEADINGS), values_only=True)
            ]
        finally:
            book.close()
    except NotARoster:
        raise
    except Exception as error:  # the parts below say so in a dozen ways
        raise NotARoster("不是有效的 Excel 文件（.xlsx）。") from error


def _row(number: int, cells: Mapping[str, Any]) -> SheetRow:
    faults: list[str] = []

    def read_with(title: str, how: Any) -> Any:
        value = cells.get(title)
        found = None if not _text(value) else how(value)
        if found is None:
            faults.append(f"没有填写{title}" if not _text(value) else f"{title}无法识别：{_text(value)[:20]}")
        return found

    day, begins, ends = read_with("日期", _day), read_with("开始", _time), read_with("结束", _time)
    mode = _text(cells.get("值守方式"))
    if mode and mode not in MODES:
        faults.append(f"值守方式只能是{'、'.join(MODES)}")
    note = _text(cells.get("备注"))
    if len(note) > MAX_NOTE:
        faults.append(f"备注不能超过 {MAX_NOTE} 个字")
    return SheetRow(
        row=number,
        day=day,
        begins=begins,
        ends=ends,
        work_number=_text(cells.get("工号"))[:32],
        name=_text(cells.get("姓名"))[:80],
        group=_text(cells.get("技能组"))[:64],
        mode=MODES.get(mode, DutyMode.LIVE),
        note=note[:MAX_NOTE],
        faults=tuple(faults),
    )


def _text(value: Any) -> str:
    """What a cell says, in plain letters: whole numbers without `.0`, full-width forms folded."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _UNPRINTABLE.sub(" ", unicodedata.normalize("NFKC", str(value))).strip()


def _day(value: Any) -> date | None:
    try:
        if isinstance(value, datetime):
            found = value.date()
        elif isinstance(value, date):
            found = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            serial = from_excel(value)
            found = serial.date() if isinstance(serial, datetime) else None
        else:
            match = _DAY.fullmatch(_text(value))
            found = date(*map(int, match.groups())) if match else None
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found is not None and 2000 <= found.year <= 2099 else None


def _time(value: Any) -> time | None:
    """A time of the clock to the minute; 24:00 is 00:00."""
    if isinstance(value, datetime):
        value = value.time()
    if isinstance(value, time):
        return value.replace(second=0, microsecond=0)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        value = timedelta(days=value) if 0 <= value <= 1 else None
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
    else:
        match = _TIME.fullmatch(_text(value))
        if match is None or int(match[2]) > 59:
            return None
        minutes = int(match[1]) * 60 + int(match[2])
    return time(minutes // 60 % 24, minutes % 60) if 0 <= minutes <= 24 * 60 else None
