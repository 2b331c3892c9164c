"""After a link came back, or we did: what has become of the calls meanwhile?

The device's own list is compared with ours. What it no longer has is over; what we never heard of is taken; what both
have is brought to the same point. Every half minute the same is done as a matter of routine: one report that was lost
must not leave a caller unheard or a seat stuck.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from adapters.telephony import EndedBy, Handling, PlayMusic, PlayPrompt, PortStatus, Release
from hotline.calls.arrangement import arrangement
from hotline.calls.call import CONNECTED, Call, CallState, Direction
from hotline.calls.numbers import normalise
from hotline.calls.party import party_of
from hotline.hall.events import CallArrived, RecordingBegun
from hotline.hall.flow import connected, end, is_own_ring, take, withdraw
from hotline.hall.hear import entertain
from hotline.hall.inputs import Snapshot
from hotline.hall.observe import claim, forgotten
from hotline.hall.parties import party_answered, party_left, party_missed, seat_gone
from hotline.hall.place import place_call, place_everybody
from hotline.hall.record import keep_recording
from hotline.hall.welcome import begin
from hotline.hall.work import Work
from seats.seat import OfferWithdrawn, Reason, SeatNo, SeatState

ON_ITS_WAY: Final = timedelta(seconds=10)
"""By then every report of a working link has been heard, and every order carried out."""


def on_snapshot(work: Work, snapshot: Snapshot) -> None:
    """Bring our calls and the device's to the same point."""
    listed = {status.call for status in snapshot.ports}
    before = snapshot.asked_at - ON_ITS_WAY if snapshot.routine else snapshot.asked_at
    for known in list(work.state.calls.values()):
        call = work.call(known.id) or known
        gone = call.adapter == snapshot.adapter and call.key not in listed and call.offered_at < before
        steered = call.handling is Handling.HALL or call.direction is Direction.OUT
        if gone and steered and call.state is not CallState.ENDED:
            end(work, call, EndedBy.UNKNOWN, "not_in_snapshot", inferred=True)
    for status in {status.call: status for status in snapshot.ports}.values():
        call = work.find(snapshot.adapter, status.call)
        if call is None:
            if not snapshot.routine or status.since < before:
                _take_in(work, snapshot, status)
        elif call.handling is Handling.HALL and call.state is CallState.ENDED:
            if call.ended_at is not None and call.ended_at < before and status.handling is Handling.HALL:
                # Over here, still live there: nobody would ever speak to this caller again.
                work.order(call.adapter, Release(call=call.key))
        elif status.placed and call.handling is Handling.DEVICE:
            if not _two_speak(status):
                work.order(call.adapter, Release(call=call.key))
        elif status.handling is Handling.HALL and call.handling is Handling.DEVICE:
            if call.answered_at is None and call.state is not CallState.ENDED:
                begin(work, claim(work, call))
        elif status.handling is Handling.HALL and not _is_newer(work, call, before) and _to_align(call, snapshot):
            _align(work, call, status)
    place_everybody(work)


def _is_newer(work: Work, call: Call, before: datetime) -> bool:
    """We have heard or ordered more about the seat's side since the device was asked than its answer can know."""
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    return seat is not None and seat.call == call.id and seat.since > before


def _to_align(call: Call, snapshot: Snapshot) -> bool:
    """What a caller hears who is not at a seat is not repeated without need: deadlines carry him on."""
    return call.seat is not None or not snapshot.routine


def _take_in(work: Work, snapshot: Snapshot, status: PortStatus) -> None:
    """A call that came while we were away."""
    if status.placed and not _two_speak(status):
        work.order(snapshot.adapter, Release(call=status.call))
        return
    identity, ticket = work.next_numbers()
    call = Call(
        id=identity,
        hall=work.rules.hall,
        adapter=snapshot.adapter,
        key=status.call,
        handling=Handling.DEVICE if status.placed else status.handling,
        direction=Direction.OUT if status.placed else Direction.IN,
        port=status.port,
        caller=normalise(status.caller),
        dialled=status.dialled,
        offered_at=min(status.since, work.now),
        off_hook=status.answered,
        ticket=ticket,
    )
    call = work.change(
        call,
        CallArrived(
            adapter=snapshot.adapter, key=call.key, handling=call.handling, direction=call.direction, ticket=ticket
        ),
    )
    if status.placed:
        forgotten(work, call, work.now)
    elif status.handling is Handling.HALL:
        begin(work, call)


def _two_speak(status: PortStatus) -> bool:
    """On a call of ours that was forgotten: killed before it was written down."""
    return status.answered and bool(status.picked_up)


def _align(work: Work, call: Call, status: PortStatus) -> None:
    """A call that both know."""
    match call.state:
        case CallState.OFFERED:
            begin(work, call)
        case CallState.IN_MENU if call.leaving is not None and call.prompt is None:
            work.order(call.adapter, Release(call=call.key, cause=call.leaving))
        case CallState.IN_MENU if call.prompt is not None:
            work.order(call.adapter, PlayPrompt(call=call.key, prompt=call.prompt))
        case CallState.WAITING if call.off_hook:
            work.order(call.adapter, PlayMusic(call=call.key))
        case CallState.RINGING:
            _align_offer(work, call, status)
        case _ if call.state in CONNECTED:
            _align_talk(work, call, status)
        case _:
            pass


def _align_offer(work: Work, call: Call, status: PortStatus) -> None:
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if seat is not None and call.offer is not None and call.offer in status.picked_up:
        take(work, call, seat)
    elif call.offer not in status.ringing:
        if is_own_ring(call):
            end(work, call, EndedBy.UNKNOWN, "not_in_snapshot", inferred=True)
            return
        # Never rung (we were killed before the order went out) or given up meanwhile: no miss of the seat's.
        waiting = withdraw(work, call, Reason.CALLER_GONE)
        if seat is not None and seat.state is SeatState.RINGING and seat.call == call.id:
            work.move(seat, OfferWithdrawn(at=work.now, reason=Reason.CALLER_GONE))
        waiting = place_call(work, waiting)
        if waiting.state is CallState.WAITING:
            entertain(work, waiting)


def _align_talk(work: Work, call: Call, status: PortStatus) -> None:
    """Legs that came or went while nobody listened, then who hears whom."""
    for party in call.parties:
        now = work.call(call.id)
        if now is None or now.state not in CONNECTED or (known := party_of(now.parties, party.offer)) is None:
            continue
        if known.offer in status.picked_up:
            party_answered(work, now, known)
        elif known.up:
            party_left(work, now, known, hung_up=False)
        elif known.offer not in status.ringing:
            party_missed(work, now, known, Reason.CALLER_GONE, stop=False)
    now = work.call(call.id)
    if now is None or now.state not in CONNECTED:
        return
    if now.seat is not None and now.offer not in status.picked_up:
        if now.state is CallState.DIALLING:
            work.order(now.adapter, Release(call=now.key))
            work.touch(now, ended_by=EndedBy.SEAT)
        else:
            seat_gone(work, now)
        return
    if now.state is CallState.DIALLING and status.answered:
        now = connected(work, now)
    wanted = arrangement(now)
    stands = (set(status.room), status.caller_in_room, set(status.watching))
    if wanted is not None and (set(wanted.room), wanted.caller, set(wanted.watching)) != stands:
        work.order(now.adapter, wanted)
    if work.rules.record and not status.recording and now.recording is not None:
        again = keep_recording(work, work.touch(now, recording=None))
        work.change(again, RecordingBegun(name=again.recording or ""))
