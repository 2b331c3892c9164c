"""To which numbers can a text message (短信) go, and how many segments (计费条数) does it take? Pure.

A message with Chinese signs travels as UCS-2: 70 units in one piece, 67 in each of several (3GPP TS 23.038, 23.040).
Gateways charge by the piece, and put nothing before a text that begins with a registered signature (签名) in 【】.
"""

from __future__ import annotations

import re
from typing import Final

ONE: Final = 70
"""Units of a message that goes in one piece."""
EACH: Final = 67
"""Units of each piece of a longer one."""
_MOBILE: Final = re.compile(r"1[3-9][0-9]{9}")
_SIGNATURE: Final = re.compile(r"[^\s【】]{2,20}")


def e164(number: str | None) -> str | None:
    """The mobile number, as dialled inside China, in E.164: `13800138000` → `+8613800138000`.

    None: a landline, a service number or none at all; no message can go there.
    """
    return f"+86{number}" if number is not None and _MOBILE.fullmatch(number) else None


def is_signature(text: str) -> bool:
    """May this stand between 【 and 】? Two to twenty signs, as the operators register them."""
    return _SIGNATURE.fullmatch(text) is not None


def signed(text: str, signature: str) -> str:
    """The text as it travels."""
    return f"【{signature}】{text}" if signature else text


def segments(text: str) -> int:
    """How many pieces a text takes, its signature included; signs outside the basic plane count as two units."""
    units = len(text.encode("utf-16-be")) // 2
    if units <= ONE:
        return 1
    return -(-units // EACH)
