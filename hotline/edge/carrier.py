"""The edge's connection to the core: kept up by itself, everything sent in its order, nothing forgotten before the core
has it."""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from adapters.telephony import AdapterName
from hotline.clock import Clock
from hotline.edge import protocol
from hotline.edge.leaves import leaves
from hotline.edge.line import Line
from hotline.edge.protocol import (
    Ack,
    Ask,
    Beat,
    BeatBack,
    Carry,
    Challenge,
    Hello,
    NotUnderstood,
    Offered,
    Part,
    Refused,
    Welcome,
    encode,
    from_core,
    proof,
    proven,
)
from hotline.edge.questions import Questions
from hotline.supervise import Pauses

log = structlog.get_logger()

ANSWER_SECONDS: Final = 15.0
"""The core may have to wait for its lease before it answers."""
CLOSE_SECONDS: Final = 2.0
STEADY_SECONDS: Final = 10.0
NO_STREAM: Final = Offered(stream="", last=0, up_since=None)
"""What is offered when nothing is to be carried."""


class NotConnected(Exception):
    """Why there is no connection, or none any more; in Chinese, with what to do."""


class Carrier:
    """Carries what some lines keep to one core."""

    def __init__(
        self, name: str, url: str, secret: str, context: ssl.SSLContext | None, lines: Sequence[Line], clock: Clock
    ) -> None:
        self._name = name
        self._url = url
        self._secret = secret
        self._context = context
        self._lines: Mapping[AdapterName, Line] = {line.name: line for line in lines}
        self._clock = clock
        self._questions = Questions(self._lines)
        self._news = asyncio.Event()
        self._last_word = 0.0
        self._ahead: float | None = None
        self._skewed = False

    def news(self) -> None:
        """There is something to send."""
        self._news.set()

    @property
    def ahead(self) -> float | None:
        """Seconds by which our clock is ahead of the core's; None: not measured yet."""
        return self._ahead

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            await self._keep_connected()
        finally:
            await self._questions.close()

    async def _keep_connected(self) -> None:
        pauses, loop, told = Pauses(), asyncio.get_running_loop(), ""
        while True:
            began = loop.time()
            try:
                async with self._connected() as socket:
                    # All at once: the core does not wait for one device after the other.
                    offered = await asyncio.gather(*(line.offer() for line in self._lines.values()))
                    welcome = await self._introduce(socket, dict(zip(self._lines, offered, strict=True)))
                    await self._begin(welcome)
                    if told:
                        log.info("connected to the core again", waiting=self._waiting())
                    told = ""
                    await self._talk(socket)
                why = "中心关闭了连接"
            except NotConnected as error:
                why = str(error)
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidURI) as error:
                why = words(error)
            if why != told:
                log.warning("not connected to the core", url=self._url, detail=why, waiting=self._waiting())
                told = why
            if loop.time() - began >= STEADY_SECONDS:
                pauses.reset()
            await pauses.wait()

    async def look(self, names: Sequence[AdapterName], seconds: float) -> Mapping[AdapterName, str]:
        """Would it work? Adapters that the core would not take, and why. Raises `NotConnected`; `ahead` is measured."""
        try:
            async with self._connected() as socket:
                welcome = await self._introduce(socket, dict.fromkeys(names, NO_STREAM), check=True)
                async with asyncio.timeout(seconds):
                    await socket.send(encode(Beat(at=self._clock.now())))
                    while self._ahead is None:
                        self._hear(await self._next(socket), socket)
        except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidURI) as error:
            raise NotConnected(words(error)) from error
        return {AdapterName(name): why for name, why in welcome.refused.items()}

    # ── the handshake ──

    def _connected(self) -> connect:
        return connect(
            self._url,
            ssl=self._context,
            open_timeout=ANSWER_SECONDS,
            close_timeout=CLOSE_SECONDS,
            ping_interval=None,  # both sides beat
            max_size=protocol.MESSAGE_BYTES,
            compression=None,
            proxy=None,
        )

    async def _introduce(
        self, socket: ClientConnection, offered: Mapping[AdapterName, Offered], *, check: bool = False
    ) -> Welcome:
        """Raises `NotConnected`."""
        self._last_word = asyncio.get_running_loop().time()
        async with asyncio.timeout(ANSWER_SECONDS):
            challenge = await self._next(socket)
            if not isinstance(challenge, Challenge):
                raise NotConnected("对方不是热线服务的边缘机接口：请核对 core 的地址")
            if challenge.version != protocol.VERSION:
                words_ = f"中心的协议版本为 {challenge.version}，本机为 {protocol.VERSION}：请把两边升级到同一版本"
                raise NotConnected(words_)
            nonce = secrets.token_bytes(protocol.NONCE_BYTES)
            hello = Hello(
                version=protocol.VERSION,
                edge=self._name,
                nonce=nonce,
                proof=proof(self._secret, "edge", self._name, challenge.nonce, nonce),
                at=self._clock.now(),
                adapters={str(name): each for name, each in offered.items()},
                check=check,
            )
            await socket.send(encode(hello))
            answer = await self._next(socket)
        match answer:
            case Refused():
                raise NotConnected(answer.words)
            case Welcome():
                pass
            case _:
                raise NotConnected("中心的应答不合约定：请把两边升级到同一版本")
        if not proven(answer.proof, proof(self._secret, "core", self._name, challenge.nonce, nonce)):
            raise NotConnected("对方不知道密钥，不是我们的中心：请核对 core 的地址")
        return answer

    async def _begin(self, welcome: Welcome) -> None:
        anew = False
        for name, line in self._lines.items():
            refused = "" if name in welcome.marks else welcome.refused.get(name, "中心没有这条线路")
            if refused and refused != line.refused:
                log.error("the core does not take a line: it is kept here", adapter=name, detail=refused)
            line.refused = refused
            if not refused:
                anew = not await line.connected(welcome.marks[name]) or anew
        if anew:
            raise NotConnected("本机的暂存被恢复成了较早的状态，重新编号后再连")

    # ── the talk ──

    async def _talk(self, socket: ClientConnection) -> None:
        """Until the connection is over. Raises `NotConnected` with the reason."""
        told = ""
        self._questions.anew()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._listen(socket), name="core in")
                tasks.create_task(self._send(socket), name="core out")
                tasks.create_task(self._beat(socket), name="core beat")
                tasks.create_task(self._watch(), name="core watch")
        except* (NotConnected, ConnectionClosed, OSError) as group:
            told = "；".join(dict.fromkeys(words(error) for error in leaves(group)))
        raise NotConnected(told)

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            self._hear(await self._next(socket), socket)

    def _hear(self, said: protocol.FromCore, socket: ClientConnection) -> None:
        match said:
            case Ack():
                if said.adapter in self._lines:
                    self._lines[AdapterName(said.adapter)].acknowledged(said.seq)
            case BeatBack():
                self._compare(said.echo, said.at)
            case Ask():
                try:
                    self._questions.came(said, socket)
                except NotUnderstood as error:
                    raise NotConnected(f"中心的要求不合约定（{error}）") from None
            case Refused():
                raise NotConnected(said.words)
            case _:
                raise NotConnected("中心的消息不合约定：请把两边升级到同一版本")

    async def _send(self, socket: ClientConnection) -> None:
        while True:
            self._news.clear()
            some = False
            for line in self._lines.values():
                if not line.refused:
                    some = await self._send_of(line, socket) or some
            if not some:
                await self._news.wait()

    async def _send_of(self, line: Line, socket: ClientConnection) -> bool:
        """One message of that line, if there is anything to say and room for it."""
        outgoing = line.outgoing
        if outgoing.room <= 0:
            return False
        found = line.spool.read(outgoing.sent, outgoing.room, protocol.PIECE_BYTES)
        if not found:
            outgoing.sent = outgoing.last  # what is there cannot be read: the core will hear that it is missing
            return True
        first, record = found[0]
        if len(record) > protocol.PIECE_BYTES:
            outgoing.sending(first, len(record))
            for at in range(0, len(record), protocol.PIECE_BYTES):
                piece = record[at : at + protocol.PIECE_BYTES]
                last = at + protocol.PIECE_BYTES >= len(record)
                await socket.send(encode(Part(adapter=line.name, seq=first, data=piece, last=last)))
            return True
        together = [record for at, (seq, record) in enumerate(found) if seq == first + at]
        for seq, each in enumerate(together, first):
            outgoing.sending(seq, len(each))
        await socket.send(encode(Carry(adapter=line.name, seq=first, records=together)))
        return True

    async def _beat(self, socket: ClientConnection) -> None:
        while True:
            now = self._clock.now()
            taken = [line for line in self._lines.values() if not line.refused]
            until = {str(line.name): at for line in taken if (at := line.all_until(now)) is not None}
            waiting = {str(line.name): line.outgoing.waiting for line in taken}
            await socket.send(encode(Beat(at=now, until=until, waiting=waiting, ahead=self._ahead)))
            await asyncio.sleep(protocol.BEAT_SECONDS)

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(protocol.BEAT_SECONDS)
            if loop.time() - self._last_word > protocol.SILENT_SECONDS:
                raise NotConnected(f"中心已 {protocol.SILENT_SECONDS:.0f} 秒没有任何消息")

    async def _next(self, socket: ClientConnection) -> protocol.FromCore:
        data = await socket.recv()
        self._last_word = asyncio.get_running_loop().time()
        try:
            return from_core(data if isinstance(data, bytes) else data.encode())
        except NotUnderstood:
            raise NotConnected("中心的消息无法识别：请核对 core 的地址，并把两边升级到同一版本") from None

    def _compare(self, sent: datetime, theirs: datetime) -> None:
        """The difference of the clocks, as NTP measures it: the answer was written half way between."""
        back = self._clock.now()
        self._ahead = ((sent - theirs) + (back - theirs)).total_seconds() / 2
        skewed = abs(self._ahead) > protocol.SKEW_SECONDS
        if skewed and not self._skewed:
            log.warning("our clock and the core's differ: check the time service here and there", ahead=self._ahead)
        self._skewed = skewed

    def _waiting(self) -> dict[str, int]:
        return {line.name: line.outgoing.waiting for line in self._lines.values()}


def words(error: BaseException) -> str:
    """Why there is no connection, in Chinese, with what to do."""
    match error:
        case NotConnected():
            return str(error)
        case ssl.SSLCertVerificationError():
            return f"中心的证书不受信任（{error.verify_message}）：内部签发的证书请用 ca 写明根证书"
        case TimeoutError():
            return "中心没有应答：请检查网络"
        case ConnectionClosed():
            code = error.rcvd.code if error.rcvd is not None else 1006
            told = {1012: "中心正在启动或停止", 1006: "连接断开", 4409: "同名的另一台边缘机连上了：name 不能重复"}
            return told.get(code, f"中心关闭了连接（{code}）")
        case InvalidHandshake():
            return f"中心的应答不对（{error}）：请核对 core 的地址；前面有 nginx 时，/api/v1/edge 须允许 WebSocket"
        case OSError():
            return f"连不上中心（{error.strerror or error}）：请检查网络和 core 的地址"
        case _:
            with suppress(Exception):
                return str(error)
            return type(error).__name__
