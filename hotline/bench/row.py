"""What is a figure? One row, its goal, and how it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

LABELS: Final = {
    "decide": "纯核心决策",
    "commit": "提交到磁盘",
    "event_to_screen": "事件到屏幕",
    "event_to_offer": "事件到派发",
    "seat_free_to_offer": "坐席空闲到下一通",
    "passed_over": "越过先到者",
    "sip_invite_to_ring": "来电 INVITE 到坐席 INVITE",
    "softphone_ring": "派发决定到软电话 INVITE",
    "transfer_setup": "转接接通",
    "three_way_setup": "三方接通",
    "handover_drain": "积压移交的送达",
    "full_cycles": "全程通话",
    "waiting_cost": "排队的开销",
    "simulated_day": "模拟一天",
    "report_day": "日报",
    "ticket_save": "保存工单",
    "ticket_search": "查找工单",
    "memory_per_million_calls": "历史增长的开销",
    "wire_frames": "各方言每秒帧数",
    "wire_to_journal": "线路字节到流水",
    "ports_at_once": "同时监听的端口",
    "idle_port_cpu": "空闲端口的开销",
}


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """The same figure of somebody else."""

    name: str
    p50: float | None = None
    p99: float | None = None
    rate: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. What is not measured is None."""

    id: str
    unit: str
    """Of `p50`, `p99` and `max`."""
    n: int = 0
    """Samples of the run that is shown (the median one of its kind)."""
    p50: float | None = None
    p99: float | None = None
    max: float | None = None
    rate: float | None = None
    """A second, unless the note says otherwise."""
    others_cpu: float | None = None
    """Per cent of one core that other programs burned meanwhile."""
    peer: Peer | None = None
    limited_by: str = ""
    goal: Mapping[str, float] | None = None
    """`p50`, `p99`, `max`: not more; `rate`: not less."""
    note: str = ""
    case: str = ""
    """What tells rows of the same id apart."""


def quantiles(samples: Sequence[float], digits: int = 2) -> dict[str, Any]:
    """`n`, `p50`, `p99` and `max` of the samples, for a row; None where there are none."""
    ordered = sorted(samples)
    if not ordered:
        return {"n": 0, "p50": None, "p99": None, "max": None}

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], digits)

    return {"n": len(ordered), "p50": at(0.5), "p99": at(0.99), "max": round(ordered[-1], digits)}


def reached(row: Row) -> bool | None:
    """Whether the goal is reached; None without a goal or without a figure."""
    if not row.goal:
        return None
    figures = {name: getattr(row, name) for name in row.goal}
    if any(figure is None for figure in figures.values()):
        return None
    return all(
        figures[name] >= wanted if name == "rate" else figures[name] <= wanted for name, wanted in row.goal.items()
    )


def as_text(row: Row) -> str:
    """The row for people, two lines."""
    mark = {True: "✓", False: "✗", None: "·"}[reached(row)]
    figures = [
        f"{name} {_number(value)}" for name in ("p50", "p99", "max") if (value := getattr(row, name)) is not None
    ]
    parts = [f"{' / '.join(figures)} {row.unit}" if figures else "", f"n {row.n}" if row.n else ""]
    parts.append(f"速率 {_number(row.rate)}" if row.rate is not None else "")
    parts.append(
        "目标 " + "，".join(f"{name} {_number(value)}" for name, value in row.goal.items()) if row.goal else ""
    )
    if row.peer is not None:
        theirs = (f"{name} {_number(value)}" for name in ("p50", "p99", "rate") if (value := getattr(row.peer, name)))
        parts.append(f"对照 {row.peer.name}：{'，'.join(theirs)}")
    parts.append(f"他进程 {_number(row.others_cpu)} %" if row.others_cpu is not None else "")
    title = f"{mark} {row.id}（{LABELS.get(row.id, '')}{'，' if row.case else ''}{row.case}）"
    below = "；".join(part for part in (f"受限于 {row.limited_by}" if row.limited_by else "", row.note) if part)
    return f"{title}  {'；'.join(part for part in parts if part)}" + (f"\n    {below}" if below else "")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:g}"
