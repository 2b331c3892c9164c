"""What does a reason that an adapter, a wire or a list of calls gives say to a person? In Chinese, with what to do.

Reasons are kept, logged and sent in the words they were made in, which may be a device's or the operating system's;
only where people read them are they put into Chinese. A reason that is not known is shown unchanged: it says more than
nothing. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final

from adapters.reason_words import FRAMES, LINKS, PUSHES, SYSTEM

_HOLE: Final = re.compile(r"\{(\w+)\}")
_PLACE: Final = re.compile(r"(?P<what>.+) - at `(?P<place>\$[^`]*)`")
"""How msgspec names the place in a JSON object."""
_POSITION: Final = re.compile(r"(?P<what>.+?):? line (?P<line>\d+) column (?P<column>\d+)(?: \(.*)?")
"""How the JSON parser does; the end may be cut off, and long runs of digits are `…`."""
_NAMED: Final = re.compile(r"(?P<name>[\w.\[\]-]{1,32}): (?P<why>.+)")
"""`box: the device is gone`, `1: no answer …`: a wire or a line, and its reason."""
_INDEX: Final = re.compile(r"\[(?P<index>\d+)\] (?P<why>.+)")
_DEVICE: Final = re.compile(r"port (?P<url>/[^\s:]+|\w+://\S+?)(?=: |\s|$)")
"""How pySerial names what it could not open."""
_WHOLE: Final = frozenset({"why", "rest", "said", "seen"})
"""Holes that may hold anything; the others hold one name or number, never a reason of its own."""
_DEEP: Final = 4
"""So many reasons may stand in each other; a longer chain is a device's own text."""


def in_chinese(reason: str) -> str:
    """The reason in Chinese; unchanged where nobody has said what it means."""
    return _said(reason.strip(), _DEEP) or reason


def _said(reason: str, deep: int) -> str:
    """ "" where it is not known."""
    if not reason or not deep:
        return ""
    if (exact := _EXACT.get(reason)) is not None:
        return exact
    if together := _several(reason, deep):
        return together
    if found := _INDEX.fullmatch(reason):
        inner = _said(found["why"], deep - 1)
        return f"第 {int(found['index']) + 1} 条：{inner}" if inner else ""
    if found := _PLACE.fullmatch(reason):
        return f"{found['place'].removeprefix('$.')}：{_said(found['what'], deep - 1) or found['what']}"
    for pattern, words in _PATTERNS:
        if found := pattern.fullmatch(reason):
            return words.format_map({name: _filled(name, value, deep) for name, value in found.groupdict().items()})
    return _behind(reason, deep) or _system(reason)


def _several(reason: str, deep: int) -> str:
    """Of several wires, or several lines."""
    parts = reason.split("; ")
    said = [_said(part, deep - 1) for part in parts] if len(parts) > 1 else []
    return "；".join(each or part for each, part in zip(said, parts, strict=True)) if any(said) else ""


def _behind(reason: str, deep: int) -> str:
    """One behind a name or Chinese words."""
    if found := _NAMED.fullmatch(reason):
        inner = _said(found["why"], deep - 1)
        if inner:
            return f"线路 {found['name']}：{inner}" if found["name"].isdecimal() else f"{found['name']}：{inner}"
    before, sign, last = reason.rpartition("：")
    inner = _said(last, deep - 1) if sign else ""
    return f"{before}：{inner}" if inner else ""


def _system(reason: str) -> str:
    words = next((words for sign, words in SYSTEM.items() if sign in reason), "")
    if words and (found := _DEVICE.search(reason)):
        head, sign, tail = words.partition("：")
        return f"{head}（{found['url']}）{sign}{tail}"
    return words


def _filled(name: str, value: str, deep: int) -> str:
    """What stands in a hole."""
    match name:
        case "why":
            return _said(value, deep - 1) or value
        case "rest":
            return _position(value)
        case "wanted" | "given":
            return "或".join(_KINDS.get(each, each) for each in value.split(" | "))
        case _:
            return value


def _position(rest: str) -> str:
    found = _POSITION.fullmatch(f"x{rest}")
    return f"（第 {found['line']} 行第 {found['column']} 列）" if found else ""


def _patterns(*tables: Mapping[str, str]) -> Iterator[tuple[re.Pattern[str], str]]:
    for english, chinese in chain.from_iterable(table.items() for table in tables):
        if names := _HOLE.findall(english):
            parts = [re.escape(part) for part in _HOLE.split(english)[::2]]
            holes = [f"(?P<{name}>{'.*' if name in _WHOLE else '(?:(?!: ).)+?'})" for name in names]
            yield re.compile("".join(chain(*zip(parts, holes, strict=False))) + parts[-1], re.DOTALL), chinese


_EXACT: Final[Mapping[str, str]] = {
    english: chinese.format() for english, chinese in {**FRAMES, **PUSHES, **LINKS}.items() if not _HOLE.search(english)
}
_PATTERNS: Final = tuple(_patterns(PUSHES, FRAMES, LINKS))
_KINDS: Final[Mapping[str, str]] = {
    "str": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "object": "对象",
    "array": "列表",
    "null": "空值",
}
