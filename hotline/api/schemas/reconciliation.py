"""Bodies about the nightly comparison (对账)."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from hotline.api.schemas.common import Shown, choices
from hotline.handovers.comparing import Why


class DifferenceRow(Shown):
    """双方清单中的一处不一致"""

    id: int
    bridge: str = Field(description="对接桥的名称", examples=["city"])
    day: date
    number: str = Field(description="移交标识；我方没有的，为对方编号")
    why: str = Field(json_schema_extra=choices(*Why))
    ours: str = Field(description="我方的状态或编号")
    theirs: str = Field(description="对方的状态或编号")
    found_at: datetime
    settled_at: datetime | None
    settled_by: str = Field(description="处理人；system：再次对账已一致")
    reason: str
    handover: int | None = Field(description="我方的移交标识")
    ticket: str | None = Field(description="工单编号")


class ComparisonRow(Shown):
    """一天的对账"""

    bridge: str = Field(description="对接桥的名称", examples=["city"])
    day: date
    tried_at: datetime
    made_at: datetime | None = Field(description="空：还没有取到对方的清单")
    ours: int = Field(description="我方件数")
    theirs: int = Field(description="对方件数")
    found: int = Field(description="不一致的件数")
    error: str = Field(description="取不到清单的原因")
