"""What do the driver host and we say to each other? One JSON object a line, on its stdin and stdout.

Up come `Ready`, signs (what happened on a channel, in words that every vendor's card shares) and answers; down go
orders, each with an id that its answer repeats. Nothing here knows a vendor.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, TypeVar

import msgspec

T = TypeVar("T")

LINE_BYTES: Final = 64 * 1024
"""A longer line is not read, either way."""
ALIVE_SECONDS: Final = 0.5
"""So often the host says that it is not stuck in the vendor's library."""


class Kind(StrEnum):
    """What a channel is."""

    ANALOG = "analog"
    """A trunk (外线) that rings, and tells of a hang-up only by tones or polarity."""
    DIGITAL = "digital"
    """A trunk with signalling: E1, ISDN, No. 7."""
    STATION = "station"
    """坐席通道: an analogue phone hangs on it."""


class State(StrEnum):
    """What a channel does."""

    IDLE = "idle"
    RINGING = "ringing"
    """A trunk: somebody calls. A station: we ring it."""
    UP = "up"
    """Off-hook."""
    BROKEN = "broken"


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One channel as the card sees it now."""

    number: int
    kind: Kind
    state: State = State.IDLE


# ── up ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Up(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="is"):
    """Something the host says."""


class Ready(Up, frozen=True, kw_only=True):
    """The library is open; the first thing that is said."""

    detail: str
    channels: tuple[Channel, ...]
    confers: bool
    """The library has a conference (会议)."""


class Alive(Up, frozen=True, kw_only=True):
    """The library still returns from its calls."""


class Answer(Up, frozen=True, kw_only=True):
    """What became of an order; `refused` is empty when it was done."""

    id: int
    refused: str = ""
    lacking: bool = False
    """The card can never do this."""
    channels: tuple[Channel, ...] = ()


class Sign(Up, frozen=True, kw_only=True):
    """Something that happened on a channel."""

    channel: int


class Rang(Sign, frozen=True, kw_only=True):
    """A trunk rings: the first time, and again with each ring that is heard. Empty: not known (yet)."""

    caller: str = ""
    dialled: str = ""


class Numbered(Sign, frozen=True, kw_only=True):
    """The caller's number has come."""

    caller: str


class OffHook(Sign, frozen=True, kw_only=True):
    """A trunk is answered, or a station's phone was picked up."""


class OnHook(Sign, frozen=True, kw_only=True):
    """A station's phone was put down."""


class Pressed(Sign, frozen=True, kw_only=True):
    """Keys (DTMF) came in."""

    digits: str


class PlayEnded(Sign, frozen=True, kw_only=True):
    """A file has been played to its end, or cannot be played."""

    task: int
    failed: bool = False
    """The library could not play it, or not to its end."""


class RecordEnded(Sign, frozen=True, kw_only=True):
    """A recording ended by itself: its time is over, or the disk is full."""

    task: int
    failed: str = ""
    """The library could not write it; what it said."""


class Quiet(Sign, frozen=True, kw_only=True):
    """Nothing has been heard on the channel for long."""


class Freed(Sign, frozen=True, kw_only=True):
    """Nobody is on that trunk any more."""

    cause: str
    inferred: bool = False
    """Concluded (it rings no longer), not told by the line."""


class Reversed(Sign, frozen=True, kw_only=True):
    """The exchange has turned the wires of that trunk round (极性反转), in a call."""


class Broken(Sign, frozen=True, kw_only=True):
    """The channel is out of order."""

    detail: str


class Mended(Sign, frozen=True, kw_only=True):
    """It works again."""


Said = (
    Ready
    | Alive
    | Answer
    | Rang
    | Numbered
    | OffHook
    | OnHook
    | Pressed
    | PlayEnded
    | RecordEnded
    | Quiet
    | Freed
    | Reversed
    | Broken
    | Mended
)
AnySign = (
    Rang | Numbered | OffHook | OnHook | Pressed | PlayEnded | RecordEnded | Quiet | Freed | Reversed | Broken | Mended
)


# ── down ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Order(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="do"):
    """Something the host is to do. Its id is set when it is sent."""

    id: int = 0


class PickUpLine(Order, frozen=True, kw_only=True):
    """A trunk goes off-hook."""

    channel: int


class HangUp(Order, frozen=True, kw_only=True):
    """A trunk goes on-hook; a station that was picked up hears the busy tone until somebody puts it down."""

    channel: int


class Ring(Order, frozen=True, kw_only=True):
    """A station's phone rings. Refused with `busy` when it is off-hook."""

    channel: int
    shown: str = ""


class StopRing(Order, frozen=True, kw_only=True):
    """It rings no longer."""

    channel: int


class Play(Order, frozen=True, kw_only=True):
    """Play a file into a channel, in place of what plays there; `PlayEnded` follows unless it is repeated for ever."""

    channel: int
    file: str
    task: int
    again: bool = False


class StopPlay(Order, frozen=True, kw_only=True):
    """Nothing plays there any more; no `PlayEnded` follows."""

    channel: int


class Record(Order, frozen=True, kw_only=True):
    """Write what is heard on a channel: the caller alone, or both sides."""

    channel: int
    file: str
    task: int
    both: bool
    seconds: int = 0
    """At most; 0: until it is stopped."""


class StopRecord(Order, frozen=True, kw_only=True):
    """The file is complete; no `RecordEnded` follows."""

    channel: int


class SendDtmf(Order, frozen=True, kw_only=True):
    """Send keys."""

    channel: int
    digits: str


class Member(msgspec.Struct, frozen=True):
    """Somebody in a room."""

    channel: int
    speaks: bool = True


class Room(Order, frozen=True, kw_only=True):
    """Who hears whom from now on, in the room that bears the number of the call's trunk; everybody who is not named
    leaves it."""

    room: int
    members: tuple[Member, ...] = ()


class Look(Order, frozen=True, kw_only=True):
    """Ask the card about each channel."""


AnyOrder = PickUpLine | HangUp | Ring | StopRing | Play | StopPlay | Record | StopRecord | SendDtmf | Room | Look


_up: Final = msgspec.json.Decoder(Said)
_down: Final = msgspec.json.Decoder(AnyOrder)


def pack(what: Up | Order) -> bytes:
    """One line."""
    return msgspec.json.encode(what) + b"\n"


def read_said(line: bytes) -> Said:
    """What the host said. Raises `msgspec.MsgspecError`."""
    return _read(_up, line)


def read_order(line: bytes) -> AnyOrder:
    """What the host is to do. Raises `msgspec.MsgspecError`."""
    return _read(_down, line)


def _read(decoder: msgspec.json.Decoder[T], line: bytes) -> T:
    try:
        return decoder.decode(line)
    except (UnicodeError, RecursionError) as error:  # a vendor's library may print anything
        raise msgspec.DecodeError(str(error)) from error
