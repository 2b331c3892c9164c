"""What stands beside a day's inbound calls: calls of ours (外呼), call-backs that fell due, how the hall was served
(值守方式) by its roster, and when a line or the service was down (系统故障).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

import msgspec
from sqlalchemy import Text, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.callbacks.figures import CallbackFigures, TaskFacts
from hotline.callbacks.figures import tally as tally_tasks
from hotline.calls.call import Direction
from hotline.calls.segments import Segment
from hotline.reports.counting import CallbackTally, OutboundTally
from hotline.reports.course import Course, course_of, micros
from hotline.reports.outages import Outage, read_outages
from hotline.rosters import shifts
from hotline.rosters.duty import Period, duty_mode
from hotline.rosters.shift import SHANGHAI, DutyMode, day_span
from hotline.store.tables import CALLBACKS, CALLS

UNROSTERED: Final = "unrostered"
"""No shift covers the moment: the hall was served as its settings say."""
DUTY_LABELS: Final[Mapping[str, str]] = {
    DutyMode.LIVE: "坐席值守",
    DutyMode.FORWARDED_MOBILE: "转接手机",
    DutyMode.VOICEMAIL: "留言",
    UNROSTERED: "未排班",
}
PURPOSE_LABELS: Final[Mapping[str, str]] = {"callback": "回拨", "contact": "联系外部号码", "emergency": "紧急"}

SEGMENTS: Final = cast(CALLS.c.segments, Text).label("segments")
_CHAIN: Final = msgspec.json.Decoder(tuple[Segment, ...])


class OutboundFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a report needs to know of one call of ours."""

    purpose: str
    dialled: bool
    """The other side was rung."""
    reached: bool
    talk: int = 0
    """Microseconds."""


class DutyTable:
    """Which mode was in force when: the roster of some hours, made ready to be asked often."""

    def __init__(self, periods: Sequence[Period]) -> None:
        self._edges = sorted({edge for each in periods for edge in (each.begins_at, each.ends_at)})
        self._modes = [_mode(periods, edge) for edge in self._edges]

    def mode_at(self, instant: datetime) -> str:
        """A duty mode, or `UNROSTERED`."""
        place = bisect_right(self._edges, instant) - 1
        return self._modes[place] if place >= 0 else UNROSTERED


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """All of it, for one day."""

    outbound: Sequence[OutboundFacts] = ()
    callbacks: CallbackTally = CallbackTally()
    duty: DutyTable = DutyTable(())
    outages: Sequence[Outage] = ()


def chain_of(segments: str | None) -> Course | None:
    """A call's course from its stored segments; None where it has none."""
    return None if segments is None else course_of(_CHAIN.decode(segments))


def count_outbound(calls: Iterable[OutboundFacts]) -> OutboundTally:
    """Count calls of ours."""
    each = list(calls)
    return OutboundTally(
        begun=len(each),
        dialled=sum(call.dialled for call in each),
        reached=sum(call.reached for call in each),
        talk=sum(call.talk for call in each),
    )


async def read_beside(connection: AsyncConnection, hall: str, day: date, now: datetime) -> Beside:
    """Everything that stands beside the calls of a day."""
    c = CALLS.c
    rows = await connection.execute(
        select(c.purpose, c.answered_at, c.ended_at, SEGMENTS).where(
            c.hall == hall, c.day == day, c.direction == Direction.OUT
        )
    )
    roster = [
        Period(begins_at=each.begins_at, ends_at=each.ends_at, mode=each.mode, lawyer=each.lawyer)
        for each in await shifts.for_rules(connection, hall, day_span(day, day))
    ]
    outbound = [_outbound(*row) for row in rows]
    due = await callback_days(connection, hall, day, now, until=day)
    outages = await read_outages(connection, hall, day, now)
    return Beside(outbound=outbound, callbacks=due.get(day, CallbackTally()), duty=DutyTable(roster), outages=outages)


async def outbound_days(connection: AsyncConnection, hall: str, since: date) -> dict[date, tuple[int, int]]:
    """How many calls of ours were begun, and how many reached somebody, by day; days without any are left out."""
    c = CALLS.c
    query = select(c.day, func.count(), func.count(c.answered_at)).where(
        c.hall == hall, c.day >= since, c.direction == Direction.OUT
    )
    return {day: (begun, reached) for day, begun, reached in await connection.execute(query.group_by(c.day))}


async def callback_days(
    connection: AsyncConnection, hall: str, since: date, now: datetime, *, until: date | None = None
) -> dict[date, CallbackTally]:
    """The call-backs that had fallen due by `now`, by the day on which they did; both days included."""
    b = CALLBACKS.c
    query = select(b.kind, b.state, b.due_at, b.first_tried_at, b.reached_at, b.ended_at).where(
        b.hall == hall, b.due_at >= day_span(since, since).begins_at
    )
    if until is not None:
        query = query.where(b.due_at < day_span(until, until).ends_at)
    tasks = [TaskFacts(**row._mapping) for row in await connection.execute(query.order_by(b.due_at))]
    return {
        day: _callbacks(tally_tasks(found, now))
        for day, found in groupby(tasks, key=lambda task: task.due_at.astimezone(SHANGHAI).date())
    }


def outbound_rows(calls: Sequence[OutboundFacts]) -> list[dict[str, Any]]:
    """The table of calls of ours by what they were for."""
    purposes = [*PURPOSE_LABELS, *sorted({call.purpose for call in calls} - PURPOSE_LABELS.keys())]
    rows: list[dict[str, Any]] = []
    for purpose in purposes:
        counts = count_outbound(call for call in calls if call.purpose == purpose)
        rows.append(
            {
                "key": purpose,
                "label": PURPOSE_LABELS.get(purpose, purpose) or "其他",
                "begun": counts.begun,
                "dialled": counts.dialled,
                "reached": counts.reached,
                "reach_rate": round(counts.reached / counts.dialled, 6) if counts.dialled else None,
                "talk_seconds": round(counts.talk / 1_000_000, 3),
            }
        )
    return rows


def _outbound(
    purpose: str, answered_at: datetime | None, ended_at: datetime | None, segments: str | None
) -> OutboundFacts:
    course = chain_of(segments)
    reached = answered_at is not None
    talk = micros(answered_at, ended_at) if answered_at is not None and ended_at is not None else 0
    return OutboundFacts(
        purpose=purpose,
        dialled=reached or (course is not None and course.dialled),
        reached=reached,
        talk=talk if course is None or ended_at is None else course.talk,
    )


def _callbacks(figures: CallbackFigures) -> CallbackTally:
    return CallbackTally(
        due=figures.due,
        in_time=figures.in_time,
        tried_in_time=figures.tried_in_time,
        excluded=figures.excluded,
    )


def _mode(periods: Sequence[Period], at: datetime) -> str:
    here = [each for each in periods if each.begins_at <= at < each.ends_at]
    return duty_mode(here, at).mode if here else UNROSTERED
