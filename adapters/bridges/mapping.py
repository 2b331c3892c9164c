"""What may a mapping file (映射文件) say of a receiver: its fields and codes, how it answers, how its news are read?

Paths are names with dots: `data.caller.phone`; in XML `@kind` is an attribute. In a shared table a path is the name of
a column. Where a table of the file is missing, the way has no such ability: without `[news]` nobody calls back.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from adapters.bridge import NewsKind
from adapters.bridges.fields import FIELDS, Kind
from adapters.bridges.tree import path_of
from adapters.bridges.writing import time_format
from adapters.handover_package import Urgency

Path = Annotated[str, AfterValidator(path_of)]
Words = Annotated[
    list[Annotated[str, Field(max_length=64)]], BeforeValidator(lambda value: _texts(value)), Field(max_length=64)
]
Constant = str | int | bool


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class To(_Table):
    """Where one of our fields goes."""

    to: Path
    required: bool = False
    """They want it: an empty one is asked for before anything is sent."""
    max: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """So many characters at most; a longer one is refused before it is sent, or cut."""
    cut: bool = False
    """Cut what is longer, and write so at its end. Never for what must be whole: numbers, codes."""
    codes: Annotated[str, Field(max_length=64)] | None = None
    """The code table `[codes.NAME]` that translates it."""
    time: Annotated[str, AfterValidator(time_format)] | None = None
    """How this time is written, where it differs from the others."""
    empty: Constant | None = None
    """What is written where there is nothing; unset: the field is left out."""
    each: dict[str, Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\s.]+$")]] | None = None
    """Of a list: which parts of its items, under which names; unset: all, under ours."""


Target = Annotated[To, BeforeValidator(lambda value: {"to": value} if isinstance(value, str) else value)]


class Answer(_Table):
    """How the answer to a case is read. What is neither good, nor a repeat, nor for later, is a refusal."""

    code: Path | None = None
    """Where they say how it went; unset: a status of 200–299 alone counts, and their number must be there."""
    ok: Words = ["0"]
    repeated: Words = []
    """They had this key already."""
    later: Words = []
    """They cannot take it now: tried again."""
    absent: Words = []
    """Asked for a key: they do not have it."""
    their_no: Path | None = None
    """Their number; unset: it comes later, as news."""
    echo: Path | None = None
    """Where they repeat our key: an answer to something else is none."""
    message: Path | None = None
    """Why not, in their words."""

    @model_validator(mode="after")
    def _sure(self) -> Self:
        if self.code is None and self.their_no is None:
            raise ValueError("code 和 their_no 至少写一项：否则任何 200 的答复（例如防火墙的提示页）都会当作成功")
        twice = sorted(
            word
            for word in {*self.ok, *self.repeated, *self.later, *self.absent}
            if sum(word in each for each in (self.ok, self.repeated, self.later, self.absent)) > 1
        )
        if twice:
            raise ValueError(f"代码 {twice[0]!r} 在 ok、repeated、later、absent 中出现了两次：请只留一处")
        return self


class NewsFields(_Table):
    """Where the parts of their news are."""

    items: Path | None = None
    """Where the list is; unset: the body is one, or a list of them."""
    kind: Path
    kinds: Annotated[dict[str, NewsKind | Literal["ignore"]], Field(min_length=1, max_length=64)]
    """Their words → acknowledged, accepted, returned, feedback, done; `ignore`: understood, and nothing to us."""
    id: Path | None = None
    """Their id of it, the same in every repeat; unset: made from all that it says."""
    key: Path | None = None
    local_no: Path | None = None
    their_no: Path | None = None
    at: Path | None = None
    text: Path | None = None
    reason_code: Path | None = None
    by: Path | None = None

    @model_validator(mode="after")
    def _found(self) -> Self:
        if self.key is None and self.local_no is None:
            raise ValueError("key 和 local_no 至少写一项：否则不知道说的是哪一件")
        return self


class StandingFields(_Table):
    """Where the parts of a package are as they list it, when asked for one or for a day."""

    items: Path | None = None
    """Where the list, or the one, is; unset: the answer itself."""
    key: Path | None = None
    local_no: Path | None = None
    their_no: Path | None = None
    state: Path | None = None
    states: Annotated[dict[str, NewsKind], Field(max_length=64)] = {}
    at: Path | None = None
    text: Path | None = None

    @model_validator(mode="after")
    def _found(self) -> Self:
        if self.key is None and self.local_no is None:
            raise ValueError("key 和 local_no 至少写一项：否则不知道说的是哪一件")
        if self.state is not None and not self.states:
            raise ValueError("写了 state 就要写 states：对方的状态各是什么意思")
        return self


class CaseFields(_Table):
    """Where the parts of a case are that they hand to us (转入), by HTTP."""

    key: Path
    """Theirs, the same in every repeat."""
    facts: Path
    claim: Path | None = None
    title: Path | None = None
    their_no: Path | None = None
    answered: Path | None = None
    caller_name: Path | None = None
    caller_number: Path | None = None
    area: Path | None = None
    category: Path | None = None
    urgency: Path | None = None
    urgencies: Annotated[dict[str, Urgency], Field(max_length=64)] = {}
    """Their words → normal, urgent, emergency; others are normal."""
    confidential: Path | None = None
    minor: Path | None = None
    reason: Path | None = None
    sent_by: Path | None = None
    sent_by_telephone: Path | None = None
    reply: Annotated[str, Field(max_length=1_000)] = '{"code":"0","data":{"key":"{key}","case_no":"{number}"}}'
    """What they are answered, with `{key}` (theirs) and `{number}` (ours)."""
    reply_repeated: Annotated[str | None, Field(max_length=1_000)] = None
    """The same where we had it already; unset: the same words."""


HttpPath = Annotated[str, Field(max_length=500, pattern=r"^/[^#\s]*$")]


class HttpPaths(_Table):
    """Where what is sent and asked, below the site's `url`. `{key}` and `{day}` (2026-11-23) stand for the two."""

    send: HttpPath = "/"
    figures: HttpPath | None = None
    news: HttpPath | None = None
    """Where they are told what became of the cases that they handed to us."""
    ask: HttpPath | None = None
    list: HttpPath | None = None
    probe: HttpPath | None = None
    """Answers 2xx to anybody, and does nothing."""
    ask_method: Literal["GET", "POST"] = "GET"
    ask_body: Annotated[str, Field(max_length=2_000)] | None = None
    """What is sent along when asking by POST, with `{key}`, `{day}`."""


class BridgeMapping(_Table):
    """One mapping file."""

    format: Literal["json", "xml", "form"] = "json"
    root: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,63}$")] = "handover"
    """The outermost element; XML only."""
    deduplicates: bool = False
    """By the vendor's word, in writing: the same key twice has one effect. A shared table always does."""
    time: Annotated[str, AfterValidator(time_format)] = "iso"
    zone: str = "Asia/Shanghai"
    """The zone of the times we write, and of theirs that name none."""
    fields: Annotated[dict[str, Target], Field(min_length=1)]
    constants: dict[Path, Constant] = {}
    codes: dict[str, Annotated[dict[str, Constant], Field(min_length=1, max_length=2_000)]] = {}
    answer: Answer | None = None
    news: NewsFields | None = None
    standing: StandingFields | None = None
    case: CaseFields | None = None
    http: HttpPaths | None = None
    reply: Annotated[str, Field(max_length=1_000)] = '{"code":"0"}'
    """What a callback is answered with, once it is durable."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"没有时区 {zone!r}，通常为 Asia/Shanghai") from error
        return zone

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, target in self.fields.items():
            if name not in FIELDS:
                continue  # said by `mapping_file`, which knows what may have been meant
            self._field(name, target)
        places = [target.to for target in self.fields.values()] + list(self.constants)
        for place in places:
            if places.count(place) > 1:
                raise ValueError(f"对方字段 {place!r} 写了两次：请只留一处")
            if any(other.startswith(f"{place}.") for other in places):
                raise ValueError(f"对方字段 {place!r} 既是一个值，又有下级：请改正其中之一")
        if "key" not in self.fields and self.deduplicates:
            raise ValueError("fields 中没有 key，对方就无法去重：请加上 key，或把 deduplicates 改为 false")
        return self

    def _field(self, name: str, target: To) -> None:
        field, where = FIELDS[name], f"fields.{name}"
        if target.codes is not None:
            table = self.codes.get(target.codes)
            if table is None:
                raise ValueError(f"{where} 的 codes：没有代码表 [codes.{target.codes}]：请补上，或改正名称")
            if field.kind in (Kind.TIME, Kind.LIST):
                raise ValueError(f"{where} 的 codes：{field.label}不是代码，请删去")
            if field.choices and (lacking := [word for word in field.choices if word not in table]):
                raise ValueError(
                    f"codes.{target.codes} 缺少 {lacking[0]}（{field.choices[lacking[0]]}）：请写明对方的代码"
                )
            if field.choices and (odd := [word for word in table if word not in field.choices]):
                raise ValueError(f"codes.{target.codes} 的 {odd[0]}：{field.label}没有这个值，请删去或改正")
        if target.each is not None:
            if field.kind is not Kind.LIST:
                raise ValueError(f"{where} 的 each 只用于 calls 和 attachments：请删去")
            if odd := [part for part in target.each if part not in field.parts]:
                raise ValueError(f"{where} 的 each：没有 {odd[0]} 这一项，可用的有：{'、'.join(field.parts)}")
        if target.time is not None and field.kind is not Kind.TIME:
            raise ValueError(f"{where} 的 time：{field.label}不是时间，请删去")
        if target.cut and (field.kind is not Kind.TEXT or name in WHOLE):
            raise ValueError(f"{where} 的 cut：{field.label}截断后就错了，请删去 cut")
        if target.cut and target.max is None:
            raise ValueError(f"{where} 写了 cut，没有写 max：请写明最多多少字")


WHOLE: Final = frozenset(
    {
        "key",
        "local_no",
        "hall",
        "peer",
        "reason_code",
        "scope_item",
        "caller_number",
        "area_code",
        "category_code",
        "sent_by_number",
        "sent_by_telephone",
    }
)
"""Texts that mean something else, or nothing, when they are cut."""


def _texts(value: Any) -> Any:
    """One word as a list of one; numbers as they are printed: `ok = 0` and `ok = ["0"]` are the same."""
    every = value if isinstance(value, list) else [value]
    return [str(each) if isinstance(each, int) and not isinstance(each, bool) else each for each in every]
