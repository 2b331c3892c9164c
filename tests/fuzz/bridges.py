"""What the other side of a bridge says: news and cases that are pushed, answers to what was sent, lists of a day.

The first byte chooses among JSON, XML and form; by HTTP an answer has a status as well, which the second byte gives.
"""

from __future__ import annotations

import json
from collections.abc import Hashable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from adapters import bridges
from adapters.bridges.incoming import case, news, standings
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.mapping_file import read_mapping
from adapters.bridges.transports.answers import heard_as, judge
from adapters.bridges.transports.transport import What
from adapters.bridges.writing import TYPES, Format, decode
from adapters.conformance import expect
from adapters.errors import Undecodable
from tests.fuzz.target import Target

SHIPPED: Final = Path(bridges.__file__).parent / "line12345" / "mapping.toml"
NOW: Final = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
STATUSES: Final = (200, 201, 204, 301, 400, 401, 404, 409, 422, 429, 500, 502, 503)
MOST: Final = 256 * 1024
_NEWS: Final = {
    "items": [
        {"id": "n-1", "type": "accepted", "key": "T-1.1", "case_no": "C-1", "at": "2026-11-23T10:00:00+08:00"},
        {"id": "n-2", "type": "returned", "local_no": "T-1", "text": "不属于本单位", "at": "1795401000"},
    ]
}
_CASE: Final = {"key": "A-1", "facts": "拖欠工资", "caller_number": "13800138000", "minor": True, "urgency": "urgent"}
_ANSWER: Final = {"code": "0", "message": "", "data": {"key": "T-1.1", "case_no": "C-1"}}
_LIST: Final = {"code": "0", "data": [{"key": "T-1.1", "local_no": "T-1", "case_no": "C-1", "state": "done"}]}


def targets() -> list[Target]:
    """Bridges' readers, each with every format."""
    return [
        _target("bridge-news", _NEWS, _news, ("adapters/bridges/incoming", "adapters/bridges/tree")),
        _target("bridge-case", _CASE, _case, ("adapters/bridges/incoming", "adapters/bridges/writing")),
        _target("bridge-list", _LIST, _list, ("adapters/bridges/incoming", "adapters/bridges/writing")),
        _target("bridge-answer", _ANSWER, _answer, ("adapters/bridges/transports/answers", "adapters/bridges/tree")),
    ]


def _target(name: str, sample: dict[str, Any], execute: Any, code: tuple[str, ...]) -> Target:
    return Target(
        name=name,
        build=lambda: partial(execute, _mappings()),
        seeds=lambda: _seeds(sample),
        errors=(Undecodable,),
        code=code,
        words=(b"<items>", b"</items>", b'"items":[', b"&items=", b"DUPLICATE", b"BUSY", b"NOT_FOUND", b"1e400"),
        most=MOST,
        share=0.5,
    )


def _mappings() -> list[BridgeMapping]:
    shipped = read_mapping(SHIPPED)
    return [shipped.model_copy(update={"format": each}) for each in TYPES]


def _seeds(sample: dict[str, Any]) -> list[bytes]:
    text = json.dumps(sample, ensure_ascii=False).encode()
    xml = b"<items><type>accepted</type><key>T-1.1</key><code>0</code><data><key>T-1.1</key></data></items>"
    form = b"items=1&type=accepted&key=T-1.1&code=0&facts=x"
    return [b"\x00\x00" + text, b"\x01\x00" + xml, b"\x02\x00" + form]


def _chosen(mappings: list[BridgeMapping], data: bytes) -> tuple[BridgeMapping, Format, int, bytes]:
    first, second = (data[0], data[1]) if len(data) > 1 else (0, 0)
    mapping = mappings[first % len(mappings)]
    return mapping, mapping.format, STATUSES[second % len(STATUSES)], data[2:]


def _news(mappings: list[BridgeMapping], data: bytes) -> set[Hashable]:
    mapping, form, _, body = _chosen(mappings, data)
    batch = news(decode(body, form), mapping, NOW)
    for each in batch.news:
        expect(bool(each.key or each.local_no), "news about nothing")
        _storable(each)
    marks: set[Hashable] = {each.kind for each in batch.news}
    return marks | {each.reason[:8] for each in batch.set_aside}


def _case(mappings: list[BridgeMapping], data: bytes) -> set[Hashable]:
    mapping, form, _, body = _chosen(mappings, data)
    found = case(decode(body, form), mapping)
    expect(bool(found.facts) and found.key.isascii(), "a case without facts or key")
    _storable(found)
    return {found.urgency, found.minor}


def _list(mappings: list[BridgeMapping], data: bytes) -> set[Hashable]:
    mapping, form, _, body = _chosen(mappings, data)
    found = list(standings(decode(body, form), mapping, NOW))
    for each in found:
        _storable(each)
    return {each.state for each in found}


def _answer(mappings: list[BridgeMapping], data: bytes) -> set[Hashable]:
    mapping, form, status, body = _chosen(mappings, data)
    assert mapping.answer is not None
    sent = judge(status, body, mapping.answer, form, key="T-1.1", case=What.CASE)
    asked = heard_as(status, body, mapping.answer, form)
    if sent.error is None:
        expect(200 <= status < 300 or status == 409, "a yes with a status that is none")
        expect(bool(sent.their_no), "a yes without their number")
    return {type(sent.error).__name__, sent.repeated, type(asked.error).__name__, asked.absent}


def _storable(found: msgspec.Struct) -> None:
    """PostgreSQL takes neither NUL nor halves of characters."""
    for name in found.__struct_fields__:
        value = getattr(found, name)
        if isinstance(value, str):
            expect("\x00" not in value, f"{name} holds NUL")
            value.encode()
