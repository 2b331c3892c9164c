"""Which sentence tells an event of the journal (流水)?

Templates; `hotline.api.sentences` fills in the words. Where the sentence depends on what happened, a function chooses
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hotline.api.words import KEY_ACTS
from hotline.lines.alarms import LABELS as ALARMS

MONITORING: Final = frozenset({"listening", "whispering", "barging"})
"""Parts of a supervisor (班长) on somebody's call."""


class Talk:
    """What the sentences so far have said of one call."""

    __slots__ = ("asked", "legs", "outbound", "outside", "parts", "sent", "taken")

    def __init__(self) -> None:
        self.outbound = False
        self.outside = False
        """Nobody of ours has the caller: he is with a contact outside, or put through to one."""
        self.sent = False
        """He was passed on, or went elsewhere because it took too long."""
        self.taken = False
        """Somebody has spoken with the caller already."""
        self.asked = ""
        """Whom the caller is, or was last, put through to."""
        self.parts: dict[str, str] = {}
        """Leg → what it does on the call."""
        self.legs: dict[str, str] = {}
        """Leg → who that is."""


def many(value: Any) -> list[Any]:
    """A list's items; nothing for what is no list."""
    return list(value) if isinstance(value, list | tuple) else []


def _arrived(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    begun = "外呼开始" if talk.outbound else "来电进入"
    line = "线路 {adapter}，由网关自行派发" if data.get("handling") == "device" else "线路 {adapter}"
    return f"{begun}（{line}），工单 {{ticket}} 已生成" if words["ticket"] else f"{begun}（{line}），工单已生成"


def _keys_heard(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    if data.get("queue"):
        return "来电人按键 {digits}：选择“{queue}”"
    act = KEY_ACTS.get(str(data.get("act") or ""), "按键无效")
    return f"来电人按键 {{digits}}：{act}"


def _notice_played(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    what = "录音告知" if data.get("kind") == "recording" else "公告（{notice}）"
    return f"来电人听到{what}" if data.get("heard", True) else f"{what}没有播完，不能视为已告知"


def _queued(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    place = "，排在第 {position} 位" if data.get("position") else "，保留已有的等候时间"
    kept = "（短时间内重拨，保留原来的位置）" if data.get("kept_place") else ""
    marks = "（{marks}）" if words["marks"] else ""
    kept_from = len(many(data.get("excluded")))
    excluded = f"，有 {kept_from} 名律师应当回避" if kept_from else ""
    return f"来电人进入队列“{{queue}}”{place}{kept}{marks}{excluded}"


def _offered(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    if data.get("why") == "wanted":
        return "{seat}振铃，专为该来电人"
    if data.get("why") == "device":
        return "网关派发给{seat}，已等候 {waited}"
    return "派发给{seat}（{why}，已等候 {waited}）"


def _taken(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    if talk.outbound:
        return "对方接听，与{seat}通话"
    return "{seat}接听，继续接待来电人" if talk.taken else "{seat}接听，来电人等候了 {waited}"


def _rung(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    part = str(data.get("part", ""))
    if data.get("again"):
        return "{target}的话机重新载入，正在接回通话（{part}）"
    if data.get("emergency"):
        return "{seat}一键呼叫{target}（紧急）"
    if part in MONITORING:
        return "{target}要求{part}{seat}的通话，正在接入"
    if part == "consulted":
        return "{seat}咨询{target}"
    if words["number"]:
        return "{seat}呼叫{target}（{part}）"
    return "为来电人呼叫{target}" if talk.sent else "没有坐席签入，按值守方式转接{target}"


def _answered(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    part = talk.parts.get(str(data.get("offer")), "")
    if part in MONITORING:
        return "{target}开始{part}{seat}的通话"
    if part == "consulted":
        return "{target}接起，{seat}正在咨询"
    return "{target}接起，三方通话" if words["number"] else "{target}接起，与来电人通话"


def _party_missed(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    part = talk.parts.get(str(data.get("offer")), "")
    return "{target}未接听咨询：{missed}" if part == "consulted" else "{target}未接听：{missed}"


def _party_left(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    part, reason = str(data.get("part", "")), str(data.get("reason", ""))
    if reason == "line_lost":
        return "{target}的话路中断" if talk.outside else "{target}的话路中断，离开通话（{part}）"
    if part in MONITORING:
        return "{target}结束{part}"
    if reason == "hung_up":
        return "{target}挂机" if talk.outside else "{target}挂机，离开通话（{part}）"
    if f"（{words['actor']}）" in words["target"]:
        return "{target}离开通话（{part}）"
    if part == "consulted":
        return "对{target}的咨询结束"
    return "{target}被请出，离开通话（{part}，由{actor}操作）"


def _passed(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    return "来电人改由{seat}接待：{how}" if words["number"] else "来电人改由{label}接待：{how}"


def _returning(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    reason = "{asked}的线路中断" if data.get("why") == "line_lost" else "{asked}未接听"
    return f"{reason}，来电人回到{'{seat}' if words['number'] else '队列'}"


def _place_told(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    place = "告知来电人排在第 {position} 位" if data.get("position") else "告知来电人请继续等候"
    return f"{place}，预计等候 {{expected}}" if words["expected"] else place


def _leaving(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    return "暂时无人接待，请来电人留言" if data.get("outcome") == "voicemail" else "无法接待：{outcome}"


def _kept(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    return "留言录音结束" if str(data.get("name", "")).startswith("message-") else "录音结束"


def _begun(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    return "留言录音开始" if str(data.get("name", "")).startswith("message-") else "开始录音"


def _seat_changed(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    before, after, reason = (str(data.get(each) or "") for each in ("before", "after", "reason"))
    by = "，由{actor}操作" if words["actor"] not in ("系统", words["at_seat"]) else ""
    said = "：{reason}" if reason else ""
    if reason == "call" and before == "talking":
        said = "：通话结束"
    elif reason == "call" and after == "talking":
        said = "：接起"
    elif reason == "call":
        said = ""
    elif reason == "no_answer" and after == "busy":
        said = "：连续振铃未接"
    if reason == "signed_in":
        return "{seat}签入" + by
    if after == "signed_off":
        return "{seat}签出" + ("" if reason == "self" else said) + by
    if before == after:
        return "{seat}仍为{after}" + said + by
    return "{seat}由{before}变为{after}" + ("" if reason == "self" else said) + by


def _next_chosen(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    if not data.get("state"):
        return "{seat}取消通话后的状态选择"
    reason = "：{reason}" if data.get("reason") not in (None, "", "self") else ""
    by = "，由{actor}操作" if words["actor"] not in ("系统", words["at_seat"]) else ""
    return "{seat}通话后将变为{state}" + reason + by


def _amended(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    return "根据迟到的设备报告（{fact}）更正" + ("，结果为{outcome}" if words["outcome"] else "")


def _alarm(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    port = "（端口 {port}）" if data.get("port") is not None else ""
    return f"线路 {{adapter}} 告警：{ALARMS.get(str(data.get('kind')), '其他')}{port}"


def _alarm_over(data: Mapping[str, Any], words: Mapping[str, str], talk: Talk) -> str:
    port = "（端口 {port}）" if data.get("port") is not None else ""
    return f"线路 {{adapter}} 告警解除：{ALARMS.get(str(data.get('kind')), '其他')}{port}"


SPECIAL: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, str], Talk], str]]] = {
    "CallArrived": _arrived,
    "LineAlarmRaised": _alarm,
    "LineAlarmCleared": _alarm_over,
    "KeysHeard": _keys_heard,
    "NoticePlayed": _notice_played,
    "CallQueued": _queued,
    "SeatOffered": _offered,
    "CallTaken": _taken,
    "PartyRung": _rung,
    "PartyAnswered": _answered,
    "PartyMissed": _party_missed,
    "PartyLeft": _party_left,
    "CallPassed": _passed,
    "CallReturning": _returning,
    "PlaceTold": _place_told,
    "CallLeaving": _leaving,
    "RecordingBegun": _begun,
    "RecordingKept": _kept,
    "SeatMuted": lambda data, words, talk: "{seat}开启静音" if data.get("on") else "{seat}取消静音",
    "SeatChanged": _seat_changed,
    "NextChosen": _next_chosen,
    "CallAmended": _amended,
    "BreakDecided": lambda data, words, talk: (
        "班长{actor}批准{seat}小休：{reason}" if data.get("approved") else "班长{actor}未批准{seat}小休：{reason}"
    ),
}
"""Events whose sentence is chosen by what happened; a template each."""
SENTENCES: Final[Mapping[str, str]] = {
    **dict.fromkeys(SPECIAL, ""),
    "CallerKnown": "收到主叫号码",
    "AnnouncementBegun": "播放语音“{prompt}”",
    "GroupsWidened": "等候较久，可派发的技能组扩大为 {groups}",
    "OfferMissed": "{seat}未接听：{missed}",
    "TakenByHand": "{seat}告知已接起话机（该线路的设备无法得知）",
    "SeatVanished": "{seat}的话路中断，来电人仍在线",
    "CallHeld": "{seat}保持通话，来电人听音乐",
    "CallResumed": "{seat}取回通话",
    "CallSpilled": "溢出到{label}：{spill}",
    "LanguageChosen": "来电人选择语言：{language}",
    "CallerBlocked": "按来电人规则不予接入：{level}",
    "RulesTaken": "值守方式或来电流程更新，现为{duty}",
    "KeysSent": "{seat}向{to}发送按键 {count} 个",
    "PartyJoined": "{target}加入，三方通话开始",
    "MonitorSwitched": "{leg}对{seat}的通话由{before}改为{after}",
    "CallTransferred": "{seat}将来电人直接转给{target}",
    "HandoverConfirmed": "{seat}确认{label}已接管",
    "LeftUnconfirmed": "{seat}在{label}确认接管前离开，请班长关注",
    "DialBegun": "{seat}外呼{masked}（{purpose}），先呼叫本人话机",
    "NumberDialled": "{seat}接起本人话机，正在呼叫对方",
    "ReleaseForced": "班长{actor}强拆{seat}的通话：{reason}",
    "RatingOffered": "{seat}离开，请来电人评价",
    "RatingGiven": "来电人评价了“{question}”",
    "MessageBegun": "来电人开始留言",
    "CallbackWished": "来电人选择不再排队，等候回拨",
    "BreakAsked": "{seat}申请小休：{reason}",
    "BreakWithdrawn": "{seat}撤回小休申请",
    "CallEnded": "通话结束：{outcome}，{by}",
    "CallClaimed": "设备把来电交由大厅派发",
    "ReportIgnored": "收到与当前状态不符的设备报告“{fact}”，仅留存：{ignored}",
    "SeatDefined": "坐席 {number} 设置为分机 {extension}，技能组 {groups}",
    "LinkRestored": "设备 {adapter} 已连接",
    "LinkBroken": "设备 {adapter} 已断开",
    "PortBroken": "设备 {adapter} 的通道 {port} 故障",
    "PortMended": "设备 {adapter} 的通道 {port} 恢复",
    "TicketNumbered": "登记了工单 {number}",
    "OrderRefused": "设备未执行指令“{command}”：{reason}",
}
"""A sentence for every event; those of `SPECIAL` choose theirs."""
