"""Bodies of signing in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Sent, Shown, choices
from hotline.people.permissions import Role
from seats.seat import SeatState


class SignIn(Sent):
    """登录"""

    hall: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(examples=["demo"])
    work_number: Annotated[str, StringConstraints(min_length=1, max_length=32)] = Field(
        description="工号", examples=["1001"]
    )
    password: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class PasswordChange(Sent):
    """修改密码"""

    old: Annotated[str, StringConstraints(min_length=1, max_length=1024)]
    new: Annotated[str, StringConstraints(min_length=1, max_length=1024)]


class NextState(Shown):
    """通话后的状态"""

    state: str
    reason: str


class SeatBody(Shown):
    """坐席"""

    number: str
    extension: str
    groups: list[str]
    state: str = Field(json_schema_extra=choices(*SeatState))
    since: datetime
    reason: str
    actor: str
    operator: str | None
    work_number: str
    operator_name: str
    phone_kind: str
    call: str | None
    offer: str | None
    part: str = Field(
        description="在通话中的角色：main 接待 · consulted 被咨询 · joined 三方 · listening、whispering、barging 班长"
    )
    next_state: NextState | None
    here: bool
    wrap_until: datetime | None
    taken: int
    break_asked: str | None = Field(description="等待批准的小休原因")


class Me(Shown):
    """当前登录的账号"""

    account: str
    work_number: str
    name: str
    role: Role
    hall: str
    hall_label: str
    groups: list[str]
    unit: str = Field(description="承办人所属机构的编码；大厅的账号为空")
    unit_name: str
    must_change_password: bool
    permissions: list[str] = Field(description="允许的操作", examples=[["seat.use", "ticket.write"]])
    seat: SeatBody | None = Field(description="账号当前签入的坐席")
    mobile: str = Field(description="值班手机，已脱敏；未登记时为空", examples=["138****8000"])
