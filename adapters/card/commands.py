"""How is what concerns the caller's own line carried out on a card? Going off-hook, playing, keys, recording, the
end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from adapters.card.book import SUFFIX
from adapters.card.calls import Line
from adapters.card.desk import Desk, alone, line_of, music, off_hook, prompt_file
from adapters.card.wire import HangUp, Play, Record, SendDtmf
from adapters.errors import Refused
from adapters.telephony import (
    Answer,
    EndedBy,
    PlayMusic,
    PlayPrompt,
    RecordingStarted,
    Release,
    SendKeys,
    StartRecording,
    TakeMessage,
)

BEEP: Final = "beep"
"""The tone before a message (留言): a file beside the announcements, left out where there is none."""
KEYS: Final = re.compile(r"[0-9A-D*#]{1,64}")
RECORDING: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.~-]*(/[A-Za-z0-9_-][A-Za-z0-9_.~-]*){0,8}")


async def answer(desk: Desk, command: Answer) -> None:
    """Go off-hook, and wait until the line is."""
    await off_hook(desk, line_of(desk, command))


async def play_prompt(desk: Desk, command: PlayPrompt) -> None:
    """The announcement, from its beginning."""
    line = line_of(desk, command)
    if line.prompt == command.prompt:
        return
    file = prompt_file(desk, command.prompt)
    if file is None:
        raise Refused(f"there is no announcement {command.prompt!r} in the folder")
    await off_hook(desk, line)
    await alone(desk, line)
    task = desk.book.next_task()
    line.prompt, line.task, line.interruptible = command.prompt, task, command.interruptible
    try:
        await desk.done(Play(channel=line.channel, file=str(file), task=task))
    except Refused:
        if line.task == task:
            line.prompt, line.task = "", 0
        raise


async def play_music(desk: Desk, command: PlayMusic) -> None:
    """Music, again and again; nothing where the folder has none."""
    line = line_of(desk, command)
    await off_hook(desk, line)
    await alone(desk, line)
    await music(desk, line)


async def send_keys(desk: Desk, command: SendKeys) -> None:
    """Keys to a leg, or to the caller."""
    line = line_of(desk, command)
    if not KEYS.fullmatch(command.digits):
        raise Refused("these are no keys")
    leg = line.legs.get(command.offer) if command.offer is not None else None
    if (command.offer is not None and (leg is None or not leg.up)) or (command.offer is None and not line.answered):
        raise Refused("nobody has picked up there")
    await desk.done(SendDtmf(channel=leg.channel if leg is not None else line.channel, digits=command.digits))


async def start_recording(desk: Desk, command: StartRecording) -> None:
    """Both sides, from now on."""
    line = line_of(desk, command)
    if line.recording == command.name:
        return
    record = _record(desk, line, command.name, both=True)
    desk.book.stop_recording(line, desk.now())
    await desk.done(record)
    _begun(desk, line, command.name, record)


async def take_message(desk: Desk, command: TakeMessage) -> None:
    """The tone, then the caller alone."""
    line = line_of(desk, command)
    if line.recording == command.name:
        return
    record = _record(desk, line, command.name, both=False, seconds=command.seconds)
    await off_hook(desk, line)
    await alone(desk, line)
    desk.book.stop_recording(line, desk.now())
    tone = prompt_file(desk, BEEP)
    line.message = True
    try:
        if tone is None:
            await desk.done(record)
        else:
            line.task, line.then = desk.book.next_task(), record
            await desk.done(Play(channel=line.channel, file=str(tone), task=line.task))
    except Refused:
        line.message, line.task, line.then = False, 0, None
        raise
    _begun(desk, line, command.name, record, seconds=command.seconds, later=tone is not None)


async def release(desk: Desk, command: Release) -> None:
    """End the call for everybody in it."""
    line = desk.book.find(command.call)
    if line is not None:
        desk.book.over(line, EndedBy.US, command.cause, desk.now())
        await desk.done(HangUp(channel=line.channel))


# ── the pieces ──


def _record(desk: Desk, line: Line, name: str, *, both: bool, seconds: int = 0) -> Record:
    if not RECORDING.fullmatch(name) or ".." in name:
        raise Refused("that is not the name of a recording")
    file = desk.recordings / f"{name}{SUFFIX}"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"the recordings' folder: {error.strerror}") from error
    return Record(channel=line.channel, file=str(file), task=desk.book.next_task(), both=both, seconds=seconds)


def _begun(desk: Desk, line: Line, name: str, record: Record, *, seconds: int = 0, later: bool = False) -> None:
    now = desk.now()
    line.recording, line.recording_task = name, record.task
    line.recording_since = None if later and line.then is not None else now
    line.recording_until = now + timedelta(seconds=seconds) if seconds else None
    desk.book.say(line, RecordingStarted, now, name=name)
