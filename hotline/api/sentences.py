"""How does an event of the journal (流水) read in Chinese?

One sentence per event of `hotline.hall.events`; a test sees to it that none is without. Names of queues and people are
filled in where they are known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from hotline.calls.outcome import Outcome


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """What ids are called in one hall."""

    queues: Mapping[str, str] = {}
    people: Mapping[str, str] = {}
    """Account id or 工号 → name."""


OUTCOMES: Final[Mapping[str, str]] = {
    Outcome.ANSWERED: "已接通",
    Outcome.ABANDONED_MENU: "语音导航中放弃",
    Outcome.ABANDONED_QUEUE: "排队中放弃",
    Outcome.ABANDONED_RINGING: "振铃中放弃",
    Outcome.SHORT_ABANDONED: "速挂",
    Outcome.TIMED_OUT: "排队超时",
    Outcome.QUEUE_FULL: "队列已满",
    Outcome.NO_SEAT: "无坐席值班",
    Outcome.CLOSED: "非服务时间",
    Outcome.BLOCKED: "已拦截",
    Outcome.OVERFLOWED: "已溢出",
    Outcome.VOICEMAIL: "转留言",
    Outcome.FORWARDED: "已转接",
    Outcome.LOST: "线路中断",
    Outcome.SYSTEM_FAULT: "系统故障",
}
ENDED_BY: Final = {
    "caller": "来电人挂机",
    "seat": "坐席挂机",
    "network": "线路挂断",
    "us": "系统挂断",
    "unknown": "原因不明",
}
PROMPTS: Final = {
    "greeting": "欢迎语",
    "menu": "语音导航",
    "wrong-key": "按键有误",
    "wait": "请稍候",
    "no-seat": "暂无律师在线",
    "closed": "非服务时间",
    "queue-full": "来电较多",
    "sorry": "未能接通致歉",
    "recording-notice": "录音提示",
    "fallback": "转接值班律师",
}
"""The announcements that come with the service; a hall's own are told by their file names."""
SEAT_STATES: Final = {
    "signed_off": "签出",
    "ready": "空闲",
    "ringing": "振铃",
    "talking": "通话中",
    "wrap_up": "话后处理",
    "busy": "忙碌",
    "on_break": "小休",
    "missing": "失联",
}
REASONS: Final = {
    "self": "本人操作",
    "signed_in": "签入",
    "call": "来电",
    "no_answer": "振铃未接",
    "rejected": "拒接",
    "phone_unreachable": "话机不可达",
    "forced": "强制",
    "connection_lost": "连接中断",
    "connection_back": "连接恢复",
    "wrap_up_over": "话后处理结束",
    "caller_gone": "来电人已挂机",
    "account_changed": "账号已变更",
    "busy": "话机忙",
    "unreachable": "话机不可达",
    "refused": "设备拒绝",
    "unsupported": "设备不支持",
    "link_down": "设备连接中断",
    "fault": "设备故障",
}
STRATEGIES: Final = {
    "longest-idle": "空闲最久优先",
    "spread-evenly": "均衡派发",
    "last-lawyer-first": "上次接听者优先",
    "device": "网关自行派发",
}
MISSING: Final = {
    "recording_failed": "录音失败",
    "not_simulated": "模拟线路不产生录音",
    "refused": "设备拒绝录音",
    "unsupported": "设备不支持录音",
    "link_down": "设备连接中断",
    "fault": "设备故障",
}


def sentence(kind: str, data: Mapping[str, Any], *, seat: str | None, actor: str, names: Names) -> str:
    """The event as a sentence; an event of a later version is named as it is."""
    write = SENTENCES.get(kind)
    return _sentence(write, data, seat or "", actor, names) if write else f"事件：{kind}"


def _sentence(write: str, data: Mapping[str, Any], seat: str, actor: str, names: Names) -> str:
    words: dict[str, str] = {
        "seat": seat or "—",
        "actor": _person(actor, names),
        "person": _person(str(data.get("operator") or ""), names) or "话务员",
        "queue": names.queues.get(str(data.get("queue", "")), str(data.get("queue", ""))),
        "position": str(data.get("position", "")),
        "groups": "、".join(str(each) for each in data.get("groups", ())) or "（无）",
        "waited": seconds(data.get("waited")),
        "why": STRATEGIES.get(str(data.get("why", "")), str(data.get("why", ""))),
        "digits": str(data.get("digits", "")),
        "prompt": PROMPTS.get(str(data.get("prompt", "")), str(data.get("prompt", ""))),
        "reason": REASONS.get(str(data.get("reason", "")), str(data.get("reason", ""))),
        "outcome": OUTCOMES.get(str(data.get("outcome", "")), str(data.get("outcome", ""))),
        "by": ENDED_BY.get(str(data.get("by", "")), str(data.get("by", ""))),
        "before": SEAT_STATES.get(str(data.get("before", "")), str(data.get("before", ""))),
        "after": SEAT_STATES.get(str(data.get("after", "")), str(data.get("after", ""))),
        "state": SEAT_STATES.get(str(data.get("state", "")), str(data.get("state", ""))),
        "adapter": str(data.get("adapter", "")),
        "port": str(data.get("port", "")),
        "fact": str(data.get("fact", "")),
        "command": str(data.get("command", "")),
        "extension": str(data.get("extension", "")),
        "name": str(data.get("name", "")),
    }
    text = write.format_map(words)
    return text + _tail(data)


def _tail(data: Mapping[str, Any]) -> str:
    """What is only said where there is something to say."""
    parts: list[str] = []
    if data.get("backfilled"):
        parts.append("事后由设备话单补录")
    if data.get("inferred"):
        parts.append("根据设备状态推断")
    if data.get("seconds") is not None:
        parts.append(f"时长{seconds(data['seconds'])}")
    if missing := data.get("missing"):
        parts.append(f"没有文件：{MISSING.get(str(missing), str(missing))}")
    if (cause := data.get("cause")) and cause not in ("normal", data.get("outcome")):
        parts.append(f"原因：{cause}")
    if detail := data.get("detail"):
        parts.append(str(detail))
    return f"（{'，'.join(parts)}）" if parts else ""


def seconds(value: Any) -> str:
    """`75.2` → `1分15秒`."""
    if not isinstance(value, int | float):
        return ""
    minutes, rest = divmod(round(value), 60)
    return f"{minutes}分{rest}秒" if minutes else f"{rest}秒"


def missing_reason(missing: str) -> str:
    """Why there is no recording, in Chinese."""
    return MISSING.get(missing, missing)


def _person(who: str, names: Names) -> str:
    return "系统" if who == "system" else names.people.get(who, who)


SENTENCES: Final[Mapping[str, str]] = {
    "CallArrived": "来电进入（{adapter}），工单已生成",
    "CallerKnown": "收到主叫号码",
    "AnnouncementBegun": "播放语音“{prompt}”",
    "KeysHeard": "来电人按键 {digits}",
    "CallQueued": "进入队列“{queue}”，排在第 {position} 位",
    "GroupsWidened": "等待较久，可派发的技能组扩大为 {groups}",
    "SeatOffered": "派发给坐席 {seat}（{why}，已等待 {waited}）",
    "OfferMissed": "坐席 {seat} 未接听：{reason}",
    "CallTaken": "坐席 {seat} 的{person}接听，等待 {waited}",
    "SeatVanished": "坐席 {seat} 一侧中断，来电人回到队首",
    "CallHeld": "通话保持",
    "CallResumed": "通话恢复",
    "RecordingBegun": "开始录音",
    "RecordingKept": "录音结束",
    "CallLeaving": "无法接待：{outcome}，播放结束语",
    "CallEnded": "通话结束：{outcome}，{by}",
    "CallClaimed": "设备把来电交由大厅派发",
    "CallAmended": "根据迟到的设备报告更正：{outcome}",
    "ReportIgnored": "收到与当前状态不符的设备报告 {fact}，仅留存",
    "SeatDefined": "坐席 {seat} 设置为分机 {extension}，技能组 {groups}",
    "SeatChanged": "坐席 {seat} 由{before}变为{after}：{reason}（{actor}）",
    "NextChosen": "坐席 {seat} 选择通话后的状态：{state}",
    "LinkRestored": "设备 {adapter} 已连接",
    "LinkBroken": "设备 {adapter} 已断开",
    "PortBroken": "设备 {adapter} 的通道 {port} 故障",
    "PortMended": "设备 {adapter} 的通道 {port} 恢复",
    "OrderRefused": "设备未执行指令 {command}：{reason}",
}
