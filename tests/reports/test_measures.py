"""The figures, held against published worked numbers and against slow and obvious counting."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from hotline.reports.counting import (
    FAULTS,
    SHORT,
    CallFacts,
    answer_rate,
    is_answered,
    service_level,
    tally,
    worst_window,
)
from hotline.reports.measures import MEASURES

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def answered(wait: float, at: datetime = AT, talk: float = 60) -> CallFacts:
    return CallFacts(
        offered_at=at,
        queued_at=at,
        rung_at=at,
        answered_at=at + seconds(wait),
        ended_at=at + seconds(wait + talk),
        outcome="answered",
    )


def left(wait: float, outcome: str = "abandoned_queue", at: datetime = AT) -> CallFacts:
    return CallFacts(offered_at=at, queued_at=at, ended_at=at + seconds(wait), outcome=outcome)


def five_formula_day() -> list[CallFacts]:
    """AN 1000, AB 60; A≤20 860, AB≤20 20, AB>20 40, AB≤5 10 (callcentrehelper.com 206890, ICMI 2002)."""
    calls = [answered(20) for _ in range(860)] + [answered(20.000001) for _ in range(140)]
    calls += [left(5, "short_abandoned") for _ in range(10)] + [left(20) for _ in range(10)]
    return calls + [left(20.5) for _ in range(40)]


def value(calls: list[CallFacts], id: str) -> float | None:
    (measure,) = (measure for measure in MEASURES if measure.id == id)
    return measure.of(tally(calls)).value


@pytest.mark.parametrize(
    ("formula", "percent"), [("F1", 83.02), ("F2", 86.00), ("F3", 81.13), ("F4", 82.69), ("F5", 82.08)]
)
def test_five_service_level_formulas_on_the_published_data(formula: str, percent: float) -> None:
    share = service_level(tally(five_formula_day()), formula, 20)
    assert round((share.value or 0) * 100, 2) == percent
    assert value(five_formula_day(), f"sl_20_{formula.lower()}") == share.value


def test_short_abandons_alone_move_the_site_across_the_line() -> None:
    counts = tally(five_formula_day())
    assert round((answer_rate(counts).value or 0) * 100, 2) == 94.34
    without = answer_rate(counts, SHORT)
    assert round((without.value or 0) * 100, 2) == 95.24
    assert without.excluded == {"short_abandoned": 10}


def test_lianyungang_2018() -> None:
    calls = [answered(3)] * 15395 + [left(9)] * (15875 - 15395)
    assert value(calls, "answer_rate_inbound") == 0.969764


def test_every_measure_is_null_or_zero_on_an_empty_day() -> None:
    for measure in MEASURES:
        share = measure.of(tally([]))
        assert share.value == (0 if measure.unit == "count" else None), measure.id
        assert measure.unit == "count" or share.denominator == 0


def test_ids_and_formulas_name_one_thing_each() -> None:
    assert len({measure.id for measure in MEASURES}) == len(MEASURES)
    assert len({measure.formula for measure in MEASURES}) == len(MEASURES)


def test_refused_and_lost_requests_are_listed_not_hidden() -> None:
    calls = [answered(3), left(9), left(0, "queue_full"), left(600, "timed_out"), left(4, "lost")]
    counts = tally(calls)
    assert service_level(counts, "F3", 15).excluded == {"lost": 1, "queue_full": 1, "timed_out": 1}
    assert value(calls, "sl_15") == 0.2, "15 秒接通率 counts every request"
    assert value(calls, "human_answer_rate") == 0.2
    faultless = answer_rate(counts, FAULTS)
    assert (faultless.numerator, faultless.denominator, faultless.excluded) == (1, 4, {"lost": 1, "system_fault": 0})


def test_whoever_is_turned_away_at_the_queue_asked_for_a_person() -> None:
    turned = CallFacts(offered_at=AT, ended_at=AT + seconds(8), outcome="no_seat")
    in_menu = CallFacts(offered_at=AT, ended_at=AT + seconds(8), outcome="abandoned_menu")
    assert tally([turned, in_menu]).asked == 1
    assert value([turned, in_menu], "human_answer_rate") == 0.0


def test_callers_not_decided_yet_are_left_out_visibly() -> None:
    waiting = CallFacts(offered_at=AT, queued_at=AT)
    talking = CallFacts(offered_at=AT, queued_at=AT, answered_at=AT + seconds(2))
    share = answer_rate(tally([waiting, talking, left(9)]))
    assert (share.numerator, share.denominator, share.excluded) == (1, 2, {"live": 1})
    assert value([talking], "mean_talk") is None
    assert value([talking], "mean_wait") == 2.0


def test_waits_and_talks() -> None:
    calls = [answered(2.5, talk=100), answered(5, talk=50.5)]
    assert value(calls, "mean_wait") == 3.75
    assert value(calls, "mean_talk") == 75.25
    assert value(calls, "timeliness_15") == 1.0


def test_worst_window_equals_the_slow_search() -> None:
    chance = random.Random(12348)
    begin = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    end = begin + timedelta(hours=24)
    for _ in range(25):
        spread = chance.choice([30, 300, 86400])
        calls = [
            (answered if chance.random() < 0.7 else left)(
                3, at=begin + seconds(chance.randrange(-86400, 86400) // spread * spread)
            )
            for _ in range(chance.randrange(40))
        ]
        rates = []
        for second in range(30, 86401, 30):
            ends = begin + seconds(second)
            window = [is_answered(c) for c in calls if ends - timedelta(hours=24) <= c.offered_at < ends]
            if window:
                rates.append(sum(window) / len(window))
        worst = worst_window(calls, begin, end)
        assert (round(min(rates), 6) if rates else None) == (worst.share.value if worst else None)


def test_worst_window_is_found_between_midnights() -> None:
    """Two bad halves around midnight: each calendar day is better than the 24 hours across it."""
    midnight = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    good_before = [answered(3, at=midnight - timedelta(hours=20))] * 80
    bad_before = [left(9, at=midnight - timedelta(hours=4))] * 10
    bad_after = [left(9, at=midnight + timedelta(hours=4))] * 10
    good_after = [answered(3, at=midnight + timedelta(hours=21))] * 80
    worst = worst_window([*good_before, *bad_before, *bad_after, *good_after], midnight, midnight + timedelta(hours=24))
    assert worst is not None
    assert (worst.share.numerator, worst.share.denominator) == (0, 20)
    # Until the first bad one leaves the window.
    assert worst.ends_at == midnight + timedelta(hours=20)


def test_the_calendar_day_is_one_of_the_windows() -> None:
    midnight = datetime(2026, 11, 19, 16, 0, tzinfo=UTC)
    calls = [answered(3, at=midnight), left(9, at=midnight + timedelta(hours=23, minutes=59))]
    worst = worst_window(calls, midnight, midnight + timedelta(hours=24))
    assert worst is not None
    assert (worst.share.numerator, worst.share.denominator) == (1, 2)
