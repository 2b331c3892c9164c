"""Who is behind with a village adviser's hours and lectures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from hotline.directory.ledger import Entry, PeriodState, Service, looked_back, reading

TODAY = date(2026, 11, 23)
LONG_AGO = date(2024, 1, 1)


def entry(day: str, hours: str = "2", kind: Service = Service.DUTY) -> Entry:
    return Entry(day=date.fromisoformat(day), kind=kind, hours=Decimal(hours))


def test_the_months_and_quarters_that_are_looked_at() -> None:
    found = reading([], since=LONG_AGO, until=None, today=TODAY)
    spans = [(each.first, each.last) for each in (found.month, found.last_month, found.quarter, found.last_quarter)]
    assert spans == [
        (date(2026, 11, 1), date(2026, 11, 30)),
        (date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 7, 1), date(2026, 9, 30)),
    ]
    assert looked_back(TODAY) == date(2026, 7, 1)
    assert looked_back(date(2026, 1, 15)) == date(2025, 10, 1)


def test_nothing_done_is_said() -> None:
    found = reading([], since=LONG_AGO, until=None, today=TODAY)
    assert found.behind == ["2026-10 服务 0 小时，差 4 小时", "2026 年第 3 季度没有法治讲座"]
    assert found.month.state is found.quarter.state is PeriodState.RUNNING


def test_enough_was_done() -> None:
    done = [
        entry("2026-10-01", "2.5"),
        entry("2026-10-31", "1.5", Service.LECTURE),
        entry("2026-09-30", "1", Service.LECTURE),
    ]
    found = reading(done, since=LONG_AGO, until=None, today=TODAY)
    assert found.behind == []
    assert found.last_month.state is found.quarter.state is found.last_quarter.state is PeriodState.MET
    assert (found.last_month.done, found.quarter.done) == (Decimal(4), Decimal(1))


def test_half_an_hour_is_missing() -> None:
    found = reading(
        [entry("2026-10-15", "3.5"), entry("2026-08-01", "1", Service.LECTURE)], since=LONG_AGO, until=None, today=TODAY
    )
    assert found.behind == ["2026-10 服务 3.5 小时，差 0.5 小时"]


@pytest.mark.parametrize(
    ("since", "until", "behind"),
    [
        ("2026-10-01", None, 1),  # the whole of October, not of the quarter before
        ("2026-10-02", None, 0),
        ("2026-07-01", None, 2),
        ("2026-07-01", "2026-10-30", 1),  # left in October
        ("2026-07-01", "2026-10-31", 2),
    ],
)
def test_only_whole_periods_count(since: str, until: str | None, behind: int) -> None:
    last = date.fromisoformat(until) if until else None
    found = reading([], since=date.fromisoformat(since), until=last, today=TODAY)
    assert len(found.behind) == behind


def test_the_turn_of_the_year() -> None:
    found = reading([], since=LONG_AGO, until=None, today=date(2027, 1, 1))
    assert (found.last_month.first, found.last_quarter.first) == (date(2026, 12, 1), date(2026, 10, 1))
    assert (found.month.last, found.quarter.last) == (date(2027, 1, 31), date(2027, 3, 31))
