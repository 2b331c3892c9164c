"""Bodies about the people of offices, village legal advisers and their ledger, experts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Reason, Sent, Shown
from hotline.api.schemas.directory import (
    DutyPerson,
    Long,
    Note,
    PersonName,
    Short,
    Telephone,
    UnitCode,
    WeekHours,
    duty,
    hours_of,
)
from hotline.api.schemas.rosters import Day, Id
from hotline.directory.advisers import Line
from hotline.directory.kinds import MAX_FIELDS, MAX_SHORT, MAX_VILLAGES, ExpertLevel
from hotline.directory.ledger import Account, PeriodState, Reading, Service
from hotline.directory.people import Adviser, Expert

Licence = Annotated[str, StringConstraints(pattern=r"^([0-9]{14,17})?$")]
Field_ = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SHORT, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class PersonWish(Sent):
    """机构的人员"""

    name: PersonName = Field(examples=["李主任"])
    post: Short = Field(default="", description="岗位", examples=["值班律师"])
    telephone: Telephone = Field(default="", description="办公电话")
    hours: WeekHours | None = Field(default=None, description="值班时间；空表示未知")
    public: bool = Field(default=False, description="在公开页面上显示")
    note: Note = ""

    def values(self, unit: str) -> dict[str, Any]:
        """As they are stored. Raises `DirectoryRefused(invalid_input)`."""
        return {**self.model_dump(exclude={"hours", "version", "ended"}), "unit": unit, "hours": hours_of(self.hours)}


class PersonEdit(PersonWish):
    """修改后的人员"""

    version: Id = Field(description="修改所依据的版本")
    unit: UnitCode = Field(description="所在机构的编码")
    ended: bool = Field(default=False, description="已离任")


class AdviserWish(Sent):
    """村居法律顾问"""

    name: PersonName = Field(examples=["陈律师"])
    firm: Long = Field(default="", description="执业机构")
    licence_number: Licence = Field(default="", description="执业证号，14 至 17 位数字")
    telephone: Telephone = ""
    # Six and more are let in as far as the rule that refuses them with its own reason.
    villages: Annotated[list[UnitCode], Field(max_length=4 * MAX_VILLAGES)] = Field(
        default=[], description="服务的村居工作室的编码，最多 5 个"
    )
    hours: WeekHours | None = Field(default=None, description="值班时间；空表示未知")
    public: bool = False
    note: Note = ""

    def values(self) -> dict[str, Any]:
        """As they are stored. Raises `DirectoryRefused(invalid_input)`."""
        own = {"villages": list(dict.fromkeys(self.villages)), "hours": hours_of(self.hours)}
        return {**self.model_dump(exclude={"hours", "version", "ended"}), **own}


class AdviserEdit(AdviserWish):
    """修改后的村居法律顾问"""

    version: Id
    ended: bool = Field(default=False, description="已卸任")


class AccountBody(Shown):
    """一个月的服务时间，或一个季度的讲座"""

    first: date
    last: date
    done: float = Field(description="小时数，或讲座次数")
    wanted: float
    state: PeriodState = Field(description="met 已完成 · behind 未完成 · running 进行中 · not_counted 不满期，不考核")

    @classmethod
    def of(cls, account: Account) -> AccountBody:
        """As it is shown."""
        return cls(
            first=account.first,
            last=account.last,
            done=float(account.done),
            wanted=float(account.wanted),
            state=account.state,
        )


class ReadingBody(Shown):
    """履职情况：每月不少于 4 小时，每季度不少于 1 次讲座"""

    month: AccountBody
    last_month: AccountBody
    quarter: AccountBody
    last_quarter: AccountBody
    behind: list[str] = Field(description="未按期完成的，文字说明", examples=[["2026-10 服务 2 小时，差 2 小时"]])

    @classmethod
    def of(cls, reading: Reading) -> ReadingBody:
        """As it is shown."""
        names = ("month", "last_month", "quarter", "last_quarter")
        return cls(**{name: AccountBody.of(getattr(reading, name)) for name in names}, behind=reading.behind)


class AdviserBody(DutyPerson):
    """村居法律顾问"""

    firm: str
    licence_number: str
    villages: list[str]
    reading: ReadingBody
    valid_from: datetime
    ended: bool

    @classmethod
    def of(cls, adviser: Adviser, reading: Reading) -> AdviserBody:
        """As it is shown."""
        known: dict[str, Any] = {**duty(adviser.hours, adviser, cls), "villages": list(adviser.villages)}
        return cls(**known, reading=ReadingBody.of(reading), ended=adviser.valid_to is not None)


class AdviserList(Shown):
    """村居法律顾问，按姓名"""

    items: list[AdviserBody]


class LedgerNote(Sent):
    """台账的一条"""

    day: Day
    kind: Service = Field(description="duty 值班服务 · mediation 参与调解 · lecture 法治讲座")
    hours: Annotated[Decimal, Field(gt=0, le=24, decimal_places=1)] = Field(description="小时", examples=[2])
    village: UnitCode | None = Field(default=None, description="村居工作室的编码")
    note: Note = ""


class LedgerStrike(Sent):
    """作废台账的一条"""

    reason: Reason


class LedgerLine(Shown):
    """台账的一条"""

    id: int
    day: date
    kind: Service
    hours: float
    village: str
    note: str
    noted_at: datetime
    noted_by: str = Field(description="工号")
    struck_at: datetime | None = Field(description="作废的时刻；有效时为空")
    struck_by: str | None
    struck_reason: str


class Ledger(Shown):
    """一名顾问的台账，最近的在前"""

    items: list[LedgerLine]

    @classmethod
    def of(cls, lines: list[Line]) -> Ledger:
        """As it is shown."""
        return cls(items=[LedgerLine.model_validate(each) for each in lines])


class ExpertWish(Sent):
    """专家"""

    name: PersonName = Field(examples=["周教授"])
    title: Short = Field(default="", description="职称")
    fields: Annotated[list[Field_], Field(min_length=1, max_length=MAX_FIELDS)] = Field(examples=[["医疗纠纷"]])
    level: ExpertLevel = Field(description="national 国家级 · province 省级 · city 市级 · county 县区级")
    unit: UnitCode | None = Field(default=None, description="所属机构的编码")
    workplace: Long = Field(default="", description="工作单位")
    telephone: Telephone = ""
    public: bool = False
    note: Note = ""

    def values(self) -> dict[str, Any]:
        """As they are stored."""
        own = {"fields": list(dict.fromkeys(self.fields)), "level": self.level.value}
        return {**self.model_dump(exclude={"version", "ended"}), **own}


class ExpertEdit(ExpertWish):
    """修改后的专家"""

    version: Id
    ended: bool = Field(default=False, description="已退出专家库")


class ExpertBody(Shown):
    """专家"""

    id: int
    name: str
    title: str
    fields: list[str]
    level: ExpertLevel
    unit: str | None
    workplace: str
    telephone: str
    public: bool
    note: str
    ended: bool
    version: int

    @classmethod
    def of(cls, expert: Expert) -> ExpertBody:
        """As it is shown."""
        known = {name: getattr(expert, name) for name in cls.model_fields if name not in ("ended", "fields")}
        return cls(**known, fields=list(expert.fields), ended=expert.valid_to is not None)


class ExpertList(Shown):
    """专家库，按姓名"""

    items: list[ExpertBody]
