"""The event socket (ESL): opened, signed in, its events handed over one by one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Final

from adapters.errors import LinkDown
from adapters.freeswitch import esl
from adapters.telephony import Take
from adapters.wire.link import Link, Watch, WireSettings, opened

WIRE: Final = "esl"
"""Name of the only wire."""
ANSWER_SECONDS: Final = 10.0
SUBSCRIBE: Final = (
    b"event plain CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HOLD CHANNEL_UNHOLD"
    b" CHANNEL_HANGUP_COMPLETE DTMF HEARTBEAT CUSTOM callcenter::info\n\n"
)
"""`CUSTOM` comes last: what follows it are subclasses."""
MASKED: Final = b"auth ******\n\n"
"""What a capture shows of the password."""


class EventSocket:
    """One FreeSWITCH, connected only while `listen` runs."""

    def __init__(self, host: str, port: int, password: str, silence: float, watch: Watch | None) -> None:
        self._address = f"{host}:{port}"
        self._password = password
        self._silence = silence
        self._watch = watch

    @property
    def name(self) -> str:
        """There is one."""
        return WIRE

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        """Hand over each event until cancelled or until FreeSWITCH is gone, refuses us, or is silent (`LinkDown`)."""
        watch = None if self._watch is None else _masked(self._watch)
        async with opened(WireSettings(url=f"socket://{self._address}"), watch=watch) as link:
            talk = _Talk(link)
            first, _ = await talk.next(ANSWER_SECONDS)
            if first.kind != "auth/request":
                raise LinkDown(f"{self._address} 不是 FreeSWITCH 的事件套接字，请核对 host 与 port")
            accepted = await talk.ask(f"auth {self._password}\n\n".encode())
            if not accepted.startswith("+OK"):
                raise LinkDown("FreeSWITCH 不接受密码，请核对 password 与 event_socket.conf.xml 中的 password")
            subscribed = await talk.ask(SUBSCRIBE)
            if not subscribed.startswith("+OK"):
                raise LinkDown("FreeSWITCH 拒绝订阅事件，请检查该账号的事件权限")
            up(f"FreeSWITCH {self._address}")
            while True:
                message, at = await talk.next(self._silence)
                # An empty body would say that silence is to be concluded from.
                if message.kind == esl.EVENT and message.body:
                    await take(message.body, at)


class _Talk:
    """Messages of one connection, in their order."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._stream = esl.Stream()
        self._heard = deque[tuple[esl.Message | esl.Noise, datetime]]()

    async def next(self, patience: float) -> tuple[esl.Message, datetime]:
        """The next message. Raises `LinkDown` when there is none for so many seconds, or when it is the last one."""
        try:
            async with asyncio.timeout(patience):
                while not self._heard:
                    data, at = await self._link.read()
                    self._heard.extend((piece, at) for piece in self._stream.feed(data))
        except TimeoutError:
            raise LinkDown(f"FreeSWITCH 已 {patience:.0f} 秒没有任何消息") from None
        piece, at = self._heard.popleft()
        if isinstance(piece, esl.Noise):
            raise LinkDown(f"收到的不是事件套接字的数据（{piece.reason}），重新连接")
        match piece.kind:
            case "text/rude-rejection":
                raise LinkDown("FreeSWITCH 拒绝本机地址，请在 event_socket.conf.xml 的 apply-inbound-acl 中放行")
            case "text/disconnect-notice":
                raise LinkDown("FreeSWITCH 断开了连接")
            case _:
                return piece, at

    async def ask(self, command: bytes) -> str:
        """Send a command; what is answered. Events that come meanwhile keep their place."""
        await self._link.write(command)
        early = deque[tuple[esl.Message | esl.Noise, datetime]]()
        while True:
            message, at = await self.next(ANSWER_SECONDS)
            if message.kind == "command/reply":
                self._heard.extendleft(reversed(early))
                return message.reply
            if message.kind == esl.EVENT:
                early.append((message, at))


def _masked(watch: Watch) -> Watch:
    def shown(data: bytes, at: datetime, sent: bool) -> None:
        watch(MASKED if sent and data.startswith(b"auth ") else data, at, sent)

    return shown
