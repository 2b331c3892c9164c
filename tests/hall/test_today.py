"""The running figures on the wall."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.calls.call import CallId
from hotline.calls.outcome import Outcome
from hotline.hall.today import Decided, TodayCount
from hotline.hall.work import SHANGHAI
from hotline.reports.counting import CallFacts, answer_rate, tally, within_of_requests

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)


def decided(number: int, waited: float | None, at: datetime = NOON) -> Decided:
    queued_at = at + timedelta(seconds=2)
    return Decided(
        id=CallId(f"kf-{number:09d}"),
        offered_at=at,
        queued_at=queued_at,
        answered_at=None if waited is None else queued_at + timedelta(seconds=waited),
        outcome=Outcome.ABANDONED_QUEUE if waited is None else Outcome.ANSWERED,
    )


def test_each_call_counts_once_and_corrections_by_their_difference() -> None:
    today = TodayCount(NOON.date())
    assert today.figures().answer_rate is None
    assert today.count(decided(7, None), NOON)
    assert not today.count(decided(7, None), NOON)
    assert today.count(decided(5000, 16), NOON)
    assert today.count(decided(6, 15), NOON)
    now = today.figures()
    assert (now.offered, now.answered, now.within, now.abandoned) == (3, 2, 1, 1)
    assert today.count(decided(7, 3), NOON)  # a late report: it had been answered
    now = today.figures()
    assert (now.offered, now.answered, now.within, now.abandoned) == (3, 3, 2, 0)
    assert (now.answer_rate, now.sl15_rate) == (1.0, 2 / 3)


def test_a_new_day_begins_at_midnight_in_shanghai() -> None:
    today = TodayCount(NOON.date())
    today.count(decided(1, 3), NOON)
    midnight = NOON + timedelta(hours=12)
    assert not today.count(decided(2, 3, midnight - timedelta(seconds=1)), midnight), "yesterday's, for the report"
    assert today.figures().offered == 0
    today.count(decided(3, 3, midnight), midnight + timedelta(seconds=9))
    assert (today.figures().day, today.figures().offered) == (midnight.date(), 1)


SECONDS = st.none() | st.integers(0, 40)
CALLS = st.lists(
    st.tuples(st.integers(0, 9), SECONDS, SECONDS, SECONDS, st.none() | st.sampled_from(Outcome)), max_size=40
)


@given(CALLS)
def test_the_wall_and_the_report_say_the_same(
    told: list[tuple[int, int | None, int | None, int | None, Outcome | None]],
) -> None:
    """Calls in any condition, some told twice with another: the last word counts."""
    today, calls = TodayCount(NOON.date()), dict[int, Decided]()
    for number, queued, rung, answered, outcome in told:
        if answered is None and (outcome is None or outcome is Outcome.ANSWERED):
            continue
        times = [None if each is None else NOON + timedelta(seconds=each) for each in (queued, rung, answered)]
        call = calls[number] = Decided(
            id=CallId(f"kf-{number:09d}"),
            offered_at=NOON,
            queued_at=times[0],
            rung_at=times[1],
            answered_at=times[2],
            outcome=outcome,
        )
        today.count(call, NOON)
    counts = tally(
        CallFacts(
            offered_at=call.offered_at,
            queued_at=call.queued_at,
            rung_at=call.rung_at,
            answered_at=call.answered_at,
            outcome=call.outcome,
        )
        for call in calls.values()
    )
    now = today.figures()
    rate, soon = answer_rate(counts), within_of_requests(counts, 15)
    assert (now.offered, now.answered) == (rate.denominator, rate.numerator)
    assert (now.within, now.sl15_rate) == (
        soon.numerator,
        soon.numerator / soon.denominator if soon.denominator else None,
    )
