"""How is a form of the superior (上级报表模板, XLSX) filled in? Places like `{{answer_rate}}` get their values.

A cell that is nothing but a place gets the number and keeps its own format; within a text the number is written out.
Everything else – styles, widths, merged cells, formulas of the form – stays. What is put in can never become a formula.
"""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook

from hotline.reports.errors import ReportError
from hotline.reports.period import Value

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_UNPACKED: Final = 40 * 1024 * 1024
MAX_FAULTS: Final = 20
_PLACE: Final = re.compile(r"\{\{\s*([^{}]{1,80}?)\s*\}\}")
_FORMATS: Final = {"rate": "0.00%", "seconds": "0.0", "score": "0.00"}


class FormWrong(ReportError):
    """The form cannot be filled in; `faults` say where and why, in Chinese."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("；".join(faults))
        self.faults = faults


def check(data: bytes, known: Mapping[str, str]) -> int:
    """How many places the form has. Raises `FormWrong` for one that is not known, naming its cell."""
    book = _open(data)
    faults: list[str] = []
    count = 0
    for sheet, cell in _cells(book):
        for name in _PLACE.findall(str(cell.value)):
            count += 1
            where = f"工作表“{sheet}”的单元格 {cell.coordinate}"
            if cell.data_type == "f":
                faults.append(f"{where}：公式里不能写占位符，请放到另一个单元格再引用")
            elif name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                faults.append(f"{where}：没有占位符 {{{{{name}}}}}" + (f"，是否为 {{{{{near[0]}}}}}？" if near else ""))
    if faults:
        more = [f"另有 {len(faults) - MAX_FAULTS} 处"] if len(faults) > MAX_FAULTS else []
        raise FormWrong(faults[:MAX_FAULTS] + more)
    if not count:
        raise FormWrong(["模板里没有占位符，例如 {{answer_rate}}"])
    return count


def fill(data: bytes, values: Mapping[str, Value]) -> bytes:
    """The form filled in, as XLSX. Raises `FormWrong`."""
    check(data, dict.fromkeys(values, ""))
    book = _open(data)
    for _, cell in _cells(book):
        text = str(cell.value)
        whole = _PLACE.fullmatch(text.strip())
        if whole is not None:
            _put(cell, values[whole[1]])
        elif _PLACE.search(text):
            cell.value = _PLACE.sub(lambda found: written(values[found[1]]), text)
            cell.data_type = "s"  # whatever it begins with
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def written(value: Value) -> str:
    """The value within a text: `96.30%`, `12.5`, `—` where there is none."""
    match value.value:
        case None:
            return "—"
        case str(text):
            return text
        case number:
            if value.unit == "rate":
                return f"{number:.2%}"
            return f"{number:.2f}".rstrip("0").rstrip(".")


def _put(cell: Cell, value: Value) -> None:
    if value.value is None or isinstance(value.value, str):
        cell.value = value.value or "—"
        cell.data_type = "s"
        return
    cell.value = value.value
    if cell.number_format == "General" and value.unit in _FORMATS:
        cell.number_format = _FORMATS[value.unit]


def _cells(book: Workbook) -> Iterator[tuple[str, Any]]:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and isinstance(cell.value, str) and "{{" in cell.value:
                    yield sheet.title, cell


def _open(data: bytes) -> Workbook:
    if len(data) > MAX_BYTES:
        raise FormWrong([f"模板不能超过 {MAX_BYTES // 1024 // 1024} MB"])
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED:
                raise FormWrong(["模板解压后过大"])
        return openpyxl.load_workbook(BytesIO(data), keep_links=False)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, OSError, SyntaxError) as error:
        raise FormWrong(["无法读取，模板须为 .xlsx 文件"]) from error
