"""What is wrong with a call plan? Every fault with its place, in Chinese; a warning does not keep a plan from being
used.

GB/T 33358-2016 advises against voice menus; the limits below are ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from hotline.announcements.plan import (
    LONGEST_MESSAGE_SECONDS,
    LONGEST_REPEAT_SECONDS,
    MENU_DEPTH,
    SHORTEST_MESSAGE_SECONDS,
    SHORTEST_REPEAT_SECONDS,
    After,
    Days,
    Key,
    KeyAct,
    LanguageChoice,
    Menu,
    Notice,
    Opening,
    Plan,
    Voicemail,
    Waiting,
)
from hotline.announcements.speak import minutes
from hotline.calls.outcome import Outcome

KEYS: Final = frozenset("0123456789*#")
LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})?")
"""A tag as in BCP 47, in lower case: `yue`, `ug`, `zh-min`."""
PARTINGS: Final = frozenset(
    {
        Outcome.TIMED_OUT,
        Outcome.QUEUE_FULL,
        Outcome.NO_SEAT,
        Outcome.CLOSED,
        Outcome.BLOCKED,
        Outcome.OVERFLOWED,
        Outcome.SYSTEM_FAULT,
    }
)
"""Outcomes with which it is we who end the call."""
LONGEST_MENU_SECONDS: Final = 9.0
MOST_KEYS: Final = 5
LONGEST_GREETING_SECONDS: Final = 15.0
MOST_PERIODS: Final = 20


class Grade(StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or worth a second look."""

    place: str
    """`menu.keys.2.queue`"""
    message: str
    grade: Grade = Grade.ERROR


def faults(plan: Plan, queues: Collection[str], prompts: Mapping[str, float]) -> list[Fault]:
    """Everything, errors first. `prompts`: the announcements that there are, and their seconds."""
    found = [
        *_spoken("greeting", plan.greeting, prompts),
        *_spoken("recording_notice", plan.recording_notice, prompts),
        *_beginning(plan, prompts),
        *_menu("menu", plan.menu, plan, queues, prompts),
        *_person(plan),
        *_language(plan.language, plan, queues, prompts),
        *_waiting(plan.waiting, plan, prompts),
        *_opening(plan.opening, plan.voicemail, prompts),
        *_parting(plan.parting, prompts),
        *_voicemail(plan.voicemail, prompts),
    ]
    for number, notice in enumerate(plan.notices):
        found += notice_faults(notice, plan.voicemail, prompts, place=f"notices.{number}.")
    return sorted(found, key=lambda each: each.grade is not Grade.ERROR)


def notice_faults(
    notice: Notice, voicemail: Voicemail, prompts: Mapping[str, float], *, place: str = ""
) -> list[Fault]:
    """What is wrong with a notice (公告)."""
    found = list(_spoken(f"{place}prompt", notice.prompt, prompts, needed=True))
    if not notice.title.strip():
        found.append(Fault(place=f"{place}title", message="请填写公告名称。"))
    if notice.start is not None and notice.until is not None and notice.start >= notice.until:
        found.append(Fault(place=f"{place}until", message="结束时间应晚于开始时间。"))
    if notice.then is After.VOICEMAIL and not voicemail.on:
        found.append(Fault(place=f"{place}then", message="留言没有启用，公告之后不能转留言。"))
    return found


def is_good(found: Collection[Fault]) -> bool:
    """Nothing but warnings."""
    return all(each.grade is Grade.WARNING for each in found)


def _spoken(place: str, name: str, prompts: Mapping[str, float], *, needed: bool = False) -> Iterator[Fault]:
    if not name:
        if needed:
            yield Fault(place=place, message="请选择提示音。")
    elif name not in prompts:
        yield Fault(place=place, message=f"没有名为 {name[:64]} 的提示音。")


def _beginning(plan: Plan, prompts: Mapping[str, float]) -> Iterator[Fault]:
    if not plan.recording_notice:
        message = "没有单独的录音告知，请确认开头语中已经说明通话将被录音。"
        yield Fault(place="recording_notice", message=message, grade=Grade.WARNING)
    seconds = prompts.get(plan.greeting, 0.0) + prompts.get(plan.recording_notice, 0.0)
    if seconds > LONGEST_GREETING_SECONDS:
        message = f"开头语和录音告知共 {seconds:.0f} 秒，来电人要等很久才能接通。"
        yield Fault(place="greeting", message=message, grade=Grade.WARNING)


def _menu(
    place: str, menu: Menu | None, plan: Plan, queues: Collection[str], prompts: Mapping[str, float], depth: int = 1
) -> Iterator[Fault]:
    if menu is None:
        return
    if depth > MENU_DEPTH:
        yield Fault(place=place, message=f"菜单最多 {MENU_DEPTH} 级。")
        return
    if depth == 1:
        yield Fault(place=place, message="GB/T 33358 不提倡设置语音菜单，请尽量直接接通人工。", grade=Grade.WARNING)
    yield from _spoken(f"{place}.prompt", menu.prompt, prompts, needed=True)
    if prompts.get(menu.prompt, 0.0) > LONGEST_MENU_SECONDS:
        message = f"菜单提示音长 {prompts[menu.prompt]:.1f} 秒，超过 {LONGEST_MENU_SECONDS:.0f} 秒，来电人记不住。"
        yield Fault(place=f"{place}.prompt", message=message, grade=Grade.WARNING)
    if not menu.keys:
        yield Fault(place=f"{place}.keys", message="菜单没有按键。")
    if len(menu.keys) > MOST_KEYS:
        yield Fault(place=f"{place}.keys", message=f"按键超过 {MOST_KEYS} 个，来电人记不住。", grade=Grade.WARNING)
    if not 1 <= menu.seconds <= 60:
        yield Fault(place=f"{place}.seconds", message="等待按键应为 1 至 60 秒。")
    if not 1 <= menu.tries <= 9:
        yield Fault(place=f"{place}.tries", message="允许按错的次数应为 1 至 9。")
    yield from _twice(f"{place}.keys", [each.key for each in menu.keys])
    for number, key in enumerate(menu.keys):
        yield from _key(f"{place}.keys.{number}", key, plan, queues, prompts, depth)


def _key(
    place: str, key: Key, plan: Plan, queues: Collection[str], prompts: Mapping[str, float], depth: int
) -> Iterator[Fault]:
    if key.key == plan.reach_person_key and key.act is not KeyAct.PERSON and key.key:
        yield Fault(place=f"{place}.key", message=f"按键 {key.key} 随时转人工，不能另作他用。")
    match key.act:
        case KeyAct.QUEUE:
            yield from _queue(f"{place}.queue", key.queue, queues, needed=True)
        case KeyAct.MENU:
            if key.menu is None:
                yield Fault(place=f"{place}.menu", message="请设置下级菜单。")
            else:
                yield from _menu(f"{place}.menu", key.menu, plan, queues, prompts, depth + 1)
        case KeyAct.REPEAT | KeyAct.PERSON:
            pass


def _queue(place: str, queue: str, queues: Collection[str], *, needed: bool = False) -> Iterator[Fault]:
    if not queue:
        if needed:
            yield Fault(place=place, message="请选择队列。")
    elif queue not in queues:
        yield Fault(place=place, message=f"没有名为 {queue[:32]} 的队列。")


def _twice(place: str, keys: list[str]) -> Iterator[Fault]:
    for number, key in enumerate(keys):
        if key not in KEYS:
            yield Fault(place=f"{place}.{number}.key", message="按键应为 0 至 9、* 或 #。")
        elif key in keys[:number]:
            yield Fault(place=f"{place}.{number}.key", message=f"按键 {key} 重复。")


def _person(plan: Plan) -> Iterator[Fault]:
    if plan.reach_person_key and plan.reach_person_key not in KEYS:
        yield Fault(place="reach_person_key", message="按键应为 0 至 9、* 或 #。")
    if plan.reach_person_key or plan.menu is None:
        return
    if not any(each.act is KeyAct.PERSON for each in plan.menu.keys):
        yield Fault(place="reach_person_key", message="有语音菜单时必须有转人工的按键。")


def _language(
    choice: LanguageChoice | None, plan: Plan, queues: Collection[str], prompts: Mapping[str, float]
) -> Iterator[Fault]:
    if choice is None:
        return
    yield from _spoken("language.prompt", choice.prompt, prompts, needed=True)
    if len(choice.keys) < 2:
        yield Fault(place="language.keys", message="语言选择至少需要两种。")
    if not 1 <= choice.seconds <= 60:
        yield Fault(place="language.seconds", message="等待按键应为 1 至 60 秒。")
    yield from _twice("language.keys", [each.key for each in choice.keys])
    seen: set[str] = set()
    for number, each in enumerate(choice.keys):
        place = f"language.keys.{number}"
        yield from _queue(f"{place}.queue", each.queue, queues)
        if each.key == plan.reach_person_key and each.key:
            yield Fault(place=f"{place}.key", message=f"按键 {each.key} 随时转人工，不能另作他用。")
        if each.language and not LANGUAGE.fullmatch(each.language):
            yield Fault(place=f"{place}.language", message="语言标记应为小写字母，例如 yue、ug。")
        elif each.language in seen:
            yield Fault(place=f"{place}.language", message="语言重复。")
        elif each.language and not each.queue and not any(name.endswith(f".{each.language}") for name in prompts):
            message = f"还没有 {each.language} 的提示音（名称以 .{each.language} 结尾），仍将播放普通话。"
            yield Fault(place=f"{place}.language", message=message, grade=Grade.WARNING)
        seen.add(each.language)


def _waiting(waiting: Waiting, plan: Plan, prompts: Mapping[str, float]) -> Iterator[Fault]:
    yield from _spoken("waiting.comfort", waiting.comfort, prompts)
    if not SHORTEST_REPEAT_SECONDS <= waiting.every_seconds <= LONGEST_REPEAT_SECONDS:
        message = f"播报间隔应为 {SHORTEST_REPEAT_SECONDS} 至 {LONGEST_REPEAT_SECONDS} 秒。"
        yield Fault(place="waiting.every_seconds", message=message)
    if waiting.callback_key:
        yield from _spoken("waiting.callback_prompt", waiting.callback_prompt, prompts, needed=True)
        if waiting.callback_key not in KEYS:
            yield Fault(place="waiting.callback_key", message="按键应为 0 至 9、* 或 #。")
        elif waiting.callback_key == plan.reach_person_key:
            message = f"按键 {waiting.callback_key} 随时转人工，不能另作他用。"
            yield Fault(place="waiting.callback_key", message=message)


def _opening(opening: Opening, voicemail: Voicemail, prompts: Mapping[str, float]) -> Iterator[Fault]:
    if not opening.periods:
        return
    yield from _spoken("opening.prompt", opening.prompt, prompts, needed=opening.then is not After.VOICEMAIL)
    if opening.then is After.VOICEMAIL and not voicemail.on:
        yield Fault(place="opening.then", message="留言没有启用，非服务时间不能转留言。")
    if len(opening.periods) > MOST_PERIODS:
        yield Fault(place="opening.periods", message=f"服务时段最多 {MOST_PERIODS} 个。")
    known: list[tuple[int, Days, int, int]] = []
    for number, each in enumerate(opening.periods):
        place = f"opening.periods.{number}"
        start, end = minutes(each.start), minutes(each.end)
        if start is None or end is None:
            wrong = "start" if start is None else "end"
            yield Fault(place=f"{place}.{wrong}", message="时间应写作 09:00，一天的结束写作 24:00。")
        elif start >= end:
            yield Fault(place=f"{place}.end", message="结束时间应晚于开始时间；跨午夜请分成两段。")
        else:
            for other, days, first, last in known:
                same = days is each.days or Days.EVERY in (days, each.days)
                if same and start < last and first < end:
                    yield Fault(place=place, message=f"与第 {other + 1} 段时间重叠。", grade=Grade.WARNING)
            known.append((number, each.days, start, end))


def _parting(parting: Mapping[Outcome, str], prompts: Mapping[str, float]) -> Iterator[Fault]:
    for outcome, name in parting.items():
        yield from _spoken(f"parting.{outcome.value}", name, prompts)
        if outcome not in PARTINGS:
            yield Fault(place=f"parting.{outcome.value}", message="这种结果没有可播放的结束语。")


def _voicemail(voicemail: Voicemail, prompts: Mapping[str, float]) -> Iterator[Fault]:
    if not SHORTEST_MESSAGE_SECONDS <= voicemail.max_seconds <= LONGEST_MESSAGE_SECONDS:
        message = f"留言时长应为 {SHORTEST_MESSAGE_SECONDS} 至 {LONGEST_MESSAGE_SECONDS} 秒。"
        yield Fault(place="voicemail.max_seconds", message=message)
    if not voicemail.on:
        return
    yield from _spoken("voicemail.prompt", voicemail.prompt, prompts, needed=True)
    yield from _spoken("voicemail.thanks", voicemail.thanks, prompts)
    for number, outcome in enumerate(voicemail.after):
        if outcome not in PARTINGS:
            yield Fault(place=f"voicemail.after.{number}", message="这种结果之后不能留言。")
