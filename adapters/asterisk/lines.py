"""What do we remember of a live call between two events? Only what saves a question or explains an end.

Nothing here is truth: Asterisk's channels and bridges are, and `snapshot.py` fills a line again after a reconnect.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from adapters.asterisk.ari import Channel
from adapters.telephony import OfferId, Watch


class Sound(Enum):
    """What a channel hears beside the room."""

    NOTHING = auto()
    MUSIC = auto()
    RINGING = auto()
    UNKNOWN = auto()
    """It was there before us: to be stopped before it joins a room, to be begun where it should hear music."""


class Kind(Enum):
    """Whose leg it is."""

    SEAT = auto()
    MOBILE = auto()
    """A seat's, at a number outside: whoever picks up presses 1 first."""
    OUTSIDE = auto()


_KINDS = {"mobile": Kind.MOBILE, "outside": Kind.OUTSIDE}


@dataclass(slots=True)
class Leg:
    """A leg that is not the caller's."""

    kind: Kind = Kind.SEAT
    rang: bool = False
    answered: bool = False
    stopped: bool = False
    """We told it to stop, so its end is nobody's refusal."""
    asked: bool = False
    """A mobile that was picked up: it has been asked for the key 1, and has not pressed it yet."""
    question: str = ""
    """Id of the playback that asks."""
    sound: Sound = Sound.NOTHING


@dataclass(frozen=True, slots=True)
class Spy:
    """A snoop channel that is in its bridge."""

    watch: Watch
    channel: str


@dataclass(slots=True)
class Line:
    """One call."""

    up: bool = False
    """The caller's channel is off-hook; of a call that we placed: he has picked up."""
    placed: bool = False
    """Outbound."""
    dialling: bool = False
    """Of a call that we placed: his channel has been asked for."""
    began: datetime | None = None
    """Of a call that we placed: when we were told to."""
    sound: Sound = Sound.NOTHING
    """What the caller hears, beside announcements."""
    on_hold: bool = False
    """We were told to keep him out of the room: he hears music when no announcement plays."""
    bridge: bool = False
    bridge_turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Asterisk answers 500 when the same bridge is asked for twice at the same instant."""
    room: list[OfferId] = field(default_factory=list[OfferId])
    """Legs in the bridge."""
    caller_in: bool = False
    muted: set[OfferId] = field(default_factory=set[OfferId])
    mutes_known: bool = True
    """`muted` is true; else the legs in the room were there before us."""
    aside: set[OfferId] = field(default_factory=set[OfferId])
    """Supervisors' legs in a bridge of their own."""
    spies: dict[OfferId, Spy] = field(default_factory=dict[OfferId, Spy])
    """Their snoop channels, by their own offers."""
    playing: str = ""
    """Id of the announcement being played."""
    interruptible: bool = False
    interrupted: bool = False
    recording: str = ""
    """What is being recorded in the bridge."""
    message: str = ""
    """What is being recorded of the caller alone."""
    tone: str = ""
    """Id of the playback of the tone before it."""
    legs: dict[OfferId, Leg] = field(default_factory=dict[OfferId, Leg])
    over: set[OfferId] = field(default_factory=set[OfferId])
    """Legs that have come and gone."""
    released: bool = False
    """We were told to end it."""
    hangup_cause: int | None = None
    """The caller's side asked for the end, with this cause."""
    closed: bool = False
    """It is over: what is still being made for it is to go again."""

    @property
    def with_caller(self) -> bool:
        """There is somebody who can be in the room."""
        return self.up or not self.placed

    @property
    def watchers(self) -> set[OfferId]:
        """Supervisors' legs that have a bridge of their own."""
        return self.aside | self.spies.keys()

    def leave(self, offer: OfferId) -> None:
        """That leg is not in the room any more."""
        if offer in self.room:
            self.room.remove(offer)

    def lose_bridge(self) -> None:
        """The room is gone, and everybody was put out."""
        self.bridge, self.caller_in = False, False
        self.room.clear()


def leg_seen(channel: Channel) -> Leg:
    """What can be told of a leg by looking at it. A mobile that is off-hook may be one that nobody has accepted at."""
    kind = _KINDS.get(channel.channelvars.leg, Kind.SEAT)
    taken = channel.up and (kind is not Kind.MOBILE or channel.channelvars.taken == "1")
    return Leg(
        kind=kind,
        rang=channel.state in ("Ringing", "Up"),
        answered=taken,
        asked=channel.up and not taken,
        sound=Sound.UNKNOWN if taken else Sound.NOTHING,
    )
