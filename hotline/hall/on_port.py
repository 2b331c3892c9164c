"""What a device's report means. Reports are facts: one that does not fit is kept as ignored, never an error."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from adapters.telephony import (
    PLACED,
    Arrange,
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
    LegHeld,
    LegResumed,
    LegsJoined,
    LinkUp,
    PlaceCall,
    PlayMusic,
    PlayPrompt,
    PortFault,
    PortRestored,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    Release,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
    StartRecording,
    StopRinging,
    TakeMessage,
)
from hotline.calls.arrangement import arrangement
from hotline.calls.call import CONNECTED, Call, CallState, Direction, Stage, Step, advance, can
from hotline.calls.numbers import normalise
from hotline.calls.party import party_of
from hotline.hall.control import let_caller_go
from hotline.hall.events import (
    CallArrived,
    CallerKnown,
    CallHeld,
    CallResumed,
    LineAlarmCleared,
    LineAlarmRaised,
    LinkBroken,
    LinkRestored,
    OrderRefused,
    PortBroken,
    PortMended,
    RecordingBegun,
    RecordingKept,
    ReportIgnored,
)
from hotline.hall.flow import connected, end, lapse, take
from hotline.hall.hear import entertain, next_prompt, notice_over
from hotline.hall.inputs import AlarmsSeen, LinkLost, OrderFailed
from hotline.hall.message import message_over, take_message
from hotline.hall.observe import amend, claim, identify, observe, time_of
from hotline.hall.parties import party_answered, party_left, party_missed, seat_gone, seat_left
from hotline.hall.rate import rating_keys, rating_prompt_over
from hotline.hall.waiting import pressed, said
from hotline.hall.welcome import begin, keys, stage_over
from hotline.hall.work import Work
from hotline.lines import alarms
from hotline.ratings.questions import THANKS
from seats.seat import Reason, SeatNo

AT_ONCE_SECONDS: Final = 1.0
"""A caller who had rung for less came straight to us."""
LONGEST_RUNG_SECONDS: Final = 6 * 3600.0
"""Nobody rings for longer: the device counts wrongly."""


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
    """A call nobody has heard of: it and its ticket exist from here on. One of ours that was forgotten – 110 was rung
    first, and we were killed before it could be written – is only watched: its two speak without us."""
    identity, ticket = work.next_numbers()
    ours = fact.call.startswith(PLACED)
    caller = fact.caller if isinstance(fact, CallOffered | CallerIdentified) else None
    call = Call(
        id=identity,
        hall=work.rules.hall,
        adapter=fact.adapter,
        key=fact.call,
        handling=Handling.DEVICE if ours else fact.handling,
        direction=Direction.OUT if ours else Direction.IN,
        port=fact.port,
        caller=normalise(caller),
        dialled=fact.dialled if isinstance(fact, CallOffered) else None,
        their_id=fact.their_id if isinstance(fact, CallOffered) else "",
        offered_at=_since(work, fact),
        backfilled=fact.backfilled,
        ticket=ticket,
    )
    return work.change(
        call,
        CallArrived(
            adapter=fact.adapter,
            key=fact.call,
            handling=call.handling,
            direction=call.direction,
            ticket=ticket,
            backfilled=fact.backfilled,
        ),
    )


def _since(work: Work, fact: CallFact) -> datetime:
    """When the caller began to ring: a while ago, if the device kept him while nobody was here."""
    at = time_of(work, fact)
    rung = fact.rung_seconds if isinstance(fact, CallOffered) and fact.handling is Handling.HALL else 0.0
    return at - timedelta(seconds=rung) if AT_ONCE_SECONDS < rung < LONGEST_RUNG_SECONDS else at


def on_link_lost(work: Work, lost: LinkLost) -> None:
    """Calls go on: the device keeps them, and `Snapshot` settles afterwards what became of them."""
    if work.state.links.get(lost.adapter, True):
        work.decision.links[lost.adapter] = False
        work.say(LinkBroken(adapter=lost.adapter, detail=lost.detail))


def on_alarms(work: Work, seen: AlarmsSeen) -> None:
    """Each alarm is journalled when it is raised and when it is over, once."""
    raised, over = alarms.changes(work.state.alarms.get(seen.adapter, ()), seen.alarms)
    if not raised and not over:
        return
    work.decision.alarms[seen.adapter] = seen.alarms
    if seen.told:
        return
    for alarm in raised:
        work.say(LineAlarmRaised(adapter=seen.adapter, kind=alarm.kind, port=alarm.port, detail=alarm.detail))
    for alarm in over:
        work.say(LineAlarmCleared(adapter=seen.adapter, kind=alarm.kind, port=alarm.port))


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
        case RingSeat() | RingOutside() if (party := party_of(call.parties, command.offer)) is not None:
            if not party.up:
                party_missed(work, call, party, Reason.PHONE_UNREACHABLE, stop=failed.reason == "no_answer")
        case RingSeat() if call.state is CallState.RINGING and call.offer == command.offer:
            # Refused: nothing rings. Without an answer it may, to nobody.
            lapse(work, call, Reason.PHONE_UNREACHABLE, stop=failed.reason == "no_answer")
        case PlayPrompt() if call.prompt == command.prompt:
            _prompt_over(work, notice_over(work, call, "silent" if failed.reason == "no_answer" else failed.reason))
        case Arrange() if call.state is CallState.TALKING and call.offer is not None and command == arrangement(call):
            if not call.parties:
                work.order(call.adapter, StopRinging(call=call.key, offer=call.offer))
                seat_gone(work, call, own=False)
        case PlaceCall() if call.state is CallState.DIALLING:
            end(work, call, EndedBy.US, failed.reason, inferred=True)
        case TakeMessage() if call.message == command.name:
            work.order(call.adapter, Release(call=call.key))
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
        # History (补录) rings nobody; who is on the line after all is begun with by the next snapshot.
        if is_new and not fact.backfilled and not isinstance(fact, CallReleased):
            call = begin(work, call)
        _control(work, call, fact)


def _may_claim(call: Call, fact: CallOffered) -> bool:
    """The device hands a call over that it distributed itself: its fallback ends when we are back."""
    given = call.handling is Handling.DEVICE and fact.handling is Handling.HALL and call.direction is Direction.IN
    return given and call.answered_at is None


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
            if call.state is CallState.DIALLING:
                connected(work, call)
            elif not call.off_hook:
                work.touch(call, off_hook=True)
        case DigitsPressed():
            _on_digits(work, call, fact.digits)
        case PromptEnded():
            if fact.prompt == call.prompt and not _cut_by_key(work, call, fact):
                _prompt_over(work, notice_over(work, call, "not_played" if fact.failed else ""))
        case SeatRinging() | LegsJoined():
            pass  # the offer and the answer are in the journal already
        case SeatAnswered():
            _on_answer(work, call, fact)
        case SeatDeclined():
            reason = Reason.PHONE_UNREACHABLE if fact.seat_fault else (fact.reason or Reason.NO_ANSWER)
            party = party_of(call.parties, fact.offer)
            if party is not None:
                party_missed(work, call, party, reason, stop=False)
            elif call.state is CallState.RINGING and fact.offer == call.offer:
                lapse(work, call, reason, stop=False)
        case SeatReleased():
            _on_seat_released(work, call, fact)
        case LegHeld(offer=offer):
            if offer in (None, call.offer) and can(call, Step.HELD):
                work.arrange(work.change(call, CallHeld(seat=call.seat), state=advance(call, Step.HELD)))
        case LegResumed(offer=offer):
            if offer in (None, call.offer) and can(call, Step.RESUMED):
                work.arrange(work.change(call, CallResumed(seat=call.seat), state=advance(call, Step.RESUMED)))
        case RecordingStarted():
            kept = call.recording if fact.name == call.message else fact.name
            work.change(call, RecordingBegun(name=fact.name), recording=kept)
        case RecordingStopped():
            _recorded(work, call, fact)
        case CallReleased():
            end(work, call, fact.by, fact.cause, at=time_of(work, fact), inferred=fact.inferred)
        case _:
            assert_never(fact)


def _cut_by_key(work: Work, call: Call, fact: PromptEnded) -> bool:
    """The key that cut a question short is heard by itself, and decides. Perhaps it has, and the menu plays anew."""
    asks = call.rating is not None or (call.state is CallState.IN_MENU and call.stage in (Stage.LANGUAGE, Stage.MENU))
    return fact.interrupted and asks and call.leaving is None and not call.playing


def _recorded(work: Work, call: Call, fact: RecordingStopped) -> None:
    kept = RecordingKept(name=fact.name, seconds=fact.seconds, file=fact.file, missing=fact.missing)
    changed = work.change(call, kept)
    if fact.name == call.message:
        message_over(work, changed)


def _on_answer(work: Work, call: Call, fact: SeatAnswered) -> None:
    seat = work.seat(SeatNo(call.seat)) if call.seat is not None else None
    party = party_of(call.parties, fact.offer)
    if party is not None:
        party_answered(work, call, party)
    elif call.state is CallState.RINGING and fact.offer == call.offer and seat is not None and seat.call == call.id:
        take(work, call, seat)
    elif fact.offer is not None and not (call.state in CONNECTED and fact.offer == call.offer):
        # The answer crossed with our giving up on that seat: its phone must not stay off-hook to nobody.
        work.order(call.adapter, StopRinging(call=call.key, offer=fact.offer))
        work.change(call, ReportIgnored(fact="SeatAnswered", why="offer_gone"))


def _on_seat_released(work: Work, call: Call, fact: SeatReleased) -> None:
    party = party_of(call.parties, fact.offer)
    if party is not None:
        if party.up:
            party_left(work, call, party, hung_up=fact.hung_up)
        else:
            party_missed(work, call, party, Reason.REJECTED, stop=False)
        return
    if fact.offer is None or fact.offer != call.offer:
        return
    if call.state is CallState.RINGING:
        lapse(work, call, Reason.REJECTED, stop=False)
    elif call.state is CallState.DIALLING:
        work.order(call.adapter, Release(call=call.key))
        work.touch(call, ended_by=EndedBy.SEAT)
    elif call.ended_by is not None:
        pass  # released already: the legs go one after the other
    elif call.state in CONNECTED and not fact.hung_up:
        seat_gone(work, call)
    elif call.state in CONNECTED and seat_left(work, call, "system", leg_lives=False, how="left") is None:
        let_caller_go(work, call, leg_lives=False)


def _on_digits(work: Work, call: Call, digits: str) -> None:
    match call.state:
        case CallState.IN_MENU if call.rating is not None:
            if call.prompt != THANKS:
                rating_keys(work, call, digits)
        case CallState.IN_MENU if call.leaving is None:
            keys(work, call, digits)
        case CallState.WAITING:
            pressed(work, call, digits)
        case _:
            pass


def _prompt_over(work: Work, call: Call) -> None:
    """An announcement has ended: what comes after it."""
    if call.state is CallState.WAITING:
        said(work, call)
    elif call.state is CallState.RINGING:  # a seat became free while he was told his place
        entertain(work, work.touch(call, prompt=None, playing=()))
    elif call.state is not CallState.IN_MENU:
        work.touch(call, prompt=None, playing=())
    elif next_prompt(work, call) is not None:
        pass
    elif call.rating is not None:
        rating_prompt_over(work, call)
    elif call.leaving is not None and call.message is not None:
        take_message(work, call)
    elif call.leaving is not None:
        work.order(call.adapter, Release(call=call.key, cause=call.leaving))
        work.touch(call, prompt=None)
    else:
        stage_over(work, work.touch(call, prompt=None))
