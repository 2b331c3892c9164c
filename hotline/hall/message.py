"""A caller whom nobody can serve now may leave a message (留言)."""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import Ability, Release, TakeMessage
from hotline.announcements.speak import variant
from hotline.calls.call import Call
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallLeaving, MessageBegun
from hotline.hall.hear import announce, announce_all
from hotline.hall.work import Work

GRACE_SECONDS = 15
"""The device ends a message by itself; should its end never be reported, the call is over that much later."""


def may_leave_message(work: Work, call: Call, outcome: Outcome) -> bool:
    """Is a caller with that outcome asked for a message?"""
    voicemail = work.rules.plan.voicemail
    able = work.rules.can(call.adapter, Ability.TAKES_MESSAGES) and work.rules.can(call.adapter, Ability.PLAYS)
    return voicemail.on and able and outcome in voicemail.after


def invite_message(work: Work, call: Call, outcome: Outcome, prompt: str = "") -> Call:
    """Say why, then that a message can be left; `stage_over` of a leaving call begins to record."""
    voicemail = work.rules.plan.voicemail
    name = f"message-{call.id}"
    leaving = work.change(
        call,
        CallLeaving(outcome=Outcome.VOICEMAIL),
        leaving=outcome,
        message=name,
        widen_at=None,
        give_up_at=None,
        announce_at=None,
        spill_at=None,
    )
    prompts = [each for each in (prompt, voicemail.prompt) if each]
    return announce_all(work, leaving, [variant(work.rules.plan, each, call.language) for each in prompts])


def take_message(work: Work, call: Call) -> Call:
    """The announcement has been heard: record what the caller says."""
    seconds = work.rules.plan.voicemail.max_seconds
    name = call.message or f"message-{call.id}"
    work.order(call.adapter, TakeMessage(call=call.key, name=name, seconds=seconds))
    return work.change(
        call,
        MessageBegun(name=name),
        prompt=None,
        message=name,
        leaving=Outcome.VOICEMAIL,
        menu_until=work.now + timedelta(seconds=seconds + GRACE_SECONDS),
    )


def message_over(work: Work, call: Call) -> Call:
    """It is recorded, or could not be: thanks, and the end."""
    thanks = work.rules.plan.voicemail.thanks
    over = work.touch(call, message=None)
    if thanks:
        return announce(work, over, variant(work.rules.plan, thanks, call.language))
    work.order(call.adapter, Release(call=call.key, cause=Outcome.VOICEMAIL))
    return work.touch(over, menu_until=work.now + timedelta(seconds=30))
