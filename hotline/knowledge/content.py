"""What does a version say, does it do, and is a statute in force?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from hotline.knowledge.kinds import (
    MAX_BODY,
    MAX_CATEGORIES,
    MAX_CITATION,
    MAX_SOURCE,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    Kind,
    KnowledgeRefused,
)
from hotline.tickets.fields import cleaned
from hotline.tickets.matter import Matter


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is written."""

    title: str
    body: str = ""
    citation: str = ""
    """引用: `《中华人民共和国劳动合同法》第三十条`."""
    categories: tuple[str, ...] = ()
    """Codes of the category tree: shown for these and for what lies below them."""
    matters: tuple[str, ...] = ()
    """Business types."""
    tags: tuple[str, ...] = ()
    source: str = ""
    effective_on: date | None = None
    repealed_on: date | None = None
    """From this day on it does not hold any more."""


class Validity(StrEnum):
    """时效性, of a statute."""

    EFFECTIVE = "effective"
    NOT_YET = "not_yet"
    REPEALED = "repealed"


def validity(effective_on: date | None, repealed_on: date | None, today: date) -> Validity:
    """Is it in force on that day? Days that are not known limit nothing."""
    if repealed_on is not None and repealed_on <= today:
        return Validity.REPEALED
    if effective_on is not None and effective_on > today:
        return Validity.NOT_YET
    return Validity.EFFECTIVE


def checked(kind: Kind, content: Content, known: Collection[str]) -> Content:
    """The same, cleaned, each choice once. `known`: codes of the category tree.

    Raises `KnowledgeRefused(invalid_input)` with everything that does not do.
    """
    clean = msgspec.structs.replace(
        content,
        title=_line(content.title),
        body=cleaned(content.body).strip(),
        citation=_line(content.citation),
        source=_line(content.source),
        categories=_once(content.categories),
        matters=_once(content.matters),
        tags=_once(tuple(filter(None, map(_line, content.tags)))),
    )
    faults = _faults(kind, clean, known)
    if faults:
        raise KnowledgeRefused("invalid_input", errors=[{"field": name, "message": why} for name, why in faults])
    return clean


_LENGTHS: Final = {"title": MAX_TITLE, "body": MAX_BODY, "citation": MAX_CITATION, "source": MAX_SOURCE}


def _faults(kind: Kind, content: Content, known: Collection[str]) -> list[tuple[str, str]]:
    found = [
        (name, f"不能超过 {most} 个字符。") for name, most in _LENGTHS.items() if len(getattr(content, name)) > most
    ]
    if not content.title:
        found.append(("title", "请填写标题。"))
    if not content.body:
        found.append(("body", "请填写内容。"))
    if kind is Kind.STATUTE and not content.citation:
        found.append(("citation", "法规须填写引用，例如：《中华人民共和国民法典》第六百七十五条。"))
    if kind is not Kind.STATUTE and (content.effective_on or content.repealed_on):
        found.append(("effective_on", "只有法规有施行和废止日期。"))
    if content.effective_on and content.repealed_on and content.repealed_on <= content.effective_on:
        found.append(("repealed_on", "废止日期须在施行日期之后。"))
    if len(content.tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in content.tags):
        found.append(("tags", f"标签最多 {MAX_TAGS} 个，每个不超过 {MAX_TAG} 个字符。"))
    if len(content.categories) > MAX_CATEGORIES:
        found.append(("categories", f"最多属于 {MAX_CATEGORIES} 个类别。"))
    if strange := [code for code in content.categories if code not in known]:
        found.append(("categories", f"没有这个咨询类别：{strange[0][:40]}。"))
    if any(matter not in set(Matter) for matter in content.matters):
        found.append(("matters", "没有这个业务类型。"))
    return found


def _line(text: str) -> str:
    return " ".join(cleaned(text).split())


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
