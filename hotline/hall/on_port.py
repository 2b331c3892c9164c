"""What a device's report means. Reports are facts: one that does not fit is kept as ignored, never an error."""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from adapters.telephony import (
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallFact,
    CallOffered,
    CallReleased,
    DeviceEvent,
    DigitsPressed,
    EndedBy,
    Handling,
    JoinLegs,
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    PhoneKind,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
    StopRinging,
)
from hotline.calls.call import CONNECTED, Call, CallState, Step, advance, can
from hotline.calls.numbers import normalise
from hotline.hall.events import (
    CallArrived,
    CallerKnown,
    CallHeld,
    CallResumed,
    KeysHeard,
    LinkBroken,
    LinkRestored,
    OrderRefused,
    PortBroken,
    PortMended,
    RecordingBegun,
    RecordingKept,
    ReportIgnored,
)
from hotline.hall.flow import after_greeting, announce, begin, end, enqueue, lapse, seat_vanished, take
from hotline.hall.inputs import LinkLost, OrderFailed
from hotline.hall.observe import amend, claim, identify, observe, time_of
from hotline.hall.work import Work
from routing.menu import queue_for
from seats.seat import Reason, SeatNo


def on_fact(work: Work, fact: DeviceEvent) -> None:
    """One report of one device."""
    match fact:
        case LinkUp():
            work.decision.links[fact.adapter] = True
            work.say(LinkRestored(adapter=fact.adapter, detail=fact.detail))
        case PortFault():
            work.say(PortBroken(adapter=fact.adapter, port=fact.port, detail=fact.detail))
        case PortRestored():
            work.say(PortMended(adapter=fact.adapter, port=fact.port, detail=fact.detail))
        case _:
            _on_call_fact(work, fact)


def arrive(work: Work, fact: CallFact) -> Call:
    """A call nobody has heard of: it and its ticket exist from here on."""
    identity, ticket = work.next_numbers()
    caller = fact.caller if isinstance(fact, CallOffered | CallerIdentified) else None
    call = Call(
        id=identity,
        hall=work.rules.hall,
        adapter=fact.adapter,
        key=fact.call,
        handling=fact.handling,
        port=fact.port,
        caller=normalise(caller),
        dialled=fact.dialled if isinstance(fact, CallOffered) else None,
        offered_at=time_of(work, fact),
        backfilled=fact.backfilled,
        ticket=ticket,
    )
    return work.change(
        call,
        CallArrived(
            adapter=fact.adapter, key=fact.call, handling=fact.handling, ticket=ticket, backfilled=fact.backfilled
        ),
    )


def on_link_lost(work: Work, lost: LinkLost) -> None:
    """Calls go on: the device keeps them, and `Snapshot` settles afterwards what became of them."""
    if work.state.links.get(lost.adapter, True):
        work.decision.links[lost.adapter] = False
        work.say(LinkBroken(adapter=lost.adapter, detail=lost.detail))


def on_order_failed(work: Work, failed: OrderFailed) -> None:
    """A device did not do as told: go on as if it had reported that it could not."""
    command = failed.command
    call = work.find(failed.adapter, command.call)
    if call is None or call.state is CallState.ENDED:
        return
    call = work.change(
        call, OrderRefused(command=type(command).__name__, reason=failed.reason, detail=failed.detail[:200])
    )
    if failed.reason == "link_down":
        return  # the link's return settles it by a snapshot
    match command:
        case RingSeat() if call.state is CallState.RINGING and call.offer == command.offer:
            # Refused: nothing rings. Without an answer it may, to nobody.
            lapse(work, call, Reason.PHONE_UNREACHABLE, stop=failed.reason == "no_answer")
        case PlayPrompt() if call.prompt == command.prompt:
            _prompt_over(work, call)
        case JoinLegs() if call.state in CONNECTED and call.offer == command.offer:
            work.order(call.adapter, StopRinging(call=call.key, offer=command.offer))
            seat_vanished(work, call)
        case Release() if call.leaving is not None or call.ended_by is not None:
            end(work, call, EndedBy.US, "release_failed", inferred=True)
        case StartRecording():
            work.change(call, RecordingKept(name=command.name, missing=failed.reason), recording=None)
        case PlayMusic():
            work.touch(call, music=False)
        case _:
            pass


def _on_call_fact(work: Work, fact: CallEvent) -> None:
    call = work.find(fact.adapter, fact.call)
    is_new = call is None
    if call is None:
        call = arrive(work, fact)
    if call.state is CallState.ENDED:
        amend(work, call, fact)
    elif isinstance(fact, CallOffered) and _may_claim(call, fact):
        begin(work, claim(work, call))
    elif call.handling is Handling.DEVICE or fact.handling is Handling.DEVICE:
        observe(work, call, fact)
    else:
        if is_new and not isinstance(fact, CallReleased):
            call = begin(work, call)
        _control(work, call, fact)


def _may_claim(call: Call, fact: CallOffered) -> bool:
    """The device hands a call over that it distributed itself: its fallback ends when we are back."""
    return call.handling is Handling.DEVICE and fact.handling is Handling.HALL and call.answered_at is None


def _control(work: Work, call: Call, fact: CallEvent) -> None:
    """A report about a call that waits for our orders."""
    match fact:
        case CallOffered():
            identify(work, call, fact)  # the call exists: its first report created it, perhaps not this one
        case CallerIdentified():
            number = normalise(fact.caller)
            if number is not None and call.caller is None:
                work.change(call, CallerKnown(), caller=number)
        case CallAnswered():
            if not call.off_hook:
                work.touch(call, off_hook=True)
        case DigitsPressed():
            _on_digits(work, call, fact.digits)
        case PromptEnded():
            if fact.prompt == call.prompt and not _cut_by_key(work, fact):
                _prompt_over(work, call)
        case SeatRinging() | LegsJoined():
            pass  # the offer and the answer are in the journal already
        case SeatAnswered():
            _on_answer(work, call, fact)
        case SeatDeclined():
            if call.state is CallState.RINGING and fact.offer == call.offer:
                reason = Reason.PHONE_UNREACHABLE if fact.seat_fault else (fact.reason or Reason.NO_ANSWER)
                lapse(work, call, reason, stop=False)
        case SeatReleased():
            _on_seat_released(work, call, fact)
        case LegHeld():
            if can(call, Step.HELD):
                work.change(call, CallHeld(seat=call.seat), state=advance(call, Step.HELD))
        case LegResumed():
            if can(call, Step.RESUMED):
                work.change(call, CallResumed(seat=call.seat), state=advance(call, Step.RESUMED))
        case RecordingStarted():
            work.change(call, RecordingBegun(name=fact.name), recording=fact.name)
        case RecordingStopped():
            work.change(call, RecordingKept(name=fact.name, seconds=fact.seconds, file=fact.file, missing=fact.missing))
        case CallReleased():
            end(work, call, fact.by, fact.cause, at=time_of(work, fact), inferred=fact.inferred)
        case _:
            assert_never(fact)


def _cut_by_key(work: Work, fact: PromptEnded) -> bool:
    """The key that cut the menu short is heard by itself, and decides. Perhaps it has, and the menu plays anew."""
    return fact.interrupted and work.rules.menu is not None and fact.prompt == work.rules.menu.prompt


def _on_answer(work: Work, call: Call, fact: SeatAnswered) -> None:
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    if call.state is CallState.RINGING and fact.offer == call.offer and seat is not None and seat.call == call.id:
        take(work, call, seat)
    elif fact.offer is not None and not (call.state in CONNECTED and fact.offer == call.offer):
        # The answer crossed with our giving up on that seat: its phone must not stay off-hook to nobody.
        work.order(call.adapter, StopRinging(call=call.key, offer=fact.offer))
        work.change(call, ReportIgnored(fact="SeatAnswered", why="offer_gone"))


def _on_seat_released(work: Work, call: Call, fact: SeatReleased) -> None:
    if fact.offer != call.offer:
        return
    if call.state is CallState.RINGING:
        lapse(work, call, Reason.REJECTED, stop=False)
    elif call.state in CONNECTED:
        seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
        # A desk phone is put down by somebody who is there, whatever became of the console.
        if seat is not None and (seat.here or (fact.hung_up and seat.phone_kind == PhoneKind.DESK)):
            work.order(call.adapter, Release(call=call.key))
            work.touch(call, ended_by=EndedBy.SEAT)
        else:
            seat_vanished(work, call)


def _on_digits(work: Work, call: Call, digits: str) -> None:
    menu = work.rules.menu
    if menu is None or call.state is not CallState.IN_MENU or call.leaving is not None:
        return
    queue = queue_for(menu, digits)
    heard = work.change(call, KeysHeard(digits=digits[:32], queue=queue or ""))
    if queue is not None:
        enqueue(work, heard, queue)
    elif heard.wrong_keys + 1 >= menu.tries:
        enqueue(work, heard, work.rules.default_queue)
    else:
        announce(work, work.touch(heard, wrong_keys=heard.wrong_keys + 1), menu.prompt)


def _prompt_over(work: Work, call: Call) -> None:
    """An announcement has ended: what comes after it."""
    menu = work.rules.menu
    if call.leaving is not None:
        work.order(call.adapter, Release(call=call.key, cause=call.leaving))
        work.touch(call, prompt=None)
    elif call.state is not CallState.IN_MENU:
        work.touch(call, prompt=None)
    elif menu is not None and call.prompt == menu.prompt:
        work.touch(call, prompt=None, menu_until=work.now + timedelta(seconds=menu.seconds))
    else:
        after_greeting(work, work.touch(call, prompt=None))
