"""Reading a mapping file: the mapping, or what is wrong with it, in Chinese, key by key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.complaints import explain, suggestion
from adapters.errors import Misconfigured
from adapters.gateway_push.mapping import Fields, GatewayMapping, Pull, Record, Rule, Strip
from adapters.toml_words import what_is_wrong

MAX_BYTES = 64 * 1024
"""A mapping is a page or two; more is another file."""
SEE: Final = "写法见 adapters/gateway_push/mappings 中的例子"

_TABLES: Final[dict[str, type[BaseModel]]] = {
    "fields": Fields,
    "record": Record,
    "strip": Strip,
    "events": Rule,
    "pull": Pull,
}


def read_mapping(file: Path) -> GatewayMapping:
    """The mapping in that file. Raises `Misconfigured`: a line for each mistake, naming file and key."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"mapping：读不到 {file}（{error.strerror or error}）") from error
    if len(raw) > MAX_BYTES:
        raise Misconfigured(f"mapping：{file} 超过 {MAX_BYTES // 1024} KB，不像是映射文件")
    text = ""
    try:
        text = raw.decode("utf-8-sig")  # Windows editors put a byte-order mark in front
        table = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise Misconfigured(f"mapping：{file} 不是 UTF-8 文字：请另存为 UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misconfigured(f"mapping：{file} {what_is_wrong(text, error)}") from error
    try:
        return GatewayMapping.model_validate(table)
    except ValidationError as error:
        raise Misconfigured("\n".join(f"mapping：{file} {_complaint(each)}" for each in error.errors())) from error


def _complaint(details: ErrorDetails) -> str:
    *above, last = details["loc"] or ("",)
    place = _place([*above, last])
    match details["type"]:
        case "missing":
            return f"缺少 {place}：请补上这一项，{SEE}"
        case "extra_forbidden":
            table = _TABLES.get(str(above[0])) if above else GatewayMapping
            known = table.model_fields if table is not None else ()
            return f"{place}：没有这一项，请删去或改正{suggestion(str(last), known)}"
        case "list_type" if place == "events":
            return "events：应写作 [[events]]（双层方括号），每种推送一段"
        case _:
            what = explain(details)
            return f"{place}：{what}" if place else what


def _place(where: Iterable[int | str]) -> str:
    """`fields.call`, `第 2 段 [[events]] 的 say`."""
    match list(where):
        case ["events", int(index), *rest]:
            inner = ".".join(str(part) for part in rest if isinstance(part, str))
            return f"第 {index + 1} 段 [[events]] 的 {inner}" if inner else f"第 {index + 1} 段 [[events]]"
        case parts:
            return ".".join(str(part) for part in parts if isinstance(part, str))
