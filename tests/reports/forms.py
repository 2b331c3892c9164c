"""A superior's form in miniature."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Final

import openpyxl
from openpyxl.styles import Font


def a_form(**cells: str) -> bytes:
    """A workbook with these cells."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "月报"
    for place, text in cells.items():
        sheet[place] = text
        sheet[place].font = Font(bold=True)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


A_FORM: Final = base64.b64encode(a_form(A1="{{period}}", B1="{{answer_rate}}")).decode()
