"""What is an emergency plan (应急预案): which steps, whom to call, by when the superior hears? Pure.

The plans that come along are starting points, in the order that GB/T 33358 and the hotlines' own rules teach: people
first, evidence, report, aftermath. A site puts its own in their place; the hours of reporting are the superior's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

MAX_STEPS: Final = 40
MAX_PLANS: Final = 30
MAX_LINE: Final = 500


class PlanStep(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the checklist."""

    title: str
    text: str = ""
    """How it is done."""
    call: str = ""
    """Whom to call: name and number, as people read it; empty: nobody."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One plan."""

    title: str
    when: str
    """When it is begun (启动条件)."""
    steps: tuple[PlanStep, ...]
    report_to: str = "上级主管部门值班室"
    report_minutes: int = 60
    """口头报告 by then, after the beginning; 0: none."""
    written_hours: int = 24
    """书面报告; 0: none."""
    retired: bool = False
    """It is not offered any more."""


_REPORT: Final = PlanStep(title="口头报告上级", text="时间、地点、人数、起因、已采取的措施；报告后在本页登记。")
_WRITTEN: Final = PlanStep(title="提交重大事项书面报告", text="在本页填写并打印，加盖印章后报送。")
DEFAULT: Final[Mapping[str, Plan]] = {
    "mass-calls": Plan(
        title="群体性来电",
        when="同一事项短时间内 5 人以上来电，或来电人表示将聚集、上访。",
        steps=(
            PlanStep(title="指定专人记录", text="统一口径，逐一登记人数、诉求、联系人和聚集的时间地点。"),
            PlanStep(title="安抚并告知法定渠道", text="不承诺结果，不激化矛盾。"),
            PlanStep(title="通知属地和主管单位", call="属地值班室"),
            PlanStep(title="可能危及公共安全的，报警", call="110"),
            _REPORT,
            PlanStep(title="并案办理", text="并单，指定主办单位，列入督办。"),
            _WRITTEN,
        ),
    ),
    "harm": Plan(
        title="扬言自伤或伤人",
        when="来电人表示要自杀、自伤或者伤害他人。",
        steps=(
            PlanStep(title="保持通话", text="不挂断、不刺激，尽量问明位置、姓名、身边的人和手段。"),
            PlanStep(title="一键转 110，三方通话", text="坐席按“紧急联动”，确认对方接管后才退出。", call="110"),
            PlanStep(title="需要急救的，转 120", call="120"),
            PlanStep(title="涉及未成年人的，强制报告", text="未成年人保护法第十一条。", call="110、12345"),
            PlanStep(title="保存录音和工单", text="标记来电人，暂停一切限制规则。"),
            _REPORT,
            PlanStep(title="回访和心理援助转介", call="12356 心理援助热线"),
            _WRITTEN,
        ),
        report_minutes=30,
    ),
    "outage": Plan(
        title="系统故障、断电",
        when="线路、系统或供电中断，来电无法正常接听。",
        steps=(
            PlanStep(title="确认范围", text="线路页查看告警；用手机拨打 12348 试听。"),
            PlanStep(title="启用值班手机或溢出到省平台", text="确认来电有人接听。"),
            PlanStep(title="联系运营商、供电和维护单位", call="运营商客户经理；95598；系统维护"),
            PlanStep(title="播放故障公告", text="公告页打开“系统故障”公告。"),
            _REPORT,
            PlanStep(title="恢复后逐一回拨漏接来电"),
            _WRITTEN,
        ),
    ),
    "opinion": Plan(
        title="负面舆情",
        when="涉及本热线的负面报道、短视频或网络热议。",
        steps=(
            PlanStep(title="保全有关通话、录音和工单", text="不得删改；查看均记入审计。"),
            PlanStep(title="核实事实", text="听取录音，询问当事坐席，形成时间线。"),
            PlanStep(title="统一对外口径", text="未经授权不接受采访。", call="宣传部门"),
            _REPORT,
            PlanStep(title="联系当事人，处理诉求"),
            _WRITTEN,
        ),
    ),
    "foreign": Plan(
        title="涉外、涉港澳台",
        when="来电人或者事项涉及外国人、外国机构或港澳台居民，且有人身安全或重大影响。",
        steps=(
            PlanStep(title="记录国籍、证件和联系方式", text="必要时安排翻译。"),
            PlanStep(title="有人身危险的，报警", call="110"),
            PlanStep(title="通知外事、港澳台部门", call="外事办值班室；12308 领事保护"),
            _REPORT,
            _WRITTEN,
        ),
    ),
}


def faults(plan: Plan) -> dict[str, str]:
    """What is wrong with it: field → Chinese reason."""
    found: dict[str, str] = {}
    if not plan.title.strip() or len(plan.title) > 40:
        found["title"] = "请填写预案名称，不超过 40 个字符。"
    if len(plan.when) > MAX_LINE:
        found["when"] = f"不能超过 {MAX_LINE} 个字符。"
    if not 1 <= len(plan.steps) <= MAX_STEPS:
        found["steps"] = f"需要 1 至 {MAX_STEPS} 个步骤。"
    if not 0 <= plan.report_minutes <= 1440:
        found["report_minutes"] = "须在 0 至 1440 分钟之间。"
    if not 0 <= plan.written_hours <= 240:
        found["written_hours"] = "须在 0 至 240 小时之间。"
    for at, step in enumerate(plan.steps):
        if not step.title.strip() or max(len(step.title), len(step.text), len(step.call)) > MAX_LINE:
            found[f"steps.{at}"] = f"请填写步骤名称；各项不超过 {MAX_LINE} 个字符。"
    return found
