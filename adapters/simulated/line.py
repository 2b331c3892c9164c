"""What is true of one live call on the simulated device, and how the device is set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from adapters.simulated.outside import Way
from adapters.simulated.world import Caller
from adapters.telephony import CallKey, OfferId, PortStatus, Watch

UNHEEDED_SECONDS = 90.0
"""A caller whom nobody takes any notice of hangs up after that."""
EXPECTED_SECONDS = 0.5
"""After that a phone picks up by itself for whoever asked for the ring."""
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
    expected: float = EXPECTED_SECONDS


class Mood(StrEnum):
    """What the caller puts up with at the moment; each mood has its own clock."""

    ABSENT = "absent"
    """The person whom an outbound call is for has not picked up."""
    UNHEEDED = "unheeded"
    """Nobody takes any notice."""
    WAITING = "waiting"
    """Music, or a phone that rings."""
    TALKING = "talking"
    ON_HOLD = "on_hold"
    """Somebody is on the line, but not with him."""
    SPEAKING = "speaking"
    """He leaves a message (留言)."""


class Leg(msgspec.Struct, kw_only=True):
    """A phone that is rung for the call, or was picked up."""

    number: str
    """Its extension, or the number outside."""
    outside: bool = False
    up: bool = False
    """Picked up; else it rings."""
    refuses: Way = Way.NO_ANSWER
    """What is said of it when its time is over and it has not picked up."""
    talk: float | None = None
    """Seconds after which whoever picked up puts the receiver down; None: stays."""
    keys: str = ""
    """Keys that were sent to it."""


class Line(msgspec.Struct, kw_only=True):
    """One live call on the device."""

    key: CallKey
    caller: Caller
    """Of an outbound call: the person whom it is for."""
    since: float
    port: int | None = None
    number_known: bool = False
    placed: bool = False
    """Outbound: begun by us."""
    dialled: str = DIALLED
    """Of an outbound call: empty until it is placed."""
    there: bool = True
    """The caller is on the line; of an outbound call: has picked up."""
    answered: bool = False
    mood: Mood = Mood.UNHEEDED
    talk_left: float = 0.0
    """Seconds that he still has to say something, when he talks again."""
    prompt: str | None = None
    menus: int = 0
    """Menus heard so far."""
    music: bool = False
    """Ordered as such, not the music of a hold."""
    keys: str = ""
    """Keys that were sent to the caller."""
    legs: dict[OfferId, Leg] = {}
    room: tuple[OfferId, ...] = ()
    caller_in: bool = False
    """The caller belongs into the room."""
    muted: tuple[OfferId, ...] = ()
    watching: tuple[Watch, ...] = ()
    recording: str | None = None
    recording_since: float = 0.0
    message: bool = False
    """What is recorded is the caller's message."""
    hangs_up_after: bool = False
    """The message; else he presses #, or the time is over."""
    pending: dict[str, float] = {}
    """What this call will do next, and when; a heap entry that does not agree with it is void."""

    @property
    def ringing(self) -> dict[OfferId, str]:
        """Offers that ring, and the number each rings at."""
        return {offer: leg.number for offer, leg in self.legs.items() if not leg.up}

    @property
    def picked_up(self) -> dict[OfferId, str]:
        """Offers that were picked up, and the number of each."""
        return {offer: leg.number for offer, leg in self.legs.items() if leg.up}

    @property
    def hearing(self) -> tuple[OfferId, ...]:
        """Legs that the caller talks with."""
        return self.room if self.caller_in and self.there else ()


class Saved(msgspec.Struct, kw_only=True):
    """What a telephone system still has when the service that commands it is gone."""

    start: datetime
    calls: list[Line]
    over: list[CallKey] = []
    """Outbound calls whose keys are not taken again."""


def status_of(line: Line, start: datetime) -> PortStatus:
    """The call as the contract shows it; `start` is the device's."""
    return PortStatus(
        call=line.key,
        since=start + timedelta(seconds=line.since),
        caller=line.caller.number if line.number_known else None,
        dialled=line.dialled or None,
        port=line.port,
        answered=line.answered,
        room=line.room,
        caller_in_room=line.caller_in and line.there,
        picked_up=tuple(line.picked_up),
        ringing=tuple(line.ringing),
        watching=line.watching,
        recording=line.recording is not None,
        placed=line.placed,
    )
