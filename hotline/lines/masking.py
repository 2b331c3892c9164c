"""What may be seen of the bytes that a device sent: every run of digits that could be a number is masked.

In the bytes, before they are shown as text or in hex: a frame of a caller-ID box holds its number as ASCII digits.
Digits of UTF-16 (a zero byte between each), full-width digits of Chinese devices and digits with a parity bit are
digits too, and so are numbers written in groups (`138 0013 8000`, `138-0013-8000`). A date written with dashes stays;
other times may go as well: better one mask too many. Ports of addresses, extensions and service numbers stay: whoever
looks for the cable needs them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

SHOWN_BYTES: Final = 4096
"""Of one delivery no more is shown."""
DIGITS: Final = 7
"""A run of fewer digits is nobody's number: the shortest ones of people have seven, extensions and those of services
(12348, 10086) fewer."""
GROUPED: Final = 10
"""A number that is written in groups has at least so many."""

_RUN: Final = re.compile(rb"[0-9](?:\x00?[0-9]){6,}")
_GROUPS: Final = re.compile(rb"(?<![0-9])[0-9]{2,4}(?:[ \-][0-9]{2,4}){1,3}(?![0-9])")
_DATE: Final = re.compile(rb"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?: [0-9]{2})?")
_WIDE: Final = re.compile(rb"(?:\xef\xbc[\x90-\x99]){7,}|(?:\xa3[\xb0-\xb9]){7,}")
"""Full-width digits, in UTF-8 and in GBK."""
_ENCODED: Final = re.compile(rb"(?:%3[0-9]){7,}", re.IGNORECASE)
"""Digits of a form that encodes what it need not."""
_PARITY: Final = re.compile(rb"[0-9]*[\xb0-\xb9][0-9\xb0-\xb9]*")
"""Digits of a 7-bit device on a wire that was opened with 8: the parity stands in the highest bit of some."""
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def masked_bytes(raw: bytes) -> bytes:
    """As many bytes, with the digits in the middle of each long run as `*`."""
    found = _PARITY.sub(lambda run: b"*" * len(run[0]) if len(run[0]) >= DIGITS else run[0], raw)
    found = _GROUPS.sub(lambda run: _grouped(run[0]), found)
    found = _RUN.sub(lambda run: _starred(run[0]), found)
    found = _ENCODED.sub(lambda run: b"%2A" * (len(run[0]) // 3), found)
    return _WIDE.sub(lambda run: b"*" * len(run[0]), found)


def masked_text(text: str) -> str:
    """A text (a reason, a detail of a device) without numbers in it."""
    return masked_bytes(text.encode("utf-8", "replace")).decode()


def as_text(masked: bytes) -> str:
    """Bytes as somebody can read them: UTF-8 where they are, else GBK, else one sign for each byte; what cannot be seen
    as `\\r`, `\\n` and `·`."""
    for encoding in ("utf-8", "gb18030"):
        try:
            text = masked.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = masked.decode("latin-1")
    return "".join(_visible(sign) for sign in text)


def as_hex(masked: bytes) -> str:
    """Bytes in hex, two digits each, with a blank between them."""
    return masked.hex(" ")


def _grouped(run: bytes) -> bytes:
    if _DATE.fullmatch(run) or sum(0x30 <= byte <= 0x39 for byte in run) < GROUPED:
        return run
    return _starred(run)


def _starred(run: bytes) -> bytes:
    """The first three and the last two digits stay, should there be enough of them to hide the others."""
    places = [place for place, byte in enumerate(run) if 0x30 <= byte <= 0x39]
    first, last = (3, 2) if len(places) >= 8 else (1, 1)
    hidden = set(places[first:-last])
    return bytes(0x2A if place in hidden else byte for place, byte in enumerate(run))


def _visible(sign: str) -> str:
    match sign:
        case "\r":
            return "\\r"
        case "\n":
            return "\\n\n"
        case "\t":
            return "\t"
        case _:
            return "·" if unicodedata.category(sign) in _UNPRINTABLE else sign
