"""Bodies about matters (事项): forms, duties, applications for legal aid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Reason, Sent, Shown, choices
from hotline.matters import aid, applying, duties, forms

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
Materials = Annotated[list[Annotated[str, StringConstraints(max_length=40)]], Field(max_length=20)]


class FieldBody(Shown):
    """事项的一个要素"""

    id: str = Field(examples=["pv_prison"])
    label: str = Field(examples=["监狱"])
    kind: forms.Kind
    most: int = Field(description="最多字数，或最大的数；0 为不另限")
    choices: dict[str, str] = Field(description="取值和名称")
    personal: bool = Field(description="个人信息：加密保存，脱敏显示")
    needed: list[forms.Before] = Field(description="在哪一步之前必填")
    norm: str

    @classmethod
    def of(cls, field: forms.Field) -> FieldBody:
        """As it is shown."""
        return cls(
            id=field.id,
            label=field.label,
            kind=field.kind,
            most=field.most,
            choices=dict(field.choices),
            personal=field.personal,
            needed=sorted(field.needed),
            norm=field.norm,
        )


class FormBody(Shown):
    """一个事项的要素"""

    norm: str
    fields: list[FieldBody]


class FormsBody(Shown):
    """各事项的要素，以及法律援助申请的选项"""

    edition: str
    common: list[FieldBody] = Field(description="各事项都有的：特别情形")
    matters: dict[str, FormBody]
    receivers: dict[str, str] = Field(description="义务的报告对象")
    grounds: dict[str, str] = Field(description="法律援助的申请事项")
    means: dict[str, str]
    exempts: dict[str, str]
    applied_by: dict[str, str]
    materials: dict[str, str]

    @classmethod
    def of(cls, edition: forms.Forms) -> FormsBody:
        """As it is shown."""
        return cls(
            edition=edition.edition,
            common=[FieldBody.of(each) for each in edition.common],
            matters={
                name: FormBody(norm=form.norm, fields=[FieldBody.of(each) for each in form.fields])
                for name, form in edition.matters.items()
            },
            receivers={each.value: label for each, label in duties.RECEIVERS.items()},
            grounds={name: f"{ground.label}（{ground.norm}）" for name, ground in aid.GROUNDS.items()},
            means={each.value: label for each, label in aid.MEANS.items()},
            exempts={each.value: label for each, label in aid.EXEMPTS.items()},
            applied_by={each.value: label for each, label in aid.BYS.items()},
            materials=dict(aid.MATERIALS),
        )


class DutyBody(Shown):
    """一项法定义务"""

    code: str
    label: str = Field(examples=["强制报告"])
    text: str
    norm: str
    receivers: list[str] = Field(description="可以向谁履行；空：只提示，无须记录")

    @classmethod
    def of(cls, duty: duties.Duty) -> DutyBody:
        """As it is shown."""
        return cls(
            code=duty.code,
            label=duty.label,
            text=duty.text,
            norm=duty.norm,
            receivers=[each.value for each in duty.receivers],
        )


class DutyLine(Shown):
    """须记录的义务，以及履行情况"""

    ticket: str
    duty: str
    since: datetime
    due_at: datetime
    marked_by: str
    done_at: datetime | None
    done_by: str
    receiver: str = Field(description="空：写明了无须履行的原因")
    reported_at: datetime | None
    reference: str
    note: str
    operator_name: str


class LimitBody(Shown):
    """来电人自己的时效或期限"""

    ends_on: date
    text: str
    norm: str
    over: bool


class DutiesBody(Shown):
    """工单的法定义务、提示和期限"""

    duties: list[DutyBody] = Field(description="由工单内容得出，重要的在前")
    lines: list[DutyLine]
    remind: str = Field(description="为什么必须提示法律援助；空：没有必须提示的情形")
    limits: list[LimitBody]


class OpenDuties(Shown):
    """本大厅尚未记录的义务"""

    items: list[DutyLine]
    labels: dict[str, str]


class FulfilBody(Sent):
    """义务的履行情况；不选报告对象的，写明无须履行的原因"""

    receiver: duties.Receiver | None = None
    reported_at: datetime | None = Field(default=None, description="报告的时间；不写为现在")
    reference: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = Field(
        default="", description="对方的受理编号或接报人", examples=["110-20261123-0042"]
    )
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = Field(
        default="", description="报告的内容，或无须履行的原因"
    )


class PersonalBody(Shown):
    """完整的个人信息"""

    particulars: dict[str, str]
    card: str = Field(description="法律援助申请人的身份证号")


class FindingBody(Shown):
    """一项审查要点"""

    code: str
    ok: bool | None = Field(description="空：须由人核对")
    text: str
    norm: str


class AidBody(Shown):
    """一次法律援助申请"""

    id: int
    state: str = Field(json_schema_extra=choices(*aid.AidState))
    filed_at: datetime
    filed_by: str
    applied_by: str
    applicant: str
    card: str = Field(description="脱敏")
    ground: str
    means: str
    exempt: str
    urgent_reason: str
    materials: list[str] = Field(description="已收到的材料")
    lacking: list[str] = Field(description="尚缺的材料")
    asked: list[str]
    asked_at: datetime | None
    asked_note: str
    complete_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    decision_reason: str
    appointed_at: datetime | None
    appointed_by: str
    lawyer: str
    firm: str
    withdrawn_at: datetime | None
    withdrawn_reason: str
    deemed: bool = Field(description="视为撤回")
    findings: list[FindingBody]
    due_at: datetime | None = Field(description="审查或指派的期限；暂停计算时为空")


class AidsBody(Shown):
    """工单的法律援助申请，新的在前"""

    items: list[AidBody]


class FileAidBody(Sent):
    """法律援助申请"""

    applicant: Line = Field(description="申请人姓名", examples=["王某"])
    card: Annotated[str, StringConstraints(strip_whitespace=True, max_length=18)] = Field(
        default="", description="身份证号"
    )
    applied_by: aid.By = aid.By.SELF
    ground: Annotated[str, StringConstraints(max_length=40)] = Field(description="申请事项", examples=["pay"])
    means: aid.Means = Field(description="经济困难的说明方式")
    exempt: aid.Exempt | None = Field(default=None, description="免予核查的人员类别")
    materials: Materials = Field(default=[], description="已有的材料", examples=[["form", "identity"]])
    urgent_reason: Note = Field(default="", description="先行提供法律援助的原因（第四十四条）")

    def filing(self) -> applying.Filing:
        """As a value."""
        return applying.Filing(
            application=aid.Application(
                ground=self.ground,
                means=self.means,
                exempt=self.exempt,
                by=self.applied_by,
                materials=frozenset(self.materials),
            ),
            applicant=self.applicant,
            card=self.card,
            urgent_reason=self.urgent_reason,
        )


class MaterialsBody(Sent):
    """收到的材料"""

    materials: Annotated[Materials, Field(min_length=1)]


class AskAidBody(Sent):
    """一次性告知：需要补充的材料或说明"""

    materials: Materials = Field(default=[])
    note: Note = ""


class DecideAidBody(Sent):
    """审查决定"""

    granted: bool
    reason: Note = Field(default="", description="不予法律援助的，必须写明理由")
    objection_told: bool = Field(default=False, description="已书面告知理由和提出异议的权利（第四十三条、第四十九条）")


class AppointBody(Sent):
    """指派"""

    lawyer: Line = Field(description="承办人员", examples=["李律师"])
    firm: Line = Field(description="所在机构", examples=["某律师事务所"])


class WithdrawAidBody(Sent):
    """撤回"""

    reason: Reason
    deemed: bool = Field(default=False, description="未按要求补充，视为撤回申请（第四十三条）")
