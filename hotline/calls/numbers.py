"""A caller's number: what we keep of it, what may be shown, and where it comes from."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from phonenumbers import carrier, geocoder

_NOT_DIALLABLE = re.compile(r"[^0-9*#+]")
MAX_DIGITS = 32
WITHHELD = frozenset({"", "P", "O", "PRIVATE", "ANONYMOUS", "UNKNOWN", "RESTRICTED", "UNAVAILABLE", "0000000000"})


def normalise(raw: str | None) -> str | None:
    """The number as dialled inside China: `+86 138-0013-8000` → `13800138000`. None when it is withheld or not one.

    Full-width digits are folded; anything after 32 signs is cut: a fact is repaired, never refused.
    """
    if raw is None:
        return None
    folded = unicodedata.normalize("NFKC", raw).strip()
    if folded.upper() in WITHHELD:
        return None
    number = _NOT_DIALLABLE.sub("", folded)[:MAX_DIGITS]
    for prefix in ("+86", "0086"):
        if number.startswith(prefix) and len(number) > len(prefix) + 5:
            rest = number[len(prefix) :]
            return rest if len(rest) == 11 and rest.startswith("1") else "0" + rest.lstrip("0")
    return number or None


def mask(number: str | None) -> str:
    """What anybody may see: `138****8000`, `0571****1234`, `12***`; empty when unknown."""
    if not number:
        return ""
    if len(number) == 11 and number.startswith("1"):
        return f"{number[:3]}****{number[-4:]}"
    if len(number) > 8:
        return f"{number[:-8]}****{number[-4:]}"
    if len(number) > 4:
        return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
    return "*" * len(number)


def region(number: str | None) -> str:
    """归属地 with the carrier for mobiles, in Chinese: `湖北省武汉市 中国移动`; empty when it cannot be told.

    Source: the tables of Google's libphonenumber. Number portability is not covered.
    """
    if not number or len(number) < 7:
        return ""
    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed):
        return ""
    place = geocoder.description_for_number(parsed, "zh")
    name = carrier.name_for_number(parsed, "zh")
    return " ".join(part for part in (place, name) if part)
