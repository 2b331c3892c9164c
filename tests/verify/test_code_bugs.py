"""Would it be noticed if the service itself were wrong? Bugs in the running code, each of which must turn a check red.

The same quarter of an hour (`hall_at_work`) without a bug is green. Where a second wall would stop a bug – the seat
table, a constraint of the database – the wall is taken down first, and another test shows that the wall alone holds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from adapters import reading
from adapters.telephony import CallFact, CallReleased, DeviceEvent, SeatAnswered, SeatDeclined
from hotline.calls.call import Call, CallState
from hotline.calls.segments import Kind, Segment
from hotline.hall import control, deadlines, decide, flow, on_deadline, on_port, parties, passing
from hotline.hall import work as work_sheet
from hotline.hall.events import CallEnded
from hotline.hall.inputs import Input
from hotline.hall.state import Decision
from hotline.hall.work import Work
from hotline.store import batch, ledger, rows, statements
from hotline.store.batch import NOTHING, Batch, TicketRow
from hotline.store.engine import Database
from hotline.store.errors import LeaseLost
from hotline.store.inbox import Inbox
from hotline.store.intake import Intake
from hotline.store.ledger import HallStore, Lease
from hotline.store.seal import Seal
from hotline.store.spool import Pushed
from hotline.verify.verdict import Check
from routing.contract import FreeSeat
from seats import seat as seats
from seats.seat import LegRung, OfferMade, Seat, SeatEvent, SeatNo, SeatRefused, SeatState
from tests.verify.hall_at_work import HallAtWork
from tests.verify.other_ends import red, told

Plant = Callable[[pytest.MonkeyPatch, HallAtWork], None]
LEDGER: Final = 0
"""The check against the ledger at the other end of the line."""


class Bug(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in the code."""

    plant: Plant
    check: int
    """The check that must find it."""
    walls: tuple[str, ...]
    patient: bool
    """Callers who never give up: nobody's hanging-up repairs anything."""


BUGS: dict[str, Bug] = {}


def bug(check: int, *walls: str, patient: bool = False) -> Callable[[Plant], Plant]:
    """Register a bug, the check that must find it, and the statements that take the database's own wall down."""

    def register(plant: Plant) -> Plant:
        BUGS[plant.__name__] = Bug(plant=plant, check=check, walls=walls, patient=patient)
        return plant

    return register


# ── decide and its steps ─────────────────────────────────────────────────────────────────────────────────────────────


@bug(2, "ALTER TABLE calls DROP CONSTRAINT calls_one_live_call_per_seat")
def double_offer(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """A seat that talks counts as free, too, at the first try."""
    original = Work.free_seats

    def also_talking(
        work: Work, groups: tuple[str, ...], without: tuple[str, ...], *rest: Any, **named: Any
    ) -> list[FreeSeat]:
        talking = [
            FreeSeat(seat=seat.number, groups=seat.groups, idle_since=seat.since, taken=seat.taken)
            for seat in work.state.seats.values()
            if seat.state is SeatState.TALKING and not set(groups).isdisjoint(seat.groups) and not without
        ]
        return original(work, groups, without, *rest, **named) or talking

    patch.setattr(Work, "free_seats", also_talking)
    _without_seat_table(patch)


@bug(1)
def hang_up_ignored(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    original = on_port.end
    patch.setattr(
        on_port, "end", lambda work, call, *a, **k: call if _third(call.id) else original(work, call, *a, **k)
    )


@bug(1)
def outcome_told_twice(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    original = on_port.end

    def twice(work: Work, call: Call, *a: Any, **k: Any) -> Call:
        ended = original(work, call, *a, **k)
        assert ended.outcome is not None
        return work.change(ended, CallEnded(seat=ended.seat, outcome=ended.outcome, by=a[0], cause="", inferred=False))

    patch.setattr(on_port, "end", twice)


@bug(1, "ALTER TABLE calls DROP CONSTRAINT calls_outcome_check")
def outcome_absent(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    original = on_port.end
    patch.setattr(on_port, "end", lambda work, call, *a, **k: work.touch(original(work, call, *a, **k), outcome=None))


@bug(2)
def stale_answer_accepted(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """A lawyer whose time was up picks up after all, and gets the call that rings elsewhere by now."""
    rang = dict[str, SeatNo]()
    original, move = on_port._on_answer, Work.move

    def remember(work: Work, seat: Seat, event: SeatEvent) -> Seat:
        if isinstance(event, OfferMade | LegRung):
            rang[event.offer] = seat.number
        return move(work, seat, event)

    def accept(work: Work, call: Call, fact: SeatAnswered) -> None:
        seat = work.seat(rang[fact.offer or ""])
        if call.state is CallState.RINGING and fact.offer != call.offer and seat is not None:
            flow.take(work, call, seat)
        else:
            original(work, call, fact)

    patch.setattr(Work, "move", remember)
    patch.setattr(on_port, "_on_answer", accept)
    _without_seat_table(patch)


@bug(2)
def seat_left_on_a_call_that_is_over(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    patch.setattr(flow, "free_seat", lambda work, seat, wrap_seconds: None)


@bug(10)
def freed_seat_not_told_to_the_queue(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    patch.setattr(on_deadline, "place_seat", lambda work, seat: None)


@bug(1, patient=True)
def ring_never_ends(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """The deadline is lost, and the device does not help out."""
    original = deadlines.call_due
    patch.setattr(
        deadlines, "call_due", lambda call, rules: None if call.state is CallState.RINGING else original(call, rules)
    )
    hall.drop_on_the_way(_given_up)


@bug(2)
def wrap_up_never_ends(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    patch.setattr(deadlines, "seat_due", lambda seat, rules: None)


@bug(1)
def snapshot_ignored_after_reconnect(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    patch.setattr(decide, "on_snapshot", lambda work, snapshot: None)


@bug(2, "ALTER TABLE seats DROP CONSTRAINT seats_one_live_seat_per_call")
def seat_left_on_a_call_that_it_passed_on(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    patch.setattr(passing, "leave_seat", lambda work, call: None)
    patch.setattr(control, "leave_seat", lambda work, call: None)


@bug(2)
def colleague_never_let_go(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """Who was asked stays on the call that is over."""
    patch.setattr(parties, "_let_seat_go", lambda work, call, party, reason: None)
    _without_seat_table(patch)


@bug(6)
def segments_not_kept_up(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """Hold is told as talk."""
    original = work_sheet.chained

    def as_if_talking(call: Call, now: datetime) -> tuple[Segment, ...]:
        state = CallState.TALKING if call.state is CallState.HELD else call.state
        return original(msgspec.structs.replace(call, state=state), now)

    patch.setattr(work_sheet, "chained", as_if_talking)


@bug(6)
def passed_on_without_a_new_segment(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """All of the talk stays with whoever answered first."""
    original = work_sheet.chained

    def of_the_first(call: Call, now: datetime) -> tuple[Segment, ...]:
        first = next((each for each in call.segments if each.kind is Kind.TALKING), None)
        if first is not None and call.state is CallState.TALKING:
            call = msgspec.structs.replace(call, seat=first.seat, operator=first.operator)
        return original(call, now)

    patch.setattr(work_sheet, "chained", of_the_first)


# ── the store ────────────────────────────────────────────────────────────────────────────────────────────────────────


@bug(3)
def ticket_missing(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    def without(made: Batch) -> Batch:
        return msgspec.structs.replace(made, tickets=NOTHING) if made.last_seq % 5 == 0 else made

    _change_batches(patch, without)


@bug(3)
def ticket_credited_to_the_seat_that_rang_first(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    original = batch._ticket_row

    def credited(known: Any, call: Call) -> TicketRow:
        row = original(known, call)
        return msgspec.structs.replace(row, seat=call.passed[0]) if call.answered_at and call.passed else row

    patch.setattr(batch, "_ticket_row", credited)


@bug(3)
def ticket_credited_to_the_seat_that_answered_first(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """Whoever had the caller last is not the one who is asked for the ticket."""
    original = batch._ticket_row

    def credited(known: Any, call: Call) -> TicketRow:
        row = original(known, call)
        first = next((each for each in call.segments if each.kind is Kind.TALKING), None)
        return msgspec.structs.replace(row, seat=first.seat) if first is not None else row

    patch.setattr(batch, "_ticket_row", credited)


@bug(6)
def gap_in_the_journal(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    def without(made: Batch) -> Batch:
        kept = [row for row in json.loads(made.journal) if row["type"] != "OfferMissed"]
        return msgspec.structs.replace(made, journal=json.dumps(kept))

    _change_batches(patch, without)


@bug(5)
def day_taken_in_utc(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    def day_of(instant: datetime) -> Any:
        return instant.astimezone(UTC).date()

    patch.setattr(rows, "day_of", day_of)
    patch.setattr(batch, "day_of", day_of)


@bug(6, "DROP INDEX journal_call_idx")
def commit_without_the_epoch(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """The journal's number is taken from the database and the epoch is not compared: whoever writes, writes."""
    original = HallStore.commit

    async def commit(
        self: HallStore, lease: Lease, at: datetime, made: Sequence[tuple[Input, Decision]], first_seq: int
    ) -> None:
        (row,) = await self._line.fetch("SELECT epoch, seq FROM hall_leases WHERE hall = $1", self.hall)
        await original(self, msgspec.structs.replace(lease, epoch=row["epoch"]), at, made, row["seq"] + 1)

    patch.setattr(HallStore, "commit", commit)


# ── the way in ───────────────────────────────────────────────────────────────────────────────────────────────────────


@bug(1)
def hang_up_lost_by_the_adapter(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """Nothing of it is stored: only asking the line can tell."""
    hall.drop_on_the_way(lambda fact: isinstance(fact, CallReleased) and _third(fact.call))


@bug(LEDGER)
def callers_lost_by_the_adapter(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """Nothing at all is told of some callers: only the other end's ledger can tell."""
    hall.drop_on_the_way(lambda fact: isinstance(fact, CallFact) and _third(fact.call))


@bug(7)
def acknowledged_before_the_commit(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """2xx as soon as the hall has it in its inbox; durable once it has decided."""

    async def keep(self: Intake, pushed: Pushed) -> None:
        unkept: list[Any] = [(None, fact) for fact, _ in pushed.items]
        self._deliver(unkept)

    patch.setattr(Intake, "_keep", keep)


@bug(7)
def raw_event_applied_twice(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """A repeated delivery is handed to the hall again."""
    again = statements.KEEP.replace("AND r.hall = $1 AND r.state = 'pending'", "AND r.hall = $1")
    assert again != statements.KEEP
    patch.setattr(statements, "KEEP", again)
    patch.setattr(Inbox, "_hand_out", lambda self, raw: True)


@bug(5)
def naive_time(patch: pytest.MonkeyPatch, hall: HallAtWork) -> None:
    """The gateway's local time is read as UTC."""

    def parse(self: reading.Clock, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    patch.setattr(reading.Clock, "_parse", parse)


# ── the proof ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("patient", [False, True])
async def test_without_a_bug_everything_is_green(patient: bool, database: Database, seal: Seal, tmp_path: Path) -> None:
    hall = HallAtWork(database, seal, tmp_path, patient=patient)
    if patient:
        hall.drop_on_the_way(_given_up)
    checks = await _played(hall)
    assert not red(checks), told(checks)
    assert isinstance(hall.take_over, LeaseLost), "the writer that hung could write when it woke up"
    assert all(check.checked >= 20 for check in checks if check.id != 11), checks


@pytest.mark.parametrize("name", list(BUGS))
async def test_a_bug_turns_it_red(
    name: str, database: Database, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = BUGS[name]
    for wall in found.walls:
        await database.pool.execute(wall)
    hall = HallAtWork(database, seal, tmp_path, patient=found.patient)
    found.plant(monkeypatch, hall)
    checks = await _played(hall)
    assert found.check in red(checks), told(checks)


async def test_the_database_alone_stops_a_double_offer(
    database: Database, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall = HallAtWork(database, seal, tmp_path)
    double_offer(monkeypatch, hall)
    checks = await _played(hall)
    assert 2 not in red(checks), told(checks)
    stopped = "SELECT count(*) FROM raw_events WHERE reason LIKE 'conflict: %calls_one_live_call_per_seat'"
    assert await database.pool.fetchval(stopped)


async def test_the_database_alone_stops_an_old_writer(
    database: Database, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even a commit that compares no epoch cannot write a call's events twice."""
    hall = HallAtWork(database, seal, tmp_path, only_talk=True)
    commit_without_the_epoch(monkeypatch, hall)
    checks = await _played(hall)
    assert not red(checks), told(checks)
    assert not isinstance(hall.take_over, LeaseLost)


async def _played(hall: HallAtWork) -> list[Check]:
    async with asyncio.timeout(30):
        await hall.play()
        return await hall.judged()


def _given_up(fact: DeviceEvent) -> bool:
    """The device never says that a phone was not picked up."""
    return isinstance(fact, SeatDeclined)


def _third(name: str) -> bool:
    return int(name[-1]) % 3 == 0


def _change_batches(patch: pytest.MonkeyPatch, change: Callable[[Batch], Batch]) -> None:
    original = ledger.collect
    patch.setattr(ledger, "collect", lambda *given: change(original(*given)))


def _without_seat_table(patch: pytest.MonkeyPatch) -> None:
    """Lift the first wall: an event that does not fit the seat's state happens all the same."""
    targets: dict[type[SeatEvent], SeatState] = {event: state for (_, event), state in seats.TRANSITIONS.items()}
    move = Work.move

    def forced(work: Work, seat: Seat, event: SeatEvent) -> Seat:
        try:
            return move(work, seat, event)
        except SeatRefused:
            about: dict[str, Any] = {"call": event.call, "offer": event.offer} if isinstance(event, OfferMade) else {}
            moved = msgspec.structs.replace(seat, state=targets[type(event)], since=event.at, **about)
            work.put_seat(seat, moved)
            return moved

    patch.setattr(Work, "move", forced)
