"""Which calls are live on this Asterisk? Channels, bridges and the application's list in, our words out; pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime

import msgspec

from adapters.asterisk.ari import Bridge, Channel, moment, number
from adapters.asterisk.ids import (
    bridge_id,
    is_placed,
    is_probe,
    read_bridge,
    read_leg,
    read_snoop,
    read_watch,
    watch_id,
)
from adapters.asterisk.lines import Leg, Line, Sound, Spy, leg_seen
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
    """One call with what belongs to it."""

    key: CallKey
    channel: Channel | None
    """The caller's; none yet where the person whom an outbound call is for has not been rung."""
    handling: Handling
    legs: Mapping[OfferId, Channel]
    room: tuple[OfferId, ...]
    caller_in: bool
    bridge: bool
    aside: frozenset[OfferId]
    """Legs in a bridge beside the room."""
    spies: Mapping[OfferId, Spy]

    @property
    def up(self) -> bool:
        """The caller's channel is off-hook."""
        return self.channel is not None and self.channel.up


def live(snapshot: Snapshot, fallback_context: str) -> list[LiveCall]:
    """The callers whom the application holds, those whom the fallback dial plan serves, and calls that we placed."""
    legs: dict[CallKey, dict[OfferId, Channel]] = {}
    for channel in snapshot.channels:
        if leg := read_leg(channel.id):
            legs.setdefault(leg[0], {})[leg[1]] = channel
    ours = set(snapshot.application.channel_ids)
    found: dict[CallKey, tuple[Channel | None, Handling]] = {}
    for channel in snapshot.channels:
        key = CallKey(channel.id)
        if read_leg(channel.id) or read_snoop(channel.id) or is_probe(channel.id) or _is_machinery(channel):
            continue
        if channel.id in ours or is_placed(key):
            found[key] = channel, Handling.HALL
        elif channel.dialplan.context == fallback_context:
            found[key] = channel, Handling.DEVICE
    for key in legs:
        if is_placed(key):
            found.setdefault(key, (None, Handling.HALL))
    bridges = {bridge.id: bridge for bridge in snapshot.bridges}
    return [_call(key, channel, handling, legs.get(key, {}), bridges) for key, (channel, handling) in found.items()]


def statuses(calls: Iterable[LiveCall], lines: Mapping[CallKey, Line], now: datetime) -> list[PortStatus]:
    """The same as the contract wants it, with the outbound calls whose first channel is still being made. Recordings do
    not show in a snapshot, nor whether a mobile was accepted: `lines` remember it."""
    seen = [_status(call, lines.get(call.key), now) for call in calls]
    shown = {status.call for status in seen}
    begun = [
        PortStatus(call=key, since=line.began or now, ringing=tuple(line.legs), placed=True)
        for key, line in lines.items()
        if line.placed and key not in shown and (line.legs or line.dialling)
    ]
    return seen + begun


def orphans(
    snapshot: Snapshot, calls: Iterable[LiveCall], over: Container[CallKey] = ()
) -> tuple[list[str], list[str]]:
    """Channels and bridges of ours whose call is gone, or is among those known to be `over`: ids of either."""
    alive = {call.key: call for call in calls if call.key not in over}
    channels: list[str] = []
    for channel in snapshot.channels:
        if leg := read_leg(channel.id):
            lost = leg[0] not in alive
        elif snoop := read_snoop(channel.id):
            lost = snoop[0] not in alive or snoop[1].offer not in alive[snoop[0]].legs
        else:
            lost = is_probe(channel.id)  # of a process before us
        if lost:
            channels.append(channel.id)
    bridges: list[str] = []
    for bridge in snapshot.bridges:
        if watch := read_watch(bridge.id):
            lost = watch[0] not in alive or watch[1] not in alive[watch[0]].legs
        else:
            key = read_bridge(bridge.id)
            lost = key is not None and key not in alive
        if lost:
            bridges.append(bridge.id)
    return channels, bridges


def line_of(call: LiveCall, now: datetime) -> Line:
    """What to remember of a call that was there before us. Music, announcements and who is muted are not shown."""
    placed = is_placed(call.key)
    return Line(
        up=call.up,
        placed=placed,
        dialling=placed and call.channel is not None,
        began=_since(call, now),
        sound=Sound.NOTHING if call.caller_in else Sound.UNKNOWN,
        on_hold=bool(call.room) and not call.caller_in and not placed,
        bridge=call.bridge,
        room=list(call.room),
        caller_in=call.caller_in,
        mutes_known=not call.room,
        aside=set(call.aside),
        spies=dict(call.spies),
        legs={
            offer: _settled(channel, offer in call.room or offer in call.aside) for offer, channel in call.legs.items()
        },
    )


def _settled(channel: Channel, bridged: bool) -> Leg:
    """Whoever was let into a bridge had accepted, whatever else can be seen of him."""
    leg = leg_seen(channel)
    if bridged:
        leg.answered, leg.asked, leg.sound = True, False, Sound.NOTHING
    return leg


def _call(
    key: CallKey,
    channel: Channel | None,
    handling: Handling,
    legs: Mapping[OfferId, Channel],
    bridges: Mapping[str, Bridge],
) -> LiveCall:
    room = bridges.get(bridge_id(key))
    inside = room.channels if room else ()
    aside = {offer: bridges[watch_id(key, offer)] for offer in legs if watch_id(key, offer) in bridges}
    spies: dict[OfferId, Spy] = {}
    for offer, bridge in aside.items():
        for other in bridge.channels:
            if (snoop := read_snoop(other)) and snoop[0] == key and legs[offer].id in bridge.channels:
                spies[offer] = Spy(snoop[1], other)
    return LiveCall(
        key=key,
        channel=channel,
        handling=handling,
        legs=legs,
        room=tuple(leg[1] for each in inside if (leg := read_leg(each))),
        caller_in=key in inside,
        bridge=room is not None,
        aside=frozenset(offer for offer, bridge in aside.items() if legs[offer].id in bridge.channels),
        spies=spies,
    )


def _status(call: LiveCall, line: Line | None, now: datetime) -> PortStatus:
    picked_up = tuple(offer for offer, channel in call.legs.items() if _taken(offer, channel, call, line))
    channel = call.channel
    placed = is_placed(call.key)
    return PortStatus(
        call=call.key,
        since=_since(call, now),
        handling=call.handling,
        port=channel.port if channel else None,
        caller=number(channel.caller.number) if channel and not placed else None,
        dialled=number(channel.dialplan.exten) if channel and not placed else None,
        answered=call.up,
        room=call.room,
        caller_in_room=call.caller_in,
        picked_up=picked_up,
        ringing=tuple(offer for offer in call.legs if offer not in picked_up),
        watching=tuple(spy.watch for spy in call.spies.values()),
        recording=line is not None and bool(line.recording),
        placed=placed,
    )


def _taken(offer: OfferId, channel: Channel, call: LiveCall, line: Line | None) -> bool:
    known = line.legs.get(offer) if line else None
    if known is not None and known.asked:
        return False
    return channel.up and ((known is not None and known.answered) or _settled(channel, offer in call.room).answered)


def _since(call: LiveCall, now: datetime) -> datetime:
    seen = [call.channel] if call.channel and not is_placed(call.key) else [call.channel, *call.legs.values()]
    return min((moment(each.creationtime, now) for each in seen if each is not None), default=now)


def _is_machinery(channel: Channel) -> bool:
    """Asterisk's own channels: the ends of a recording, an announcement into a bridge, a snoop of somebody else's."""
    return channel.name.startswith(("Recorder/", "Announcer/", "Snoop/", "Message/"))
