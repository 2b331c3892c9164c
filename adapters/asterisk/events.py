"""What does an ARI event say in our words? JSON in, facts out; pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from adapters.asterisk.ari import AriEvent, Bridge, Channel, Recording, moment, number
from adapters.asterisk.causes import NORMAL_CLEARING, declined, ended, placed_ended
from adapters.asterisk.ids import is_placed, leg_id, read_bridge, read_leg, read_playback, read_snoop
from adapters.asterisk.lines import Kind, Leg, Line, leg_seen
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
    EndedBy,
    LegHeld,
    LegResumed,
    LegsJoined,
    OfferId,
    PromptEnded,
    RecordingStarted,
    RecordingStopped,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    SeatRinging,
)


def facts(event: AriEvent, adapter: AdapterName, heard_at: datetime, line: Line | None) -> Sequence[CallEvent]:
    """What the event says, if anything. `line` is what is remembered of its call (see `call_of`); it is only read."""
    at = moment(event.timestamp, heard_at)
    call = call_of(event)
    if call is None:
        return ()
    if event.type == "ChannelEnteredBridge":
        return _joined(event, adapter, at, heard_at, call)
    leg = read_leg(event.channel.id) if event.channel else None
    if leg:
        said = _of_leg(event, adapter, at, heard_at, leg, line or Line())
    elif is_placed(call) and event.channel:
        said = _of_placed(event, adapter, at, heard_at, call, line or Line()) or _of_both(
            event, adapter, at, heard_at, call, line or Line()
        )
    else:
        said = _of_caller(event, adapter, at, heard_at, call, line or Line()) or _of_both(
            event, adapter, at, heard_at, call, line or Line()
        )
    return (said,) if said else ()


def offered(channel: Channel, adapter: AdapterName, told_at: datetime, heard_at: datetime) -> CallOffered:
    """A caller's channel as the fact that he rings: the same fact whether an event or a snapshot shows it. One that was
    in the fallback before it came to us has rung for longer; `told_at` is by Asterisk's clock, like its creation."""
    return CallOffered(
        adapter=adapter,
        event_id=f"{channel.id}/offered",
        at=moment(channel.creationtime, heard_at),
        heard_at=heard_at,
        port=channel.port,
        call=CallKey(channel.id),
        caller=number(channel.caller.number),
        dialled=number(channel.dialplan.exten),
        rung_seconds=max(0.0, (told_at - moment(channel.creationtime, told_at)).total_seconds()),
        their_id=channel.channelvars.their_id,
    )


def answered(call: CallKey, adapter: AdapterName, at: datetime, heard_at: datetime) -> CallAnswered:
    """Our side is off-hook; of a call that we placed, theirs."""
    return CallAnswered(adapter=adapter, event_id=f"{call}/up", at=at, heard_at=heard_at, call=call)


def seat_answered(
    call: CallKey, offer: OfferId, adapter: AdapterName, at: datetime, heard_at: datetime
) -> SeatAnswered:
    """A leg was picked up, by a person as far as can be told."""
    return SeatAnswered(
        adapter=adapter,
        event_id=f"{leg_id(call, offer)}/answered",
        at=at,
        heard_at=heard_at,
        call=call,
        offer=offer,
    )


def not_there(call: CallKey, offer: OfferId, kind: Kind, adapter: AdapterName, at: datetime) -> SeatDeclined:
    """No phone is registered under that extension, or no trunk leads there: Asterisk did not even begin to ring."""
    return SeatDeclined(
        adapter=adapter,
        event_id=f"{leg_id(call, offer)}/over",
        at=at,
        heard_at=at,
        call=call,
        offer=offer,
        reason="unreachable",
        seat_fault=kind is not Kind.OUTSIDE,
    )


def released(call: CallKey, adapter: AdapterName, at: datetime, by: EndedBy, cause: str) -> CallReleased:
    """The end of a call that we placed and that never had a channel."""
    return CallReleased(
        adapter=adapter, event_id=released_id(call), at=at, heard_at=at, call=call, by=by, cause=cause, inferred=True
    )


def released_id(call: CallKey) -> str:
    """The same for the event and for the record of a call's end: the second one has no effect."""
    return f"{call}/released"


def stopped_id(call: CallKey, recording: str) -> str:
    """The same for the event and for the record of a recording's end."""
    return f"{call}/recording/{recording}/stopped"


def call_of(event: AriEvent) -> CallKey | None:
    """The call that an event is about; None for what is no call's, and for snoop channels, which say nothing."""
    if event.playback:
        played = read_playback(event.playback.id)
        return played[0] if played else None
    if event.recording:
        kind, _, target = event.recording.target_uri.partition(":")
        return read_bridge(target) if kind == "bridge" else CallKey(target) if kind == "channel" else None
    if event.type in ("ChannelEnteredBridge", "BridgeDestroyed"):
        return read_bridge(event.bridge.id) if event.bridge else None
    if event.channel is None or read_snoop(event.channel.id):
        return None
    leg = read_leg(event.channel.id)
    return leg[0] if leg else CallKey(event.channel.id)


def _of_caller(
    event: AriEvent, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey, line: Line
) -> CallEvent | None:
    """Of a caller's channel."""
    channel = event.channel
    match event.type:
        case "StasisStart" if channel:
            return offered(channel, adapter, at, heard_at)
        case "StasisEnd":
            by, cause = ended(line)
            return CallReleased(
                adapter=adapter, event_id=released_id(call), at=at, heard_at=heard_at, call=call, by=by, cause=cause
            )
        case "ChannelStateChange" if channel and channel.up:
            return answered(call, adapter, at, heard_at)
        case "ChannelCallerId" if channel and (caller := number(channel.caller.number)):
            return CallerIdentified(
                adapter=adapter,
                event_id=f"{call}/{event.timestamp}/caller",
                at=at,
                heard_at=heard_at,
                call=call,
                caller=caller,
            )
        case _:
            return None


def _of_placed(
    event: AriEvent, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey, line: Line
) -> CallEvent | None:
    """Of the channel of somebody whom we ring. Only one that we made ourselves tells its end by `ChannelDestroyed`,
    with the cause, whether it was answered or not."""
    match event.type:
        case "StasisStart":
            return answered(call, adapter, at, heard_at)
        case "ChannelDestroyed":
            by, cause = placed_ended(line, event.cause)
            return CallReleased(
                adapter=adapter, event_id=released_id(call), at=at, heard_at=heard_at, call=call, by=by, cause=cause
            )
        case _:
            return None


def _of_both(
    event: AriEvent, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey, line: Line
) -> CallEvent | None:
    told = f"{call}/{event.timestamp}"
    match event.type:
        case "ChannelDtmfReceived":
            return DigitsPressed(
                adapter=adapter,
                event_id=f"{told}/key/{event.digit}",
                at=at,
                heard_at=heard_at,
                call=call,
                digits=event.digit,
            )
        case "ChannelHold":
            return LegHeld(adapter=adapter, event_id=f"{told}/held", at=at, heard_at=heard_at, call=call)
        case "ChannelUnhold":
            return LegResumed(adapter=adapter, event_id=f"{told}/resumed", at=at, heard_at=heard_at, call=call)
        case "PlaybackFinished" if event.playback and (played := read_playback(event.playback.id)):
            if line.playing and line.playing != event.playback.id:
                return None  # something else plays by now
            return PromptEnded(
                adapter=adapter,
                event_id=event.playback.id,
                at=at,
                heard_at=heard_at,
                call=call,
                prompt=played[1],
                interrupted=line.interrupted,
            )
        case "RecordingStarted" | "RecordingFinished" | "RecordingFailed" if event.recording:
            return _recording(event.type, event.recording, adapter, at, heard_at, call)
        case _:
            return None


def _of_leg(
    event: AriEvent,
    adapter: AdapterName,
    at: datetime,
    heard_at: datetime,
    leg: tuple[CallKey, OfferId],
    line: Line,
) -> CallEvent | None:
    channel = event.channel
    assert channel is not None
    call, offer = leg
    known = line.legs.get(offer) or leg_seen(channel)
    told = f"{channel.id}/{event.timestamp}"
    match event.type:
        case "StasisStart" if known.kind is not Kind.MOBILE:
            return seat_answered(call, offer, adapter, at, heard_at)
        case "ChannelDtmfReceived" if known.asked and event.digit == "1":
            return seat_answered(call, offer, adapter, at, heard_at)
        case "ChannelStateChange" if channel.state == "Ringing":
            return SeatRinging(
                adapter=adapter, event_id=f"{channel.id}/rings", at=at, heard_at=heard_at, call=call, offer=offer
            )
        case "ChannelDestroyed" if known.answered or (channel.up and known.kind is not Kind.MOBILE):
            return SeatReleased(
                adapter=adapter,
                event_id=f"{channel.id}/over",
                at=at,
                heard_at=heard_at,
                call=call,
                offer=offer,
                hung_up=event.cause == NORMAL_CLEARING,
            )
        case "ChannelDestroyed":
            reason, fault = why_declined(event.cause, known)
            return SeatDeclined(
                adapter=adapter,
                event_id=f"{channel.id}/over",
                at=at,
                heard_at=heard_at,
                call=call,
                offer=offer,
                reason=reason,
                seat_fault=fault,
            )
        case "ChannelHold":
            return LegHeld(adapter=adapter, event_id=f"{told}/held", at=at, heard_at=heard_at, call=call, offer=offer)
        case "ChannelUnhold":
            return LegResumed(
                adapter=adapter, event_id=f"{told}/resumed", at=at, heard_at=heard_at, call=call, offer=offer
            )
        case _:
            return None


def why_declined(cause: int, leg: Leg) -> tuple[str, bool]:
    """Why that leg was not taken, and whether its phone is at fault. Whoever picked up outside and did not press 1 is a
    mailbox, or has no time. A line outside may never say that it rings, and is never a fault of ours."""
    if leg.asked and not leg.stopped:
        return "no_answer", False
    reason, fault = declined(cause, rang=leg.rang or leg.kind is not Kind.SEAT, stopped=leg.stopped)
    return reason, fault and leg.kind is not Kind.OUTSIDE


def _joined(
    event: AriEvent, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey
) -> Sequence[LegsJoined]:
    """Whoever enters the room with the caller in it hears him; he hears whoever was there before him. A leg may come
    back, so the id carries the moment."""
    bridge, channel = event.bridge or Bridge(""), event.channel
    if channel is None or call not in bridge.channels:
        return ()
    came = bridge.channels if channel.id == call else (channel.id,)
    return [
        LegsJoined(
            adapter=adapter,
            event_id=f"{bridge.id}/{event.timestamp}/joined/{leg[1]}",
            at=at,
            heard_at=heard_at,
            call=call,
            offer=leg[1],
        )
        for leg in map(read_leg, came)
        if leg and leg[0] == call
    ]


def _recording(
    kind: str, recording: Recording, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey
) -> RecordingStarted | RecordingStopped:
    if kind == "RecordingStarted":
        return RecordingStarted(
            adapter=adapter,
            event_id=f"{call}/recording/{recording.name}/started",
            at=at,
            heard_at=heard_at,
            call=call,
            name=recording.name,
        )
    failed = kind == "RecordingFailed"
    return RecordingStopped(
        adapter=adapter,
        event_id=stopped_id(call, recording.name),
        at=at,
        heard_at=heard_at,
        call=call,
        name=recording.name,
        seconds=None if failed or recording.duration is None else float(recording.duration),
        file=None if failed else f"{recording.name}.{recording.format}",
        missing=(recording.cause or "recording_failed") if failed else "",
    )
