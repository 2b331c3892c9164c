"""Bodies about hand-overs (移交) and bridges (对接桥)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from adapters.bridge import NewsKind
from adapters.handover_package import LegalBasis, Mode
from hotline.api.schemas.common import Code, Reason, Sent, Shown, choices
from hotline.handovers.handover import HandoverState
from hotline.handovers.preparing import Wish

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NewHandover(Sent):
    """移交"""

    bridge: Code = Field(description="对接桥的名称", examples=["city"])
    mode: Mode = Field(default=Mode.TICKET_FLOW, description="联动方式")
    legal_basis: LegalBasis = Field(description="提供个人信息的依据")
    legal_note: Words = Field(default="", description="依据法定职责时，写明法律条文")
    consent: bool = Field(default=False, description="已征得来电人单独同意")
    reason: Words = Field(default="", examples=["属于政务服务事项"])
    scope_item: Words = Field(default="", description="联动事项清单中的事项代码")
    confirmed: bool = Field(default=False, description="已核对移交内容")
    name_too: bool = Field(default=True, description="一并提供来电人姓名和号码")

    def wish(self) -> Wish:
        """As `hotline.handovers` reads it."""
        return Wish(**self.model_dump(exclude={"bridge"}))


class WhyBody(Sent):
    """原因"""

    reason: Reason


class ArrivedBody(Sent):
    """核实：对方已收到"""

    their_no: Words = Field(default="", description="对方的编号")
    reason: Reason = Field(examples=["电话核实，对方已登记"])


class ToldBody(Sent):
    """对方的答复"""

    kind: NewsKind
    text: Told = Field(examples=["对方电话告知已受理"])
    their_no: Words = Field(default="", description="对方的编号")


class HandoverRow(Shown):
    """一次移交"""

    id: int
    ticket: str
    bridge: str
    key: str
    state: str = Field(json_schema_extra=choices(*HandoverState))
    mode: str
    legal_basis: str
    urgency: str
    reason: str
    created_at: datetime
    created_by: str
    tries: int
    next_at: datetime | None
    last_error: str
    their_no: str = Field(description="对方的编号")
    ledger_no: str
    sent_at: datetime | None
    accepted_at: datetime | None
    returned_at: datetime | None
    return_reason: str
    done_at: datetime | None
    result: str


class HandoverEventBody(Shown):
    """移交过程中的一步"""

    at: datetime
    actor: str
    what: str
    state: str
    text: str


class HandoverBody(HandoverRow):
    """一次移交及其过程"""

    events: list[HandoverEventBody]


class MissingBody(Shown):
    """对方还需要的一项"""

    field: str
    why: str


class AlongBody(Shown):
    """会提供给对方的一项来电人信息"""

    field: str
    text: str = Field(description="号码已脱敏")


class CheckedBody(Shown):
    """能否移交"""

    missing: list[MissingBody]
    along: list[AlongBody]


class HandoverCounts(Shown):
    """移交的数量"""

    in_doubt: int
    failed: int
    returned: int = Field(description="已退回，工单仍在本厅")
    undecided: int = Field(description="送达超过 24 小时，对方未答复是否受理")
    on_the_way: int
    theirs: int


class BridgeBody(Shown):
    """一座对接桥"""

    name: str
    kind: str
    label: str
    abilities: list[str]
    dials: str
    contact: str | None = Field(description="转接号码对应的外部号码；没有登记的不能转接")
    waiting: int = Field(description="尚未送达的移交")
    last_sent_at: datetime | None = Field(description="最近一次送达")
    failures: int = Field(description="连续失败的次数")
    resting_until: datetime | None
    why: str = Field(description="最近一次失败的原因")
