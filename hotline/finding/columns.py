"""What stands in an exported list of tickets or calls, and how is it called? Numbers are masked, times Beijing's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.matter import MATTERS, QUICK_CLOSES, URGENCIES
from hotline.tickets.search import Line
from hotline.tickets.ticket import TicketState

TICKET_STATES: Final[Mapping[str, str]] = {
    TicketState.DRAFT: "草稿",
    TicketState.OPEN: "待办结",
    TicketState.REOPENED: "重新打开",
    TicketState.RETURNED: "已退单",
    TicketState.DISPATCHED: "已派单",
    TicketState.DESIGNATED: "已指定",
    TicketState.SIGNED: "已签收",
    TicketState.IN_PROGRESS: "办理中",
    TicketState.REPLIED: "已答复",
    TicketState.REVIEWED: "已审核",
    TicketState.FOLLOWED_UP: "已回访",
    TicketState.CLOSED: "已办结",
    TicketState.MERGED: "已合并",
    TicketState.NOT_ACCEPTED: "不予受理",
    TicketState.TERMINATED: "已终止",
}
TICKETS: Final = (
    *("工单编号", "创建时间", "状态", "来电号码", "咨询类别", "业务类型", "紧急程度", "承办律师", "坐席"),
    *("来电结果", "一键办结", "要求保密", "答复意见摘要", "通话标识"),
)
CALLS: Final = (
    *("通话标识", "来电时间", "来电号码", "地区", "队列", "结果", "坐席", "工号", "接听人", "等待（秒）", "通话（秒）"),
    *("结束时间", "录音个数", "工单编号", "省平台编号"),
)

_WORDS: Final[Mapping[str, str]] = {**MATTERS, **URGENCIES, **QUICK_CLOSES}


def ticket_row(line: Line, outcomes: Mapping[str, str]) -> list[str]:
    """The cells of a ticket. `outcomes`: how the results of calls are called."""
    return [
        line.number,
        moment(line.created_at),
        TICKET_STATES[line.state],
        line.caller,
        line.category_label,
        _WORDS.get(line.matter, line.matter),
        _WORDS.get(line.urgency, line.urgency),
        line.operator_name,
        line.seat or "",
        outcomes.get(line.outcome or "", ""),
        _WORDS.get(line.quick_close, ""),
        "是" if line.secrecy else "",
        line.opinion_excerpt,
        line.call or "",
    ]


def moment(at: datetime | None) -> str:
    """`2026-11-23 10:05:00` in Beijing; empty for none."""
    return "" if at is None else at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
