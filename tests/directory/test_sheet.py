"""Directories in spreadsheets: what is read, what is said about the rest, and what a file cannot do to us."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from hotline.directory import sheet
from hotline.directory.columns import COLUMNS, SHEETS
from hotline.directory.kinds import KINDS, Thing
from hotline.directory.sheet import NotADirectory, read
from hotline.tickets.matter import MATTERS
from tests.directory.making import file, office, values, week


def test_cells_as_people_write_them() -> None:
    rows = read(
        file(
            {
                Thing.UNIT: [
                    office(
                        "A-1",
                        名称=" 凯旋街道站 ",
                        区划代码=330106008000,
                        区划名称="凯旋街道",
                        电话="０５７１－１２３４５６７８",
                        开放时间="周一至周五 9:00-12:00\n周六 预约",
                        业务="法律咨询、人民调解，法律咨询",
                        对外公开="否",
                        状态="在用",
                    ),
                    {},
                    office("101", 编码=101.0, 上级编码="A-1"),
                ],
                Thing.PERSON: [{"机构编码": "A-1", "姓名": "李主任", "岗位": "站长"}],
            }
        )
    )
    assert [(each.thing, each.row, each.faults) for each in rows] == [
        (Thing.UNIT, 2, ()),
        (Thing.UNIT, 4, ()),
        (Thing.PERSON, 2, ()),
    ]
    assert rows[0].values == {
        **values(),
        "code": "A-1",
        "name": "凯旋街道站",
        "kind": "township_station",
        "area": "330106008",
        "area_name": "凯旋街道",
        "telephone": "0571-12345678",
        "hours": week("周一至周五 09:00-12:00；周六 预约"),
        "services": ["legal_advice", "mediation"],
        "public": False,
        "ended": False,
    }
    assert (rows[1].values["code"], rows[1].values["parent"]) == ("101", "A-1")


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"编码": None}, ("A 编码", "没有填写")),
        ({"编码": "甲1"}, ("A 编码", "只能由 1 到 40 个字母、数字、点、下划线和连字符组成")),
        ({"名称": "长" * 81}, ("B 名称", "不能超过 80 个字")),
        ({"类别": "派出所"}, ("C 类别", f"只能是{'、'.join(KINDS.values())}")),
        ({"区划代码": "33010"}, ("E 区划代码", "须为 2、4、6、9 或 12 位数字的区划代码")),
        ({"电话": "请到前台"}, ("H 电话", "不是电话号码")),
        ({"开放时间": "周一 上午"}, ("I 开放时间", "时间无法识别：上午")),
        ({"业务": "离婚"}, ("J 业务", f"没有业务类型“离婚”，只能是{'、'.join(MATTERS.values())}")),
        ({"对外公开": "也许"}, ("L 对外公开", "只能是是或否")),
        ({"状态": "停用"}, ("M 状态", "只能是撤销或在用")),
    ],
)
def test_a_fault_has_its_row_and_column(fields: dict[str, Any], fault: tuple[str, str]) -> None:
    (row,) = read(file({Thing.UNIT: [office("A", **fields)]}))
    assert [(each.column, each.why) for each in row.faults] == [fault]
    assert row.row == 2


def test_every_fault_of_a_row_is_told() -> None:
    (row,) = read(file({Thing.EXPERT: [{"姓名": None, "专业领域": "医疗" * 30, "级别": "很高"}]}))
    assert [each.column for each in row.faults] == ["A 姓名", "C 专业领域", "D 级别"]


def test_six_villages_are_one_too_many() -> None:
    codes = "、".join(f"v{number}" for number in range(6))
    (row,) = read(file({Thing.ADVISER: [{"姓名": "陈律师", "服务村居编码": codes}]}))
    assert row.faults[0].why == "一名顾问最多服务 5 个村居"


def test_columns_may_be_moved_and_left_out() -> None:
    (row,) = read(file({Thing.UNIT: [office("A")]}, headings=["区划代码", "类别", "多余", "名称", "编码"]))
    assert set(row.values) == {"area", "kind", "name", "code"}
    with pytest.raises(NotADirectory, match="工作表“机构”第 1 行缺少列：名称、类别"):
        read(file({Thing.UNIT: [office("A")]}, headings=["编码", "区划代码"]))


def test_what_is_no_directory() -> None:
    with pytest.raises(NotADirectory, match="不是有效的 Excel"):
        read(b"PK\x03\x04 and then nothing")
    book = BytesIO()
    openpyxl.Workbook().save(book)
    with pytest.raises(NotADirectory, match="没有名为"):
        read(book.getvalue())
    with pytest.raises(NotADirectory, match="不能超过 2 MB"):
        read(bytes(sheet.MAX_BYTES + 1))
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(sheet.MAX_UNPACKED + 1))
    with pytest.raises(NotADirectory, match="内容过大"):
        read(bomb.getvalue())


def test_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 2)
    with pytest.raises(NotADirectory, match="一次最多导入 2 行"):
        read(file({Thing.UNIT: [office(each) for each in "abc"]}))


def test_the_template_is_read_back() -> None:
    assert read(sheet.template()) == []
    there = {**values(hours=week("每天 全天"), services=["notary"], name="=1+1"), "code": "A", "ended": False}
    (row,) = read(sheet.template({Thing.UNIT: [there]}))
    assert row.values == there
    assert row.faults == ()
    book = openpyxl.load_workbook(BytesIO(sheet.template()))
    assert book.sheetnames == [*SHEETS.values(), "填写说明"]
    for thing, name in SHEETS.items():
        assert [cell.value for cell in book[name][1]] == [column.title for column in COLUMNS[thing]]
