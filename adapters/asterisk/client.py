"""How do we hear Asterisk, and how do we ask it? One event socket and one `Rest`, opened and closed together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from adapters.asterisk.ari import Bridge, Channel
from adapters.asterisk.rest import Reply, Rest, part
from adapters.asterisk.settings import AsteriskSettings
from adapters.asterisk.snapshot import Application, Snapshot
from adapters.errors import LinkDown, Misconfigured, NoAnswer

T = TypeVar("T")

MAX_EVENT = 1 << 20
"""Bytes; Asterisk's largest event (a bridge with hundreds of channels) stays far below."""


class Ari:
    """A live link to one Asterisk."""

    def __init__(self, settings: AsteriskSettings, rest: Rest, socket: ClientConnection) -> None:
        self.rest = rest
        self._settings = settings
        self._socket = socket

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What Asterisk sends, message by message; ends with `LinkDown`, whatever the reason was."""
        try:
            while True:
                yield await self._socket.recv()
        except ConnectionClosed as error:
            raise LinkDown(f"event socket: {error}") from error

    async def hear_only(self, types: Sequence[str]) -> None:
        """Ask for these events alone."""
        reply = await self.rest.call(
            "PUT",
            f"applications/{part(self._settings.app)}/eventFilter",
            body={"allowed": [{"type": name} for name in types]},
        )
        if not reply.ok:
            raise LinkDown(f"event filter refused: {reply.said}")

    async def started(self) -> str:
        """When this Asterisk was started, in its own words; another answer means that it was restarted."""
        reply = await self._get("asterisk/info", {"only": "status"})
        return str(msgspec.json.decode(reply.body).get("status", {}).get("startup_time", ""))

    async def snapshot(self) -> Snapshot:
        """Everything that is live. The bridges first: a leg that joins between the questions is missing from a bridge
        then, which the next event repairs, and never in a bridge without being a channel."""
        bridges = self._decode(await self._get("bridges"), tuple[Bridge, ...])
        application = self._decode(await self._get(f"applications/{part(self._settings.app)}"), Application)
        channels = self._decode(await self._get("channels"), tuple[Channel, ...])
        return Snapshot(application=application, channels=channels, bridges=bridges)

    async def _get(self, path: str, query: dict[str, str | int] | None = None) -> Reply:
        reply = await self.rest.call("GET", path, query)
        if not reply.ok:
            raise LinkDown(f"GET {path}: {reply.said}")
        return reply

    def _decode(self, reply: Reply, kind: type[T]) -> T:
        try:
            return msgspec.json.decode(reply.body, type=kind)
        except msgspec.MsgspecError as error:
            raise LinkDown(f"an answer that is not ARI's: {error}") from error


@asynccontextmanager
async def connected(settings: AsteriskSettings, password: str) -> AsyncIterator[Ari]:
    """The link for as long as the block runs. Raises `LinkDown`, or `Misconfigured` when the password is refused."""
    rest = Rest(
        settings.url,
        settings.username,
        password,
        connections=settings.rest_connections,
        timeout=settings.rest_timeout,
    )
    address = f"ws{settings.url.removeprefix('http')}/ari/events?{urlencode({'app': settings.app})}"
    try:
        async with connect(
            address,
            additional_headers={"Authorization": rest.authorization},
            ping_interval=settings.ping_seconds,
            ping_timeout=settings.ping_timeout,
            open_timeout=settings.rest_timeout,
            close_timeout=1,
            compression=None,
            max_size=MAX_EVENT,
            max_queue=None,
            proxy=None,
        ) as socket:
            yield Ari(settings, rest, socket)
    except InvalidStatus as error:
        if error.response.status_code in (401, 403):
            raise Misconfigured(
                f"{settings.url} 拒绝了用户 {settings.username!r} 或其口令：请核对 username 和 password"
            ) from error
        raise LinkDown(f"{address}: {error}") from error
    except (OSError, InvalidHandshake, TimeoutError, NoAnswer) as error:
        raise LinkDown(f"{address}: {error or type(error).__name__}") from error
    finally:
        rest.close()
