"""A body of any format as one kind of tree, its events, and what lies at a path in one of them.

JSON is the tree. An XML element becomes a table of its attributes (`@name`), its children and its text (`#text`), or
just its text where it has nothing else; namespaces are dropped. Form fields and lines become a table. Where a path
meets a list, it goes on with the list's first entry: devices write one thing as itself and two as a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final, cast
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element

from adapters.errors import Undecodable
from adapters.gateway_push.decoders.markup import root_of
from adapters.gateway_push.mapping import GatewayMapping
from adapters.gateway_push.mapping_parts import Path
from adapters.reading import REASON_CHARS, json_of, listed

MAX_EVENTS = 1000
MAX_DEPTH = 32
MAX_KEYS = 1000
TEXT: Final = "#text"


@dataclass(frozen=True, slots=True)
class Part:
    """One event, and the body it came in."""

    own: object
    whole: object

    def at(self, path: Path) -> object:
        """What lies there, the text of an element with attributes included; `None` where there is nothing."""
        value = self.whole if path.from_top else self.own
        for step in path.steps:
            value = _first(value)
            if not isinstance(value, dict):
                return None
            value = cast("dict[str, object]", value).get(step)
        value = _first(value)
        if isinstance(value, dict) and TEXT in value:
            return cast("dict[str, object]", value)[TEXT]
        return value


def parts_of(text: str, mapping: GatewayMapping) -> list[Part]:
    """The events of a body. Raises `Undecodable` when it is not of that format or has too many."""
    parts = list(islice(_parts(text, mapping), MAX_EVENTS + 1))
    if len(parts) > MAX_EVENTS:
        raise Undecodable(f"more than {MAX_EVENTS} events in one delivery")
    return parts


def _parts(text: str, mapping: GatewayMapping) -> Iterator[Part]:
    match mapping.format:
        case "lines":
            for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip()):
                table = _lines(block)
                yield Part(table, table)
            return
        case "form":
            whole = _form(text)
        case "xml":
            whole = _xml(text)
        case "json":
            whole = _json(text)
    events = _followed(whole, mapping.items) if mapping.items is not None else whole
    if events is None:
        raise Undecodable("there is no list of events where the mapping says")
    for own in listed(events):
        yield Part(own, whole)


def _followed(value: object, path: Path) -> object:
    for step in path.steps:
        value = cast("dict[str, object]", value).get(step) if isinstance(value, dict) else None
    return value


def _first(value: object) -> object:
    return next(iter(listed(value)), None)


def _json(text: str) -> object:
    try:
        whole = json_of(text)
    except ValueError as error:
        raise Undecodable(f"not JSON: {error}"[:REASON_CHARS]) from None
    if not isinstance(whole, dict | list):
        raise Undecodable("neither an object nor a list")
    return whole


def _form(text: str) -> dict[str, object]:
    try:
        pairs = parse_qsl(text.strip(), keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_KEYS)
    except ValueError:
        pairs = []
    if not pairs:
        raise Undecodable("not form-encoded")
    return _together(pairs)


def _lines(block: str) -> dict[str, object]:
    pairs = [line.partition("=") for line in block.split("\n") if line.strip()]
    if not pairs or len(pairs) > MAX_KEYS or not all(sign for _, sign, _ in pairs):
        raise Undecodable("not lines of key=value")
    return _together([(name.strip(), value.strip()) for name, _, value in pairs])


def _together(pairs: list[tuple[str, str]]) -> dict[str, object]:
    """The first of several values counts, as in every list."""
    table: dict[str, object] = {}
    for name, value in pairs:
        table.setdefault(name, value)
    return table


def _xml(text: str) -> dict[str, object]:
    root = root_of(text)
    return {_bare(root.tag): _element(root, 1)}


def _element(element: Element, depth: int) -> object:
    if depth > MAX_DEPTH:
        raise Undecodable(f"not XML: more than {MAX_DEPTH} levels")
    text = (element.text or "").strip()
    if not element.attrib and not len(element):
        return text
    several: dict[str, list[object]] = {}
    for child in element:
        several.setdefault(_bare(child.tag), []).append(_element(child, depth + 1))
    table: dict[str, object] = {f"@{_bare(name)}": value for name, value in element.attrib.items()}
    table |= {name: values if len(values) > 1 else values[0] for name, values in several.items()}
    if text:
        table[TEXT] = text
    return table


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]
