"""Bodies about rules that concern callers, and conflicts of interest."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Reason, Sent, Shown, choices
from hotline.callers import lists, service
from hotline.callers.service import RuleState, Wish
from hotline.callers.treatment import MADE_BY_HAND, Kind, Level

MadeKind = Literal["emergency", "minor", "elderly", "disabled", "harassing", "prefer", "avoid"]
"""What can be made by hand: `MADE_BY_HAND`."""
Number = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)]

_KIND = (
    "emergency 紧急，minor 未成年人，elderly 老年人，disabled 残疾人，harassing 骚扰来电，prefer 指定律师，avoid 回避"
)
_LEVEL = "骚扰来电的级别：warned 已警告，limited 限制，blocked 拦截；其他标记为 none"
_REVIEW = "复核日期：限制和拦截必填，90 天以内"


class AskBody(Sent):
    """提请标记来电人"""

    call: Code = Field(description="通话标识", examples=["demo-000000001"])
    kind: MadeKind = Field(description=_KIND)
    level: Level = Field(default=Level.NONE, description=_LEVEL)
    reason: Reason

    def wish(self) -> Wish:
        """As a value."""
        return Wish(kind=Kind(self.kind), level=self.level, reason=self.reason, call=self.call)


class RuleBody(Sent):
    """新的来电人规则；通话和号码任选其一"""

    call: Code | None = Field(default=None, description="通话标识：不必看到号码")
    number: Number | None = Field(default=None, description="完整号码", examples=["13800138000"])
    kind: MadeKind = Field(description=_KIND)
    level: Level = Field(default=Level.NONE, description=_LEVEL)
    operator: Code | None = Field(default=None, description="指定律师和回避所涉及的账号")
    review_on: date | None = Field(default=None, description=_REVIEW)
    reason: Reason

    def wish(self) -> Wish:
        """As a value."""
        return Wish(
            kind=Kind(self.kind),
            level=self.level,
            operator=self.operator or "",
            reason=self.reason,
            call=self.call,
            review_on=self.review_on,
        )


class DecideBody(Sent):
    """批准或复核"""

    level: Level | None = Field(default=None, description="改为这个级别；不写则不变")
    review_on: date | None = Field(default=None, description=_REVIEW)
    reason: Reason


class EndBody(Sent):
    """结束或不批准的原因"""

    reason: Reason


class RuleRow(Shown):
    """一条来电人规则"""

    id: str
    caller: str = Field(description="脱敏号码", examples=["138****8000"])
    kind: str = Field(json_schema_extra=choices(*MADE_BY_HAND))
    level: str = Field(description=_LEVEL, json_schema_extra=choices(*Level))
    level_now: str = Field(description="今天实际的级别：逾期未复核的规则自动降级", json_schema_extra=choices(*Level))
    operator: str
    operator_name: str
    state: str = Field(json_schema_extra=choices(*RuleState))
    reason: str
    call: str | None
    created_at: datetime
    created_by: str
    decided_at: datetime | None
    decided_by: str
    review_on: date | None
    is_due: bool = Field(description="已到复核日期")
    reviewed_at: datetime | None
    reviewed_by: str
    review_reason: str
    ended_at: datetime | None
    ended_by: str
    end_reason: str

    @classmethod
    def of(cls, line: service.RuleLine) -> RuleRow:
        """As it is shown."""
        return cls.model_validate(line)


class WaitingBody(Shown):
    """等待班长处理的规则"""

    requested: int = Field(description="待审批")
    due: int = Field(description="待复核")


class MarkBody(Shown):
    """坐席看到的来电人标记"""

    id: str
    kind: str = Field(json_schema_extra=choices(*MADE_BY_HAND))
    level: str = Field(description="今天实际的级别", json_schema_extra=choices(*Level))
    state: str = Field(description="requested：已提请，待审批", json_schema_extra=choices("requested", "active"))
    operator_name: str
    reason: str

    @classmethod
    def of(cls, line: service.RuleLine) -> MarkBody:
        """As the desk sees it."""
        return cls(
            id=line.id,
            kind=line.kind,
            level=line.level_now,
            state=line.state,
            operator_name=line.operator_name,
            reason=line.reason,
        )


class WarningBody(Shown):
    """对方当事人可能已由本所或本人接待"""

    ticket: str | None = Field(description="有权查看时，记录对方的工单")
    by: str = Field(description="number：号码相符；name：姓名相符", json_schema_extra=choices("number", "name"))
    mine: bool = Field(description="本人接待过对方")
    firm: bool = Field(description="本所律师接待过对方")
    operators: list[str] = Field(description="接待过对方的律师")
    since: datetime

    @classmethod
    def of(cls, line: lists.Warning) -> WarningBody:
        """As it is shown."""
        return cls.model_validate(line)


class ConflictRow(Shown):
    """一条利益冲突"""

    ticket: str
    caller: str = Field(description="来电人，脱敏号码")
    other: str = Field(description="对方电话，脱敏；只知道姓名时为空")
    operators: list[str] = Field(description="接待过来电人的律师")
    other_operators: list[str] = Field(description="接待过对方的律师")
    since: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: str

    @classmethod
    def of(cls, line: lists.ConflictLine) -> ConflictRow:
        """As it is shown."""
        return cls.model_validate(line)
