"""Which requests carry out a command? Each may be repeated: "exists already" and "gone already" count as done."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from enum import Enum, auto
from itertools import count
from typing import Final

import msgspec

from adapters.asterisk.ids import bridge_id, leg_id, playback_id
from adapters.asterisk.lines import Line
from adapters.asterisk.rest import Reply, Rest, part
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import Refused, Unsupported
from adapters.telephony import CallKey, JoinLegs, PhoneKind, PlayPrompt, Release, RingSeat, StartRecording, StopRinging

REASONS: Final = frozenset({"busy", "congestion", "no_answer", "rejected", "unallocated", "answered_elsewhere"})
"""Words of `Release.cause` that Asterisk passes on to the caller's network; any other is a normal end."""

RECORDING_NOTE: Final = "HOTLINE_RECORDING"
RECORD_NOTE: Final = "CDR(userfield)"
"""The dial plan writes who has the call there; `records.py` reads it."""

_EXTENSION = re.compile(r"[A-Za-z0-9_-]{1,32}")
_PROMPT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_RECORDING = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,8}")
_UNFIT_TO_SHOW = re.compile(r'[<>"\\,;\x00-\x1f\x7f]')
_playbacks = count(1)


class Rung(Enum):
    """What came of ringing a seat."""

    RINGS = auto()
    NO_PHONE = auto()
    NO_CALLER = auto()
    """The caller has just gone; his end is on its way to us."""


class Desk(msgspec.Struct):
    """What a command needs at hand."""

    rest: Rest
    settings: AsteriskSettings
    call: CallKey
    line: Line

    @property
    def channel(self) -> str:
        """The caller's channel, as a step of a path."""
        return f"channels/{part(self.call)}"

    @property
    def bridge(self) -> str:
        """The call's bridge, as a step of a path."""
        return f"bridges/{part(bridge_id(self.call))}"


async def answer(desk: Desk) -> None:
    """Go off-hook."""
    _expect(await desk.rest.call("POST", f"{desk.channel}/answer"))
    desk.line.up = True


async def play_prompt(desk: Desk, command: PlayPrompt) -> None:
    """Play an announcement from the prompts folder. One that plays already is not started again, unless a key has just
    cut it short."""
    if not _PROMPT.fullmatch(command.prompt):
        raise Refused(f"{command.prompt!r} is not the name of an announcement")
    line = desk.line
    if line.playing.startswith(playback_id(desk.call, command.prompt, 0)[:-1]) and not line.interrupted:
        return
    await _quiet(desk)
    playback = playback_id(desk.call, command.prompt, next(_playbacks))
    line.playing, line.interruptible, line.interrupted = playback, command.interruptible, False
    media = f"sound:{desk.settings.prompts / command.prompt}"
    reply = await desk.rest.call("POST", f"{desk.channel}/play/{part(playback)}", {"media": media})
    if not reply.ok:
        line.playing = ""
    _expect(reply)


async def play_music(desk: Desk) -> None:
    """Music on the caller's own channel: one bridge for everybody would cost the square of the callers."""
    _expect(await desk.rest.call("POST", f"{desk.channel}/moh", {"mohClass": desk.settings.music_class}))
    desk.line.music = True


async def ring(desk: Desk, command: RingSeat) -> Rung:
    """Ring a seat's phone. Asterisk's word for a phone that is not registered is a bare 500.

    The headers let a browser phone tell which offer it is ringing for.
    """
    endpoint = dial_string(desk.settings, command)
    leg = leg_id(desk.call, command.offer)
    shown = _UNFIT_TO_SHOW.sub("", command.caller_shown)[:64]
    marks = {"PJSIP_HEADER(add,X-Hotline-Offer)": command.offer, "PJSIP_HEADER(add,X-Hotline-Call)": desk.call}
    # The caller's own record tells the call; one for each ringing phone would only cost time.
    marks["CDR_PROP(disable)"] = "1"
    query: dict[str, str | int] = {
        "endpoint": endpoint,
        "app": desk.settings.app,
        "appArgs": "seat",
        "callerId": f'"{shown}" <{re.sub("[^0-9*#+]", "", shown)}>' if shown else "",
        "timeout": command.seconds,
        "originator": desk.call,
    }
    reply = await desk.rest.call("POST", f"channels/{part(leg)}", query, {"variables": marks})
    if reply.status == 500:
        return Rung.NO_PHONE
    if reply.status == 400 and "riginator" in reply.said:
        return Rung.NO_CALLER
    _expect(reply, done=(409,))
    return Rung.RINGS


async def stop_ringing(desk: Desk, command: StopRinging) -> None:
    """Hang up the seat's leg."""
    if leg := desk.line.legs.get(command.offer):
        leg.stopped = True
    await drop(desk.rest, f"channels/{part(leg_id(desk.call, command.offer))}")


async def join(desk: Desk, command: JoinLegs) -> None:
    """Both sides into the call's bridge. A caller who only heard ringing so far is answered here."""
    if desk.line.joined == command.offer:
        return
    preparations = [ensure_bridge(desk), _quiet(desk)]
    if not desk.line.up:
        preparations.append(answer(desk))
    await asyncio.gather(*preparations)
    both = f"{desk.call},{leg_id(desk.call, command.offer)}"
    reply = await desk.rest.call("POST", f"{desk.bridge}/addChannel", {"channel": both})
    if reply.status == 404:
        desk.line.bridge = False
        await ensure_bridge(desk)
        reply = await desk.rest.call("POST", f"{desk.bridge}/addChannel", {"channel": both})
    _expect(reply)
    desk.line.joined = command.offer


async def start_recording(desk: Desk, command: StartRecording) -> None:
    """Record what is heard in the call's bridge: both sides, mixed."""
    if not _RECORDING.fullmatch(command.name) or ".." in command.name:
        raise Refused(f"{command.name!r} is not the name of a recording")
    await ensure_bridge(desk)
    query = {"name": command.name, "format": desk.settings.recording_format, "ifExists": "overwrite"}
    _expect(await desk.rest.call("POST", f"{desk.bridge}/record", query), done=(409,))
    desk.line.recording = command.name


async def note_recording(desk: Desk, name: str) -> None:
    """Write the recording's name on the caller's channel, where a later run of ours finds it, and into his call record,
    which tells of it when the call ends while nobody listens."""
    began = f"{datetime.now(UTC).timestamp():.3f}"
    note = f"hall at={began} file={name}.{desk.settings.recording_format}"
    for variable, value in ((RECORDING_NOTE, name), (RECORD_NOTE, note)):
        query = {"variable": variable, "value": value}
        _expect(await desk.rest.call("POST", f"{desk.channel}/variable", query), done=(404, 409))


async def stop_recording(rest: Rest, name: str) -> bool:
    """End a recording; `RecordingFinished` follows. False when it has ended already."""
    reply = await rest.call("POST", f"recordings/live/{part(name)}/stop")
    _expect(reply, done=(404, 409))
    return reply.ok


async def noted_recording(desk: Desk) -> str:
    """The recording that runs on this call; empty when there is none."""
    noted = await desk.rest.call("GET", f"{desk.channel}/variable", {"variable": RECORDING_NOTE})
    name = msgspec.json.decode(noted.body, type=dict[str, str]).get("value", "") if noted.ok else ""
    if not name:
        return ""
    running = await desk.rest.call("GET", f"recordings/live/{part(name)}")
    return name if running.ok else ""


async def release(desk: Desk, command: Release) -> None:
    """Hang up the caller and every seat's leg of the call. The bridge goes when the caller's end is heard."""
    desk.line.released = True
    reason = command.cause if command.cause in REASONS else "normal"
    legs = [drop(desk.rest, f"channels/{part(leg_id(desk.call, offer))}") for offer in desk.line.legs]
    await asyncio.gather(drop(desk.rest, desk.channel, reason), *legs)


async def drop(rest: Rest, path: str, reason: str = "") -> None:
    """Delete a channel, bridge or playback; one that is gone already is fine."""
    _expect(await rest.call("DELETE", path, {"reason": reason} if reason else None), done=(404, 409))


async def ensure_bridge(desk: Desk) -> None:
    """The call's bridge exists."""
    async with desk.line.bridge_turn:
        if not desk.line.bridge:
            _expect(await desk.rest.call("POST", desk.bridge, {"type": "mixing"}), done=(409,))
            desk.line.bridge = True


def dial_string(settings: AsteriskSettings, command: RingSeat) -> str:
    """Technology and phone. Only letters, digits, `_` and `-` get in, so nothing can be smuggled behind the phone."""
    if command.phone.kind is PhoneKind.SIMULATED:
        raise Unsupported("a simulated phone cannot be rung through Asterisk")
    if not _EXTENSION.fullmatch(command.phone.extension):
        raise Refused(f"{command.phone.extension!r} is not an extension")
    template = settings.phones.get(command.phone.kind.value)
    if template is None:
        raise Unsupported(f"no way to ring a {command.phone.kind} phone is set")
    return template.replace("{extension}", command.phone.extension)


async def _quiet(desk: Desk) -> None:
    """Stop announcement and music. An announcement must be stopped first: Asterisk would finish it before it joins."""
    if desk.line.playing:
        await drop(desk.rest, f"playbacks/{part(desk.line.playing)}")
    if desk.line.music:
        await drop(desk.rest, f"{desk.channel}/moh")
        desk.line.music = False


def _expect(reply: Reply, done: tuple[int, ...] = ()) -> None:
    if not reply.ok and reply.status not in done:
        raise Refused(reply.said)
