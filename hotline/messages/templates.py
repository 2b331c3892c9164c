"""What does a message say? Templates (模板) with places for what differs, checked before they are kept. Pure.

A place is written `{number}`. What a kind can tell is listed in `PLACES`; nothing else may stand in braces. Texts that
come along are version 0; a hall's own ones are numbered from 1 (`hotline.messages.book`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import msgspec

from adapters.sms_text import segments, signed
from hotline.messages.message import Kind

SECRET: Final = "secret"
"""Instead of every other text where the caller asked for secrecy: whoever picks up the telephone learns nothing."""
MAX_TEXT: Final = 300
_PLACE: Final = re.compile(r"\{([a-z_]{1,32})\}")

PLACES: Final[Mapping[str, Mapping[str, str]]] = {
    Kind.ACCEPTED: {"hall": "大厅名称", "number": "工单编号", "code": "查询码", "address": "进度查询网址"},
    Kind.RESULT: {"hall": "大厅名称", "number": "工单编号", "result": "办理结果（过长时截短）"},
    Kind.MISSED_CALL: {"hall": "大厅名称", "time": "来电时间"},
    Kind.RATING_LINK: {"hall": "大厅名称", "link": "评价网址", "days": "网址有效天数"},
    Kind.APPOINTMENT: {
        "hall": "大厅名称",
        "when": "预约时间",
        "unit": "机构名称",
        "place": "机构地址",
        "telephone": "机构电话",
        "note": "补充说明",
    },
    Kind.LEGAL_AID_ADDRESS: {
        "hall": "大厅名称",
        "unit": "机构名称",
        "place": "机构地址",
        "telephone": "机构电话",
        "note": "补充说明",
    },
    SECRET: {"hall": "大厅名称"},
}
NEEDED: Final[Mapping[str, frozenset[str]]] = {
    Kind.ACCEPTED: frozenset({"number", "code"}),
    Kind.RESULT: frozenset({"result"}),
    Kind.RATING_LINK: frozenset({"link"}),
    Kind.APPOINTMENT: frozenset({"when", "unit"}),
    Kind.LEGAL_AID_ADDRESS: frozenset({"unit", "place"}),
}
"""Without these a text of that kind is of no use."""
SHRINKS: Final = "result"
"""The place whose words are cut when the whole would be too long."""
CUT: Final = "…"

COMING_ALONG: Final[Mapping[str, str]] = {
    Kind.ACCEPTED: (
        "您反映的事项已受理，编号{number}，查询码{code}。可拨打12348或在{address}查询进度。查询码请勿告知他人。"
    ),
    Kind.RESULT: "您反映的事项（编号{number}）已有办理结果：{result}如有疑问，请拨打12348。",
    Kind.MISSED_CALL: (
        "您{time}的来电未能接听，非常抱歉，我们会尽快给您回电。情况紧急请再次拨打12348，有人身危险请拨打110。"
    ),
    Kind.RATING_LINK: "感谢您拨打12348。请您评价本次服务：{link} （{days}天内有效，只能使用一次）",
    Kind.APPOINTMENT: "您已预约{when}到{unit}，地址：{place}，电话{telephone}。{note}如需改期请拨打12348。",
    Kind.LEGAL_AID_ADDRESS: "您可以到{unit}申请法律援助，地址：{place}，电话{telephone}。{note}申请法律援助不收费。",
    SECRET: "您好，请在方便时致电12348。",
}
WITHOUT_ADDRESS: Final = "您反映的事项已受理，编号{number}，查询码{code}。可拨打12348查询进度。查询码请勿告知他人。"
"""Of version 0, where the hall has no address for the public."""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A text of one kind."""

    kind: str
    """A `Kind`, or `SECRET`."""
    version: int
    text: str
    registered: str = ""
    """报备号: under which the operators know it."""


def coming_along(kind: str, *, address: bool) -> Template:
    """Version 0. `address`: the hall has one for the public."""
    text = WITHOUT_ADDRESS if kind == Kind.ACCEPTED and not address else COMING_ALONG[kind]
    return Template(kind=kind, version=0, text=text)


def faults(kind: str, text: str) -> list[str]:
    """Why a text cannot be a template of that kind, in Chinese; empty: it can."""
    found: list[str] = []
    names = set(_PLACE.findall(text))
    if not text.strip():
        found.append("模板不能为空。")
    if len(text) > MAX_TEXT:
        found.append(f"模板不能超过 {MAX_TEXT} 个字（现在 {len(text)} 个）。")
    if re.search(r"[{}]", _PLACE.sub("", text)):
        found.append("花括号只能用于填写项，如 {number}。")
    if "【" in text or "】" in text:
        found.append("不要写签名【】：网关会加上。")
    if any(unicodedata.category(sign).startswith("C") for sign in text):
        found.append("模板不能含有换行等控制字符。")
    for name in sorted(names - PLACES[kind].keys()):
        found.append(f"没有填写项 {{{name}}}；可用的有：{'、'.join(f'{{{each}}}' for each in PLACES[kind])}。")
    for name in sorted(NEEDED.get(kind, frozenset()) - names):
        found.append(f"缺少填写项 {{{name}}}（{PLACES[kind][name]}）。")
    return found


def fill(template: Template, values: Mapping[str, str], *, signature: str, most: int) -> str | None:
    """The text with its places filled, at most that many segments long; None: it cannot be made so short.

    A place without a value is left empty. What is filled in cannot break the line or begin a signature of its own.
    """
    plain = {name: clean(value) for name, value in values.items()}
    text = _filled(template.text, plain)
    if _fits(text, signature, most):
        return text
    # The longest beginning of the result that leaves room for everything else.
    long, short = plain.get(SHRINKS, ""), 0
    least, limit = 0, len(long)
    while least < limit:
        middle = (least + limit + 1) // 2
        if _fits(_filled(template.text, plain | {SHRINKS: long[:middle] + CUT}), signature, most):
            least = short = middle
        else:
            limit = middle - 1
    return _filled(template.text, plain | {SHRINKS: long[:short] + CUT}) if short else None


def clean(value: str) -> str:
    """A value as it may stand in a message."""
    flat = "".join(" " if unicodedata.category(sign).startswith(("C", "Z")) else sign for sign in value)
    return re.sub(r" +", " ", flat.replace("【", "[").replace("】", "]")).strip()


def _filled(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place[1], ""), text)


def _fits(text: str, signature: str, most: int) -> bool:
    return segments(signed(text, signature)) <= most
