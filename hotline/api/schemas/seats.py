"""Bodies of the desk's buttons and of the hall's settings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, Field, model_validator

from adapters.telephony import PhoneKind
from hotline.api.schemas.common import Shown
from hotline.api.schemas.session import SeatBody
from hotline.hall.inputs import OutsideTarget, QueueTarget, SeatTarget
from seats.seat import SeatNo, SeatState

Code = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w.-]+$")]

NUMBER: Final = r"^[0-9A-Za-z]{1,8}$"
"""A seat's number (坐席号)."""
EXTENSION: Final = r"^[0-9A-Za-z*#_-]{1,32}$"
"""What is dialled to ring there (分机号)."""
GROUP: Final = r"^[a-z0-9][a-z0-9-]{0,31}$"
"""A skill group (技能组)."""


class SignInBody(BaseModel):
    """签入方式"""

    phone_kind: PhoneKind = Field(description="browser 软电话 · desk 话机 · simulated 点击接听", examples=["browser"])
    phone_ready: bool = Field(
        default=True, description="false：话机还在注册，暂不派来电（示忙，原因 phone_unreachable），注册后再示闲"
    )


class ReasonBody(BaseModel):
    """原因（大厅设置中的代码）"""

    reason: Code = Field(default="self", description="大厅设置中的原因代码", examples=["meal"])


class OfferBody(BaseModel):
    """正在振铃的派发"""

    offer: str = Field(min_length=1, max_length=80, description="派发标识：坐席的 offer", examples=["01-17"])


class CallBody(BaseModel):
    """通话"""

    call: str = Field(min_length=1, max_length=80, description="通话标识", examples=["demo-000000001"])


class MuteBody(CallBody):
    """静音"""

    on: bool = Field(description="true 静音，false 取消")


class KeysBody(CallBody):
    """拨号盘"""

    digits: str = Field(pattern=r"^[0-9*#A-D]{1,32}$", description="按键", examples=["1#"])


class PartyBody(CallBody):
    """通话中的另一方"""

    offer: str = Field(min_length=1, max_length=80, description="parties 中的 offer", examples=["demo-000000001.2"])


class SeatChoice(BaseModel):
    """同事的坐席"""

    kind: Literal["seat"]
    seat: str = Field(pattern=NUMBER, examples=["02"])

    def as_target(self) -> SeatTarget:
        """For the hall."""
        return SeatTarget(seat=SeatNo(self.seat))


class QueueChoice(BaseModel):
    """队列"""

    kind: Literal["queue"]
    queue: Code = Field(examples=["labour"])

    def as_target(self) -> QueueTarget:
        """For the hall."""
        return QueueTarget(queue=self.queue)


class ContactChoice(BaseModel):
    """外部号码"""

    kind: Literal["outside"]
    contact: Code = Field(description="大厅设置中的外部号码", examples=["12345"])

    def as_target(self) -> OutsideTarget:
        """For the hall."""
        return OutsideTarget(contact=self.contact)


class ConsultBody(CallBody):
    """咨询谁"""

    target: Annotated[SeatChoice | ContactChoice, Field(discriminator="kind")]


class TransferBody(CallBody):
    """转给谁"""

    target: Annotated[SeatChoice | QueueChoice | ContactChoice, Field(discriminator="kind")]


class ContactBody(BaseModel):
    """外部号码"""

    contact: Code = Field(default="110", description="大厅设置中的外部号码", examples=["110"])


class DialBody(BaseModel):
    """外呼：回拨任务，或大厅设置中的外部号码"""

    callback: int | None = Field(default=None, ge=1, le=2**53, description="回拨任务")
    contact: Code | None = Field(default=None, description="外部号码", examples=["12345"])

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.callback is None) is (self.contact is None):
            raise ValueError("callback 和 contact 须且只须填写一个")
        return self


class MonitorBody(CallBody):
    """监听方式"""

    mode: Literal["listen", "whisper", "barge"] = Field(description="listen 监听 · whisper 密语 · barge 强插")


class DecisionBody(BaseModel):
    """小休审批"""

    approve: bool


class ReleaseBody(BaseModel):
    """强拆的原因"""

    reason: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="原因，记入审计", examples=["辱骂威胁"]
    )


class ForceBody(BaseModel):
    """强制状态，必须说明原因"""

    state: SeatState = Field(description="ready、busy 或 signed_off", examples=["busy"])
    reason: str = Field(
        min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$", description="原因，记入审计", examples=["无人应答"]
    )


class SeatDefinition(BaseModel):
    """坐席设置"""

    extension: str = Field(pattern=EXTENSION, description="分机号", examples=["8001"])
    groups: list[Annotated[str, Field(pattern=GROUP)]] = Field(
        max_length=32, description="技能组", examples=[["civil", "labour"]]
    )


class SeatAnswer(Shown):
    """操作后的坐席"""

    seat: SeatBody


class SeatList(Shown):
    """坐席列表"""

    items: list[SeatBody]


class Softphone(Shown):
    """浏览器软电话的注册信息，不得保存"""

    ws_url: str = Field(examples=["wss://12348.example.gov.cn/asterisk/ws"])
    uri: str = Field(examples=["sip:8001@12348.example.gov.cn"])
    user: str
    password: str
    realm: str | None


class SignedIn(SeatAnswer):
    """签入的坐席"""

    phone: Softphone | None = Field(description="软电话的注册信息；话机和点击接听时为空")
    warnings: list[str] = Field(
        default=[],
        description="提醒：not_on_roster 无排班 · other_group 技能组不符 · licence_ends_soon 执业证将到期",
    )


class PhoneAnswer(Shown):
    """软电话"""

    phone: Softphone | None


class Choice(Shown):
    """可选的代码"""

    code: str
    label: str


class QueueName(Shown):
    """队列"""

    name: str
    label: str


class PhraseBody(Shown):
    """规范用语"""

    title: str
    text: str


class ContactShown(Shown):
    """外部号码"""

    id: str
    label: str
    kind: str = Field(description="emergency 紧急 · hotline 其他热线 · office 单位")


class LineBody(Shown):
    """一条线路（适配器）"""

    name: str
    kind: str = Field(examples=["gateway-push"])
    up: bool | None = Field(description="连接是否正常；只推送事件的网关无法得知，为空")
    abilities: list[str]
    last_event_at: datetime | None


class HallBody(Shown):
    """大厅设置"""

    hall: str
    label: str
    queues: list[QueueName]
    busy_reasons: list[Choice]
    break_reasons: list[Choice]
    phrases: list[PhraseBody]
    quick_closes: list[Choice]
    wrap_seconds: int
    contacts: list[ContactShown]
    break_approval: bool = Field(description="小休须班长批准")
    monitor_announced: bool = Field(description="坐席看得到班长正在监听")
    rating: bool = Field(description="挂机后请来电人按键评价")
    leading: bool = Field(description="本进程正在主持大厅")
    phones: list[PhoneKind] = Field(
        description="至少一条线路能振铃的接听方式：browser 浏览器软电话 · desk 话机 · mobile 手机 · simulated 点击接听",
        examples=[["desk"]],
    )
    adapters: list[LineBody]


class HallName(Shown):
    """大厅"""

    id: str
    label: str


class DemoAccount(Shown):
    """演示账号"""

    work_number: str
    name: str
    role: str
    password: str


class SiteBody(Shown):
    """站点"""

    label: str
    halls: list[HallName]
    demo: bool
    demo_accounts: list[DemoAccount] | None = Field(default=None, description="仅演示环境")
