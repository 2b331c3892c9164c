"""The caller rates (评价) after the seat has left: neither skipped nor seen by whom it is about."""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import Ability, Handling, Release, StopRinging
from hotline.calls.call import Call, Direction
from hotline.hall.events import RatingGiven, RatingOffered
from hotline.hall.hear import announce
from hotline.hall.passing import leave_seat
from hotline.hall.work import Work
from hotline.ratings.questions import SECONDS, THANKS, Next, Question, first, heard, prompt


def ask_to_rate(work: Work, call: Call, *, leg_lives: bool) -> bool:
    """Begin to ask, if the hall does and this line can; False: it is not asked."""
    able = work.rules.can(call.adapter, Ability.PLAYS) and work.rules.can(call.adapter, Ability.HEARS_KEYS)
    wanted = work.rules.plan.rating and able and call.handling is Handling.HALL
    if not wanted or call.direction is Direction.OUT or call.answered_at is None:
        return False
    if leg_lives and call.offer is not None:
        work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
    question = first()
    asked = work.change(
        call,
        RatingOffered(seat=call.seat, operator=call.operator),
        rating=question,
        wrong_keys=0,
        muted=False,
    )
    announce(work, asked, prompt(question))
    leave_seat(work, call)
    return True


def rating_keys(work: Work, call: Call, digits: str) -> None:
    """Keys while a question is asked."""
    question = Question(call.rating or "")
    said = heard(question, digits, call.wrong_keys)
    if said.score is not None:
        call = work.change(call, RatingGiven(question=question, score=said.score))
    _ask(work, call, said)


def rating_prompt_over(work: Work, call: Call) -> None:
    """A question has been played, or the thanks."""
    if call.prompt == THANKS:
        work.order(call.adapter, Release(call=call.key))
        work.touch(call, prompt=None, menu_until=work.now + timedelta(seconds=30))
    else:
        work.touch(call, prompt=None, menu_until=work.now + timedelta(seconds=SECONDS))


def rating_silence(work: Work, call: Call) -> None:
    """No key came."""
    if call.prompt == THANKS or (call.prompt is None and call.rating is None):
        rating_prompt_over(work, call)
    else:
        _ask(work, call, heard(Question(call.rating or ""), "", call.wrong_keys))


def _ask(work: Work, call: Call, said: Next) -> None:
    if said.question is None:
        announce(work, call, THANKS)
        return
    changed = work.touch(call, rating=said.question, wrong_keys=call.wrong_keys + 1 if said.again else 0)
    announce(work, changed, prompt(said.question))
