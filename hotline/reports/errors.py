"""What can go wrong when a report is asked for.

ReportError
└── FormatNotYet   tell the user which formats there are
"""

from __future__ import annotations


class ReportError(Exception):
    """日报无法生成。"""


class FormatNotYet(ReportError):
    """该格式的日报尚未提供。"""

    code = "report_format_not_yet"

    def __init__(self, format: str) -> None:
        super().__init__(f"{format.upper()} 格式的日报尚未提供，现在可用 json 或 xlsx。")
        self.format = format
