"""What did a month of duty come to, per firm and lawyer (结算单)?

Every figure names its formula (`FORMULAS`). Time counts within the month and up to now: a shift over midnight of the
last day counts in both months, each its part. Nothing is rounded before it is added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from hotline.rosters.shift import DutyMode, Shift, Span, common, merged, seconds


class SeatChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a seat's state, as it is on record."""

    seat: str
    at: datetime
    after: str
    operator: str | None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A lawyer's part in a call: from the moment they first had the caller."""

    lawyer: str
    answered_at: datetime
    talk_seconds: float
    """With the caller or at work for them: talking, three-way, on hold, consulting."""
    outbound: bool = False
    """We rang: a call-back."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One lawyer's month for one firm, or the sum of several. Seconds."""

    firm: int | None
    lawyer: str | None
    """None: the firm's sum."""
    shifts: int
    missed: int
    """缺勤班次: over, and the lawyer was not signed in for a second of it."""
    shift_seconds: int
    duty_seconds: int
    live_seconds: int
    """Of `duty_seconds`, at a seat."""
    mobile_seconds: int
    """Of `duty_seconds`, at home on the mobile phone."""
    answered: int
    off_duty_answered: int
    """Of `answered`, outside the lawyer's own shifts."""
    called_back: int
    talk_seconds: int

    @property
    def adherence(self) -> float | None:
        """遵守率; None without any shift time."""
        return round(self.duty_seconds / self.shift_seconds, 6) if self.shift_seconds else None


FORMULAS: Final[Mapping[str, str]] = {
    "shift_seconds": "排班时长 = Σ 班次在本月内（进行中的月份截至现在）的时长，不含留言值守和空缺班次",
    "duty_seconds": "值班时长 = Σ 班次时间 ∩ 本人签入坐席的时间（失联期间不计；同时签入只计一次）",
    "adherence": "遵守率 = 值班时长 ÷ 排班时长",
    "missed": "缺勤班次 = 已结束且本人在班次内没有签入的班次数",
    "answered": "接听量 = 本人在本月内接起的来电数（含转接来的；按本人接起的时刻）",
    "off_duty_answered": "班外接听 = 接起时刻不在本人任何班次内的接听量；计入本人现所在律所",
    "called_back": "外呼接通 = 本人回拨并接通的电话数",
    "talk_seconds": "通话时长 = Σ 接听和外呼中由本人接待的各段时长（通话、三方、保持、咨询），未结束的截至现在",
}
"""Figure → its formula, in the words of the sheet."""
_ABSENT: Final = frozenset({"signed_off", "missing"})


def presence(changes: Iterable[SeatChange], until: datetime) -> dict[str, list[Span]]:
    """When each operator was signed in at any seat. `changes`: in order of time; who still sits, sits until then."""
    sitting: dict[str, tuple[str, datetime]] = {}
    found: dict[str, list[Span]] = defaultdict(list)
    for each in changes:
        here = each.operator if each.after not in _ABSENT else None
        before = sitting.get(each.seat)
        if before is not None and before[0] != here:
            found[before[0]].append(Span(begins_at=before[1], ends_at=each.at))
            del sitting[each.seat]
        if here is not None and each.seat not in sitting:
            sitting[each.seat] = (here, each.at)
    for operator, since in sitting.values():
        found[operator].append(Span(begins_at=since, ends_at=until))
    return {operator: merged(spans) for operator, spans in found.items()}


def settle(
    shifts: Sequence[Shift],
    present: Mapping[str, Sequence[Span]],
    calls: Iterable[Taken],
    firms: Mapping[str, int | None],
    *,
    month: Span,
    now: datetime,
) -> list[Line]:
    """A line for each firm and lawyer. `firms`: every lawyer of the hall and the firm they are with now."""
    counted = Span(begins_at=month.begins_at, ends_at=max(month.begins_at, min(month.ends_at, now)))
    own: dict[str, list[Shift]] = defaultdict(list)
    for each in shifts:
        if each.lawyer is not None and each.mode is not DutyMode.VOICEMAIL:
            own[each.lawyer].append(each)
    taken: dict[tuple[int | None, str], list[Taken]] = defaultdict(list)
    off_duty: dict[tuple[int | None, str], int] = defaultdict(int)
    for call in calls:
        if not counted.begins_at <= call.answered_at < counted.ends_at or call.lawyer not in firms:
            continue
        shift = next((each for each in own[call.lawyer] if each.begins_at <= call.answered_at < each.ends_at), None)
        key = (shift.firm if shift is not None else firms[call.lawyer], call.lawyer)
        taken[key].append(call)
        off_duty[key] += shift is None and not call.outbound
    keys = {(each.firm, lawyer) for lawyer, mine in own.items() for each in mine} | set(taken)
    found: list[Line] = []
    for firm, lawyer in keys:
        there = present.get(lawyer, ())
        mine = [
            each
            for each in own[lawyer]
            if each.firm == firm and each.begins_at < counted.ends_at and counted.begins_at < each.ends_at
        ]
        talks = taken[firm, lawyer]
        if not mine and not talks:
            continue
        duty = {
            mode: seconds(common(_within(mine, counted, mode), there))
            for mode in (DutyMode.LIVE, DutyMode.FORWARDED_MOBILE)
        }
        found.append(
            Line(
                firm=firm,
                lawyer=lawyer,
                shifts=len(mine),
                missed=sum(each.ends_at <= now and not common([each.span], there) for each in mine),
                shift_seconds=seconds(_within(mine, counted)),
                duty_seconds=sum(duty.values()),
                live_seconds=duty[DutyMode.LIVE],
                mobile_seconds=duty[DutyMode.FORWARDED_MOBILE],
                answered=sum(not each.outbound for each in talks),
                off_duty_answered=off_duty[firm, lawyer],
                called_back=sum(each.outbound for each in talks),
                talk_seconds=round(sum(each.talk_seconds for each in talks)),
            )
        )
    return sorted(found, key=lambda each: (each.firm is None, each.firm or 0, each.lawyer or ""))


def summed(firm: int | None, lines: Sequence[Line]) -> Line:
    """The sum of some lines: a firm's, or the hall's."""
    names = [name for name in Line.__struct_fields__ if name not in ("firm", "lawyer")]
    return Line(firm=firm, lawyer=None, **{name: sum(getattr(each, name) for each in lines) for name in names})


def _within(shifts: Iterable[Shift], counted: Span, mode: DutyMode | None = None) -> list[Span]:
    return common([each.span for each in shifts if mode in (None, each.mode)], [counted])
