"""On a single-skill day the simulated hall agrees with Erlang A within the interval of 200 runs.

Wait and abandonment are ratios of sums, so their intervals come from the residuals of the runs (delta method).
Everyday runs look at a short-handed hall; `HOTLINE_TEST_FULL=1` also at a well-manned one.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import sqrt
from multiprocessing import get_context

import pytest

from hotline.simulate import simulate_day, single_skill
from routing.erlang import Load, erlang_a

FULL = os.environ.get("HOTLINE_TEST_FULL") == "1"
RUNS = 200
HOURS = 1.5
WARM_UP_SECONDS = 1800.0
"""Ten mean service times: the start with empty desks is forgotten."""
Z95 = 1.96


def run(seats: int, seed: int) -> tuple[int, float, int]:
    """Callers, seconds waited by all of them, callers who gave up."""
    figures = simulate_day(
        single_skill(
            calls_per_hour=200,
            handle_seconds=180,
            seats=seats,
            patience_seconds=120,
            hours=HOURS,
            warm_up_seconds=WARM_UP_SECONDS,
            seed=seed,
        )
    )
    assert figures.answered + figures.abandoned == figures.offered
    assert figures.mean_wait_of_all_seconds is not None
    return figures.offered, figures.mean_wait_of_all_seconds * figures.offered, figures.abandoned


def interval(parts: list[float], wholes: list[int]) -> tuple[float, float]:
    """The ratio of the sums, and half the width of its 95 % interval."""
    ratio = sum(parts) / sum(wholes)
    residuals = sum((part - ratio * whole) ** 2 for part, whole in zip(parts, wholes, strict=True))
    return ratio, Z95 * sqrt(residuals / (len(parts) - 1) / len(parts)) / (sum(wholes) / len(wholes))


@pytest.mark.long
@pytest.mark.parametrize(("seats", "first_seed"), [(9, 1), (12, 1001)] if FULL else [(9, 1)])
def test_agrees_with_erlang_a(seats: int, first_seed: int) -> None:
    expected = erlang_a(Load(calls_per_hour=200, handle_seconds=180), seats, 120)
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        runs = list(pool.map(partial(run, seats), range(first_seed, first_seed + RUNS), chunksize=10))
    offered = [each for each, _, _ in runs]
    wait, wait_width = interval([each for _, each, _ in runs], offered)
    gave_up, gave_up_width = interval([float(each) for _, _, each in runs], offered)
    assert wait_width < 0.15 * expected.mean_wait_seconds, "the runs say too little"
    assert abs(wait - expected.mean_wait_seconds) <= wait_width, (wait, expected.mean_wait_seconds, wait_width)
    assert abs(gave_up - expected.gives_up) <= gave_up_width, (gave_up, expected.gives_up, gave_up_width)
