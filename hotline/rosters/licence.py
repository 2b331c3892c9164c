"""May this lawyer be on duty on that day, by licence (执业证) and standing?"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import msgspec


class LicenceFault(StrEnum):
    """Why not: stable codes of the API."""

    MISSING = "licence_missing"
    EXPIRED = "licence_expired"
    SUSPENDED = "lawyer_suspended"


class Licence(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a lawyer's right to advise. Days in China, all included."""

    number: str = ""
    """执业证号: 17 digits."""
    valid_until: date | None = None
    suspended_from: date | None = None
    suspended_until: date | None = None
    """None with a beginning: until further notice."""
    suspended_reason: str = ""


NUMBER: Final = re.compile(r"[0-9]{17}")
SOON: Final = timedelta(days=30)
"""A licence that ends within this time is pointed out."""
WORDS: Final = {
    LicenceFault.MISSING: "没有登记执业证号或有效期",
    LicenceFault.EXPIRED: "执业证已过期",
    LicenceFault.SUSPENDED: "已暂停值班",
}


def fault(licence: Licence, day: date) -> LicenceFault | None:
    """Why the lawyer may not be on duty that day; None: may.

    A licence whose end nobody entered is as good as missing.
    """
    if not licence.number or licence.valid_until is None:
        return LicenceFault.MISSING
    if licence.valid_until < day:
        return LicenceFault.EXPIRED
    begins = licence.suspended_from
    if begins is not None and begins <= day and (licence.suspended_until is None or day <= licence.suspended_until):
        return LicenceFault.SUSPENDED
    return None


def ends_soon(licence: Licence, day: date) -> bool:
    """Should somebody be told to have it renewed?"""
    return licence.valid_until is not None and licence.valid_until - day <= SOON
