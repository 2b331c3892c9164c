"""The running figures on the wall."""

from __future__ import annotations

from datetime import datetime, timedelta

from hotline.calls.call import CallId
from hotline.hall.today import Ended, TodayCount
from hotline.hall.work import SHANGHAI

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)


def ended(number: int, waited: float | None, at: datetime = NOON) -> Ended:
    answered_at = None if waited is None else at + timedelta(seconds=2 + waited)
    queued_at = at + timedelta(seconds=2)
    return Ended(id=CallId(f"kf-{number:09d}"), offered_at=at, queued_at=queued_at, answered_at=answered_at)


def test_each_call_counts_once_and_corrections_by_their_difference() -> None:
    today = TodayCount(NOON.date())
    assert today.figures().answer_rate is None
    assert today.count(ended(7, None), NOON)
    assert not today.count(ended(7, None), NOON)
    assert today.count(ended(5000, 16), NOON)
    assert today.count(ended(6, 15), NOON)
    now = today.figures()
    assert (now.offered, now.answered, now.within, now.abandoned) == (3, 2, 1, 1)
    assert today.count(ended(7, 3), NOON)  # a late report: it had been answered
    now = today.figures()
    assert (now.offered, now.answered, now.within, now.abandoned) == (3, 3, 2, 0)
    assert (now.answer_rate, now.sl15_rate) == (1.0, 2 / 3)


def test_a_new_day_begins_at_midnight_in_shanghai() -> None:
    today = TodayCount(NOON.date())
    today.count(ended(1, 3), NOON)
    midnight = NOON + timedelta(hours=12)
    assert not today.count(ended(2, 3, midnight - timedelta(seconds=1)), midnight), "yesterday's, counted by the report"
    assert today.figures().offered == 0
    today.count(ended(3, 3, midnight), midnight + timedelta(seconds=9))
    assert (today.figures().day, today.figures().offered) == (midnight.date(), 1)
