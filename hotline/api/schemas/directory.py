"""Bodies about offices: opening hours, the tree, an office with what belongs to it, who serves, the history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Reason, Sent, Shown
from hotline.api.schemas.rosters import Id
from hotline.directory import area, hours
from hotline.directory.area import AreaLevel
from hotline.directory.errors import wrong
from hotline.directory.hours import MAX_PERIODS, Hours, OpenState, of_plain, standing, to_plain, told
from hotline.directory.kinds import CODE, MAX_ADDRESS, MAX_NAME, MAX_NOTE, MAX_SHORT, TELEPHONE, Thing, UnitKind
from hotline.directory.people import Adviser, Person
from hotline.directory.reading import ChangeLine
from hotline.directory.serving import Offer
from hotline.directory.tree import Node
from hotline.directory.unit import Unit
from hotline.rosters.calendar import DayKind
from hotline.tickets.matter import Matter

_LINE = r"^[^\x00-\x1f\x7f]*$"
UnitCode = Annotated[str, StringConstraints(pattern=f"^{CODE}$")]
AreaCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$")]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")
]
PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_SHORT, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Short = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_SHORT, pattern=_LINE)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NAME, pattern=_LINE)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_NOTE, pattern=_LINE)]
Telephone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=f"^{TELEPHONE}$")]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]


class DayHours(Sent):
    """一天的时间"""

    periods: Annotated[
        list[Annotated[list[Clock], Field(min_length=2, max_length=2)]], Field(max_length=MAX_PERIODS)
    ] = Field(default=[], description="各时间段的起止，按先后；空表示休息", examples=[[["09:00", "12:00"]]])
    appointment: bool = Field(default=False, description="须预约；没有时间段时表示随时可约")


class WeekHours(Sent):
    """一周的时间，从周一起"""

    week: Annotated[list[DayHours], Field(min_length=7, max_length=7)]
    holiday: DayHours = Field(default=DayHours(), description="法定节假日；调休上班的周末按周一")


def hours_of(body: WeekHours | None) -> dict[str, Any] | None:
    """As it is stored. Raises `DirectoryRefused(invalid_input)`."""
    found = of_plain(body.model_dump()) if body is not None else None
    if found is not None and (faults := hours.faults(found)):
        raise wrong("hours", faults[0])
    return to_plain(found)


def area_of(code: str) -> str:
    """The short form. Raises `DirectoryRefused(invalid_input)`."""
    if (found := area.plain(code)) is None:
        raise wrong("area", "不是有效的区划代码。")
    return found


class UnitWish(Sent):
    """机构的内容"""

    kind: UnitKind = Field(description="类别")
    name: Name = Field(examples=["凯旋街道公共法律服务站"])
    parent: UnitCode | None = Field(default=None, description="上级机构的编码")
    area: AreaCode = Field(description="服务区域的区划代码，末尾的零可写可不写", examples=["330106008"])
    area_name: Short = Field(default="", examples=["凯旋街道"])
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_ADDRESS, pattern=_LINE)] = ""
    telephone: Telephone = Field(default="", examples=["0571-12345678"])
    hours: WeekHours | None = Field(default=None, description="开放时间；空表示未知")
    services: Annotated[list[Matter], Field(max_length=len(Matter))] = Field(default=[], description="办理的业务类型")
    services_note: Note = Field(default="", description="业务说明")
    public: bool = Field(default=True, description="在公开页面上显示")

    def values(self) -> dict[str, Any]:
        """As they are stored. Raises `DirectoryRefused(invalid_input)`."""
        return {
            **self.model_dump(
                include={"name", "parent", "area_name", "address", "telephone", "services_note", "public"}
            ),
            "kind": self.kind.value,
            "area": area_of(self.area),
            "hours": hours_of(self.hours),
            "services": [each.value for each in Matter if each in self.services],
        }


class NewUnit(UnitWish):
    """新机构"""

    code: UnitCode = Field(description="本地自定，一经使用不再改变", examples=["330106008-01"])


class UnitEdit(UnitWish):
    """修改后的机构"""

    version: Id = Field(description="修改所依据的版本")


class UnitTurn(Sent):
    """撤销或恢复机构"""

    version: Id
    reason: Reason


class StandingBody(Shown):
    """此刻是否开放"""

    state: OpenState = Field(description="open 开放 · appointment 须预约 · closed 已关闭 · unknown 未知")
    until: datetime | None = Field(description="状态何时变化；两周内不变或未知时为空")


class UnitBody(Shown):
    """机构"""

    code: str
    kind: UnitKind
    name: str
    parent: str | None
    area: str
    area_name: str
    address: str
    telephone: str
    hours: dict[str, Any] | None = Field(description="开放时间，格式同提交时；空表示未知")
    hours_told: list[str] = Field(description="开放时间的文字", examples=[["周一至周五 09:00-12:00 14:00-17:30"]])
    standing: StandingBody
    services: list[str] = Field(description="业务类型")
    services_note: str
    public: bool
    valid_from: datetime
    valid_to: datetime | None = Field(description="撤销的时刻；在用时为空")
    version: int

    @classmethod
    def of(cls, unit: Unit, now: datetime, kind_of: Callable[[date], DayKind]) -> UnitBody:
        """As it is shown. `kind_of`: what each day counts for."""
        known = {name: getattr(unit, name) for name in cls.model_fields if name in unit.__struct_fields__}
        stands = standing(unit.hours, now, kind_of)
        until = stands.until.astimezone(UTC) if stands.until is not None else None
        own = {"hours": to_plain(unit.hours), "hours_told": told(unit.hours), "services": list(unit.services)}
        return cls(**known | own, standing=StandingBody(state=stands.state, until=until))


class UnitPage(Shown):
    """一页机构，按区划和编码"""

    items: list[UnitBody]
    next_cursor: str | None = Field(default=None, description="下一页的标记；没有更多时为空")


class NodeBody(Shown):
    """树上的机构"""

    code: str
    name: str
    kind: UnitKind
    parent: str | None
    area: str
    area_name: str
    services: list[str]
    ended: bool

    @classmethod
    def of(cls, node: Node) -> NodeBody:
        """As it is shown."""
        known = {name: getattr(node, name) for name in cls.model_fields if name != "services"}
        return cls(**known, services=[each.value for each in Matter if each.value in node.services])


class TreeBody(Shown):
    """全部机构，上级由 parent 指明"""

    items: list[NodeBody]


class Above(Shown):
    """上级机构"""

    code: str
    name: str


class DutyPerson(Shown):
    """在机构任职的人员，或服务这个村居的法律顾问"""

    id: int
    name: str
    hours: dict[str, Any] | None
    hours_told: list[str]
    telephone: str
    public: bool
    note: str
    version: int


class PersonBody(DutyPerson):
    """机构的人员"""

    unit: str
    post: str
    ended: bool

    @classmethod
    def of(cls, person: Person) -> PersonBody:
        """As it is shown."""
        return cls(**duty(person.hours, person, cls), ended=person.valid_to is not None)


class AdviserBrief(DutyPerson):
    """服务这个村居的法律顾问"""

    firm: str

    @classmethod
    def of(cls, adviser: Adviser) -> AdviserBrief:
        """As it is shown."""
        return cls(**duty(adviser.hours, adviser, cls))


class UnitDetail(Shown):
    """机构及其上级、人员、村居法律顾问"""

    unit: UnitBody
    path: list[Above] = Field(description="从最上级到本机构")
    people: list[PersonBody]
    advisers: list[AdviserBrief]


class OfferBody(Shown):
    """可以办理的机构"""

    unit: str = Field(description="编码")
    name: str
    kind: UnitKind
    level: AreaLevel
    reason: str = Field(examples=["本乡镇街道（凯旋街道）的乡镇街道站，办理人民调解"])

    @classmethod
    def of(cls, offer: Offer) -> OfferBody:
        """As it is shown."""
        unit = offer.unit
        return cls(unit=unit.code, name=unit.name, kind=unit.kind, level=offer.level, reason=offer.reason)


class OfferList(Shown):
    """可以办理的机构，就近在前"""

    items: list[OfferBody]


class ChangeBody(Shown):
    """名录的一次变动"""

    id: int
    thing: Thing
    key: str = Field(description="机构的编码；其余为编号")
    name: str = Field(description="当时的名称")
    at: datetime
    actor: str = Field(description="工号")
    what: str = Field(examples=["changed"], description="created 新增 · changed 修改 · ended 撤销 · revived 恢复")
    before: Mapping[str, Any] | None = Field(description="变动的各项，变动之前")
    after: Mapping[str, Any] | None
    reason: str
    load: int | None = Field(description="由哪次导入所改")

    @classmethod
    def of(cls, line: ChangeLine) -> ChangeBody:
        """As it is shown."""
        return cls.model_validate(line)


class ChangePage(Shown):
    """一页变动，最近的在前"""

    items: list[ChangeBody]
    next_cursor: str | None = None


def duty(when: Hours | None, one: Any, kind: type[Any]) -> dict[str, Any]:
    """The fields of somebody who is on duty at some hours."""
    known = {name: getattr(one, name) for name in kind.model_fields if hasattr(one, name)}
    return known | {"hours": to_plain(when), "hours_told": told(when)}
