"""What the sound device beside a line says: which recording began and how it ended. Kept raw like every other frame, so
that a call gets its recording back after a restart."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

SOUND: Final = "sound."
"""Before the channel in the name of such a wire: `sound.1`. No wire of the settings can be called so."""
CUT_OFF: Final = "录音时服务停止，录音不完整"


class Sounded(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="said"):
    """Something about one recording."""

    name: str


class SoundBegan(Sounded, frozen=True, kw_only=True, tag="began"):
    """Audio is being written."""

    file: str
    """Below the adapter's recordings folder."""


class SoundEnded(Sounded, frozen=True, kw_only=True, tag="ended"):
    """It is over."""

    seconds: float
    file: str | None
    """None: there is nothing."""
    missing: str = ""
    """Why it is not there, or not to its end, in Chinese."""


AnySounded = SoundBegan | SoundEnded

_decoder: Final = msgspec.json.Decoder(AnySounded)


def said(what: AnySounded) -> bytes:
    """As a frame."""
    return msgspec.json.encode(what)


def read(frame: bytes) -> AnySounded:
    """The other way round. Raises `msgspec.MsgspecError` and `UnicodeError` for anything else."""
    return _decoder.decode(frame)


def wire_of(port: int) -> str:
    """What the wire of that channel's sound is called."""
    return f"{SOUND}{port}"


def port_of(wire: str) -> int | None:
    """The channel, where the wire is one of sound."""
    channel = wire.removeprefix(SOUND)
    return int(channel) if wire.startswith(SOUND) and channel.isascii() and channel.isdigit() else None


def name_of(adapter: str, port: int, at: datetime) -> str:
    """What a recording that begins then is called: once and never again."""
    return f"{adapter}-{port}-{at:%Y%m%dT%H%M%S.%f}"
