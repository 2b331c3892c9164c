"""How does a list become a file that a spreadsheet opens, and nothing in it runs?

Rows come in portions and go straight to the disk, so a long list needs no memory. In XLSX a text is written as a text.
CSV knows no types: what begins like a formula gets an apostrophe before it (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from enum import StrEnum
from io import TextIOWrapper
from typing import BinaryIO, Final, Protocol

import xlsxwriter

from hotline.rosters.settlement_sheet import SAFE

MAX_CELL: Final = 32_000
"""Signs: a little less than what a spreadsheet takes in one cell."""

_RUNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Format(StrEnum):
    """What kind of file."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA: Final = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
}


class TableFile(Protocol):
    """A file that is being written. Blocking: to be used from a thread."""

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        """More rows."""
        ...

    def close(self) -> None:
        """It is complete."""
        ...


def begin(file: BinaryIO, format: Format, headings: Sequence[str]) -> TableFile:
    """A table with its headings, into an open file that stays open."""
    return _Xlsx(file, headings) if format is Format.XLSX else _Csv(file, headings)


def safe(text: str) -> str:
    """The text as a CSV cell that no spreadsheet takes for a formula."""
    cut = text[:MAX_CELL]
    return f"'{cut}" if cut.lstrip(" ").startswith(_RUNS) else cut


class _Csv:
    def __init__(self, file: BinaryIO, headings: Sequence[str]) -> None:
        # The mark at the beginning tells Excel that it is UTF-8.
        self._text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._text)
        self._writer.writerow(headings)

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        self._writer.writerows([safe(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._text.detach()


class _Xlsx:
    def __init__(self, file: BinaryIO, headings: Sequence[str]) -> None:
        self._book = xlsxwriter.Workbook(file, {**SAFE, "in_memory": False, "constant_memory": True})
        self._page = self._book.add_worksheet("导出")
        self._page.freeze_panes(1, 0)
        bold = self._book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1})
        self._page.set_column(0, len(headings) - 1, 18)
        for at, heading in enumerate(headings):
            self._page.write_string(0, at, heading, bold)
        self._row = 0

    def add(self, rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            self._row += 1
            for at, cell in enumerate(row):
                self._page.write_string(self._row, at, cell[:MAX_CELL])

    def close(self) -> None:
        self._book.close()
