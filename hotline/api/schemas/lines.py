"""Bodies about lines (线路): how each is, what somebody should look at, what it said, and its raw bytes."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from hotline.api.schemas.common import Shown, choices
from hotline.lines.alarms import LABELS
from hotline.lines.health import LinkState

_KINDS = "，".join(f"{kind} {label}" for kind, label in LABELS.items())
_STATE = "up 正常，down 中断，never 启动以来未连上，pushed 只推送、没有连接可言"


class AlarmBody(Shown):
    """告警"""

    kind: str = Field(description=_KINDS, json_schema_extra=choices(*LABELS), examples=["link_down"])
    label: str = Field(examples=["连接中断"])
    port: int | None = Field(description="端口；与端口无关时为空")
    since: datetime = Field(description="何时告警")
    detail: str


class PortBody(Shown):
    """端口：设备报告过故障或恢复的"""

    port: int | None = Field(description="设备上标的端口号；设备没有说明时为空")
    broken: bool = Field(description="故障")
    since: datetime
    detail: str


class NotedBody(Shown):
    """本次启动以来的次数，及最近一次"""

    count: int
    at: datetime | None
    reason: str


class ProbeBody(Shown):
    """最近一次探测"""

    at: datetime
    ok: bool
    detail: str


class LineRow(Shown):
    """一条线路"""

    name: str = Field(examples=["line-1"])
    kind: str = Field(examples=["asterisk"])
    state: str = Field(description=_STATE, json_schema_extra=choices(*LinkState), examples=["up"])
    since: datetime = Field(description="何时起处于该状态")
    detail: str = Field(description="设备的说明，或中断的原因")
    abilities: list[str]
    last_event_at: datetime | None = Field(description="设备最近一次说话")
    alarms: list[AlarmBody]
    ports_known: int = Field(description="设备报告过的端口数")
    ports_broken: int
    frames: int = Field(description="最近的帧数（最多 50）")
    unreadable: int = Field(description="其中无法识别的")
    skew_seconds: float | None = Field(description="设备时钟比本机慢多少秒（负数为快）；设备不报时间时为空")
    repaired: NotedBody = Field(description="时间等不可信、以本机时间代替的事件")
    aside: NotedBody = Field(description="无法识别、原样留存的")
    probe: ProbeBody | None = Field(description="不能探测的线路为空")


class LineList(Shown):
    """各线路"""

    leading: bool = Field(description="本进程正在主持大厅；否则以下内容不可靠")
    items: list[LineRow]


class GapBody(Shown):
    """不能使用的时段"""

    kind: str = Field(
        description="link 连接中断，port 端口故障，writer 服务停止", json_schema_extra=choices("link", "port", "writer")
    )
    port: int | None
    began_at: datetime
    ended_at: datetime | None = Field(description="尚未结束时为空")
    detail: str


class AlarmChange(Shown):
    """告警的发生或解除"""

    at: datetime
    raised: bool = Field(description="true 发生，false 解除")
    kind: str
    label: str
    port: int | None
    detail: str


class FactBody(Shown):
    """线路报告的一件事，号码脱敏"""

    at: datetime = Field(description="设备所说的时间")
    heard_at: datetime = Field(description="本机收到的时间")
    type: str = Field(examples=["CallOffered"])
    text: str = Field(examples=["来电呼入，号码 138****8000"])
    port: int | None
    call: str = Field(description="设备自己的通话标识")
    backfilled: bool = Field(description="事后由设备话单补录")
    reason: str = Field(description="没有生效的原因")


class LineDetail(LineRow):
    """一条线路的详情"""

    ports: list[PortBody]
    repaired_for: list[NotedBody] = Field(description="时间等以本机时间代替的原因，最近的在前，最多 8 种")
    aside_for: list[NotedBody] = Field(description="无法识别的原因，最近的在前，最多 8 种")
    gaps: list[GapBody] = Field(description="24 小时内不能使用的时段，最近的在前")
    history: list[AlarmChange] = Field(description="24 小时内的告警，最近的在前")
    facts: list[FactBody] = Field(description="最近 50 件事，最近的在前")


class RawBody(Shown):
    """一帧数据或一次推送，号码脱敏"""

    heard_at: datetime
    size: int = Field(description="字节数")
    text: str = Field(description="按文字显示")
    hex: str = Field(description="按十六进制显示")
    cut: bool = Field(description="过长，只显示开头")
    state: str = Field(
        description="applied 已生效，pending 待处理，set_aside 无法识别",
        json_schema_extra=choices("applied", "pending", "set_aside"),
    )
    reason: str = Field(description="无法识别的原因")
    says: list[str] = Field(description="识别出的事件")


class RawList(Shown):
    """原始数据"""

    items: list[RawBody]
