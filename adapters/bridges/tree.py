"""Where lies a value in a document, and how is one put there? Documents are nested tables, however they are written.

`data.caller.phone` is a path. A list on the way is gone into when it has one item, since XML cannot tell one from a
list of one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

MAX_STEPS: Final = 8
"""How deep a path may go."""
_STEP = re.compile(r"[^\s./]{1,64}")

Tree = dict[str, Any]


def path_of(text: str) -> str:
    """The path, if it is one. Raises `ValueError` with a sentence for the installer."""
    steps = text.split(".")
    if len(steps) <= MAX_STEPS and all(map(_STEP.fullmatch, steps)):
        return text
    raise ValueError(f"应为字段的位置（加引号的文字）：名称用点分隔，最多 {MAX_STEPS} 层，如 data.caller.phone")


def put(tree: Tree, path: str, value: object) -> None:
    """Put it there; tables on the way are made. Raises `ValueError` where a value is in the way, or it is too deep."""
    *above, last = path.split(".")
    if len(above) >= MAX_STEPS:
        raise ValueError(f"more than {MAX_STEPS} steps")
    here: object = tree
    for step in above:
        here = here.setdefault(step, {}) if isinstance(here, dict) else None
    if not isinstance(here, dict):
        raise ValueError("a value is in the way")
    here[last] = value


def get(tree: object, path: str) -> object:
    """What is there; `None` where nothing is."""
    here = tree
    for step in path.split("."):
        if isinstance(here, list) and len(cast("list[object]", here)) == 1:
            here = cast("list[object]", here)[0]
        if not isinstance(here, Mapping):
            return None
        here = cast("Mapping[str, object]", here).get(step)
    return here


def text_at(tree: object, path: str | None, limit: int) -> str:
    """What is there as text, blanks around it dropped, at most so long; empty where nothing is, or no plain value."""
    value = get(tree, path) if path is not None else None
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value.strip()[:limit]
        case int() if abs(value) < 10**18:
            return str(value)
        case float():
            return f"{value:g}"
        case {"#text": str(inner)}:
            return inner.strip()[:limit]
        case _:
            return ""


def items_at(tree: object, path: str | None) -> list[object]:
    """The list that is there, one thing as a list of one; nothing as none."""
    found = get(tree, path) if path is not None else tree
    if found is None or found == "":
        return []
    return cast("list[object]", found) if isinstance(found, list) else [found]
