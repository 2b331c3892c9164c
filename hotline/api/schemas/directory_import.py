"""Bodies about the import of the directory: the file, what it would do row by row, what was done."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Sent, Shown
from hotline.directory.importing import counts
from hotline.directory.judging import Fate, Judged
from hotline.directory.kinds import Thing
from hotline.directory.reading import Import

SHOWN_ROWS: Final = 1000


class DirectoryFile(Sent):
    """导入名录"""

    file: Annotated[str, Field(max_length=2_800_000)] = Field(description="Excel 文件（.xlsx）的 Base64 编码")
    file_name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
    ] = Field(examples=["名录.xlsx"])
    whole: bool = Field(default=False, description="文件是完整名录：所含工作表中没有的机构和人员视为撤销、离任")
    dry_run: bool = Field(default=True, description="只试算，不写入")


class CellFaultBody(Shown):
    """一处错误"""

    column: str = Field(description="列；空表示整行", examples=["C 类别"])
    why: str


class DirectoryRow(Shown):
    """导入的一行"""

    thing: Thing = Field(description="unit 机构 · person 人员 · adviser 村居法律顾问 · expert 专家")
    row: int = Field(description="Excel 中的行号；0 表示不在文件中")
    name: str
    fate: Fate = Field(description="added 新增 · changed 修改 · ended 撤销 · revived 恢复 · kept 不变 · wrong 有误")
    fields: list[str] = Field(description="变动的各项")
    faults: list[CellFaultBody]

    @classmethod
    def of(cls, judged: Judged) -> DirectoryRow:
        """As it is shown."""
        faults = [CellFaultBody.model_validate(each) for each in judged.faults]
        return cls(
            thing=judged.thing,
            row=judged.row,
            name=judged.name,
            fate=judged.fate,
            fields=list(judged.fields),
            faults=faults,
        )


class DirectoryImported(Shown):
    """导入的结果"""

    dry_run: bool
    load: int | None = Field(description="导入的编号；试算时为空")
    counts: dict[str, int] = Field(examples=[{"added": 40, "changed": 2, "ended": 0, "kept": 3, "wrong": 0}])
    items: list[DirectoryRow] = Field(description="有误的在前，不变的不列，最多 1000 行")
    more: bool = Field(description="没有列全")

    @classmethod
    def of(cls, found: list[Judged], load: int | None) -> DirectoryImported:
        """As it is shown."""
        told = sorted(
            (each for each in found if each.fate is not Fate.KEPT), key=lambda one: one.fate is not Fate.WRONG
        )
        return cls(
            dry_run=load is None,
            load=load,
            counts=counts(found),
            items=[DirectoryRow.of(each) for each in told[:SHOWN_ROWS]],
            more=len(told) > SHOWN_ROWS,
        )


class ImportBody(Shown):
    """做过的一次导入"""

    id: int
    at: datetime
    actor: str = Field(description="工号")
    file_name: str
    digest: str = Field(description="文件的 SHA-256")
    whole: bool
    counts: dict[str, int]

    @classmethod
    def of(cls, done: Import) -> ImportBody:
        """As it is shown."""
        return cls.model_validate(done)


class ImportList(Shown):
    """最近 100 次导入，最近的在前"""

    items: list[ImportBody]
