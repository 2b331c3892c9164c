"""Who else is on a call (在线方), beside the caller and the seat that has it?"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from adapters.telephony import OfferId, WatchMode


class Part(StrEnum):
    """What somebody does on the call."""

    CONSULTED = "consulted"
    """咨询: is asked, while the caller hears music."""
    JOINED = "joined"
    """三方: hears everybody and is heard."""
    LISTENING = "listening"
    """监听"""
    WHISPERING = "whispering"
    """密语"""
    BARGING = "barging"
    """强插"""


WATCHING: Final = {Part.LISTENING: WatchMode.LISTEN, Part.WHISPERING: WatchMode.WHISPER}
"""Parts beside the room."""
SUPERVISING: Final = frozenset({Part.LISTENING, Part.WHISPERING, Part.BARGING})


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One more leg: a seat of the hall, or a contact outside (外部号码)."""

    offer: OfferId
    part: Part
    seat: str | None = None
    contact: str = ""
    """Id of the contact outside; empty for a seat."""
    label: str = ""
    """What people call it: the lawyer's name, 110."""
    up: bool = False
    """Picked up; else it rings."""
    since: datetime
    """Rings, or is there, since then."""
    ring_until: datetime | None = None
    by: str = ""
    """The seat that asked for it."""
    emergency: bool = False
    confirmed: bool = False
    """The seat said that the other side has taken the matter over."""
    take_back: str | None = None
    """The seat to which the caller returns should nobody pick up."""


def party_of(parties: tuple[Party, ...], offer: OfferId | None) -> Party | None:
    """The one with that leg."""
    return next((each for each in parties if each.offer == offer), None) if offer is not None else None


def at_seat(parties: tuple[Party, ...], seat: str) -> Party | None:
    """The one that sits there."""
    return next((each for each in parties if each.seat == seat), None)


def without(parties: tuple[Party, ...], offer: OfferId) -> tuple[Party, ...]:
    """All others."""
    return tuple(each for each in parties if each.offer != offer)


def heir(parties: tuple[Party, ...]) -> Party | None:
    """Who keeps the caller when the seat leaves: whoever is there already, a three-way partner before one consulted."""
    there = [each for each in parties if each.up and each.part in (Part.JOINED, Part.CONSULTED)]
    return min(there, key=lambda each: (each.part is not Part.JOINED, each.seat is None, each.since), default=None)
