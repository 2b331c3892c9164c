"""With which code (查询码) does a citizen ask how far a matter is? Eight digits that are kept nowhere.

Kept is a keyed hash, since eight digits would be found by trying them all; so a code is told once and never shown
again, and who has lost it gets another. The newest few are good.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.store.seal import Seal
from hotline.store.tables import PROGRESS_CODES

CHANCE_BYTES: Final = 16
DIGITS: Final = 8
GOOD: Final = 5
"""So many codes of a ticket are good: by message, on the sheet, and on the sheet that was printed once more."""
_PURPOSE: Final = "progress-code"


def code_of(chance: bytes) -> str:
    """The code for `CHANCE_BYTES` random bytes."""
    if len(chance) != CHANCE_BYTES:
        raise ValueError("a code needs 128 random bits")
    return f"{int.from_bytes(chance) % 10**DIGITS:0{DIGITS}}"


def plain(typed: str) -> str | None:
    """What somebody typed, without blanks; None: it is no code."""
    found = re.sub(r"[\s\-]", "", typed)
    return found if re.fullmatch(rf"[0-9]{{{DIGITS}}}", found, re.ASCII) else None


async def make(
    conn: AsyncConnection, seal: Seal, *, hall: str, ticket: str, chance: bytes, by: str, now: datetime
) -> str:
    """A new code for a ticket; it cannot be read a second time."""
    code = code_of(chance)
    values = {"hall": hall, "ticket": ticket, "code_hash": _hash(seal, ticket, code), "made_at": now, "made_by": by}
    await conn.execute(insert(PROGRESS_CODES).values(**values))
    return code


async def opens(conn: AsyncConnection, seal: Seal, ticket: str, code: str) -> bool:
    """Is that one of the ticket's codes?"""
    p = PROGRESS_CODES.c
    query = select(p.code_hash).where(p.ticket == ticket).order_by(p.id.desc()).limit(GOOD)
    wanted, found = _hash(seal, ticket, code), False
    for kept in (await conn.execute(query)).scalars():
        found |= hmac.compare_digest(bytes(kept), wanted)
    return found


def _hash(seal: Seal, ticket: str, code: str) -> bytes:
    return seal.sign(_PURPOSE, f"{ticket} {code}".encode())
