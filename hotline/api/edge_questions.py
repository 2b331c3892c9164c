"""What is asked of an edge on one connection, and the answers as they come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Final

from adapters.errors import LinkDown
from adapters.telephony import AdapterName
from hotline.edge.asked import Answer, Asked, answer
from hotline.edge.protocol import RECORD_BYTES, Answered, Ask, NotUnderstood, encode, pieces

ANSWER_SECONDS: Final = 30.0
"""A file may take so long; who waits for an order has given up before."""


class Questions:
    """Of one connection."""

    def __init__(self, send: Callable[[Ask], Awaitable[None]]) -> None:
        self._send = send
        self._ids = count(1)
        self._open: dict[int, asyncio.Future[Answer]] = {}
        self._parts: dict[int, bytearray] = {}
        self._over = False

    async def ask(self, adapter: AdapterName, question: Asked) -> Answer:
        """Raises `LinkDown` when the connection ends before, and `TimeoutError`."""
        if self._over:
            raise LinkDown("the connection to the edge is over")
        id = next(self._ids)
        told = self._open[id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                for piece, last in pieces(encode(question)):
                    await self._send(Ask(id=id, adapter=adapter, piece=piece, last=last))
                return await told
        finally:
            self._open.pop(id, None)
            self._parts.pop(id, None)

    def answered(self, said: Answered) -> None:
        """An answer, or a piece of one; nobody may wait for it any more. Raises `NotUnderstood`."""
        told = self._open.get(said.id)
        if told is None or told.done():
            return
        parts = self._parts.setdefault(said.id, bytearray())
        parts += said.piece
        if len(parts) > RECORD_BYTES:
            raise NotUnderstood("an answer that is too long")
        if said.last:
            told.set_result(answer(bytes(parts)))

    def over(self) -> None:
        """Nobody will answer any more."""
        self._over = True
        for told in self._open.values():
            if not told.done():
                told.set_exception(LinkDown("the connection to the edge is over"))
