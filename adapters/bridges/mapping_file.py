"""Reading a mapping file: the mapping, or what is wrong with it, in Chinese: file, table, key, and what to do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters.bridges.fields import FIELDS
from adapters.bridges.mapping import Answer, BridgeMapping, CaseFields, HttpPaths, NewsFields, StandingFields, To
from adapters.complaints import explain, suggestion
from adapters.errors import Misconfigured

MAX_BYTES: Final = 256 * 1024
"""A mapping is some pages; a code table of all districts and categories makes it longer."""
SEE: Final = "写法见 adapters/bridges/README.md"

_TABLES: Final[dict[str, type[BaseModel]]] = {
    "answer": Answer,
    "news": NewsFields,
    "standing": StandingFields,
    "case": CaseFields,
    "http": HttpPaths,
}


def read_mapping(file: Path) -> BridgeMapping:
    """The mapping in that file. Raises `Misconfigured`: a line for each mistake."""
    try:
        with file.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Misconfigured(f"mapping：读不到 {file}（{error.strerror or error}）：请核对路径和权限") from error
    if len(raw) > MAX_BYTES:
        raise Misconfigured(f"mapping：{file} 超过 {MAX_BYTES // 1024} KB，不像是映射文件")
    try:
        table = tomllib.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise Misconfigured(f"mapping：{file} 不是 UTF-8 文字：请另存为 UTF-8") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {at[1]} 行第 {at[2]} 列" if at else "文件末尾"
        raise Misconfigured(f"mapping：{file} {where}不是正确的 TOML（{error}）") from error
    try:
        mapping = BridgeMapping.model_validate(table)
    except ValidationError as error:
        raise Misconfigured("\n".join(f"mapping：{file} {_complaint(each)}" for each in error.errors())) from error
    if unknown := [name for name in mapping.fields if name not in FIELDS]:
        lines = (f"mapping：{file} fields.{name}：没有这个字段{suggestion(name, FIELDS)}" for name in unknown)
        raise Misconfigured("\n".join(lines))
    return mapping


def _complaint(details: ErrorDetails) -> str:
    *above, last = details["loc"] or ("",)
    place = ".".join(_step(part) for part in (*above, last) if _step(part))
    match details["type"]:
        case "missing":
            return f"缺少 {place}：请补上这一项，{SEE}"
        case "extra_forbidden":
            return f"{place}：没有这一项，请删去或改正{suggestion(str(last), _known(above))}"
        case _:
            what = explain(details)
            return f"{place}：{what}" if place else what


def _known(above: Iterable[int | str]) -> Iterable[str]:
    match list(above):
        case []:
            return BridgeMapping.model_fields
        case ["fields", *_]:
            return To.model_fields
        case [str(name)] if name in _TABLES:
            return _TABLES[name].model_fields
        case _:
            return ()


def _step(part: int | str) -> str:
    """Pydantic names keys of tables, and adds steps of its own (`[key]`, positions), which nobody wrote."""
    return f"第 {part + 1} 项" if isinstance(part, int) else part.replace("[key]", "")
