"""What is true of one live call on the simulated device, and how the device is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from adapters.simulated.world import Caller
from adapters.telephony import CallKey, OfferId, PortStatus

UNHEEDED_SECONDS = 90.0
"""A caller whom nobody takes any notice of hangs up after that."""
DIALLED = "12348"

Keep = Callable[[str, float], tuple[str, float] | None]
"""Writes the audio of a recording (name, seconds); returns its file and length, or None when there is none."""


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How the system is set up."""

    ports: int
    prompts: Mapping[str, float] = {}
    """Length of each announcement in seconds."""
    other_prompt: float = 3.0
    """Length of any other."""
    menus: Mapping[str, Mapping[str, float]] = {}
    """Announcement that asks for a key → key → weight."""
    unheeded: float = UNHEEDED_SECONDS


class Line(msgspec.Struct, kw_only=True):
    """One live call on the device."""

    key: CallKey
    caller: Caller
    since: float
    port: int
    number_known: bool
    answered: bool = False
    prompt: str | None = None
    menus: int = 0
    """Menus heard so far."""
    music: bool = False
    waiting: bool = False
    """The patience runs."""
    ringing: dict[OfferId, str] = {}
    """Offers that ring, and the extension each rings at."""
    picked_up: dict[OfferId, str] = {}
    """Offers that were picked up and are not joined yet."""
    joined: OfferId | None = None
    joined_at: str | None = None
    """The extension of the seat that is on the call."""
    recording: str | None = None
    recording_since: float = 0.0
    pending: dict[str, float] = {}
    """What this call will do next, and when; a heap entry that does not agree with it is void."""


class Saved(msgspec.Struct, kw_only=True):
    """What a telephone system still has when the service that commands it is gone."""

    start: datetime
    lines: list[Line]


def status_of(line: Line, start: datetime) -> PortStatus:
    """The call as the contract shows it; `start` is the device's."""
    return PortStatus(
        call=line.key,
        since=start + timedelta(seconds=line.since),
        caller=line.caller.number if line.number_known else None,
        dialled=DIALLED,
        port=line.port,
        answered=line.answered,
        joined_offer=line.joined,
        answered_offer=next(iter(line.picked_up), None),
        ringing_offers=tuple(line.ringing),
        recording=line.recording is not None,
    )
