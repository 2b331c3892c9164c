"""How is a call recorded, and a message taken? And how does a later run of ours find out?"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import msgspec

from adapters.asterisk.ari import Recording
from adapters.asterisk.commands import Desk, ensure_bridge, expect, hush
from adapters.asterisk.ids import next_number
from adapters.asterisk.rest import part
from adapters.errors import Refused
from adapters.telephony import StartRecording, TakeMessage

RECORDING_NOTE: Final = "HOTLINE_RECORDING"
RECORD_NOTE: Final = "CDR(userfield)"
"""The dial plan writes who has the call there; `records.py` reads it."""
BEEP: Final = "beep"
"""The tone before a message: a file that `configure.py` puts beside the announcements."""

_RECORDING = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*){0,8}")


async def start_recording(desk: Desk, command: StartRecording) -> None:
    """Record what is heard in the call's bridge: everybody, mixed, whoever comes and goes."""
    _check(command.name)
    await ensure_bridge(desk)
    query = {"name": command.name, "format": desk.settings.recording_format, "ifExists": "overwrite"}
    expect(await desk.rest.call("POST", f"{desk.bridge}/record", query), done=(409,))
    desk.line.recording = command.name


async def take_message(desk: Desk, command: TakeMessage) -> None:
    """The tone, then the caller alone. Asterisk begins the second of the two when the first is over."""
    _check(command.name)
    line = desk.line
    if line.message == command.name:
        return
    if line.caller_in:
        expect(
            await desk.rest.call("POST", f"{desk.bridge}/removeChannel", {"channel": desk.call}), done=(400, 404, 422)
        )
        line.caller_in = False
    await hush(desk)
    line.on_hold = False
    line.message = command.name
    await note_recording(desk, command.name)  # before: his channel takes no orders while it is recorded
    tone = line.tone = f"tone~{desk.call}~{next_number()}"
    media = f"sound:{desk.settings.prompts / BEEP}"
    expect(await desk.rest.call("POST", f"{desk.channel}/play/{part(tone)}", {"media": media}))
    query: dict[str, str | int] = {
        "name": command.name,
        "format": desk.settings.recording_format,
        "ifExists": "overwrite",
        "maxDurationSeconds": command.seconds,
        "maxSilenceSeconds": desk.settings.message_silence,
        "terminateOn": "#",
    }
    reply = await desk.rest.call("POST", f"{desk.channel}/record", query)
    if not reply.ok and reply.status != 409:
        line.message = ""
    expect(reply, done=(409,))


async def note_recording(desk: Desk, name: str) -> None:
    """Write the recording's name on the caller's channel, where a later run of ours finds it, and into his call record,
    which tells of it when the call ends while nobody listens."""
    began = f"{datetime.now(UTC).timestamp():.3f}"
    note = f"hall at={began} file={name}.{desk.settings.recording_format}"
    for variable, value in ((RECORDING_NOTE, name), (RECORD_NOTE, note)):
        query = {"variable": variable, "value": value}
        expect(await desk.rest.call("POST", f"{desk.channel}/variable", query), done=(404, 409))


async def find_recording(desk: Desk) -> None:
    """What is recorded of a call that was there before us, into its line."""
    noted = await desk.rest.call("GET", f"{desk.channel}/variable", {"variable": RECORDING_NOTE})
    name = msgspec.json.decode(noted.body, type=dict[str, str]).get("value", "") if noted.ok else ""
    if not name:
        return
    running = await desk.rest.call("GET", f"recordings/live/{part(name)}")
    if not running.ok:
        return
    if msgspec.json.decode(running.body, type=Recording).target_uri.startswith("channel:"):
        desk.line.message = name
    else:
        desk.line.recording = name


def _check(name: str) -> None:
    if not _RECORDING.fullmatch(name) or ".." in name:
        raise Refused(f"{name!r} is not the name of a recording")
