"""Is a record new, or has it only been printed again?"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from adapters.cti_serial.signs import Recorded

MINUTE: Final = timedelta(minutes=1)
TICK: Final = timedelta(seconds=2)
"""No two calls on one line are over within it."""


class Printed:
    """Records by the bytes they were printed with. A PBX that is asked anew prints its buffer again: no new call. One
    that shows minutes only may print the same for two short calls: then the second comes as fresh as the first, and not
    before it can have been over."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen = OrderedDict[str, tuple[int, datetime]]()
        """How often it was a new one, and when it last came."""

    def mark(self, wire: str, frame: bytes, sign: Recorded, at: datetime, *, fresh: bool) -> str:
        """A name for this record, never used twice; empty: it is known. `fresh`: the call was over just now."""
        digest = hashlib.sha256(wire.encode() + b":" + frame).hexdigest()[:16]
        times, last = self._seen.get(digest, (0, at))
        if times:
            lasted = timedelta(seconds=(sign.ring or 0) + (sign.talked or 0))
            if sign.step < MINUTE or not fresh or at - last < max(lasted, TICK):
                return ""
        self._seen[digest] = (times + 1, at)
        self._seen.move_to_end(digest)
        while len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return digest if not times else f"{digest}-{times + 1}"
