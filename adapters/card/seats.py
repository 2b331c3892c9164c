"""How is a seat's station rung, let go, and put together with the caller?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from adapters.card.calls import Leg, Line
from adapters.card.desk import Desk, line_of, music, off_hook, prompt_file
from adapters.card.wire import HangUp, Play, Ring, Room, StopPlay, StopRing
from adapters.errors import Refused, Unsupported
from adapters.telephony import (
    Ability,
    Arrange,
    LegsJoined,
    OfferId,
    PhoneKind,
    RingSeat,
    SeatDeclined,
    SeatRinging,
    StopRinging,
)

RINGABLE: Final = frozenset({PhoneKind.DESK})
"""A receiver on a station port is lifted by hand."""


async def ring_seat(desk: Desk, command: RingSeat) -> None:
    """Ring a station. A phone that is off its hook is busy."""
    if command.first:
        raise Unsupported("this card rings nobody outside")
    line = line_of(desk, command)
    offer, phone = command.offer, command.phone
    if offer in line.legs:
        return
    channel = desk.channels.get(phone.extension)
    if phone.kind not in RINGABLE or channel is None:
        raise Refused(f"no station port for the {phone.kind} phone {phone.extension}")
    if desk.book.is_busy(channel):
        desk.book.say(line, SeatDeclined, desk.now(), offer=offer, seat=phone.extension, reason="busy")
        return
    until = desk.now() + timedelta(seconds=command.seconds)
    desk.book.add_leg(line, offer, Leg(extension=phone.extension, channel=channel, ring_until=until))
    try:
        await desk.done(Ring(channel=channel, shown=command.caller_shown))
    except Refused as error:
        if offer in line.legs and not line.legs[offer].up:
            if str(error) != "busy":
                desk.book.forget_leg(line, offer)
                raise
            desk.book.decline(line, offer, "busy", desk.now())
        return
    if (leg := line.legs.get(offer)) is None:
        desk.host.send(StopRing(channel=channel))  # called off, or the caller gone, while the order was on its way
    elif not leg.up:
        desk.book.say(line, SeatRinging, desk.now(), offer=offer, seat=phone.extension)


async def stop_ringing(desk: Desk, command: StopRinging) -> None:
    """Let that leg go; a phone that was picked up hears the busy tone until it is put down."""
    line = desk.book.find(command.call)
    leg = line.legs.get(command.offer) if line is not None else None
    if line is None or leg is None:
        return
    if leg.up:
        desk.book.release_leg(line, command.offer, desk.now(), hung_up=False)
        await desk.done(HangUp(channel=leg.channel))
    else:
        desk.book.forget_leg(line, command.offer)
        await desk.done(StopRing(channel=leg.channel))


async def arrange(desk: Desk, command: Arrange) -> None:
    """The whole picture. One that names a leg that is not up is refused, and changes nothing."""
    line = line_of(desk, command)
    if command.watching:
        raise Unsupported("a card has no listening and whispering")
    room = tuple(dict.fromkeys(command.room))
    _all_up(line, (*room, *command.muted))
    muted = tuple(offer for offer in room if offer in command.muted)
    if (room, command.caller, muted) == (line.room, line.caller_in, line.muted):
        return
    plain = len(room) + command.caller <= 2 and not muted
    if Ability.CONFERS not in desk.abilities and not plain:
        raise Unsupported("the settings say that this card has no conference")
    if command.caller and room:
        await off_hook(desk, line)  # raises when the caller has gone meanwhile
        _all_up(line, (*room, *command.muted))  # and a phone may have been put down
        desk.book.cut_prompt(line, desk.now())
        if line.message:
            desk.book.stop_recording(line, desk.now())
    before, were = line.hearing, (line.room, line.caller_in, line.muted)
    line.room, line.caller_in, line.muted = room, command.caller, muted
    for offer in room:
        desk.host.send(StopPlay(channel=line.legs[offer].channel))
    try:
        await desk.done(Room(room=line.channel, members=line.members()))
    except (Refused, Unsupported):
        line.room, line.muted = (tuple(each for each in those if each in line.legs) for those in (were[0], were[2]))
        line.caller_in = were[1]
        desk.host.send(Room(room=line.channel, members=line.members()))
        raise
    if line.key not in desk.book.lines:
        return
    for offer in line.hearing:
        if offer not in before:
            desk.book.say(line, LegsJoined, desk.now(), offer=offer)
    await _hold_music(desk, line)


def _all_up(line: Line, offers: Iterable[OfferId]) -> None:
    """Raises `Refused`."""
    for offer in offers:
        if (leg := line.legs.get(offer)) is None or not leg.up:
            raise Refused(f"offer {offer} was not picked up")


async def _hold_music(desk: Desk, line: Line) -> None:
    """Whoever is up and in no room hears music, and so does the caller unless he hears something else."""
    if not line.caller_in and line.answered and not line.task and not line.message:
        await music(desk, line)
    if (file := prompt_file(desk, desk.music)) is not None:
        for offer, leg in line.legs.items():
            if leg.up and offer not in line.room:
                again = Play(channel=leg.channel, file=str(file), task=desk.book.next_task(), again=True)
                desk.host.send(again)
