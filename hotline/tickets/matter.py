"""What may stand in a ticket's choice fields, and how is it called in Chinese?

The business types (业务类型) are the functions of the hotline in 司发〔2017〕9号 and what comes beside them; the
special groups those that 法律援助 practice keeps apart. Values are stored, labels are shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Matter(StrEnum):
    """业务类型: what kind of service was asked for. Not the field of law: that is the category."""

    LEGAL_ADVICE = "legal_advice"
    LEGAL_AID = "legal_aid"
    MEDIATION = "mediation"
    NOTARY = "notary"
    FORENSIC = "forensic"
    ARBITRATION = "arbitration"
    LAWYER_SERVICE = "lawyer_service"
    RECONSIDERATION = "reconsideration"
    RESETTLEMENT = "resettlement"
    PRISON_VISIT = "prison_visit"
    PETITION = "petition"
    EXPERT = "expert"
    COMPLAINT = "complaint"
    SUGGESTION = "suggestion"
    OTHER = "other"


class Urgency(StrEnum):
    """How soon something must happen."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class SpecialGroup(StrEnum):
    """特殊群体: people the law cares for in particular."""

    DISABLED = "disabled"
    ELDERLY = "elderly"
    MIGRANT_WORKER = "migrant_worker"
    SERVICE_FAMILY = "service_family"
    MINOR = "minor"
    WOMAN = "woman"


class Gender(StrEnum):
    """As far as the caller says so."""

    FEMALE = "female"
    MALE = "male"


class Channel(StrEnum):
    """渠道: how a contact came."""

    PHONE = "phone"
    VISIT = "visit"
    LETTER = "letter"
    """来信、意见箱."""
    NETWORK = "network"
    """12348 法网、微信、App."""
    HOTLINE = "hotline"
    """其他热线转来."""


class QuickClose(StrEnum):
    """一键办结: calls that need no words."""

    WRONG_NUMBER = "wrong_number"
    SILENCE = "silence"
    PRANK = "prank"


MATTERS: Final = {
    Matter.LEGAL_ADVICE: "法律咨询",
    Matter.LEGAL_AID: "法律援助",
    Matter.MEDIATION: "人民调解",
    Matter.NOTARY: "公证",
    Matter.FORENSIC: "司法鉴定",
    Matter.ARBITRATION: "仲裁",
    Matter.LAWYER_SERVICE: "律师服务",
    Matter.RECONSIDERATION: "行政复议",
    Matter.RESETTLEMENT: "安置帮教与社区矫正",
    Matter.PRISON_VISIT: "远程会见",
    Matter.PETITION: "信访指引",
    Matter.EXPERT: "专家咨询",
    Matter.COMPLAINT: "服务投诉",
    Matter.SUGGESTION: "意见建议",
    Matter.OTHER: "其他",
}
CHANNELS: Final = {
    Channel.PHONE: "来电",
    Channel.VISIT: "来访",
    Channel.LETTER: "来信",
    Channel.NETWORK: "网络",
    Channel.HOTLINE: "其他热线转来",
}
URGENCIES: Final = {Urgency.NORMAL: "普通", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "特急"}
SPECIAL_GROUPS: Final = {
    SpecialGroup.DISABLED: "残疾人",
    SpecialGroup.ELDERLY: "老年人",
    SpecialGroup.MIGRANT_WORKER: "农民工",
    SpecialGroup.SERVICE_FAMILY: "军人军属",
    SpecialGroup.MINOR: "未成年人",
    SpecialGroup.WOMAN: "妇女",
}
GENDERS: Final = {Gender.FEMALE: "女", Gender.MALE: "男"}
QUICK_CLOSES: Final = {
    QuickClose.WRONG_NUMBER: "拨错号码",
    QuickClose.SILENCE: "无声电话",
    QuickClose.PRANK: "骚扰电话",
}
