"""What counts as an idle seat, and how long random talks are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from adapters.asterisk.rig import CallerLedgerRow, SeatLedgerRow
from hotline.bench.backlog import LEAST_SECONDS, MEAN_SECONDS, talks
from hotline.bench.phones import Calls

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def caller(number: str, joined: float) -> CallerLedgerRow:
    return CallerLedgerRow(number=number, sip_call_id=number, invited_at=at(joined))


def talk(phone: str, number: str, rung: float, ended: float) -> SeatLedgerRow:
    return SeatLedgerRow(
        extension=phone, offer=number, rung_at=at(rung), answered_at=at(rung), ended_at=at(ended), end="hung_up_on"
    )


def test_a_seat_that_is_freed_while_somebody_waits() -> None:
    calls = Calls(
        callers=[caller("a", 0), caller("b", 1)], seats=[talk("1", "a", 0, 2), talk("1", "b", 2.5, 4)], cpu={}
    )
    assert calls.idle(1) == [500]


def test_a_seat_that_nobody_waits_for() -> None:
    calls = Calls(callers=[caller("a", 0), caller("b", 3)], seats=[talk("1", "a", 0, 2), talk("1", "b", 3, 4)], cpu={})
    assert calls.idle(1) == []


def test_others_are_free_for_the_one_who_waits() -> None:
    calls = Calls(
        callers=[caller("a", 0), caller("b", 1.99), caller("c", 5)],
        seats=[talk("1", "a", 0, 2), talk("2", "b", 2.01, 4), talk("1", "c", 5, 6)],
        cpu={},
    )
    assert calls.idle(2) == []
    assert calls.idle(1) == [3000]


def test_it_rings_before_its_last_talk_is_over() -> None:
    calls = Calls(
        callers=[caller("a", 0), caller("b", 1)], seats=[talk("1", "a", 0, 2), talk("1", "b", 1.9, 4)], cpu={}
    )
    assert calls.idle(1) == [0]


def test_offers_are_told_apart_by_their_calls() -> None:
    calls = Calls(
        callers=[caller("a", 0), caller("b", 1)],
        seats=[talk("1", "bench-1.1", 0, 2), talk("1", "bench-2.1", 2.5, 4)],
        cpu={},
    )
    known = {"bench-1": "a", "bench-2": "b"}
    assert [each.rung for each in calls.lived(known)] == [at(0), at(2.5)]
    assert calls.idle(1, known) == [500]


def test_talks_are_random_but_the_same_again() -> None:
    lengths = list(islice(talks(1), 5000))
    assert lengths == list(islice(talks(1), 5000))
    assert lengths != list(islice(talks(2), 5000))
    assert min(lengths) >= LEAST_SECONDS
    assert abs(sum(lengths) / len(lengths) - MEAN_SECONDS) < 0.05
    assert sum(each < MEAN_SECONDS for each in lengths) > 3000
