"""What has a device reported, as a sentence (Chinese, numbers masked)? One per fact of `adapters.telephony`."""

from __future__ import annotations

from typing import assert_never

from adapters.reasons import in_chinese
from adapters.telephony import (
    CallAnswered,
    CallerIdentified,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatFact,
    SeatReleased,
    SeatRinging,
)
from hotline.calls.numbers import mask, normalise
from hotline.lines.causes import cause_in_chinese, missing_in_chinese, why_not_taken
from hotline.lines.masking import masked_text

_BY = {
    EndedBy.CALLER: "来电人挂机",
    EndedBy.SEAT: "坐席挂机",
    EndedBy.NETWORK: "网络拆线",
    EndedBy.US: "本系统拆线",
    EndedBy.UNKNOWN: "通话结束",
}


def sentence(fact: DeviceEvent) -> str:
    """What it says. Numbers are masked, the device's own words too."""
    match fact:
        case LinkUp():
            return f"连接建立{_more(in_chinese(fact.detail))}"
        case PortFault():
            return f"{_port(fact.port)}故障{_more(in_chinese(fact.detail))}"
        case PortRestored():
            return f"{_port(fact.port)}恢复{_more(in_chinese(fact.detail))}"
        case CallOffered():
            dialled = f"，拨打 {_number(fact.dialled)}" if fact.dialled else ""
            return f"来电呼入，号码 {_number(fact.caller) or '未显示'}{dialled}"
        case CallerIdentified():
            return f"收到来电号码 {_number(fact.caller)}"
        case CallAnswered():
            return "线路应答"
        case DigitsPressed():
            return f"来电人按键（{len(fact.digits)} 位）"
        case PromptEnded():
            return "提示音没有播放成功" if fact.failed else "提示音被打断" if fact.interrupted else "提示音播放完毕"
        case SeatRinging():
            return f"{_who(fact)}振铃"
        case SeatAnswered():
            return f"{_who(fact)}接听"
        case SeatDeclined():
            return f"{_who(fact)}未接{_more(why_not_taken(fact.reason))}"
        case SeatReleased():
            return f"{_who(fact)}{'挂机' if fact.hung_up else '离开'}"
        case LegsJoined():
            return "双方接通"
        case LegHeld():
            return "话机保持通话"
        case LegResumed():
            return "话机恢复通话"
        case RecordingStarted():
            return "开始录音"
        case RecordingStopped():
            return f"录音缺失{_more(missing_in_chinese(fact.missing))}" if fact.missing else "录音完成"
        case CallReleased():
            return f"{_BY[fact.by]}{_more(cause_in_chinese(fact.cause))}{'（推断）' if fact.inferred else ''}"
        case _:
            assert_never(fact)


def _who(fact: SeatFact) -> str:
    return f"话机 {_number(fact.seat)} " if fact.seat else "坐席话机"


def _port(port: int | None) -> str:
    return "端口" if port is None else f"端口 {port} "


def _number(raw: str | None) -> str:
    number = normalise(raw)
    # An extension is nobody's number; whatever is longer may be a mobile that stands in for a desk.
    return number if number is not None and len(number) <= 4 else mask(number)


def _more(detail: str) -> str:
    return f"：{masked_text(detail)}" if detail else ""
