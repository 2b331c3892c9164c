"""Which columns do the sheets of the directory have, and how is each cell read?

One table: the reader, the template and the faults that are told all go by it. A cell that cannot be read says why in
Chinese; an empty one is empty, a column that is not there leaves what is stored as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec

from hotline.directory import area, hours, hours_text
from hotline.directory.kinds import (
    CODE,
    KINDS,
    LEVELS,
    MAX_ADDRESS,
    MAX_FIELDS,
    MAX_NAME,
    MAX_NOTE,
    MAX_SHORT,
    MAX_VILLAGES,
    TELEPHONE,
    Thing,
)
from hotline.tickets.matter import MATTERS


class BadCell(ValueError):
    """The text says why, in Chinese."""


class Column(msgspec.Struct, frozen=True):
    """A column of a sheet."""

    title: str
    field: str
    """Of the entry; `ended` for the state."""
    read: Callable[[str], Any]
    """Of the cell's text, which is not empty; raises `BadCell` or `NotHours`."""
    show: Callable[[Any], str] = str
    empty: Any = ""
    """What an empty cell means."""
    needed: bool = False
    width: int = 14


STATE: Final = "状态"
_DIVIDED: Final = re.compile(r"[、,;\s]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


def text_of(value: Any) -> str:
    """What a cell says, in plain letters: whole numbers without `.0`, full-width forms folded, line breaks as `；`."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    folded = unicodedata.normalize("NFKC", str(value)).replace("\r\n", "\n").strip().replace("\n", ";")
    return _UNPRINTABLE.sub(" ", folded).strip()


def _text(most: int) -> Callable[[str], str]:
    def read(cell: str) -> str:
        if len(cell) > most:
            raise BadCell(f"不能超过 {most} 个字")
        return cell

    return read


def _code(cell: str) -> str:
    if not re.fullmatch(CODE, cell):
        raise BadCell("只能由 1 到 40 个字母、数字、点、下划线和连字符组成")
    return cell


def _area(cell: str) -> str:
    if (found := area.plain(cell)) is None:
        raise BadCell("须为 2、4、6、9 或 12 位数字的区划代码")
    return found


def _telephone(cell: str) -> str:
    if not re.fullmatch(TELEPHONE, cell):
        raise BadCell("不是电话号码")
    return cell


def _licence(cell: str) -> str:
    if not re.fullmatch(r"[0-9]{14,17}", cell):
        raise BadCell("须为 14 至 17 位数字")
    return cell


def _one_of(labels: Mapping[Any, str]) -> Callable[[str], str]:
    by_label = {label: value.value for value, label in labels.items()}

    def read(cell: str) -> str:
        if cell not in by_label:
            raise BadCell(f"只能是{'、'.join(by_label)}")
        return by_label[cell]

    return read


def _services(cell: str) -> list[str]:
    by_label = {label: value.value for value, label in MATTERS.items()}
    # 安置帮教与社区矫正 and the like hold no divider; everything else is told as it was written.
    labels = [each for each in _DIVIDED.split(cell) if each]
    unknown = [each for each in labels if each not in by_label]
    if unknown:
        raise BadCell(f"没有业务类型“{unknown[0][:20]}”，只能是{'、'.join(by_label)}")
    return sorted({by_label[each] for each in labels}, key=list(by_label.values()).index)


def _codes(cell: str) -> list[str]:
    found = list(dict.fromkeys(_code(each) for each in _DIVIDED.split(cell) if each))
    if len(found) > MAX_VILLAGES:
        raise BadCell(f"一名顾问最多服务 {MAX_VILLAGES} 个村居")
    return found


def _fields(cell: str) -> list[str]:
    found = list(dict.fromkeys(each for each in re.split(r"[、,;]+", cell) if each.strip()))
    if len(found) > MAX_FIELDS or any(len(each) > MAX_SHORT for each in found):
        raise BadCell(f"最多 {MAX_FIELDS} 个领域，每个不超过 {MAX_SHORT} 个字")
    return [each.strip() for each in found]


def _hours(cell: str) -> dict[str, Any] | None:
    return hours.to_plain(hours_text.read(cell))


def _show_hours(stored: Mapping[str, Any] | None) -> str:
    return "；".join(hours.told(hours.of_plain(stored)))


def _choice(yes: str, no: str) -> Callable[[str], bool]:
    def read(cell: str) -> bool:
        if cell not in (yes, no):
            raise BadCell(f"只能是{yes}或{no}")
        return cell == yes

    return read


def _listed(values: Iterable[str]) -> str:
    return "、".join(values)


def _public(default: bool) -> Column:
    return Column("对外公开", "public", _choice("是", "否"), lambda on: "是" if on else "否", default, width=9)


_ENDED: Final = Column(STATE, "ended", _choice("撤销", "在用"), lambda over: "撤销" if over else "在用", False, width=8)
_NOTE: Final = Column("备注", "note", _text(MAX_NOTE), width=24)

COLUMNS: Final[Mapping[Thing, tuple[Column, ...]]] = {
    Thing.UNIT: (
        Column("编码", "code", _code, needed=True),
        Column("名称", "name", _text(MAX_NAME), needed=True, width=30),
        Column("类别", "kind", _one_of(KINDS), lambda kind: KINDS[kind], needed=True),
        Column("上级编码", "parent", _code, empty=None),
        Column("区划代码", "area", _area, needed=True),
        Column("区划名称", "area_name", _text(MAX_SHORT)),
        Column("地址", "address", _text(MAX_ADDRESS), width=30),
        Column("电话", "telephone", _telephone, width=18),
        Column("开放时间", "hours", _hours, _show_hours, None, width=44),
        Column("业务", "services", _services, lambda all_: _listed(MATTERS[each] for each in all_), (), width=30),
        Column("业务说明", "services_note", _text(MAX_NOTE), width=24),
        _public(True),
        _ENDED,
    ),
    Thing.PERSON: (
        Column("机构编码", "unit", _code, needed=True),
        Column("姓名", "name", _text(MAX_SHORT), needed=True),
        Column("岗位", "post", _text(MAX_SHORT)),
        Column("电话", "telephone", _telephone, width=18),
        Column("值班时间", "hours", _hours, _show_hours, None, width=44),
        _public(False),
        _NOTE,
        _ENDED,
    ),
    Thing.ADVISER: (
        Column("姓名", "name", _text(MAX_SHORT), needed=True),
        Column("执业机构", "firm", _text(MAX_NAME), width=26),
        Column("执业证号", "licence_number", _licence, width=20),
        Column("电话", "telephone", _telephone, width=18),
        Column("服务村居编码", "villages", _codes, _listed, (), width=30),
        Column("值班时间", "hours", _hours, _show_hours, None, width=44),
        _public(False),
        _NOTE,
        _ENDED,
    ),
    Thing.EXPERT: (
        Column("姓名", "name", _text(MAX_SHORT), needed=True),
        Column("职称", "title", _text(MAX_SHORT)),
        Column("专业领域", "fields", _fields, _listed, needed=True, width=26),
        Column("级别", "level", _one_of(LEVELS), lambda level: LEVELS[level], needed=True, width=10),
        Column("所属机构编码", "unit", _code, empty=None),
        Column("工作单位", "workplace", _text(MAX_NAME), width=26),
        Column("电话", "telephone", _telephone, width=18),
        _public(False),
        _NOTE,
        _ENDED,
    ),
}
SHEETS: Final[Mapping[Thing, str]] = {
    Thing.UNIT: "机构",
    Thing.PERSON: "人员",
    Thing.ADVISER: "村居法律顾问",
    Thing.EXPERT: "专家",
}
IDENTITY: Final[Mapping[Thing, tuple[str, ...]]] = {
    Thing.UNIT: ("code",),
    Thing.PERSON: ("unit", "name"),
    Thing.ADVISER: ("name", "firm"),
    Thing.EXPERT: ("name", "workplace"),
}
"""By which fields a row is the same entry as one that is there."""


def defaults(thing: Thing) -> dict[str, Any]:
    """What a new entry has where its sheet says nothing."""
    found = {column.field: column.empty for column in COLUMNS[thing] if not column.needed and column.field != "ended"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}
