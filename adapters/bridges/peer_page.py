"""The simulated receiver's ledger as a page, for the people of both sides who rehearse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
SHOWN: Final = 200
"""The newest of each kind."""
_TITLES: Final[Mapping[str, str]] = {
    "cases": "已立件",
    "arrivals": "收到的每一次",
    "news": "回告",
    "figures": "每日数据",
    "handed": "转给对方的",
    "heard": "对方告知的",
    "notes": "异常",
}
_LABELS: Final[Mapping[str, str]] = {
    "at": "时间",
    "way": "方式",
    "key": "移交标识",
    "local_no": "来文工单号",
    "case_no": "本方编号",
    "their_no": "对方编号",
    "state": "状态",
    "fault": "故障",
    "said": "答复",
    "kind": "类型",
    "text": "内容",
    "due_at": "应告时间",
    "told_at": "对方收到",
    "tries": "失败次数",
}
_STYLE: Final = """
body { font: 14px/1.6 sans-serif; margin: 24px; color: #1a1a1a; } table { border-collapse: collapse; margin: 0 0 24px; }
th, td { border: 1px solid #ccc; padding: 4px 8px; text-align: left; } th { background: #f3f3f3; }
.wrong { background: #fde8e8; }
"""


def page(ledger: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """The page."""
    keys = [case["key"] for case in ledger["cases"]]
    twice = {key for key in keys if keys.count(key) > 1} if len(keys) < 5_000 else set[str]()
    parts = [_section(name, ledger[name], twice) for name in _TITLES]
    warning = f'<p class="wrong">同一移交标识立了不止一件：{len(twice)} 个</p>' if twice else ""
    return (
        '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8"><title>演练对端台账</title>'
        f"<style>{_STYLE}</style></head><body><h1>演练对端台账</h1>"
        f'<p>立件 {len(keys)}，收到 {len(ledger["arrivals"])} 次。<a href="/ledger">JSON</a></p>{warning}'
        f"{''.join(parts)}</body></html>"
    )


def _section(name: str, rows: Sequence[Mapping[str, Any]], twice: set[str]) -> str:
    shown = [label for label in _LABELS if rows and label in rows[0]]
    head = "".join(f"<th>{_LABELS[label]}</th>" for label in shown)
    body = "".join(
        f"<tr{_mark(row, twice)}>" + "".join(f"<td>{_cell(row[label])}</td>" for label in shown) + "</tr>"
        for row in list(rows)[-SHOWN:][::-1]
    )
    return f"<h2>{_TITLES[name]}（{len(rows)}）</h2><table><tr>{head}</tr>{body}</table>"


def _mark(row: Mapping[str, Any], twice: set[str]) -> str:
    return ' class="wrong"' if row.get("key") in twice else ""


def _cell(value: object) -> str:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        at = None
    return escape(at.astimezone(SHANGHAI).strftime("%m-%d %H:%M:%S") if at is not None else str(value or ""))
