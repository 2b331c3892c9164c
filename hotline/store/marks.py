"""How far has an edge been taken? Its mark moves in the same statement that keeps what follows from its records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from adapters.telephony import AdapterName


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Of one stream of one adapter that an edge carries."""

    adapter: AdapterName
    stream: str
    seq: int
    """Number of the last record that is durable here."""
    up: bool
    """Whether the device could be heard then."""
    heard_at: datetime
    """The time that record bears: aware, by the edge's clock where that can be right."""


def columns_of(marks: Iterable[Mark | None]) -> list[list[object]]:
    """As `KEEP` takes them: the furthest of each stream, since one statement may change a row only once."""
    furthest = dict[tuple[str, str], Mark]()
    for mark in marks:
        if mark is not None:
            known = furthest.get((mark.adapter, mark.stream))
            if known is None or known.seq < mark.seq:
                furthest[mark.adapter, mark.stream] = mark
    return [[getattr(mark, name) for mark in furthest.values()] for name in Mark.__struct_fields__]
