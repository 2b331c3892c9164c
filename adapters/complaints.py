"""What is wrong with a settings table, so that whoever edits the file knows which key to change and how? In Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, Final

from pydantic_core import ErrorDetails

SEE: Final = "写法见 deploy/hotline.example.toml"

_WORDS: Final[Mapping[str, str]] = {
    "string_type": "应为文字（加引号）",
    "path_type": "应为路径（加引号的文字）",
    "list_type": '应为列表，如 ["a", "b"]',
    "set_type": '应为列表，如 ["a", "b"]',
    "frozen_set_type": '应为列表，如 ["a", "b"]',
    "tuple_type": '应为列表，如 ["a", "b"]',
    "dict_type": "应为一张表",
    "model_type": "应为一张表",
    "model_attributes_type": "应为一张表",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}",
    "greater_than_equal": "不能小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "不能大于 {le}",
    "less_than": "应小于 {lt}",
    "too_short": "至少要有 {min_length} 项",
    "too_long": "最多 {max_length} 项",
    "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "最多 {max_length} 个字",
    "finite_number": "应为有限的数",
}
_BY_BEGINNING: Final[Mapping[str, str]] = {
    "int_": "应为整数",
    "float_": "应为数字",
    "bool_": "应为 true 或 false",
    "ip_": "应为网段，如 10.20.0.0/24",
}


def complaint(key: str, details: ErrorDetails, known: Iterable[str] = ()) -> str:
    """One sentence about one error of pydantic's; `known` are the keys the table may have. The value is never shown:
    it may be a password."""
    match details["type"]:
        case "missing":
            return f"缺少 {key}：请补上这一项，{SEE}"
        case "extra_forbidden":
            return f"{key}：没有这一项，请删去或改正{suggestion(key, known)}"
        case _:
            what = explain(details)
            return f"{key}：{what}" if key else what


def explain(details: ErrorDetails) -> str:
    """What the value should be."""
    kind, more = details["type"], dict[str, Any](details.get("ctx") or {})
    if kind == "value_error":
        return str(more.get("error", details["msg"]))
    if kind in ("literal_error", "enum"):
        return f"只能是 {more['expected'].replace(' or ', ' 或 ')}"
    if kind in _WORDS:
        return _WORDS[kind].format_map(more)
    for beginning, words in _BY_BEGINNING.items():
        if kind.startswith(beginning):
            return words
    return f"值不合要求（{details['msg']}）"


def suggestion(wrong: str, known: Iterable[str], show: Callable[[str], str] = str) -> str:
    """`；是否应为 ring_seconds？`, or the keys there are, or nothing."""
    names = list(known)
    near = get_close_matches(wrong, names, n=1, cutoff=0.6)
    if near:
        return f"；是否应为 {show(near[0])}？"
    return f"；可用的有：{'、'.join(show(name) for name in names)}" if names else ""
