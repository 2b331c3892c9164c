"""Must this caller be told of legal aid (法律援助提示)? Whoever may be entitled to it, must – or it is written why not.

法律援助法第二十三条: who advises by telephone reminds people of their right to apply, and tells the conditions and the
way. Everybody should hear it; where the law itself names the caller or the matter, the ticket does not end without.
"""

from __future__ import annotations

from typing import Final

from hotline.matters.duties import About
from hotline.tickets.fields import Fault
from hotline.tickets.matter import SPECIAL_GROUPS, Matter, SpecialGroup

NORM: Final = "法律援助法第二十三条"
GROUPS: Final = frozenset(
    {SpecialGroup.DISABLED, SpecialGroup.ELDERLY, SpecialGroup.MIGRANT_WORKER, SpecialGroup.MINOR}
)
"""第四十二条, 第二十五条."""
CATEGORIES: Final = {
    "civil.labour.pay": "请求支付劳动报酬（第三十一条第五项）",
    "civil.labour.injury": "请求工伤事故损害赔偿（第三十一条第七项）",
    "civil.labour.insurance": "请求给予社会保险待遇（第三十一条第二项）",
    "civil.family.support": "请求给付赡养费、抚养费、扶养费（第三十一条第四项）",
    "civil.family.violence": "遭受虐待、遗弃或家庭暴力（第三十二条第四项）",
    "civil.traffic": "交通事故人身损害赔偿（第三十一条第七项）",
    "civil.medical": "医疗事故人身损害赔偿（第三十一条第七项）",
    "criminal": "刑事案件（第二十四条、第二十五条、第二十九条）",
}
"""Of the tree that comes along, with what lies below them; codes of a site's own tree do not speak here."""


def why(matter: str, category: str, about: About) -> str:
    """Why the caller must be told, in Chinese; empty: nothing on the ticket says that they must."""
    if matter == Matter.LEGAL_AID:
        return "来电事项为法律援助"
    if about.marked("mark_violence"):
        return CATEGORIES["civil.family.violence"]
    if about.minor:
        return "涉及未成年人（第二十五条、第四十二条）"
    if about.special_group in GROUPS:
        return f"{SPECIAL_GROUPS[SpecialGroup(about.special_group)]}（第四十二条）"
    for code, reason in CATEGORIES.items():
        if category == code or category.startswith(f"{code}."):
            return reason
    return ""


def untold(matter: str, category: str, about: About, *, told: bool) -> list[Fault]:
    """What a ticket lacks before it ends: the reminder, or why there was none."""
    reason = why(matter, category, about)
    if told or not reason or str(about.values.get("aid_not_told", "")).strip():
        return []
    text = f"{reason}：请提示来电人有权申请法律援助并告知条件和程序，或写明“未提示法律援助的原因”（{NORM}）。"
    return [Fault(field="legal_aid_told", why=text)]
