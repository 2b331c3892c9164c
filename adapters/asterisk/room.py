"""Who hears whom? One picture of the whole call into the requests that make it true; what stands already costs none.

Everybody in the room is in the bridge `call~CALL`. A supervisor who listens or whispers is in a bridge of his own with
a snoop channel on the seat's leg: it carries both sides to him, and his voice, if at all, to that seat alone (ARI,
`POST /channels/{id}/snoop`). Who leaves the room is put out before anybody else is let in, so nobody hears a word that
is not meant for him; who is to be muted is muted before he enters.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from adapters.asterisk.commands import Desk, answer, drop, ensure_bridge, expect, hush, hush_leg, music, together
from adapters.asterisk.ids import leg_id, next_number, snoop_id, watch_id
from adapters.asterisk.lines import Leg, Sound, Spy
from adapters.asterisk.rest import Reply, part
from adapters.errors import Refused
from adapters.telephony import Arrange, OfferId, Watch, WatchMode

Work = Coroutine[Any, Any, None]

ARRIVES_WITHIN_SECONDS: Final = 2.0
FREE_WITHIN_SECONDS: Final = 1.0


async def arrange(desk: Desk, command: Arrange) -> None:
    """Make the picture true. A caller who only heard ringing so far is answered when he is let in."""
    line = desk.line
    if any(leg.asked for offer in command.room if (leg := line.legs.get(offer))):
        raise Refused("nobody has accepted there yet")
    caller = command.caller and line.with_caller
    watching = {watch.offer for watch in command.watching}
    were_aside = line.watchers
    line.on_hold = line.on_hold and not command.caller
    leaving = [offer for offer in line.room if offer not in command.room and offer not in watching]
    await together(
        *(_mute(desk, offer) for offer in command.muted if offer in command.room and offer not in line.muted),
        _put_out(desk, leaving, with_caller=line.caller_in and not caller),
        _prepare(desk, command.room, caller=caller),
    )
    await _let_in(desk, command.room, caller=caller)
    if not line.mutes_known:
        line.muted.update(line.room)
        line.mutes_known = True
    line.on_hold = line.with_caller and not command.caller
    after: list[Work] = [_watch(desk, watch) for watch in command.watching if watch.offer not in command.room]
    after += [leave_watch(desk, offer) for offer in were_aside - watching]
    after += [_unmute(desk, offer) for offer in line.muted - set(command.muted)]
    after += [
        _leg_music(desk, offer, leg)
        for offer, leg in line.legs.items()
        if leg.answered and not leg.stopped and offer not in command.room and offer not in watching
    ]
    if line.on_hold:
        after.append(hold_music(desk))
    await together(*after)


async def hold_music(desk: Desk) -> None:
    """A caller on hold hears music, unless an announcement plays or he leaves a message."""
    line = desk.line
    if line.on_hold and line.sound is not Sound.MUSIC and not line.playing and not line.message:
        line.sound = Sound.UNKNOWN  # who lets him in meanwhile stops it
        await music(desk, desk.channel)
        if line.on_hold and not line.caller_in:
            line.sound = Sound.MUSIC
        else:
            await drop(desk.rest, f"{desk.channel}/moh")


async def leave_watch(desk: Desk, offer: OfferId) -> None:
    """A supervisor watches no more: his snoop channel and his bridge go. A bridge puts out who is still in it."""
    line = desk.line
    spy = line.spies.pop(offer, None)
    line.aside.discard(offer)
    work: list[Work] = [drop(desk.rest, f"bridges/{part(watch_id(desk.call, offer))}")]
    if spy:
        work.append(drop(desk.rest, f"channels/{part(spy.channel)}"))
    await together(*work)


async def _prepare(desk: Desk, room: Sequence[OfferId], *, caller: bool) -> None:
    """Everything that has to be true before somebody can be let in, at the same time."""
    line = desk.line
    dialling = line.placed and not line.up
    work: list[Work] = [
        hush_leg(desk, offer, leg)
        for offer in room
        if (leg := line.legs.get(offer)) and not (dialling and leg.sound is Sound.RINGING)
    ]
    if not line.bridge and (room or caller):
        work.append(ensure_bridge(desk))
    if caller and (not line.caller_in or line.sound is not Sound.NOTHING):
        work.append(hush(desk))
    if caller and not line.up:
        work.append(answer(desk))
    await together(*work)


async def _let_in(desk: Desk, room: Sequence[OfferId], *, caller: bool) -> None:
    line = desk.line
    joining = [offer for offer in room if offer not in line.room]
    joins = caller and not line.caller_in
    if not joining and not joins:
        return
    reply = await _add(desk, joining, caller=joins)
    if reply == 404:
        line.lose_bridge()
        await ensure_bridge(desk)
        joining, joins = list(room), caller
        reply = await _add(desk, joining, caller=joins)
    if reply == 404:
        raise Refused("the bridge cannot be kept")
    line.room += [offer for offer in joining if offer in line.legs and offer not in line.room]
    line.caller_in = line.caller_in or joins
    for offer in joining:
        line.aside.discard(offer)


async def _add(desk: Desk, offers: Sequence[OfferId], *, caller: bool) -> int:
    """In one request. The status; raises `Refused` when the bridge is there and somebody cannot be let in: those who
    can are in then."""
    channels = [desk.call] if caller else []
    channels += [leg_id(desk.call, offer) for offer in offers]
    reply = await _enter(desk, channels)
    if reply.ok or reply.status == 404 or len(channels) == 1:
        expect(reply, done=(404,))
        return reply.status
    if caller and (await _enter(desk, [desk.call])).ok:
        desk.line.caller_in = True
    for offer in offers:
        if (await _enter(desk, [leg_id(desk.call, offer)])).ok:
            desk.line.room.append(offer)
    raise Refused(reply.said)


async def _enter(desk: Desk, channels: Sequence[str]) -> Reply:
    """A message that has just been stopped may hold its channel for a moment longer: 409."""
    clock = asyncio.get_running_loop().time
    end = clock() + FREE_WITHIN_SECONDS
    while True:
        reply = await desk.rest.call("POST", f"{desk.bridge}/addChannel", {"channel": ",".join(channels)})
        if reply.status != 409 or clock() > end:
            return reply
        await asyncio.sleep(FREE_WITHIN_SECONDS / 50)


async def _put_out(desk: Desk, offers: Sequence[OfferId], *, with_caller: bool) -> None:
    channels = [leg_id(desk.call, offer) for offer in offers] + ([desk.call] if with_caller else [])
    if not channels:
        return
    line = desk.line
    path = f"{desk.bridge}/removeChannel"
    reply = await desk.rest.call("POST", path, {"channel": ",".join(channels)})
    if reply.status == 404:
        line.lose_bridge()
        return
    if not reply.ok and len(channels) > 1:  # one of them has just hung up: the others are out only when asked alone
        for channel in channels:
            expect(await desk.rest.call("POST", path, {"channel": channel}), done=(400, 404, 409, 422))
    elif not reply.ok:
        expect(reply, done=(400, 409, 422))
    for offer in offers:
        line.leave(offer)
    if with_caller:
        line.caller_in = False


async def _mute(desk: Desk, offer: OfferId) -> None:
    expect(await desk.rest.call("POST", f"{desk.leg(offer)}/mute", {"direction": "in"}))
    desk.line.muted.add(offer)


async def _unmute(desk: Desk, offer: OfferId) -> None:
    reply = await desk.rest.call("DELETE", f"{desk.leg(offer)}/mute", {"direction": "in"})
    expect(reply, done=(404, 409))
    desk.line.muted.discard(offer)


async def _leg_music(desk: Desk, offer: OfferId, leg: Leg) -> None:
    dialling = desk.line.placed and not desk.line.up
    if leg.sound is Sound.MUSIC or (dialling and leg.sound is Sound.RINGING):
        return
    if leg.sound is Sound.RINGING:
        await hush_leg(desk, offer, leg)
    await music(desk, desk.leg(offer))
    leg.sound = Sound.MUSIC


async def _watch(desk: Desk, watch: Watch) -> None:
    """The new snoop channel is in before the old one goes, so a supervisor who begins to whisper misses nothing. His
    leg is not touched."""
    line = desk.line
    old = line.spies.get(watch.offer)
    if old and old.watch == watch:
        return
    bridge = f"bridges/{part(watch_id(desk.call, watch.offer))}"
    snoop = snoop_id(desk.call, watch, next_number())
    inside = watch.offer in line.aside
    work: list[Work] = [_snoop(desk, watch, snoop)]
    if not inside:
        work.append(_ensure(desk, bridge))
        if leg := line.legs.get(watch.offer):
            work.append(hush_leg(desk, watch.offer, leg))
        if watch.offer in line.room:
            work.append(_put_out(desk, [watch.offer], with_caller=False))
    try:
        await together(*work)
        channels = [snoop] if inside else [snoop, leg_id(desk.call, watch.offer)]
        query = {"channel": ",".join(channels)}
        reply = await desk.rest.call("POST", f"{bridge}/addChannel", query)
        if reply.status == 404:  # the one that was there a moment ago was about to go
            await _ensure(desk, bridge)
            query = {"channel": ",".join([snoop, leg_id(desk.call, watch.offer)])}
            reply = await desk.rest.call("POST", f"{bridge}/addChannel", query)
        expect(reply)
    except Refused:
        line.aside.discard(watch.offer)  # whatever it was, the next try makes everything anew
        await drop(desk.rest, f"channels/{part(snoop)}")
        raise
    if watch.offer in line.legs:
        line.aside.add(watch.offer)
        line.spies[watch.offer] = Spy(watch, snoop)
    if old:
        await drop(desk.rest, f"channels/{part(old.channel)}")


async def _snoop(desk: Desk, watch: Watch, snoop: str) -> None:
    """It is there once it has come to the application: before that no bridge takes it."""
    query = {
        "app": desk.settings.app,
        "appArgs": "snoop",
        "spy": "both",
        "whisper": "out" if watch.mode is WatchMode.WHISPER else "none",
    }
    came = desk.awaited[snoop] = asyncio.Event()
    try:
        expect(await desk.rest.call("POST", f"{desk.leg(watch.at)}/snoop/{part(snoop)}", query))
        async with asyncio.timeout(ARRIVES_WITHIN_SECONDS):
            await came.wait()
    except TimeoutError as error:
        raise Refused("the snoop channel did not come") from error
    finally:
        desk.awaited.pop(snoop, None)


async def _ensure(desk: Desk, bridge: str) -> None:
    expect(await desk.rest.call("POST", bridge, {"type": "mixing"}), done=(409,))
    if desk.line.closed:
        await drop(desk.rest, bridge)
