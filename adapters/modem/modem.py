"""One voice modem at the end of an open wire: commands and their answers, sound out, sound in.

One command at a time. What the modem says of its own accord – rings, caller ids, events – goes to `hear` at once, also
while a command or a sound is under way. The modem echoes commands, and an answer counts only behind the echo of its
command: one that came too late is not taken for the next one's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from adapters.errors import LinkDown, NoAnswer, Refused
from adapters.modem.stream import Event, Flow, Line, Sound, SoundOver, Stream, stuffed
from adapters.wire.link import Link

ANSWER_SECONDS: Final = 3.0
CONNECT_SECONDS: Final = 5.0
STOP_SECONDS: Final = 3.0
"""So long a modem may take to leave off playing or receiving."""
STALLED_SECONDS: Final = 5.0
"""A modem that wants no sound for so long plays nothing any more."""
CHUNK_SECONDS: Final = 0.04
LEAD_SECONDS: Final = 0.3
"""So far sound runs ahead of the ear: what a busy event loop may oversleep, and what is lost when it is cut."""
MOST_LINES: Final = 64
LONGEST_ECHO: Final = 256

END_OF_SOUND: Final = b"\x10\x03"
DROP_SOUND: Final = b"\x10\x18"
"""DLE CAN: what was sent and not yet played is thrown away."""

_FINAL: Final = re.compile(r"OK|ERROR|CONNECT.*|VCON|NO CARRIER|NO DIAL ?TONE|NO ANSWER|BUSY")
_GOOD: Final = re.compile(r"OK|CONNECT.*|VCON")
_OF_THE_LINE: Final = re.compile(
    r"RING|DRO[NF]\s*=|FM:|\+CLIP:|[A-Z_' ]*(?:DATE|TIME|NMBR|NAME|NUMBER|NBR|NDID|MESG)\s*[=:]"
)
"""The modem's own accord, whatever was asked meanwhile."""

Hear = Callable[[Line | Event, datetime], None]


class Modem:
    """Works while `run` does."""

    def __init__(self, link: Link, hear: Hear) -> None:
        self._link = link
        self._hear = hear
        self._stream = Stream()
        self._turn = asyncio.Lock()
        self._asked = ""
        """The command whose answer is waited for; else nothing is."""
        self._echoed = False
        self._pieces = ""
        """Of an echo that a ring has broken."""
        self._lines: list[str] = []
        self._answer: asyncio.Future[str] | None = None
        self._go = asyncio.Event()
        self._go.set()
        self._sound: Callable[[bytes], None] | None = None
        self._closing = False
        self.echoes = False
        """The modem echoes commands, and no answer counts before."""

    async def run(self) -> None:
        """Read until cancelled, or until the wire is gone (`LinkDown`)."""
        try:
            while True:
                try:
                    async with asyncio.timeout(self._stream.patience if self._stream.pending else None):
                        data, at = await self._link.read()
                except TimeoutError:
                    if not self._link.unread:
                        self._take(self._stream.quiet(), datetime.now(UTC))
                else:
                    self._take(self._stream.feed(data), at)
        except LinkDown as down:
            self._fail(down)
            raise

    async def ask(self, command: str, seconds: float = ANSWER_SECONDS) -> list[str]:
        """Send a command; the lines of its answer before OK. Raises `Refused` for any other end, `NoAnswer`."""
        async with self._turn:
            return await self._ask(command, seconds)

    async def accepts(self, command: str) -> bool:
        """Send a command that not every modem has."""
        try:
            await self.ask(command)
        except Refused:
            return False
        return True

    async def wake(self, command: str) -> None:
        """Whatever it was doing, it listens for commands again, and has heard this one. It may answer or not."""
        await self._link.write(DROP_SOUND + END_OF_SOUND + b"\x10!\x10^!\r" + f"{command}\r".encode())

    async def leave(self, command: str) -> None:
        """The last command before the wire is closed: its answer is not waited for, nor is any other from now on."""
        self._closing = True
        with suppress(LinkDown):
            await self.wake(command)

    async def play(self, command: str, coded: bytes, rate: int) -> None:
        """Play that sound, one byte a sample, to its end; cancelling cuts it short. Raises `Refused`, `NoAnswer`."""
        async with self._turn:
            self._go.set()
            try:
                await self._through(self._ask(command, CONNECT_SECONDS))
                await self._pour(coded, rate)
            except (asyncio.CancelledError, NoAnswer):
                await self._finish(DROP_SOUND + END_OF_SOUND)
                raise
            await self._through(self._end(END_OF_SOUND, LEAD_SECONDS + STOP_SECONDS), hurry=DROP_SOUND)

    async def record(self, command: str, stop: bytes, write: Callable[[bytes], None]) -> None:
        """Hand on what the line says, as it comes, until cancelled. Raises `Refused`, `NoAnswer`."""
        async with self._turn:
            self._sound = write
            self._stream.expect_sound(True)
            try:
                await self._through(self._ask(command, CONNECT_SECONDS))
                await self._hold_on()
            finally:
                self._stream.expect_sound(False)
                if self._stream.receiving:
                    await self._finish(stop)
                self._sound = None

    # ── one command ──

    async def _ask(self, command: str, seconds: float) -> list[str]:
        async with self._awaiting(command) as answer:
            await self._link.write(f"{command}\r".encode())
            final = await self._within(answer, seconds, command)
        if not _GOOD.fullmatch(final):
            raise Refused(f"{command}: {final}")
        return list(self._lines)

    async def _through(self, work: Coroutine[Any, Any, object], hurry: bytes = b"") -> None:
        """Begin or end a sound. A modem that is on its way cannot be stopped before it has arrived: cancelled, this
        sends `hurry` and waits."""
        doing = asyncio.ensure_future(work)
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError:
            try:
                if hurry:
                    with suppress(LinkDown):
                        await self._link.write(hurry)
                await asyncio.wait({doing}, timeout=0 if self._closing else CONNECT_SECONDS)
            finally:
                doing.cancel()
                await asyncio.gather(doing, return_exceptions=True)
            raise

    async def _end(self, sign: bytes, seconds: float) -> None:
        """Tell it that a sound ends, and wait until it is ready for commands."""
        async with self._awaiting("") as answer:
            await self._link.write(sign)
            await self._within(answer, seconds, "end of sound")

    async def _finish(self, sign: bytes) -> None:
        """The same when something else has gone wrong already, or the sound was cut: nothing more is said about it."""
        with suppress(NoAnswer, LinkDown):
            if self._closing:
                await self._link.write(sign)
            else:
                await self._end(sign, STOP_SECONDS)

    @asynccontextmanager
    async def _awaiting(self, command: str) -> AsyncIterator[asyncio.Future[str]]:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answer, self._asked, self._echoed = answer, command, not (command and self.echoes)
        self._lines.clear()
        self._pieces = ""
        try:
            yield answer
        finally:
            self._answer = None
            if not answer.cancel() and not answer.cancelled():
                answer.exception()  # it may be that nobody came to ask

    async def _within(self, answer: asyncio.Future[str], seconds: float, what: str) -> str:
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError:
            raise NoAnswer(f"no answer to {what} within {seconds:g} s") from None

    async def _hold_on(self) -> None:
        """Until cancelled, or until the modem stops receiving by itself or the wire is gone."""
        async with self._awaiting("") as over:
            await over

    # ── sound ──

    async def _pour(self, coded: bytes, rate: int) -> None:
        """In real time, a little ahead of the ear. A modem's own flow control is obeyed as well."""
        clock = asyncio.get_running_loop().time
        size, began = max(int(rate * CHUNK_SECONDS), 1), clock()
        for at in range(0, len(coded), size):
            ahead = at / rate - (clock() - began)
            if ahead > LEAD_SECONDS:
                await asyncio.sleep(ahead - LEAD_SECONDS)
            elif ahead < 0:
                began += -ahead  # we were late: what the caller missed in silence is not made up for
            if not self._go.is_set():
                try:
                    async with asyncio.timeout(STALLED_SECONDS):
                        await self._go.wait()
                except TimeoutError:
                    raise NoAnswer(f"the modem takes no sound for {STALLED_SECONDS:g} s") from None
            await self._link.write(stuffed(coded[at : at + size]))

    # ── what comes ──

    def _take(self, items: list[Line | Event | Sound | SoundOver | Flow], at: datetime) -> None:
        for item in items:
            match item:
                case Sound():
                    if self._sound is not None:
                        self._sound(item.data)
                case Flow(go=True):
                    self._go.set()
                case Flow():
                    self._go.clear()
                case Event():
                    self._hear(item, at)
                case Line():
                    self._line(item, at)
                case SoundOver():
                    pass  # OK or VCON follows

    def _line(self, line: Line, at: datetime) -> None:
        text = line.text.decode("ascii", "replace").strip()
        if self._answer is None or _OF_THE_LINE.match(text):
            self._hear(line, at)
        elif self._asked and not self._echoed:
            self._pieces = f"{self._pieces}{text.upper()}"[-LONGEST_ECHO:]
            self._echoed = self._pieces.endswith(self._asked.upper())
        elif text.upper() == self._asked.upper():
            pass  # an echo that nobody waited for
        elif self._echoed and _FINAL.fullmatch(text) and not self._answer.done():
            self._answer.set_result(text)
        elif self._echoed and len(self._lines) < MOST_LINES:
            self._lines.append(text)

    def _fail(self, down: LinkDown) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(LinkDown(str(down)))
