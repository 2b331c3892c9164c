"""What is heard on the line: an announcement, music, or the machine that takes a message; one thing at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import structlog

from adapters.errors import AdapterError, LinkDown
from adapters.modem.call import LineBook
from adapters.modem.line_sound import LineSound
from adapters.modem.live import Live
from adapters.modem.message import Message
from adapters.modem.prompts import tone
from adapters.telephony import CallEvent, RecordingStarted, RecordingStopped

log = structlog.get_logger()

BEEP: Final = (900.0, 0.5)
"""Hertz and seconds of the tone before a message."""

CLOSING_SECONDS: Final = 0.8
"""So long a modem is given to stop when the wire is closed."""

Say = Callable[[list[CallEvent]], None]


class OnLine:
    """One line's sound."""

    def __init__(self, book: LineBook, say: Say) -> None:
        self._book = book
        self._say = say
        self._task: asyncio.Task[None] | None = None
        self._prompt: tuple[str, bool] | None = None
        """Which announcement plays, and whether a key cuts it."""
        self._music = False
        self._message: tuple[str, Message] | None = None
        self.sound: LineSound | None = None
        """None: the modem is not connected."""

    @property
    def is_quiet(self) -> bool:
        """Nothing is played or taken."""
        return self._task is None or self._task.done()

    def plays(self, prompt: str) -> bool:
        """That announcement is being played."""
        return not self.is_quiet and self._prompt is not None and self._prompt[0] == prompt

    @property
    def plays_music(self) -> bool:
        """Music is."""
        return not self.is_quiet and self._music

    def takes(self, message: str) -> bool:
        """That message is being taken, or was just now."""
        return self._message is not None and self._message[0] == message

    def play(self, live: Live, prompt: str, pcm: bytes, *, interruptible: bool) -> None:
        """Begin an announcement; `silence` comes before."""
        self._prompt = (prompt, interruptible)
        self._begin(live, self._prompt_to_its_end(live, prompt, pcm))

    def play_music(self, live: Live, pcm: bytes) -> None:
        """Begin the music; `silence` comes before."""
        self._music = True
        self._begin(live, self._music_for_ever(pcm))

    def take(self, live: Live, name: str, path: Path, *, seconds: float, silence_seconds: float) -> None:
        """Begin to take a message; `silence` comes before."""
        message = Message(path, seconds=seconds, silence_seconds=silence_seconds)
        self._message = (name, message)
        self._begin(live, self._message_to_its_end(live, name, path.name, message))

    def key(self, digit: str) -> None:
        """A key cuts what may be cut, and # ends a message."""
        if self._message is not None:
            if digit == "#":
                self._message[1].over()
        elif self._prompt is not None and self._prompt[1]:
            self._cut()

    async def silence(self, *, told: bool = True) -> None:
        """End what is heard; an announcement that is cut is told, unless nobody is left to be told."""
        task, self._task = self._task, None
        if told:
            self._cut(task)
        self._prompt = None
        if task is not None:
            await self._ended(task, at_once=not told)
        self._music, self._message = False, None

    async def over(self) -> None:
        """Returns when what is heard has come to its own end, or does not come to it soon."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)

    def _begin(self, live: Live, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work, name=f"sound {live.key}")

    def _cut(self, task: asyncio.Task[None] | None = None) -> None:
        """Nothing more of the announcement: at once, whatever the modem still has to finish."""
        prompt, self._prompt = self._prompt, None
        live, task = self._book.live, task or self._task
        if prompt is None or live is None:
            return
        if task is not None and not task.cancelling():
            task.cancel()
        self._say(self._book.prompt_ended(live.key, datetime.now(UTC), prompt[0], interrupted=True))

    async def _ended(self, task: asyncio.Task[None], *, at_once: bool) -> None:
        """Cancelled once only: a modem that is just being told to stop is not to be left half told."""
        if not task.cancelling():
            task.cancel()
        await asyncio.wait({task}, timeout=CLOSING_SECONDS if at_once else None)
        if not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSING_SECONDS)
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            log.error("sound failed", adapter=self._book.site.adapter, exc_info=error)

    async def _prompt_to_its_end(self, live: Live, prompt: str, pcm: bytes) -> None:
        failed = False
        try:
            await self._there().play(pcm)
        except AdapterError as error:
            self._complain("announcement not played", error)
            failed = True
        if self._prompt is not None and self._prompt[0] == prompt:
            self._prompt = None
            self._say(self._book.prompt_ended(live.key, datetime.now(UTC), prompt, failed=failed))

    async def _music_for_ever(self, pcm: bytes) -> None:
        try:
            while True:
                await self._there().play(pcm)
        except AdapterError as error:
            self._complain("music not played", error)

    async def _message_to_its_end(self, live: Live, name: str, file: str, message: Message) -> None:
        try:
            with suppress(AdapterError):
                await self._there().play(tone(*BEEP))
            self._say(self._book.say(RecordingStarted, datetime.now(UTC), name=name))
            live.recording = True
            await message.take(self._there())
        finally:  # told also of one who hangs up during the beep: the hall waits for the message's end
            live.recording = False
            kept = {"file": file, "seconds": round(message.seconds, 3)} if message.seconds else {}
            missing = message.missing or ("" if kept else "没有录到声音")
            self._say(self._book.say(RecordingStopped, datetime.now(UTC), name=name, missing=missing, **kept))

    def _there(self) -> LineSound:
        if self.sound is None:
            raise LinkDown("the modem is not connected")
        return self.sound

    def _complain(self, what: str, error: AdapterError) -> None:
        site = self._book.site
        log.warning(what, adapter=site.adapter, port=site.port, detail=str(error))
