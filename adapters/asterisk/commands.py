"""Which requests carry out a command to one channel? Each may be repeated: "exists already" and "gone already" count as
done. Who hears whom is `room.py`'s, whom we ring is `ringing.py`'s, what is recorded is `recordings.py`'s."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from typing import Any, Final

import msgspec

from adapters.asterisk.ari import Recording
from adapters.asterisk.ids import bridge_id, leg_id, next_number, playback_id
from adapters.asterisk.lines import Leg, Line, Sound
from adapters.asterisk.rest import Reply, Rest, part
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import Refused
from adapters.telephony import CallKey, OfferId, PlayPrompt, Release, SendKeys, StopRinging

REASONS: Final = frozenset({"busy", "congestion", "no_answer", "rejected", "unallocated", "answered_elsewhere"})
"""Words of `Release.cause` that Asterisk passes on to the caller's network; any other is a normal end."""

STOPS_WITHIN_SECONDS: Final = 2.0
"""A recording that was told to end has ended by then."""

BEGINS_WITHIN_SECONDS: Final = 1.0
"""The tone before a message is over by then."""

_PROMPT = re.compile(r"[A-Za-z0-9_-]{1,64}(\.[a-z]{2,8}(-[a-z0-9]{1,8})?)?")
"""A tag behind the dot names a language."""
_KEYS = re.compile(r"[0-9A-D*#]{1,32}")


class Desk(msgspec.Struct):
    """What a command needs at hand."""

    rest: Rest
    settings: AsteriskSettings
    call: CallKey
    line: Line
    awaited: dict[str, asyncio.Event]
    """Channels of ours whose `StasisStart`, and recordings whose end is waited for, by id or name."""

    @property
    def channel(self) -> str:
        """The caller's channel, as a step of a path."""
        return f"channels/{part(self.call)}"

    @property
    def bridge(self) -> str:
        """The call's bridge, as a step of a path."""
        return f"bridges/{part(bridge_id(self.call))}"

    def leg(self, offer: OfferId) -> str:
        """A leg's channel, as a step of a path."""
        return f"channels/{part(leg_id(self.call, offer))}"


async def answer(desk: Desk) -> None:
    """Go off-hook."""
    expect(await desk.rest.call("POST", f"{desk.channel}/answer"))
    if not desk.line.placed:
        desk.line.up = True


async def play_prompt(desk: Desk, command: PlayPrompt) -> None:
    """Play an announcement from the prompts folder. One that plays already is not started again, unless a key has just
    cut it short."""
    if not _PROMPT.fullmatch(command.prompt):
        raise Refused(f"{command.prompt!r} is not the name of an announcement")
    line = desk.line
    if line.playing.startswith(playback_id(desk.call, command.prompt, 0)[:-1]) and not line.interrupted:
        return
    await hush(desk)
    playback = playback_id(desk.call, command.prompt, next_number())
    line.playing, line.interruptible, line.interrupted = playback, command.interruptible, False
    media = f"sound:{desk.settings.prompts / command.prompt}"
    reply = await desk.rest.call("POST", f"{desk.channel}/play/{part(playback)}", {"media": media})
    if not reply.ok:
        line.playing = ""
    expect(reply)


async def play_music(desk: Desk) -> None:
    """Music on the caller's own channel: one bridge for everybody would cost the square of the callers."""
    await music(desk, desk.channel)
    desk.line.sound = Sound.MUSIC


async def music(desk: Desk, channel: str) -> None:
    """Music on one channel."""
    expect(await desk.rest.call("POST", f"{channel}/moh", {"mohClass": desk.settings.music_class}))


async def hush(desk: Desk) -> None:
    """Stop what the caller hears beside the room, and what is recorded of him alone. An announcement and a message must
    be stopped: Asterisk would finish either before it does anything else to his channel."""
    line = desk.line
    stops: list[Coroutine[Any, Any, None]] = []
    if line.playing:
        stops.append(drop(desk.rest, f"playbacks/{part(line.playing)}"))
    if line.message:
        stops.append(_stop_message(desk))
    if line.sound is not Sound.NOTHING:
        stops.append(_stop_sound(desk.rest, desk.channel, line))
    await together(*stops)


async def hush_leg(desk: Desk, offer: OfferId, leg: Leg) -> None:
    """Stop the music or the ring tone that a leg hears."""
    if leg.sound is not Sound.NOTHING:
        await _stop_sound(desk.rest, desk.leg(offer), leg)


async def send_keys(desk: Desk, command: SendKeys) -> None:
    """Keys to a leg, or to the caller."""
    if not _KEYS.fullmatch(command.digits):
        raise Refused("only 0 to 9, A to D, * and # are keys")
    channel = desk.channel if command.offer is None else desk.leg(command.offer)
    expect(await desk.rest.call("POST", f"{channel}/dtmf", {"dtmf": command.digits, "between": 100, "duration": 120}))


async def stop_ringing(desk: Desk, command: StopRinging) -> None:
    """Hang up a leg."""
    if leg := desk.line.legs.get(command.offer):
        leg.stopped = True
    await drop(desk.rest, desk.leg(command.offer))


async def release(desk: Desk, command: Release) -> bool:
    """Hang up the caller and every leg of the call. The bridges go when the caller's end is heard. False: the caller
    has no channel."""
    desk.line.released = True
    reason = command.cause if command.cause in REASONS else "normal"
    for leg in desk.line.legs.values():
        leg.stopped = True
    legs = together(*(drop(desk.rest, desk.leg(offer)) for offer in desk.line.legs))
    reply, _ = await asyncio.gather(desk.rest.call("DELETE", desk.channel, {"reason": reason}), legs)
    expect(reply, done=(404, 409))
    return reply.status != 404


async def drop(rest: Rest, path: str, reason: str = "") -> None:
    """Delete a channel, bridge or playback; one that is gone already is fine."""
    expect(await rest.call("DELETE", path, {"reason": reason} if reason else None), done=(404, 409))


async def ensure_bridge(desk: Desk) -> None:
    """The call's bridge exists, unless the call has ended meanwhile: whoever takes it down came too early for it."""
    async with desk.line.bridge_turn:
        if not desk.line.bridge:
            expect(await desk.rest.call("POST", desk.bridge, {"type": "mixing"}), done=(409,))
            desk.line.bridge = True
            if desk.line.closed:
                await drop(desk.rest, desk.bridge)


async def stop_recording(desk: Desk, name: str) -> None:
    """End a recording, and wait for `RecordingFinished`: until then a channel that is recorded cannot join, and the end
    of one whose bridge is taken away may be told to nobody."""
    over = desk.awaited[name] = asyncio.Event()
    try:
        reply = await desk.rest.call("POST", f"recordings/live/{part(name)}/stop")
        expect(reply, done=(404, 409))
        if reply.ok:
            async with asyncio.timeout(STOPS_WITHIN_SECONDS):
                await over.wait()
    except TimeoutError:
        pass  # nothing is lost by going on
    finally:
        desk.awaited.pop(name, None)


async def _stop_message(desk: Desk) -> None:
    """Its tone first, if that still sounds. One that is told to end before it has begun leaves its channel unable to
    join anything for good (Asterisk 22: the rule against it is taken back only by a recording that ran)."""
    line, path = desk.line, f"recordings/live/{part(desk.line.message)}"
    if line.tone:
        await drop(desk.rest, f"playbacks/{part(line.tone)}")
    clock = asyncio.get_running_loop().time
    end = clock() + BEGINS_WITHIN_SECONDS
    while clock() < end:
        reply = await desk.rest.call("GET", path)
        if not reply.ok or msgspec.json.decode(reply.body, type=Recording).state != "queued":
            break
        await asyncio.sleep(BEGINS_WITHIN_SECONDS / 50)
    await stop_recording(desk, line.message)


async def together(*work: Coroutine[Any, Any, None]) -> None:
    """All at the same time, each to its end; then the first failure, if there was one."""
    if len(work) == 1:
        await work[0]
        return
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def expect(reply: Reply, done: tuple[int, ...] = ()) -> None:
    """Raises `Refused` in Asterisk's words, but for answers that mean that it is done."""
    if not reply.ok and reply.status not in done:
        raise Refused(reply.said)


async def _stop_sound(rest: Rest, channel: str, hearer: Line | Leg) -> None:
    if hearer.sound in (Sound.MUSIC, Sound.UNKNOWN):
        await drop(rest, f"{channel}/moh")
    if hearer.sound in (Sound.RINGING, Sound.UNKNOWN):
        await drop(rest, f"{channel}/ring")
    hearer.sound = Sound.NOTHING
