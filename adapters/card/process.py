"""How is a driver host started, spoken with, watched and ended? Its death is told, never shared.

The host is killed when it has not said for a while that its library still returns: a call into a vendor's library that
hangs cannot be ended in any other way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import structlog

from adapters.card.wire import LINE_BYTES, Alive, Answer, AnySign, Order, Ready, pack, read_said
from adapters.errors import LinkDown, Refused, Unsupported
from adapters.telephony import AdapterName

log = structlog.get_logger("adapters.card")

LAST_WORDS: Final = 12
"""Lines of the host's stderr that are kept for whoever has to find out."""
WORD_CHARS: Final = 300
END_SECONDS: Final = 1.2
"""The library may take so long to close; then it is killed."""
FAIR: Final = 64
"""After so many lines in a row somebody else's turn comes."""
_NUMBER: Final = re.compile(r"\d{5,}")
_FOLDER: Final = re.compile(r'(?<=File ")[^"]*/')
_NOISE: Final = ("<frozen", "Extension modules")


Then = Callable[[Answer], None]


class Host:
    """One driver host that runs."""

    def __init__(self, name: AdapterName, process: Process) -> None:
        self._process = process
        self._log = log.bind(adapter=name, pid=process.pid)
        self._ids = count(1)
        self._waiting: dict[int, tuple[asyncio.Future[Answer], Then | None]] = {}
        self._words: deque[str] = deque(maxlen=LAST_WORDS)
        self._listening = asyncio.create_task(self._listen(), name=f"card host {name} stderr")
        self.misread = 0
        """Lines that were none of ours."""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def send(self, order: Order, then: Then | None = None) -> asyncio.Future[Answer]:
        """Put an order on its way; orders are carried out in their order. The answer need not be waited for. `then` is
        given it before anything is heard that happened later."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        future.add_done_callback(_seen)
        number = next(self._ids)
        stdin = self._process.stdin
        if stdin is None or stdin.is_closing() or self._process.returncode is not None:
            future.set_exception(LinkDown("device_down: the driver host has ended"))
            return future
        self._waiting[number] = (future, then)
        stdin.write(pack(msgspec.structs.replace(order, id=number)))
        return future

    async def order(self, order: Order, then: Then | None = None) -> Answer:
        """Have it done. Raises `Refused`, `Unsupported`, or `LinkDown` when the host ends first."""
        answer = await asyncio.shield(self.send(order, then))
        if answer.lacking:
            raise Unsupported(answer.refused)
        if answer.refused:
            raise Refused(answer.refused)
        return answer

    async def said(self, within_seconds: float) -> AsyncGenerator[Ready | Alive | AnySign, None]:
        """What the host says, answers excepted, until it ends or is stuck for so long: `LinkDown`."""
        stdout = self._process.stdout
        assert stdout is not None
        for number in count(1):
            try:
                async with asyncio.timeout(within_seconds):
                    line = await stdout.readline()
            except TimeoutError as error:
                self._kill()
                raise LinkDown(self._down(f"the library has hung for {within_seconds:g} s")) from error
            except ValueError as error:
                self._kill()
                raise LinkDown(self._down("the host said a line without end")) from error
            if not line:
                raise LinkDown(await self._ended())
            if number % FAIR == 0:
                await asyncio.sleep(0)
            try:
                what = read_said(line)
            except msgspec.MsgspecError as error:
                self.misread += 1
                self._log.warning("unreadable line of the driver host", problem=str(error)[:200], size=len(line))
                continue
            if isinstance(what, Answer):
                self._answered(what)
            else:
                yield what

    async def end(self) -> None:
        """Let it close the library, or kill it. Nothing of it is left."""
        try:
            if (stdin := self._process.stdin) is not None:
                stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_SECONDS):
                    await self._drained()
        finally:
            self._kill()
            self._listening.cancel()
            for future, _ in self._waiting.values():
                if not future.done():
                    future.set_exception(LinkDown("device_down: the driver host has ended"))
            self._waiting.clear()
        await self._process.wait()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening

    async def _drained(self) -> None:
        """Until it has ended; what it still says is read, or it could wait for us."""
        stdout = self._process.stdout
        while stdout is not None and await stdout.read(LINE_BYTES):
            pass
        await self._process.wait()

    def _answered(self, answer: Answer) -> None:
        if answer.refused:
            self._log.info("the card refused an order", reason=_NUMBER.sub("…", answer.refused)[:WORD_CHARS])
        future, then = self._waiting.pop(answer.id, (None, None))
        if future is None:
            self._log.warning("an answer to no order", order=answer.id)
            return
        if then is not None:
            then(answer)
        if not future.done():
            future.set_result(answer)

    async def _ended(self) -> str:
        """Why, with its last words."""
        code = await self._process.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_SECONDS):
                await asyncio.shield(self._listening)
        if code < 0:
            return self._down(f"the driver host died of {signal.Signals(-code).name}")
        return self._down(f"the driver host ended with code {code}")

    def _down(self, why: str) -> str:
        return f"device_down: {why}" + (f": {' | '.join(self._words)}" if self._words else "")

    def _kill(self) -> None:
        """The host and whatever its library has started."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _listen(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        while True:
            try:
                line = await stderr.readline()
            except ValueError:
                continue  # a line without end: its pieces are dropped
            if not line:
                return
            word = _FOLDER.sub("", _NUMBER.sub("…", line.decode("utf-8", "replace").strip()))[:WORD_CHARS]
            if word and not any(noise in word for noise in _NOISE):
                self._words.append(word)


@asynccontextmanager
async def running(
    name: AdapterName, arguments: Sequence[str], secrets: Mapping[str, str], folder: Path, start_seconds: float
) -> AsyncIterator[tuple[Host, Ready]]:
    """A host whose library is open, for as long as the block runs. Raises `LinkDown` when it does not open."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-m", "adapters.card.host", *arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            limit=LINE_BYTES,
            cwd=folder,
            env={**os.environ, **secrets},
            start_new_session=True,
        )
    except OSError as error:
        raise LinkDown(f"device_down: the driver host does not start: {error.strerror}") from error
    host = Host(name, process)
    try:
        async with contextlib.aclosing(host.said(start_seconds)) as said:
            async for first in said:
                if isinstance(first, Ready):
                    break
                if not isinstance(first, Alive):
                    raise LinkDown("device_down: the driver host did not begin with what it has")
            else:
                raise LinkDown("device_down: the driver host ended")
        yield host, first
    finally:
        await host.end()


def _seen(future: asyncio.Future[Answer]) -> None:
    """Nobody may have waited for it: what is lost with a host is told by its end."""
    if not future.cancelled():
        future.exception()
