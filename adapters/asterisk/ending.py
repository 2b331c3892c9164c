"""What has to be put in order when a call is over? Its recording, its bridges, and what was told of it."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from adapters.asterisk.commands import Desk, drop, stop_recording, together
from adapters.asterisk.ids import watch_id
from adapters.asterisk.rest import part

REMEMBERED: Final = 20_000
"""Ends of calls and recordings that were told, so that they need not be told again from another source."""


class Told:
    """What need not be told again."""

    def __init__(self) -> None:
        self.ended: OrderedDict[str, None] = OrderedDict()
        """Calls whose end was told."""
        self.recorded: OrderedDict[str, None] = OrderedDict()
        """Recordings told from the records; each may end once more, when the bridge that was left behind goes."""

    def end(self, call: str) -> None:
        """The end of that call was told."""
        _note(self.ended, call)

    def record(self, event_id: str) -> None:
        """That recording's end was told."""
        _note(self.recorded, event_id)


async def close(desk: Desk) -> None:
    """Take the call's bridges away, the recording first."""
    line = desk.line
    line.closed = True
    if line.recording:
        await stop_recording(desk, line.recording)
    bridges = [watch_id(desk.call, offer) for offer in line.watchers]
    work = [drop(desk.rest, f"bridges/{part(bridge)}") for bridge in bridges]
    if line.bridge:
        work.append(drop(desk.rest, desk.bridge))
    await together(*work)


def _note(told: OrderedDict[str, None], name: str) -> None:
    told[name] = None
    while len(told) > REMEMBERED:
        told.popitem(last=False)
