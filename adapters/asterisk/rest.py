"""How do we send Asterisk a request without losing a millisecond?

A few HTTP/1.1 connections that stay open, each with one request at a time, the one used last first. Asterisk serves
every connection from a thread of its own, so requests on different connections run in parallel; requests over the
event socket would run one after the other.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections import deque
from collections.abc import Mapping
from typing import cast
from urllib.parse import quote, urlencode, urlsplit

import httptools
import msgspec

from adapters.errors import NoAnswer


class Reply(msgspec.Struct, frozen=True):
    """What Asterisk answered."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def said(self) -> str:
        """Asterisk's own words about a failure."""
        try:
            message = msgspec.json.decode(self.body).get("message", "")
        except (msgspec.DecodeError, AttributeError):
            message = ""
        return f"{self.status} {message}".strip()


class Rest:
    """ARI's requests. Every request we make may be repeated without harm, so a stale connection is simply replaced."""

    def __init__(self, url: str, username: str, password: str, *, connections: int = 8, timeout: float = 5.0) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "127.0.0.1"
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        self.authorization = f"Basic {token}"
        self._head = f"Host: {parts.netloc}\r\nAuthorization: {self.authorization}\r\n"
        self._timeout = timeout
        self._idle: deque[_Connection] = deque()
        self._all: set[_Connection] = set()
        self._places = asyncio.Semaphore(connections)
        self._closed = False

    async def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, str | int] | None = None,
        body: object = None,
    ) -> Reply:
        """One request. Raises `NoAnswer` when Asterisk cannot be reached or does not answer in time."""
        request = self._request(method, path, query, body)
        try:
            async with asyncio.timeout(self._timeout), self._places:
                return await self._send(request)
        except TimeoutError as error:
            raise NoAnswer(f"{method} {path}: no answer within {self._timeout:g} s") from error
        except OSError as error:
            raise NoAnswer(f"{method} {path}: {error}") from error

    def close(self) -> None:
        """Close every connection; later requests fail."""
        self._closed = True
        for connection in tuple(self._all):
            connection.close()

    async def _send(self, request: bytes) -> Reply:
        while True:
            if self._closed:
                raise ConnectionError("closed")
            reused = bool(self._idle)
            connection = self._idle.pop() if reused else await self._open()
            try:
                reply = await connection.send(request)
            except ConnectionError:
                if not reused:
                    raise
            else:
                if connection.alive:
                    self._idle.append(connection)
                return reply
            finally:
                if connection.busy:
                    connection.close()

    async def _open(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(
            lambda: _Connection(self._forget), self._host, self._port, ssl=self._tls
        )
        self._all.add(connection)
        return connection

    def _forget(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def _request(self, method: str, path: str, query: Mapping[str, str | int] | None, body: object) -> bytes:
        target = f"/ari/{path}" + (f"?{urlencode(query)}" if query else "")
        if body is None:
            return f"{method} {target} HTTP/1.1\r\n{self._head}Content-Length: 0\r\n\r\n".encode()
        payload = msgspec.json.encode(body)
        head = f"{self._head}Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        return f"{method} {target} HTTP/1.1\r\n{head}".encode() + payload


def part(text: str) -> str:
    """A text as one step of a path."""
    return quote(text, safe="~")


class _Connection(asyncio.Protocol):
    def __init__(self, forget: object) -> None:
        self._forget = forget
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._waiting: asyncio.Future[Reply] | None = None
        self._body: list[bytes] = []

    @property
    def alive(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    @property
    def busy(self) -> bool:
        return self._waiting is not None

    async def send(self, request: bytes) -> Reply:
        if self._transport is None or not self.alive:
            raise ConnectionResetError("the connection was closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._body.clear()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionResetError(f"not HTTP: {error}"))
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._fail(ConnectionResetError(str(exc) if exc else "closed by Asterisk"))
        if callable(self._forget):
            self._forget(self)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(Reply(self._parser.get_status_code(), b"".join(self._body)))

    def _fail(self, error: ConnectionError) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_exception(error)
