"""Bodies about tickets and categories."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET
from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Sent, Shown, choices
from hotline.tickets import categories, fields, search
from hotline.tickets.matter import Channel, Gender, Matter, QuickClose, SpecialGroup, Urgency
from hotline.tickets.ticket import TicketState

Text = Annotated[str, StringConstraints(max_length=40_000)]
"""Far beyond what any field may hold; what it may hold is said by `fields.MAX_LENGTHS`."""
FieldId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Whole = Annotated[int, Field(ge=0, le=1_000_000_000)]


class DraftBody(Sent):
    """改动的字段；不写的不变"""

    caller_name: Text | None = Field(default=None, description="来电人姓名", examples=["王女士"])
    contact: Text | None = Field(default=None, description="联系电话；返回时已脱敏", examples=["13800138000"])
    counterparty_name: Text | None = Field(default=None, description="对方当事人", examples=["某建筑公司"])
    counterparty_contact: Text | None = Field(
        default=None, description="对方电话；用于利益冲突回避，返回时已脱敏", examples=["057188881234"]
    )
    id_refused: bool | None = Field(default=None, description="不愿提供姓名")
    secrecy: bool | None = Field(default=None, description="要求保密")
    region: Text | None = Field(default=None, description="地区")
    gender: Gender | Literal[""] | None = None
    special_group: SpecialGroup | Literal[""] | None = Field(default=None, description="特殊群体")
    minor_involved: bool | None = Field(default=None, description="涉及未成年人")
    matter: Matter | Literal[""] | None = Field(default=None, description="业务类型")
    particulars: Annotated[dict[FieldId, Text | bool | Whole | None], Field(max_length=60)] | None = Field(
        default=None,
        description="事项要素：只提交改动的，空值清除（字段见 GET /matters）",
        examples=[{"pv_prison": "某监狱"}],
    )
    category: Code | Literal[""] | None = Field(default=None, description="咨询类别", examples=["civil.labour.pay"])
    urgency: Urgency | None = Field(default=None, description="紧急程度")
    facts: Text | None = Field(default=None, description="事实经过")
    claim: Text | None = Field(default=None, description="诉求")
    opinion: Text | None = Field(default=None, description="答复意见")
    legal_basis: Text | None = Field(default=None, description="法律依据")
    legal_aid_told: bool | None = Field(default=None, description="已告知法律援助（法律援助法第二十三条）")
    no_category_reason: Text | None = Field(default=None, description="不选类别的原因")

    def draft(self) -> fields.Draft:
        """The fields that were sent."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        emptied = {name: ("" if value is None else value) for name, value in sent.items() if name in _TEXTS}
        chosen = {name: (value or None) for name, value in sent.items() if name in _CHOICES}
        kept = {name: (UNSET if value is None else value) for name, value in sent.items() if name in _PLAIN}
        return fields.Draft(**emptied, **chosen, **kept)


_TEXTS = frozenset({*fields.MAX_LENGTHS, "category"})
_CHOICES = frozenset({"gender", "special_group", "matter"})
_PLAIN = frozenset({"id_refused", "secrecy", "minor_involved", "legal_aid_told", "urgency", "particulars"})


class NewTicket(DraftBody):
    """登记：来访、来信、网络或其他热线转来的事项"""

    channel: Literal[Channel.VISIT, Channel.LETTER, Channel.NETWORK, Channel.HOTLINE] = Field(description="渠道")
    citizen: Annotated[str, StringConstraints(max_length=40)] = Field(
        default="", description="来访人的电话，用于再次来电时找到本工单", examples=["13800138000"]
    )


class CloseBody(Sent):
    """办结"""

    no_category_reason: Text | None = Field(default=None, description="不选类别的原因")


class QuickCloseBody(Sent):
    """一键办结"""

    kind: QuickClose


class TicketRow(Shown):
    """列表中的工单"""

    number: str = Field(examples=["demo-20261121-000001"])
    state: str = Field(json_schema_extra=choices(*TicketState))
    created_at: datetime
    call: str | None
    caller: str = Field(description="脱敏号码", examples=["138****8000"])
    category: str
    category_label: str = Field(examples=["民事 / 劳动争议 / 劳动报酬"])
    matter: str
    urgency: str
    operator: str | None
    operator_name: str
    seat: str | None
    outcome: str | None
    quick_close: str
    opinion_excerpt: str
    secrecy: bool

    @classmethod
    def of(cls, line: search.Line) -> TicketRow:
        """As it is shown."""
        return cls.model_validate(line)


class TicketBody(TicketRow):
    """工单"""

    version: int
    channel: str
    their_id: str = Field(description="省平台的通话编号")
    caller_name: str
    contact: str = Field(description="脱敏号码")
    counterparty_name: str = Field(description="对方当事人")
    counterparty_contact: str = Field(description="对方电话，脱敏号码")
    id_refused: bool
    region: str
    gender: str
    special_group: str
    minor_involved: bool
    particulars: dict[str, str | bool | int] = Field(description="事项要素；个人信息已脱敏")
    particulars_edition: str = Field(description="填写时的要素版本；空：没有填写")
    category_version: int | None
    facts: str
    claim: str
    opinion: str
    legal_basis: str
    legal_aid_told: bool
    no_category_reason: str
    saved_at: datetime | None
    saved_by: str | None
    closed_at: datetime | None
    closed_by: str | None
    unit: str = Field(description="承办单位")
    result: str = Field(description="办理结果")
    due_at: datetime | None = Field(description="最近的期限")
    times_returned: int
    times_reopened: int
    times_urged: int
    supervised: bool = Field(description="督办")
    merged_into: str | None
    ended_reason: str
    case_file: str = Field(description="卷宗号")
    opinion_excerpt: str = ""

    @classmethod
    def shown(cls, ticket: fields.Ticket) -> TicketBody:
        """As it is shown."""
        body = cls.model_validate(ticket)
        body.opinion_excerpt = ticket.opinion[: search.EXCERPT]
        return body


class CategoryBody(Shown):
    """一个类别"""

    code: str
    parent: str | None
    label: str
    external_code: str = ""
    codes: dict[str, str] = Field(default={}, description="各接收单位的编码")


class TreeBody(Shown):
    """一版分类"""

    version: int
    label: str
    items: list[CategoryBody]


class NewCategory(Sent):
    """一个类别"""

    code: Annotated[str, StringConstraints(max_length=200)] = Field(examples=["civil.labour"])
    parent: Annotated[str, StringConstraints(max_length=200)] | None = None
    label: Annotated[str, StringConstraints(max_length=200)] = Field(examples=["劳动争议"])
    external_code: Annotated[str, StringConstraints(max_length=200)] = Field(
        default="", description="外部编码，例如 GB/T 39666-2020"
    )
    codes: Annotated[dict[str, Annotated[str, StringConstraints(max_length=200)]], Field(max_length=100)] = Field(
        default={}, description="各接收单位的编码：对接桥的名称 → 编码", examples=[{"city": "020103"}]
    )


class NewTree(Sent):
    """新一版分类"""

    label: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")
    ]
    items: Annotated[list[NewCategory], Field(max_length=categories.MAX_ITEMS)]

    def tree(self) -> list[categories.Category]:
        """As values."""
        return [
            categories.Category(
                code=each.code,
                parent=each.parent or None,
                label=each.label,
                external_code=each.external_code,
                codes=each.codes,
            )
            for each in self.items
        ]
