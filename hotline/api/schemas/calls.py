"""Bodies about calls and recordings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from hotline.api.schemas.callers import MarkBody, WarningBody
from hotline.api.schemas.common import Reason, Sent, Shown, choices
from hotline.api.schemas.tickets import TicketRow
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome


class CallFacts(Shown):
    """通话"""

    id: str
    state: str = Field(json_schema_extra=choices(*CallState))
    outcome: str | None = Field(json_schema_extra=choices(*Outcome, None))
    handling: str = Field(description="hall：大厅派发；device：网关自行派发")
    adapter: str = Field(description="线路名称", examples=["line-1"])
    port: int | None = Field(description="线路的端口；线路没有报告时为空")
    queue: str | None
    queue_label: str
    caller: str = Field(description="脱敏号码", examples=["138****8000"])
    region: str = Field(examples=["湖北省武汉市 中国移动"])
    offered_at: datetime
    queued_at: datetime | None
    rung_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    seat: str | None
    operator_name: str
    work_number: str
    wait_seconds: float | None
    talk_seconds: float | None = Field(description="通话时长：不含保持、咨询和转接中的等候")
    hold_seconds: float | None = Field(description="保持和咨询时长")
    ticket: str
    their_id: str = Field(description="省平台的通话编号；省平台没有给出时为空")
    ended_by: str | None
    backfilled: bool


class CallRow(CallFacts):
    """列表中的通话"""

    recordings: int = Field(description="录音个数")


class JournalLine(Shown):
    """流水中的一条"""

    at: datetime
    type: str
    text: str = Field(description="中文说明")
    actor: str
    data: dict[str, Any]


class Mark(Shown):
    """录音标记"""

    seconds: float = Field(description="距录音开始的秒数")
    text: str
    emergency: bool


class RecordingBody(Shown):
    """录音"""

    id: str
    name: str
    seconds: float | None
    missing: str = Field(description="没有文件时的原因；有文件时为空")
    started_at: datetime | None
    their_id: str = Field(description="省平台的通话编号")
    marks: list[Mark] = Field(description="录音中的标记：转接、保持、紧急联动的时刻")


class SegmentBody(Shown):
    """通话分段：来电人在这一段时间里的经历"""

    kind: str = Field(examples=["talking"])
    text: str = Field(description="中文名称", examples=["通话"])
    since: datetime
    seconds: float | None = Field(description="时长；仍在进行时为空")
    seat: str | None
    who: str = Field(description="接待人或振铃坐席的姓名，不详时为空")
    others: list[str] = Field(description="同时在线的其他坐席和外部号码")
    queue_label: str


class CallDetail(CallFacts):
    """通话详情"""

    segments: list[SegmentBody] = Field(description="分段首尾相接，合起来就是整通电话")

    recordings: list[RecordingBody]
    journal: list[JournalLine]


class PopBody(Shown):
    """来电弹屏"""

    times_before: int | None = Field(description="此号码在此前 90 天内的来电次数；号码未知时为空")
    calls: list[CallRow]
    tickets: list[TicketRow]
    marks: list[MarkBody] = Field(description="来电人标记；没有提请权限时为空")
    conflicts: list[WarningBody] = Field(description="可能的利益冲突；没有工单权限时为空")


class RevealBody(Sent):
    """查看完整号码的原因"""

    reason: Reason


class Revealed(Shown):
    """完整号码"""

    caller: str
