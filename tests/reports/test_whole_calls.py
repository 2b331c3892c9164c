"""Talk, hold, wait and transfers of a day that was counted by hand; and what transfers must never change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pytest
from sqlalchemy import insert, update

from hotline.calls.segments import Kind, Segment
from hotline.reports.answer_rate import assemble, report
from hotline.reports.beside import Beside, OutboundFacts
from hotline.reports.counting import CallFacts, tally
from hotline.reports.course import Turn, course_of
from hotline.reports.measures import MEASURES
from hotline.reports.nightly import keep_day, read_due
from hotline.reports.xlsx import write_xlsx
from hotline.store.engine import Database
from hotline.store.tables import CALLBACKS, CALLS, SHIFTS
from tests.reports.test_nightly import D20, HALL, MIDNIGHT, NEXT_RUN, add_call

AT = MIDNIGHT + timedelta(hours=9)
LATER = NEXT_RUN + timedelta(minutes=5)

Told = tuple[str, float] | tuple[str, float, str] | tuple[str, float, str, tuple[str, ...]]
"""Kind, seconds, seat, others."""


def chain(*told: Told, queue: str | None = None, at: datetime = AT) -> tuple[Segment, ...]:
    """Segments end to end."""
    found: list[Segment] = []
    for kind, seconds, *rest in told:
        seat = str(rest[0]) if rest else None
        served = kind in ("talking", "held", "consulting", "conference")
        found.append(
            Segment(
                kind=Kind(kind),
                since=at,
                until=(at := at + timedelta(seconds=seconds)),
                seat=seat,
                operator=f"acc-{seat}" if served else None,
                others=tuple(rest[1]) if len(rest) > 1 else (),
                queue=queue if kind in ("waiting", "ringing") else None,
            )
        )
    return tuple(found)


def call(segments: Sequence[Segment], outcome: str | None = "answered", **changes: Any) -> CallFacts:
    """A call with these segments, as its row would say."""
    served = [each for each in segments if each.kind in (Kind.TALKING, Kind.CONFERENCE)]
    course = course_of(segments)
    table: dict[str, Any] = {
        "offered_at": AT,
        "queued_at": AT,
        "answered_at": served[0].since if served else None,
        "ended_at": segments[-1].until,
        "outcome": outcome,
        "queue": course.queue or "",
        "seat": served[-1].seat if served else None,
        "operator": served[-1].operator if served else None,
        "course": course,
    }
    return CallFacts(**(table | changes))


HELD = chain(("waiting", 5), ("ringing", 5, "01"), ("talking", 60, "01"), ("held", 10, "01"), ("talking", 20, "01"))
PASSED_ON = chain(
    ("ringing", 5, "01"),
    ("talking", 30, "01"),
    ("consulting", 15, "01", ("02",)),
    ("talking", 60, "02"),
    queue="general",
)
NOT_TAKEN = chain(
    ("ringing", 5, "01"), ("talking", 20, "01"), ("ringing", 12, "02"), ("ringing", 3, "01"), ("talking", 20, "01")
)
WITH_12345 = chain(
    ("ringing", 4, "02"),
    ("talking", 10, "02"),
    ("consulting", 10, "02", ("12345",)),
    ("conference", 20, "02", ("12345",)),
    ("outside", 20),
)
WAITED_IN_VAIN = chain(("waiting", 30))
AT_NIGHT = chain(("ringing", 6), ("outside", 90))
MESSAGE = chain(("menu", 5), ("message", 20))
EARLY = CallFacts(
    offered_at=AT,
    queued_at=AT,
    answered_at=AT + timedelta(seconds=4),
    ended_at=AT + timedelta(seconds=100),
    outcome="answered",
    seat="01",
    operator="acc-01",
)
"""From before there were segments."""


def day() -> list[CallFacts]:
    """Eight callers, five answered, two of them passed on."""
    return [
        call(HELD),
        call(PASSED_ON),
        call(NOT_TAKEN),
        call(WITH_12345),
        call(WAITED_IN_VAIN, "abandoned_queue"),
        call(AT_NIGHT, "forwarded"),
        call(MESSAGE, "voicemail", queued_at=None),
        EARLY,
    ]


OURS = [
    OutboundFacts(purpose="callback", dialled=True, reached=True, talk=60_000_000),
    OutboundFacts(purpose="contact", dialled=True, reached=False),
    OutboundFacts(purpose="emergency", dialled=False, reached=False),
]


def made(calls: Sequence[CallFacts], beside: Beside | None = None) -> dict[str, Any]:
    """The day's report."""
    return assemble(HALL, D20, calls, [], NEXT_RUN, {}, {"acc-01": ("1001", "甲")}, beside or Beside())


def measures(told: dict[str, Any]) -> dict[str, Any]:
    """By id."""
    return {measure["id"]: measure for measure in told["measures"]}


@pytest.mark.parametrize(
    ("id", "numerator", "denominator", "excluded"),
    [
        ("offered", 8, 1, {}),
        ("answered", 5, 1, {}),
        ("answer_rate_inbound", 5, 8, {}),
        ("mean_wait", 28.0, 5, {}),
        ("mean_talk", 336.0, 5, {}),
        ("mean_hold", 10.0, 4, {"without_segments": 1}),
        ("mean_consult", 25.0, 4, {"without_segments": 1}),
        ("mean_wait_again", 15.0, 1, {}),
        ("passed_on", 2, 1, {}),
        ("passes", 2, 1, {}),
        ("conferred", 1, 1, {}),
        ("consulted", 2, 1, {}),
        ("forwarded", 1, 1, {}),
        ("voicemail", 1, 1, {}),
        ("outbound", 3, 1, {}),
        ("outbound_dialled", 2, 1, {}),
        ("outbound_reached", 1, 2, {}),
    ],
)
def test_counted_by_hand(id: str, numerator: float, denominator: float, excluded: dict[str, int]) -> None:
    found = measures(made(day(), Beside(outbound=OURS)))[id]
    assert (found["numerator"], found["denominator"], found["excluded"]) == (numerator, denominator, excluded)


def test_each_seat_is_credited_with_its_own_part() -> None:
    told = made(day())
    seats = {part["key"]: part for part in told["seats"]}
    assert set(seats) == {"01", "02"}
    said = ("answered", "served", "passed_to", "last_with", "talk_seconds", "hold_seconds", "consult_seconds")
    assert [seats["01"][each] for each in said] == [4, 4, 0, 3, 246.0, 10.0, 15.0]
    assert [seats["02"][each] for each in said] == [1, 2, 1, 2, 90.0, 0.0, 10.0]
    assert seats["01"]["mean_talk_seconds"] == 61.5
    assert sum(part["answered"] for part in told["seats"]) == 5
    people = {part["key"]: part for part in told["operators"]}
    assert (people["acc-01"]["name"], people["acc-01"]["talk_seconds"]) == ("甲", 246.0)
    assert people["acc-02"]["talk_seconds"] == 90.0


def test_transfers_move_neither_a_count_nor_a_queue() -> None:
    """The same callers, served to the end by whoever answered first."""
    plain = chain(("ringing", 5, "01"), ("talking", 105, "01"), queue="general")
    moved = call(PASSED_ON, queue="general")  # its row says the queue of the last seat by now
    one, other = made([moved, *day()[2:]]), made([call(plain), *day()[2:]])
    for id in ("offered", "answered", "answer_rate_inbound", "sl_15", "human_answer_rate", "mean_wait", "abandon_rate"):
        assert measures(one)[id] == measures(other)[id], id
    counts = [
        [(part["key"], part["offered"], part["answered"], part["answer_rate"]) for part in told["queues"]]
        for told in (one, other)
    ]
    assert counts[0] == counts[1]


def test_calls_of_ours_change_nothing_of_the_callers() -> None:
    with_them, without = measures(made(day(), Beside(outbound=OURS))), measures(made(day()))
    changed = {id for id in with_them if with_them[id] != without[id]}
    assert changed == {"outbound", "outbound_dialled", "outbound_reached"}


def test_a_call_that_goes_on_has_no_talk_yet() -> None:
    going = chain(("ringing", 5, "01"), ("talking", 30, "01"))
    going = (*going[:-1], msgspec.structs.replace(going[-1], until=None))
    told = made([call(going, None, ended_at=None)])
    assert measures(told)["mean_talk"]["denominator"] == 0
    (seat,) = told["seats"]
    assert (seat["answered"], seat["served"], seat["talk_seconds"], seat["mean_talk_seconds"]) == (1, 1, 0.0, None)


def test_a_seat_that_gets_the_caller_back_has_one_turn() -> None:
    course = course_of(NOT_TAKEN)
    assert course.turns == (Turn(seat="01", operator="acc-01", talk=40_000_000),)
    assert (course.passed, course.waited_again) == (0, 15_000_000)


def test_every_measure_of_an_empty_day_is_null_or_zero() -> None:
    for measure in MEASURES:
        assert measure.of(tally([])).value == (0 if measure.unit == "count" else None), measure.id


# ── from the database ────────────────────────────────────────────────────────────────────────────────────────────────


def _row(segments: Sequence[Segment]) -> Any:
    return json.loads(msgspec.json.encode(segments))


async def _add_day(database: Database) -> None:
    """Passed on, forwarded, a message at night, an early one; and two of ours."""
    at = AT
    nobody = {"answered_at": None, "rung_at": None, "seat": None, "operator": None}
    night = MIDNIGHT + timedelta(hours=23)
    await add_call(
        database, 1, at, queue="labour", segments=_row(PASSED_ON), seat="02", operator="acc-02",
        answered_at=at + timedelta(seconds=5), ended_at=at + timedelta(seconds=110),
    )  # fmt: skip
    await add_call(database, 2, at, outcome="forwarded", segments=_row(AT_NIGHT), **nobody)
    await add_call(database, 3, night, outcome="voicemail", segments=_row(chain(("menu", 5), at=night)), **nobody)
    await add_call(database, 4, at)
    ours = chain(("ringing", 3, "01"), ("dialling", 5, "01"), ("talking", 60, "01"))
    await add_call(
        database, 5, at, direction="out", purpose="callback", queue=None, queued_at=None, segments=_row(ours),
        answered_at=at + timedelta(seconds=8), ended_at=at + timedelta(seconds=68),
    )  # fmt: skip
    missed = chain(("ringing", 3, "01"), ("dialling", 20, "01"))
    await add_call(
        database, 6, at, direction="out", purpose="contact", outcome="not_reached", queue=None, queued_at=None,
        segments=_row(missed), **nobody,
    )  # fmt: skip


async def test_calls_of_ours_stand_apart(database: Database) -> None:
    await _add_day(database)
    told = await report(database.engine, HALL, D20, now=NEXT_RUN)
    found = measures(told)
    assert (found["offered"]["value"], found["answered"]["value"]) == (4, 2)
    assert (found["outbound"]["value"], found["outbound_reached"]["value"]) == (2, 0.5)
    assert {part["key"]: (part["begun"], part["dialled"], part["reached"]) for part in told["outbound"]} == {
        "callback": (1, 1, 1),
        "contact": (1, 1, 0),
        "emergency": (0, 0, 0),
    }
    assert told["outbound"][0]["talk_seconds"] == 60.0
    assert {part["key"]: part["talk_seconds"] for part in told["seats"]} == {"01": 30.0 + 96.0, "02": 60.0}
    assert {part["key"]: part["offered"] for part in told["queues"]} == {"general": 4}


async def test_duty_modes_are_reported_apart_by_the_roster(database: Database) -> None:
    await _add_day(database)
    shifts = [
        {"hall": HALL, "mode": "live", "begins_at": AT - timedelta(hours=1), "ends_at": AT + timedelta(hours=8)},
        {"hall": HALL, "mode": "voicemail", "begins_at": AT + timedelta(hours=8), "ends_at": AT + timedelta(hours=20)},
    ]
    await add_call(database, 7, MIDNIGHT)
    async with database.engine.begin() as connection:
        await connection.execute(insert(SHIFTS), shifts)
    told = await report(database.engine, HALL, D20, now=NEXT_RUN)
    assert {
        part["key"]: (part["offered"], part["answered"], part["forwarded"], part["voicemail"]) for part in told["duty"]
    } == {"live": (3, 2, 1, 0), "forwarded_mobile": (0, 0, 0, 0), "voicemail": (1, 0, 0, 1), "unrostered": (1, 1, 0, 0)}
    assert sum(part["offered"] for part in told["duty"]) == measures(told)["offered"]["value"]


async def test_call_backs_that_fell_due_that_day(database: Database, tmp_path: Path) -> None:
    """In time, late, not yet, and one whose caller had got through before; and one of the next day."""
    await _add_day(database)
    due = AT + timedelta(hours=2)
    early, late = due - timedelta(minutes=5), due + timedelta(minutes=5)
    tasks: list[dict[str, Any]] = [
        {"state": "done", "first_tried_at": early, "reached_at": early, "ended_at": late},
        {"state": "done", "first_tried_at": early, "reached_at": late, "ended_at": late},
        {"state": "waiting"},
        {"state": "got_through", "ended_at": early},
        {"state": "waiting", "due_at": MIDNIGHT + timedelta(days=1)},
    ]
    blank = dict.fromkeys(("first_tried_at", "reached_at", "ended_at"))
    rows = [
        {"hall": HALL, "kind": "missed", "caller_index": bytes([number]), "caller_masked": "", "created_at": AT,
         "last_at": AT, "due_at": due} | blank | task
        for number, task in enumerate(tasks)
    ]  # fmt: skip
    async with database.engine.begin() as connection:
        for row in rows:
            await connection.execute(insert(CALLBACKS).values(row))
    rate = measures(await report(database.engine, HALL, D20, now=NEXT_RUN))["callback_rate"]
    assert (rate["numerator"], rate["denominator"], rate["excluded"]) == (1, 3, {"callback_got_through": 1})
    assert rate["value"] == pytest.approx(1 / 3, abs=1e-6)
    # What is settled later makes the report of that day again.
    await keep_day(database.engine, HALL, D20, now=NEXT_RUN, state_dir=tmp_path)
    assert await read_due(database.engine, HALL, LATER) == []
    async with database.engine.begin() as connection:
        settled = update(CALLBACKS).where(CALLBACKS.c.caller_index == bytes([2]))
        await connection.execute(settled.values(state="done", reached_at=early, ended_at=late))
    assert await read_due(database.engine, HALL, LATER) == [D20]


async def test_a_report_is_made_again_when_calls_of_ours_change(database: Database, tmp_path: Path) -> None:
    await _add_day(database)
    await keep_day(database.engine, HALL, D20, now=NEXT_RUN, state_dir=tmp_path)
    assert await read_due(database.engine, HALL, LATER) == []
    async with database.engine.begin() as connection:
        ours = update(CALLS).where(CALLS.c.id == f"{HALL}-000000006")
        await connection.execute(ours.values(answered_at=AT + timedelta(seconds=30), outcome="answered"))
    assert await read_due(database.engine, HALL, LATER) == [D20]


async def test_spreadsheet_of_such_a_day(database: Database, tmp_path: Path) -> None:
    await _add_day(database)
    told = await report(database.engine, HALL, D20, now=NEXT_RUN)
    path = tmp_path / "day.xlsx"
    write_xlsx(told, path)
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    firsts: dict[Any, list[Any]] = {}
    for row in rows:
        firsts.setdefault(row[0], row)
    assert firsts["外呼接通率"][1:4] == [0.5, 1, 2]
    assert firsts["平均保持时长（秒）"][5] == "无分段 1"
    assert firsts["回拨"][1:4] == [1, 1, 1]
    assert {"按值守方式（以排班为准）", "外呼（不计入呼入量）", "未排班", "转接值班电话"} <= set(firsts)
    second = dict(zip(firsts["坐席 / 账号"], firsts["02"], strict=True))
    assert (second["接听量（首接）"], second["转入量"], second["接谈量"]) == (0, 1, 1)
