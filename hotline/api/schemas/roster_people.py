"""Bodies about law firms and lawyers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Sent, Shown
from hotline.api.schemas.rosters import Day, Id, Label, Note
from hotline.rosters import people
from hotline.rosters.licence import Licence
from hotline.rosters.people import Employment

LicenceNumber = Annotated[str, StringConstraints(pattern=r"^([0-9]{17})?$")]
Mobile = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NewFirm(Sent):
    """新律所"""

    name: Label = Field(examples=["示例律师事务所"])


class FirmChange(Sent):
    """要修改的项目；不写的不变"""

    name: Label | None = None
    closed: bool | None = Field(default=None, description="不再派出律师")


class FirmBody(Shown):
    """律所"""

    id: int
    name: str
    closed: bool
    lawyers: int = Field(description="登记的律师人数")


class FirmList(Shown):
    """律所列表"""

    items: list[FirmBody]


class LawyerWish(Sent):
    """律师资料"""

    version: Id | None = Field(default=None, description="修改所依据的版本；新登记时为空")
    firm: Id | None = Field(default=None, description="律所")
    employment: Employment = Field(description="full_time 专职 · part_time 兼职")
    licence_number: LicenceNumber = Field(default="", description="执业证号，17 位数字", examples=["13301201810123456"])
    licence_until: Day | None = Field(default=None, description="执业证有效期至（含）")
    suspended_from: Day | None = Field(default=None, description="暂停值班自（含）；不暂停时为空")
    suspended_until: Day | None = Field(default=None, description="暂停至（含）；空表示未定")
    suspended_reason: Note = Field(default="", description="暂停原因，暂停时必填")
    mobile: Mobile | None = Field(
        default=None, description="夜间转接的手机号；不写或与显示的脱敏号相同则不变，空则删除", examples=["13800138000"]
    )

    def profile(self) -> people.Profile:
        """As a value."""
        licence = Licence(
            number=self.licence_number,
            valid_until=self.licence_until,
            suspended_from=self.suspended_from,
            suspended_until=self.suspended_until,
            suspended_reason=self.suspended_reason,
        )
        return people.Profile(firm=self.firm, employment=self.employment, licence=licence, mobile=self.mobile)


class LawyerBody(Shown):
    """律师"""

    account: str
    work_number: str
    name: str
    disabled: bool
    firm: int | None
    firm_name: str
    employment: Employment
    licence_number: str
    licence_until: date | None
    suspended_from: date | None
    suspended_until: date | None
    suspended_reason: str
    mobile: str = Field(description="已脱敏")
    training_hours: float
    version: int

    @classmethod
    def of(cls, lawyer: people.Lawyer) -> LawyerBody:
        """As it is shown."""
        licence = lawyer.licence
        return cls(
            account=lawyer.account,
            work_number=lawyer.work_number,
            name=lawyer.name,
            disabled=lawyer.disabled,
            firm=lawyer.firm,
            firm_name=lawyer.firm_name,
            employment=lawyer.employment,
            licence_number=licence.number,
            licence_until=licence.valid_until,
            suspended_from=licence.suspended_from,
            suspended_until=licence.suspended_until,
            suspended_reason=licence.suspended_reason,
            mobile=lawyer.mobile,
            training_hours=lawyer.training_hours,
            version=lawyer.version,
        )


class LawyerList(Shown):
    """律师列表"""

    items: list[LawyerBody]


class TrainingNote(Sent):
    """一次培训"""

    day: Day
    topic: Label = Field(description="内容", examples=["话务规范"])
    hours: Annotated[Decimal, Field(gt=0, le=100, decimal_places=1)] = Field(description="学时", examples=[2])


class TrainingBody(Shown):
    """培训记录"""

    id: int
    day: date
    topic: str
    hours: float
    noted_by: str = Field(description="登记人工号")
    noted_at: datetime


class TrainingList(Shown):
    """培训记录，最近的在前"""

    items: list[TrainingBody]
