"""Bodies about tickets on their way (办理)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Reason, Sent, Shown, choices
from hotline.handling import course, lists
from hotline.handling.board import MAX_TEXT
from hotline.handling.hall_side import MAX_HELPERS, Contentment, Way
from hotline.handling.unit_side import MAX_EXTENSION
from hotline.tickets.sampling import FollowUp
from hotline.tickets.ticket import TicketState

Said = Annotated[str, StringConstraints(max_length=4 * MAX_TEXT)]
"""What may stand there is said by `handling.board.text`, in words."""


class DispatchBody(Sent):
    """派单"""

    unit: Code = Field(description="主办单位的机构编码", examples=["370102"])
    helpers: list[Code] = Field(default=[], max_length=4 * MAX_HELPERS, description="协办单位的机构编码")
    note: Said = Field(default="", description="交办意见", examples=["请核实欠薪情况后答复来电人。"])


class WhyBody(Sent):
    """原因"""

    reason: Said = Field(examples=["派错单位"])


class NoteBody(Sent):
    """说明"""

    note: Said = Field(default="", examples=["请尽快与来电人联系。"])


class DesignateBody(Sent):
    """指定承办"""

    unit: Code = Field(description="承办单位的机构编码")
    reason: Said = Field(examples=["劳动合同履行地在该县"])


class FollowUpBody(Sent):
    """回访"""

    way: Way = Field(description="方式")
    contentment: Contentment = Field(description="来电人是否满意")
    solved: bool | None = Field(default=None, description="问题是否解决")
    note: Said = Field(default="", description="来电人的意见；不满意时必填")


class MergeBody(Sent):
    """并单"""

    into: Code = Field(description="并入的工单编号")


class NotAcceptBody(Sent):
    """不予受理"""

    reason: Said = Field(examples=["人民法院已经立案"])
    channel: Said = Field(description="已告知的法定渠道", examples=["诉讼"])


class DecideBody(Sent):
    """审批"""

    granted: bool
    answer: Said = Field(default="", description="不同意时必填")


class SignBody(Sent):
    """签收"""

    handler: Code | None = Field(default=None, description="承办人的账号；默认为签收人")


class PassOnBody(Sent):
    """转派"""

    unit: Code = Field(description="下级机构编码")
    note: Said = ""


class ReplyBody(Sent):
    """反馈"""

    reply: Said = Field(description="办理结果")


class ExtensionBody(Sent):
    """申请延期"""

    amount: int = Field(ge=1, le=MAX_EXTENSION, description="延长多少；单位与原期限相同")
    reason: Said


class RevealBody(Sent):
    """查看联系方式的理由"""

    reason: Reason = Field(examples=["联系来电人核实情况"])


class ContactBody(Shown):
    """来电人的联系方式"""

    caller: str = Field(description="来电号码")
    contact: str = Field(description="其他联系电话")
    particulars: dict[str, str] = Field(description="事项要素中的个人信息")


class HandlingRow(Shown):
    """列表中在办的工单"""

    number: str
    state: str = Field(json_schema_extra=choices(*TicketState))
    channel: str
    created_at: datetime
    unit: str
    unit_name: str = Field(description="承办单位")
    category_label: str
    matter: str
    urgency: str
    operator_name: str
    facts_excerpt: str
    secrecy: bool
    due_at: datetime | None = Field(description="最近的期限")
    overdue: bool
    times_returned: int
    times_reopened: int
    times_urged: int
    supervised: bool
    sent_back: bool = Field(description="反馈被退回重办")
    case_file: str
    follow_up: str = Field(description="是否须回访；审核通过之前为空", json_schema_extra=choices("", *FollowUp))

    @classmethod
    def of(cls, line: lists.Line) -> HandlingRow:
        """As it is shown."""
        return cls.model_validate(line)


class CountsBody(Shown):
    """各列表的数量"""

    counts: dict[str, int] = Field(examples=[{"to_dispatch": 3, "overdue": 0}])
    requests: int = Field(description="待审批的申请")


class LoadBody(Shown):
    """一个机构主办的在办工单"""

    unit: str
    unit_name: str
    at_unit: int = Field(description="在办")
    to_sign: int = Field(description="待签收")
    due_today: int = Field(description="今日到期")
    overdue: int = Field(description="已逾期")
    supervised: int = Field(description="督办")


class StepBody(Shown):
    """办理过程中的一步"""

    at: datetime
    actor: str
    unit: str
    step: str
    state: str
    text: str
    data: dict[str, Any]


class DispatchedBody(Shown):
    """一个承办单位的办理情况"""

    unit: str
    unit_name: str
    lead: bool = Field(description="主办")
    designated: bool
    passed_by: str
    note: str
    sent_at: datetime
    sent_by: str
    signed_at: datetime | None
    handler: str
    reply: str
    ended_at: datetime | None
    end: str
    end_reason: str


class DueBody(Shown):
    """一项期限"""

    kind: str
    unit: str
    unit_name: str
    born_at: datetime
    due_at: datetime
    source: str = Field(description="依据")
    paused_at: datetime | None
    pause_reason: str
    overdue: bool
    done_at: datetime | None
    met: bool | None


class RequestBody(Shown):
    """一项申请"""

    id: int
    ticket: str
    kind: str = Field(json_schema_extra=choices("extend", "pause", "terminate"))
    amount: int
    reason: str
    asked_at: datetime
    asked_by: str
    asked_unit: str
    decided_at: datetime | None
    decided_by: str
    granted: bool | None
    answer: str


class FollowedUpBody(Shown):
    """一次回访"""

    at: datetime
    by: str
    way: str
    contentment: str
    solved: bool | None
    note: str


class CourseBody(Shown):
    """一张工单的办理过程"""

    steps: list[StepBody]
    dispatches: list[DispatchedBody]
    deadlines: list[DueBody]
    requests: list[RequestBody]
    follow_ups: list[FollowedUpBody]
    follow_up: str = Field(description="是否须回访；审核通过之前为空", json_schema_extra=choices("", *FollowUp))
    follow_up_script: str = Field(default="", description="回访话术")

    @classmethod
    def of(cls, found: course.Course, script: str) -> CourseBody:
        """As it is shown."""
        return cls.model_validate(found).model_copy(update={"follow_up_script": script})
