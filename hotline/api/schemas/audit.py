"""Bodies about the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from hotline.api.schemas.common import Shown


class AuditLine(Shown):
    """审计记录"""

    seq: int
    at: datetime
    account: str
    work_number: str
    name: str
    act: str = Field(examples=["reveal"])
    act_label: str = Field(examples=["查看完整号码"])
    object: str
    reason: str
    result: str
    address: str
    data: dict[str, Any]
