"""Where edges (边缘机) connect: who is it, what has it heard, and how far is that durable here?

What an edge may say is what `hotline.edge.protocol` describes, for the adapters that the settings give it. A record is
acknowledged when its effects and its number are durable, in one statement; what comes again is dropped by its number.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Mapping
from enum import IntEnum
from typing import Final

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from adapters.errors import LinkDown
from adapters.telephony import AdapterName
from hotline.api.deps import is_local, is_secure
from hotline.api.edge_lines import CarriedLine, TooMuch
from hotline.api.edge_questions import Questions
from hotline.edge import protocol
from hotline.edge.asked import Answer, Asked
from hotline.edge.leaves import leaves
from hotline.edge.protocol import (
    Ack,
    Answered,
    Beat,
    BeatBack,
    Carry,
    Challenge,
    Hello,
    NotUnderstood,
    Part,
    Refused,
    Welcome,
    encode,
    from_edge,
    proof,
    proven,
)
from hotline.edges import Edge
from hotline.hall.hall import NotLeading
from hotline.store.errors import StoreAway

log = structlog.get_logger()
routes = APIRouter()

HELLO_SECONDS: Final = 10.0
LEADER_SECONDS: Final = 10.0
WRONG_SECONDS: Final = 1.0
"""Who did not know the secret may try again after that."""
UNREAD_SECONDS: Final = 10.0
FAREWELL_SECONDS: Final = 2.0


class CloseCode(IntEnum):
    """Why the connection is closed."""

    RESTART = 1012
    """The service stops, or does not lead: try again."""
    NOT_UNDERSTOOD = 4400
    WRONG_SECRET = 4401
    NOT_ALLOWED = 4403
    SILENT = 4408
    TAKEN_OVER = 4409
    TOO_MUCH = 4429


@routes.websocket("/edge")
async def edge(socket: WebSocket) -> None:
    """One edge's connection, from the challenge to its end."""
    if not (is_secure(socket) or is_local(socket)):
        await socket.close(CloseCode.NOT_ALLOWED)
        return
    await socket.accept()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        try:
            await _Connection(socket).run()
        except _Over as over:
            if over.refusal is not None:
                await socket.send_bytes(encode(over.refusal))
            async with asyncio.timeout(FAREWELL_SECONDS):
                await socket.close(over.code, over.refusal.code if over.refusal else "")


class _Connection:
    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._edges: Mapping[str, Edge] = socket.app.state.edges
        self._clock = socket.app.state.clock
        self._lines: dict[str, CarriedLine] = {}
        self._last_word = asyncio.get_running_loop().time()
        self._questions = Questions(self._send)
        self._welcomed = asyncio.Event()
        self._greeted_at = self._clock.now()
        """When its Hello came."""
        self._yield = asyncio.Event()
        self._ended = asyncio.Event()

    async def run(self) -> None:
        try:
            hello, ours, nonce = await self._introduced()
        except TimeoutError:
            raise _Over(CloseCode.SILENT) from None
        if hello.check:
            await self._welcome(hello, ours, nonce)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(HELLO_SECONDS):
                    await self._listen()  # it measures the clocks, and goes
            return
        await ours.arrived(self)
        over: _Over | None = None
        try:
            await self._welcome(hello, ours, nonce)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(ours), name=f"edge {ours.name} in")
                tasks.create_task(self._watch(ours), name=f"edge {ours.name} watch")
                for line in self._lines.values():
                    tasks.create_task(self._carry(line), name=f"edge {ours.name} {line.name}")
        except* _Over as group:
            over = next(error for error in leaves(group) if isinstance(error, _Over))
        except* (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._questions.over()
            self._welcomed.set()  # whoever waits hears that it is over
            ours.left(self, over.code.name.lower() if over is not None else "the connection is lost")
            self._ended.set()
        if over is not None:
            raise over

    async def ask(self, adapter: AdapterName, question: Asked) -> Answer:
        """Raises `LinkDown` when the connection ends before the answer is here."""
        try:
            await self._welcomed.wait()  # before that the edge understands no question
            return await self._questions.ask(adapter, question)
        except (_Over, WebSocketDisconnect, RuntimeError):
            raise LinkDown("the connection to the edge is over") from None

    async def give_way(self) -> None:
        """A newer connection of the same edge is there. What is under way is ended first: it may be durable or not, and
        the newer one reads how far everything is."""
        self._yield.set()
        await self._ended.wait()

    # ── who is it? ──

    async def _introduced(self) -> tuple[Hello, Edge, bytes]:
        nonce = secrets.token_bytes(protocol.NONCE_BYTES)
        await self._send(Challenge(version=protocol.VERSION, nonce=nonce, at=self._clock.now()))
        async with asyncio.timeout(HELLO_SECONDS):
            hello = await self._next()
        if not isinstance(hello, Hello):
            raise _Over(CloseCode.NOT_UNDERSTOOD)
        self._greeted_at = self._clock.now()
        if hello.version != protocol.VERSION:
            words = f"中心的协议版本为 {protocol.VERSION}，边缘机为 {hello.version}：请把两边升级到同一版本"
            raise _Over(CloseCode.NOT_UNDERSTOOD, Refused(code="version", words=words))
        known = self._edges.get(hello.edge)
        secret = known.secret if known is not None else secrets.token_hex()
        right = proven(hello.proof, proof(secret, "edge", hello.edge, nonce, hello.nonce))
        if known is None or not right or len(hello.nonce) != protocol.NONCE_BYTES:
            log.warning("edge refused: unknown, or wrong secret", edge=hello.edge[:32] if known else "unknown")
            await asyncio.sleep(WRONG_SECONDS)
            words = "名称或密钥不符：请核对边缘机的 name，以及两边的密钥文件是否相同"
            raise _Over(CloseCode.WRONG_SECRET, Refused(code="secret", words=words))
        for hall in known.lines.values():
            if not await hall.until_led(LEADER_SECONDS):
                raise _Over(CloseCode.RESTART)
        return hello, known, nonce

    async def _welcome(self, hello: Hello, ours: Edge, nonce: bytes) -> None:
        marks, refused = dict[str, int](), dict[str, str]()
        for name, offered in hello.adapters.items():
            hall = ours.lines.get(AdapterName(name))
            if hall is None:
                refused[name] = (
                    f'中心的配置没有把线路 {name} 交给 {ours.name}：请在 [adapters.{name}] 写 edge = "{ours.name}"'
                )
                log.warning("edge offers a line that is not its own", edge=ours.name, adapter=name[:32])
                continue
            line = CarriedLine(AdapterName(name), hall, offered)
            if not hello.check:
                line.beat(None, (hello.at - self._greeted_at).total_seconds())  # roughly, until it has measured
            try:
                marks[name] = await line.begin(in_earnest=not hello.check)
            except StoreAway as away:
                log.warning("edge sent away: the database is", edge=ours.name, detail=str(away))
                raise _Over(CloseCode.RESTART) from None
            self._lines[name] = line
        said = proof(ours.secret, "core", ours.name, nonce, hello.nonce)
        await self._send(Welcome(proof=said, at=self._clock.now(), marks=marks, refused=refused))
        self._welcomed.set()

    # ── what has it heard? ──

    async def _listen(self, ours: Edge | None = None) -> None:
        """`ours` None: it only looks whether it would be let in."""
        while True:
            match await self._next():
                case Beat() as beat:
                    await self._send(BeatBack(at=self._clock.now(), echo=beat.at))
                    if ours is not None:
                        ours.beat(beat)
                        for name, line in self._lines.items():
                            line.beat(beat.until.get(name), beat.ahead)
                case Answered() as said if ours is not None:
                    try:
                        self._questions.answered(said)
                    except NotUnderstood:
                        raise _Over(CloseCode.NOT_UNDERSTOOD) from None
                case Carry() | Part() as said if ours is not None:
                    try:
                        self._line(said.adapter).came(said)
                    except TooMuch:
                        raise _Over(CloseCode.TOO_MUCH) from None
                case _:
                    raise _Over(CloseCode.NOT_UNDERSTOOD)

    async def _carry(self, line: CarriedLine) -> None:
        try:
            async for seq in line.durable():
                await self._send(Ack(adapter=line.name, seq=seq))
        except NotLeading:
            raise _Over(CloseCode.RESTART) from None
        except NotUnderstood as error:
            log.error("edge says what nobody understands", adapter=line.name, detail=str(error))
            raise _Over(CloseCode.NOT_UNDERSTOOD) from None

    async def _watch(self, ours: Edge) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._yield.wait()
                    raise _Over(CloseCode.TAKEN_OVER)
            if asyncio.get_running_loop().time() - self._last_word > protocol.SILENT_SECONDS:
                raise _Over(CloseCode.SILENT)
            if not ours.leading:
                raise _Over(CloseCode.RESTART)

    def _line(self, name: str) -> CarriedLine:
        if name not in self._lines:
            log.error("edge speaks for a line that is not its own", adapter=name[:32])
            raise _Over(CloseCode.NOT_ALLOWED)
        return self._lines[name]

    async def _next(self) -> protocol.FromEdge:
        try:
            data = await self._socket.receive_bytes()
        except KeyError:  # a text message
            raise _Over(CloseCode.NOT_UNDERSTOOD) from None
        self._last_word = asyncio.get_running_loop().time()
        try:
            return from_edge(data)
        except NotUnderstood:
            raise _Over(CloseCode.NOT_UNDERSTOOD) from None

    async def _send(self, said: protocol.FromCore) -> None:
        try:
            async with asyncio.timeout(UNREAD_SECONDS):
                await self._socket.send_bytes(encode(said))
        except TimeoutError:
            raise _Over(CloseCode.SILENT) from None


class _Over(Exception):
    def __init__(self, code: CloseCode, refusal: Refused | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.refusal = refusal
