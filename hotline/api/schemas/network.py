"""Bodies of the network API (网络平台)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import UNSET
from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Sent, Shown, choices
from hotline.network.filing import Filing
from hotline.network.kinds import FilingKind
from hotline.network.progress import May, Progress
from hotline.network.reading import Standing
from hotline.ratings.scores import Scores
from hotline.ratings.service import MAX_COMMENT
from hotline.tickets.fields import MAX_LENGTHS, Draft
from hotline.tickets.matter import Gender, Matter, SpecialGroup, Urgency

Id = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"),
    Field(description="平台自己的唯一编号；原样重发得到第一次的答复，不重复执行", examples=["fw-20261121-000017"]),
]
Score = Annotated[int, Field(ge=1, le=5)]


class CitizenBody(Sent):
    """当事人"""

    phone: Annotated[str, StringConstraints(min_length=1, max_length=40)] = Field(
        description="联系电话", examples=["13800138000"]
    )
    name: Annotated[str, StringConstraints(max_length=64)] = Field(
        default="", description="姓名；申请须填写", examples=["王女士"]
    )
    gender: Gender | None = None
    special_group: SpecialGroup | None = Field(default=None, description="特殊群体")


class OtherSideBody(Sent):
    """对方当事人；用于利益冲突回避"""

    name: Annotated[str, StringConstraints(max_length=64)] = Field(default="", examples=["某建筑公司"])
    phone: Annotated[str, StringConstraints(max_length=40)] = Field(default="", examples=["057188881234"])


class FilingBody(Sent):
    """提交咨询或申请"""

    id: Id
    kind: FilingKind = Field(description="consultation 咨询，application 申请")
    matter: Matter = Field(default=Matter.LEGAL_ADVICE, description="业务类型")
    category: Code | None = Field(default=None, description="咨询类别编码，见服务目录", examples=["civil.labour.pay"])
    citizen: CitizenBody
    other_side: OtherSideBody | None = None
    facts: Annotated[str, StringConstraints(min_length=1, max_length=MAX_LENGTHS["facts"])] = Field(
        description="事实经过或所咨询的问题", examples=["公司拖欠三个月工资。"]
    )
    claim: Annotated[str, StringConstraints(max_length=MAX_LENGTHS["claim"])] = Field(
        default="", description="诉求；申请须填写", examples=["要求支付工资。"]
    )
    region: Annotated[str, StringConstraints(max_length=MAX_LENGTHS["region"])] = Field(
        default="", description="事项所在地", examples=["城东县"]
    )
    urgency: Urgency = Urgency.NORMAL
    secrecy: bool = Field(default=False, description="要求保密")
    minor_involved: bool = Field(default=False, description="涉及未成年人")

    def filing(self) -> Filing:
        """As a value."""
        who, other = self.citizen, self.other_side
        return Filing(
            id=self.id,
            kind=self.kind,
            citizen=who.phone,
            draft=Draft(
                caller_name=who.name,
                gender=who.gender,
                special_group=who.special_group,
                counterparty_name=other.name if other is not None else UNSET,
                counterparty_contact=other.phone if other is not None else UNSET,
                matter=self.matter,
                category=self.category or "",
                facts=self.facts,
                claim=self.claim,
                region=self.region,
                urgency=self.urgency,
                secrecy=self.secrecy,
                minor_involved=self.minor_involved,
            ),
        )


class SupplementBody(Sent):
    """补充材料说明"""

    id: Id
    text: Annotated[str, StringConstraints(min_length=1, max_length=5000)] = Field(
        description="补充的内容", examples=["补充：工资条已找到。"]
    )


class WithdrawalBody(Sent):
    """撤回"""

    id: Id
    reason: Annotated[str, StringConstraints(min_length=1, max_length=400)] = Field(
        description="原因", examples=["已与公司和解。"]
    )


class NetworkRatingBody(Sent):
    """评价；至少一项评分"""

    id: Id
    attitude: Score | None = Field(default=None, description="服务态度，1–5 分")
    efficiency: Score | None = Field(default=None, description="工作效率")
    skill: Score | None = Field(default=None, description="业务能力")
    policy: Score | None = Field(default=None, description="政策水平")
    comment: Annotated[str, StringConstraints(max_length=MAX_COMMENT)] = Field(default="", description="意见")

    def scores(self) -> Scores:
        """As a value."""
        return Scores(attitude=self.attitude, efficiency=self.efficiency, skill=self.skill, policy=self.policy)


class StandingBody(Shown):
    """事项的进度"""

    number: str = Field(description="本系统的工单编号", examples=["demo-20261121-000001"])
    id: str = Field(description="平台的编号")
    state: str = Field(json_schema_extra=choices(*Progress))
    state_text: str = Field(description="进度，可直接显示", examples=["已受理，等待处理"])
    filed_at: datetime
    unit: str = Field(description="承办单位；空：大厅")
    due_at: datetime | None = Field(description="办理期限")
    result: str = Field(description="答复或办理结果")
    reason: str = Field(description="不予受理或终止的原因及法定渠道")
    merged_into: str = Field(description="合并办理的工单")
    may: list[str] = Field(description="现在可以进行的操作", json_schema_extra={"items": choices(*May)})

    @classmethod
    def of(cls, standing: Standing) -> StandingBody:
        """As it is shown."""
        return cls.model_validate(standing)


class WithdrawnBody(Shown):
    """撤回的结果"""

    withdrawn: bool = Field(description="true：已终止；false：已提出申请，由大厅决定")


class Kept(Shown):
    """已收到"""

    number: str = Field(examples=["demo-20261121-000001"])


class ServiceBody(Shown):
    """业务类型"""

    matter: str = Field(examples=["legal_aid"])
    label: str = Field(examples=["法律援助"])
    kinds: list[str] = Field(description="可以提交的种类", json_schema_extra={"items": choices(*FilingKind)})


class CategoryBody(Shown):
    """咨询类别"""

    code: str
    parent: str | None
    label: str
    external_code: str


class OfficeBody(Shown):
    """服务机构"""

    code: str
    name: str
    area_name: str
    address: str
    telephone: str
    services: list[str]


class ServicesBody(Shown):
    """服务目录"""

    matters: list[ServiceBody]
    categories_version: int
    categories: list[CategoryBody]
    offices: list[OfficeBody] = Field(description="对外公开的机构，至多 500 个")
