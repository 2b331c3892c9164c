"""The smallest parts of a mapping file: where a value lies, which values a condition wants, how times are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

MAX_STEPS = 8
"""How deep a path may go."""
MAX_TEXT = 200
"""So much of a value is compared."""
ANYTHING: Final = "*"
"""As a condition's value: the field is there and not empty."""
ISO: Final = "iso"
EPOCH: Final = "epoch"
EPOCH_MS: Final = "epoch-ms"

_STEP = re.compile(r"[^\s./]{1,64}")
_SAMPLE = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Path:
    """Where a value lies."""

    steps: tuple[str, ...]
    from_top: bool = False
    """From the top of the body, not from the event."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A field and the values of which it must have one, in lower case; `ANYTHING` for any."""

    path: Path
    values: frozenset[str]


def path_of(text: object) -> Path:
    """A path as it is written. Raises `ValueError` with a sentence for the installer."""
    if isinstance(text, str):
        steps = text.removeprefix("/").split(".")
        if len(steps) <= MAX_STEPS and all(map(_STEP.fullmatch, steps)):
            return Path(tuple(steps), from_top=text.startswith("/"))
    raise ValueError(
        f"应为字段的位置（加引号的文字）：名称用点分隔，最多 {MAX_STEPS} 层，如 data.call.id；XML 属性写作 Notify.@type"
    )


def as_list(value: object) -> object:
    """One value as a list of one: the file may leave the brackets away."""
    return value if isinstance(value, list) else [value]


def time_format(text: str) -> str:
    """A way to write times that can be read back. Raises `ValueError`."""
    if text in (ISO, EPOCH, EPOCH_MS):
        return text
    wrong = ValueError(
        f"只能是 {ISO}、{EPOCH}（Unix 秒）、{EPOCH_MS}（Unix 毫秒），"
        "或含年月日时分的 strptime 格式，如 %Y-%m-%d %H:%M:%S"
    )
    try:
        again = datetime.strptime(_SAMPLE.strftime(text), text)  # noqa: DTZ007  the site's zone is put in later
    except (ValueError, re.error):
        raise wrong from None
    if again.replace(second=0, tzinfo=UTC) != _SAMPLE.replace(second=0):
        raise wrong
    return text


def written(at: datetime, way: str) -> str:
    """A time in one of those ways; by the zone that it has."""
    match way:
        case "iso":
            return at.isoformat(timespec="seconds")
        case "epoch":
            return str(int(at.timestamp()))
        case "epoch-ms":
            return str(int(at.timestamp() * 1000))
        case _:
            return at.strftime(way)


def conditions(value: object) -> tuple[Condition, ...]:
    """The conditions of a rule, written as a table. Raises `ValueError`."""
    if not isinstance(value, dict):
        raise ValueError('应为一张表，如 { event = "ring", direction = ["in", "inbound"] }')
    found: list[Condition] = []
    for name, wanted in _flat(cast("dict[str, Any]", value)):
        values = cast("list[object]", as_list(wanted))
        if not values or not all(isinstance(each, str | int) for each in values):
            raise ValueError(f"{name} 的取值应为文字、整数、true、false，或由它们组成的列表")
        found.append(Condition(path_of(name), frozenset(as_text(each).lower() for each in values)))
    return tuple(found)


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, object]]:
    """`{ data.type = "x" }` without quotes is a table in a table; the same is meant as with them."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(cast("dict[str, Any]", value), f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def as_text(value: object) -> str:
    """A plain value as a condition compares it: `true` for a truth, blanks around a text dropped; "" for all else."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return value[:MAX_TEXT].strip()
        case int() | float():
            return str(value)
        case _:
            return ""
