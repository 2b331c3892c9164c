"""Bodies about call-back tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Sent, Shown, choices
from hotline.callbacks.desk import MAX_NOTE
from hotline.callbacks.reading import Line, Whole
from hotline.callbacks.task import Attempt, Kind, Reason, Result, TaskState
from hotline.calls.outcome import Outcome

Note = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")
]


class CallbackRow(Shown):
    """列表中的回拨任务"""

    id: int = Field(examples=[17])
    kind: str = Field(
        description="missed：漏接；wished：来电人要求回拨；message：留言", json_schema_extra=choices(*Kind)
    )
    state: str = Field(json_schema_extra=choices(*TaskState))
    version: int
    caller: str = Field(description="脱敏号码", examples=["138****8000"])
    region: str
    priority: int
    any_hour: bool = Field(description="休息时段也可以拨打")
    created_at: datetime
    last_at: datetime = Field(description="最后一次来电")
    due_at: datetime = Field(description="应在此之前回拨")
    overdue: bool
    owner: str | None
    owner_name: str
    assigned_by_name: str = Field(description="由班长指派时，班长的姓名")
    calls: int = Field(description="未接来电的次数")
    unheard: int = Field(description="尚未听取的留言")
    attempts: int = Field(description="已拨打的次数")
    first_tried_at: datetime | None
    reached_at: datetime | None = Field(description="与来电人通话的时间")
    ended_at: datetime | None
    ended_by_name: str
    result: str = Field(description="完成的结果，或关闭的原因")
    note: str

    @classmethod
    def of(cls, line: Line) -> CallbackRow:
        """As it is shown."""
        return cls.model_validate(line)


class CallbackCall(Shown):
    """一次未接来电"""

    call: str
    at: datetime
    kind: str = Field(json_schema_extra=choices(*Kind))
    outcome: str = Field(json_schema_extra=choices(*Outcome, ""))
    served: bool = Field(description="后来查明已接听")
    ticket: str
    recording: str | None = Field(description="留言的录音标识")
    seconds: float | None
    missing: str = Field(description="没有录音的原因")
    heard_at: datetime | None
    heard_by_name: str


class CallbackAttempt(Shown):
    """一次拨打"""

    call: str
    began_at: datetime
    ended_at: datetime | None
    seat: str | None
    operator_name: str
    result: str = Field(json_schema_extra=choices(*Attempt))
    cause: str
    ticket: str


class CallbackChange(Shown):
    """任务经过的一步"""

    at: datetime
    actor_name: str
    step: str
    state: str = Field(json_schema_extra=choices(*TaskState))
    call: str | None
    owner_name: str
    result: str


class CallbackBody(CallbackRow):
    """回拨任务"""

    listed: list[CallbackCall] = Field(description="未接来电")
    tried: list[CallbackAttempt] = Field(description="拨打记录")
    changes: list[CallbackChange] = Field(description="经过")

    @classmethod
    def shown(cls, whole: Whole) -> CallbackBody:
        """As it is shown."""
        return cls(
            **CallbackRow.of(whole.line).model_dump(),
            listed=[CallbackCall.model_validate(each) for each in whole.calls],
            tried=[CallbackAttempt.model_validate(each) for each in whole.attempts],
            changes=[CallbackChange.model_validate(each) for each in whole.changes],
        )


class CallbackCounts(Shown):
    """角标"""

    open: int = Field(description="未完成")
    waiting: int = Field(description="待认领")
    mine: int = Field(description="我的未完成任务")
    overdue: int = Field(description="已逾期")
    unheard: int = Field(description="未听留言")


class AssignBody(Sent):
    """指派"""

    account: Code = Field(description="账号标识", examples=["acc-0123456789abcdef"])


class DoneBody(Sent):
    """回拨的结果"""

    result: Result = Field(description="helped：已答复；follow_up：需后续办理；declined：不再需要")
    note: Note = ""


class CloseTaskBody(Sent):
    """不再回拨的原因"""

    reason: Reason = Field(
        description="elsewhere：已通过其他途径处理；no_need：无需回拨；harassing：骚扰；number_wrong：号码无效；other：其他"
    )
    note: Note = ""
