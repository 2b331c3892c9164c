"""What stands on the sheet (移交单) that goes to a receiver by hand? One HTML page that prints on A4."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from adapters.bridges.fields import FIELDS, Value, flat, shown
from adapters.bridges.writing import clean
from adapters.handover_package import HandoverPackage

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
_INNER: Final = frozenset({"key", "peer", "hall", "direction"})
"""Of use to machines only."""
_LONG: Final = frozenset({"facts", "claim", "answered"})
_STYLE: Final = """
@page { size: A4; margin: 18mm 16mm; }
body { font: 11pt/1.6 "Songti SC", SimSun, "Noto Serif CJK SC", serif; color: #000; margin: 0 auto; max-width: 178mm; }
h1 { font-size: 18pt; text-align: center; margin: 0 0 4mm; }
.head { display: flex; justify-content: space-between; margin-bottom: 3mm; }
table { width: 100%; border-collapse: collapse; }
th, td { border: 1px solid #000; padding: 1.5mm 2.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { width: 30mm; font-weight: bold; background: #f2f2f2; }
td.long { white-space: pre-wrap; }
tr { break-inside: avoid; }
tr.long { break-inside: auto; }
.receipt { margin-top: 8mm; break-inside: avoid; }
.receipt td { height: 12mm; }
.secret { border: 2px solid #000; padding: 1mm 3mm; font-weight: bold; display: inline-block; }
@media print { th { background: none; } }
"""


def sheet(package: HandoverPackage, *, number: str, title: str, receiver: str) -> bytes:
    """The page. Times are those of the wall in Shanghai; the lower part is filled in by hand."""
    values = flat(package)
    rows = "".join(_row(name, value) for name, value in values_in_order(values))
    secret = '<p class="secret">来电人要求保密：不得透露其身份</p>' if package.confidential else ""
    page = f"""<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{_safe(title)} {_safe(number)}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{_safe(title)}</h1>
<div class="head"><span>接收单位：{_safe(receiver)}</span><span>编号：{_safe(number)}</span></div>
{secret}
<table>{rows}</table>
<table class="receipt">
<tr><th>对方编号</th><td></td><th>接收时间</th><td></td></tr>
<tr><th>接收人（签名）</th><td></td><th>处理意见</th><td>□ 接收　□ 退回，原因：</td></tr>
</table>
<p>移交标识 {_safe(package.key)}　接收后请将对方编号告知经办人，由经办人录入。</p>
</body>
</html>
"""
    return page.encode()


def values_in_order(values: dict[str, Value]) -> Iterator[tuple[str, Value]]:
    """What is shown: everything that is there, in the order of the fields."""
    for name in FIELDS:
        value = values.get(name, "")
        if name in _INNER or value in ("", []) or (value is False and name != "consent_given"):
            continue
        yield name, value


def _row(name: str, value: Value) -> str:
    kind = ' class="long"' if name in _LONG else ""
    return f"<tr{kind}><th>{_safe(FIELDS[name].label)}</th><td{kind}>{_cell(name, value)}</td></tr>\n"


def _cell(name: str, value: Value) -> str:
    if isinstance(value, list):
        return "<br>".join(_line(name, item) for item in value)
    return _safe(_time(value) if isinstance(value, datetime) else shown(name, value))


def _line(name: str, item: dict[str, Any]) -> str:
    parts = FIELDS[name].parts
    told = ((label, item.get(part)) for part, label in parts.items())
    return _safe(
        "，".join(
            f"{label} {_time(cast('datetime', held)) if isinstance(held, datetime) else held}"
            for label, held in told
            if held not in ("", 0, None)
        )
    )


def _time(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def _safe(text: str) -> str:
    return escape(clean(text))
