"""A caller's number: what we keep of it, and what may be shown."""

from __future__ import annotations

import re
import unicodedata

_NOT_DIALLABLE = re.compile(r"[^0-9*#+]")
_SERVICE = re.compile(r"1(?:1\d|2[02])|12\d{3}")
"""110, 119, 120, 122; 12345, 12348 and the other public hotlines: an office's, never a person's."""
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
    """What anybody may see: `138****8000`, `0571****1234`, `110` (nobody's own number); empty when unknown."""
    if not number:
        return ""
    if _SERVICE.fullmatch(number):
        return number
    if len(number) == 11 and number.startswith("1"):
        return f"{number[:3]}****{number[-4:]}"
    if len(number) > 8:
        return f"{number[:-8]}****{number[-4:]}"
    if len(number) > 4:
        return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
    return "*" * len(number)
