"""Which file, table, key or environment variable is wrong in a site's settings? In Chinese, one line for each."""

from __future__ import annotations

import os
from types import UnionType
from typing import Final, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from adapters.complaints import complaint, suggestion

PREFIX: Final = "HOTLINE_"
OTHERS: Final = frozenset({"CONFIG", "CACHE", "CRASH_AT", "SKIP_CONSOLE", "GATEWAY_SECRET", "GATEWAY_TOKEN"})
"""Variables that are no settings: the file's place, caches, the build, the crash tests, the gateway simulator."""
TESTS: Final = "TEST_"


class SettingsWrong(Exception):
    """The settings cannot be used; the message names the file, the table and the key."""


def located(details: ErrorDetails, root: type[BaseModel], source: str) -> str:
    """`hotline.toml [halls.h1] 缺少 default_queue：…`; what came from the environment is named by its variable."""
    where = details["loc"]
    depth = _depth(where, leaf=details["type"] not in ("value_error", "model_type"))
    table, rest = where[:depth], where[depth:]
    if rest and rest[-1] == "[key]":
        return f"{source} [{_dotted(where[:-1])}]：名称只能用小写字母、数字和连字符，不超过 32 个"
    variable = PREFIX + "__".join(str(part) for part in where).upper()
    place = f"环境变量 {variable}" if variable in {name.upper() for name in os.environ} else source
    known = list(_fields(root, table))
    return f"{place}{f' [{_dotted(table)}]' if table else ''} {complaint(_dotted(rest), details, known)}"


def refuse_unknown_variables(root: type[BaseModel]) -> None:
    """A misspelt variable must not be silent: it would leave the default in force. Raises `SettingsWrong`."""
    known = [PREFIX + name for name in sorted(OTHERS)]
    for name, field in root.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            known += [f"{PREFIX}{name}__{key}".upper() for key in inner.model_fields]
        else:
            known.append(f"{PREFIX}{name}".upper())
    nested = tuple(f"{PREFIX}{name}__".upper() for name in ("halls", "adapters", "edges"))
    for name in sorted(os.environ):
        shown = name.upper()
        if not shown.startswith(PREFIX) or shown.startswith(PREFIX + TESTS):
            continue
        if shown not in known and not shown.startswith(nested):
            raise SettingsWrong(f"环境变量 {name}：没有这一项{suggestion(shown, known)}")


def why(error: OSError | UnicodeDecodeError) -> str:
    """Why a file cannot be read."""
    match error:
        case FileNotFoundError():
            return "不存在"
        case PermissionError():
            return "本用户没有读取权限"
        case IsADirectoryError():
            return "是目录而不是文件"
        case UnicodeDecodeError():
            return "不是 UTF-8 编码的文字"
        case _:
            return error.strerror or type(error).__name__


def _depth(where: tuple[int | str, ...], *, leaf: bool) -> int:
    """How many parts of the path name the table; the rest is the key."""
    match where:
        case ("halls", _, "queues", _, *_):
            depth = 4
        case ("halls", _, "menu", *_):
            depth = 3
        case ("halls" | "adapters" | "edges", _, *_):
            depth = 2
        case ("service" | "database", *_):
            depth = 1
        case _:
            depth = 0
    return min(depth, len(where) - 1) if leaf else min(depth, len(where))


def _fields(root: type[BaseModel], table: tuple[int | str, ...]) -> list[str]:
    """The keys that a table may have; none when the path leads nowhere."""
    model: object = root
    for part in table:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = None if field is None else field.annotation
        elif get_origin(model) is dict:
            model = get_args(model)[1]
        if isinstance(model, UnionType):
            model = get_args(model)[0]
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _dotted(parts: tuple[int | str, ...]) -> str:
    return ".".join(f"第 {part + 1} 项" if isinstance(part, int) else part for part in parts)
