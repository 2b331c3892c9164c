"""What an import would do with each row, against a directory that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hotline.directory.importing import counts, in_words
from hotline.directory.judging import Directory, Existing, Fate, Judged, judge
from hotline.directory.kinds import Thing
from hotline.directory.sheet import read
from tests.directory.making import file, office, values


def there(*units: tuple[str, bool, dict[str, Any]]) -> Directory:
    known = {
        (code,): Existing(key=code, ended=ended, values=values(name=f"{code}机构", **fields) | {"code": code})
        for code, ended, fields in units
    }
    return {Thing.UNIT: known, Thing.PERSON: {}, Thing.ADVISER: {}, Thing.EXPERT: {}}


STATION = {"kind": "township_station", "area": "330106008"}
NOTHING = there()


def looked(
    sheets: Mapping[Thing, Sequence[Mapping[str, Any]]],
    known: Directory = NOTHING,
    *,
    whole: bool = False,
    headings: Sequence[str] | None = None,
) -> list[Judged]:
    return judge(read(file(sheets, headings)), known, whole=whole)


def fates(found: Sequence[Judged]) -> list[tuple[int, Fate]]:
    return [(each.row, each.fate) for each in found]


def whys(found: Sequence[Judged]) -> list[str]:
    return [line for each in found for line in in_words(each)]


def test_added_changed_kept_ended_revived() -> None:
    known = there(
        ("kept", False, STATION), ("moved", False, STATION), ("gone", False, STATION), ("back", True, STATION)
    )
    found = looked(
        {
            Thing.UNIT: [
                office("new"),
                office("kept"),
                office("moved", 地址="新址"),
                office("gone", 状态="撤销"),
                office("back"),
            ]
        },
        known,
    )
    assert fates(found) == [(2, Fate.ADDED), (3, Fate.KEPT), (4, Fate.CHANGED), (5, Fate.ENDED), (6, Fate.REVIVED)]
    assert found[2].fields == ("address",)
    assert counts(found) == {"added": 1, "changed": 1, "ended": 1, "revived": 1, "kept": 1, "wrong": 0}


def test_a_column_that_is_not_there_changes_nothing() -> None:
    known = there(("A", False, {**STATION, "address": "旧址", "services": ["notary"]}))
    headings = ["编码", "名称", "类别", "区划代码"]
    assert looked({Thing.UNIT: [office("A")]}, known, headings=headings)[0].fate is Fate.KEPT
    (emptied,) = looked({Thing.UNIT: [office("A")]}, known)
    assert (emptied.fate, set(emptied.fields)) == (Fate.CHANGED, {"address", "services"})


def test_whole_ends_what_is_missing_of_the_sheets_that_are_there() -> None:
    known = {**there(("A", False, STATION), ("B", False, STATION), ("old", True, STATION))}
    person = Existing(key="1", ended=False, values={"unit": "A", "name": "李主任"})
    known[Thing.PERSON] = {("A", "李主任"): person}
    found = looked({Thing.UNIT: [office("A")]}, known, whole=True)
    assert [(each.name, each.row, each.fate) for each in found] == [
        ("A机构", 2, Fate.KEPT),
        ("B机构", 0, Fate.ENDED),
    ]
    assert fates(looked({Thing.UNIT: [office("A")]}, known)) == [(2, Fate.KEPT)]


def test_above_may_come_with_the_same_file_in_any_order() -> None:
    found = looked({Thing.UNIT: [office("child", 上级编码="mother"), office("mother")]})
    assert fates(found) == [(2, Fate.ADDED), (3, Fate.ADDED)]


def test_what_is_wrong_with_offices() -> None:
    known = there(("ended", True, STATION), ("top", False, STATION), ("leaf", False, {**STATION, "parent": "top"}))
    found = looked(
        {
            Thing.UNIT: [
                office("a", 上级编码="nowhere"),
                office("b", 上级编码="ended"),
                office("c", 上级编码="d"),
                office("d", 上级编码="c"),
                office("top", 状态="撤销"),
                office("e"),
                office("e"),
                office("f", 状态="撤销"),
                office("g", 上级编码="wrong"),
                office("wrong", 类别="？"),
            ]
        },
        known,
    )
    told = whys(found)
    assert told[:9] == [
        "机构 第 2 行 D 上级编码：没有编码为 nowhere 的机构（也不在可导入的行中）",
        "机构 第 3 行 D 上级编码：上级机构（ended机构）已撤销",
        "机构 第 4 行 D 上级编码：上级关系形成了环",
        "机构 第 5 行 D 上级编码：上级关系形成了环",
        "机构 第 6 行 M 状态：下级机构仍在用：leaf机构",
        "机构 第 8 行 A 编码：与第 7 行重复",
        "机构 第 9 行 M 状态：名录中没有，无从撤销",
        "机构 第 10 行 D 上级编码：没有编码为 wrong 的机构（也不在可导入的行中）",
        told[8],
    ]
    assert told[8].startswith("机构 第 11 行 C 类别：只能是")
    assert found[5].fate is Fate.ADDED


def test_an_office_ends_with_all_that_is_under_it() -> None:
    known = there(("top", False, STATION), ("leaf", False, {**STATION, "parent": "top"}))
    both = [office("top", 状态="撤销"), office("leaf", 上级编码="top", 状态="撤销")]
    assert [each.fate for each in looked({Thing.UNIT: both}, known)] == [Fate.ENDED, Fate.ENDED]


def test_what_is_wrong_with_people() -> None:
    known = there(("A", False, STATION), ("ended", True, STATION), ("v", False, {"kind": "village_studio"}))
    found = looked(
        {
            Thing.PERSON: [
                {"机构编码": "A", "姓名": "李"},
                {"机构编码": "ended", "姓名": "李"},
                {"机构编码": "X", "姓名": "李"},
            ],
            Thing.ADVISER: [{"姓名": "陈", "服务村居编码": "v"}, {"姓名": "王", "服务村居编码": "v、A、X"}],
            Thing.EXPERT: [{"姓名": "周", "专业领域": "医疗", "级别": "市级", "所属机构编码": "X"}],
        },
        known,
    )
    assert whys(found) == [
        "人员 第 3 行 A 机构编码：ended机构已撤销",
        "人员 第 4 行 A 机构编码：没有编码为 X 的机构（也不在可导入的行中）",
        "村居法律顾问 第 3 行 E 服务村居编码：A（A机构）不是村居工作室",
        "村居法律顾问 第 3 行 E 服务村居编码：没有编码为 X 的机构（也不在可导入的行中）",
        "专家 第 2 行 E 所属机构编码：没有编码为 X 的机构（也不在可导入的行中）",
    ]
