"""What does a receiver get of a package, and what does it still need? Pure: a package and a mapping.

Beside what the mapping demands, some things must be there whoever receives it: what happened, and why personal data may
be handed over at all (个人信息保护法 13, 23: 单独同意, unless a law or an emergency demands it).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.bridge import Missing, OwnNews
from adapters.bridges.fields import FIELDS, Field, Value, flat, shown
from adapters.bridges.mapping import BridgeMapping, To
from adapters.bridges.tree import Tree, put
from adapters.bridges.writing import clean, written
from adapters.errors import Refused
from adapters.handover_package import DailyFigures, Direction, HandoverPackage, LegalBasis

CUT: Final = "……（已截断，全文见我方工单）"


def basics(package: HandoverPackage, *, confirmed: bool) -> list[Missing]:
    """What is missing for any receiver. `confirmed`: a person must have decided it."""
    return list(_basics(package, confirmed))


def missing(package: HandoverPackage, mapping: BridgeMapping) -> list[Missing]:
    """What this receiver lacks, or cannot take as it is."""
    values = flat(package)
    return [found for name, to in mapping.fields.items() for found in _lacks(name, values[name], to, mapping)]


def document(package: HandoverPackage, mapping: BridgeMapping) -> Tree:
    """The package in the receiver's fields and codes. Only for one in which nothing is missing."""
    values = flat(package)
    tree: Tree = {}
    for path, constant in mapping.constants.items():
        put(tree, path, constant)
    for name, to in mapping.fields.items():
        value = _theirs(name, values[name], to, mapping)
        if value is None:
            value = to.empty
        if value is not None:
            put(tree, to.to, value)
    return tree


def news_document(news: OwnNews, mapping: BridgeMapping) -> Tree:
    """What became here of a case of theirs, in the words in which they tell us the same."""
    fields = mapping.news
    words = {} if fields is None else {kind: word for word, kind in reversed(list(fields.kinds.items()))}
    if fields is None or news.kind not in words:
        raise Refused("映射文件的 [news] 没有对应的词，无法告知对方")
    item: Tree = {}
    told = {
        fields.id: news.id,
        fields.kind: words[news.kind],
        fields.key: news.key,
        fields.their_no: news.our_no,
        fields.at: written(news.at, mapping.time, ZoneInfo(mapping.zone)),
        fields.text: news.text,
        fields.by: news.by,
    }
    for path, value in told.items():
        if path is not None and value != "":
            put(item, path, value)
    if fields.items is None:
        return item
    tree: Tree = {}
    put(tree, fields.items, [item])
    return tree


def figures_document(figures: DailyFigures, mapping: BridgeMapping) -> Tree:
    """A day's figures; the names are ours, since every superior has a list of its own and reads ids."""
    zone = ZoneInfo(mapping.zone)
    return {
        "key": figures.key,
        "hall": figures.hall,
        "day": figures.day.isoformat(),
        "revision": figures.revision,
        "prepared_at": written(figures.prepared_at, mapping.time, zone),
        "measures": [
            {
                "id": each.id,
                "label": each.label,
                "numerator": each.numerator,
                "denominator": each.denominator,
                "value": "" if each.value is None else each.value,
            }
            for each in figures.measures
        ],
    }


def as_column(value: object) -> object:
    """A value for a column or a form: lists as JSON text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def said(missing: Sequence[Missing]) -> str:
    """All of it in one sentence."""
    return "；".join(each.why for each in missing)


def _basics(package: HandoverPackage, confirmed: bool) -> Iterator[Missing]:
    if package.direction is not Direction.OUT:
        yield Missing("direction", "这是对方转来的事项，不能再作为移交发出：请另建移交")
    if not package.facts.strip():
        yield Missing("facts", "缺少事实经过：请写明发生了什么")
    if package.legal_basis is LegalBasis.CONSENT:
        consent = package.consent
        if consent is None:
            yield Missing("consent", "依据为个人单独同意，但没有征询记录：请征询来电人并记录，或改选其他依据")
        elif not consent.given:
            yield Missing("consent.given", "来电人不同意移交：不得移交；确属法定职责或紧急情况的，请改选依据")
        elif not consent.asked_by.strip():
            yield Missing("consent.asked_by", "没有记录由谁征询同意：请补上征询人")
    if package.legal_basis is LegalBasis.STATUTORY_DUTY and not package.legal_note.strip():
        yield Missing("legal_note", "依据为法定职责：请写明哪部法律哪一条，如“未成年人保护法第十一条”")
    if confirmed and (package.confirmed is None or not package.confirmed.by.strip()):
        yield Missing("confirmed", "移交给该单位须由人确认：请由值班人员核对后点“确认移交”")


def _lacks(name: str, value: Value, to: To, mapping: BridgeMapping) -> Iterator[Missing]:
    field = FIELDS[name]
    empty = _is_empty(value)
    if empty:
        if to.required and to.empty is None:
            yield Missing(name, f"缺少{field.label}：对方要求填写")
        return
    if to.codes is not None and not isinstance(value, datetime | list) and _word(value) not in mapping.codes[to.codes]:
        yield Missing(
            name, f"{field.label}“{shown(name, value)}”没有对应的对方代码：请在映射文件的 [codes.{to.codes}] 中补上"
        )
    elif to.max is not None and not to.cut:
        theirs = _theirs(name, value, to, mapping)
        length = len(str(as_column(theirs)))
        if length > to.max:
            yield Missing(name, f"{field.label}有 {length} 个字，对方最多收 {to.max} 个字：请缩短")


def _theirs(name: str, value: Value, to: To, mapping: BridgeMapping) -> Any:
    """The value as they want it; None where there is nothing."""
    if _is_empty(value):
        return None
    field = FIELDS[name]
    match value:
        case datetime():
            return written(value, to.time or mapping.time, ZoneInfo(mapping.zone))
        case list():
            return [_item(item, field, to, mapping) for item in value]
        case _ if to.codes is not None:
            return mapping.codes[to.codes].get(_word(value))
        case bool():
            return value
        case _:
            text = clean(value)
            if to.cut and to.max is not None and len(text) > to.max:
                return (text[: max(0, to.max - len(CUT))] + CUT)[: to.max]
            return text


def _item(item: dict[str, Any], field: Field, to: To, mapping: BridgeMapping) -> dict[str, Any]:
    names = to.each if to.each is not None else {part: part for part in field.parts}
    zone = ZoneInfo(mapping.zone)
    return {
        theirs: written(held, mapping.time, zone) if isinstance(held := item[ours], datetime) else held
        for ours, theirs in names.items()
    }


def _is_empty(value: Value) -> bool:
    return (isinstance(value, str) and not value.strip()) or value == []


def _word(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else value
