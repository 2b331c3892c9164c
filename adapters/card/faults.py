"""When is a channel out of order, and when is it well again? Pure: times are arguments.

A loose plug says "broken" and "mended" ten times in a second, and so does a service that opens its devices anew. That
is one fault: told when it begins, and over when the channel has been well for a while.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

STEADY: Final = timedelta(seconds=5)
"""So long a channel has to be well before its fault is over."""


class Over(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that is over."""

    channel: int
    since: datetime
    """Since when the channel is well."""
    times: int
    """How often it broke meanwhile."""


class _Fault(msgspec.Struct):
    times: int = 1
    well_since: datetime | None = None


class Faults:
    """The channels that are out of order, or were a moment ago."""

    def __init__(self) -> None:
        self._faults: dict[int, _Fault] = {}

    def broke(self, channel: int) -> bool:
        """Whether that has to be told: it is no part of a fault that was told already."""
        fault = self._faults.get(channel)
        if fault is None:
            self._faults[channel] = _Fault()
            return True
        if fault.well_since is not None:
            fault.times, fault.well_since = fault.times + 1, None
        return False

    def mended(self, channel: int, now: datetime) -> bool:
        """Whether that has to be told at once: the fault is none of ours, but of a host before this one."""
        fault = self._faults.get(channel)
        if fault is not None and fault.well_since is None:
            fault.well_since = now
        return fault is None

    def over(self, now: datetime) -> list[Over]:
        """What has been well for long enough, each told once."""
        found = [
            Over(channel=channel, since=fault.well_since, times=fault.times)
            for channel, fault in self._faults.items()
            if fault.well_since is not None and now - fault.well_since >= STEADY
        ]
        for each in found:
            del self._faults[each.channel]
        return found
