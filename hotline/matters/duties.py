"""Which duties (义务) does the law put on us because of who called, or what they told? And must each be recorded?

A duty that must be recorded stays open until somebody has written what was done, or why nothing was to be done; until
then the ticket cannot end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec

from hotline.matters.forms import PREFIX, Value
from hotline.tickets.fields import Fault
from hotline.tickets.matter import SpecialGroup


class DutyCode(StrEnum):
    """The duties, by name."""

    MINOR_REPORT = "minor_report"
    """强制报告."""
    SELF_HARM = "self_harm"
    """危及生命: 110 first."""
    VIOLENCE = "violence"
    """家庭暴力告知与协助."""
    MINOR_CARE = "minor_care"
    ELDERLY_CARE = "elderly_care"
    DISABLED_CARE = "disabled_care"
    MIGRANT_CARE = "migrant_care"


class Receiver(StrEnum):
    """Whom a duty is fulfilled towards (报告对象)."""

    POLICE = "police"
    CIVIL_AFFAIRS = "civil_affairs"
    EDUCATION = "education"
    WOMEN = "women"
    AMBULANCE = "ambulance"
    CALLER = "caller"
    OTHER = "other"


RECEIVERS: Final = {
    Receiver.POLICE: "公安机关（110）",
    Receiver.CIVIL_AFFAIRS: "民政部门",
    Receiver.EDUCATION: "教育部门",
    Receiver.WOMEN: "妇女联合会",
    Receiver.AMBULANCE: "急救（120）",
    Receiver.CALLER: "来电人",
    Receiver.OTHER: "其他部门",
}


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What of a ticket duties follow from."""

    special_group: str = ""
    minor_involved: bool = False
    values: Mapping[str, Value] = {}
    """Particulars."""

    @property
    def minor(self) -> bool:
        """A minor (未成年人) is concerned."""
        return self.minor_involved or self.special_group == SpecialGroup.MINOR

    def marked(self, mark: str) -> bool:
        """The special circumstance was marked."""
        return self.values.get(mark) is True


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What the law asks, and by when."""

    code: DutyCode
    label: str
    text: str
    """What is to be done."""
    norm: str
    applies: Callable[[About], bool]
    receivers: tuple[Receiver, ...] = ()
    """Towards whom it can be fulfilled; empty: nothing has to be recorded."""
    within: timedelta = timedelta(0)
    """立即 and 及时 as we read them: afterwards a supervisor's list shows it as late."""


DUTIES: Final = (
    Duty(
        code=DutyCode.SELF_HARM,
        label="危及生命安全",
        text="保持通话，一键转接 110 或三方通话；110 先行派警，再分清职责。",
        norm="国办发〔2022〕12号",
        applies=lambda about: about.marked("mark_self_harm"),
        receivers=(Receiver.POLICE, Receiver.AMBULANCE),
        within=timedelta(minutes=10),
    ),
    Duty(
        code=DutyCode.MINOR_REPORT,
        label="强制报告",
        text="未成年人受到或疑似受到侵害、面临危险的，立即向公安、民政、教育等部门报告，并记录报告情况。",
        norm="未成年人保护法第十一条第二款",
        applies=lambda about: about.marked("mark_minor_harm"),
        receivers=(Receiver.POLICE, Receiver.CIVIL_AFFAIRS, Receiver.EDUCATION, Receiver.OTHER),
        within=timedelta(minutes=30),
    ),
    Duty(
        code=DutyCode.VIOLENCE,
        label="家庭暴力",
        text="告知可以报警、申请人身安全保护令，申请法律援助不受经济困难条件限制；需要时协助报警或联系妇联。",
        norm="反家庭暴力法第十三条、第二十三条；法律援助法第三十二条",
        applies=lambda about: about.marked("mark_violence"),
        receivers=(Receiver.CALLER, Receiver.POLICE, Receiver.WOMEN, Receiver.OTHER),
        within=timedelta(minutes=60),
    ),
    Duty(
        code=DutyCode.MINOR_CARE,
        label="未成年人",
        text="最有利于未成年人：用其听得懂的话，听取其意见，保护隐私；须问明是否受到侵害或面临危险。",
        norm="未成年人保护法第四条、第十一条",
        applies=lambda about: about.minor,
    ),
    Duty(
        code=DutyCode.ELDERLY_CARE,
        label="老年人",
        text="无固定生活来源的，申请法律援助免予核查经济困难状况；行动不便的，联系就近机构上门服务。",
        norm="法律援助法第四十二条、第四十五条；老年人权益保障法",
        applies=lambda about: about.special_group == SpecialGroup.ELDERLY,
    ),
    Duty(
        code=DutyCode.DISABLED_CARE,
        label="残疾人",
        text="提供无障碍服务；无固定生活来源的，申请法律援助免予核查经济困难状况。",
        norm="法律援助法第四十二条、第四十五条；无障碍环境建设法",
        applies=lambda about: about.special_group == SpecialGroup.DISABLED,
    ),
    Duty(
        code=DutyCode.MIGRANT_CARE,
        label="农民工",
        text="申请支付劳动报酬或者请求工伤事故人身损害赔偿的，申请法律援助免予核查经济困难状况。",
        norm="法律援助法第四十二条第三项；保障农民工工资支付条例",
        applies=lambda about: about.special_group == SpecialGroup.MIGRANT_WORKER,
    ),
)
BY_CODE: Final[Mapping[str, Duty]] = {duty.code: duty for duty in DUTIES}


def applying(about: About) -> list[Duty]:
    """The duties of a ticket, the gravest first."""
    return [duty for duty in DUTIES if duty.applies(about)]


def to_record(about: About) -> list[Duty]:
    """Those of them that must be recorded."""
    return [duty for duty in applying(about) if duty.receivers]


def unasked(about: About) -> list[Fault]:
    """A minor is concerned: whether they are harmed must have been asked before the ticket ends."""
    if about.minor and "mark_minor_harm" not in about.values:
        why = "涉及未成年人，请先选择其是否受到侵害或面临危险（未成年人保护法第十一条）。"
        return [Fault(field=PREFIX + "mark_minor_harm", why=why)]
    return []
