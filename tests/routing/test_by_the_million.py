"""Nobody is passed over, and no seat is idle while somebody waits whom it may serve: by the million.

Everyday runs look at some ten thousand offers; `HOTLINE_TEST_FULL=1` at more than a million.
"""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from hotline.calls.call import CallId
from hotline.hall import flow, on_command, on_deadline
from hotline.hall import work as work_sheet
from hotline.hall.work import Work
from seats.seat import Seat
from tests.routing.placement import Chance

FULL = os.environ.get("HOTLINE_TEST_FULL") == "1"
OFFERS = 32_000 if FULL else 3_000
RUNS = 32 if FULL else 4


def _run(seed: int) -> tuple[int, int]:
    chance = Chance(seed, seats=1 + seed % 16)
    chance.run(OFFERS)
    return chance.offers, chance.again


def test_placement_by_the_million() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as pool:
        done = list(pool.map(_run, range(1, RUNS + 1)))
    assert sum(offers for offers, _ in done) >= OFFERS * RUNS
    assert sum(again for _, again in done) > 0


def test_callers_whose_lines_reach_some_seats_only() -> None:
    """One seat's own line, a card with some seats, and a line that reaches everybody, together."""
    chance = Chance(3, seats=7, wires={1: frozenset({"01"}), 2: frozenset({"02"}), 3: frozenset({"03", "04", "05"})})
    chance.run(OFFERS)
    assert chance.again > 0


def test_the_second_opinion_sees_who_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_sheet, "within", lambda reach, seat: True)
    with pytest.raises(AssertionError):
        Chance(3, seats=4, wires={1: frozenset({"01"})}).run(200)


def test_the_second_opinion_sees_an_idle_seat(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (flow, on_command, on_deadline):
        monkeypatch.setattr(module, "place_seat", lambda work, seat: None)
    with pytest.raises(AssertionError, match="is idle while"):
        Chance(1, seats=4).run(200)


def test_the_second_opinion_sees_who_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_first(work: Work, seat: Seat):
        waiting = [call for call in work.state.lines.get(seat.groups[0], ()) if call not in work.decision.calls]
        return work.call(CallId(waiting[-1])) if waiting else next_for(work, seat)

    next_for = Work.next_for
    monkeypatch.setattr(Work, "next_for", last_first)
    with pytest.raises(AssertionError, match="was passed over"):
        Chance(1, seats=4).run(200)
