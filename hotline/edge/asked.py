"""What the core asks of a device that obeys and is at an edge: orders, announcements, recordings."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NoReturn, TypeVar

import msgspec

from adapters.errors import LinkDown, NoAnswer, Refused, Unsupported
from adapters.prompts import StoredPrompt
from adapters.telephony import Command
from hotline.edge.protocol import NotUnderstood

CHUNK_BYTES: Final = 256 * 1024
"""Of a recording, at once."""

T = TypeVar("T")


class _Word(msgspec.Struct, frozen=True, tag=True, tag_field="type"):
    pass


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Do(_Word, frozen=True):
    """`TelephonyAdapter.do`."""

    command: Command


class PromptNames(_Word, frozen=True):
    """`PromptStore.prompt_names`."""


class PutPrompt(_Word, frozen=True):
    """`PromptStore.put_prompt`."""

    name: str
    wav: bytes


class RestorePrompt(_Word, frozen=True):
    """`PromptStore.restore_prompt`."""

    name: str


class ReadPrompt(_Word, frozen=True):
    """`PromptStore.read_prompt`."""

    name: str


class ListRecordings(_Word, frozen=True):
    """Recordings that are complete and have not been let go."""


class ReadRecording(_Word, frozen=True):
    """A piece of one, of at most `CHUNK_BYTES`; an empty one: that was all."""

    file: str
    """Path below the recordings' folder."""
    offset: int


class DropRecording(_Word, frozen=True):
    """The core has it: the edge need not keep it. One that has changed since is kept."""

    file: str
    size: int


Asked = Do | PromptNames | PutPrompt | RestorePrompt | ReadPrompt | ListRecordings | ReadRecording | DropRecording


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Done(_Word, frozen=True):
    """It is done."""


class Failed(_Word, frozen=True):
    """It is not: refused, unsupported, no_answer, link_down; or `os`, with what the system said."""

    reason: str
    detail: str
    errno: int | None = None


class Prompts(_Word, frozen=True):
    """Every announcement that can be played."""

    names: dict[str, StoredPrompt]


class Data(_Word, frozen=True):
    """Bytes, or that there are none."""

    data: bytes | None


class Kept(msgspec.Struct, frozen=True):
    """A recording that lies at the edge."""

    file: str
    size: int
    at: datetime
    """Of its last byte."""


class Recordings(_Word, frozen=True):
    """Those that are complete, oldest first; at most a few hundred at once."""

    kept: list[Kept]


Answer = Done | Failed | Prompts | Data | Recordings

_ASKED: Final[msgspec.msgpack.Decoder[Asked]] = msgspec.msgpack.Decoder(Asked)
_ANSWER: Final[msgspec.msgpack.Decoder[Answer]] = msgspec.msgpack.Decoder(Answer)
_REASONS: Final = {"refused": Refused, "unsupported": Unsupported, "no_answer": NoAnswer, "link_down": LinkDown}


def asked(data: bytes) -> Asked:
    """A question. Raises `NotUnderstood`."""
    return _read(_ASKED, data)


def answer(data: bytes) -> Answer:
    """An answer. Raises `NotUnderstood`."""
    return _read(_ANSWER, data)


def failed(error: Exception) -> Failed:
    """An adapter's or the system's error, as it is told to the core."""
    match error:
        case OSError() if not isinstance(error, TimeoutError):
            return Failed("os", error.strerror or str(error), error.errno)
        case TimeoutError():
            return Failed("no_answer", "the device did not answer in time")
        case _:
            reason = next((name for name, kind in _REASONS.items() if isinstance(error, kind)), "refused")
            return Failed(reason, str(error) or type(error).__name__)


def raise_again(failed: Failed) -> NoReturn:
    """What was raised at the edge, here."""
    if failed.reason == "os":
        raise OSError(failed.errno, failed.detail)
    raise _REASONS.get(failed.reason, Refused)(failed.detail)


def _read(decoder: msgspec.msgpack.Decoder[T], data: bytes) -> T:
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise NotUnderstood(str(error)[:200]) from None
