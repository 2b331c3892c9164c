"""The bench of the pure core runs, keeps its crowd, and mixes its inputs."""

from __future__ import annotations

from hotline.bench.decide import run_decide


def test_one_run() -> None:
    run = run_decide(decisions=3000, seats=20, waiting=60)
    assert len(run.seconds) == 3000
    assert min(run.seconds) > 0
    assert run.by_clock > 0
    assert 55 <= run.waiting <= 65
    assert sum(run.mix.values()) == 3000
    assert {"CallOffered", "CallReleased", "SeatAnswered", "SeatDeclined", "DeadlinePassed", "Asked"} <= set(run.mix)
