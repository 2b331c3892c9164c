"""A whole day in virtual time: adds up, repeats to the byte, and is done in no time."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from hotline.calls.call import CallState
from hotline.hall.state import Decision, HallState
from hotline.simulate import DAY_RULES, DayFigures, SimulationPlan, as_table, simulate_day
from seats.seat import SeatState

PLAN = SimulationPlan(hours=6, seats=8, calls=400, seed=3)


@pytest.fixture(scope="module")
def figures() -> DayFigures:
    return simulate_day(SimulationPlan())


def test_the_day_adds_up(figures: DayFigures) -> None:
    assert figures.offered == figures.calls == 3000
    assert sum(figures.outcomes.values()) == figures.offered
    assert figures.outcomes["answered"] == figures.answered == sum(each.answered for each in figures.by_hour)
    assert sum(each.offered for each in figures.by_hour) == figures.offered
    assert figures.abandoned == sum(n for name, n in figures.outcomes.items() if "abandoned" in name)
    assert figures.offers >= figures.answered
    assert figures.offers_missed > 0


def test_the_day_is_like_a_day(figures: DayFigures) -> None:
    """15 erlangs on average, 36 in the busiest hour, 40 desks: most are served at once, some in the peak are not."""
    assert figures.answer_rate is not None
    assert 0.9 < figures.answer_rate < 0.995
    assert figures.mean_talk_seconds == pytest.approx(435, rel=0.05)
    assert 0.3 < figures.occupancy < 0.5
    by_hour = {each.hour: each for each in figures.by_hour}
    assert by_hour[9].offered > 10 * by_hour[3].offered
    assert figures.outcomes.get("lost", 0) == figures.outcomes.get("system_fault", 0) == 0


def test_nothing_is_left_over_at_the_end() -> None:
    last: list[HallState] = []
    simulate_day(PLAN, lambda state, _: last.append(state) if not last else None)
    assert not last[0].calls
    assert not any(last[0].queued.values())
    assert {seat.state for seat in last[0].seats.values()} == {SeatState.READY}


def test_every_call_has_one_end_and_a_journal_without_gaps() -> None:
    ended: list[str] = []
    sequences: dict[str, list[int]] = {}

    def watch(_: HallState, decision: Decision) -> None:
        ended.extend(call.id for call in decision.calls.values() if call.state is CallState.ENDED)
        for event in decision.events:
            if event.call is not None:
                sequences.setdefault(event.call, []).append(event.call_seq)

    simulate_day(PLAN, watch)
    assert len(sequences) == 400
    assert set(ended) == set(sequences)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in sequences.values())


def test_same_plan_same_figures_other_seed_others() -> None:
    once, again = (msgspec.json.encode(simulate_day(PLAN)) for _ in range(2))
    assert once == again
    other = simulate_day(msgspec.structs.replace(PLAN, seed=4))
    assert msgspec.json.encode(other) != once


def test_same_line_same_bytes() -> None:
    """The command itself, in processes of their own with other hash seeds: same bytes."""
    line = "from hotline.simulate import *; print(as_table(simulate_day(SimulationPlan())))"
    runs = [
        subprocess.run([sys.executable, "-c", line], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout
    assert "接通率" in runs[0].stdout.decode()


def test_too_few_desks() -> None:
    crowded = simulate_day(SimulationPlan(hours=6, seats=2, calls=400, seed=3))
    quiet = simulate_day(SimulationPlan(hours=6, seats=20, calls=400, seed=3))
    assert crowded.answer_rate is not None
    assert quiet.answer_rate is not None
    assert crowded.answer_rate < 0.5 < 0.9 < quiet.answer_rate
    assert crowded.outcomes["abandoned_queue"] > 50
    assert crowded.longest_queue > 3 * quiet.longest_queue


def test_timed_out_and_queue_full_happen_when_they_must() -> None:
    queues = {
        name: msgspec.structs.replace(queue, max_length=3, max_wait_seconds=30)
        for name, queue in DAY_RULES.queues.items()
    }
    strict = msgspec.structs.replace(DAY_RULES, queues=queues)
    figures = simulate_day(SimulationPlan(hours=6, seats=2, calls=400, seed=3, rules=strict))
    assert figures.outcomes["timed_out"] > 0
    assert figures.outcomes["queue_full"] > 0
    assert figures.longest_queue <= 9
    assert figures.longest_wait_seconds is not None
    assert figures.longest_wait_seconds < 70


def test_a_day_without_callers() -> None:
    figures = simulate_day(SimulationPlan(hours=1, seats=2, calls=0))
    assert (figures.offered, figures.answer_rate, figures.mean_wait_seconds, figures.by_hour) == (0, None, None, [])
    assert "—" in as_table(figures)
