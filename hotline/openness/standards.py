"""By when is a service done? The hall's own rules of deadlines (期限), in words for citizens. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hotline.deadlines.rules import About, DueKind, Rule, rule_for
from hotline.deadlines.working import Unit

_UNITS: Final = {Unit.MINUTES: "分钟", Unit.WORKDAYS: "个工作日", Unit.DAYS: "日"}
_SAID: Final = (
    (DueKind.DISPATCH, "不能当场答复的，{}内转交承办单位"),
    (DueKind.REPLY, "承办单位 {}内办理答复"),
    (DueKind.AID_REVIEW, "法律援助申请 {}内审查决定"),
    (DueKind.AID_APPOINT, "决定给予援助的，{}内指派人员"),
    (DueKind.FOLLOW_UP, "办理后 {}内回访"),
)


def standards(matter: str, own: Sequence[Rule]) -> list[str]:
    """A line for each deadline that such a matter has."""
    found: list[str] = []
    for kind, words in _SAID:
        rule = rule_for(kind, About(matter=matter), own)
        if rule is None:
            continue
        longest = f"（经批准最长 {rule.most} {_UNITS[rule.unit]}）" if rule.most > rule.amount else ""
        found.append(words.format(f"{rule.amount} {_UNITS[rule.unit]}") + longest)
    if (urgent := rule_for(DueKind.DISPATCH, About(matter=matter, urgency="urgent"), own)) is not None:
        found.append(f"紧急事项 {urgent.amount} {_UNITS[urgent.unit]}内转交")
    return found
