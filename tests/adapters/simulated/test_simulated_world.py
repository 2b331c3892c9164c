"""The people: as many as asked for, when asked for, with numbers, keys and habits; the same for the same seed."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice, pairwise, takewhile
from math import exp, inf
from random import Random
from statistics import fmean, pstdev

import phonenumbers
import pytest

from adapters.simulated.world import ALL_DAY, WORKDAY, Callers, Lawyers, Shape, Span, World
from hotline.region import region

DAY = 86_400.0


def world(seed: int = 1, **habits: object) -> World:
    return World(Callers(**habits), Lawyers(), seed)  # pyright: ignore[reportArgumentType]  # fields by name


@pytest.mark.parametrize(
    ("span", "spread"),
    [(Span(40.0, Shape.FIXED), 0.0), (Span(40.0, Shape.EXPONENTIAL), 40.0), (Span(40.0), 40 * (exp(0.36) - 1) ** 0.5)],
)
def test_spans(span: Span, spread: float) -> None:
    chance = Random(1)
    drawn = [span.draw(chance) for _ in range(40_000)]
    assert fmean(drawn) == pytest.approx(40, rel=0.02)
    assert pstdev(drawn) == pytest.approx(spread, rel=0.05, abs=1e-9)
    assert span.faster(4).draw(Random(1)) == pytest.approx(span.draw(Random(1)) / 4)


def test_nothing_takes_no_time() -> None:
    for shape in Shape:
        assert Span(0.0, shape).draw(Random(1)) == 0.0


def test_poisson_arrivals() -> None:
    times = list(takewhile(lambda time: time < 100 * DAY, world(per_hour=30, by_hour=ALL_DAY).arrivals(0)))
    assert times == sorted(times)
    assert len(times) == pytest.approx(100 * 24 * 30, rel=0.02)
    gaps = [late - early for early, late in pairwise(times)]
    assert fmean(gaps) == pytest.approx(120, rel=0.02)
    assert pstdev(gaps) == pytest.approx(120, rel=0.03)


@pytest.mark.parametrize("midnight", [0.0, 9 * 3600.0 + 1800])
def test_arrivals_follow_the_hours(midnight: float) -> None:
    days = 60
    for times in (
        list(takewhile(lambda time: time < days * DAY, world(per_hour=60).arrivals(midnight))),
        world(per_hour=60).exactly(days * 24 * 60, days * DAY, midnight),
    ):
        counted = [0] * 24
        for time in times:
            counted[int((midnight + time) // 3600) % 24] += 1
        for hour in range(24):
            expected = days * 60 * WORKDAY[hour] / fmean(WORKDAY)
            assert counted[hour] == pytest.approx(expected, abs=5 * expected**0.5)


def test_exactly_so_many() -> None:
    for count in (0, 1, 777):
        times = world().exactly(count, DAY / 3, 7200)
        assert len(times) == count
        assert times == sorted(times)
        assert all(0 <= time <= DAY / 3 for time in times)


def test_nobody_rings_at_rate_0() -> None:
    assert list(world(per_hour=0).arrivals(0)) == []


@pytest.mark.parametrize("hours", [(1.0,) * 23, (0.0,) * 24, (-1.0, *(1.0,) * 23)])
def test_hours_that_make_no_day(hours: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="24 weights"):
        world(by_hour=hours)


def test_callers() -> None:
    some = world(seed=5)
    callers = [some.caller() for _ in range(5000)]
    numbers = [each.number for each in callers if each.number is not None]
    assert 1 - len(numbers) / len(callers) == pytest.approx(0.02, abs=0.01)
    assert len(set(numbers)) < len(numbers)
    for number in set(numbers):
        parsed = phonenumbers.parse(number, "CN")
        assert phonenumbers.is_possible_number(parsed)
        assert number.startswith("13800")
        assert number[8] == "5"
    assert len({region(number) for number in set(numbers)}) > 20
    assert "" not in {region(number) for number in numbers}
    late = [each for each in callers if each.late_by is not None]
    assert all(each.number for each in late)
    assert len(late) / len(callers) == pytest.approx(0.25, abs=0.03)
    assert fmean(each.patience for each in callers) == pytest.approx(180, rel=0.06)
    assert fmean(each.talk for each in callers) == pytest.approx(435, rel=0.04)
    assert fmean(each.hangs_up_first for each in callers) == pytest.approx(0.9, abs=0.02)
    assert world(endless=True).caller().patience == inf


def test_keys() -> None:
    some, keys = world(seed=5), {"1": 3.0, "2": 1.0}
    pressed = [some.key_of(some.caller(), keys, 0) for _ in range(20_000)]
    assert pressed.count(None) / len(pressed) == pytest.approx(0.04, abs=0.01)
    wrong = [key for key in pressed if key is not None and key not in keys]
    assert len(wrong) / len(pressed) == pytest.approx(0.06, abs=0.01)
    right = [key for key in pressed if key in keys]
    assert right.count("1") / len(right) == pytest.approx(0.75, abs=0.02)
    again = [some.key_of(some.caller(), keys, 1) for _ in range(1000)]
    assert set(again) == {"1", "2"}


def test_lawyers() -> None:
    some = world(seed=5)
    delays = [some.picks_up() for _ in range(20_000)]
    assert delays.count(None) / len(delays) == pytest.approx(0.02, abs=0.005)
    assert fmean(each for each in delays if each is not None) == pytest.approx(4, rel=0.03)
    assert fmean(some.wrap_up() for _ in range(20_000)) == pytest.approx(22, rel=0.03)
    assert some.notices() > 0


def test_same_seed_same_people_whatever_the_lawyers_do() -> None:
    one, two, other = world(seed=9), world(seed=9), world(seed=10)
    for _ in range(50):
        two.picks_up()
    people = [one.caller() for _ in range(20)]
    assert people == [two.caller() for _ in range(20)]
    assert people != [other.caller() for _ in range(20)]
    assert list(islice(one.arrivals(0), 5)) == list(islice(two.arrivals(0), 5))


def test_chance_outside_does_not_move_the_callers() -> None:
    def callers(habits: Mapping[str, float], *, busy: bool) -> list[object]:
        world = World(Callers(**habits), Lawyers(), 7)  # pyright: ignore[reportArgumentType]  # fields by name
        found: list[object] = []
        for n in range(20):
            found.append(world.caller())
            if busy:
                world.outside(str(n))
                world.called(str(n), None)
                world.patience_on_hold()
                world.message()
                world.passed_on()
        return found

    assert callers({}, busy=False) == callers({"from_province": 0.5}, busy=True)
