"""What would an import do with each row, and what is wrong with it? Pure: rows of a file against what is there.

A row is judged against the directory as it would be after the whole file: an office may stand below one that comes with
the same file, and one may end together with all that is under it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from hotline.directory.columns import IDENTITY, SHEETS, defaults
from hotline.directory.kinds import MAX_UNITS, Thing, UnitKind
from hotline.directory.sheet import CellFault, Row


class Fate(StrEnum):
    """What importing does with an entry."""

    ADDED = "added"
    CHANGED = "changed"
    ENDED = "ended"
    REVIVED = "revived"
    """Had ended; is back, perhaps changed."""
    KEPT = "kept"
    WRONG = "wrong"


class Existing(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that is there."""

    key: str
    values: Mapping[str, Any]
    """Of the fields that can be written; a unit's code besides."""
    ended: bool


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the file, or one the file does not name and that ends by it, and what becomes of it."""

    thing: Thing
    row: int
    """As the spreadsheet numbers it; 0: not in the file."""
    name: str
    fate: Fate
    existing: Existing | None
    values: Mapping[str, Any]
    """All fields as they would be."""
    fields: tuple[str, ...] = ()
    """Those that change."""
    faults: tuple[CellFault, ...] = ()
    places: Mapping[str, str] = {}
    """Where each column stands, by its title: `D 上级编码`."""

    @property
    def ended(self) -> bool:
        """Not in being afterwards."""
        return self.fate is Fate.ENDED or (self.fate is Fate.KEPT and self.existing is not None and self.existing.ended)


Directory = Mapping[Thing, Mapping[tuple[Any, ...], Existing]]
"""What is there, by what it is known by (`IDENTITY`)."""


def judge(rows: Sequence[Row], there: Directory, *, whole: bool) -> list[Judged]:
    """What becomes of each entry, in the file's order. `whole`: what is missing from a sheet that is there ends."""
    found: list[Judged] = []
    for thing in SHEETS:
        own = [row for row in rows if row.thing is thing]
        judged = _first_look(own, there[thing])
        if whole and own:
            judged += _missing(thing, own, there[thing])
        found += judged
    units = _afterwards(found, there[Thing.UNIT])
    return [_against(each, units) for each in found]


def identity(thing: Thing, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what an entry is known in a file."""
    return tuple(values.get(field) for field in IDENTITY[thing])


class _Living(msgspec.Struct, frozen=True, kw_only=True):
    """An office as it would be afterwards."""

    name: str
    kind: str
    parent: str | None
    ended: bool


def _first_look(rows: Sequence[Row], there: Mapping[tuple[Any, ...], Existing]) -> list[Judged]:
    seen: dict[tuple[Any, ...], int] = {}
    found: list[Judged] = []
    for row in rows:
        known = identity(row.thing, row.values)
        existing = there.get(known)
        faults = list(row.faults)
        if all(field in row.values for field in IDENTITY[row.thing]):
            if known in seen:
                place = row.places[IDENTITY[row.thing][0]]
                faults.append(CellFault(column=place, why=f"与第 {seen[known]} 行重复"))
            seen.setdefault(known, row.row)
        base = existing.values if existing is not None else defaults(row.thing)
        given = {name: value for name, value in row.values.items() if name != "ended"}
        values = {**base, **given}
        ended = row.values.get("ended", False)
        fields = tuple(name for name in given if existing is None or existing.values.get(name) != given[name])
        if faults:
            fate = Fate.WRONG
        elif existing is None:
            fate = Fate.ADDED
            if ended:
                fate = Fate.WRONG
                faults.append(CellFault(column=row.places["ended"], why="名录中没有，无从撤销"))
        elif ended:
            fate = Fate.KEPT if existing.ended else Fate.ENDED
        elif existing.ended:
            fate = Fate.REVIVED
        else:
            fate = Fate.CHANGED if fields else Fate.KEPT
        found.append(
            Judged(
                thing=row.thing,
                row=row.row,
                name=str(values.get("name", "")),
                fate=fate,
                existing=existing,
                values=values,
                fields=fields if fate in (Fate.ADDED, Fate.CHANGED, Fate.REVIVED) else (),
                faults=tuple(faults),
                places={place.partition(" ")[2]: place for place in row.places.values()},
            )
        )
    return found


def _missing(thing: Thing, rows: Sequence[Row], there: Mapping[tuple[Any, ...], Existing]) -> list[Judged]:
    named = {identity(thing, row.values) for row in rows}
    return [
        Judged(thing=thing, row=0, name=each.values["name"], fate=Fate.ENDED, existing=each, values=each.values)
        for known, each in there.items()
        if known not in named and not each.ended
    ]


def _afterwards(found: Sequence[Judged], there: Mapping[tuple[Any, ...], Existing]) -> dict[str, _Living]:
    units = {
        each.values["code"]: _Living(
            name=each.values["name"], kind=each.values["kind"], parent=each.values["parent"], ended=each.ended
        )
        for each in there.values()
    }
    for each in found:
        if each.thing is Thing.UNIT and each.fate is not Fate.WRONG:
            values = each.values
            units[values["code"]] = _Living(
                name=values["name"], kind=values["kind"], parent=values["parent"], ended=each.ended
            )
    return units


def _against(judged: Judged, units: Mapping[str, _Living]) -> Judged:
    """What is wrong with it beside the rest."""
    if judged.fate is Fate.WRONG or (judged.fate is Fate.KEPT and judged.thing is not Thing.UNIT):
        return judged
    whys = list(_CHECKS[judged.thing](judged, units))
    if not whys:
        return judged
    faults = tuple(CellFault(column=judged.places.get(title, title), why=why) for title, why in whys)
    return msgspec.structs.replace(judged, fate=Fate.WRONG, fields=(), faults=faults)


def _unit(judged: Judged, units: Mapping[str, _Living]) -> list[tuple[str, str]]:
    code, parent = judged.values["code"], judged.values["parent"]
    if judged.ended:
        below = [each.name for each in units.values() if each.parent == code and not each.ended]
        return [("状态", f"下级机构仍在用：{'、'.join(below[:3])}{'等' if len(below) > 3 else ''}")] if below else []
    if len(units) > MAX_UNITS:
        return [("", f"机构总数不能超过 {MAX_UNITS} 个")]
    if parent is None:
        return []
    if parent not in units:
        return [("上级编码", f"没有编码为 {parent} 的机构（也不在可导入的行中）")]
    if units[parent].ended:
        return [("上级编码", f"上级机构（{units[parent].name}）已撤销")]
    seen, at = {code}, parent
    while at is not None and at in units:
        if at in seen:
            return [("上级编码", "上级关系形成了环")]
        seen.add(at)
        at = units[at].parent
    return []


def _person(judged: Judged, units: Mapping[str, _Living]) -> list[tuple[str, str]]:
    return [] if judged.ended else _of_unit("机构编码", judged.values["unit"], units)


def _adviser(judged: Judged, units: Mapping[str, _Living]) -> list[tuple[str, str]]:
    if judged.ended:
        return []
    found: list[tuple[str, str]] = []
    for each in judged.values["villages"]:
        wrong = _of_unit("服务村居编码", each, units)
        found += wrong
        if not wrong and units[each].kind != UnitKind.VILLAGE_STUDIO.value:
            found.append(("服务村居编码", f"{each}（{units[each].name}）不是村居工作室"))
    return found


def _expert(judged: Judged, units: Mapping[str, _Living]) -> list[tuple[str, str]]:
    unit = judged.values["unit"]
    return [] if judged.ended or unit is None else _of_unit("所属机构编码", unit, units)


def _of_unit(title: str, code: str, units: Mapping[str, _Living]) -> list[tuple[str, str]]:
    if code not in units:
        return [(title, f"没有编码为 {code} 的机构（也不在可导入的行中）")]
    return [(title, f"{units[code].name}已撤销")] if units[code].ended else []


_CHECKS: Final = {Thing.UNIT: _unit, Thing.PERSON: _person, Thing.ADVISER: _adviser, Thing.EXPERT: _expert}
