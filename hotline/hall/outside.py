"""The caller goes to a number outside without a seat of ours: the night lawyer's phone, the province, another hall."""

from __future__ import annotations

from adapters.telephony import Ability
from hotline.calls.call import Call, Step, advance
from hotline.calls.party import Part
from hotline.hall.hear import entertain
from hotline.hall.parties import ring_contact
from hotline.hall.rules import Contact
from hotline.hall.work import Work


def forward(work: Work, call: Call, contact: Contact) -> Call:
    """Ring the contact for the caller; he hears music meanwhile, and comes back to the line if nobody picks up. Where
    the line cannot ring outside he stays where he is."""
    if not work.rules.can(call.adapter, Ability.RINGS_OUTSIDE):
        return call
    out = work.touch(
        call,
        state=advance(call, Step.PASSED_OUT),
        queued_at=call.queued_at or work.now,
        seat=None,
        offer=None,
        prompt=None,
        playing=(),
        menu_until=None,
        widen_at=None,
        give_up_at=None,
        spill_at=None,
        announce_at=None,
        groups=(),
    )
    rung = ring_contact(work, out, contact, Part.JOINED, "")
    return entertain(work, rung)
