"""How the hall is served now, and when that changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.rosters.duty import Duty, Period, duty_mode
from hotline.rosters.shift import DutyMode

T0 = datetime(2026, 12, 1, 12, tzinfo=UTC)
LIVE, MOBILE, VOICEMAIL = DutyMode.LIVE, DutyMode.FORWARDED_MOBILE, DutyMode.VOICEMAIL


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def period(begins: float, ends: float, mode: DutyMode, lawyer: str | None = None) -> Period:
    return Period(begins_at=at(begins), ends_at=at(ends), mode=mode, lawyer=lawyer)


def test_a_day_with_a_night() -> None:
    periods = [period(0, 8, LIVE, "a"), period(0, 8, LIVE, "b"), period(8, 16, MOBILE, "c"), period(16, 20, VOICEMAIL)]
    assert duty_mode(periods, at(1)) == Duty(mode=LIVE, lawyers=("a", "b"), until=at(8))
    assert duty_mode(periods, at(8)) == Duty(mode=MOBILE, lawyers=("c",), until=at(16))
    assert duty_mode(periods, at(16)) == Duty(mode=VOICEMAIL, until=at(20))
    assert duty_mode(periods, at(20)) == Duty(mode=LIVE)
    assert duty_mode(periods, at(20), otherwise=VOICEMAIL).mode is VOICEMAIL


def test_a_night_without_its_lawyer_is_a_night_of_messages() -> None:
    assert duty_mode([period(0, 8, MOBILE)], at(1)) == Duty(mode=VOICEMAIL, until=at(8))


def test_seats_win_over_the_mobile_phone() -> None:
    periods = [period(0, 8, MOBILE, "a"), period(2, 4, LIVE)]
    assert duty_mode(periods, at(1)) == Duty(mode=MOBILE, lawyers=("a",), until=at(2))
    assert duty_mode(periods, at(3)) == Duty(mode=LIVE, until=at(4))


def test_a_change_of_nothing_is_none() -> None:
    periods = [period(0, 4, MOBILE, "a"), period(4, 8, MOBILE, "a")]
    assert duty_mode(periods, at(1)).until == at(8)


PERIODS = st.lists(
    st.builds(
        lambda begins, hours, mode, lawyer: period(begins, begins + hours, mode, lawyer),
        st.integers(-5, 20),
        st.integers(1, 10),
        st.sampled_from(list(DutyMode)),
        st.sampled_from(["a", "b", None]),
    ),
    max_size=6,
)


@given(PERIODS, st.integers(0, 20))
def test_until_then_nothing_changes_and_then_it_does(periods: list[Period], hour: int) -> None:
    now = duty_mode(periods, at(hour))
    last = now.until or at(60)
    step = at(hour)
    while step < last:
        here = duty_mode(periods, step)
        assert (here.mode, here.lawyers) == (now.mode, now.lawyers)
        step += timedelta(minutes=30)
    if now.until is not None:
        then = duty_mode(periods, now.until)
        assert (then.mode, then.lawyers) != (now.mode, now.lawyers)
