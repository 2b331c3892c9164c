"""Bodies about the knowledge base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from hotline.api.schemas.common import Code, Reason, Sent, Shown
from hotline.knowledge import anonymise, reading
from hotline.knowledge.content import Content, Validity
from hotline.knowledge.feedback import FeedbackLine
from hotline.knowledge.finding import AtHand, Line
from hotline.knowledge.importing import Fate, Judged, counts
from hotline.knowledge.kinds import MAX_WORDS, Kind
from hotline.knowledge.life import State, Step
from hotline.tickets.matter import Matter

SHOWN_ROWS = 1000

Text = Annotated[str, StringConstraints(max_length=40_000)]
"""Far beyond what any field may hold; what it may hold is said by `knowledge/kinds.py`."""
Short = Annotated[str, StringConstraints(max_length=400)]
Words = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=MAX_WORDS, pattern=r"^[^\x00-\x08\x0b-\x1f]*$")
]


class ContentBody(Sent):
    """条目的内容"""

    title: Short = Field(examples=["拖欠工资怎么办"])
    body: Text = Field(
        description="正文；法规写本单位自己的摘要", examples=["可以向劳动监察大队投诉，也可以申请劳动仲裁。"]
    )
    citation: Short = Field(default="", description="引用", examples=["《中华人民共和国劳动合同法》第三十条"])
    categories: Annotated[list[Code], Field(max_length=40)] = Field(default=[], description="所属咨询类别")
    matters: Annotated[list[Matter], Field(max_length=len(Matter))] = Field(default=[], description="业务类型")
    tags: Annotated[list[Short], Field(max_length=40)] = Field(default=[], description="标签")
    source: Short = Field(default="", description="来源")
    effective_on: date | None = Field(default=None, description="法规的施行日期")
    repealed_on: date | None = Field(default=None, description="法规的废止日期")

    def content(self) -> Content:
        """As a value."""
        plain = self.model_dump(include={"title", "body", "citation", "source", "effective_on", "repealed_on"})
        matters = tuple(each.value for each in self.matters)
        return Content(**plain, categories=tuple(self.categories), tags=tuple(self.tags), matters=matters)


class NewItem(ContentBody):
    """新条目"""

    kind: Kind = Field(description="script 话术 · article 文章 · statute 法规 · case 案例")


class StepBody(Sent):
    """对条目的一步操作"""

    step: Annotated[Step, Field(description="review 审核通过 · publish 发布 · check 复核 · withdraw 撤下")]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^[^\x00-\x1f]*$")] = ""
    review_on: date | None = Field(default=None, description="下次复核的日期；不写为一年后")
    confirmed: bool = Field(default=False, description="已核对全文，案例中没有个人信息（发布案例时必须）")


class ItemRow(Shown):
    """列表中的条目"""

    id: int
    kind: Kind
    state: State = Field(
        description="最新版本的状态：draft 草稿 · reviewed 已审核 · published 已发布 · withdrawn 已撤下"
    )
    revision: int = Field(description="修改所依据的版本（If-Match）")
    version: int = Field(description="所示的版本号")
    published: int | None = Field(description="坐席看到的版本号；没有发布时为空")
    title: str
    citation: str
    excerpt: str
    categories: list[str]
    matters: list[str]
    tags: list[str]
    source: str
    effective_on: date | None
    repealed_on: date | None
    validity: Validity = Field(description="effective 现行有效 · not_yet 尚未施行 · repealed 已废止")
    review_on: date | None = Field(description="复核日期")
    from_ticket: str | None = Field(description="做成这个案例的工单")
    used: int
    useful: int
    wrong: int

    @classmethod
    def of(cls, line: Line) -> ItemRow:
        """As it is shown."""
        return cls.model_validate(line)


class ItemPage(Shown):
    """一页条目，最合适的在前"""

    items: list[ItemRow]
    next_cursor: str | None = None


class AtHandRow(ItemRow):
    """通话时可用的条目，带全文"""

    body: str

    @classmethod
    def whole(cls, found: AtHand) -> AtHandRow:
        """As it is shown."""
        return cls(**ItemRow.of(found.line).model_dump(), body=found.body)


class AtHandList(Shown):
    """随手可用的条目，最合适的在前"""

    items: list[AtHandRow]


class ItemBody(Shown):
    """条目及其一个版本"""

    id: int
    kind: Kind
    state: State
    revision: int
    newest: int = Field(description="最新的版本号")
    published: int | None
    review_on: date | None
    from_ticket: str | None
    used: int
    useful: int
    wrong: int
    version: int = Field(description="所示的版本号")
    made_at: datetime
    made_by: str
    own: bool = Field(description="这个版本是您写的，须由其他人审核")
    validity: Validity
    title: str
    body: str
    citation: str
    categories: list[str]
    matters: list[str]
    tags: list[str]
    source: str
    effective_on: date | None
    repealed_on: date | None

    @classmethod
    def of(cls, item: reading.Item) -> ItemBody:
        """As it is shown."""
        own = {name: getattr(item, name) for name in reading.Item.__struct_fields__ if name != "content"}
        said = {name: getattr(item.content, name) for name in Content.__struct_fields__}
        return cls(**own, **said)


class StepLine(Shown):
    """历史中的一步"""

    version: int
    step: str
    at: datetime
    by: str
    reason: str


class HistoryBody(Shown):
    """条目的历史，最近的在前"""

    items: list[StepLine]

    @classmethod
    def of(cls, lines: Sequence[reading.StepLine]) -> HistoryBody:
        """As it is shown."""
        return cls(items=[StepLine.model_validate(each) for each in lines])


class PieceBody(Shown):
    """一段文字：was 原文，now 现文；相同表示没有变化"""

    was: str
    now: str
    sort: str = Field(default="", description="去除的是什么：name、phone、address……")
    doubtful: bool = Field(default=False, description="可能是人名也可能是普通词语，保留原样，请核对")


class DifferenceBody(Shown):
    """两个版本的差异，按项目列出有变化的"""

    fields: dict[str, list[PieceBody]]


class RemovalBody(Shown):
    """从工单做成案例时去除的个人信息，按项目列出全文"""

    fields: dict[str, list[PieceBody]]

    @classmethod
    def of(cls, found: Mapping[str, Sequence[anonymise.Piece]]) -> RemovalBody:
        """As it is shown."""
        shown = {name: [PieceBody.model_validate(each) for each in pieces] for name, pieces in found.items()}
        return cls(fields={name: pieces for name, pieces in shown.items() if pieces})


class CaseBody(Shown):
    """从工单做成的案例草稿"""

    item: ItemBody
    removal: RemovalBody


class FeedbackWish(Sent):
    """对条目的反馈"""

    useful: bool = Field(description="true 有用 · false 有误")
    words: Words = Field(default="", description="有误时必须写明哪里有误")


class FeedbackBody(Shown):
    """一条反馈"""

    id: int
    item: int
    title: str
    version: int
    at: datetime
    by: str
    useful: bool
    words: str
    settled_at: datetime | None
    settled_by: str
    settled_words: str

    @classmethod
    def of(cls, line: FeedbackLine) -> FeedbackBody:
        """As it is shown."""
        return cls.model_validate(line)


class FeedbackPage(Shown):
    """一页反馈，最近的在前"""

    items: list[FeedbackBody]
    next_cursor: str | None = None


class SettleBody(Sent):
    """处理反馈"""

    words: Reason = Field(description="处理结果")


class KnowledgeFile(Sent):
    """导入知识库"""

    file: Annotated[str, Field(max_length=2_800_000)] = Field(description="Excel 文件（.xlsx）的 Base64 编码")
    file_name: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")
    ] = Field(examples=["知识库.xlsx"])
    dry_run: bool = Field(default=True, description="只试算，不写入")


class KnowledgeRow(Shown):
    """导入的一行"""

    row: int = Field(description="Excel 中的行号")
    title: str
    fate: Fate = Field(description="added 新增 · changed 新版本 · kept 不变 · wrong 有误")
    faults: list[str]


class KnowledgeImported(Shown):
    """导入的结果"""

    dry_run: bool
    counts: dict[str, int] = Field(examples=[{"added": 12, "changed": 1, "kept": 3, "wrong": 0}])
    items: list[KnowledgeRow] = Field(description="有误的在前，不变的不列，最多 1000 行")

    @classmethod
    def of(cls, found: Sequence[Judged], *, dry_run: bool) -> KnowledgeImported:
        """As it is shown."""
        told = sorted(
            (each for each in found if each.fate is not Fate.KEPT), key=lambda one: one.fate is not Fate.WRONG
        )
        rows = [KnowledgeRow.model_validate(each) for each in told[:SHOWN_ROWS]]
        return cls(dry_run=dry_run, counts=counts(found), items=rows)
