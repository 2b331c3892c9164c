"""What is true of one line and of the call on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from adapters.telephony import AdapterName, CallKey, Handling, OfferId, PortStatus


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What the settings say of the line."""

    adapter: AdapterName
    port: int
    seat: str = ""
    """Extension of the seat whose telephone is on the line; empty: none is."""
    dialled: str | None = None
    patterns: Mapping[str, str] = {}
    """Distinctive ring → number that was dialled."""
    ring_gap: timedelta = timedelta(seconds=7)
    settle: timedelta = timedelta(seconds=2)


class Stage(StrEnum):
    """Who has the line."""

    ANNOUNCED = "announced"
    """A number came and no ring yet (DTMF caller id): nobody knows of the call."""
    RINGING = "ringing"
    OURS = "ours"
    """The modem is off hook."""
    BY_HAND = "by_hand"
    """A telephone on the line holds it."""


@dataclass(slots=True)
class Live:
    """One call."""

    key: CallKey
    since: datetime
    stage: Stage
    last_ring: datetime
    rings: int = 0
    caller: str | None = None
    numbered: bool = False
    """The line has said who rings, or that it does not tell."""
    dialled: str | None = None
    handling: Handling = Handling.HALL
    hook_at: datetime | None = None
    """When a hook was moved last."""
    offer: OfferId | None = None
    """The seat rings."""
    ring_until: datetime | None = None
    leg: OfferId | None = None
    """The seat has picked up."""
    joined: bool = False
    offered: bool = False
    """The hall knows of it."""
    recording: bool = False


def status_of(live: Live, port: int) -> PortStatus:
    """The call as `ports()` lists it."""
    return PortStatus(
        call=live.key,
        since=live.since,
        handling=live.handling,
        caller=live.caller,
        dialled=live.dialled,
        port=port,
        answered=live.stage is not Stage.RINGING,
        room=(live.leg,) if live.joined and live.leg is not None else (),
        caller_in_room=live.joined,
        picked_up=(live.leg,) if live.leg is not None else (),
        ringing=(live.offer,) if live.offer is not None else (),
        recording=live.recording,
    )
