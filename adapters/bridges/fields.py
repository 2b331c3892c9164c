"""Which fields has a package, seen from a mapping file? One flat list of names, with what Chinese people call them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from adapters.handover_package import Direction, HandoverPackage, LegalBasis, Mode, Urgency


class Kind(StrEnum):
    """What a field holds."""

    TEXT = "text"
    CHOICE = "choice"
    """One of a few words of ours, which a code table may translate; a table must then have all of them."""
    FLAG = "flag"
    """`true` or `false`; translated like a choice."""
    TIME = "time"
    LIST = "list"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    label: str
    kind: Kind = Kind.TEXT
    choices: Mapping[str, str] = {}
    """Our words and what they are called."""
    parts: Mapping[str, str] = {}
    """Of a list: the parts of each of its items."""


FLAG: Final[Mapping[str, str]] = {"true": "是", "false": "否"}
_MODES: Final[Mapping[str, str]] = {
    Mode.ONE_KEY_TRANSFER: "一键转接",
    Mode.THREE_WAY: "三方通话",
    Mode.TICKET_FLOW: "工单流转",
    Mode.GUIDANCE: "话务引导",
}
_BASES: Final[Mapping[str, str]] = {
    LegalBasis.CONSENT: "个人单独同意",
    LegalBasis.STATUTORY_DUTY: "法定职责",
    LegalBasis.EMERGENCY: "紧急情况",
}
_URGENCIES: Final[Mapping[str, str]] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "特急"}
_DIRECTIONS: Final[Mapping[str, str]] = {Direction.OUT: "转出", Direction.IN: "转入"}

FIELDS: Final[Mapping[str, Field]] = {
    "key": Field(label="移交标识"),
    "local_no": Field(label="我方工单号"),
    "hall": Field(label="大厅代码"),
    "peer": Field(label="接收方"),
    "direction": Field(label="方向", kind=Kind.CHOICE, choices=_DIRECTIONS),
    "mode": Field(label="联动方式", kind=Kind.CHOICE, choices=_MODES),
    "reason_code": Field(label="移交原因代码"),
    "reason": Field(label="移交原因"),
    "scope_item": Field(label="联动事项代码"),
    "legal_basis": Field(label="合法性依据", kind=Kind.CHOICE, choices=_BASES),
    "legal_note": Field(label="依据说明"),
    "consent_given": Field(label="是否同意移交", kind=Kind.FLAG, choices=FLAG),
    "consent_asked_at": Field(label="征询同意时间", kind=Kind.TIME),
    "consent_asked_by": Field(label="征询人"),
    "confirmed_by": Field(label="确认人"),
    "confirmed_at": Field(label="确认时间", kind=Kind.TIME),
    "urgency": Field(label="紧急程度", kind=Kind.CHOICE, choices=_URGENCIES),
    "first_receiver": Field(label="首接单位"),
    "happened_at": Field(label="来电时间", kind=Kind.TIME),
    "caller_name": Field(label="来电人姓名"),
    "caller_number": Field(label="来电号码"),
    "confidential": Field(label="是否保密", kind=Kind.FLAG, choices=FLAG),
    "minor": Field(label="涉及未成年人", kind=Kind.FLAG, choices=FLAG),
    "area_code": Field(label="区划代码"),
    "area": Field(label="所在地区"),
    "category": Field(label="事项分类"),
    "category_code": Field(label="对方分类代码"),
    "title": Field(label="标题"),
    "facts": Field(label="事实经过"),
    "claim": Field(label="诉求"),
    "answered": Field(label="已答复内容"),
    "calls": Field(
        label="通话记录",
        kind=Kind.LIST,
        parts={"begun_at": "开始时间", "seconds": "时长（秒）", "seat": "坐席", "recording": "录音编号"},
    ),
    "attachments": Field(
        label="附件",
        kind=Kind.LIST,
        parts={
            "name": "文件名",
            "reference": "编号",
            "bytes": "字节数",
            "sha256": "SHA-256",
            "media_type": "类型",
        },
    ),
    "sent_by": Field(label="经办人"),
    "sent_by_number": Field(label="经办人工号"),
    "sent_by_unit": Field(label="经办单位"),
    "sent_by_telephone": Field(label="经办人电话"),
    "prepared_at": Field(label="移交时间", kind=Kind.TIME),
}

Value = str | bool | datetime | list[dict[str, Any]]


def flat(package: HandoverPackage) -> dict[str, Value]:
    """The package by these names; an empty text where there is nothing."""
    consent, confirmed, sender = package.consent, package.confirmed, package.sent_by
    found: dict[str, Value] = {
        name: value for name in FIELDS if isinstance(value := getattr(package, name, None), str | bool | datetime)
    }
    found |= {
        "consent_given": consent.given if consent is not None else "",
        "consent_asked_at": consent.asked_at if consent is not None else "",
        "consent_asked_by": consent.asked_by if consent is not None else "",
        "confirmed_by": confirmed.by if confirmed is not None else "",
        "confirmed_at": confirmed.at if confirmed is not None else "",
        "happened_at": package.happened_at or "",
        "sent_by": sender.name,
        "sent_by_number": sender.number,
        "sent_by_unit": sender.unit,
        "sent_by_telephone": sender.telephone,
        "calls": [msgspec.structs.asdict(each) for each in package.calls],
        "attachments": [msgspec.structs.asdict(each) for each in package.attachments],
    }
    return found


def shown(name: str, value: Value) -> str:
    """A plain value as people read it; times as they are."""
    match value:
        case bool():
            return FLAG["true" if value else "false"]
        case str():
            return FIELDS[name].choices.get(value, value)
        case _:
            return str(value)
