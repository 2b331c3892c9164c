"""Which calls are the hotline's, and what is known of one of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from adapters.freeswitch.esl import Event

STALE: Final = timedelta(hours=4)
"""A call without any sign for so long is over: its end was lost. signalwire/freeswitch#1973: a race leaves members
`Answered` for ever."""
HUNG_UP: Final = timedelta(seconds=10)
"""The channel has hung up, as another event says; its own last event comes within moments, or was lost."""


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls are the hotline's, and who its seats are."""

    queues: frozenset[str]
    numbers: frozenset[str]
    contexts: frozenset[str]
    seat: re.Pattern[str]
    """What an extension looks like."""
    agents: Mapping[str, str] = {}
    """Agent's name in mod_callcenter → extension."""

    def has_queue(self, queue: str) -> bool:
        """It is one of the hotline's; one that is named without a domain in any domain."""
        return bool(queue) and (queue in self.queues or queue.partition("@")[0] in self.queues)

    def is_called(self, event: Event) -> bool:
        """The channel comes in where callers of the hotline do."""
        if event.first("call-direction").lower() != "inbound" or not (self.numbers or self.contexts):
            return False
        return (not self.numbers or event.first("caller-destination-number") in self.numbers) and (
            not self.contexts or event.first("caller-context") in self.contexts
        )

    def extension(self, *names: str) -> str:
        """The first of them that is a seat; empty: none is known."""
        for name in names:
            local = name.partition("@")[0].rpartition("/")[2].removeprefix("sip:")
            if found := self.agents.get(name) or self.agents.get(local):
                return found
            if self.seat.fullmatch(local):
                return local[:64]
        return ""


@dataclass(slots=True, eq=False)
class Trace:
    """One call."""

    key: str
    core: str
    """The process of FreeSWITCH that has it."""
    since: datetime
    last: datetime
    """When a fact was last heard, by our own clock."""
    whole: bool = False
    """An event of his own channel has told who he is and since when; else only the queue has."""
    number: str = ""
    picked_up: bool = False
    talking: str | None = None
    """The seat the caller talks with; empty: one that is not known; None: nobody."""
    spoke: bool = False
    held: bool = False
    ringing: dict[str, datetime] = field(default_factory=dict)
    """Seats that ring, and since when."""
    hung_up: datetime | None = None
    """When another event said that the channel has hung up."""
    cause: str = ""
    """Why, if it said so."""
    ended: datetime | None = None

    @property
    def deadline(self) -> datetime:
        """Should nothing be heard until then, it is over."""
        return self.last + (STALE if self.hung_up is None else HUNG_UP)
