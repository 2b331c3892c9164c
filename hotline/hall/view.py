"""What a console sees of a hall: each thing whole, ready to be put in the place of what was there before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from adapters.reasons import in_chinese
from adapters.telephony import AdapterName, Reach
from hotline.calls.call import CONNECTED, Call, CallState, Direction
from hotline.calls.numbers import mask
from hotline.calls.party import SUPERVISING, WATCHING, Part, Party, at_seat
from hotline.hall.state import HallState
from hotline.lines.masking import masked_text
from routing.queue import expected_wait
from seats.seat import Seat, SeatState

Region = Callable[[str | None], str]
"""Where a number comes from, in Chinese (see `hotline.region`)."""


class NextView(msgspec.Struct, frozen=True):
    """The state chosen for after the call."""

    state: str
    reason: str
    actor: str
    """工号 of who chose: the lawyer, or the supervisor who forced it."""


class PartyView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody else on a call, or being rung for it."""

    offer: str
    part: str
    state: str
    """ringing or up."""
    seat: str | None
    contact: str
    label: str
    since: datetime
    ring_until: datetime | None
    by: str
    emergency: bool
    confirmed: bool


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    """A seat, as anybody in the hall may see it."""

    number: str
    extension: str
    groups: tuple[str, ...]
    state: str
    since: datetime
    reason: str
    actor: str
    operator: str | None
    work_number: str
    operator_name: str
    phone_kind: str
    call: str | None
    offer: str | None
    part: str
    next_state: NextView | None
    here: bool
    wrap_until: datetime | None
    taken: int
    break_asked: str | None


class CallView(msgspec.Struct, frozen=True, kw_only=True):
    """A call; `caller` is masked except for the seat that has taken it."""

    id: str
    state: str
    outcome: str | None
    handling: str
    adapter: str
    queue: str | None
    queue_label: str
    topic: str | None
    caller: str
    caller_masked: str
    region: str
    offered_at: datetime
    queued_at: datetime | None
    rung_at: datetime | None
    ring_until: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    seat: str | None
    offer: str | None
    ticket: str
    priority: int
    position: int
    recording: bool
    direction: str
    purpose: str
    callback: int | None
    contact: str
    """Whom an outbound call is for, where that is a contact outside."""
    their_id: str
    talk_since: datetime | None
    """When the present stretch of talk or hold began."""
    abilities: tuple[str, ...]
    """What the call's line can do: the console shows no other buttons."""
    reach: Reach | None
    """To the seat that has the call: which phones its line can ring. None: every one, or not for this console."""
    parties: tuple[PartyView, ...]
    muted: bool
    emergency: bool
    wanted: str | None
    """The only seat that is asked now."""
    take_back: str | None
    """The seat that passed the caller on, and that he returns to should nobody pick up."""


class AlarmView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody should look at on a line."""

    kind: str
    port: int | None
    since: datetime
    detail: str


class LinkView(msgspec.Struct, frozen=True, kw_only=True):
    """A line (adapter), whether it is there, and its alarms."""

    adapter: str
    up: bool | None
    """None: it only pushes, or was not heard of yet."""
    alarms: tuple[AlarmView, ...] = ()


class QueueView(msgspec.Struct, frozen=True, kw_only=True):
    """A queue and who serves it."""

    name: str
    label: str
    waiting: int
    longest_since: datetime | None
    seats_ready: int
    seats_signed_in: int
    expected_wait_seconds: float | None


def seat_view(seat: Seat) -> SeatView:
    """The seat as it is shown."""
    wish = seat.next_state
    return SeatView(
        number=seat.number,
        extension=seat.extension,
        groups=seat.groups,
        state=seat.state,
        since=seat.since,
        reason=seat.reason,
        actor=seat.actor,
        operator=seat.operator,
        work_number=seat.work_number,
        operator_name=seat.operator_name,
        phone_kind=seat.phone_kind,
        call=seat.call,
        offer=seat.offer,
        part=seat.part,
        next_state=NextView(wish.state, wish.reason, wish.actor) if wish is not None else None,
        here=seat.here,
        wrap_until=seat.wrap_until,
        taken=seat.taken,
        break_asked=seat.break_asked or None,
    )


def call_view(state: HallState, call: Call, *, full: bool, region: Region, watchers: bool = True) -> CallView:
    """The call as it is shown; `full`: to the seat that holds it, number unmasked once the call was taken there.
    `watchers`: supervisors who listen or whisper are shown as well."""
    masked = mask(call.caller)
    queue = state.rules.queues.get(call.queue or "")
    line = state.lines.get(call.groups[0]) if call.groups and call.state is CallState.WAITING else None
    return CallView(
        id=call.id,
        state=call.state,
        outcome=call.outcome,
        handling=call.handling,
        adapter=call.adapter,
        queue=call.queue,
        queue_label=queue.label if queue else "",
        topic=call.topic,
        caller=(call.caller or "") if full and _spoken_with(call) else masked,
        caller_masked=masked,
        region=region(call.caller),
        offered_at=call.offered_at,
        queued_at=call.queued_at,
        rung_at=call.rung_at,
        ring_until=call.ring_until,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        seat=call.seat,
        offer=call.offer,
        ticket=call.ticket,
        priority=call.priority,
        position=line.position(call.id) if line is not None else 0,
        recording=call.recording is not None,
        direction=call.direction,
        purpose=call.purpose,
        callback=call.callback,
        contact=_contact(state, call),
        their_id=call.their_id,
        talk_since=call.segments[-1].since if call.segments and call.state in CONNECTED else None,
        abilities=tuple(sorted(state.rules.abilities.get(call.adapter, ()))),
        reach=state.rules.reach_of(call.adapter, call.port) if full else None,
        parties=tuple(_party(each) for each in call.parties if watchers or each.part not in WATCHING),
        muted=call.muted,
        emergency=any(each.emergency for each in call.parties) or call.purpose == "emergency",
        wanted=call.wanted,
        take_back=call.take_back,
    )


def queue_views(state: HallState) -> list[QueueView]:
    """Every queue of the hall."""
    waiting: dict[str, datetime] = {}
    for call in state.calls.values():
        if call.state is CallState.WAITING and call.queue and call.queued_at:
            waiting[call.queue] = min(waiting.get(call.queue, call.queued_at), call.queued_at)
    views: list[QueueView] = []
    for queue in state.rules.queues.values():
        seats = [s for s in state.seats.values() if not set(queue.groups).isdisjoint(s.groups)]
        signed_in = sum(1 for s in seats if s.operator is not None and s.state is not SeatState.MISSING)
        length = state.queued[queue.name]
        views.append(
            QueueView(
                name=queue.name,
                label=queue.label,
                waiting=length,
                longest_since=waiting.get(queue.name),
                seats_ready=sum(1 for s in seats if s.state is SeatState.READY and s.here),
                seats_signed_in=signed_in,
                expected_wait_seconds=expected_wait(length + 1, signed_in, state.handle_seconds) if length else 0.0,
            )
        )
    return views


def hall_view(
    state: HallState, now: datetime, region: Region, *, seats: Iterable[Seat], calls: Iterable[Call]
) -> dict[str, Any]:
    """The snapshot that the stream of changes starts from, with these seats and calls (numbers masked)."""
    return {
        "now": now,
        "seats": [seat_view(seat) for seat in sorted(seats, key=lambda seat: seat.number)],
        "calls": [call_view(state, call, full=False, region=region) for call in calls],
        "queues": queue_views(state),
        "links": [link_view(state, name) for name in sorted({*state.links, *_alarmed(state)})],
    }


def link_view(state: HallState, adapter: AdapterName) -> LinkView:
    """The line as it is shown."""
    alarms = tuple(
        AlarmView(kind=each.kind, port=each.port, since=each.since, detail=masked_text(in_chinese(each.detail)))
        for each in state.alarms.get(adapter, ())
    )
    return LinkView(adapter=adapter, up=state.links.get(adapter), alarms=alarms)


def holders(call: Call) -> set[str]:
    """The seats that are on the call, or ring for it."""
    seats = {each.seat for each in call.parties if each.seat is not None}
    return seats if call.seat is None else seats | {call.seat}


def sees_number(call: Call, seat: str | None) -> bool:
    """The caller's number is for the seat that has him, and for a colleague in a three-way with him; not for one who
    is only consulted, and not for a listening supervisor."""
    if seat is None:
        return False
    party = at_seat(call.parties, seat)
    return seat == call.seat if party is None else party.up and party.part is Part.JOINED


def sees_watchers(state: HallState, call: Call, seat: str | None, *, whole_hall: bool) -> bool:
    """Supervisors see each other; a lawyer sees that somebody listens where the site has it announced."""
    party = at_seat(call.parties, seat) if seat is not None else None
    watches = party is not None and party.part in SUPERVISING
    return whole_hall or watches or state.rules.monitor_announced


def _alarmed(state: HallState) -> list[AdapterName]:
    return [name for name, alarms in state.alarms.items() if alarms]


def _contact(state: HallState, call: Call) -> str:
    if call.direction is Direction.IN or call.callback is not None:
        return ""
    return next((each.id for each in state.rules.contacts.values() if each.number == call.caller), "")


def _party(party: Party) -> PartyView:
    return PartyView(
        offer=party.offer,
        part=party.part,
        state="up" if party.up else "ringing",
        seat=party.seat,
        contact=party.contact,
        label=party.label,
        since=party.since,
        ring_until=party.ring_until,
        by=party.by,
        emergency=party.emergency,
        confirmed=party.confirmed,
    )


def _spoken_with(call: Call) -> bool:
    # Of a call of ours nobody sees the number: who dialled it did so by the task, or by the contact's name.
    inbound = call.direction is Direction.IN
    return inbound and call.answered_at is not None and call.state is not CallState.RINGING
