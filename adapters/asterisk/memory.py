"""What does an event change in our memory of a call? Pure: what is told and done because of it is `adapter.py`'s."""

from __future__ import annotations

from typing import Final

from adapters.asterisk.ari import AriEvent
from adapters.asterisk.ids import read_leg, read_snoop
from adapters.asterisk.lines import Kind, Leg, Line, leg_seen
from adapters.telephony import OfferId

SILENT: Final = 44
"""Q.850 "requested channel not available": what chan_pjsip notes of a line that has sent no sound for `rtp_timeout`."""
GAVE_UP: Final = 1
"""Asterisk's flag `AST_SOFTHANGUP_DEV`: the channel's own driver gave it up."""


def remember(event: AriEvent, line: Line) -> None:
    """An event about the call, into its line."""
    leg_of = read_leg(event.channel.id) if event.channel else None
    if leg_of and event.channel:
        _leg(event, line, leg_of[1], line.legs.setdefault(leg_of[1], leg_seen(event.channel)))
        return
    match event.type:
        case "StasisStart" if line.placed:
            line.up = True
        case "ChannelStateChange" if event.channel and not line.placed:
            line.up = line.up or event.channel.up
        case "ChannelHangupRequest" if line.hangup_cause is None:
            line.hangup_cause = _cause(event)
        case "PlaybackFinished" if event.playback and event.playback.id == line.playing:
            line.playing, line.interrupted = "", False
        case "RecordingStarted" if event.recording and event.recording.name != line.message:
            line.recording = event.recording.name
        case "RecordingFinished" | "RecordingFailed" if event.recording:
            if event.recording.name == line.message:
                line.message = ""
            else:
                line.recording = ""
        case "BridgeDestroyed":
            line.lose_bridge()
        case _:
            pass


def forget_snoop(event: AriEvent, line: Line) -> None:
    """A snoop channel went, with the leg that it listened to or because it was told to."""
    if event.channel is None or event.type not in ("StasisEnd", "ChannelDestroyed"):
        return
    snoop = read_snoop(event.channel.id)
    if snoop and (spy := line.spies.get(snoop[1].offer)) and spy.channel == event.channel.id:
        del line.spies[snoop[1].offer]


def _cause(event: AriEvent) -> int | None:
    """Q.850 cause of a hang-up; None where it was ordered, by us or at Asterisk's console."""
    if not event.soft:
        return event.cause
    return SILENT if event.cause == GAVE_UP else None


def _leg(event: AriEvent, line: Line, offer: OfferId, leg: Leg) -> None:
    match event.type:
        case "StasisStart" if leg.kind is Kind.MOBILE:
            leg.asked = True
        case "StasisStart":
            leg.answered = True
        case "ChannelDtmfReceived" if leg.asked and event.digit == "1":
            leg.asked, leg.answered = False, True
        case "ChannelStateChange" if event.channel:
            leg.rang = leg.rang or event.channel.state == "Ringing"
        case "ChannelDestroyed":
            line.legs.pop(offer, None)
            line.over.add(offer)
            line.leave(offer)
            line.muted.discard(offer)
        case _:
            pass
