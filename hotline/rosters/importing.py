"""May each row of a roster become a shift, and why not? First looked at; then written, all or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import Act, Doer, record
from hotline.rosters import people, shifts
from hotline.rosters.calendar import SHANGHAI
from hotline.rosters.errors import RosterRefused
from hotline.rosters.licence import WORDS, fault
from hotline.rosters.people import Lawyer
from hotline.rosters.sheet import SheetRow
from hotline.rosters.shift import LONGEST, DutyMode, Shift, Span, clock_span, overlaps


class RowFate(StrEnum):
    """What importing does with a row."""

    MADE = "made"
    KEPT = "kept"
    """The very shift is there already."""
    WRONG = "wrong"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """A row and what becomes of it."""

    row: SheetRow
    span: Span | None
    lawyer: str | None
    """Account."""
    name: str
    """As the hall knows the lawyer."""
    fate: RowFate
    whys: tuple[str, ...] = ()
    """Chinese, one for each thing that is wrong."""


async def judge(
    conn: AsyncConnection, hall: str, rows: Sequence[SheetRow], *, groups: Collection[str], now: datetime
) -> list[Judged]:
    """What would become of each row. `groups`: the skill groups of the hall."""
    everybody = {each.work_number: each for each in await people.lawyers(conn, hall)}
    spans = [span for span in map(_span, rows) if span is not None]
    there: list[Shift] = []
    if spans:
        around = Span(
            begins_at=min(each.begins_at for each in spans) - LONGEST,
            ends_at=max(each.ends_at for each in spans) + LONGEST,
        )
        there = await shifts.for_rules(conn, hall, around)
    by_lawyer: dict[str | None, list[Shift]] = {}
    for shift in there:
        by_lawyer.setdefault(shift.lawyer, []).append(shift)
    taken: dict[str, list[tuple[int, Span]]] = {}
    # Places without a lawyer are alike: as many as there are already need not be made again.
    places = Counter((each.span, each.group, each.mode) for each in by_lawyer.get(None, ()))
    found: list[Judged] = []
    for row in rows:
        judged = _judged(row, everybody, groups, by_lawyer, taken, now)
        if judged.lawyer is not None and judged.span is not None and judged.fate is RowFate.MADE:
            taken.setdefault(judged.lawyer, []).append((row.row, judged.span))
        elif judged.lawyer is None and judged.span is not None and judged.fate is RowFate.MADE:
            place = (judged.span, row.group, row.mode)
            if places[place] > 0:
                places[place] -= 1
                judged = msgspec.structs.replace(judged, fate=RowFate.KEPT)
        found.append(judged)
    return found


async def write(
    conn: AsyncConnection,
    hall: str,
    rows: Sequence[SheetRow],
    *,
    groups: Collection[str],
    now: datetime,
    doer: Doer,
) -> list[Judged]:
    """Makes the shifts. Raises `RosterRefused(roster_rows_wrong)` when any row is wrong; then nothing is written."""
    await shifts.hold_roster(conn, hall)
    found = await judge(conn, hall, rows, groups=groups, now=now)
    wrong = [
        {"field": f"rows.{each.row.row}", "message": f"第 {each.row.row} 行：{'；'.join(each.whys)}"}
        for each in found
        if each.fate is RowFate.WRONG
    ]
    if wrong or not found:
        raise RosterRefused("roster_rows_wrong", errors=wrong[:_TOLD])
    firms = {each.account: each.firm for each in await people.lawyers(conn, hall)}
    made = [
        shifts.Fresh(
            wish=shifts.Wish(
                span=each.span, lawyer=each.lawyer, group=each.row.group, mode=each.row.mode, note=each.row.note
            ),
            firm=firms.get(each.lawyer) if each.lawyer is not None else None,
        )
        for each in found
        if each.fate is RowFate.MADE and each.span is not None
    ]
    await shifts.create_many(conn, hall=hall, fresh=made, what=shifts.IMPORTED, now=now, doer=doer)
    await record(
        conn,
        hall=hall,
        doer=doer,
        act=Act.ROSTER_IMPORTED,
        object="roster",
        at=now,
        data={"made": len(made), "rows": len(found)},
    )
    return found


_TOLD: Final = 200
"""Rows that are named when nothing is imported."""


def _judged(
    row: SheetRow,
    everybody: Mapping[str, Lawyer],
    groups: Collection[str],
    there: Mapping[str | None, Sequence[Shift]],
    taken: Mapping[str, Sequence[tuple[int, Span]]],
    now: datetime,
) -> Judged:
    whys = list(row.faults)
    span = _span(row)
    if span is not None and span.begins_at <= now:
        whys.append("班次已经开始或已过")
    if row.group and row.group not in groups:
        whys.append(f"没有技能组 {row.group}")
    lawyer = everybody.get(row.work_number)
    if row.mode is DutyMode.VOICEMAIL and row.work_number:
        whys.append("留言值守不需要填写工号")
    if row.work_number and lawyer is None:
        whys.append(f"工号 {row.work_number} 不是值班律师")
    kept = False
    if lawyer is not None:
        whys += _about(row, lawyer)
        if span is not None:
            own = there.get(lawyer.account, ())
            kept = any(each.span == span and each.group == row.group and each.mode is row.mode for each in own)
            if not kept:
                whys += [f"与已有班次重叠（{_clock(each.span)}）" for each in own if overlaps(each.span, span)]
                whys += [
                    f"与第 {number} 行重叠" for number, other in taken.get(lawyer.account, ()) if overlaps(other, span)
                ]
    fate = RowFate.WRONG if whys else RowFate.KEPT if kept else RowFate.MADE
    return Judged(
        row=row,
        span=span,
        lawyer=lawyer.account if lawyer is not None else None,
        name=lawyer.name if lawyer is not None else "",
        fate=fate,
        whys=tuple(whys),
    )


def _about(row: SheetRow, lawyer: Lawyer) -> list[str]:
    whys: list[str] = []
    if row.name and row.name.removesuffix("律师") != lawyer.name.removesuffix("律师"):
        whys.append(f"姓名与工号不符（工号 {row.work_number} 是{lawyer.name}）")
    if lawyer.disabled:
        whys.append(f"{lawyer.name}的账号已停用")
    if row.day is not None and (wrong := fault(lawyer.licence, row.day)) is not None:
        whys.append(f"{lawyer.name}{WORDS[wrong]}")
    return whys


def _span(row: SheetRow) -> Span | None:
    if row.day is None or row.begins is None or row.ends is None:
        return None
    return clock_span(row.day, row.begins, row.ends)


def _clock(span: Span) -> str:
    begins, ends = span.begins_at.astimezone(SHANGHAI), span.ends_at.astimezone(SHANGHAI)
    return f"{begins:%m-%d %H:%M}–{ends:%H:%M}"
