"""What came of a simulated day: counted as it goes, for programs and for people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta
from math import fsum
from typing import Final
from unicodedata import east_asian_width

import msgspec

from hotline.calls.call import Call, CallState
from hotline.calls.outcome import Outcome
from hotline.simulate.plan import START, SimulationPlan
from seats.seat import Seat, SeatNo, SeatState

WITHIN_SECONDS: Final = (15.0, 20.0)
OCCUPIED_STATES: Final = frozenset({SeatState.TALKING, SeatState.WRAP_UP})
WORDS: Final = {
    "answered": "接通",
    "abandoned_menu": "语音菜单中放弃",
    "abandoned_queue": "排队放弃",
    "abandoned_ringing": "振铃放弃",
    "short_abandoned": "速挂",
    "timed_out": "排队超时",
    "queue_full": "队列满",
    "no_seat": "无坐席",
}
ABANDONED: Final = frozenset(
    {Outcome.ABANDONED_MENU, Outcome.ABANDONED_QUEUE, Outcome.ABANDONED_RINGING, Outcome.SHORT_ABANDONED}
)


class HourFigures(msgspec.Struct, kw_only=True):
    """One hour of the day, by the time the callers rang."""

    hour: int
    offered: int = 0
    answered: int = 0
    mean_wait_seconds: float | None = None
    """Of answered calls."""


class DayFigures(msgspec.Struct, kw_only=True):
    """What came of it. Waits begin when a caller begins to wait for a person; shares are of `offered`."""

    hours: float
    seats: int
    calls: int
    seed: int
    offered: int
    answered: int
    abandoned: int
    outcomes: dict[str, int]
    answer_rate: float | None
    within_15_seconds: float | None
    within_20_seconds: float | None
    mean_wait_seconds: float | None
    """Of answered calls (ASA)."""
    mean_wait_of_all_seconds: float | None
    """Of everybody who waited, served or not."""
    median_wait_seconds: float | None
    p90_wait_seconds: float | None
    longest_wait_seconds: float | None
    mean_talk_seconds: float | None
    occupancy: float
    """Share of the desks' time with a call or its wrap-up."""
    longest_queue: int
    offers: int
    offers_missed: int
    decisions: int
    events: int
    by_hour: list[HourFigures]


class Tally:
    """Counts what happens."""

    def __init__(self, plan: SimulationPlan) -> None:
        self.plan = plan
        self.counted_from = START + timedelta(seconds=plan.warm_up_seconds)
        self.outcomes: Counter[Outcome] = Counter()
        self.answered_waits: list[float] = []
        self.lost_waits: list[float] = []
        self.talks = 0.0
        self.offers = 0
        self.missed = 0
        self.longest_queue = 0
        self.decisions = 0
        self.events = 0
        self.hours: dict[int, HourFigures] = {}
        self.hour_waits: defaultdict[int, float] = defaultdict(float)
        self.occupied = 0.0
        self.occupied_since: dict[SeatNo, float] = {}

    def note(self, calls: Iterable[Call], events: int, waiting: int) -> None:
        """One decision: the calls it changed, how many events it made, how many wait after it."""
        self.decisions += 1
        self.events += events
        self.longest_queue = max(self.longest_queue, waiting)
        for call in calls:
            if call.state is CallState.ENDED and call.offered_at >= self.counted_from:
                self._ended(call)

    def seat(self, after: Seat, now: float) -> None:
        """A seat changed its state."""
        begun = self.occupied_since.pop(after.number, None)
        if begun is not None:
            end = min(now, self.plan.hours * 3600)
            self.occupied += max(0.0, end - max(begun, self.plan.warm_up_seconds))
        if after.state in OCCUPIED_STATES:
            self.occupied_since[after.number] = now

    def figures(self) -> DayFigures:
        """Everything counted so far."""
        offered, answered = self.outcomes.total(), self.outcomes[Outcome.ANSWERED]
        waits = sorted(self.answered_waits)
        everybody = waits + self.lost_waits
        within = [sum(wait <= limit for wait in waits) for limit in WITHIN_SECONDS]
        seat_seconds = self.plan.seats * (self.plan.hours * 3600 - self.plan.warm_up_seconds)
        for hour, figures in self.hours.items():
            if figures.answered:
                figures.mean_wait_seconds = round(self.hour_waits[hour] / figures.answered, 3)
        return DayFigures(
            hours=self.plan.hours,
            seats=self.plan.seats,
            calls=self.plan.calls,
            seed=self.plan.seed,
            offered=offered,
            answered=answered,
            abandoned=sum(count for outcome, count in self.outcomes.items() if outcome in ABANDONED),
            outcomes={outcome.value: self.outcomes[outcome] for outcome in Outcome if self.outcomes[outcome]},
            answer_rate=_share(answered, offered),
            within_15_seconds=_share(within[0], offered),
            within_20_seconds=_share(within[1], offered),
            mean_wait_seconds=_mean(waits),
            mean_wait_of_all_seconds=_mean(everybody),
            median_wait_seconds=_quantile(waits, 0.5),
            p90_wait_seconds=_quantile(waits, 0.9),
            longest_wait_seconds=round(max(everybody), 3) if everybody else None,
            mean_talk_seconds=round(self.talks / answered, 3) if answered else None,
            occupancy=round(self.occupied / seat_seconds, 6),
            longest_queue=self.longest_queue,
            offers=self.offers,
            offers_missed=self.missed,
            decisions=self.decisions,
            events=self.events,
            by_hour=[self.hours[hour] for hour in sorted(self.hours)],
        )

    def _ended(self, call: Call) -> None:
        outcome = call.outcome or Outcome.SYSTEM_FAULT
        ended_at = call.ended_at or call.offered_at
        self.outcomes[outcome] += 1
        hour = int((call.offered_at - START).total_seconds() // 3600)
        figures = self.hours.setdefault(hour, HourFigures(hour=hour))
        figures.offered += 1
        self.offers += call.offers
        self.missed += call.offers - (outcome in (Outcome.ANSWERED, Outcome.ABANDONED_RINGING))
        if call.queued_at is None:
            return
        if call.answered_at is None:
            self.lost_waits.append((ended_at - call.queued_at).total_seconds())
            return
        wait = (call.answered_at - call.queued_at).total_seconds()
        self.answered_waits.append(wait)
        self.talks += (ended_at - call.answered_at).total_seconds()
        figures.answered += 1
        self.hour_waits[hour] += wait


def as_table(figures: DayFigures) -> str:
    """The day's figures for people."""
    rows = [
        ("呼入", f"{figures.offered}"),
        ("接通", f"{figures.answered}"),
        ("放弃", f"{figures.abandoned}"),
        ("接通率", f"{_percent(figures.answer_rate)}（接通 ÷ 呼入）"),
        ("15 秒接通率", f"{_percent(figures.within_15_seconds)}（15 秒内接通 ÷ 呼入）"),
        ("20 秒接通率", f"{_percent(figures.within_20_seconds)}（20 秒内接通 ÷ 呼入）"),
        ("平均应答时长", _seconds(figures.mean_wait_seconds)),
        ("等待中位数 / 九成", f"{_seconds(figures.median_wait_seconds)} / {_seconds(figures.p90_wait_seconds)}"),
        ("最长等待", _seconds(figures.longest_wait_seconds)),
        ("平均通话时长", _seconds(figures.mean_talk_seconds)),
        ("坐席占用率", _percent(figures.occupancy)),
        ("最长排队", f"{figures.longest_queue} 人"),
        ("派发 / 漏接", f"{figures.offers} / {figures.offers_missed}"),
        *(("其中 " + WORDS.get(name, name), f"{count}") for name, count in figures.outcomes.items()),
    ]
    head = f"模拟 {figures.hours:g} 小时，{figures.seats} 个坐席，{figures.calls} 个来电，种子 {figures.seed}"
    width = max(_width(name) for name, _ in rows) + 2
    lines = [head, "", *(_pad(name, width) + value for name, value in rows), ""]
    lines.append("".join(_pad(name, 8) for name in ("时段", "呼入", "接通")) + "平均应答时长")
    for each in figures.by_hour:
        counts = (f"{each.hour:02d}:00", str(each.offered), str(each.answered))
        lines.append("".join(_pad(count, 8) for count in counts) + _seconds(each.mean_wait_seconds))
    return "\n".join(lines)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _mean(values: list[float]) -> float | None:
    return round(fsum(values) / len(values), 3) if values else None


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 3) if ordered else None


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _pad(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.2%}"


def _seconds(seconds: float | None) -> str:
    return "—" if seconds is None else f"{seconds:.1f} 秒"
