"""How does the major-incident report (重大事项报告) look on paper? Plain HTML to be printed and stamped; pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Final

import msgspec

from hotline.incidents.service import Report
from hotline.rosters.calendar import SHANGHAI

_STYLE: Final = """
body{margin:0 auto;max-width:190mm;padding:12mm;color:#000;background:#fff;font:12pt/1.7 "SimSun","Songti SC",serif}
h1{text-align:center;font-size:20pt;letter-spacing:.2em;margin:0 0 8mm}table{width:100%;border-collapse:collapse}
th,td{border:1px solid #000;padding:2.5mm 3mm;text-align:left;vertical-align:top}th{width:32mm;font-weight:600}
td.said{white-space:pre-wrap;overflow-wrap:anywhere}.sign{margin-top:12mm;display:flex;justify-content:space-between}
li{margin:1mm 0}ol{margin:0;padding-left:1.4em}tr{break-inside:avoid}
@page{size:A4;margin:14mm}@media print{body{padding:0}}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; frame-ancestors 'none'; base-uri 'none'"
)


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on the paper."""

    hall: str
    number: int
    plan: str
    report_to: str
    begun_at: datetime
    begun_by: str
    reported: str
    """When and by whom the superior was told by word; empty: not yet."""
    ticket: str
    report: Report
    steps: Sequence[str]
    """What was done, a line each."""


def paper(sheet: Sheet, now: datetime) -> str:
    """The page."""
    report = sheet.report
    rows = (
        ("事项", report.title or sheet.plan),
        ("报送单位", sheet.report_to),
        ("启动预案", f"{sheet.plan}（{_at(sheet.begun_at)}，{sheet.begun_by}）"),
        ("工单", sheet.ticket or "—"),
        ("口头报告", sheet.reported or "—"),
        ("时间和地点", report.happened),
        ("涉及人员", report.people),
        ("事件经过", report.course),
        ("已采取的措施", report.measures),
        ("需要协调的事项", report.needs),
    )
    told = "".join(f'<tr><th scope="row">{name}</th><td class="said">{escape(text)}</td></tr>' for name, text in rows)
    steps = "".join(f"<li>{escape(each)}</li>" for each in sheet.steps)
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>重大事项报告 {sheet.number}</title><style>{_STYLE}</style></head>
<body><main><h1>重大事项报告</h1>
<table><tbody>{told}<tr><th scope="row">处置记录</th><td><ol>{steps}</ol></td></tr></tbody></table>
<p class="sign"><span>报告单位（盖章）：{escape(sheet.hall)}</span><span>编号：{sheet.number}　{_at(now)}</span></p>
</main></body></html>
"""


def _at(instant: datetime) -> str:
    here = instant.astimezone(SHANGHAI)
    return f"{here.year}年{here.month}月{here.day}日 {here:%H:%M}"
