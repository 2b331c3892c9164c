"""The published figures of Erlang C and Erlang A come out of our formulas."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.erlang import Load, erlang_a, erlang_b, erlang_c, seats_for, service_level

HALF_HOUR = 2


@pytest.mark.parametrize(
    ("calls", "handle", "seats", "waits", "mean", "within", "level"),
    [
        (360, 240, 55, 0.2387, 8.18, 15, 0.8459),
        (100, 180, 11, 0.6821, 122.78, 20, 0.3896),
        (100, 180, 12, 0.4494, 40.44, 20, 0.6402),
        (100, 180, 13, 0.2853, 17.12, 20, 0.7956),
        (100, 180, 14, 0.1741, 7.84, 20, 0.8884),
        (100, 180, 15, 0.1020, 3.67, 20, 0.9415),
    ],
)
def test_erlang_c(
    calls: float, handle: float, seats: int, waits: float, mean: float, within: float, level: float
) -> None:
    load = Load(calls_per_hour=calls * HALF_HOUR, handle_seconds=handle)
    found = erlang_c(load, seats)
    assert found.waits == pytest.approx(waits, abs=5e-5)
    assert found.mean_wait_seconds == pytest.approx(mean, abs=5e-3)
    assert found.gives_up == 0
    assert service_level(load, seats, within) == pytest.approx(level, abs=5e-5)


def test_occupancy_of_the_first_case() -> None:
    assert erlang_c(Load(calls_per_hour=720, handle_seconds=240), 55).occupancy == pytest.approx(0.8727, abs=5e-5)


@pytest.mark.parametrize(
    ("seats", "waits", "gives_up", "minutes", "occupancy"),
    [
        (9, 0.6133, 0.1922, 0.3843, 0.8976),
        (10, 0.4969, 0.1375, 0.2749, 0.8625),
        (11, 0.3828, 0.0942, 0.1883, 0.8235),
        (12, 0.2798, 0.0616, 0.1232, 0.7820),
    ],
)
def test_erlang_a(seats: int, waits: float, gives_up: float, minutes: float, occupancy: float) -> None:
    found = erlang_a(Load(calls_per_hour=200, handle_seconds=180), seats, patience_seconds=120)
    assert found.waits == pytest.approx(waits, abs=5e-5)
    assert found.gives_up == pytest.approx(gives_up, abs=5e-5)
    assert found.mean_wait_seconds / 60 == pytest.approx(minutes, abs=5e-5)
    assert found.occupancy == pytest.approx(occupancy, abs=5e-5)


@pytest.mark.parametrize(
    ("calls", "ordinary", "strict"), [(10, 3, 4), (20, 5, 6), (30, 6, 8), (48, 9, 11), (60, 11, 13), (100, 16, 19)]
)
def test_seats_of_a_12348_hall(calls: int, ordinary: int, strict: int) -> None:
    load = Load(calls_per_hour=calls, handle_seconds=435)
    assert seats_for(load, 0.80, 20) == ordinary
    assert seats_for(load, 0.95, 15) == strict


def test_a_load_that_never_ends() -> None:
    load = Load(calls_per_hour=200, handle_seconds=180)
    with pytest.raises(ValueError, match="10 erlangs never end with 10 seats"):
        erlang_c(load, 10)
    assert service_level(load, 10, 20) == 0.0


@pytest.mark.parametrize("share", [-0.1, 1.0, 1.5])
def test_a_share_that_cannot_be_reached(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        seats_for(Load(calls_per_hour=10, handle_seconds=435), share, 20)


@pytest.mark.parametrize(("seats", "patience"), [(0, 60.0), (3, 0.0), (3, inf)])
def test_erlang_a_refuses_what_it_cannot_say(seats: int, patience: float) -> None:
    with pytest.raises(ValueError, match="Erlang A"):
        erlang_a(Load(calls_per_hour=10, handle_seconds=435), seats, patience)


def test_nobody_calls() -> None:
    found = erlang_a(Load(calls_per_hour=0, handle_seconds=435), 3, 60)
    assert (found.waits, found.gives_up, found.mean_wait_seconds, found.occupancy) == (0, 0, 0, 0)
    assert erlang_b(0, 3) == 0


def test_endless_patience_is_erlang_c() -> None:
    load = Load(calls_per_hour=200, handle_seconds=180)
    assert erlang_a(load, 13, 1e9).mean_wait_seconds == pytest.approx(erlang_c(load, 13).mean_wait_seconds, rel=1e-5)


@given(
    calls=st.floats(0.1, 3000),
    handle=st.floats(1, 2000),
    seats=st.integers(1, 400),
    patience=st.floats(1, 5000),
)
def test_what_goes_in_comes_out(calls: float, handle: float, seats: int, patience: float) -> None:
    load = Load(calls_per_hour=calls, handle_seconds=handle)
    found = erlang_a(load, seats, patience)
    assert 0 <= found.waits <= 1
    assert 0 <= found.gives_up <= 1
    assert found.mean_wait_seconds == pytest.approx(found.gives_up * patience, rel=1e-6, abs=1e-9)
    assert found.occupancy <= 1 + 1e-9
    assert erlang_a(load, seats + 1, patience).gives_up <= found.gives_up + 1e-9
