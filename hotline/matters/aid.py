"""What is true of an application for legal aid (法律援助申请), what may be done next, and what do the checks say?

By 法律援助法 (2022) and 办理法律援助案件程序规定: seven days to review, three to appoint; what is missing is said
once and completely, and the time until it is there does not count (§43). The checks advise: a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from hotline.tickets.fields import Fault


class AidState(StrEnum):
    """What is true of an application."""

    SUPPLEMENT = "supplement"
    """待补材料: the clock stands still."""
    REVIEW = "review"
    """审查中."""
    GRANTED = "granted"
    """已决定给予, 待指派."""
    APPOINTED = "appointed"
    """已指派."""
    REFUSED = "refused"
    """不予援助."""
    WITHDRAWN = "withdrawn"
    """已撤回, 或视为撤回."""


class AidStep(StrEnum):
    """What can be done with one."""

    ASK = "ask"
    """一次性告知 what is missing."""
    COMPLETE = "complete"
    """材料齐全."""
    GRANT = "grant"
    REFUSE = "refuse"
    APPOINT = "appoint"
    """指派, or another lawyer instead (更换)."""
    WITHDRAW = "withdraw"


A = AidState

TRANSITIONS: Final[Mapping[tuple[AidState, AidStep], AidState]] = {
    (A.REVIEW, AidStep.ASK): A.SUPPLEMENT,
    (A.SUPPLEMENT, AidStep.COMPLETE): A.REVIEW,
    (A.REVIEW, AidStep.GRANT): A.GRANTED,
    (A.REVIEW, AidStep.REFUSE): A.REFUSED,
    (A.GRANTED, AidStep.APPOINT): A.APPOINTED,
    (A.APPOINTED, AidStep.APPOINT): A.APPOINTED,
    (A.SUPPLEMENT, AidStep.GRANT): A.GRANTED,  # 先行提供 (§44): the formalities come afterwards
    (A.SUPPLEMENT, AidStep.WITHDRAW): A.WITHDRAWN,
    (A.REVIEW, AidStep.WITHDRAW): A.WITHDRAWN,
    (A.GRANTED, AidStep.WITHDRAW): A.WITHDRAWN,
}
UNDECIDED: Final = frozenset({A.SUPPLEMENT, A.REVIEW, A.GRANTED})
"""Somebody still has to do something: the ticket cannot end."""


class Means(StrEnum):
    """How 经济困难 is shown."""

    DECLARED = "declared"
    """个人诚信承诺或经济困难状况说明 (§41)."""
    EXEMPT = "exempt"
    """免予核查 (§42)."""
    NOT_NEEDED = "not_needed"
    """不受经济困难条件的限制 (§32)."""


class Exempt(StrEnum):
    """Whose hardship is not looked into (§42)."""

    NO_INCOME = "no_income"
    RELIEF = "relief"
    MIGRANT = "migrant"
    OTHER = "other"


class By(StrEnum):
    """Who applies (§24, §29, §40)."""

    SELF = "self"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    PROXY = "proxy"


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """A matter that aid is given in."""

    label: str
    norm: str
    means: bool = True
    """经济困难 is a condition."""
    sure: bool = True
    """False: the norm refers to another one, which has to be looked up."""


GROUNDS: Final[Mapping[str, Ground]] = {
    "suspect": Ground(label="刑事案件犯罪嫌疑人、被告人没有委托辩护人", norm="第二十四条"),
    "victim": Ground(label="刑事被害人、自诉人、附带民事诉讼原告人没有委托代理人", norm="第二十九条"),
    "compensation": Ground(label="依法请求国家赔偿", norm="第三十一条第一项"),
    "insurance": Ground(label="请求给予社会保险待遇或者社会救助", norm="第三十一条第二项"),
    "pension": Ground(label="请求发给抚恤金", norm="第三十一条第三项"),
    "support": Ground(label="请求给付赡养费、抚养费、扶养费", norm="第三十一条第四项"),
    "pay": Ground(label="请求确认劳动关系或者支付劳动报酬", norm="第三十一条第五项"),
    "capacity": Ground(label="请求认定公民无民事行为能力或者限制民事行为能力", norm="第三十一条第六项"),
    "injury": Ground(label="请求工伤、交通、食品药品、医疗事故人身损害赔偿", norm="第三十一条第七项"),
    "environment": Ground(label="请求环境污染、生态破坏损害赔偿", norm="第三十一条第八项"),
    "retrial": Ground(label="申诉、申请再审案件决定再审或者提出抗诉", norm="第三十三条"),
    "martyr": Ground(label="英雄烈士近亲属维护英雄烈士的人格权益", norm="第三十二条第一项", means=False),
    "courage": Ground(label="因见义勇为行为主张相关民事权益", norm="第三十二条第二项", means=False),
    "acquitted": Ground(label="再审改判无罪请求国家赔偿", norm="第三十二条第三项", means=False),
    "violence": Ground(label="遭受虐待、遗弃或者家庭暴力的受害人主张相关权益", norm="第三十二条第四项", means=False),
    "other": Ground(label="法律、法规、规章规定的其他情形", norm="第三十一条第九项", sure=False),
}
MEANS: Final = {
    Means.DECLARED: "个人诚信承诺或经济困难状况说明（第四十一条）",
    Means.EXEMPT: "免予核查经济困难状况（第四十二条）",
    Means.NOT_NEEDED: "不受经济困难条件的限制（第三十二条）",
}
EXEMPTS: Final = {
    Exempt.NO_INCOME: "无固定生活来源的未成年人、老年人、残疾人等特定群体",
    Exempt.RELIEF: "社会救助、司法救助或者优抚对象",
    Exempt.MIGRANT: "申请支付劳动报酬或者请求工伤事故人身损害赔偿的进城务工人员",
    Exempt.OTHER: "法律、法规、规章规定的其他人员",
}
BYS: Final = {By.SELF: "本人", By.GUARDIAN: "法定代理人", By.RELATIVE: "近亲属", By.PROXY: "委托代理人"}
MATERIALS: Final = {
    "form": "法律援助申请表",
    "identity": "身份证明",
    "case": "与申请事项有关的案件材料",
    "proxy": "代理权或亲属关系证明",
    "hardship": "经济困难状况说明表或个人诚信承诺书",
    "exempt": "免予核查人员的证明材料",
    "circumstance": "不受经济困难条件限制情形的证明材料",
}
_OF_MEANS: Final = {Means.DECLARED: "hardship", Means.EXEMPT: "exempt", Means.NOT_NEEDED: "circumstance"}


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What is applied for, as far as the checks look at it."""

    ground: str
    means: Means
    exempt: Exempt | None = None
    by: By = By.SELF
    materials: frozenset[str] = frozenset()
    """Those that are there."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was found, and by which norm."""

    code: str
    ok: bool | None
    """None: a person has to look."""
    text: str
    norm: str


class AidRefused(Exception):
    """The table has no such row."""

    def __init__(self, state: AidState, step: AidStep) -> None:
        super().__init__(f"an application that is {state} cannot take the step {step}")


def advance(state: AidState, step: AidStep) -> AidState:
    """The state after the step. Raises `AidRefused` when the table has no such row."""
    target = TRANSITIONS.get((state, step))
    if target is None:
        raise AidRefused(state, step)
    return target


def required(application: Application) -> list[str]:
    """The materials that such an application needs, in the order they are asked for."""
    proxy = [] if application.by is By.SELF else ["proxy"]
    return ["form", "identity", *proxy, "case", _OF_MEANS[application.means]]


def lacking(application: Application, also: Collection[str] = ()) -> list[str]:
    """Those that are not there. `also`: what was asked for besides."""
    wanted = [*required(application), *(each for each in also if each not in required(application))]
    return [each for each in wanted if each not in application.materials]


def faults(application: Application) -> list[Fault]:
    """What contradicts itself: such an application is not filed."""
    found: list[Fault] = []
    ground = GROUNDS.get(application.ground)
    if ground is None:
        return [Fault(field="ground", why="请选择申请事项。")]
    if application.means is Means.NOT_NEEDED and ground.means and ground.sure:
        found.append(Fault(field="means", why=f"该事项（{ground.norm}）以经济困难为条件，请选择说明或免予核查。"))
    if application.means is not Means.NOT_NEEDED and not ground.means:
        found.append(Fault(field="means", why=f"该事项（{ground.norm}）不受经济困难条件的限制，无须核查经济状况。"))
    if (application.means is Means.EXEMPT) != (application.exempt is not None):
        found.append(Fault(field="exempt", why="免予核查的，请选择属于哪类人员；不是免予核查的，不用选择。"))
    if application.exempt is Exempt.MIGRANT and application.ground not in ("pay", "injury"):
        found.append(Fault(field="exempt", why="进城务工人员只在申请支付劳动报酬或者请求工伤赔偿时免予核查。"))
    if unknown := application.materials - set(MATERIALS):
        found.append(Fault(field="materials", why=f"没有这种材料：{'、'.join(sorted(unknown))[:80]}"))
    return found


def findings(application: Application, also: Collection[str] = ()) -> list[Finding]:
    """The checks (审查要点) of an application without faults, with their reasons."""
    ground = GROUNDS[application.ground]
    scope = ground.label if ground.sure else f"{ground.label}：请核对所依据的规定"
    means = MEANS[application.means]
    if application.exempt is not None:
        means = f"{means}：{EXEMPTS[application.exempt]}"
    missing = lacking(application, also)
    there = "材料齐全" if not missing else "尚缺：" + "、".join(MATERIALS[each] for each in missing)
    declared = application.means is Means.DECLARED
    return [
        Finding(code="scope", ok=True if ground.sure else None, text=scope, norm=f"法律援助法{ground.norm}"),
        Finding(
            code="means",
            ok=None if declared else True,
            text=means,
            norm="法律援助法第三十四条、第四十一条" if declared else "法律援助法",
        ),
        Finding(code="materials", ok=not missing, text=there, norm="法律援助法第四十三条"),
    ]
