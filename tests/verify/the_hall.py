"""The hall whose history is made: its queues, its contacts outside, what callers hear."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.telephony import Ability, AdapterName
from hotline.announcements.plan import Key, Menu, Plan, Voicemail
from hotline.calls.outcome import Outcome
from hotline.hall.rules import Contact, ContactKind, HallRules, QueueRules, Widening
from routing.spill import After, Spill, ToContact
from routing.strategies.longest_idle import STRATEGY

HALL = "kf"
CARD = AdapterName("card-1")
GATE = AdapterName("gw-1")
DAY_BEGINS = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
"""2026-11-19, 00:00 in Shanghai."""
SUPERVISOR = 9
"""The supervisor's seat: takes no callers."""

OFFICE = Contact(id="12345", label="12345 热线", number="12345", kind=ContactKind.HOTLINE, ring_seconds=15)
POLICE = Contact(id="110", label="110", number="110", kind=ContactKind.EMERGENCY, ring_seconds=15)
NIGHT = Contact(id="night", label="夜间律师", number="13900000001", ring_seconds=15)

RULES = HallRules(
    hall=HALL,
    label="示范厅",
    queues={
        "general": QueueRules(
            name="general",
            label="综合",
            strategy=STRATEGY,
            groups=("general",),
            ring_seconds=12,
            max_wait_seconds=90,
            wrap_seconds=15,
            spills=(Spill(when=After(seconds=40), to=ToContact(contact=OFFICE.id)),),
        ),
        "labour": QueueRules(
            name="labour",
            label="劳动劳务",
            strategy=STRATEGY,
            groups=("labour",),
            widening=(Widening(after_seconds=20, groups=("general",)),),
            ring_seconds=12,
            max_wait_seconds=90,
            wrap_seconds=15,
        ),
    },
    default_queue="general",
    plan=Plan(
        greeting="greeting",
        menu=Menu(prompt="menu", keys=(Key(key="1", queue="general"), Key(key="2", queue="labour"))),
        parting={Outcome.TIMED_OUT: "sorry"},
        rating=True,
        voicemail=Voicemail(on=True, after=(Outcome.NO_SEAT,)),
    ),
    contacts={each.id: each for each in (OFFICE, POLICE)},
    abilities={CARD: frozenset(Ability)},
    transfer_seconds=12,
    return_seconds=10,
)
