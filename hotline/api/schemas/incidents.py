"""Bodies about emergency plans and incidents."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from hotline.api.schemas.common import Code, Sent, Shown
from hotline.incidents.service import MAX_NOTE, Told


class StepItem(Sent):
    """预案的一个步骤"""

    title: str = Field(max_length=1000, examples=["口头报告上级"])
    text: str = Field(default="", max_length=1000, description="怎样做")
    call: str = Field(default="", max_length=1000, description="联系谁", examples=["110"])


class PlanContent(Sent):
    """预案"""

    title: str = Field(max_length=200, examples=["群体性来电"])
    when: str = Field(default="", max_length=1000, description="启动条件")
    steps: list[StepItem] = Field(max_length=100)
    report_to: str = Field(default="上级主管部门值班室", max_length=100, description="报送单位")
    report_minutes: int = Field(default=60, ge=0, le=100_000, description="口头报告时限，分钟；0：不要求")
    written_hours: int = Field(default=24, ge=0, le=100_000, description="书面报告时限，小时；0：不要求")
    retired: bool = Field(default=False, description="停用")


class PlanBody(Shown):
    """一个预案"""

    code: str
    version: int = Field(description="0：系统自带")
    plan: PlanContent


class SavePlanBody(Sent):
    """预案的新版本"""

    seen: int = Field(ge=0, le=2**31 - 1, description="所修改的版本；新预案为 0")
    plan: PlanContent


class BeginBody(Sent):
    """启动预案"""

    plan: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$", description="预案代号", examples=["harm"])
    ticket: Code | None = Field(default=None, description="有关的工单")
    call: Code | None = Field(default=None, description="有关的通话")


class TickBody(Sent):
    """完成一个步骤"""

    note: str = Field(default="", max_length=MAX_NOTE, description="结果")
    skipped: str = Field(default="", max_length=200, description="不需要的，写明原因")


class ReportBody(Sent):
    """重大事项报告"""

    title: str = Field(default="", max_length=100, description="事项")
    happened: str = Field(default="", max_length=500, description="时间和地点")
    people: str = Field(default="", max_length=2000, description="涉及人员")
    course: str = Field(default="", max_length=8000, description="事件经过")
    measures: str = Field(default="", max_length=4000, description="已采取的措施")
    needs: str = Field(default="", max_length=2000, description="需要协调的事项")


class WriteBody(Sent):
    """保存报告"""

    seen: int = Field(ge=1, le=2**31 - 1, description="所看到的版本")
    report: ReportBody


class ToldBody(Sent):
    """已报告上级"""

    how: Told = Field(description="oral 口头，written 书面")


class IncidentRow(Shown):
    """列表中的应急事件"""

    id: int
    plan: str
    title: str = Field(description="预案名称")
    begun_at: datetime
    begun_by: str
    steps: int
    done: int
    report_due_at: datetime | None
    reported_at: datetime | None
    written_due_at: datetime | None
    written_at: datetime | None
    ended_at: datetime | None
    ticket: str | None
    call: str | None


class StepBody(StepItem):
    """一个步骤及其完成情况"""

    done_at: datetime | None
    done_by: str
    skipped: str
    note: str


class IncidentBody(IncidentRow):
    """应急事件"""

    version: int
    report_to: str
    when: str
    reported_by: str
    written_by: str
    ended_by: str
    checklist: list[StepBody]
    report: ReportBody
