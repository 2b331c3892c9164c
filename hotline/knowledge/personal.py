"""Which pieces of a Chinese text tell who somebody is: numbers, plates, addresses, dates of birth, accounts?

By their form alone, on folded text (full-width digits are digits); digits may stand apart (`138 0013 8000`,
`138-0013-8000`). Sums of money and the numbers of laws are none of them, nor are public hotlines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec


class Sort(StrEnum):
    """What was found."""

    NAME = "name"
    PHONE = "phone"
    ID_CARD = "id_card"
    BANK_CARD = "bank_card"
    PLATE = "plate"
    ADDRESS = "address"
    ACCOUNT = "account"
    """微信、QQ、邮箱."""
    BIRTH = "birth"
    NUMBER = "number"
    """Another long number: a policy, a file, a social security number."""


PUT: Final = {
    Sort.PHONE: "【电话】",
    Sort.ID_CARD: "【身份证号】",
    Sort.BANK_CARD: "【银行卡号】",
    Sort.PLATE: "【车牌号】",
    Sort.ADDRESS: "【地址】",
    Sort.ACCOUNT: "【网络账号】",
    Sort.BIRTH: "【出生日期】",
    Sort.NUMBER: "【号码】",
}
"""What stands there instead."""


class Span(msgspec.Struct, frozen=True, order=True):
    """From where to where, in signs of the folded text."""

    start: int
    end: int
    sort: Sort


def find(text: str) -> list[Span]:
    """Every such piece, from left to right; none overlaps another. `text` is folded (`anonymise.Folded`)."""
    found: list[Span] = []
    taken = bytearray(len(text))
    for spans in (_accounts(text), _births(text), _plates(text), _digits(text), _addresses(text)):
        for span in spans:
            if not any(taken[span.start : span.end]):
                taken[span.start : span.end] = bytes([1]) * (span.end - span.start)
                found.append(span)
    return sorted(found)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_GAP: Final = r"[ \t\-‐‑‒–—.·_()]{0,2}"
_RUN: Final = re.compile(rf"(?<![0-9A-Za-z])\(?\+?\d(?:{_GAP}\d){{4,29}}(?:{_GAP}[Xx](?![0-9A-Za-z]))?")
_MONEY: Final = re.compile(r"\s*(?:多|余|几)?(?:元|块|圆|万|亿|千|美元|港币|人民币|平方|平米|%|％|年|吨|公里)")
_LANDLINE: Final = re.compile(r"0(?:10|2\d|[3-9]\d{2})\d{7,8}")
_CALL: Final = re.compile(r"(?:电话|手机|座机|联系方式|号码|电联|致电|拨打|短号|传真)\D{0,6}$")
_FILE: Final = re.compile(r"(?:卡号|账号|帐号|学号|工号|编号|证号|保单号|车架号)\D{0,6}$")
_HOTLINE: Final = 5
"""Digits of the longest public number: 12348, 95588."""


def _digits(text: str) -> Iterator[Span]:
    for found in _RUN.finditer(text):
        start, end = found.span()
        sign = _sort_of(re.sub(r"[^0-9Xx+]", "", found[0]), text[:start], text[end:], apart=not found[0].isdigit())
        if sign is not None:
            yield Span(start, end, sign)


def _sort_of(number: str, before: str, after: str, *, apart: bool) -> Sort | None:
    plain = number.removeprefix("+").removeprefix("0086")
    if len(plain) > 11 and plain.startswith("86"):
        plain = plain[2:]
    if re.fullmatch(r"\d{17}[\dXx]", plain) and _day(plain[6:14]):
        return Sort.ID_CARD
    if re.fullmatch(r"\d{15}", plain) and _day(f"19{plain[6:12]}"):
        return Sort.ID_CARD
    if re.fullmatch(r"1[3-9]\d{9}", plain) or _LANDLINE.fullmatch(plain):
        return Sort.PHONE
    if re.fullmatch(r"\d{16,19}", plain):
        return Sort.BANK_CARD
    if len(plain) > _HOTLINE and _FILE.search(before[-12:]):
        return Sort.NUMBER
    if _HOTLINE < len(plain) <= 12 and _CALL.search(before[-12:]):
        return Sort.PHONE
    # Dates and sums stand apart as well (2026-11-23); a long run is somebody's number unless money is counted.
    if len(plain) >= 9 and not _MONEY.match(after) and not (apart and re.match(r"(?:19|20)\d{6}$", plain)):
        return Sort.NUMBER
    return None


def _day(text: str) -> bool:
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    return 1900 <= year <= 2099 and 1 <= month <= 12 and 1 <= day <= 31


# ── plates, accounts, days of birth ──────────────────────────────────────────────────────────────────────────────────

_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[A-HJ-NP-Za-hj-np-z]\s?[·・.\-]?\s?"
    r"[A-HJ-NP-Za-hj-np-z0-9](?:\s?[A-HJ-NP-Za-hj-np-z0-9]){3,4}(?:\s?[A-HJ-NP-Za-hj-np-z0-9挂学警港澳])(?![0-9A-Za-z])"
)
_MAIL: Final = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_HANDLE: Final = re.compile(
    r"(?:微信|vx|wx|qq|支付宝|抖音|快手|淘宝)(?:号|账号|帐号|号码|id)?[是为:：\s]{0,3}([A-Za-z0-9][A-Za-z0-9_\-]{4,24})",
    re.I,
)
_BIRTH: Final = re.compile(r"(?:19|20)\d{2}\s*(?:年|[\-./])\s*\d{1,2}\s*(?:月|[\-./])\s*\d{1,2}\s*日?\s*(?=出?生)")
_BORN: Final = re.compile(
    r"(?:生于|出生(?:日期|年月日|于)?[是为:：\s]{0,2})((?:19|20)\d{2}\s*(?:年|[\-./])\s*\d{1,2}(?:\s*(?:月|[\-./])\s*\d{1,2}\s*日?)?)"
)


def _plates(text: str) -> Iterator[Span]:
    for found in _PLATE.finditer(text):
        if sum(sign.isdigit() for sign in found[0]) >= 2:
            yield Span(*found.span(), Sort.PLATE)


def _accounts(text: str) -> Iterator[Span]:
    for found in _MAIL.finditer(text):
        yield Span(*found.span(), Sort.ACCOUNT)
    for found in _HANDLE.finditer(text):
        yield Span(*found.span(1), Sort.ACCOUNT)


def _births(text: str) -> Iterator[Span]:
    for found in _BIRTH.finditer(text):
        yield Span(*found.span(), Sort.BIRTH)
    for found in _BORN.finditer(text):
        yield Span(*found.span(1), Sort.BIRTH)


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────

_COUNT: Final = r"(?:\d{1,5}|[一二三四五六七八九十百零〇]{1,4}|[甲乙丙丁]|[A-Za-z]\d{0,3})"
_PART: Final = (
    rf"\s?(?:第\s?)?{_COUNT}(?:\s?[\-–之]\s?\d{{1,4}})*\s?(?:号楼|单元|号|弄|巷|幢|栋|座|组|室|楼|层|户|队|社|房|铺)"
)
_ROAD: Final = re.compile(
    r"(?:大道|大街|公路|胡同|路|街|道|巷|弄|里|小区|花园|家园|公寓|新村|嘉园|苑|城|大厦|广场|厂区|工业园|村委会|村|社区|庄|屯|寨)"
    rf"(?:[一二三四五六七八九十东南西北中\d]{{1,2}}[区期苑])?(?:{_PART})+(?:\s?\d{{2,5}}(?:室|房)?(?![0-9元年月日万]))?"
)
_ANCHOR: Final = frozenset("省市县区州盟旗在于住址到至从是为，。；：、,;:（）()【】“”\"' \t\n")
_REACH: Final = 12
"""Signs that the name of a road, a village or a housing estate may have, with the town before it."""
_UNKNOWN: Final = 4
"""Signs that are taken where nothing says where the name begins."""


def _addresses(text: str) -> Iterator[Span]:
    for found in _ROAD.finditer(text):
        start, end = found.span()
        yield Span(_beginning(text, start), end, Sort.ADDRESS)


def _beginning(text: str, at: int) -> int:
    """Where the name begins: after the county or a word like 在; what is above stays, it tells nobody's door."""
    for back in range(1, _REACH + 1):
        if at - back < 0 or text[at - back] in _ANCHOR:
            return at - back + 1
    return max(0, at - _UNKNOWN)
