"""What does a caller hear, in order, and how long does it take? A call plan told to people who never saw one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from hotline.announcements.plan import After, Days, Key, KeyAct, Menu, Notice, Opening, Plan

SECONDS_PER_SIGN: Final = 0.27
"""Spoken Chinese at the pace of an announcement: measured over the synthesised ones."""
DAYS: Final = {Days.EVERY: "每天", Days.WORKING: "工作日", Days.OFF: "休息日"}
AFTERWARDS: Final = {After.GO_ON: "之后继续接通", After.END: "之后结束通话", After.VOICEMAIL: "之后可以留言"}


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An announcement, as far as this matters."""

    text: str
    seconds: float


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the way."""

    depth: int
    """0: every caller; deeper: only who comes there."""
    title: str
    prompt: str = ""
    text: str = ""
    seconds: float = 0.0
    ends: bool = False
    """The call ends here."""


def estimate(text: str) -> float:
    """Seconds that a text takes to say, half a second of pause included."""
    return 0.5 + SECONDS_PER_SIGN * len(text)


def outline(plan: Plan, prompts: Mapping[str, Said], queues: Mapping[str, str]) -> list[Line]:
    """From the first ring to a lawyer's voice. `queues`: name → label."""
    return list(_Outline(prompts, queues).lines(plan))


def seconds_to_queue(lines: list[Line]) -> float:
    """How long a caller who presses nothing listens before the waiting begins: the steps that every caller hears."""
    total = 0.0
    for line in lines:
        if line.depth == 0 and line.title == WAITING:
            break
        total += line.seconds if line.depth == 0 else 0.0
    return total


WAITING: Final = "进入排队，播放等待音乐"


class _Outline:
    def __init__(self, prompts: Mapping[str, Said], queues: Mapping[str, str]) -> None:
        self._prompts = prompts
        self._queues = queues

    def lines(self, plan: Plan) -> Iterator[Line]:
        for notice in plan.notices:
            if notice.on:
                yield self._notice(notice)
        yield from self._opening(plan.opening)
        if plan.greeting:
            yield self._line(0, "开头语", plan.greeting)
        if plan.recording_notice:
            yield self._line(0, "录音告知（只播一次，记入通话）", plan.recording_notice)
        if plan.language is not None:
            yield self._line(0, "选择语言", plan.language.prompt)
            for each in plan.language.keys:
                to = f"，进入「{self._label(each.queue)}」" if each.queue else ""
                yield Line(depth=1, title=f"按 {each.key}：{each.label or each.language or '普通话'}{to}")
        if plan.menu is not None:
            yield from self._menu(plan.menu, 0)
        if plan.reach_person_key:
            yield Line(depth=0, title=f"随时按 {plan.reach_person_key} 转人工")
        yield from self._waiting(plan)
        yield Line(depth=0, title="律师接听")
        if plan.rating:
            yield self._line(0, "通话结束后请来电人评价", "rate-invite")
        for outcome, name in plan.parting.items():
            if name:
                title = OUTCOMES.get(outcome.value, outcome.value)
                voicemail = plan.voicemail.on and outcome in plan.voicemail.after
                yield self._line(1, f"{title}{'，之后可以留言' if voicemail else ''}", name, ends=not voicemail)
        if plan.voicemail.on:
            yield self._line(1, f"留言（最长 {plan.voicemail.max_seconds} 秒）", plan.voicemail.prompt, ends=True)

    def _opening(self, opening: Opening) -> Iterator[Line]:
        if opening.periods:
            times = "；".join(f"{DAYS[each.days]} {each.start}–{each.end}" for each in opening.periods)
            title = f"{times} 以外，{AFTERWARDS[opening.then]}"
            yield self._line(1, title, opening.prompt, ends=opening.then is After.END)

    def _notice(self, notice: Notice) -> Line:
        title = f"公告「{notice.title}」，{AFTERWARDS[notice.then]}"
        return self._line(1, title, notice.prompt, ends=notice.then is After.END)

    def _menu(self, menu: Menu, depth: int) -> Iterator[Line]:
        title = f"语音菜单，等待按键 {menu.seconds} 秒，按错 {menu.tries} 次转人工"
        yield self._line(depth, title, menu.prompt, extra=float(menu.seconds))
        for key in menu.keys:
            yield Line(depth=depth + 1, title=f"按 {key.key}：{self._does(key)}")
            if key.act is KeyAct.MENU and key.menu is not None and depth < 4:
                yield from self._menu(key.menu, depth + 2)

    def _does(self, key: Key) -> str:
        match key.act:
            case KeyAct.QUEUE:
                to = f"进入「{self._label(key.queue)}」"
            case KeyAct.MENU:
                to = "下级菜单"
            case KeyAct.REPEAT:
                to = "重听"
            case KeyAct.PERSON:
                to = "转人工"
        return f"{key.label}，{to}" if key.label else to

    def _waiting(self, plan: Plan) -> Iterator[Line]:
        waiting = plan.waiting
        yield Line(depth=0, title=WAITING)
        told = [word for word, said in (("排队位置", waiting.position), ("预计等待", waiting.expected)) if said]
        if told:
            yield Line(depth=1, title=f"每 {waiting.every_seconds} 秒播报{'和'.join(told)}")
        if waiting.comfort:
            yield self._line(1, f"每 {waiting.every_seconds} 秒安抚", waiting.comfort)
        if waiting.callback_key:
            yield self._line(1, f"按 {waiting.callback_key} 登记回拨", waiting.callback_prompt)

    def _label(self, queue: str) -> str:
        return self._queues.get(queue) or queue

    def _line(self, depth: int, title: str, name: str, *, ends: bool = False, extra: float = 0.0) -> Line:
        said = self._prompts.get(name)
        seconds = (said.seconds if said else 0.0) + extra
        return Line(depth=depth, title=title, prompt=name, text=said.text if said else "", seconds=seconds, ends=ends)


OUTCOMES: Final[Mapping[str, str]] = {
    "timed_out": "等待超时",
    "queue_full": "排队已满",
    "no_seat": "无人值班",
    "closed": "非服务时间",
    "blocked": "限制呼入",
    "overflowed": "溢出",
    "system_fault": "系统故障",
}
"""As the console calls them."""
