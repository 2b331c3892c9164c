"""A caller's way from the first ring to the line: notices, greeting, language, menu (来电流程).

What is said and which key leads where is data (`hotline.announcements.plan`); here is only the order of it. One press
of the key for a person leads to a person at any time, and nobody is sent away by a menu.
"""

from __future__ import annotations

from datetime import timedelta

from adapters.telephony import Ability
from hotline.announcements.plan import After, Key, KeyAct, Menu, Notice
from hotline.announcements.speak import greeting_sequence, notices_at, open_at, variant
from hotline.callers.treatment import Level, admits
from hotline.calls.call import Call, Stage
from hotline.calls.outcome import Outcome
from hotline.hall.events import CallerBlocked, KeysHeard, LanguageChosen
from hotline.hall.flow import enqueue, leave
from hotline.hall.hear import announce, announce_all, notice_over
from hotline.hall.message import invite_message
from hotline.hall.work import SHANGHAI, Work


def begin(work: Work, call: Call) -> Call:
    """A new caller. Who is kept out by a rule hears so; who rings while the hall is closed hears that."""
    treatment = work.state.book.of(call.caller, work.now)
    if not admits(treatment, work.state.book.calls_today(call.caller, work.now)):
        return leave(work, work.change(call, CallerBlocked(level=treatment.level)), Outcome.BLOCKED)
    if treatment.level is Level.LIMITED:
        work.decision.let_through.append((call.caller or "", work.now))
    notices = notices_at(work.rules.plan, work.now)
    if notices:
        return _say_and(work, call, Stage.NOTICES, [each.prompt for each in notices])
    return _after_notices(work, call, None)


def stage_over(work: Work, call: Call) -> Call:
    """The last announcement of a stage has been heard: what comes after it."""
    match call.stage:
        case Stage.NOTICES:
            notices = notices_at(work.rules.plan, work.now)
            return _after_notices(work, call, notices[-1] if notices else None)
        case Stage.GREETING:
            return _ask_language(work, call)
        case Stage.LANGUAGE:
            language = work.rules.plan.language
            return _listen(work, call, language.seconds if language is not None else 0)
        case Stage.MENU:
            menu = menu_of(work, call)
            return to_queue(work, call) if menu is None else _listen(work, call, menu.seconds)


def no_key(work: Work, call: Call) -> Call:
    """The time for a key is over, or the end of an announcement was never reported."""
    if call.prompt is not None:
        return stage_over(work, work.touch(notice_over(work, call, "silent"), prompt=None, playing=()))
    return _ask_menu(work, call) if call.stage is Stage.LANGUAGE else to_queue(work, call)


def keys(work: Work, call: Call, digits: str) -> Call:
    """Keys during announcement and menu."""
    plan = work.rules.plan
    person = plan.reach_person_key
    if person and person in digits and not _means(work, call, digits):
        heard = work.change(call, KeysHeard(digits=digits[:32], act=KeyAct.PERSON))
        if call.stage is Stage.NOTICES:  # his key cuts it short; what follows takes its place
            heard = notice_over(work, heard)
        return _notice_first(work, heard, _usual(work, heard)) if _notice_is_due(work, call) else to_queue(work, heard)
    match call.stage:
        case Stage.LANGUAGE if plan.language is not None:
            chosen = next((each for pressed in digits for each in plan.language.keys if each.key == pressed), None)
            if chosen is None:
                return call
            heard = work.change(call, LanguageChosen(language=chosen.language), language=chosen.language)
            return _ask_menu(work, work.touch(heard, topic=chosen.label or None, queue=chosen.queue or None))
        case Stage.MENU if (menu := menu_of(work, call)) is not None:
            return _menu_key(work, call, menu, digits)
        case Stage.GREETING if plan.language is None and plan.menu is not None and _key(plan.menu, digits) is not None:
            # Who knows the menu need not hear it.
            if _notice_is_due(work, call):
                return _menu_key_ahead(work, call, plan.menu, digits)
            return _menu_key(work, work.touch(call, stage=Stage.MENU, playing=()), plan.menu, digits)
        case _:
            return call


def to_queue(work: Work, call: Call) -> Call:
    """To a person: the queue of his language, of the number he dialled, or the usual one."""
    return enqueue(work, call, call.queue or _usual(work, call))


def menu_of(work: Work, call: Call) -> Menu | None:
    """The menu that the caller is in."""
    menu = work.rules.plan.menu
    for pressed in call.menu_path:
        key = _key(menu, pressed)
        menu = key.menu if key is not None else None
    return menu


def _after_notices(work: Work, call: Call, last: Notice | None) -> Call:
    if last is not None and last.then is not After.GO_ON:
        return _closed(work, call, last.then)
    plan = work.rules.plan
    today = work.now.astimezone(SHANGHAI).date()
    if not open_at(plan, work.now, today not in work.rules.days_off):
        if plan.opening.then is After.GO_ON:
            return _say_and(work, call, Stage.GREETING, [plan.opening.prompt, *greeting_sequence(plan)])
        return _closed(work, call, plan.opening.then, plan.opening.prompt)
    return _say_and(work, call, Stage.GREETING, greeting_sequence(plan))


def _closed(work: Work, call: Call, then: After, prompt: str = "") -> Call:
    if then is After.VOICEMAIL and work.rules.can(call.adapter, Ability.TAKES_MESSAGES):
        return invite_message(work, call, Outcome.CLOSED, prompt)
    return leave(work, call, Outcome.CLOSED, prompt=prompt or None)


def _ask_language(work: Work, call: Call) -> Call:
    language = work.rules.plan.language
    if language is None or not language.keys or call.queue is not None:
        return _ask_menu(work, call)
    return _say_and(work, call, Stage.LANGUAGE, [language.prompt])


def _ask_menu(work: Work, call: Call) -> Call:
    menu = menu_of(work, call)
    if menu is None or call.queue is not None:  # a language with lawyers of its own needs no menu
        return to_queue(work, call)
    return _say_and(work, call, Stage.MENU, [variant(work.rules.plan, menu.prompt, call.language)])


def _say_and(work: Work, call: Call, stage: Stage, prompts: list[str]) -> Call:
    staged = work.touch(call, stage=stage)
    return announce_all(work, staged, prompts) if prompts else stage_over(work, staged)


def _listen(work: Work, call: Call, seconds: int) -> Call:
    return work.touch(call, prompt=None, menu_until=work.now + timedelta(seconds=seconds))


def _menu_key(work: Work, call: Call, menu: Menu, digits: str) -> Call:
    key = _key(menu, digits)
    if key is None:
        return _wrong_key(work, call, menu, digits)
    heard = work.change(call, KeysHeard(digits=digits[:32], queue=key.queue, act=key.act))
    match key.act:
        case KeyAct.QUEUE:
            return enqueue(work, heard, key.queue)
        case KeyAct.PERSON:
            return to_queue(work, heard)
        case KeyAct.REPEAT:
            return announce(work, heard, variant(work.rules.plan, menu.prompt, call.language))
        case KeyAct.MENU:
            return _ask_menu(work, work.touch(heard, menu_path=(*call.menu_path, key.key), wrong_keys=0))


def _menu_key_ahead(work: Work, call: Call, menu: Menu, digits: str) -> Call:
    """The same while the greeting is said: the recording notice still comes first."""
    key = _key(menu, digits)
    assert key is not None
    heard = work.change(call, KeysHeard(digits=digits[:32], queue=key.queue, act=key.act))
    below = (key.key,) if key.act is KeyAct.MENU else ()
    queue = _usual(work, heard) if key.act is KeyAct.PERSON else key.queue or None
    return _notice_first(work, work.touch(heard, menu_path=below), queue)


def _notice_is_due(work: Work, call: Call) -> bool:
    """录音告知: it comes before anything is recorded. Has it not been said to its end?"""
    notice = work.rules.plan.recording_notice
    if not notice or call.stage not in (Stage.NOTICES, Stage.GREETING):
        return False
    return call.stage is Stage.NOTICES or notice == call.prompt or notice in call.playing


def _notice_first(work: Work, call: Call, queue: str | None) -> Call:
    """Say it now, if it is not being said; what the key meant follows. `queue`: where it leads."""
    notice = work.rules.plan.recording_notice
    staged = work.touch(call, stage=Stage.GREETING, playing=(), queue=queue)
    return staged if call.prompt == notice else announce(work, staged, notice)


def _usual(work: Work, call: Call) -> str:
    """The queue of whoever asked for none: that of the number he dialled, or the hall's."""
    return work.rules.dialled.get(call.dialled or "", work.rules.default_queue)


def _wrong_key(work: Work, call: Call, menu: Menu, digits: str) -> Call:
    heard = work.change(call, KeysHeard(digits=digits[:32]))
    if heard.wrong_keys + 1 >= menu.tries:
        return to_queue(work, heard)
    again = variant(work.rules.plan, menu.prompt, call.language)
    return announce(work, work.touch(heard, wrong_keys=heard.wrong_keys + 1), again)


def _means(work: Work, call: Call, digits: str) -> bool:
    """Has the menu he is in a use of its own for one of these keys?"""
    return call.stage is Stage.MENU and _key(menu_of(work, call), digits) is not None


def _key(menu: Menu | None, digits: str) -> Key | None:
    """The first of these keys that means something in the menu."""
    if menu is None:
        return None
    return next((each for pressed in digits for each in menu.keys if each.key == pressed), None)
