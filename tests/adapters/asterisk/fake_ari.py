"""An ARI that misbehaves on command, for faults which a real Asterisk does not have on demand.

It speaks just enough HTTP/1.1 and WebSocket (RFC 6455): the real thing is used for everything else.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class FakeAri:
    """One program at a time may listen to its events."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, str]] = []
        self.answers: dict[str, tuple[int, str]] = {}
        """Answer by the beginning of "METHOD path"; what is not named gets a fitting 200 or 204."""
        self.delay = 0.0
        self.drop_next = 0
        """Connections to cut off instead of answering."""
        self.pongs = True
        self.connections = 0
        self._socket: asyncio.StreamWriter | None = None
        self.heard = asyncio.Event()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def send(self, event: dict[str, object] | str) -> None:
        self._frame(1, (event if isinstance(event, str) else json.dumps(event)).encode())

    def close_politely(self) -> None:
        self._frame(8, (1001).to_bytes(2))

    def cut(self) -> None:
        assert self._socket is not None
        self._socket.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._request(reader, writer):
                pass
        self._writers.discard(writer)
        writer.close()

    def stop(self) -> None:
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:] if line)}
        await reader.readexactly(int(headers.get("content-length", "0")))
        if "sec-websocket-key" in headers:
            await self._listen(reader, writer, headers["sec-websocket-key"])
            return False
        path = target.removeprefix("/ari/").partition("?")[0]
        self.requests.append((method, path))
        if self.drop_next:
            self.drop_next -= 1
            writer.transport.abort()
            return False
        await asyncio.sleep(self.delay)
        status, body = self._answer(method, path)
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
        return True

    def _answer(self, method: str, path: str) -> tuple[int, str]:
        for wanted, answer in self.answers.items():
            if f"{method} {path}".startswith(wanted):
                return answer
        if path == "asterisk/info":
            return 200, '{"status":{"startup_time":"2026-11-22T03:00:00.000+0000"}}'
        if method == "GET" and path in ("channels", "bridges"):
            return 200, "[]"
        if path.startswith("applications/"):
            return 200, '{"name":"hotline","channel_ids":[]}'
        return 204, ""

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: str) -> None:
        digest = hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode(), usedforsecurity=False).digest()
        accept = base64.b64encode(digest).decode()
        writer.write(
            b"HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self._socket = writer
        while True:
            first, second = await reader.readexactly(2)
            length = second & 0x7F
            mask = await reader.readexactly(4)
            payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(await reader.readexactly(length)))
            if first & 0x0F == 9 and self.pongs:
                self._frame(10, payload)
            if first & 0x0F == 8:
                return

    def _frame(self, kind: int, payload: bytes) -> None:
        assert self._socket is not None
        size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + len(payload).to_bytes(2)
        self._socket.write(bytes([0x80 | kind]) + size + payload)


@asynccontextmanager
async def fake_ari() -> AsyncIterator[FakeAri]:
    """It listens on a free port for as long as the block runs."""
    fake = FakeAri()
    server = await asyncio.start_server(fake.serve, "127.0.0.1", 0)
    fake.port = int(server.sockets[0].getsockname()[1])
    try:
        yield fake
    finally:
        server.close()
        fake.stop()
        await asyncio.sleep(0)
