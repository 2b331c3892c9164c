"""Bodies about what makes shifts: patterns, requirements, calendar, import; and the settlement sheet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from hotline.api.schemas.common import Code, Sent, Shown
from hotline.api.schemas.rosters import Clock, Day, Group, Id, Label, Note, clock
from hotline.rosters.calendar import DayKind, Source, SpecialDay
from hotline.rosters.coverage import Gap, Requirement
from hotline.rosters.importing import Judged, RowFate
from hotline.rosters.pattern import Draft, Fate, Pattern, Rotation
from hotline.rosters.plans import PatternRow
from hotline.rosters.shift import DutyMode

Kinds = Annotated[list[DayKind], Field(min_length=1, max_length=3)]
Weekdays = Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(max_length=7)]


class PatternWish(Sent):
    """排班模板"""

    name: Label = Field(examples=["夜班"])
    days: Kinds = Field(description="适用日：workday 工作日 · weekend 周末 · holiday 节假日")
    weekdays: Weekdays = Field(default=[], description="限于星期几（1 为星期一）；空表示不限")
    begins: Clock = Field(examples=["20:00"])
    ends: Clock = Field(description="不晚于开始时间的，为次日", examples=["08:00"])
    group: Group = ""
    mode: DutyMode = DutyMode.LIVE
    places: Annotated[int, Field(ge=1, le=100)] = Field(default=1, description="同时值班人数")
    rotation: Rotation = Field(default=Rotation.FIXED, description="fixed 固定 · daily 逐班轮换 · weekly 按周轮换")
    lawyers: Annotated[list[Code], Field(max_length=200)] = Field(default=[], description="轮值顺序（账号标识）")
    anchor: Day = Field(description="轮换从这一天的第一名开始")
    active: bool = True

    def pattern(self, number: int = 0) -> Pattern:
        """As a value."""
        return Pattern(
            id=number,
            name=self.name,
            days=tuple(dict.fromkeys(self.days)),
            weekdays=tuple(sorted(set(self.weekdays))),
            begins=clock(self.begins),
            ends=clock(self.ends),
            group=self.group,
            mode=self.mode,
            places=self.places,
            rotation=self.rotation,
            lawyers=tuple(dict.fromkeys(self.lawyers)),
            anchor=self.anchor,
        )


class PatternEdit(PatternWish):
    """修改后的排班模板"""

    version: Id


class PatternBody(Shown):
    """排班模板"""

    id: int
    name: str
    days: list[DayKind]
    weekdays: list[int]
    begins: str = Field(examples=["20:00"])
    ends: str = Field(examples=["08:00"])
    group: str
    mode: DutyMode
    places: int
    rotation: Rotation
    lawyers: list[str]
    anchor: date
    active: bool
    version: int

    @classmethod
    def of(cls, row: PatternRow) -> PatternBody:
        """As it is shown."""
        made = row.pattern
        return cls(
            id=made.id,
            name=made.name,
            days=list(made.days),
            weekdays=list(made.weekdays),
            begins=f"{made.begins:%H:%M}",
            ends=f"{made.ends:%H:%M}",
            group=made.group,
            mode=made.mode,
            places=made.places,
            rotation=made.rotation,
            lawyers=list(made.lawyers),
            anchor=made.anchor,
            active=row.active,
            version=row.version,
        )


class PatternList(Shown):
    """排班模板，使用中的在前"""

    items: list[PatternBody]


class GenerateWish(Sent):
    """按模板生成一段时间的班次"""

    first: Day = Field(alias="from", description="起始日期（含）")
    last: Day = Field(alias="to", description="截止日期（含）")
    patterns: Annotated[list[Id], Field(max_length=100)] = Field(default=[], description="模板；空表示全部使用中的")
    dry_run: bool = Field(default=True, description="只试算，不写入")


class DraftBody(Shown):
    """模板产生的一个班次"""

    pattern: int
    pattern_name: str
    place: int
    begins_at: datetime
    ends_at: datetime
    lawyer: str | None
    group: str
    mode: DutyMode
    fate: Fate = Field(description="made 新增 · open 新增为空缺 · kept 已存在 · past 已过")
    why: str = Field(description="为何空缺")

    @classmethod
    def of(cls, draft: Draft) -> DraftBody:
        """As it is shown."""
        planned = draft.planned
        return cls(
            pattern=planned.pattern,
            pattern_name=planned.name,
            place=planned.place,
            begins_at=planned.span.begins_at,
            ends_at=planned.span.ends_at,
            lawyer=planned.lawyer,
            group=planned.group,
            mode=planned.mode,
            fate=draft.fate,
            why=draft.why,
        )


class Generated(Shown):
    """生成的结果"""

    dry_run: bool
    items: list[DraftBody]
    counts: dict[str, int] = Field(examples=[{"made": 28, "open": 2, "kept": 0, "past": 0}])


class RequirementBody(Sent):
    """某类日子某段时间需要的律师人数"""

    days: Kinds
    weekdays: Weekdays = Field(default=[])
    begins: Clock = Field(examples=["09:00"])
    ends: Clock = Field(examples=["18:00"])
    group: Group = Field(default="", description="技能组；空表示全大厅")
    lawyers: Annotated[int, Field(ge=1, le=500)]

    def requirement(self) -> Requirement:
        """As a value."""
        return Requirement(
            days=tuple(dict.fromkeys(self.days)),
            weekdays=tuple(sorted(set(self.weekdays))),
            begins=clock(self.begins),
            ends=clock(self.ends),
            group=self.group,
            lawyers=self.lawyers,
        )

    @classmethod
    def of(cls, wanted: Requirement) -> RequirementBody:
        """As it is shown."""
        return cls(
            days=list(wanted.days),
            weekdays=list(wanted.weekdays),
            begins=f"{wanted.begins:%H:%M}",
            ends=f"{wanted.ends:%H:%M}",
            group=wanted.group,
            lawyers=wanted.lawyers,
        )


class RequirementList(Sent):
    """全部人数要求"""

    items: Annotated[list[RequirementBody], Field(max_length=200)]


class GapBody(Shown):
    """缺口"""

    begins_at: datetime
    ends_at: datetime
    group: str
    required: int
    planned: int
    missing: int

    @classmethod
    def of(cls, gap: Gap) -> GapBody:
        """As it is shown."""
        return cls.model_validate(gap)


class GapList(Shown):
    """缺口，按时间"""

    items: list[GapBody]
    has_requirements: bool = Field(description="是否设置过人数要求；没有设置就没有缺口")


class DayBody(Shown):
    """一天"""

    day: date
    kind: DayKind
    label: str
    source: Source = Field(description="site 本站录入 · published 国务院办公厅通知 · weekday 该年安排未知，按星期")


class CalendarBody(Shown):
    """一年的日历"""

    year: int
    known: bool = Field(description="该年的放假安排是否已知")
    special: list[DayBody] = Field(description="与星期不同的日子")
    own: list[DayBody] = Field(description="本站录入的日子")


class SpecialDayWish(Sent):
    """本站录入的一天"""

    day: Day
    kind: DayKind
    label: Note = ""

    def special(self) -> SpecialDay:
        """As a value."""
        return SpecialDay(day=self.day, kind=self.kind, label=self.label)


class CalendarWish(Sent):
    """本站对一年的全部录入"""

    days: Annotated[list[SpecialDayWish], Field(max_length=366)]


class ImportWish(Sent):
    """导入班表"""

    file: Annotated[str, Field(max_length=250_000)] = Field(description="Excel 文件（.xlsx）的 Base64 编码")
    dry_run: bool = Field(default=True, description="只试算，不写入")


class ImportRow(Shown):
    """班表的一行"""

    row: int
    begins_at: datetime | None
    ends_at: datetime | None
    work_number: str
    name: str
    group: str
    mode: DutyMode
    note: str
    fate: RowFate = Field(description="made 可导入 · kept 已有 · wrong 有误")
    whys: list[str] = Field(description="有误的原因")

    @classmethod
    def of(cls, judged: Judged) -> ImportRow:
        """As it is shown."""
        row = judged.row
        return cls(
            row=row.row,
            begins_at=judged.span.begins_at if judged.span else None,
            ends_at=judged.span.ends_at if judged.span else None,
            work_number=row.work_number,
            name=judged.name or row.name,
            group=row.group,
            mode=row.mode,
            note=row.note,
            fate=judged.fate,
            whys=list(judged.whys),
        )


class Imported(Shown):
    """导入的结果"""

    dry_run: bool
    items: list[ImportRow]
    counts: dict[str, int] = Field(examples=[{"made": 40, "kept": 0, "wrong": 2}])


class SettlementFigures(Shown):
    """结算数字；时长以秒计"""

    shifts: int
    missed: int
    shift_seconds: int
    duty_seconds: int
    live_seconds: int
    mobile_seconds: int
    adherence: float | None = Field(description="遵守率")
    answered: int
    off_duty_answered: int
    called_back: int
    talk_seconds: int


class SettlementLawyer(SettlementFigures):
    """一名律师的结算"""

    lawyer: str
    name: str
    work_number: str
    employment: str


class SettlementFirm(Shown):
    """一家律所的结算"""

    firm: int | None
    name: str
    lawyers: list[SettlementLawyer]
    sum: SettlementFigures


class SettlementBody(Shown):
    """一个月的结算单"""

    hall: str
    month: str = Field(examples=["2026-11"])
    state: str = Field(description="final 本月已结束 · provisional 暂计")
    until: datetime
    firms: list[SettlementFirm]
    sum: SettlementFigures
    formulas: dict[str, str] = Field(description="各项口径")


def counted(fates: list[Any], kinds: type[Fate] | type[RowFate]) -> dict[str, int]:
    """How many of each."""
    return {each.value: fates.count(each) for each in kinds}
