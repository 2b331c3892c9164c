"""What is known of one call on a line that somebody else answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

STALE_RING: Final = timedelta(minutes=10)
"""Nobody rings longer: the report of the end was lost."""
STALE_TALK: Final = timedelta(hours=4)
"""The same for a call that was picked up."""
STRAGGLER: Final = timedelta(seconds=10)
"""The same call that begins once more is a repeat for so long; later its id has come round again."""
NEXT_RECORD: Final = timedelta(minutes=10)
"""A record that says the call goes on is the last one when no other has come for so long."""


class Place(NamedTuple):
    """A line."""

    port: int | None
    """The channel, as the settings number it."""
    name: str
    """The device's own name, where the settings do not know it."""


@dataclass(slots=True, eq=False)
class Trace:
    """One call."""

    key: str
    place: Place
    since: datetime
    last: datetime
    """The last sign of life."""
    rings: int = 0
    number: str = ""
    ids: set[tuple[str, str]] = field(default_factory=set)
    """Wire and id under which devices know it."""
    ends_told: bool = False
    """A device that reports it will also say when it is over."""
    answered: datetime | None = None
    ended: datetime | None = None
    recorded: bool = False
    """A record has told the whole of it."""
    more: bool = False
    """A record has told of it, and that another one follows."""

    @property
    def port(self) -> int | None:
        """The channel, where the settings know it."""
        return self.place.port

    def deadline(self, ring_gap: timedelta, alone: timedelta) -> datetime:
        """Should nothing be heard until then, it is over: `ring_gap` after the last ring, `alone` where a number came
        and no ring was ever heard."""
        if self.more:
            return self.last + NEXT_RECORD
        if self.answered is not None:
            return self.last + STALE_TALK
        if self.ends_told:
            return self.last + STALE_RING
        return self.last + (ring_gap if self.rings else alone)

    def may_be(self, port: int | None, number: str | None) -> bool:
        """Nothing speaks against it: another line, another caller."""
        if port is not None and self.port is not None and port != self.port:
            return False
        return not number or not self.number or number == self.number
