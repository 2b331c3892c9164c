"""Why did this caller go to this seat, at this moment? Kept with every offer, and said as a sentence.

Who complains of having waited longer than others gets an answer from here, not from memory: the strategy, what it chose
among, and who was left out for which reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A seat that was free, would have served the call by its groups, and was not asked."""

    seat: str
    reason: str
    """Stable code, see `LEFT_OUT`."""


class Why(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The reasons of one offer. Durations in seconds."""

    strategy: str
    """The code that the strategy gave with its choice."""
    seat: str
    group: str = ""
    """The skill group (技能组) through which the seat may serve the call."""
    waited_seconds: float = 0.0
    ahead: int = 0
    """Callers who stood before this one in that group's line: none of them may be served by this seat."""
    rivals: int = 1
    """Free seats that were considered, the chosen one included."""
    idle_seconds: float | None = None
    """How long the chosen seat had been free of calls."""
    taken: int | None = None
    """Calls that the chosen seat had answered since sign-in."""
    relaxed: int = 0
    """How many steps of the queue's widening by waiting time (技能放宽) the call had taken."""
    left_out: tuple[LeftOut, ...] = ()
    out_of_reach: int = 0
    """Free seats of the call's groups whose phone hangs where the caller's line cannot ring it."""
    priority: int = 0
    """Steps of priority of the call."""
    marks: tuple[str, ...] = ()
    """How the caller is treated: codes, see `MARKS`."""
    kept_place: bool = False
    """The caller had given up and rang again: the earlier waiting time counts."""


LEFT_OUT: Final[Mapping[str, str]] = {
    "conflict": "因利益冲突回避",
    "avoid": "按回避规则不接待该来电人",
    "passed": "本次来电已振铃未接",
}
"""Reasons why a free seat was not asked."""
MARKS: Final[Mapping[str, str]] = {
    "emergency": "紧急",
    "minor": "未成年人",
    "elderly": "老年人",
    "disabled": "残疾人",
    "warned": "骚扰来电已警告",
    "limited": "骚扰来电限制",
    "blocked": "骚扰来电拦截",
    "prefer": "指定律师",
    "avoid": "回避",
    "conflict": "利益冲突",
}
"""Treatments, as they are called in the sentence."""
MOST_LEFT_OUT: Final = 5
"""Seats left out that are named one by one; of the others only the number is said."""


def sentence(why: Why, groups: Mapping[str, str] | None = None) -> str:
    """The reasons in Chinese. `groups`: labels of skill groups; a group without one is called by its name."""
    label = (groups or {}).get(why.group, why.group)
    parts = [_caller(why), f"{_field(why, label)}，{_choice(why)}" if why.rivals > 1 else _field(why, label)]
    parts += _left_out(why.left_out)
    if why.out_of_reach:
        parts.append(f"另有 {why.out_of_reach} 个空闲坐席的话机不在来电线路上")
    return "；".join(parts) + "。"


def duration(seconds: float) -> str:
    """`250` → `4 分 10 秒`; `7260` → `2 小时 1 分`."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"
    if minutes:
        return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分钟"
    return f"{rest} 秒"


def _caller(why: Why) -> str:
    text = f"该来电等候 {duration(why.waited_seconds)}，排在第 {why.ahead + 1} 位"
    if why.ahead:
        text += f"（前面 {why.ahead} 位不能由 {why.seat} 号接听）"
    if why.kept_place:
        text += "，重拨保留原排队位置"
    marks = "、".join(MARKS.get(mark, mark) for mark in why.marks)
    if why.priority > 0:
        text += f"，按优先 {why.priority} 级提前" + (f"（{marks}）" if marks else "")
    elif marks:
        text += f"，标记：{marks}"
    if why.relaxed:
        text += "，等候较久已放宽技能组"
    return text


def _field(why: Why, label: str) -> str:
    group = label if label.endswith("组") else f"{label}组"
    where = (group if label else "可派发的技能组") + ("中来电线路能呼到的" if why.out_of_reach else "")
    if why.rivals > 1:
        return f"{where}有 {why.rivals} 个空闲坐席"
    idle = f"（已空闲 {duration(why.idle_seconds)}）" if why.idle_seconds is not None else ""
    return f"{where}只有 {why.seat} 号空闲{idle}"


def _choice(why: Why) -> str:
    idle = f"（{duration(why.idle_seconds)}）" if why.idle_seconds is not None else ""
    match why.strategy:
        case "longest-idle":
            return f"{why.seat} 号空闲最久{idle}"
        case "spread-evenly":
            taken = f"（{why.taken} 通）" if why.taken is not None else ""
            return f"{why.seat} 号本班接听最少{taken}"
        case "last-lawyer-first":
            return f"{why.seat} 号的律师上次接待过该来电人"
        case "preferred":
            return f"{why.seat} 号的律师是为该来电人指定的律师"
        case _:
            return f"按策略 {why.strategy} 选择 {why.seat} 号"


def _left_out(seats: tuple[LeftOut, ...]) -> list[str]:
    """Seats by reason, in the order in which the reasons first appear."""
    by_reason: dict[str, list[str]] = {}
    for each in seats[:MOST_LEFT_OUT]:
        by_reason.setdefault(each.reason, []).append(f"{each.seat} 号")
    found = ["、".join(named) + LEFT_OUT.get(reason, f"未参与派发（{reason}）") for reason, named in by_reason.items()]
    more = len(seats) - MOST_LEFT_OUT
    if more > 0:
        found.append(f"另有 {more} 个空闲坐席未参与派发")
    return found
