"""Bodies about accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Sent, Shown
from hotline.people import accounts
from hotline.people.permissions import Role

Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Unit = Annotated[str, StringConstraints(max_length=64)]
Groups = Annotated[list[Annotated[str, StringConstraints(max_length=64)]], Field(max_length=accounts.MAX_GROUPS)]


class NewAccount(Sent):
    """新账号"""

    work_number: Annotated[str, StringConstraints(min_length=1, max_length=32)] = Field(
        description="工号：1 到 12 位数字", examples=["1007"]
    )
    name: Name = Field(examples=["李律师"])
    role: Role
    groups: Groups = Field(default=[], description="技能组", examples=[["civil", "labour"]])
    unit: Unit = Field(default="", description="承办人所属机构的编码；其他角色为空", examples=[""])


class AccountChange(Sent):
    """要修改的项目；不写的不变"""

    name: Name | None = None
    role: Role | None = None
    groups: Groups | None = None
    unit: Unit | None = None
    disabled: bool | None = None


class AccountBody(Shown):
    """账号"""

    account: str
    work_number: str
    name: str
    role: Role
    groups: list[str]
    unit: str
    disabled: bool
    must_change_password: bool
    created_at: datetime

    @classmethod
    def of(cls, account: accounts.Account) -> AccountBody:
        """As it is shown."""
        return cls(
            account=account.id,
            work_number=account.work_number,
            name=account.name,
            role=account.role,
            groups=list(account.groups),
            unit=account.unit,
            disabled=account.disabled_at is not None,
            must_change_password=account.must_change,
            created_at=account.created_at,
        )


class AccountList(Shown):
    """账号列表"""

    items: list[AccountBody]


class Created(Shown):
    """新账号及初始密码；初始密码只显示一次"""

    account: AccountBody
    initial_password: str


class InitialPassword(Shown):
    """新的初始密码，只显示一次"""

    initial_password: str
