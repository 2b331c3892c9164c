"""What does an ARI event say in our words? JSON in, facts out; pure.

Names and fields of the events: Asterisk 22, ARI models (`rest-api/api-docs/events.json`). Times carry an offset without
a colon (`+0800`), which `datetime.fromisoformat` reads from Python 3.11 on.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

import msgspec

from adapters.asterisk.ids import leg_id, read_bridge, read_leg, read_playback
from adapters.asterisk.lines import Leg, Line
from adapters.telephony import (
    AdapterName,
    CallAnswered,
    CallerIdentified,
    CallEvent,
    CallKey,
    CallOffered,
    CallReleased,
    DigitsPressed,
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


class Party(msgspec.Struct, frozen=True):
    """A number with a name."""

    number: str = ""


class Place(msgspec.Struct, frozen=True):
    """Where in the dial plan a channel is."""

    context: str = ""
    exten: str = ""


class Channel(msgspec.Struct, frozen=True):
    """One leg, as Asterisk shows it."""

    id: str
    name: str = ""
    state: str = ""
    creationtime: str = ""
    caller: Party = Party()
    dialplan: Place = Place()

    @property
    def port(self) -> int | None:
        """The channel number printed on a telephony card (`DAHDI/3-1`); a SIP leg has none."""
        found = _CARD.match(self.name)
        return int(found[1]) if found else None

    @property
    def up(self) -> bool:
        """Off-hook on both ends."""
        return self.state == "Up"


class Bridge(msgspec.Struct, frozen=True):
    """Channels that hear each other."""

    id: str
    channels: tuple[str, ...] = ()


class Playback(msgspec.Struct, frozen=True):
    """An announcement being played."""

    id: str
    state: str = ""


class Recording(msgspec.Struct, frozen=True):
    """A recording being written."""

    name: str
    format: str = "wav"
    target_uri: str = ""
    duration: int | None = None
    cause: str = ""


class AriEvent(msgspec.Struct, frozen=True):
    """Any ARI event, with the fields that some fact needs; the rest of the JSON is passed over."""

    type: str
    timestamp: str = ""
    application: str = ""
    args: tuple[str, ...] = ()
    channel: Channel | None = None
    bridge: Bridge | None = None
    playback: Playback | None = None
    recording: Recording | None = None
    digit: str = ""
    cause: int = 0


HEARD: Final = (
    "ApplicationReplaced",
    "BridgeDestroyed",
    "ChannelCallerId",
    "ChannelDestroyed",
    "ChannelDtmfReceived",
    "ChannelEnteredBridge",
    "ChannelHangupRequest",
    "ChannelHold",
    "ChannelStateChange",
    "ChannelUnhold",
    "PlaybackFinished",
    "RecordingFailed",
    "RecordingFinished",
    "RecordingStarted",
    "StasisEnd",
    "StasisStart",
)
"""The events that we ask Asterisk to send; the others are more than half of all."""

DECLINES: Final = {
    1: ("unreachable", True),
    2: ("unreachable", True),
    3: ("unreachable", True),
    17: ("busy", False),
    18: ("no_answer", False),
    19: ("no_answer", False),
    20: ("unreachable", True),
    21: ("rejected", False),
    22: ("unreachable", True),
    26: ("stopped", False),
    27: ("unreachable", True),
    28: ("unreachable", True),
    34: ("unreachable", True),
    38: ("unreachable", True),
    41: ("unreachable", True),
    42: ("unreachable", True),
    58: ("unreachable", True),
    88: ("unreachable", True),
}
"""Q.850 cause of a seat's leg that nobody answered → our word, and whether the phone itself is at fault."""

_decoder = msgspec.json.Decoder(AriEvent)
_CARD = re.compile(r"DAHDI/(?:i[0-9]+/)?([0-9]{1,4})-")
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


def decode(text: str | bytes) -> AriEvent:
    """One message of the event socket. Raises `msgspec.MsgspecError` (a `ValueError`) when it is not an event."""
    return _decoder.decode(text)


def moment(text: str, otherwise: datetime) -> datetime:
    """An ARI time; `otherwise` where it is missing or not a time with an offset."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return otherwise
    return at if at.tzinfo else otherwise


def number(text: str) -> str | None:
    """A caller's number, or None where the network withheld it or sent something else."""
    return text if _NUMBER.fullmatch(text) else None


def fact(event: AriEvent, adapter: AdapterName, heard_at: datetime, line: Line | None) -> CallEvent | None:
    """What the event says, if anything. `line` is what is remembered of its call (see `call_of`); it is only read."""
    at = moment(event.timestamp, heard_at)
    leg = read_leg(event.channel.id) if event.channel and event.type != "ChannelEnteredBridge" else None
    call = call_of(event)
    if leg:
        said = _of_seat(event, adapter, at, heard_at, leg, line or Line())
    elif call:
        said = _of_call(event, adapter, at, heard_at, call, line or Line())
    else:
        said = None
    return said


def offered(channel: Channel, adapter: AdapterName, heard_at: datetime) -> CallOffered:
    """A caller's channel as the fact that he rings: the same fact whether an event or a snapshot shows it."""
    return CallOffered(
        adapter=adapter,
        event_id=f"{channel.id}/offered",
        at=moment(channel.creationtime, heard_at),
        heard_at=heard_at,
        port=channel.port,
        call=CallKey(channel.id),
        caller=number(channel.caller.number),
        dialled=number(channel.dialplan.exten),
    )


def answered(call: CallKey, adapter: AdapterName, at: datetime, heard_at: datetime) -> CallAnswered:
    """Our side is off-hook."""
    return CallAnswered(adapter=adapter, event_id=f"{call}/up", at=at, heard_at=heard_at, call=call)


def seat_answered(channel: str, adapter: AdapterName, at: datetime, heard_at: datetime) -> SeatAnswered | None:
    """A seat's leg that was picked up, told by its channel's id."""
    leg = read_leg(channel)
    if leg is None:
        return None
    return SeatAnswered(
        adapter=adapter, event_id=f"{channel}/answered", at=at, heard_at=heard_at, call=leg[0], offer=leg[1]
    )


def not_there(call: CallKey, offer: OfferId, adapter: AdapterName, at: datetime) -> SeatDeclined:
    """No phone is registered under that extension, so Asterisk did not even begin to ring it."""
    return SeatDeclined(
        adapter=adapter,
        event_id=f"{leg_id(call, offer)}/over",
        at=at,
        heard_at=at,
        call=call,
        offer=offer,
        reason="unreachable",
        seat_fault=True,
    )


def released_id(call: CallKey) -> str:
    """The same for the event and for the record of a call's end: the second one has no effect."""
    return f"{call}/released"


def stopped_id(call: CallKey, recording: str) -> str:
    """The same for the event and for the record of a recording's end."""
    return f"{call}/recording/{recording}/stopped"


def call_of(event: AriEvent) -> CallKey | None:
    """The call that an event is about."""
    if event.playback:
        played = read_playback(event.playback.id)
        return played[0] if played else None
    if event.recording:
        return read_bridge(event.recording.target_uri.removeprefix("bridge:"))
    if event.type in ("ChannelEnteredBridge", "BridgeDestroyed"):
        return read_bridge(event.bridge.id) if event.bridge else None
    if event.channel is None:
        return None
    leg = read_leg(event.channel.id)
    return leg[0] if leg else CallKey(event.channel.id)


NORMAL_CLEARING: Final = 16
"""Q.850: one side hung up."""


def declined(cause: int, *, rang: bool, stopped: bool) -> tuple[str, bool]:
    """Why a seat's phone did not take the call, and whether the phone is at fault.

    A leg that ends without an own cause ran out of time: nobody picked up if it rang, and if it never rang there was no
    phone to ring.
    """
    if stopped:
        return "stopped", False
    known = DECLINES.get(cause)
    if known is None:
        return ("no_answer", False) if rang else ("unreachable", True)
    if known[0] == "no_answer" and not rang:
        return "unreachable", True
    return known


def _of_call(
    event: AriEvent, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey, line: Line
) -> CallEvent | None:
    channel = event.channel
    told = f"{call}/{event.timestamp}"
    match event.type:
        case "StasisStart" if channel:
            return offered(channel, adapter, heard_at)
        case "StasisEnd":
            by, cause = line.ended()
            return CallReleased(
                adapter=adapter, event_id=released_id(call), at=at, heard_at=heard_at, call=call, by=by, cause=cause
            )
        case "ChannelStateChange" if channel and channel.up:
            return answered(call, adapter, at, heard_at)
        case "ChannelCallerId" if channel and (caller := number(channel.caller.number)):
            return CallerIdentified(
                adapter=adapter, event_id=f"{told}/caller", at=at, heard_at=heard_at, call=call, caller=caller
            )
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
        case "ChannelEnteredBridge" if event.bridge:
            return _joined(event.bridge, adapter, at, heard_at, call)
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


def _of_seat(
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
    known = line.legs.get(offer, Leg(rang=channel.state == "Ringing"))
    told = f"{channel.id}/{event.timestamp}"
    match event.type:
        case "StasisStart":
            return seat_answered(channel.id, adapter, at, heard_at)
        case "ChannelStateChange" if channel.state == "Ringing":
            return SeatRinging(
                adapter=adapter, event_id=f"{channel.id}/rings", at=at, heard_at=heard_at, call=call, offer=offer
            )
        case "ChannelDestroyed" if channel.up or known.answered:
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
            reason, fault = declined(event.cause, rang=known.rang, stopped=known.stopped)
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
            return LegHeld(adapter=adapter, event_id=f"{told}/held", at=at, heard_at=heard_at, call=call)
        case "ChannelUnhold":
            return LegResumed(adapter=adapter, event_id=f"{told}/resumed", at=at, heard_at=heard_at, call=call)
        case _:
            return None


def _joined(bridge: Bridge, adapter: AdapterName, at: datetime, heard_at: datetime, call: CallKey) -> LegsJoined | None:
    """Entering one after the other, the second of the two sides makes them hear each other."""
    if read_bridge(bridge.id) != call or call not in bridge.channels:
        return None
    legs = [leg for channel in bridge.channels if (leg := read_leg(channel))]
    if not legs:
        return None
    return LegsJoined(
        adapter=adapter,
        event_id=f"{bridge.id}/joined/{legs[0][1]}",
        at=at,
        heard_at=heard_at,
        call=call,
        offer=legs[0][1],
    )


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
