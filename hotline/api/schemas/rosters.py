"""Bodies about shifts, swaps and who is on duty."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Reason, Sent, Shown
from hotline.rosters.duty import Duty
from hotline.rosters.shift import DutyMode, clock_span
from hotline.rosters.shifts import ShiftChange, ShiftRow, Wish
from hotline.rosters.swap import SwapState
from hotline.rosters.swaps import SwapRow

FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
MAX_ID: Final = 2**53 - 1

Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY, examples=["2026-12-01"])]
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""A time of the clock to the minute."""
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Group = Annotated[str, StringConstraints(pattern=r"^([a-z0-9][a-z0-9-]{0,31})?$")]
"""A skill group; empty: any."""
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


def clock(text: str) -> time:
    """`08:30` as a time."""
    return time(int(text[:2]), int(text[3:]))


class ShiftWish(Sent):
    """班次的内容"""

    day: Day = Field(description="开始的日期（北京时间）", examples=["2026-12-01"])
    begins: Clock = Field(description="开始时间", examples=["20:00"])
    ends: Clock = Field(description="结束时间；不晚于开始时间的，为次日", examples=["08:00"])
    lawyer: Code | None = Field(default=None, description="律师的账号标识；空缺班次为空")
    group: Group = Field(default="", description="技能组；空表示不限", examples=["civil"])
    mode: DutyMode = Field(default=DutyMode.LIVE, description="值守方式")
    note: Note = Field(default="", description="备注")

    def wish(self) -> Wish:
        """As a value."""
        lawyer = None if self.mode is DutyMode.VOICEMAIL else self.lawyer
        span = clock_span(self.day, clock(self.begins), clock(self.ends))
        return Wish(span=span, lawyer=lawyer, group=self.group, mode=self.mode, note=self.note)


class ShiftEdit(ShiftWish):
    """修改后的班次"""

    version: Id = Field(description="修改所依据的版本")
    reason: Note = Field(default="", description="修改已经开始的班次时必填")


class ShiftCancel(Sent):
    """取消班次"""

    version: Id
    reason: Reason


class ShiftBody(Shown):
    """班次"""

    id: int
    begins_at: datetime
    ends_at: datetime
    lawyer: str | None = Field(description="账号标识；空缺时为空")
    lawyer_name: str
    work_number: str
    firm: int | None
    firm_name: str
    group: str
    mode: DutyMode
    note: str
    pattern: int | None
    pattern_name: str
    cancelled: bool
    version: int

    @classmethod
    def of(cls, row: ShiftRow) -> ShiftBody:
        """As it is shown."""
        return cls.model_validate(row)


class ShiftList(Shown):
    """班次列表"""

    items: list[ShiftBody]


class ShiftChangeBody(Shown):
    """班次的一次变动"""

    at: datetime
    actor: str = Field(description="工号")
    what: str = Field(examples=["changed"])
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    reason: str

    @classmethod
    def of(cls, change: ShiftChange) -> ShiftChangeBody:
        """As it is shown."""
        return cls.model_validate(change)


class ShiftHistory(Shown):
    """班次的变动，按先后"""

    items: list[ShiftChangeBody]


class Colleague(Shown):
    """可以换班的同事"""

    account: str
    work_number: str
    name: str
    firm_name: str


class ColleagueList(Shown):
    """可以换班的同事"""

    items: list[Colleague]


class DutyBody(Shown):
    """当前值守方式"""

    mode: DutyMode
    lawyers: list[str] = Field(description="当班律师的账号标识")
    until: datetime | None = Field(description="下一次变化的时刻；两日内不变时为空")

    @classmethod
    def of(cls, duty: Duty) -> DutyBody:
        """As it is shown."""
        return cls(mode=duty.mode, lawyers=list(duty.lawyers), until=duty.until)


class SwapAsk(Sent):
    """换班或替班申请"""

    shift: Id = Field(description="要让出的班次")
    asked_of: Code = Field(description="接班律师的账号标识")
    other_shift: Id | None = Field(default=None, description="对方让出的班次；替班时为空")
    reason: Note = Field(default="", description="原因")


class SwapAnswer(Sent):
    """对申请的答复"""

    step: Literal["agree", "decline", "withdraw"] = Field(description="agree 同意 · decline 不同意 · withdraw 撤回")


class SwapDecision(Sent):
    """对申请的审批"""

    step: Literal["approve", "refuse"] = Field(description="approve 批准 · refuse 不批准")
    reason: Note = Field(default="", description="意见")


class SwapShift(Shown):
    """申请涉及的班次"""

    id: int
    begins_at: datetime
    ends_at: datetime
    group: str


class SwapBody(Shown):
    """换班申请"""

    id: int
    state: SwapState
    shift: SwapShift
    other_shift: SwapShift | None = Field(description="替班时为空")
    asked_by: str
    asked_by_name: str
    asked_of: str
    asked_of_name: str
    reason: str
    asked_at: datetime
    answered_at: datetime | None
    decided_at: datetime | None
    decided_by: str
    decision: str

    @classmethod
    def of(cls, row: SwapRow) -> SwapBody:
        """As it is shown."""
        return cls.model_validate(msgspec.to_builtins(row, builtin_types=(datetime,)))


class SwapList(Shown):
    """换班申请，未办结的在前"""

    items: list[SwapBody]
