"""What are the codes of calls and seats called in Chinese? The word lists behind `hotline.api.sentences`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.prompts import built_in
from hotline.calls.outcome import Outcome

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
    Outcome.NOT_REACHED: "未接通",
}
ENDED_BY: Final[Mapping[str, str]] = {
    "caller": "来电人挂机",
    "seat": "坐席挂机",
    "network": "线路挂断",
    "us": "系统挂断",
    "unknown": "原因不明",
}
PROMPTS: Final[Mapping[str, str]] = {name: each.label for name, each in built_in().items()}
"""The announcements that come with the service; a hall's own are told by their names, unless a label is given."""
SEAT_STATES: Final[Mapping[str, str]] = {
    "signed_off": "签出",
    "ready": "空闲",
    "ringing": "振铃",
    "talking": "通话中",
    "wrap_up": "话后处理",
    "busy": "忙碌",
    "on_break": "小休",
    "missing": "失联",
}
REASONS: Final[Mapping[str, str]] = {
    "self": "本人操作",
    "signed_in": "签入",
    "call": "来电",
    "no_answer": "振铃未接",
    "rejected": "拒接",
    "passed_on": "已转出",
    "hung_up": "已挂机",
    "line_lost": "线路中断",
    "let_go": "被请出",
    "stopped": "停止振铃",
    "phone_unreachable": "话机未就绪",
    "forced": "班长强制",
    "connection_lost": "连接中断",
    "connection_back": "连接恢复",
    "wrap_up_over": "话后处理结束",
    "caller_gone": "振铃撤回",
    "account_changed": "账号已变更",
    "busy": "话机忙",
    "unreachable": "话机未就绪",
    "refused": "设备拒绝",
    "unsupported": "设备不支持",
    "link_down": "设备连接中断",
    "fault": "设备故障",
}
MISSED: Final[Mapping[str, str]] = {
    **REASONS,
    "no_answer": "无人接听",
    "caller_gone": "来电人已挂机",
    "": "未说明原因",
}
"""Why a phone that rang was not picked up."""
STRATEGIES: Final[Mapping[str, str]] = {
    "longest-idle": "空闲最久优先",
    "spread-evenly": "均衡派发",
    "last-lawyer-first": "上次接听者优先",
    "preferred": "指定律师优先",
    "device": "网关自行派发",
    "wanted": "指定坐席",
}
MISSING: Final[Mapping[str, str]] = {
    "recording_failed": "录音失败",
    "not_simulated": "模拟线路不产生录音",
    "refused": "设备拒绝录音",
    "unsupported": "设备不支持录音",
    "link_down": "设备连接中断",
    "fault": "设备故障",
}
CAUSES: Final[Mapping[str, str]] = {
    "q850:16": "",
    "normal": "",
    "busy": "对方忙",
    "rejected": "对方拒接",
    "no_answer": "无人接听",
    "unreachable": "对方不可达",
    "silent": "设备长时间没有报告",
    "rings_anew": "同一线路再次振铃",
    "said": "坐席告知通话已结束",
    "ringing_stopped": "不再振铃",
    "not_heard": "连线中断期间没有听到",
    "last_record": "话单中的最后一段",
    "record": "",
    "forced": "班长强制",
    "not_in_snapshot": "恢复连接时设备上已没有这通电话",
    "release_failed": "设备未能挂断",
    "call_over": "通话在播放中结束",
    "not_played": "设备没有播完",
    "refused": "设备拒绝",
    "unsupported": "设备不支持",
    "link_down": "设备连接中断",
    "fault": "设备故障",
    "own_phone_busy": "坐席话机忙",
    "own_phone_no_answer": "坐席未接起本人话机",
    "own_phone_rejected": "坐席拒接本人话机",
    "own_phone_phone_unreachable": "坐席话机未就绪",
    **OUTCOMES,
}
"""Why a call ended, beyond its outcome; empty: not worth saying. Other codes are the device's own."""
PARTS: Final[Mapping[str, str]] = {
    "main": "接待",
    "consulted": "咨询",
    "joined": "三方通话",
    "listening": "监听",
    "whispering": "密语",
    "barging": "强插",
}
PASSED: Final[Mapping[str, str]] = {
    "transfer": "完成转接",
    "take_over": "班长拦截",
    "left": "原坐席挂机",
    "lost": "原坐席话路中断",
    "back": "话机恢复",
}
QUESTIONS: Final[Mapping[str, str]] = {
    "attitude": "服务态度",
    "efficiency": "服务效率",
    "skill": "专业能力",
    "policy": "政策掌握",
}
SPILLS: Final[Mapping[str, str]] = {
    "after": "等候过久",
    "per_seat": "排队人数过多",
    "no_seat": "没有坐席签入",
    "always": "按设置",
    "live": "坐席值守时段",
    "voicemail": "留言时段",
    "forwarded_mobile": "转接手机时段",
}
NOTICES: Final[Mapping[str, str]] = {"emergency": "紧急", "holiday": "节假日", "closed": "停止服务"}
DUTIES: Final[Mapping[str, str]] = {"live": "坐席值守", "forwarded_mobile": "转接手机", "voicemail": "留言"}
PURPOSES: Final[Mapping[str, str]] = {"callback": "回拨", "contact": "联系外部号码", "emergency": "紧急求助"}
LANGUAGES: Final[Mapping[str, str]] = {"": "普通话", "en": "英语", "yue": "粤语", "wuu": "吴语", "nan": "闽南语"}
LEVELS: Final[Mapping[str, str]] = {
    "none": "无限制",
    "warned": "骚扰来电，已警告",
    "limited": "骚扰来电，今日次数已满",
    "blocked": "骚扰来电，已拦截",
}
KEY_ACTS: Final[Mapping[str, str]] = {"menu": "进入下级菜单", "repeat": "重听", "person": "转人工"}
COMMANDS: Final[Mapping[str, str]] = {
    "Answer": "应答",
    "Arrange": "接通各方",
    "PickUp": "接起话机",
    "PlaceCall": "呼叫对方",
    "PlayMusic": "播放音乐",
    "PlayPrompt": "播放语音",
    "Release": "挂断",
    "RingOutside": "呼叫外部号码",
    "RingSeat": "呼叫坐席话机",
    "SendKeys": "发送按键",
    "StartRecording": "开始录音",
    "StopRecording": "停止录音",
    "StopRinging": "停止振铃",
    "TakeMessage": "录制留言",
}
FACTS: Final[Mapping[str, str]] = {
    "CallAnswered": "对方接听",
    "CallOffered": "来电",
    "CallReleased": "通话结束",
    "CallerIdentified": "主叫号码",
    "DigitsPressed": "按键",
    "LegHeld": "保持",
    "LegResumed": "取回",
    "LegsJoined": "双方接通",
    "PromptEnded": "语音播完",
    "RecordingStarted": "录音开始",
    "RecordingStopped": "录音结束",
    "SeatAnswered": "坐席接起",
    "TakenByHand": "坐席告知已接起",
    "SeatDeclined": "坐席未接",
    "SeatReleased": "坐席挂机",
    "SeatRinging": "坐席振铃",
}
IGNORED: Final[Mapping[str, str]] = {
    "call_ended": "通话已经结束",
    "already_answered": "已由他人接听",
    "taken_by_hand": "话机已由坐席接起，设备听不到振铃属正常",
    "offer_gone": "振铃已经撤回",
}
