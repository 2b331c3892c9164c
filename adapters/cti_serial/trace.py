"""What is known of one call on a line that somebody else answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from adapters.cti_serial.sounds import SoundBegan

STALE_RING: Final = timedelta(minutes=10)
"""Nobody rings longer: the report of the end was lost."""
STALE_TALK: Final = timedelta(hours=4)
"""The same for a call that was picked up."""
STRAGGLER: Final = timedelta(seconds=10)
"""The same call that begins once more is a repeat for so long; later its id has come round again."""
SAME_DIGITS: Final = 7
"""Two devices write the same number with and without a long-distance 0, a country code, an access digit; so many digits
at the end have to be there and the same."""


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
    awake: datetime | None = None
    """Since when it is listened to again, after the wire was gone or the service."""
    recording: SoundBegan | None = None
    """A sound device has begun to record it, and has not said yet how that ended."""
    deaf: bool = False
    """The wire was gone since the last sign of life: that it rings no longer proves nothing."""

    @property
    def port(self) -> int | None:
        """The channel, where the settings know it."""
        return self.place.port

    def deadline(self, ring_gap: timedelta, alone: timedelta) -> datetime:
        """Should nothing be heard until then, it is over: `ring_gap` after the last ring, `alone` where a number came
        and no ring was ever heard. The record of a transferred call's next part comes when that part is over."""
        since = max(self.last, self.awake or self.last)
        if self.more or self.answered is not None:
            return since + STALE_TALK
        if self.ends_told:
            return since + STALE_RING
        return since + (ring_gap if self.rings else alone)

    def may_be(self, port: int | None, number: str | None) -> bool:
        """Nothing speaks against it: another line, another caller."""
        if port is not None and self.port is not None and port != self.port:
            return False
        return not number or not self.number or same_number(number, self.number)

    def is_likely(self, port: int | None, number: str | None) -> bool:
        """And something speaks for it: the line, or the caller."""
        known = port is not None and port == self.port
        return self.may_be(port, number) and (known or bool(number and self.number))


def same_number(one: str, other: str) -> bool:
    """`013800138000`, `+8613800138000` and `13800138000` are the same."""
    shorter, longer = sorted((_digits(one), _digits(other)), key=len)
    return shorter == longer or (len(shorter) >= SAME_DIGITS and longer.endswith(shorter))


def _digits(number: str) -> str:
    return "".join(sign for sign in number if sign.isdigit()) or number
