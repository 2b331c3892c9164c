"""What are the causes in facts, and of times in which a line could not be used, called in Chinese? Pure.

An adapter's cause is one word (`ringing_stopped`), kept and counted as it is; only where people read it is it a phrase.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.reasons import in_chinese

NORMAL: Final = "q850:16"
"""One side hung up: no need to say more."""
CAUSES: Final[Mapping[str, str]] = {
    "normal": "",
    "record": "按话单",
    "last_record": "按最后一张话单",
    "end_not_told": "设备没有报告结束",
    "not_heard": "线路中断，没有听到结束",
    "silent": "长时间没有消息",
    "silence": "长时间无声",
    "rings_no_longer": "振铃停止",
    "ringing_stopped": "振铃停止",
    "rings_stopped": "振铃停止",
    "rings_again": "线路再次振铃",
    "busy": "忙音",
    "busy_tone": "忙音",
    "dial_tone": "拨号音",
    "no_dial_tone": "没有拨号音",
    "no_carrier": "载波消失",
    "line_lost": "调制解调器断开",
    "line_with_telephone": "线路由电话机占用",
    "loop_break": "线路断流",
    "loop_drop": "线路断流",
    "polarity": "极性反转",
    "remote_hangup": "对方挂机",
    "hung_up": "对方挂机",
    "port_fault": "端口故障",
    "device_down": "语音卡不能使用",
    "not_on_card": "语音卡上没有这通电话",
    "restarted": "设备重新启动",
    "no_sessions": "设备上没有通话",
    "congestion": "线路拥塞",
    "no_answer": "无人接听",
    "rejected": "拒接",
    "unreachable": "无法接通",
    "unallocated": "空号",
    "stopped": "已停止振铃",
    "answered_elsewhere": "已由别处接听",
    "bye": "设备报告结束",
    "answered": "已接通",
    "abandoned": "来电人放弃",
    "voicemail": "转入留言",
    "failed": "失败",
}
"""Causes of an end, and reasons why a seat did not take a call, as adapters write them."""
_DECLINED: Final[Mapping[str, str]] = {"busy": "占线"}
_MISSING: Final[Mapping[str, str]] = {
    "recording_failed": "录音失败",
    "not_simulated": "模拟线路没有录音文件",
}
AWAY: Final[Mapping[str, str]] = {
    "starting": "服务启动，尚未连上设备",
    "taken over": "服务停止，随后由本进程接管",
    "seat defined while stopped": "服务停止，其间登记了坐席",
}
"""Why a line could not be used, where the service says so and no device."""
_NUMBERED: Final = re.compile(r"(?P<whose>q850:|pending_)(?P<cause>\d{1,3})")
"""An end in the telephone network's own numbers (ITU-T Q.850), or in those of a card's library."""


def cause_in_chinese(cause: str) -> str:
    """An end's cause; a device's own word stays as it is."""
    if cause == NORMAL:
        return ""
    if found := _NUMBERED.fullmatch(cause):
        return f"{'网络' if found['whose'] == 'q850:' else '语音卡'}原因码 {found['cause']}"
    return CAUSES.get(cause.lower(), in_chinese(cause))


def why_not_taken(reason: str) -> str:
    """Why a seat's telephone did not take a call."""
    return _DECLINED.get(reason) or cause_in_chinese(reason)


def missing_in_chinese(missing: str) -> str:
    """Why there is no recording."""
    return _MISSING.get(missing) or in_chinese(missing)


def why_away(detail: str) -> str:
    """Why a line, or the service, could not be used."""
    return AWAY.get(detail, in_chinese(detail))
