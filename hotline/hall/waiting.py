"""While a caller waits (排队): what he is told, whether he goes elsewhere, and how he may leave a call-back behind."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.telephony import Ability, PlayPrompt
from hotline.announcements.speak import expected_announcement, position_announcement, spoken
from hotline.calls.call import Call
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallbackWished, PlaceTold
from hotline.hall.flow import leave
from hotline.hall.hear import entertain
from hotline.hall.reach import within
from hotline.hall.timers import next_announcement
from hotline.hall.work import Work
from routing.queue import expected_wait


def tell_place(work: Work, call: Call) -> Call:
    """Say where he stands and how long it may take, then music again."""
    plan = work.rules.plan.waiting
    seats = _seats(work, call)
    line = work.state.lines.get(call.groups[0]) if call.groups else None
    position = line.position(call.id) if line is not None else 0
    wait = expected_wait(max(position, 1), seats, work.state.handle_seconds)
    names: list[str] = []
    if plan.position and position:
        names += position_announcement(position, wait if plan.expected else None)
    elif plan.expected and wait is not None:
        names += expected_announcement(wait)
    names += [plan.comfort] if plan.comfort else []
    names += [plan.callback_prompt] if plan.callback_key else []
    told = work.touch(call, announce_at=next_announcement(work))
    if not names or not work.rules.can(call.adapter, Ability.PLAYS):
        return told
    told = work.change(told, PlaceTold(position=position, expected=wait))
    return _say(work, told, spoken(work.rules.plan, names, call.language))


def said(work: Work, call: Call) -> Call:
    """An announcement to a waiting caller has ended: the next one, or music."""
    if call.playing:
        return _say(work, call, call.playing)
    return entertain(work, work.touch(call, prompt=None))


def pressed(work: Work, call: Call, digits: str) -> Call:
    """A key while he waits: the one that leaves a call-back behind."""
    key = work.rules.plan.waiting.callback_key
    if not key or digits[:1] != key or call.caller is None or call.answered_at is not None:
        return call
    wished = work.change(call, CallbackWished())
    return leave(work, wished, Outcome.ABANDONED_QUEUE, prompt="callback-thanks")


def _say(work: Work, call: Call, names: Sequence[str]) -> Call:
    work.order(call.adapter, PlayPrompt(call=call.key, prompt=names[0], interruptible=True))
    return work.touch(call, prompt=names[0], playing=tuple(names[1:]), music=False, off_hook=True)


def _seats(work: Work, call: Call) -> int:
    """How many serve his groups, as far as his line can ring them."""
    reach = work.reach(call)
    if reach is None:
        return sum(work.state.staff[group] for group in call.groups)
    return sum(
        len(set(call.groups) & set(seat.groups))
        for seat in work.state.seats.values()
        if seat.operator is not None and within(reach, seat)
    )
