"""Bodies about one search over everything, saved views, and exports."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from hotline.api.schemas.calls import CallRow
from hotline.api.schemas.common import Code, Reason, Sent, Shown
from hotline.api.schemas.knowledge import ItemRow
from hotline.api.schemas.tickets import TicketRow
from hotline.calls.outcome import Outcome
from hotline.finding.table_file import Format
from hotline.finding.views import List, View
from hotline.tickets.ticket import TicketState

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=60, pattern=r"^[^\x00-\x1f]*$")]


class Found(Shown):
    """各处找到的，每处最多 8 条；没有权限的部分为空"""

    by_number: bool = Field(description="按号码查找；记入审计")
    tickets: list[TicketRow]
    calls: list[CallRow]
    knowledge: list[ItemRow]


class ViewFilter(Sent):
    """筛选条件。不保存号码，也不保存具体日期，只保存最近的天数"""

    days: Annotated[int, Field(ge=1, le=366)] | None = Field(default=None, description="最近几天，含今天")
    state: TicketState | None = Field(default=None, description="工单状态")
    category: Code | None = Field(default=None, description="咨询类别")
    operator: Code | None = Field(default=None, description="账号标识")
    q: Line | None = Field(default=None, description="文字")
    outcome: Outcome | None = Field(default=None, description="通话结果")
    queue: Code | None = None
    seat: Code | None = None
    adapter: Code | None = None


class NewView(Sent):
    """新的常用筛选"""

    list: List = Field(description="tickets 工单 · calls 通话")
    name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=30, pattern=r"^[^\x00-\x1f]+$")
    ]
    filter: ViewFilter
    shared: bool = Field(default=False, description="本大厅都能看到；仅限班长")

    @model_validator(mode="after")
    def _something(self) -> NewView:
        if not self.filter.model_dump(exclude_none=True):
            raise ValueError("empty")
        return self


class ViewBody(Shown):
    """常用筛选"""

    id: int
    list: List
    name: str
    filter: dict[str, Any]
    shared: bool
    own: bool
    by: str

    @classmethod
    def of(cls, view: View) -> ViewBody:
        """As it is shown."""
        return cls.model_validate(view)


class ViewList(Shown):
    """自己的在前，然后是共享的"""

    items: list[ViewBody]


class _Export(Sent):
    reason: Reason = Field(description="导出的原因，记入审计", examples=["十一月业务分析"])
    format: Format = Field(default=Format.XLSX, description="xlsx · csv")
    first: date | None = Field(default=None, alias="from", description="起始日期（含）")
    last: date | None = Field(default=None, alias="to", description="截止日期（含）")
    operator: Code | None = Field(default=None, description="账号标识")
    number: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        default=None, description="完整的来电号码；审计中只记掩码"
    )


class TicketExport(_Export):
    """导出工单列表，条件与查询相同"""

    state: TicketState | None = None
    category: Code | None = None
    q: Annotated[str, StringConstraints(max_length=200)] | None = None


class CallExport(_Export):
    """导出通话列表，条件与查询相同"""

    outcome: Outcome | None = None
    queue: Code | None = None
    seat: Code | None = None
    adapter: Code | None = None
    their_id: Annotated[str, StringConstraints(max_length=128, pattern=r"^[^\x00]*$")] | None = None
