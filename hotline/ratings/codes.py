"""What does the code in a rating link look like? 32 characters: 128 random bits and a signature of 64 bits, base64url.

A code that was not made here is known by its signature, without asking the database. Kept is only the hash of a code:
whoever reads the database can rate nobody. Pure: chance is an argument.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Final

from hotline.store.seal import Seal

CHANCE_BYTES: Final = 16
_SIGNATURE_BYTES: Final = 8
_PURPOSE: Final = "rating-link"
_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{32}")


def make(seal: Seal, chance: bytes) -> str:
    """The code for `CHANCE_BYTES` random bytes."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError("a code needs 128 random bits")
    return base64.urlsafe_b64encode(chance + _signature(seal, chance)).decode()


def is_ours(seal: Seal, code: str) -> bool:
    """Was it made here? That it was used or is too old is known to the database only."""
    if _SHAPE.fullmatch(code) is None:
        return False
    made = base64.urlsafe_b64decode(code)
    return hmac.compare_digest(made[CHANCE_BYTES:], _signature(seal, made[:CHANCE_BYTES]))


def hash_of(code: str) -> bytes:
    """What is stored of it. 128 random bits need no slow hash."""
    return hashlib.sha256(code.encode()).digest()


def _signature(seal: Seal, chance: bytes) -> bytes:
    return seal.sign(_PURPOSE, chance)[:_SIGNATURE_BYTES]
