"""What exactly does each reported number count?

Every number is defined once, here: label, formula, wording and source, numerator, denominator, what was left out.
Published rates of Chinese hotlines differ by their denominators, so no rate is ever shown without its formula, and
whatever a formula leaves out is a visible row of its own. Pure: facts in, figures out.

The wait (等待) of a caller runs from the moment a person was asked for (`queued_at`); where a gateway distributes the
call itself, from its arrival.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec


class CallFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report needs to know of one call. Aware datetimes; None: has not happened."""

    offered_at: datetime
    queued_at: datetime | None = None
    rung_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str | None = None
    """None while the call is live."""
    queue: str = ""
    seat: str | None = None
    """The seat that answered."""
    operator: str | None = None
    observed: bool = False
    """A gateway distributed it; we only watched."""
    backfilled: bool = False
    """Known only from the device's records, afterwards."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of a set of calls, from which every figure follows. Times in microseconds, so sums are exact."""

    offered: int
    answered: int
    live: int
    """Neither answered nor over: not decided yet."""
    outcomes: Mapping[str, int]
    """Ended calls by outcome."""
    asked: int
    """人工请求量: callers who asked for a person."""
    asked_live: int
    asked_answered: int
    answered_waits: Sequence[int]
    """Sorted; one per answered request."""
    left_waits: Sequence[int]
    """Sorted; one per caller who asked for a person and hung up unserved."""
    unserved: Mapping[str, int]
    """Requests that ended in another way than by an answer or by the caller leaving, by outcome."""
    talks: Sequence[int]
    """Talk time of answered calls that are over."""


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """Numerator over denominator, and what was left out of both."""

    numerator: int | float
    denominator: int | float = 1
    excluded: Mapping[str, int] = {}

    @property
    def value(self) -> float | None:
        """The quotient to six places; None where the denominator is 0."""
        return round(self.numerator / self.denominator, 6) if self.denominator else None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One reported number."""

    id: str
    label: str
    formula: str
    """Stable id of the formula; the same formula with another time limit is another id."""
    wording: str
    source: str
    unit: str
    """count, rate or seconds."""
    of: Callable[[Tally], Share]

    def row(self, tally: Tally) -> dict[str, Any]:
        """The measure as reports carry it."""
        return row(self.id, self.label, self.formula, self.of(tally))


class WorstWindow(msgspec.Struct, frozen=True, kw_only=True):
    """The 24 hours with the lowest answer rate among all that end within a day."""

    begins_at: datetime
    ends_at: datetime
    share: Share


LEFT: Final = frozenset({"abandoned_menu", "abandoned_queue", "abandoned_ringing", "short_abandoned"})
"""The caller hung up unserved."""
FAULTS: Final = ("lost", "system_fault")
"""系统故障."""
OVERLOAD: Final = ("overflowed", "queue_full", "timed_out")
"""超坐席能力: everybody was busy. That nobody was signed in (`no_seat`) is not overload and is never left out."""
TURNED_AWAY: Final = frozenset({"no_seat", "overflowed", "queue_full"})
"""Wanted a person and was not even let into the queue."""
SHORT: Final = ("short_abandoned",)
"""速挂: left within 5 s of the first ring."""
SHORT_SECONDS: Final = 5
LIMITS: Final = (15, 20)
"""Seconds: GB/T 33358 asks for 15; 20 is the trade's convention."""
DAY: Final = timedelta(hours=24)

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


def tally(calls: Iterable[CallFacts]) -> Tally:
    """Count a set of calls."""
    offered = answered = live = asked = asked_live = asked_answered = 0
    outcomes: Counter[str] = Counter()
    unserved: Counter[str] = Counter()
    answered_waits: list[int] = []
    left_waits: list[int] = []
    talks: list[int] = []
    for call in calls:
        offered += 1
        taken = is_answered(call)
        answered += taken
        if call.outcome is not None:
            outcomes[call.outcome] += 1
        elif not taken:
            live += 1
        since = asked_at(call)
        if since is not None:
            asked += 1
            if taken:
                asked_answered += 1
                answered_waits.append(_micros(since, call.answered_at or since))
            elif call.outcome is None:
                asked_live += 1
            elif call.outcome in LEFT:
                left_waits.append(_micros(since, call.ended_at or since))
            else:
                unserved[call.outcome] += 1
        if taken and call.answered_at is not None and call.ended_at is not None:
            talks.append(_micros(call.answered_at, call.ended_at))
    return Tally(
        offered=offered,
        answered=answered,
        live=live,
        outcomes=dict(sorted(outcomes.items())),
        asked=asked,
        asked_live=asked_live,
        asked_answered=asked_answered,
        answered_waits=sorted(answered_waits),
        left_waits=sorted(left_waits),
        unserved=dict(sorted(unserved.items())),
        talks=talks,
    )


def is_answered(call: CallFacts) -> bool:
    """接听: a person spoke, or is speaking, with the caller."""
    return call.outcome == "answered" if call.outcome is not None else call.answered_at is not None


def asked_at(call: CallFacts) -> datetime | None:
    """When the caller asked for a person; None when never. Who was not let into the queue asked as well."""
    if call.queued_at is not None:
        return call.queued_at
    asked = call.rung_at is not None or call.answered_at is not None or call.outcome in TURNED_AWAY
    return call.offered_at if asked else None


def answer_rate(counts: Tally, without: Sequence[str] = ()) -> Share:
    """接通率 = answered ÷ offered, with the outcomes in `without` left out of the denominator, visibly."""
    excluded = {outcome: counts.outcomes.get(outcome, 0) for outcome in without}
    denominator = counts.offered - counts.live - sum(excluded.values())
    return Share(numerator=counts.answered, denominator=denominator, excluded=_with_live(excluded, counts.live))


def within_of_requests(counts: Tally, seconds: float) -> Share:
    """N秒接通率: answered within N seconds ÷ all requests for a person; nothing that is over is left out."""
    return Share(
        numerator=_up_to(counts.answered_waits, seconds),
        denominator=counts.asked - counts.asked_live,
        excluded=_with_live({}, counts.asked_live),
    )


def service_level(counts: Tally, formula: str, seconds: float, short_seconds: float = SHORT_SECONDS) -> Share:
    """The five published service-level formulas F1–F5 for a limit of `seconds`.

    Source: ICMI 2002 and callcentrehelper.com 206890; F5 is F1 with a window for short abandons. AN: answered,
    AB: left unserved. Requests that we refused or lost are in none of them; they are listed as excluded.
    """
    answered, left = len(counts.answered_waits), len(counts.left_waits)
    in_time, left_in_time = _up_to(counts.answered_waits, seconds), _up_to(counts.left_waits, seconds)
    excluded = _with_live(counts.unserved, counts.asked_live)
    match formula:
        case "F1":
            parts = (in_time + left_in_time, answered + left)
        case "F2":
            parts = (in_time, answered)
            excluded = {**excluded, "left": left} if left else excluded
        case "F3":
            parts = (in_time, answered + left)
        case "F4":
            parts = (in_time, answered + left - left_in_time)
            excluded = {**excluded, "left_in_time": left_in_time} if left_in_time else excluded
        case "F5":
            parts = (in_time + _up_to(counts.left_waits, short_seconds), answered + left)
        case _:
            raise ValueError(formula)
    return Share(numerator=parts[0], denominator=parts[1], excluded=excluded)


def worst_window(calls: Iterable[CallFacts], begin: datetime, end: datetime) -> WorstWindow | None:
    """The lowest answered ÷ offered over any 24 hours that end after `begin` and not after `end`.

    Exact: the rate of the window `(e − 24 h, e]` changes only when a call enters or leaves it, so it is evaluated at
    each of these instants. `calls` must reach back 24 hours before `begin`. Callers not yet decided are left out.
    None when no window holds a call. Source: GB/T 33358-2016, 接通率 over any continuous 24 hours (连续24小时).
    """
    changes: dict[datetime, list[int]] = {}
    offered = answered = live = 0
    for call in calls:
        if not begin - DAY < call.offered_at < end:
            continue
        taken = is_answered(call)
        undecided = call.outcome is None and not taken
        if call.offered_at <= begin:
            offered, answered, live = offered + (not undecided), answered + taken, live + undecided
        else:
            _add(changes, call.offered_at, not undecided, taken, undecided)
        if call.offered_at + DAY <= end:
            _add(changes, call.offered_at + DAY, -(not undecided), -taken, -undecided)
    worst: WorstWindow | None = None
    for instant in sorted({begin, *changes}):
        by_offered, by_answered, by_live = changes.get(instant, (0, 0, 0))
        offered, answered, live = offered + by_offered, answered + by_answered, live + by_live
        if offered and (worst is None or answered * worst.share.denominator < worst.share.numerator * offered):
            worst = WorstWindow(
                begins_at=instant - DAY,
                ends_at=instant,
                share=Share(numerator=answered, denominator=offered, excluded=_with_live({}, live)),
            )
    return worst


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


def _micros(begin: datetime, end: datetime) -> int:
    return max(0, (end - begin) // timedelta(microseconds=1))


def _seconds(micros: Iterable[int]) -> float:
    return round(sum(micros) / 1_000_000, 3)


def _up_to(waits: Sequence[int], seconds: float) -> int:
    return bisect_right(waits, round(seconds * 1_000_000))


def _with_live(excluded: Mapping[str, int], live: int) -> dict[str, int]:
    return {**excluded, "live": live} if live else dict(excluded)


def _add(changes: dict[datetime, list[int]], instant: datetime, *by: int) -> None:
    sums = changes.setdefault(instant, [0, 0, 0])
    for place, number in enumerate(by):
        sums[place] += number


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
            excluded=_with_live({}, counts.asked_live),
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
                numerator=_up_to(counts.answered_waits, seconds), denominator=len(counts.answered_waits)
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
            excluded=_with_live({}, counts.live),
        ),
    ),
    Measure(
        id="mean_wait",
        label="平均应答等待（秒）",
        formula="ASA=sum(wait of answered)/answered",
        wording="已接听来电的等待时长之和 ÷ 已接听来电数；自进入人工排队起算",
        source="ASA 通行定义",
        unit="seconds",
        of=lambda counts: Share(numerator=_seconds(counts.answered_waits), denominator=len(counts.answered_waits)),
    ),
    Measure(
        id="mean_talk",
        label="平均通话时长（秒）",
        formula="sum(talk)/answered_ended",
        wording="已结束的接听来电通话时长之和（含保持）÷ 其数量",
        source="本系统",
        unit="seconds",
        of=lambda counts: Share(
            numerator=_seconds(counts.talks),
            denominator=len(counts.talks),
            excluded=_with_live({}, counts.answered - len(counts.talks)),
        ),
    ),
)
