"""Which calls are live on this Asterisk? Channels, bridges and the application's list in, our words out; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from adapters.asterisk.events import Bridge, Channel, moment, number
from adapters.asterisk.ids import bridge_id, read_bridge, read_leg
from adapters.asterisk.lines import Leg, Line
from adapters.telephony import CallKey, Handling, OfferId, PortStatus


class Application(msgspec.Struct, frozen=True):
    """The Stasis application, with the channels it was given."""

    name: str
    channel_ids: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """Asterisk's own view of one moment (three requests, so of three moments close together)."""

    application: Application
    channels: tuple[Channel, ...]
    bridges: tuple[Bridge, ...]


class LiveCall(msgspec.Struct, frozen=True, kw_only=True):
    """One caller's channel with what belongs to it."""

    channel: Channel
    handling: Handling
    legs: Mapping[OfferId, Channel]
    joined: OfferId | None
    bridge: bool


def live(snapshot: Snapshot, fallback_context: str) -> list[LiveCall]:
    """The callers whom the application holds, and those whom the fallback dial plan serves."""
    legs: dict[CallKey, dict[OfferId, Channel]] = {}
    for channel in snapshot.channels:
        if leg := read_leg(channel.id):
            legs.setdefault(leg[0], {})[leg[1]] = channel
    bridges = {bridge.id: bridge for bridge in snapshot.bridges}
    ours = set(snapshot.application.channel_ids)
    calls: list[LiveCall] = []
    for channel in snapshot.channels:
        if read_leg(channel.id) or _is_machinery(channel):
            continue
        if channel.id in ours:
            handling = Handling.HALL
        elif channel.dialplan.context == fallback_context:
            handling = Handling.DEVICE
        else:
            continue
        key = CallKey(channel.id)
        bridge = bridges.get(bridge_id(key))
        calls.append(
            LiveCall(
                channel=channel,
                handling=handling,
                legs=legs.get(key, {}),
                joined=_joined(bridge, channel.id),
                bridge=bridge is not None,
            )
        )
    return calls


def statuses(calls: Iterable[LiveCall], lines: Mapping[CallKey, Line], now: datetime) -> list[PortStatus]:
    """The same as the contract wants it. Recordings do not show in a snapshot: `lines` remember them."""
    return [_status(call, lines.get(CallKey(call.channel.id)), now) for call in calls]


def orphans(snapshot: Snapshot, calls: Iterable[LiveCall]) -> tuple[list[str], list[str]]:
    """Seats' legs and bridges whose caller is gone: channel ids, bridge ids."""
    callers = {call.channel.id for call in calls}
    legs = [channel.id for channel in snapshot.channels if (leg := read_leg(channel.id)) and leg[0] not in callers]
    alive = {bridge_id(CallKey(caller)) for caller in callers}
    bridges = [bridge.id for bridge in snapshot.bridges if read_bridge(bridge.id) and bridge.id not in alive]
    return legs, bridges


def line_of(call: LiveCall) -> Line:
    """What to remember of a call that was there before us. Music and announcements are not shown: assume music, since
    stopping what does not play harms nobody."""
    legs = {
        offer: Leg(rang=channel.state in ("Ringing", "Up"), answered=channel.up) for offer, channel in call.legs.items()
    }
    return Line(up=call.channel.up, music=call.joined is None, bridge=call.bridge, joined=call.joined, legs=legs)


def _status(call: LiveCall, line: Line | None, now: datetime) -> PortStatus:
    waiting = {offer: channel for offer, channel in call.legs.items() if offer != call.joined}
    return PortStatus(
        call=CallKey(call.channel.id),
        since=moment(call.channel.creationtime, now),
        handling=call.handling,
        port=call.channel.port,
        caller=number(call.channel.caller.number),
        dialled=number(call.channel.dialplan.exten),
        answered=call.channel.up,
        joined_offer=call.joined,
        answered_offer=next((offer for offer, channel in waiting.items() if channel.up), None),
        ringing_offers=tuple(offer for offer, channel in waiting.items() if not channel.up),
        recording=line is not None and bool(line.recording),
    )


def _joined(bridge: Bridge | None, caller: str) -> OfferId | None:
    if bridge is None or caller not in bridge.channels:
        return None
    return next((leg[1] for channel in bridge.channels if (leg := read_leg(channel))), None)


def _is_machinery(channel: Channel) -> bool:
    """Asterisk's own helpers: the ends of a recording, an announcement into a bridge, a snoop."""
    return channel.name.startswith(("Recorder/", "Announcer/", "Snoop/", "Message/"))
