"""What does a call record (话单, SMDR) of a PBX (用户交换机) say? How it is written, a dialect file tells.

The files for some PBXs are in `dialects/`; an installer writes another, or changes one of these with `like`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.complaints import complaint, suggestion
from adapters.cti_serial.dialect import Tells
from adapters.cti_serial.signs import Anchor, Hidden, Recorded
from adapters.cti_serial.smdr_file import Condition, DialectFile, Duration, WireDefaults, keys_beside
from adapters.cti_serial.smdr_frames import LONGEST, RecordLines
from adapters.errors import Misconfigured
from adapters.reading import Unreadable, word
from adapters.toml_words import what_is_wrong
from adapters.wire.framing import Between, Framer

_NUMBER: Final = re.compile(r"[0-9+*#]{1,40}")
_SUFFIX: Final = ".toml"


class RecordDialect:
    """Reads one PBX's call records, as a dialect file describes them. Only calls from outside are signs."""

    tells = Tells()

    def __init__(self, file: DialectFile) -> None:
        self._file = file
        self._ignored = file.frames.ignore.encode()
        self._marks = file.frames.start_mark.encode(), file.frames.end_mark.encode()
        columns = file.layout.columns or {}
        ends = [start + width for start, width in columns.values()]
        taken = {at for start, width in columns.values() for at in range(start, start + width)}
        self._gaps = sorted(set(range(max(ends, default=0))) - taken)

    @property
    def framer(self) -> Callable[[], Framer]:
        """Makes what cuts a fresh wire's bytes into frames: lines, or what lies between two marks."""
        if begins := self._file.frames.begins:
            return partial(RecordLines, begins)
        return partial(Between, *self._marks, LONGEST)

    @property
    def greeting(self) -> bytes:
        """What is sent when the wire has been opened: the login of a PBX's own TCP port, else nothing."""
        return self._file.greeting.encode()

    @property
    def wire(self) -> WireDefaults:
        """How the PBX's serial port is set unless the settings say otherwise."""
        return self._file.wire

    def read(self, frame: bytes) -> Sequence[Recorded]:
        """The call that the record tells of; nothing for headers, outgoing and internal calls. Raises `Unreadable`."""
        if len(frame) > LONGEST:
            raise Unreadable("the record is too long")
        line = frame.removeprefix(self._marks[0]).removesuffix(self._marks[1]).translate(None, self._ignored)
        text = self._text(line)
        if any(pattern.fullmatch(text) for pattern in self._file.skip_lines):
            return []
        if len(line) < self._file.layout.shortest:
            raise Unreadable("the record is too short")
        fields = self._fields(line, text)
        if _any_true(self._file.when.skip, fields):
            return []
        if not _any_true(self._file.when.incoming, fields):
            raise Unreadable("neither an incoming call nor anything else that is known")
        return [self._record({**self._parts(fields), **fields})]

    def _text(self, data: bytes) -> str:
        # What is no text becomes U+FFFD: in a field that nobody needs it does no harm.
        return data.decode(self._file.encoding, "replace").strip(" ")

    def _fields(self, line: bytes, text: str) -> Mapping[str, str]:
        layout = self._file.layout
        if layout.regex:
            found = layout.regex.fullmatch(text)
            if not found:
                raise Unreadable("the record is written in an unknown way")
            return {name: (value or "").strip(" ") for name, value in found.groupdict().items()}
        if layout.csv:
            values = text.split(layout.separator)
            if len(values) <= max(layout.csv.values()):
                raise Unreadable("the record has too few fields")
            return {name: values[at].strip(" ") for name, at in layout.csv.items()}
        if any(line[at : at + 1].strip(b" ") for at in self._gaps):
            raise Unreadable("something stands between two columns")
        return {name: self._text(line[at : at + width]) for name, (at, width) in (layout.columns or {}).items()}

    def _parts(self, fields: Mapping[str, str]) -> Mapping[str, str]:
        parts: dict[str, str] = {}
        for name, pattern in self._file.parts.items():
            found = pattern.fullmatch(fields[name])
            if not found:
                raise Unreadable(f"{name} is written in an unknown way")
            for group, value in found.groupdict().items():
                parts[group] = parts.get(group) or (value or "").strip(" ")
        return parts

    def _record(self, fields: Mapping[str, str]) -> Recorded:
        when = self._file.when
        at, step = self._moment(fields)
        ring = _seconds(self._file.ring, fields, "ring") if self._file.ring else None
        # A call of no length is one that nobody answered: that is how PBXs write it.
        talked = _seconds(self._file.talked, fields, "talked") or None
        if _any_true(when.unanswered, fields):
            talked = None
        anchor = self._file.time.anchor
        if talked is None and anchor is Anchor.ANSWER:
            anchor = Anchor.START
        hidden = None
        if _any_true(when.withheld, fields):
            hidden = Hidden.WITHHELD
        elif _any_true(when.out_of_area, fields):
            hidden = Hidden.OUT_OF_AREA
        number, name = word(fields["number"], "number", limit=40).replace(" ", ""), word(fields.get("name"), "name")
        if not _NUMBER.fullmatch(number):
            # Words, or digits of which some are masked: to be shown, never to be called.
            number, name = "", name or number
        dialled = fields.get("dialled", "")
        return Recorded(
            port=self._known(fields, "port"),
            at=at,
            anchor=anchor,
            step=step,
            ring=ring,
            talked=talked,
            seat=self._known(fields, "seat"),
            number=None if hidden else number or None,
            hidden=hidden,
            name="" if hidden else name,
            dialled=dialled if _NUMBER.fullmatch(dialled) else None,
            call=self._known(fields, "call"),
            more=_any_true(when.more, fields),
        )

    def _known(self, fields: Mapping[str, str], name: str) -> str:
        """What something is called; half of it would be another's name."""
        text = word(fields.get(name), name)
        if "\ufffd" in text:
            raise Unreadable(f"{name} is not {self._file.encoding}")
        return text

    def _moment(self, fields: Mapping[str, str]) -> tuple[datetime, timedelta]:
        text = " ".join(fields[name] for name in self._file.time.fields)
        for format_ in self._file.time.formats:
            if at := format_.read(text):
                return at, format_.step
        raise Unreadable("unreadable time")


def names() -> list[str]:
    """The dialects that are built in."""
    found = (each.name for each in (files("adapters.cti_serial") / "dialects").iterdir())
    return sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX))


def built_in(name: str) -> RecordDialect:
    """The dialect of that name. Raises `Misconfigured` when there is none."""
    return _dialect(_shipped(name), f"自带的话单方言 {name}")


def load(path: Path) -> RecordDialect:
    """The dialect that an installer wrote. Raises `Misconfigured`: a line for each key that is wrong."""
    try:
        # Windows editors put a byte-order mark in front.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Misconfigured(f"话单方言 {path}：不是 UTF-8 文字，请用 UTF-8 编码保存") from error
    except OSError as error:
        raise Misconfigured(f"话单方言 {path}：读不到文件（{error.strerror}），请检查路径和权限") from error
    return _dialect(text, f"话单方言 {path}")


def _shipped(name: str) -> str:
    if name not in names():
        raise Misconfigured(f"没有名为 {name} 的话单方言{suggestion(name, names())}")
    return (files("adapters.cti_serial") / "dialects" / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _dialect(text: str, what: str) -> RecordDialect:
    try:
        table = tomllib.loads(text)
        while (like := table.pop("like", None)) is not None:
            table = _changed(tomllib.loads(_shipped(str(like))), table)
        return RecordDialect(DialectFile.model_validate(table))
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{what}：{what_is_wrong(text, error)}") from error
    except Misconfigured as error:
        raise Misconfigured(f"{what} like：{error}") from error
    except ValidationError as error:
        raise Misconfigured("\n".join(f"{what} {_complaint(each)}" for each in error.errors())) from error


def _changed(table: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The table with the changes' keys; keys of tables in it one by one."""
    merged = dict(table)
    for key, value in changes.items():
        before = merged.get(key)
        merged[key] = {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value
    return merged


def _complaint(details: ErrorDetails) -> str:
    where = [str(part) for part in details["loc"]]
    match details["type"]:
        case "missing":
            return f"缺少 {'.'.join(where)}：请补上这一项，写法见自带的方言 {'、'.join(names())}"
        case "extra_forbidden":
            return f"{'.'.join(where)}：没有这一项，请删去或改正{suggestion(where[-1], keys_beside(details['loc']))}"
        case _:
            return complaint(".".join(where), details)


def _any_true(conditions: Iterable[Condition], fields: Mapping[str, str]) -> bool:
    return any(all(look.fullmatch(fields[name]) for name, look in each.items()) for each in conditions)


def _seconds(duration: Duration, fields: Mapping[str, str], what: str) -> int | None:
    """Seconds; None where every field is blank."""
    found: list[int] = []
    for text in filter(None, (fields[name] for name in duration.fields)):
        lengths = (format_.read(text) for format_ in duration.formats)
        seconds = next((each for each in lengths if each is not None), None)
        if seconds is None:
            raise Unreadable(f"unreadable length of {what}")
        found.append(seconds)
    return sum(found) if found else None
