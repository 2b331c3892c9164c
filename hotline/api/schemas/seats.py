"""Bodies of the desk's buttons and of the hall's settings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, Field

from adapters.telephony import PhoneKind
from hotline.api.schemas.common import Shown
from hotline.api.schemas.session import SeatBody
from seats.seat import SeatState

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


class ReasonBody(BaseModel):
    """原因（大厅设置中的代码）"""

    reason: Code = Field(default="self", description="大厅设置中的原因代码", examples=["meal"])


class OfferBody(BaseModel):
    """正在振铃的派发"""

    offer: str = Field(min_length=1, max_length=80, description="派发标识：坐席的 offer", examples=["01-17"])


class CallBody(BaseModel):
    """通话"""

    call: str = Field(min_length=1, max_length=80, description="通话标识", examples=["demo-000000001"])


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

    ws_url: str = Field(examples=["wss://12348.example.gov.cn/ws"])
    uri: str = Field(examples=["sip:8001@12348.example.gov.cn"])
    user: str
    password: str
    realm: str | None


class SignedIn(SeatAnswer):
    """签入的坐席"""

    phone: Softphone | None = Field(description="软电话的注册信息；话机和点击接听时为空")


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
    leading: bool = Field(description="本进程正在主持大厅")
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
