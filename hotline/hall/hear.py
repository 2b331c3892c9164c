"""What does the caller hear while nobody speaks with him? Announcements and music."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from adapters.telephony import Answer, PlayMusic, PlayPrompt
from hotline.calls.call import Call, CallState, Stage, Step, advance, can
from hotline.hall.events import AnnouncementBegun, NoticePlayed
from hotline.hall.work import Work

PROMPT_PATIENCE_SECONDS = 65
"""An announcement whose end is never reported is taken as over after that time."""
RECORDING: Final = "recording"
"""The kind of notice that says that the call is recorded (录音告知)."""


def announce(work: Work, call: Call, prompt: str) -> Call:
    """Play an announcement; going off-hook first where we have not yet."""
    if not call.off_hook:
        work.order(call.adapter, Answer(call=call.key))
    announced = work.change(
        call,
        AnnouncementBegun(prompt=prompt),
        state=advance(call, Step.MENU_BEGUN) if can(call, Step.MENU_BEGUN) else call.state,
        off_hook=True,
        music=False,
        prompt=prompt,
        menu_until=work.now + timedelta(seconds=PROMPT_PATIENCE_SECONDS),
    )
    # A key cuts everything short but what has to be said: a farewell, and that the call is recorded (录音告知).
    cut = call.leaving is None and prompt != work.rules.plan.recording_notice
    work.order(call.adapter, PlayPrompt(call=call.key, prompt=prompt, interruptible=cut))
    return announced


def announce_all(work: Work, call: Call, prompts: Sequence[str]) -> Call:
    """Play them one after the other; there is at least one."""
    return announce(work, work.touch(call, playing=tuple(prompts[1:])), prompts[0])


def next_prompt(work: Work, call: Call) -> Call | None:
    """Play what follows the announcement that has ended; None when nothing does."""
    if not call.playing:
        return None
    return announce(work, work.touch(call, playing=call.playing[1:]), call.playing[0])


def notice_over(work: Work, call: Call, cause: str = "") -> Call:
    """What plays is over. Was it something that has to be told, it is written down whether the caller was. `cause`: why
    not; empty: he heard it, or cut it short himself."""
    if call.state is not CallState.IN_MENU or call.leaving is not None or not call.prompt:
        return call
    plan = work.rules.plan
    if call.prompt == plan.recording_notice:
        return work.change(call, NoticePlayed(notice=call.prompt, kind=RECORDING, heard=not cause, cause=cause))
    notice = next((each for each in plan.notices if each.prompt == call.prompt), None)
    if call.stage is not Stage.NOTICES or notice is None:
        return call
    return work.change(call, NoticePlayed(notice=notice.id, kind=notice.kind, heard=not cause, cause=cause))


def no_silence(work: Work, call: Call) -> Call:
    """Music, also while a seat rings for whoever has heard us already: silence would make him hang up. Whom we have not
    answered yet hears the ringing of his own network."""
    return entertain(work, call) if call.off_hook or call.state is CallState.WAITING else call


def entertain(work: Work, call: Call) -> Call:
    """Music for a caller who waits, where the queue has it and it does not play already."""
    if call.music or not work.rules.queue_of(call.queue).music:
        return call
    if not call.off_hook:
        work.order(call.adapter, Answer(call=call.key))
    work.order(call.adapter, PlayMusic(call=call.key))
    return work.touch(call, off_hook=True, music=True)
