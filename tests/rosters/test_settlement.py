"""A month's figures by hand, and what must hold of any month."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from hotline.rosters import settlement_sheet
from hotline.rosters.settlement import FORMULAS, Line, SeatChange, Taken, presence, settle, summed
from hotline.rosters.shift import SHANGHAI, DutyMode, Shift, Span, clock_span, day_span, seconds

MONTH = day_span(date(2026, 11, 1), date(2026, 11, 30))
AFTER = datetime(2026, 12, 2, tzinfo=UTC)
HOUR = 3600


def at(day: int, clock: str) -> datetime:
    return datetime.combine(date(2026, 11, 1), time.fromisoformat(clock), SHANGHAI) + timedelta(days=day - 1)


def shift(number: int, day: date, begins: str, ends: str, lawyer: str | None = "a", firm: int | None = 1) -> Shift:
    span = clock_span(day, time.fromisoformat(begins), time.fromisoformat(ends))
    return Shift(id=number, begins_at=span.begins_at, ends_at=span.ends_at, lawyer=lawyer, firm=firm)


def there(day: int, begins: str, ends: str) -> Span:
    return Span(begins_at=at(day, begins), ends_at=at(day, ends))


def test_a_month_by_hand() -> None:
    shifts = [
        shift(1, date(2026, 11, 2), "09:00", "17:00"),
        shift(2, date(2026, 11, 3), "09:00", "17:00"),
        shift(3, date(2026, 11, 4), "09:00", "17:00", firm=2),
        shift(4, date(2026, 11, 5), "09:00", "17:00", lawyer=None),
    ]
    present = {"a": [there(2, "08:50", "12:00"), there(2, "13:00", "17:30"), there(4, "09:00", "17:00")]}
    calls = [
        Taken(lawyer="a", answered_at=at(2, "09:30"), talk_seconds=420),
        Taken(lawyer="a", answered_at=at(2, "17:10"), talk_seconds=600),
        Taken(lawyer="a", answered_at=at(4, "10:00"), talk_seconds=300),
        Taken(lawyer="a", answered_at=at(2, "18:00"), talk_seconds=60, outbound=True),
        Taken(lawyer="supervisor", answered_at=at(4, "10:00"), talk_seconds=300),
    ]
    one, other = settle(shifts, present, calls, {"a": 1}, month=MONTH, now=AFTER)
    assert one == Line(
        firm=1,
        lawyer="a",
        shifts=2,
        missed=1,
        shift_seconds=16 * HOUR,
        duty_seconds=7 * HOUR,
        live_seconds=7 * HOUR,
        mobile_seconds=0,
        answered=2,
        off_duty_answered=1,
        called_back=1,
        talk_seconds=18 * 60,
    )
    assert one.adherence == 0.4375
    assert (other.firm, other.shifts, other.answered, other.adherence) == (2, 1, 1, 1.0)
    whole = summed(None, [one, other])
    assert (whole.shift_seconds, whole.duty_seconds, whole.answered, whole.adherence) == (
        24 * HOUR,
        15 * HOUR,
        3,
        0.625,
    )


def test_the_last_night_counts_in_both_months() -> None:
    night = [shift(1, date(2026, 11, 30), "20:00", "08:00")]
    present = {"a": [Span(begins_at=at(30, "19:00"), ends_at=at(31, "09:00"))]}
    (november,) = settle(night, present, [], {"a": 1}, month=MONTH, now=AFTER)
    december = settle(night, present, [], {"a": 1}, month=day_span(date(2026, 12, 1), date(2026, 12, 31)), now=AFTER)
    assert (november.duty_seconds, december[0].duty_seconds) == (4 * HOUR, 8 * HOUR)


def test_what_is_still_to_come_is_not_held_against_anybody() -> None:
    shifts = [shift(1, date(2026, 11, 2), "09:00", "17:00"), shift(2, date(2026, 11, 20), "09:00", "17:00")]
    now = at(2, "11:00")
    (line,) = settle(shifts, {"a": [there(2, "09:00", "11:00")]}, [], {"a": 1}, month=MONTH, now=now)
    assert (line.shifts, line.missed, line.shift_seconds, line.adherence) == (1, 0, 2 * HOUR, 1.0)


def test_the_mobile_phone_is_reported_apart() -> None:
    night = shift(1, date(2026, 11, 2), "20:00", "08:00")
    night = Shift(
        id=1, begins_at=night.begins_at, ends_at=night.ends_at, lawyer="a", firm=1, mode=DutyMode.FORWARDED_MOBILE
    )
    (line,) = settle([night], {"a": [night.span]}, [], {"a": 1}, month=MONTH, now=AFTER)
    assert (line.duty_seconds, line.live_seconds, line.mobile_seconds) == (12 * HOUR, 0, 12 * HOUR)


def change(seat: str, when: str, after: str, operator: str | None) -> SeatChange:
    return SeatChange(seat=seat, at=at(2, when), after=after, operator=operator)


def test_presence_is_read_from_the_seats() -> None:
    changes = [
        change("01", "08:00", "ready", "a"),
        change("02", "08:30", "ready", "b"),
        change("01", "09:00", "missing", "a"),
        change("01", "09:05", "ready", "a"),
        change("01", "10:00", "signed_off", None),
        change("01", "10:00", "ready", "c"),
    ]
    assert presence(changes, at(2, "12:00")) == {
        "a": [there(2, "08:00", "09:00"), there(2, "09:05", "10:00")],
        "b": [there(2, "08:30", "12:00")],
        "c": [there(2, "10:00", "12:00")],
    }


HOURS = st.integers(0, 23)
SHIFTS = st.lists(
    st.builds(
        lambda day, begins, hours, lawyer, firm: Shift(
            id=1,
            begins_at=at(day, "00:00") + timedelta(hours=begins),
            ends_at=at(day, "00:00") + timedelta(hours=begins + hours),
            lawyer=lawyer,
            firm=firm,
        ),
        st.integers(0, 31),
        HOURS,
        st.integers(1, 24),
        st.sampled_from(["a", "b"]),
        st.sampled_from([1, 2]),
    ),
    max_size=6,
)
PRESENT = st.dictionaries(
    st.sampled_from(["a", "b"]),
    st.lists(
        st.builds(
            lambda day, begins, hours: Span(
                begins_at=at(day, "00:00") + timedelta(hours=begins),
                ends_at=at(day, "00:00") + timedelta(hours=begins + hours),
            ),
            st.integers(0, 31),
            HOURS,
            st.integers(1, 30),
        ),
        max_size=4,
    ),
)


@given(SHIFTS, PRESENT, st.integers(-3, 34))
def test_nobody_is_paid_for_more_than_was_planned_or_sat(
    shifts: list[Shift], present: dict[str, list[Span]], day: int
) -> None:
    lines = settle(shifts, present, [], {"a": 1, "b": 2}, month=MONTH, now=at(day, "13:00"))
    for line in lines:
        assert 0 <= line.duty_seconds <= line.shift_seconds
        assert line.duty_seconds == line.live_seconds + line.mobile_seconds
        assert line.duty_seconds <= seconds(present.get(line.lawyer or "", ()))
        assert line.adherence is None or 0 <= line.adherence <= 1
        assert line.missed <= line.shifts


def test_the_file_says_what_the_figures_say() -> None:
    figures = {name: 0 for name in Line.__struct_fields__ if name not in ("firm", "lawyer")}
    figures |= {"shifts": 3, "shift_seconds": 24 * HOUR, "duty_seconds": 18 * HOUR, "answered": 40}
    told = figures | {"adherence": 0.75}
    person = {"lawyer": "a", "name": "=1+1", "work_number": "1001", "employment": "part_time"}
    sheet = {
        "month": "2026-11",
        "state": "final",
        "until": MONTH.ends_at,
        "firms": [{"firm": 1, "name": "示例所", "lawyers": [told | person], "sum": told}],
        "sum": told | {"adherence": None},
        "formulas": dict(FORMULAS),
    }
    book = openpyxl.load_workbook(BytesIO(settlement_sheet.write(sheet, "一厅")))
    assert book.sheetnames == ["按律所", "按律师", "口径"]
    firms = [[cell.value for cell in row] for row in book["按律所"].iter_rows(min_row=4)]
    assert firms[0][:5] == ["律所", "班次", "缺勤班次", "排班时长（小时）", "值班时长（小时）"]
    assert firms[1][:5] == ["示例所", 3, 0, 24, 18]
    assert firms[1][7:9] == [0.75, 40]
    assert firms[2][0] == "合计"
    assert firms[2][7] == "—"
    lawyers = list(book["按律师"].iter_rows(min_row=5, values_only=True))
    assert lawyers[0][:4] == ("示例所", "1001", "=1+1", "兼职")
    assert book["按律师"]["C5"].data_type == "s", "a name is no formula"
    assert {str(row[0]) for row in book["口径"].iter_rows(min_row=2, values_only=True)} == {
        f"settlement:{key}" for key in FORMULAS
    }
    assert settlement_sheet.write(sheet, "一厅") == settlement_sheet.write(sheet, "一厅")
