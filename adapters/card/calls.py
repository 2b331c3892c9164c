"""What is true of one live call on a card, and how the contract shows it. Pure."""

from __future__ import annotations

from datetime import datetime

import msgspec

from adapters.card.wire import Member, Order
from adapters.telephony import CallKey, OfferId, PortStatus


class Leg(msgspec.Struct, kw_only=True):
    """A seat's phone that rings for the call, or was picked up."""

    extension: str
    channel: int
    ring_until: datetime
    up: bool = False


class Line(msgspec.Struct, kw_only=True):
    """One live call."""

    key: CallKey
    channel: int
    """Its trunk."""
    since: datetime
    last_ring: datetime
    rings: bool
    """An analogue line: it is over when it rings no longer."""
    caller: str = ""
    dialled: str = ""
    picking_up: bool = False
    answered: bool = False
    up_since: datetime | None = None
    prompt: str = ""
    """The announcement that plays."""
    interruptible: bool = True
    task: int = 0
    """Of the announcement, the tone or the music that plays; 0: nothing."""
    then: Order | None = None
    """What is to be done when the tone is over."""
    legs: dict[OfferId, Leg] = {}
    room: tuple[OfferId, ...] = ()
    caller_in: bool = False
    muted: tuple[OfferId, ...] = ()
    recording: str = ""
    message: bool = False
    """What is recorded is the caller's message (留言)."""
    recording_task: int = 0
    recording_since: datetime | None = None
    recording_until: datetime | None = None

    @property
    def hearing(self) -> tuple[OfferId, ...]:
        """Legs that the caller talks with."""
        return self.room if self.caller_in else ()

    def members(self) -> tuple[Member, ...]:
        """Who is in the room, by channel; nobody where there would be one alone."""
        inside = [Member(self.legs[offer].channel, offer not in self.muted) for offer in self.room]
        if self.caller_in:
            inside.append(Member(self.channel))
        return tuple(inside) if len(inside) > 1 else ()


def status_of(line: Line) -> PortStatus:
    """The call as the contract shows it."""
    return PortStatus(
        call=line.key,
        since=line.since,
        caller=line.caller or None,
        dialled=line.dialled or None,
        port=line.channel,
        answered=line.answered,
        room=line.room,
        caller_in_room=line.caller_in,
        picked_up=tuple(offer for offer, leg in line.legs.items() if leg.up),
        ringing=tuple(offer for offer, leg in line.legs.items() if not leg.up),
        recording=bool(line.recording),
    )
