"""What is needed to read careless devices: text, JSON, numbers and times, each with one way to fail."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from adapters.errors import Undecodable

REASON_CHARS = 160
"""A reason is for a person to read; device text in it is cut here."""
UNREADABLE = "unreadable time"
MAX_SECONDS = 86_400
"""No call lasts longer than a day; a longer duration is a device fault."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and lone surrogates: neither a log line nor a PostgreSQL text can hold all of them."""
_NUMBER = re.compile(r"[0-9]{7,}")
"""Digits that may be somebody's number; Chinese ones have seven at least."""
_COMPACT = re.compile(r"[0-9]{14}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:?[0-9]{2})?")


class Unreadable(Exception):
    """One event of a delivery cannot be read; the text says why and names no caller."""

    def __init__(self, reason: str) -> None:
        super().__init__(printable(reason))


class Clock:
    """Reads device times: their zone where they name none, our own time where theirs is impossible."""

    def __init__(self, *, zone: str, max_ahead: timedelta, max_age: timedelta) -> None:
        self._zone = ZoneInfo(zone)
        self._max_ahead = max_ahead
        self._max_age = max_age

    def read(self, text: str, heard_at: datetime) -> tuple[datetime, str]:
        """The time in UTC and "", or `heard_at` and what was wrong with the device's."""
        try:
            return self.place(self._parse(text), heard_at)
        except (ValueError, OverflowError):
            return heard_at, UNREADABLE

    def place(self, at: datetime, heard_at: datetime) -> tuple[datetime, str]:
        """The same for a time that is taken apart already; naive: by the device's own clock."""
        try:
            at = (at if at.tzinfo else at.replace(tzinfo=self._zone)).astimezone(UTC)
            ahead = at - heard_at
        except OverflowError:
            return heard_at, "impossible time"
        if ahead > self._max_ahead:
            return heard_at, f"time {_rough(ahead)} ahead of ours"
        if -ahead > self._max_age:
            return heard_at, f"time {_rough(-ahead)} old"
        return at, ""

    def _parse(self, text: str) -> datetime:
        text = text.strip()
        if _COMPACT.fullmatch(text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
        if not _ISO.fullmatch(text):
            raise ValueError(text)
        return datetime.fromisoformat(text)


def text_of(body: bytes) -> str:
    """The body as text: UTF-8 with or without a byte-order mark, else GB 18030 (a superset of GBK)."""
    body = body.removeprefix(codecs.BOM_UTF8)
    for encoding in ("utf-8", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Undecodable("neither UTF-8 nor GBK text")


def json_of(text: str, *, repeated: frozenset[str] = frozenset()) -> object:
    """Strict JSON: no NaN, no infinity, no key twice in one object. Raises `ValueError`.

    `repeated`: keys that a device does write more than once in one object; their values then become one list.
    """

    def together(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        values: dict[str, list[object]] = {}
        for name, value in pairs:
            values.setdefault(name, []).append(value)
        if any(len(several) > 1 and name not in repeated for name, several in values.items()):
            raise ValueError("a key appears twice in one object")
        return {name: several if len(several) > 1 else several[0] for name, several in values.items()}

    try:
        return json.loads(text, object_pairs_hook=together, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a JSON object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def listed(value: object) -> list[object]:
    """A list as it is, nothing as an empty list, anything else as a list of one: devices send both."""
    if value is None:
        return []
    return cast("list[object]", value) if isinstance(value, list) else [value]


def first(source: Mapping[str, Any], names: Iterable[str]) -> object:
    """The value under the first of these names that is there: firmware versions misspell differently."""
    return next((source[name] for name in names if name in source), None)


def word(value: object, what: str, *, limit: int = 64) -> str:
    """A short text; numbers are taken as they are printed, blanks around it dropped. Raises `Unreadable`."""
    match value:
        case None:
            return ""
        case str():
            text = value.strip()
        case bool():
            raise Unreadable(f"{what} is not a text")
        case int():
            # Before printing it: the text of a huge integer is refused by Python itself.
            if abs(value) >= 10**limit:
                raise Unreadable(f"{what} is too long")
            text = str(value)
        case _:
            raise Unreadable(f"{what} is not a text")
    if len(text) > limit:
        raise Unreadable(f"{what} is too long")
    if _UNSAFE.search(text):
        raise Unreadable(f"{what} holds control characters")
    return text


def number(value: object, what: str) -> str | None:
    """A phone number as the device wrote it, without blanks; `None` where there is none."""
    return word(value, what, limit=40).replace(" ", "") or None


def printable(reason: str) -> str:
    """A reason that can be logged, stored and sent whatever the device put into it: nothing in it is a phone number."""
    plain = "".join(sign if sign.isprintable() else "?" for sign in reason)
    return _NUMBER.sub("…", plain)[:REASON_CHARS]


def seconds(value: object) -> int | None:
    """A duration in whole seconds, or `None` when it is missing or impossible."""
    # Blanks are left out here: `int` takes fewer of them for blanks than the pattern does.
    if isinstance(value, str) and (found := re.fullmatch(r"\s*([0-9]{1,6})\s*", value)):
        value = int(found[1])
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_SECONDS:
        return None
    return value


def _no_constant(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _rough(span: timedelta) -> str:
    if span.days >= 3650:
        return f"{span.days // 365} years"
    return f"{span.days} days" if span.days else f"{int(span.total_seconds())} s"
