"""Bodies about how well units handle what they are sent (考核)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from hotline.api.schemas.common import Shown


class UnitFiguresBody(Shown):
    """一个承办单位的指标"""

    unit: str
    unit_name: str
    dispatched: int = Field(description="派单量")
    returned: int = Field(description="退单量")
    replied: int = Field(description="反馈量")
    due: int = Field(description="到期的签收、办理期限")
    overdue: int = Field(description="其中逾期")
    in_time_rate: float | None = Field(description="按时率 =（到期－逾期）÷ 到期")
    followed_up: int = Field(description="回访量：作出评价的")
    satisfied: int
    fair: int
    dissatisfied: int
    not_reached: int = Field(description="未联系上或不愿评价")
    satisfaction: float | None = Field(description="满意率 =（满意＋基本满意）÷ 回访量")


class HandlingFiguresBody(Shown):
    """一段时间的考核指标"""

    first: date
    last: date
    units: list[UnitFiguresBody]
    together: UnitFiguresBody
    to_follow_up: int = Field(description="现在待回访的工单")
    to_follow_up_overdue: int
