"""Bodies about messages to citizens (短信)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from hotline.api.schemas.common import Code, Reason, Sent, Shown, choices
from hotline.messages.message import Kind, MessageState
from hotline.messages.rules import Why
from hotline.messages.templates import MAX_TEXT
from hotline.messages.writing import Wish

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00-\x1f]*$")]


class NewMessage(Sent):
    """发短信"""

    kind: Kind = Field(description="种类；评价链接和漏接通知不能由人发送")
    unit: Code | None = Field(default=None, description="机构编码；预约和法援地址须填")
    when: AwareDatetime | None = Field(default=None, description="预约时间；预约须填")
    note: Words = Field(default="", description="补充说明", examples=["请带身份证和劳动合同"])

    def wish(self) -> Wish:
        """As `hotline.messages` reads it."""
        return Wish(unit=self.unit or "", when=self.when, note=self.note)


class PreviewBody(Shown):
    """短信预览；查询码和评价链接以圆点代替"""

    possible: bool
    why: str = Field(default="", description="不能发送的原因", json_schema_extra=choices("", *Why))
    text: str = ""
    segments: int = Field(default=0, description="计费条数")
    number: str = Field(default="", description="脱敏的号码")


class WhyBody(Sent):
    """原因"""

    reason: Reason = Field(examples=["已向网关核实"])


class ConsentBody(Sent):
    """是否接收短信"""

    declined: bool = Field(description="来电人不接收短信")


class MessageRow(Shown):
    """一条短信"""

    id: int
    kind: str = Field(json_schema_extra=choices(*Kind))
    state: str = Field(json_schema_extra=choices(*MessageState))
    ticket: str = Field(description="工单编号")
    callback: int | None = Field(description="回拨任务")
    number: str = Field(description="脱敏的号码")
    created_at: datetime
    created_by: str
    by_hand: bool = Field(description="由人发送，不受免打扰时段限制")
    template: str
    template_version: int
    segments: int = Field(description="计费条数")
    why: str = Field(description="暂扣或不发送的原因", json_schema_extra=choices("", *Why))
    over_cap: bool = Field(description="超出上限，由人放行")
    next_at: datetime | None = Field(description="不早于这个时间")
    waits_until: datetime | None = Field(default=None, description="现为免打扰时段，到这个时间再发")
    expires_at: datetime
    tries: int
    last_error: str
    sent_at: datetime | None
    settled_at: datetime | None = Field(description="状态报告的时间")
    receipt_code: str


class ReceiptBody(Shown):
    """状态报告"""

    at: datetime
    fate: str
    code: str


class MessageBody(MessageRow):
    """一条短信及其内容"""

    text: str = Field(description="查询码和评价链接以圆点代替")
    receipts: list[ReceiptBody]


class TicketMessages(Shown):
    """工单的短信"""

    possible: bool = Field(description="本大厅有短信网关")
    number: str = Field(description="脱敏的号码；空：没有号码")
    mobile: bool = Field(description="收得到短信的手机号码")
    declined: bool = Field(description="不接收短信")
    items: list[MessageRow]


class DayBody(Shown):
    """一日的短信"""

    day: date
    segments: int = Field(description="已用条数")
    cap: int = Field(description="当日上限")
    messages: int
    states: dict[str, int] = Field(examples=[{"held": 2, "delivered": 80}])
    gateway: str = Field(description="短信网关；空：没有")
    signature: str = Field(description="签名")
    quiet_from: str
    quiet_to: str
    failures: int
    resting_until: datetime | None
    last_error: str = Field(description="网关最近一次失败的说明")


class TemplateRow(Shown):
    """短信模板"""

    kind: str
    version: int
    text: str
    registered: str = Field(description="报备号")
    places: dict[str, str] = Field(description="可用的填写项")
    changed_at: datetime | None
    changed_by: str


class TemplateBody(Sent):
    """修改模板"""

    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=4 * MAX_TEXT)]
    registered: Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=r"^[\w.\-]*$")] = Field(
        default="", description="报备号"
    )
