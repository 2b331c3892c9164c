"""How are documents written and read: JSON, XML, form; and times in the receiver's way?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, cast
from urllib.parse import parse_qsl, urlencode
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from zoneinfo import ZoneInfo

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from adapters.bridges.tree import Tree, put
from adapters.errors import Undecodable
from adapters.reading import Clock, json_of, text_of

Format = Literal["json", "xml", "form"]

TYPES: Final[Mapping[Format, str]] = {
    "json": "application/json; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "form": "application/x-www-form-urlencoded; charset=utf-8",
}
MAX_FORM_FIELDS: Final = 500
MAX_XML_DEPTH: Final = 32
ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch-ms"
_SAMPLE = datetime(2026, 11, 21, 14, 5, 9, tzinfo=UTC)
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Neither XML nor PostgreSQL can hold all of these."""
_AHEAD, _AGE = timedelta(minutes=10), timedelta(days=3650)


def clean(text: str) -> str:
    """The text without what cannot be written everywhere."""
    return _UNWRITABLE.sub("", text)


def encode(tree: Tree, form: Format, root: str) -> bytes:
    """The document. The same tree gives the same bytes."""
    match form:
        case "json":
            return json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        case "form":
            return urlencode(list(_flat(tree))).encode()
        case "xml":
            top = Element(root)
            _grow(top, tree)
            return cast("bytes", tostring(top, encoding="utf-8", xml_declaration=True))


def decode(body: bytes, form: Format) -> object:
    """The document as a tree. Raises `Undecodable`, in Chinese: what people see is what the other side wrote."""
    try:
        text = text_of(body)
    except Undecodable as error:
        raise Undecodable("内容既不是 UTF-8 也不是 GBK 文字") from error
    match form:
        case "json":
            try:
                return json_of(text)
            except ValueError as error:
                raise Undecodable("内容不是正确的 JSON") from error
        case "form":
            try:
                pairs = parse_qsl(text.strip(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
            except ValueError as error:
                raise Undecodable("内容不是正确的表单") from error
            if not pairs:
                raise Undecodable("内容不是正确的表单")
            tree: Tree = {}
            for name, value in pairs:
                try:
                    put(tree, name, value)
                except ValueError as error:
                    raise Undecodable("表单中一个字段既是值又有下级，或层次太深") from error
            return tree
        case "xml":
            return _shape(_root_of(text), MAX_XML_DEPTH)


def time_format(text: str) -> str:
    """A way to write times that can be read back. Raises `ValueError`."""
    if text in (ISO, EPOCH, EPOCH_MS):
        return text
    wrong = ValueError(
        f"只能是 {ISO}、{EPOCH}（Unix 秒）、{EPOCH_MS}（Unix 毫秒），"
        "或含年月日时分的 strftime 格式，如 %Y-%m-%d %H:%M:%S"
    )
    try:
        again = datetime.strptime(_SAMPLE.strftime(text), text)  # noqa: DTZ007  the zone is put in later
    except (ValueError, re.error):
        raise wrong from None
    if again.replace(second=0, tzinfo=UTC) != _SAMPLE.replace(second=0):
        raise wrong
    return text


def written(at: datetime, way: str, zone: ZoneInfo) -> str:
    """A time in the receiver's way."""
    match way:
        case "iso":
            return at.astimezone(zone).isoformat(timespec="seconds")
        case "epoch":
            return str(int(at.timestamp()))
        case "epoch-ms":
            return str(int(at.timestamp() * 1000))
        case _:
            return at.astimezone(zone).strftime(way)


def read_time(text: str, way: str, zone: ZoneInfo, heard_at: datetime) -> datetime:
    """A time of theirs; when we heard it, where theirs cannot be read or is impossible."""
    clock = Clock(zone=zone.key, max_ahead=_AHEAD, max_age=_AGE)
    try:
        match way:
            case "epoch":
                return clock.place(datetime.fromtimestamp(int(text), UTC), heard_at)[0]
            case "epoch-ms":
                return clock.place(datetime.fromtimestamp(int(text) / 1000, UTC), heard_at)[0]
            case "iso":
                pass
            case _:
                read = datetime.strptime(text, way)  # noqa: DTZ007  by `place`, where the format has no zone
                return clock.place(read, heard_at)[0]
    except (ValueError, OverflowError, OSError):
        pass
    return clock.read(text, heard_at)[0]


def _flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        match value:
            case dict():
                yield from _flat(cast("Tree", value), f"{above}{name}.")
            case list():
                yield f"{above}{name}", json.dumps(value, ensure_ascii=False)
            case _:
                yield f"{above}{name}", _plain(value)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _grow(parent: Element, tree: Mapping[str, Any]) -> None:
    for name, value in tree.items():
        if name.startswith("@"):
            parent.set(name[1:], clean(_plain(value)))
            continue
        for each in cast("list[object]", value) if isinstance(value, list) else [value]:
            child = SubElement(parent, name)
            if isinstance(each, Mapping):
                _grow(child, cast("Mapping[str, Any]", each))
            else:
                child.text = clean(_plain(each))


def _root_of(text: str) -> Element:
    # Expat is given text, so an encoding named in the declaration (or misnamed) must not be believed.
    text = re.sub(r"\A\s*<\?xml[^>]{0,200}\?>", "", text).strip()
    try:
        return fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Undecodable("内容不是正确的 XML") from error


def _shape(element: Element, depth: int) -> object:
    """An element as a table: attributes with `@`, children by name, repeated ones as a list; a leaf as its text."""
    if depth == 0:
        raise Undecodable("XML 层次太深")
    if not len(element) and not element.attrib:
        return (element.text or "").strip()
    tree: Tree = {f"@{_local(name)}": value for name, value in element.attrib.items()}
    if text := (element.text or "").strip():
        tree["#text"] = text
    for child in element:
        name, value = _local(child.tag), _shape(child, depth - 1)
        before = tree.get(name)
        if isinstance(before, list):
            cast("list[object]", before).append(value)  # no value is a list by itself
        else:
            tree[name] = value if name not in tree else [before, value]
    return tree


def _local(name: str) -> str:
    return name.rpartition("}")[2]
