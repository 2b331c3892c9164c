"""Every figure can be taken: tiny runs, real parts, rows of the agreed shape.

Figures with telephones take their time: they are among the long tests.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.errors import Misconfigured
from hotline.bench.root import FIGURES, GIVEN_WITH, run_bench
from hotline.bench.row import LABELS, Peer, Row, as_text, quantiles, reached

SHAPE = {"id", "unit", "n", "p50", "p99", "max", "rate", "others_cpu", "peer", "limited_by", "goal", "note", "case"}
BESIDE_PEERS = {"seat_free_to_offer", "sip_invite_to_ring", "full_cycles", "waiting_cost"}
ALONE = {"softphone_ring", "transfer_setup"}
WITHOUT_PHONES = sorted(set(FIGURES) - BESIDE_PEERS - ALONE)


async def rows_of(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.chdir(folder)
    shown: list[str] = []
    rows = await run_bench([name], shown.append, runs=1, tiny=True)
    assert rows
    beside = {given for given, source in GIVEN_WITH.items() if source == name}
    assert {row["id"] for row in rows} == {name} | beside
    assert all(row["id"] in text for row, text in zip(rows, shown, strict=True))
    for row in rows:
        assert set(row) == SHAPE
        assert row["n"] > 0
        assert row["p50"] is not None
        assert row["limited_by"]
        assert row["note"]
        if row["p99"] is not None and row["max"] is not None:
            assert 0 <= row["p50"] <= row["p99"] <= row["max"]
    return rows


@pytest.mark.parametrize("name", WITHOUT_PHONES)
async def test_figure(name: str, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await rows_of(name, short, monkeypatch)


@pytest.mark.long
@pytest.mark.asterisk
@pytest.mark.parametrize("name", sorted(BESIDE_PEERS))
async def test_figure_beside_a_peer(name: str, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = await rows_of(name, short, monkeypatch)
    assert rows[-1]["peer"]["name"]


@pytest.mark.long
@pytest.mark.asterisk
@pytest.mark.parametrize("name", sorted(ALONE))
async def test_figure_by_phone(name: str, short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = await rows_of(name, short, monkeypatch)
    assert all(row["p99"] < 2000 for row in rows)


async def test_unknown_figure() -> None:
    with pytest.raises(Misconfigured, match="nonsense"):
        await run_bench(["nonsense"], None)


def test_every_figure_has_a_label() -> None:
    assert set(LABELS) == set(FIGURES) | set(GIVEN_WITH)
    assert set(GIVEN_WITH.values()) <= set(FIGURES)


def test_goals() -> None:
    row = Row(id="commit", unit="ms", p50=8.0, p99=31.0, rate=50, goal={"p50": 8, "rate": 45})
    assert reached(row) is True
    assert reached(Row(id="commit", unit="ms", p50=8.0, p99=31.0, goal={"p99": 30})) is False
    assert reached(Row(id="commit", unit="ms", rate=44, goal={"rate": 45})) is False
    assert reached(Row(id="commit", unit="ms", goal={"rate": 45})) is None
    assert reached(Row(id="commit", unit="ms", p50=1.0)) is None


def test_quantiles() -> None:
    assert quantiles([]) == {"n": 0, "p50": None, "p99": None, "max": None}
    assert quantiles([float(n) for n in range(100)]) == {"n": 100, "p50": 50.0, "p99": 99.0, "max": 99.0}


def test_text() -> None:
    text = as_text(Row(id="commit", unit="ms", n=3, p50=1.5, goal={"p50": 1}, peer=Peer(name="X", p50=2.0)))
    assert text.startswith("✗ commit")
    assert "p50 1.5 ms" in text
    assert "对照 X：p50 2" in text
