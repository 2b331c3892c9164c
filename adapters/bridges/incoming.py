"""What do they tell us? Their documents as news and standings. Pure: a tree, a mapping, and when it was heard."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from adapters.bridge import MAX_NEWS_TEXT, Batch, IncomingCase, News, NewsKind, SetAside, Standing
from adapters.bridges.mapping import BridgeMapping, NewsFields, StandingFields
from adapters.bridges.tree import items_at, text_at
from adapters.bridges.writing import clean, read_time
from adapters.errors import Undecodable
from adapters.handover_package import KEY_CHARS, Urgency

MAX_ITEMS: Final = 1_000
"""News in one callback or file."""
MAX_LISTED: Final = 100_000
"""Packages in a day's list."""
CUT: Final = "……（过长，已截断）"
_FACTS: Final = 9_000
"""Of a case of theirs: a ticket holds 10,000, with what else they say above it."""
_CLAIM: Final = 5_000
_SHORT: Final = 64
_LINE: Final = 200


def news(tree: object, mapping: BridgeMapping, heard_at: datetime) -> Batch:
    """The news in a document, each judged alone. Raises `Undecodable` where it is none at all."""
    fields = mapping.news
    if fields is None:
        raise Undecodable("映射文件没有 [news]，不知道怎样读")
    items = items_at(tree, fields.items)
    if not items:
        raise Undecodable("内容中没有消息：请核对映射文件 [news] 的 items")
    if len(items) > MAX_ITEMS:
        raise Undecodable(f"一次有 {len(items)} 条消息，最多 {MAX_ITEMS} 条")
    told: list[News] = []
    aside: list[SetAside] = []
    for item in items:
        match _one(item, fields, mapping, heard_at):
            case News() as one:
                told.append(one)
            case SetAside() as one:
                aside.append(one)
            case None:
                pass
    return Batch(news=tuple(told), set_aside=tuple(aside))


def case(tree: object, mapping: BridgeMapping) -> IncomingCase:
    """The case in a document. Raises `Undecodable` where it is none, or lacks its key or its facts."""
    fields = mapping.case
    if fields is None:
        raise Undecodable("映射文件没有 [case]，不知道怎样读")

    def said(path: str | None, limit: int) -> str:
        text = clean(text_at(tree, path, limit + 1))
        return text if len(text) <= limit else text[: limit - len(CUT)] + CUT if limit > _LINE else text[:limit]

    key = text_at(tree, fields.key, KEY_CHARS + 1)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", key):
        raise Undecodable("转入的事项没有标识，或标识含有字母、数字、点、横线以外的字符，或超过 100 个字符")
    facts = said(fields.facts, _FACTS)
    if not facts:
        raise Undecodable("转入的事项没有事实经过")
    yes = ("true", "1", "是", "Y", "y")
    return IncomingCase(
        key=key,
        facts=facts,
        claim=said(fields.claim, _CLAIM),
        title=said(fields.title, _LINE),
        their_no=said(fields.their_no, _SHORT),
        answered=said(fields.answered, _FACTS),
        caller_name=said(fields.caller_name, _SHORT),
        caller_number=said(fields.caller_number, 40),
        area=said(fields.area, _SHORT),
        category=said(fields.category, _LINE),
        urgency=fields.urgencies.get(text_at(tree, fields.urgency, _SHORT), Urgency.NORMAL),
        confidential=text_at(tree, fields.confidential, 5) in yes,
        minor=text_at(tree, fields.minor, 5) in yes,
        reason=said(fields.reason, _LINE),
        sent_by=said(fields.sent_by, _SHORT),
        sent_by_telephone=said(fields.sent_by_telephone, 40),
    )


def standings(tree: object, mapping: BridgeMapping, heard_at: datetime) -> Iterator[Standing]:
    """What they list. Raises `Undecodable` where something in it cannot be meant: half a list would compare wrongly."""
    fields = mapping.standing
    if fields is None:
        raise Undecodable("映射文件没有 [standing]，不知道怎样读")
    items = items_at(tree, fields.items)
    if len(items) > MAX_LISTED:
        raise Undecodable(f"清单有 {len(items)} 条，最多 {MAX_LISTED} 条")
    for item in items:
        yield _standing(item, fields, mapping, heard_at)


def _one(item: object, fields: NewsFields, mapping: BridgeMapping, heard_at: datetime) -> News | SetAside | None:
    digest = _digest(item)
    if not isinstance(item, Mapping):
        return SetAside(id=digest, reason="一条消息不是对象")
    word = text_at(item, fields.kind, _SHORT)
    kind = fields.kinds.get(word)
    if kind is None:
        return SetAside(id=digest, reason=f"消息类型“{word[:20]}”不在映射文件的 [news.kinds] 中")
    if kind == "ignore":
        return None
    key, local_no = text_at(item, fields.key, KEY_CHARS + 1), text_at(item, fields.local_no, _SHORT)
    if not (key or local_no):
        return SetAside(id=digest, reason="消息没有移交标识，也没有我方工单号")
    their_no = clean(text_at(item, fields.their_no, _SHORT))
    if kind is NewsKind.ACKNOWLEDGED and not their_no:
        return SetAside(id=digest, reason="收件确认没有对方编号")
    text = clean(text_at(item, fields.text, MAX_NEWS_TEXT + 1))
    if len(text) > MAX_NEWS_TEXT:
        text = text[: MAX_NEWS_TEXT - len(CUT)] + CUT
    at = text_at(item, fields.at, _SHORT)
    given = text_at(item, fields.id, _LINE)
    return News(
        # With key and kind: some count their news from 1 in every case.
        id=_digest([given, key, local_no, kind]) if given else digest,
        kind=NewsKind(kind),
        key=clean(key),
        local_no=clean(local_no),
        their_no=their_no,
        at=read_time(at, mapping.time, ZoneInfo(mapping.zone), heard_at) if at else heard_at,
        heard_at=heard_at,
        text=text,
        reason_code=clean(text_at(item, fields.reason_code, _SHORT)),
        by=clean(text_at(item, fields.by, _LINE)),
    )


def _standing(item: object, fields: StandingFields, mapping: BridgeMapping, heard_at: datetime) -> Standing:
    key, local_no = text_at(item, fields.key, KEY_CHARS + 1), text_at(item, fields.local_no, _SHORT)
    if not isinstance(item, Mapping) or not (key or local_no):
        raise Undecodable("清单中有一条没有移交标识，也没有我方工单号")
    state = NewsKind.ACKNOWLEDGED
    if fields.state is not None:
        word = text_at(item, fields.state, _SHORT)
        if word not in fields.states:
            raise Undecodable(f"状态“{word[:20]}”不在映射文件的 [standing.states] 中")
        state = fields.states[word]
    at = text_at(item, fields.at, _SHORT)
    return Standing(
        key=clean(key),
        local_no=clean(local_no),
        their_no=clean(text_at(item, fields.their_no, _SHORT)),
        state=state,
        at=read_time(at, mapping.time, ZoneInfo(mapping.zone), heard_at) if at else None,
        text=clean(text_at(item, fields.text, MAX_NEWS_TEXT)),
    )


def _digest(item: object) -> str:
    try:
        said = json.dumps(cast("Any", item), ensure_ascii=True, sort_keys=True, default=str)
    except RecursionError as error:
        raise Undecodable("内容层次太深") from error
    return hashlib.sha256(said.encode()).hexdigest()[:32]
