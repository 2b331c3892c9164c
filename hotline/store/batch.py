"""Which rows does a batch of decisions make? Pure: the same batch gives the same rows, whenever it is asked again.

A call or a seat that several decisions changed is written once, as it is in the end; events keep their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from adapters.telephony import RecordingStarted, RecordingStopped
from hotline.calls.call import Call, CallId, CallState
from hotline.calls.outcome import Outcome
from hotline.hall.events import HallEvent, RecordingBegun, RecordingKept, SeatChanged
from hotline.hall.inputs import Heard, Input
from hotline.hall.state import Decision, Numbers
from hotline.region import place
from hotline.store.rows import RawRow, Rows, day_of, encode
from seats.seat import Seat, SeatNo


class TicketRow(msgspec.Struct, kw_only=True, omit_defaults=True, frozen=True, gc=False):
    """What the hall writes into a ticket: at its birth, and when one of these facts changes."""

    number: str
    call: str
    day: date
    seat: str | None = None
    """The seat that answered."""
    operator: str | None = None
    caller_index: str | None = None
    caller_masked: str
    region: str
    outcome: str | None = None
    their_id: str = ""
    ended_at: datetime | None = None
    unserved: bool
    """Over, nobody spoke with the caller and he left no message: there is nothing for a person to write."""


class RecordingRow(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What one event says about a recording."""

    call: str
    name: str
    adapter: str
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    seconds: float | None = None
    file: str | None = None
    missing: str = ""
    their_id: str = ""


class JournalRow(msgspec.Struct, omit_defaults=True, gc=False):
    """A row of `journal`; hall, time and epoch are the batch's."""

    seq: int
    type: str
    actor: str
    data: msgspec.Raw
    call: str | None = None
    call_seq: int = 0
    seat: str | None = None


class SeatChangeRow(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """A row of `seat_changes`."""

    seat: str
    before: str
    after: str
    reason: str
    actor: str
    operator: str | None = None
    call: str | None = None


class SettledRow(msgspec.Struct, gc=False):
    """What became of a raw event that was stored before."""

    id: int
    state: str
    reason: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The rows as JSON arrays, in the order the statement takes them."""

    calls: str
    seats: str
    tickets: str
    recordings: str
    journal: str
    seat_changes: str
    heard: str
    settled: str
    last_seq: int
    """Number of the last journal row; the one before the first when there is none."""
    numbers: Numbers | None
    ticket_rows: Mapping[CallId, TicketRow]
    """What is known about these calls' tickets once the batch is committed."""
    over: tuple[CallId, ...]
    """Calls that ended in this batch."""
    settled_ids: tuple[int, ...]


NOTHING: Final = "[]"


def collect(
    rows: Rows,
    hall: str,
    made: Sequence[tuple[Input, Decision]],
    at: datetime,
    first_seq: int,
    known: Mapping[CallId, TicketRow],
) -> Batch:
    """The rows of a batch. `known`: the tickets' facts that are written already and need not be again."""
    calls: dict[CallId, Call] = {}
    seats: dict[SeatNo, Seat] = {}
    journal: list[JournalRow] = []
    changes: list[SeatChangeRow] = []
    recordings: dict[tuple[str, str], RecordingRow] = {}
    heard: list[RawRow] = []
    settled: list[SettledRow] = []
    numbers: Numbers | None = None
    seq = first_seq
    for entered, decision in made:
        calls.update(decision.calls)
        seats.update(decision.seats)
        numbers = decision.numbers or numbers
        for event in decision.events:
            journal.append(_journal_row(seq, event))
            seq += 1
            match event:
                case SeatChanged(seat=str(seat)):
                    changes.append(_change_row(seat, event))
                case RecordingBegun(call=str(call)) | RecordingKept(call=str(call)):
                    known_call = calls.get(CallId(call))
                    their_id = known_call.their_id if known_call is not None else ""
                    _note_recording(recordings, call, event, entered, at, their_id)
                case _:
                    pass
        if isinstance(entered, Heard):
            state = "set_aside" if decision.set_aside else "applied"
            if entered.raw is not None:
                settled.append(SettledRow(entered.raw, state, decision.set_aside))
            elif entered.fact.event_id:
                heard.append(rows.raw_row(hall, entered.fact, state, decision.set_aside))
    tickets = {call.id: _ticket_row(rows, call) for call in calls.values()}
    news = [ticket for call, ticket in tickets.items() if known.get(call) != ticket]
    return Batch(
        calls=_json([rows.call_row(call) for call in calls.values()]),
        seats=_json([rows.seat_row(hall, seat) for seat in seats.values()]),
        tickets=_json(news),
        recordings=_json(list(recordings.values())),
        journal=_json(journal),
        seat_changes=_json(changes),
        heard=_json(heard),
        settled=_json(settled),
        last_seq=seq - 1,
        numbers=numbers,
        ticket_rows=tickets,
        over=tuple(call.id for call in calls.values() if call.state is CallState.ENDED),
        settled_ids=tuple(row.id for row in settled),
    )


def _json(rows: Sequence[object]) -> str:
    return encode(rows).decode() if rows else NOTHING


def _journal_row(seq: int, event: HallEvent) -> JournalRow:
    # The columns say whom it is about; `data` keeps the type and what is the event's own.
    bare = msgspec.structs.replace(event, call=None, call_seq=0, seat=None, actor="system")
    kind = type(event).__name__
    return JournalRow(seq, kind, event.actor, msgspec.Raw(encode(bare)), event.call, event.call_seq, event.seat)


def _change_row(seat: str, event: SeatChanged) -> SeatChangeRow:
    return SeatChangeRow(
        seat=seat,
        before=event.before,
        after=event.after,
        reason=event.reason,
        actor=event.actor,
        operator=event.operator,
        call=event.call,
    )


def _note_recording(
    recordings: dict[tuple[str, str], RecordingRow],
    call: str,
    event: RecordingBegun | RecordingKept,
    entered: Input,
    at: datetime,
    their_id: str,
) -> None:
    fact = entered.fact if isinstance(entered, Heard) else None
    # The device knows better than we when it began to write; late records tell hours afterwards.
    when = fact.at if isinstance(fact, RecordingStarted | RecordingStopped) else at
    adapter = fact.adapter if fact is not None else ""
    row = recordings.setdefault(
        (call, event.name), RecordingRow(call=call, name=event.name, adapter=adapter, their_id=their_id)
    )
    row.adapter = row.adapter or adapter
    if isinstance(event, RecordingBegun):
        row.started_at = when
    else:
        row.stopped_at = when
        row.seconds, row.file, row.missing = event.seconds, event.file, event.missing


def _ticket_row(rows: Rows, call: Call) -> TicketRow:
    caller = rows.caller(call)
    return TicketRow(
        number=call.ticket,
        call=call.id,
        day=day_of(call.offered_at),
        seat=call.answered_seat,
        operator=call.operator,
        caller_index=caller.index,
        caller_masked=caller.masked,
        region=place(caller.region),
        outcome=call.outcome,
        their_id=call.their_id,
        ended_at=call.ended_at,
        unserved=call.state is CallState.ENDED and call.answered_at is None and call.outcome is not Outcome.VOICEMAIL,
    )
