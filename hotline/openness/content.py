"""What does a hall publish about its services (服务公开)? Pure.

What comes along says what 12348 does everywhere; materials and procedures are those of the laws that are named, and a
hall's supervisors put their own in their place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from hotline.tickets.matter import Matter

MAX_SERVICES: Final = 40
MAX_LINES: Final = 20
MAX_LINE: Final = 300
MAX_TITLE: Final = 40


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One service on the list."""

    title: str
    matter: str = ""
    """Business type whose deadlines (期限) are its standard; empty: none."""
    channels: str = ""
    """How it is reached."""
    unit: str = ""
    """Who does it."""
    procedure: tuple[str, ...] = ()
    materials: tuple[str, ...] = ()
    standard: str = ""
    """What is promised besides the deadlines."""
    fee: str = "免费"


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """All that is published, but the figures."""

    intro: str
    hours: str
    complaint_phone: str
    """监督投诉电话."""
    complaint_note: str = ""
    services: tuple[Service, ...] = ()


_DESK: Final = "拨打 12348；到公共法律服务中心；12348 中国法网"
DEFAULT: Final = Content(
    intro="12348 公共法律服务热线为您提供法律咨询、法律援助指引和公共法律服务办理。服务不收费。",
    hours="法律咨询以本大厅公布的值班时间为准",
    complaint_phone="12348",
    complaint_note="对服务不满意的，可以当场评价、接受回访时说明，或者拨打监督电话。",
    services=(
        Service(
            title="法律咨询",
            matter="legal_advice",
            channels=_DESK,
            unit="热线值班律师",
            procedure=("来电或留言说明问题", "律师当场解答", "不能当场解答的，登记后按期限答复", "回访"),
            standard="当场解答；不代替律师代理意见",
        ),
        Service(
            title="法律援助",
            matter="legal_aid",
            channels=_DESK,
            unit="法律援助中心",
            procedure=("提出申请", "审查经济困难状况和事项范围", "作出决定并书面通知", "指派律师"),
            materials=(
                "法律援助申请表",
                "身份证明；代理申请的，代理权限证明",
                "经济困难状况说明（诚信承诺）或者免予核查的证明",
                "与申请事项有关的案件材料",
            ),
        ),
        Service(
            title="人民调解",
            matter="mediation",
            channels=_DESK,
            unit="人民调解委员会",
            procedure=("当事人申请或同意", "受理并选定调解员", "调解", "达成协议的，可以申请司法确认"),
            materials=("身份证明", "纠纷有关的证据材料"),
        ),
        Service(
            title="公证指引",
            matter="notary",
            channels=_DESK,
            unit="公证机构",
            procedure=("咨询所需材料", "向公证机构申请", "审查、出具公证书"),
            materials=("身份证明", "所办事项要求的材料，以公证机构告知为准"),
            fee="咨询免费；办理按公证服务收费标准",
        ),
        Service(
            title="司法鉴定指引", matter="forensic", channels=_DESK, unit="司法鉴定机构", fee="咨询免费；鉴定按收费标准"
        ),
        Service(title="行政复议指引", matter="reconsideration", channels=_DESK, unit="行政复议机构"),
        Service(title="服务投诉与建议", matter="complaint", channels=_DESK, unit="热线管理机构"),
    ),
)


def faults(content: Content) -> dict[str, str]:
    """What is wrong with it: field → Chinese reason."""
    found: dict[str, str] = {}
    for name, most in (("intro", 1000), ("hours", 200), ("complaint_phone", 40), ("complaint_note", 500)):
        text = getattr(content, name)
        if name in ("intro", "complaint_phone") and not text.strip():
            found[name] = "请填写此项。"
        elif len(text) > most:
            found[name] = f"不能超过 {most} 个字符。"
    if len(content.services) > MAX_SERVICES:
        found["services"] = f"最多 {MAX_SERVICES} 项服务。"
    for at, service in enumerate(content.services):
        if why := _fault(service):
            found[f"services.{at}"] = why
    return found


def _fault(service: Service) -> str:
    if not service.title.strip() or len(service.title) > MAX_TITLE:
        return f"请填写服务名称，不超过 {MAX_TITLE} 个字符。"
    if service.matter and service.matter not in set(Matter):
        return "没有这种业务类型。"
    if any(len(text) > MAX_LINE for text in (service.channels, service.unit, service.standard, service.fee)):
        return f"每项说明不能超过 {MAX_LINE} 个字符。"
    lines: Sequence[str] = (*service.procedure, *service.materials)
    if max(len(service.procedure), len(service.materials)) > MAX_LINES or any(len(line) > MAX_LINE for line in lines):
        return f"流程和材料各最多 {MAX_LINES} 条，每条不超过 {MAX_LINE} 个字符。"
    return ""
