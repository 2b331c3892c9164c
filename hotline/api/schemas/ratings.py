"""Bodies about ratings (评价)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from hotline.api.schemas.common import Reason, Sent, Shown, choices
from hotline.ratings import reading
from hotline.ratings.questions import HIGHEST, LOWEST, Question
from hotline.ratings.scores import Scores
from hotline.ratings.service import MAX_COMMENT

WAYS = ("key", "call_back", "link", "network")
Score = Annotated[int, Field(ge=LOWEST, le=HIGHEST, strict=True)]
Comment = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_COMMENT)]


class ScoresBody(Sent):
    """四项得分，1–5 分；不写的为未作答，至少一项"""

    attitude: Score | None = Field(default=None, description="服务态度")
    efficiency: Score | None = Field(default=None, description="服务效率")
    skill: Score | None = Field(default=None, description="专业能力")
    policy: Score | None = Field(default=None, description="政策掌握")

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.scores().given:
            raise ValueError("at least one question must be answered")
        return self

    def scores(self) -> Scores:
        """As a value."""
        return Scores.of({question: getattr(self, question.value) for question in Question})


class TakenBody(Sent):
    """回访时来电人的评价"""

    scores: ScoresBody
    comment: Comment = Field(default="", description="来电人的意见")


class FollowUpBody(Sent):
    """不满意回访的结果"""

    note: Reason = Field(description="回访结果，加密保存")


class ShownScores(Shown):
    """四项得分；未作答的为空"""

    attitude: int | None
    efficiency: int | None
    skill: int | None
    policy: int | None


class RatingRow(Shown):
    """列表中的评价"""

    id: int
    call: str | None = Field(description="网络提交的工单没有通话")
    ticket: str
    way: str = Field(
        json_schema_extra=choices(*WAYS), description="key：按键；call_back：回访；link：链接；network：网络平台"
    )
    caller: str = Field(description="脱敏号码", examples=["138****8000"])
    offered_at: datetime = Field(description="来电时间")
    queue: str | None
    queue_label: str
    operator: str | None
    operator_name: str
    work_number: str
    at: datetime = Field(description="评价时间")
    scores: ShownScores
    mean: float | None = Field(description="已答各项的平均分")
    satisfied: bool
    has_comment: bool
    followed_at: datetime | None
    followed_by: str
    to_follow_up: bool = Field(description="不满意，尚未回访")

    @classmethod
    def of(cls, line: reading.Line, labels: Mapping[str, str]) -> Self:
        """As it is shown."""
        return cls.model_validate(_parts(line, labels))


class RatingBody(RatingRow):
    """评价及来电人的意见"""

    comment: str
    note: str = Field(description="回访结果")

    @classmethod
    def whole(cls, found: reading.Whole, labels: Mapping[str, str]) -> RatingBody:
        """As it is shown."""
        return cls.model_validate(_parts(found.line, labels) | {"comment": found.comment, "note": found.note})


class RatingId(Shown):
    """已保存的评价"""

    id: int


class LinkBody(Shown):
    """一次性评价链接"""

    address: str = Field(examples=["https://12348.example.gov.cn/rate/3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAA"])
    expires_at: datetime


class FigureBody(Shown):
    """一个指标"""

    id: str
    label: str
    formula: str
    wording: str
    numerator: int
    denominator: int
    value: float | None = Field(description="分母为 0 时为空")


class RatingPart(Shown):
    """一日、一人或一个队列的测评率与满意率"""

    key: str
    label: str
    answered: int
    invited: int
    rated: int
    rating_rate: float | None
    satisfied: int
    satisfaction: float | None


class RatingFigures(Shown):
    """测评率、满意率及其分子分母"""

    first: str
    last: str
    figures: list[FigureBody]
    days: list[RatingPart]
    operators: list[RatingPart]
    queues: list[RatingPart]


class MeanBody(Shown):
    """平均分"""

    mean: float
    scores: int = Field(description="得分个数")


class OwnMonthBody(Shown):
    """本人一个月的平均分"""

    month: str = Field(examples=["2026-10"])
    over: bool = Field(description="该月已结束；未结束时不公布")
    enough: bool = Field(description="评价人数达到下限；不足时不公布")
    fewest: int = Field(description="公布平均分所需的最少评价人数")
    rated: int | None
    overall: MeanBody | None
    means: dict[str, MeanBody] = Field(description="达到下限的各项")


def _parts(line: reading.Line, labels: Mapping[str, str]) -> dict[str, Any]:
    found = {name: getattr(line, name) for name in line.__struct_fields__ if name != "scores"}
    scores = {question.value: getattr(line.scores, question.value) for question in Question}
    label = labels.get(line.queue or "", line.queue or "")
    return found | {"scores": scores, "mean": line.scores.mean, "queue_label": label}
