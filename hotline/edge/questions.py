"""What the core asks, from the pieces of the question to the pieces of the answer. What was begun is carried to its end
even when the connection is not there any more: half an order would be worse."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

import structlog
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from adapters.telephony import AdapterName
from hotline.edge import asked
from hotline.edge.asked import Answer, Failed
from hotline.edge.line import Line
from hotline.edge.obeying import ObeyingLine
from hotline.edge.protocol import RECORD_BYTES, Answered, Ask, NotUnderstood, encode, pieces

log = structlog.get_logger()

AT_ONCE: Final = 256
"""Questions that may be open; a core asks one per call and a few about files."""


class Questions:
    """Of all lines of one edge."""

    def __init__(self, lines: Mapping[AdapterName, Line]) -> None:
        self._lines = lines
        self._parts: dict[int, bytearray] = {}
        self._tasks = set[asyncio.Task[None]]()

    def anew(self) -> None:
        """Another connection: its questions have numbers of their own."""
        self._parts.clear()

    def came(self, ask: Ask, socket: ClientConnection) -> None:
        """A question, or a piece of one. Raises `NotUnderstood`."""
        parts = self._parts.setdefault(ask.id, bytearray())
        parts += ask.piece
        if len(parts) > RECORD_BYTES or len(self._parts) + len(self._tasks) > AT_ONCE:
            raise NotUnderstood("too much is asked at once")
        if ask.last:
            del self._parts[ask.id]
            work = self._answer(ask.id, self._lines.get(AdapterName(ask.adapter)), bytes(parts), socket)
            task = asyncio.create_task(work, name=f"asked {ask.adapter}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Nothing runs on."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, id: int, line: Line | None, question: bytes, socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            told = encode(await _answer_of(line, question))
            if len(told) > RECORD_BYTES:
                told = encode(Failed("os", "the file is too long to be given away", errno.EFBIG))
            for piece, last in pieces(told):
                await socket.send(encode(Answered(id=id, piece=piece, last=last)))


async def _answer_of(line: Line | None, question: bytes) -> Answer:
    if not isinstance(line, ObeyingLine):
        return Failed("unsupported", "the edge has no such line that obeys")
    try:
        return await line.answer(asked.asked(question))
    except NotUnderstood as error:
        log.error("the core asks what nobody understands", adapter=line.name, detail=str(error))
        return Failed("unsupported", str(error))
