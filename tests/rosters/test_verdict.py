"""Who may sign in, by licence and roster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rosters.licence import Licence, LicenceFault, fault
from hotline.rosters.shift import DutyMode, Shift
from hotline.rosters.verdict import Caveat, Verdict, judge

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 09:00 in China
GOOD = Licence(number="1" * 17, valid_until=date(2030, 1, 1))
EARLY = timedelta(minutes=30)


def shift(begins: float, ends: float, *, group: str = "", mode: DutyMode = DutyMode.LIVE, number: int = 7) -> Shift:
    hour = timedelta(hours=1)
    return Shift(
        id=number, begins_at=NOW + begins * hour, ends_at=NOW + ends * hour, lawyer="a", group=group, mode=mode
    )


def judged(licence: Licence | None, *shifts: Shift, required: bool = False) -> Verdict:
    return judge(licence, shifts, ["civil"], NOW, required=required, early=EARLY)


def test_supervisors_sign_in_as_they_like() -> None:
    assert judged(None, required=True) == Verdict(allowed=True)


@pytest.mark.parametrize(
    ("licence", "code"),
    [
        (Licence(), LicenceFault.MISSING),
        (Licence(number="1" * 17), LicenceFault.MISSING),
        (Licence(number="1" * 17, valid_until=date(2026, 11, 30)), LicenceFault.EXPIRED),
        (
            Licence(number="1" * 17, valid_until=date(2030, 1, 1), suspended_from=date(2026, 12, 1)),
            LicenceFault.SUSPENDED,
        ),
    ],
)
def test_no_licence_no_seat_whatever_the_roster_says(licence: Licence, code: LicenceFault) -> None:
    assert judged(licence, shift(-1, 1)) == Verdict(allowed=False, code=code.value)


def test_the_last_day_of_a_licence_and_of_a_suspension_is_in_it() -> None:
    last = Licence(number="1" * 17, valid_until=date(2026, 12, 1))
    assert fault(last, date(2026, 12, 1)) is None
    assert fault(last, date(2026, 12, 2)) is LicenceFault.EXPIRED
    held = Licence(
        number="1" * 17,
        valid_until=date(2030, 1, 1),
        suspended_from=date(2026, 11, 1),
        suspended_until=date(2026, 11, 30),
    )
    assert fault(held, date(2026, 11, 30)) is LicenceFault.SUSPENDED
    assert fault(held, date(2026, 12, 1)) is None
    assert fault(held, date(2026, 10, 31)) is None


def test_the_day_is_chinas() -> None:
    licence = Licence(number="1" * 17, valid_until=date(2026, 11, 30))
    late = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # half past midnight of 1 December in China
    assert not judge(licence, [], [], late, required=False, early=EARLY).allowed
    assert judge(licence, [], [], late - timedelta(hours=1), required=False, early=EARLY).allowed


def test_without_a_shift_it_is_told_or_refused() -> None:
    assert judged(GOOD) == Verdict(allowed=True, warnings=(Caveat.NOT_ON_ROSTER,))
    assert judged(GOOD, required=True) == Verdict(allowed=False, code="not_on_roster")
    assert judged(GOOD, shift(-1, 1, mode=DutyMode.VOICEMAIL), required=True).code == "not_on_roster"


@pytest.mark.parametrize(("begins", "on"), [(0.5, True), (0.51, False), (-8, True)])
def test_a_shift_opens_the_door_a_little_early(begins: float, on: bool) -> None:
    assert judged(GOOD, shift(begins, begins + 9), required=True).allowed is on


def test_a_shift_is_over_at_its_end() -> None:
    assert not judged(GOOD, shift(-8, 0), required=True).allowed


def test_the_seat_should_serve_the_shifts_group() -> None:
    assert judged(GOOD, shift(-1, 1, group="labour")).warnings == (Caveat.OTHER_GROUP,)
    both = judged(GOOD, shift(-1, 1, group="labour"), shift(-1, 1, group="civil", number=8))
    assert (both.warnings, both.shift) == ((), 8)


def test_a_licence_that_ends_soon_is_pointed_out() -> None:
    soon = Licence(number="1" * 17, valid_until=date(2026, 12, 31))
    assert judged(soon, shift(-1, 1)).warnings == (Caveat.LICENCE_ENDS_SOON,)
