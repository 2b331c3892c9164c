"""Where does a number come from? Apart from `numbers.py`, because its tables take seconds to load: what decides does
not need them.
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import carrier, geocoder


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
