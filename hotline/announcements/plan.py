"""What does a caller hear in a hall, and which key leads where? The call plan (来电流程), as one value.

It is data: edited in the console, kept in versions, read by the hall. Nothing here plays anything; `speak.py` answers
what is said at a moment, `check.py` what is wrong with a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from hotline.calls.outcome import Outcome

MENU_DEPTH: Final = 2
"""A menu and the menus below it."""
SHORTEST_REPEAT_SECONDS: Final = 20
LONGEST_REPEAT_SECONDS: Final = 600
SHORTEST_MESSAGE_SECONDS: Final = 10
LONGEST_MESSAGE_SECONDS: Final = 600
DEFAULT_EMERGENCY: Final = "emergency"
"""Id of the notice that every hall has ready for a supervisor to switch on."""


class KeyAct(StrEnum):
    """What a key does."""

    QUEUE = "queue"
    """Wait in that queue."""
    MENU = "menu"
    """Go on to a menu below."""
    REPEAT = "repeat"
    """Hear it again."""
    PERSON = "person"
    """A person at once (转人工), in the default queue."""


class After(StrEnum):
    """How a call goes on after an announcement that could have been its end."""

    GO_ON = "go_on"
    """继续: as if nothing had been said."""
    END = "end"
    """结束: the call ends."""
    VOICEMAIL = "voicemail"
    """留言: the caller may leave a message."""


class Days(StrEnum):
    """On which days."""

    EVERY = "every"
    WORKING = "working"
    """工作日: swapped working days included."""
    OFF = "off"
    """休息日: weekends and holidays that are not worked."""


class NoticeKind(StrEnum):
    """Why callers are told something (公告)."""

    EMERGENCY = "emergency"
    HOLIDAY = "holiday"
    CLOSED = "closed"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One key of a menu."""

    key: str
    """`0`-`9`, `*`, `#`"""
    act: KeyAct = KeyAct.QUEUE
    label: str = ""
    """What the announcement promises, for people who read the plan."""
    queue: str = ""
    """With `QUEUE`."""
    menu: Menu | None = None
    """With `MENU`."""


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """A voice menu (语音菜单)."""

    prompt: str
    """The announcement that names the keys."""
    keys: tuple[Key, ...]
    seconds: int = 8
    """How long to wait for a key after the announcement."""
    tries: int = 2
    """Wrong keys after which the caller goes to the default queue: nobody is sent away by a menu."""


class LanguageKey(msgspec.Struct, frozen=True, kw_only=True):
    """A language or dialect (方言) that can be chosen."""

    key: str
    language: str
    """Tag that chooses the recordings `name.tag`; empty: those without a tag (普通话)."""
    label: str = ""
    queue: str = ""
    """Where such callers wait instead of the default queue; empty: no difference."""


class LanguageChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The question in which language to go on; asked before any menu."""

    prompt: str = "language"
    keys: tuple[LanguageKey, ...] = ()
    seconds: int = 5
    """No key within that time: without a tag."""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What is said to callers who wait."""

    position: bool = False
    """排队位置"""
    expected: bool = False
    """预计等待"""
    comfort: str = ""
    """Announcement after the position, or instead of it."""
    every_seconds: int = 60
    """From one such announcement to the next; the first comes after this time as well."""
    callback_key: str = ""
    """Key that leaves a call-back task instead of waiting; empty: not offered."""
    callback_prompt: str = "callback-offer"


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """A time of day in which the hall is open. A night is two periods."""

    days: Days = Days.EVERY
    start: str
    """`09:00`, in the hall's time (Asia/Shanghai)"""
    end: str
    """Not included; `24:00` is midnight."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """When the hall is open. No periods: always."""

    periods: tuple[Period, ...] = ()
    prompt: str = "closed"
    then: After = After.END


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """Something that every caller is told for a while (公告)."""

    id: str
    kind: NoticeKind
    title: str
    text: str = ""
    """What it says, for people who read it."""
    prompt: str
    on: bool = True
    start: datetime | None = None
    """Aware; None: at once."""
    until: datetime | None = None
    """Aware, not included; None: until it is switched off."""
    then: After = After.GO_ON


class Voicemail(msgspec.Struct, frozen=True, kw_only=True):
    """Leaving a message (留言)."""

    on: bool = False
    prompt: str = "voicemail"
    thanks: str = "voicemail-thanks"
    max_seconds: int = 120
    after: tuple[Outcome, ...] = (Outcome.NO_SEAT, Outcome.TIMED_OUT, Outcome.QUEUE_FULL)
    """Callers who cannot be served for these reasons may leave one."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A hall's call plan."""

    greeting: str = ""
    """Empty: none."""
    recording_notice: str = ""
    """录音告知: said once, before anything is recorded; in the journal. Empty: the greeting says it."""
    language: LanguageChoice | None = None
    menu: Menu | None = None
    """None by default: GB/T 33358 advises against menus."""
    reach_person_key: str = "0"
    """Leads to a person at any time, in menus and while an announcement plays; empty: no such key."""
    waiting: Waiting = Waiting()
    opening: Opening = Opening()
    parting: Mapping[Outcome, str] = {}
    """Announcement for callers who cannot be served now, by outcome."""
    rating: bool = False
    """Ask for a rating (评价) when the seat has left."""
    voicemail: Voicemail = Voicemail()

    notices: tuple[Notice, ...] = ()
    """What is switched on or planned. Kept apart from the document: it changes without a new version of the plan."""
    variants: frozenset[str] = frozenset()
    """Recordings in another language that are there, `name.tag`; not part of the document either."""


def document_of(plan: Plan) -> Plan:
    """What a version of the plan consists of: without what is kept apart."""
    return msgspec.structs.replace(plan, notices=(), variants=frozenset())


def prompts_of(plan: Plan) -> set[str]:
    """The announcements that the plan can play, its notices' included; each as it is named there, in no language."""
    found = {plan.greeting, plan.recording_notice, plan.waiting.comfort, *plan.parting.values()}
    found |= {notice.prompt for notice in plan.notices}
    if plan.language is not None:
        found.add(plan.language.prompt)
    menus = [plan.menu] if plan.menu is not None else []
    while menus:
        menu = menus.pop()
        found.add(menu.prompt)
        menus += [key.menu for key in menu.keys if key.menu is not None]
    if plan.waiting.callback_key:
        found.add(plan.waiting.callback_prompt)
    if plan.opening.periods:
        found.add(plan.opening.prompt)
    if plan.voicemail.on:
        found |= {plan.voicemail.prompt, plan.voicemail.thanks}
    return found - {""}
