"""How a hall is to behave: its settings, as values that `decide` reads and never changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from adapters.telephony import Ability, AdapterName, Reach
from hotline.announcements.plan import Plan
from hotline.callers.treatment import Policy
from hotline.hall.reach import Reached
from hotline.rosters.shift import DutyMode
from routing.contract import RoutingStrategy
from routing.queue import HEAD_START_SECONDS
from routing.spill import Spill


class Widening(msgspec.Struct, frozen=True, kw_only=True):
    """After so many seconds of waiting the call may go to further groups as well."""

    after_seconds: int
    groups: tuple[str, ...]


class QueueRules(msgspec.Struct, frozen=True, kw_only=True):
    """One queue: who serves it, how long it rings, when it gives up."""

    name: str
    label: str
    strategy: RoutingStrategy
    groups: tuple[str, ...]
    widening: tuple[Widening, ...] = ()
    ring_seconds: int = 20
    max_wait_seconds: int = 600
    """0: waits for ever."""
    max_length: int = 500
    wrap_seconds: int = 30
    """0: no wrap-up (话后处理)."""
    priority: int = 0
    music: bool = True
    spills: tuple[Spill, ...] = ()
    """Where callers go when it takes too long, tried in this order (溢出)."""


class ContactKind(StrEnum):
    """What a contact outside is."""

    EMERGENCY = "emergency"
    """110, 119, 120, 122: always allowed, never counted."""
    HOTLINE = "hotline"
    """12345 and other lines of the state."""
    OFFICE = "office"
    """A centre, station or duty phone of the bureau."""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A number outside that may be rung (外部号码)."""

    id: str
    label: str
    number: str
    kind: ContactKind = ContactKind.OFFICE
    ring_seconds: int = 30


class OutboundRules(msgspec.Struct, frozen=True, kw_only=True):
    """How much may be dialled out (防盗打). Emergency contacts are outside of it."""

    concurrent: int = 10
    """Calls outside at the same time, hall-wide."""
    per_seat_hour: int = 20
    per_hall_hour: int = 200
    per_hall_night: int = 60
    """Between 22:00 and 07:00."""
    ring_seconds: int = 45


class HallRules(msgspec.Struct, frozen=True, kw_only=True):
    """One hall (大厅)."""

    hall: str
    label: str
    queues: Mapping[str, QueueRules]
    default_queue: str
    dialled: Mapping[str, str] = {}
    """Dialled number → queue, where several numbers lead to the hall."""
    plan: Plan = Plan()
    """What callers hear, and which key leads where (来电流程); edited in the console."""
    duty: DutyMode = DutyMode.LIVE
    """How callers are served while nobody is signed in (值守方式), by the roster of this hour."""
    night: tuple[Contact, ...] = ()
    """Whom callers are forwarded to then: the phones of the lawyers on night duty."""
    days_off: frozenset[date] = frozenset()
    """Days around now on which offices are closed, by the State Council's calendar (调休 included)."""
    record: bool = True
    misses_limit: int = 3
    """Offers not taken in a row after which the seat becomes busy (no_answer)."""
    sign_off_missing_seconds: int = 1800
    silent_call_seconds: int = 14400
    silent_ring_seconds: int = 1800
    """An observed call of which nothing was heard for so long is over."""
    head_start_seconds: float = HEAD_START_SECONDS
    contacts: Mapping[str, Contact] = {}
    """Numbers outside, by id."""
    outbound: OutboundRules = OutboundRules()
    abilities: Mapping[AdapterName, frozenset[Ability]] = {}
    """What each line can do."""
    reaches: Mapping[AdapterName, Reached] = {}
    """Which phones each line can ring."""
    transfer_seconds: int = 20
    """So long the target of a transfer or consultation rings; then the caller returns."""
    return_seconds: int = 20
    """So long a caller waits for his own lawyer whose phone or page was lost (reloaded) before he goes to anybody."""
    monitor_announced: bool = False
    """A lawyer sees that a supervisor listens."""
    break_approval: bool = False
    """A break (小休) needs a supervisor's consent."""
    redial_seconds: int = 120
    """Who gave up and rings again within that time keeps his place; 0: nobody does."""
    last_lawyer_days: int = 30
    """So long the lawyer who spoke with a caller last counts as his."""
    callers: Policy = Policy()
    """What a site chooses about callers with a rule of their own."""

    def can(self, adapter: AdapterName, ability: Ability) -> bool:
        """Has the line that ability? Lines nobody described can do everything that their adapter does not refuse."""
        known = self.abilities.get(adapter)
        return known is None or ability in known

    def reach_of(self, adapter: AdapterName, port: int | None) -> Reach | None:
        """The phones that the line can ring for a call on that port; None: every one."""
        ports = self.reaches.get(adapter)
        return None if ports is None else ports.get(port) or ports.get(None)

    def queue_of(self, name: str | None) -> QueueRules:
        """A queue's rules; the default queue's where there is none of that name (settings change, calls live on)."""
        return self.queues.get(name or "") or self.queues[self.default_queue]
