"""What may a dialect file (话单方言) say? A TOML table, checked so that whoever wrote it knows what to change."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, StringConstraints, model_validator

from adapters.complaints import suggestion
from adapters.cti_serial.signs import Anchor
from adapters.cti_serial.smdr_formats import DurationFormat, TimeFormat

ROLES: Final = ("port", "seat", "number", "name", "dialled", "call")
"""Names of fields that go into the record as they are."""

_Format = TypeVar("_Format", TimeFormat, DurationFormat)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("应为文字（加引号）")
    return value


def _pattern(value: object) -> re.Pattern[str]:
    try:
        return re.compile(_text(value))
    except (re.error, OverflowError) as error:
        raise ValueError(f"不是正则表达式（{error}）") from error


def _byte_pattern(value: object) -> re.Pattern[bytes]:
    try:
        return re.compile(_text(value).encode("ascii"))
    except UnicodeEncodeError:
        raise ValueError("只能用 ASCII 字符") from None
    except (re.error, OverflowError) as error:
        raise ValueError(f"不是正则表达式（{error}）") from error


def _formats(kind: type[_Format]) -> PlainValidator:
    return PlainValidator(lambda value: kind(_text(value)))


FieldName = Annotated[str, StringConstraints(pattern=r"^_?[a-z][a-z0-9_]*$")]
"""One that begins with `_` is named only so that its place is known."""
Pattern = Annotated[re.Pattern[str], PlainValidator(_pattern)]
"""A regular expression (正则表达式); it has to match the whole text unless said otherwise."""
Condition = Annotated[dict[FieldName, Pattern], Field(min_length=1)]
"""True when every field named looks like this. Fields come without the blanks around them."""
Ascii = Annotated[str, StringConstraints(pattern=r"^[\x00-\x7f]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WireDefaults(_Table):
    """How the device's serial port is set when it leaves the factory; the settings may say otherwise."""

    baud: int = Field(default=9600, ge=50, le=4_000_000)
    """Bits per second."""
    bytesize: Literal[7, 8] = 8
    parity: Literal["N", "E", "O"] = "N"
    stopbits: Literal[1, 2] = 1


class Frames(_Table):
    """Where a record begins and ends: lines, or what lies between two marks."""

    begins: Annotated[re.Pattern[bytes], PlainValidator(_byte_pattern)] | None = None
    """How the first characters of a record look (found anywhere in a line)."""
    start_mark: Ascii = ""
    end_mark: Ascii = ""
    ignore: Ascii = ""
    """Characters that are dropped wherever they stand in a record (flow control)."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        marks = bool(self.start_mark), bool(self.end_mark)
        if (self.begins is None) != all(marks) or marks[0] != marks[1]:
            raise ValueError("请写 begins（按行的话单），或者同时写 start_mark 和 end_mark（有起止符的话单），不能都写")
        return self


class Layout(_Table):
    """Which part of a record is which field: exactly one of three ways."""

    columns: dict[FieldName, tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=1)]]] | None = None
    """Name = [first byte, bytes]; what lies between two columns has to be blank."""
    csv: dict[FieldName, Annotated[int, Field(ge=0)]] | None = None
    """Name = which value, from 0; nothing is quoted."""
    separator: Annotated[str, StringConstraints(min_length=1, max_length=1)] = ","
    """Between two values of `csv`."""
    regex: Pattern | None = None
    """For the whole record; its named groups are the fields."""
    shortest: int = Field(default=0, ge=0)
    """A record with fewer bytes is broken."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.columns, self.csv, self.regex)) != 1:
            raise ValueError("columns、csv、regex 要写一种，也只能写一种")
        end, before = 0, ""
        for name, (start, width) in sorted((self.columns or {}).items(), key=lambda each: each[1]):
            if start < end:
                raise ValueError(f"columns 中 {name} 与 {before} 重叠：{name} 应从第 {end} 列或更后开始（从 0 数起）")
            end, before = start + width, name
        return self

    @property
    def names(self) -> list[str]:
        """The fields, in the order of the file."""
        return list((self.regex.groupindex if self.regex else self.columns or self.csv) or ())


class Moment(_Table):
    """When the call was."""

    fields: Annotated[list[FieldName], Field(min_length=1)]
    """Joined by one blank."""
    formats: Annotated[list[Annotated[TimeFormat, _formats(TimeFormat)]], Field(min_length=1)]
    """The first that fits."""
    anchor: Anchor


class Duration(_Table):
    """How long something was: the sum of the fields; one that is blank counts nothing."""

    fields: Annotated[list[FieldName], Field(min_length=1)]
    formats: Annotated[list[Annotated[DurationFormat, _formats(DurationFormat)]], Field(min_length=1)]


class When(_Table):
    """Which records are what: each a list of conditions, one of which has to be true."""

    skip: list[Condition] = []
    """Nothing about a caller from outside: outgoing, internal. Asked first."""
    incoming: Annotated[list[Condition], Field(min_length=1)]
    """From outside. What is neither is broken."""
    unanswered: list[Condition] = []
    """No person picked up, whatever the talk time says. (Without talk time nobody did anyway.)"""
    more: list[Condition] = []
    """Another record tells the call's next part."""
    withheld: list[Condition] = []
    """The caller does not show the number."""
    out_of_area: list[Condition] = []
    """The network does not know the number."""


class DialectFile(_Table):
    """One dialect of call records. Raises `pydantic.ValidationError`; what it says of a value is Chinese."""

    encoding: Literal["ascii", "utf-8", "gb18030"] = "ascii"
    greeting: Ascii = ""
    """Sent when the wire has been opened."""
    skip_lines: list[Pattern] = []
    """Whole lines, without the blanks around them, that are no record: page headers, rulers, prompts."""
    frames: Frames
    layout: Layout
    parts: dict[FieldName, Pattern] = {}
    """Field = how an incoming record's is cut further. Named groups are fields; of two with one name, the first that is
    not empty."""
    time: Moment
    ring: Duration | None = None
    """From the first ring to the answer, or to the end; none: not told."""
    talked: Duration
    """From the answer to the end, holding included."""
    when: When
    wire: WireDefaults = WireDefaults()

    @model_validator(mode="after")
    def _fields_exist(self) -> Self:
        raw = set(self.layout.names)
        cut = {group for pattern in self.parts.values() for group in pattern.groupindex}
        if both := sorted(cut & raw):
            raise ValueError(f"parts：{both[0]} 已是 layout 中的字段，请给这一组换个名字")
        used: set[str] = set()
        for key, name in self._mentioned():
            known = raw if key in ("parts", "when.skip", "when.incoming") else raw | cut
            if name not in known:
                raise ValueError(f"{key}：没有名为 {name} 的字段{suggestion(name, sorted(known))}")
            used.add(name)
        if "number" not in raw | cut:
            raise ValueError("layout：缺少主叫号码：请把主叫号码的字段命名为 number")
        for name in sorted((raw | cut) - used - set(ROLES)):
            if not name.startswith("_"):
                near = suggestion(name, ROLES)
                raise ValueError(f"layout：字段 {name} 没有用到，请改正名称，或在名称前加 _ 表示只占位置{near}")
        return self

    def _mentioned(self) -> Iterator[tuple[str, str]]:
        """Every mention of a field: the key where it is, and the field."""
        yield from (("parts", name) for name in self.parts)
        for key in ("time", "ring", "talked"):
            table: Moment | Duration | None = getattr(self, key)
            yield from ((f"{key}.fields", name) for name in (table.fields if table else ()))
        for key in When.model_fields:
            conditions: list[Mapping[str, Any]] = getattr(self.when, key)
            yield from ((f"when.{key}", name) for condition in conditions for name in condition)


def keys_beside(where: tuple[int | str, ...]) -> list[str]:
    """The keys that the table around this place may have."""
    table: type[BaseModel] = DialectFile
    for part in where[:-1]:
        kind: Any = table.model_fields[str(part)].annotation
        table = next(each for each in (kind, *get_args(kind)) if isinstance(each, type) and issubclass(each, BaseModel))
    return list(table.model_fields)
