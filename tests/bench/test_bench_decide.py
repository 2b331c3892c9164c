"""The bench of the pure core runs, keeps its crowd, and mixes its inputs."""

from __future__ import annotations

from hotline.bench.decide import run_decide


def test_the_row() -> None:
    row = run_decide(decisions=3000, seats=20, waiting=60)
    assert (row["id"], row["unit"], row["n"]) == ("decide", "us", 3000)
    assert 0 < row["p50"] <= row["p99"] <= row["max"]
    assert row["rate"] > 0
    assert 55 <= row["waiting"] <= 65
    assert sum(row["mix"].values()) == 3000
    assert {"CallOffered", "CallReleased", "SeatAnswered", "SeatDeclined", "DeadlinePassed", "Asked"} <= set(row["mix"])
