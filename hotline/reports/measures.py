"""What exactly does each reported number count?

Every number is defined once, here: label, formula, wording and source, numerator, denominator, what was left out.
Published rates of Chinese hotlines differ by their denominators, so no rate is ever shown without its formula, and
whatever a formula leaves out is a visible row of its own. `counting` says how the counts come about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from hotline.ratings.figures import FIGURES, Figure
from hotline.reports.counting import (
    FAULTS,
    LEFT,
    LIMITS,
    OVERLOAD,
    SHORT,
    Share,
    Tally,
    answer_rate,
    in_seconds,
    service_level,
    up_to,
    with_live,
    within_of_requests,
)


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One reported number."""

    id: str
    label: str
    formula: str
    """Stable id of the formula; the same formula with another time limit is another id."""
    wording: str
    source: str
    unit: str
    """count, rate, seconds or score (1–5)."""
    of: Callable[[Tally], Share]

    def row(self, tally: Tally) -> dict[str, Any]:
        """The measure as reports carry it."""
        return row(self.id, self.label, self.formula, self.of(tally))


OUTCOME_LABELS: Final[Mapping[str, str]] = {
    "answered": "接通",
    "abandoned_menu": "导航中放弃",
    "abandoned_queue": "排队放弃",
    "abandoned_ringing": "振铃放弃",
    "short_abandoned": "速挂（5 秒内）",
    "timed_out": "排队超时",
    "queue_full": "队列已满",
    "no_seat": "无坐席在岗",
    "closed": "非服务时间",
    "blocked": "黑名单拦截",
    "overflowed": "溢出转出",
    "voicemail": "留言",
    "forwarded": "转接值班电话",
    "lost": "线路中断",
    "system_fault": "系统故障",
}


def row(id: str, label: str, formula: str, share: Share) -> dict[str, Any]:
    """A measure as reports carry it."""
    return {
        "id": id,
        "label": label,
        "formula": formula,
        "numerator": share.numerator,
        "denominator": share.denominator,
        "excluded": dict(share.excluded),
        "value": share.value,
    }


def _count(id: str, label: str, wording: str, of: Callable[[Tally], int], source: str = "本系统") -> Measure:
    return Measure(
        id=id,
        label=label,
        formula=f"count:{id}",
        wording=wording,
        source=source,
        unit="count",
        of=lambda counts: Share(numerator=of(counts)),
    )


def _outcome(outcome: str, label: str, wording: str) -> Measure:
    return _count(outcome, label, wording, lambda counts: counts.outcomes.get(outcome, 0), "呼损原因分类")


def _rate(id: str, label: str, formula: str, wording: str, source: str, of: Callable[[Tally], Share]) -> Measure:
    return Measure(id=id, label=label, formula=formula, wording=wording, source=source, unit="rate", of=of)


def _level(formula: str, seconds: int, wording: str) -> Measure:
    return _rate(
        f"sl_{seconds}_{formula.lower()}",
        f"{seconds} 秒服务水平（{formula}）",
        f"{formula}(t={seconds}s)",
        wording.format(t=seconds),
        "ICMI 2002；callcentrehelper.com 206890",
        lambda counts: service_level(counts, formula, seconds),
    )


def _mean(
    id: str,
    label: str,
    formula: str,
    wording: str,
    times: Callable[[Tally], Sequence[int]],
    excluded: Callable[[Tally], Mapping[str, int]],
) -> Measure:
    return Measure(
        id=id,
        label=label,
        formula=formula,
        wording=wording,
        source="本系统",
        unit="seconds",
        of=lambda counts: Share(
            numerator=in_seconds(times(counts)), denominator=len(times(counts)), excluded=excluded(counts)
        ),
    )


def _of_ratings(figure: Figure) -> Measure:
    def share(counts: Tally) -> Share:
        numerator, denominator = figure.of(counts.ratings)
        return Share(numerator=numerator, denominator=denominator)

    return Measure(
        id=figure.id,
        label=figure.label,
        formula=figure.formula,
        wording=figure.wording,
        source=figure.source,
        unit=figure.unit,
        of=share,
    )


_LEVELS: Final[Mapping[str, str]] = {
    "F1": "（{t} 秒内应答 + {t} 秒内放弃）÷（应答 + 放弃）",
    "F2": "{t} 秒内应答 ÷ 应答",
    "F3": "{t} 秒内应答 ÷（应答 + 放弃）",
    "F4": "{t} 秒内应答 ÷（应答 + {t} 秒后放弃）",
    "F5": "（{t} 秒内应答 + 5 秒内放弃）÷（应答 + 放弃）",
}

WORST_24H: Final = Measure(
    id="answer_rate_worst_24h",
    label="最差连续 24 小时接通率",
    formula="answered/offered@worst24h",
    wording="在当日结束的任意连续 24 小时内，接听量 ÷ 呼入量 的最小值（逐通精确计算）",
    source="GB/T 33358-2016（连续 24 小时接通率 ≥ 95%）",
    unit="rate",
    of=lambda counts: answer_rate(counts),
)
"""Its share comes from `worst_window`, which needs the day before as well."""

MEASURES: Final[tuple[Measure, ...]] = (
    _count("offered", "呼入量", "当日（按来电时刻，北京时间）呼入热线的全部来电", lambda counts: counts.offered),
    _count("answered", "接听量", "有坐席人员与来电人通话的来电", lambda counts: counts.answered),
    _count(
        "asked",
        "人工请求量",
        "请求人工服务的来电：进入人工排队、由网关直接振铃坐席，或因队列已满、无坐席而未能进入排队",
        lambda counts: counts.asked,
    ),
    _count("live", "尚未了结", "统计时既未接听也未结束的来电", lambda counts: counts.live),
    _count(
        "abandoned",
        "放弃量",
        "未获服务而由来电人挂断的来电（含速挂）",
        lambda counts: sum(counts.outcomes.get(outcome, 0) for outcome in LEFT),
    ),
    _outcome("abandoned_menu", "导航中放弃", "在问候语或语音导航中挂断"),
    _outcome("abandoned_queue", "排队放弃", "在排队等待中挂断"),
    _outcome("abandoned_ringing", "振铃放弃", "坐席振铃时挂断"),
    _outcome("short_abandoned", "速挂", "来电后 5 秒内挂断"),
    _rate(
        "answer_rate_inbound",
        "接通率",
        "answered/offered",
        "接听量 ÷ 呼入量，不作任何剔除",
        "12348 通行口径（连云港 2018：15395 ÷ 15875）",
        lambda counts: answer_rate(counts),
    ),
    _rate(
        "answer_rate_without_faults",
        "接通率（剔除系统故障）",
        "answered/(offered-faults)",
        "接听量 ÷（呼入量 − 线路中断 − 系统故障）",
        "《市民热线工作标准》剔除项：系统故障",
        lambda counts: answer_rate(counts, FAULTS),
    ),
    _rate(
        "answer_rate_without_overload",
        "接通率（剔除超坐席能力）",
        "answered/(offered-overload)",
        "接听量 ÷（呼入量 − 排队超时 − 队列已满 − 溢出转出）；无坐席在岗不予剔除",
        "《市民热线工作标准》剔除项：超坐席能力",
        lambda counts: answer_rate(counts, OVERLOAD),
    ),
    _rate(
        "answer_rate_without_short",
        "接通率（剔除速挂）",
        "answered/(offered-short)",
        "接听量 ÷（呼入量 − 速挂）",
        "短时放弃剔除口径（≤ 5 秒）",
        lambda counts: answer_rate(counts, SHORT),
    ),
    _rate(
        "answer_rate_all_exclusions",
        "接通率（全部剔除）",
        "answered/(offered-faults-overload-short)",
        "接听量 ÷（呼入量 − 系统故障 − 超坐席能力 − 速挂）；仅供对照",
        "《市民热线工作标准》与短时放弃剔除口径",
        lambda counts: answer_rate(counts, (*FAULTS, *OVERLOAD, *SHORT)),
    ),
    _rate(
        "human_answer_rate",
        "人工接通率",
        "asked_answered/asked",
        "人工接通量 ÷ 人工请求量",
        "运营商客服考核口径",
        lambda counts: Share(
            numerator=counts.asked_answered,
            denominator=counts.asked - counts.asked_live,
            excluded=with_live({}, counts.asked_live),
        ),
    ),
    *(
        _rate(
            f"sl_{seconds}",
            f"{seconds} 秒接通率",
            f"answered_within/asked(t={seconds}s)",
            f"{seconds} 秒内应答 ÷ 人工请求量；自进入人工排队起算",
            "N 秒接通率口径；15 秒见 GB/T 33358-2016",
            lambda counts, seconds=seconds: within_of_requests(counts, seconds),
        )
        for seconds in LIMITS
    ),
    *(
        _rate(
            f"timeliness_{seconds}",
            f"人工应答及时率（{seconds} 秒）",
            f"answered_within/answered(t={seconds}s)",
            f"{seconds} 秒内应答 ÷ 应答总数",
            "《市民热线工作标准》（≥ 80%）",
            lambda counts, seconds=seconds: Share(
                numerator=up_to(counts.answered_waits, seconds), denominator=len(counts.answered_waits)
            ),
        )
        for seconds in LIMITS
    ),
    *(_level(formula, seconds, wording) for seconds in LIMITS for formula, wording in _LEVELS.items()),
    _rate(
        "abandon_rate",
        "放弃率",
        "abandoned/offered",
        "放弃量（含速挂）÷ 呼入量",
        "本系统",
        lambda counts: Share(
            numerator=sum(counts.outcomes.get(outcome, 0) for outcome in LEFT),
            denominator=counts.offered - counts.live,
            excluded=with_live({}, counts.live),
        ),
    ),
    Measure(
        id="mean_wait",
        label="平均应答等待（秒）",
        formula="ASA=sum(wait of answered)/answered",
        wording="已接听来电的等待时长之和 ÷ 已接听来电数；自进入人工排队起算",
        source="ASA 通行定义",
        unit="seconds",
        of=lambda counts: Share(numerator=in_seconds(counts.answered_waits), denominator=len(counts.answered_waits)),
    ),
    _mean(
        "mean_talk",
        "平均通话时长（秒）",
        "sum(talk+conference)/answered_ended",
        "已结束的接听来电通话与三方时长之和（不含保持、咨询；没有分段的早期来电自应答计至终了）÷ 其数量",
        lambda counts: counts.talks,
        lambda counts: with_live({}, counts.answered - len(counts.talks)),
    ),
    _mean(
        "mean_hold",
        "平均保持时长（秒）",
        "sum(held)/answered_ended",
        "已结束的接听来电保持时长之和 ÷ 其数量（没有保持的计 0）",
        lambda counts: counts.holds,
        lambda counts: _without(counts, counts.holds),
    ),
    _mean(
        "mean_consult",
        "平均咨询时长（秒）",
        "sum(consulting)/answered_ended",
        "已结束的接听来电中，坐席咨询他人而来电人听音乐的时长之和 ÷ 其数量（没有咨询的计 0）",
        lambda counts: counts.consults,
        lambda counts: _without(counts, counts.consults),
    ),
    _mean(
        "mean_wait_again",
        "平均再等待时长（秒）",
        "sum(wait after answer)/calls_waiting_again",
        "接听后因转接、退回等再次排队或等待振铃的时长之和 ÷ 有再等待的来电数",
        lambda counts: counts.waits_again,
        lambda counts: {},
    ),
    _count(
        "passed_on",
        "转接量",
        "已结束的接听来电中，先后由两个以上坐席或外部号码接谈的（含拦截、接替）",
        lambda c: c.passed_on,
    ),
    _count("passes", "转接次数", "来电由一个坐席交给另一坐席或外部号码的次数；未接通而退回的不计", lambda c: c.passes),
    _count("conferred", "三方通话量", "已结束的接听来电中，有三方通话的", lambda c: c.conferred),
    _count("consulted", "咨询量", "已结束的接听来电中，坐席咨询过他人的", lambda c: c.consulted),
    _outcome("forwarded", "转接值班电话", "没有坐席接听，由外部号码（值班手机等）接听的来电"),
    _outcome("voicemail", "留言", "没有坐席接听，请来电人留言的来电"),
    *(_of_ratings(figure) for figure in FIGURES),
    _count(
        "callback_due",
        "应回拨量",
        "当日到期的回拨任务，剔除到期前来电人已自行接通或已办结的",
        lambda c: c.callbacks.due,
    ),
    _count("callback_tried", "按时试拨量", "其中到期前已拨出的，无论是否接通", lambda c: c.callbacks.tried_in_time),
    _rate(
        "callback_rate",
        "回拨率",
        "callback-rate/1",
        "到期前已与来电人通话的回拨任务 ÷ 当日到期的回拨任务",
        "国办函〔2025〕66号要求回拨未接来电，未规定算法；口径为本系统",
        lambda counts: Share(
            numerator=counts.callbacks.in_time,
            denominator=counts.callbacks.due,
            excluded={f"callback_{why}": number for why, number in counts.callbacks.excluded.items() if number},
        ),
    ),
    _count(
        "outbound", "外呼量", "坐席发起的外呼（回拨、联系外部号码、紧急），不计入呼入量", lambda c: c.outbound.begun
    ),
    _count("outbound_dialled", "外呼拨出量", "其中坐席话机已摘机、对方已振铃的", lambda c: c.outbound.dialled),
    _rate(
        "outbound_reached",
        "外呼接通率",
        "reached/dialled",
        "对方接听的外呼 ÷ 外呼拨出量",
        "本系统",
        lambda counts: Share(numerator=counts.outbound.reached, denominator=counts.outbound.dialled),
    ),
)


def _without(counts: Tally, counted: Sequence[int]) -> dict[str, int]:
    """Answered calls that have no such time: those that go on, and those from before there were segments."""
    early = len(counts.talks) - len(counted)
    live = with_live({}, counts.answered - len(counts.talks))
    return {**live, "without_segments": early} if early else live
