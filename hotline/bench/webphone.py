"""A phone registered as a browser's is: SIP over WebSocket (RFC 7118), digest authentication (RFC 3261, 22.4).

It rings and is given up on; it never answers, so it needs no media (DTLS-SRTP).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Final

from websockets.asyncio.client import ClientConnection, connect

from adapters.asterisk.accounts import BrowserAccount

REGISTER_SECONDS: Final = 5.0
EXPIRES_SECONDS: Final = 3600


class WebPhone:
    """One registration, held by one connection."""

    def __init__(self, account: BrowserAccount, socket: ClientConnection) -> None:
        self.rung: dict[str, datetime] = {}
        """When the INVITE of each offer came."""
        self._account = account
        self._socket = socket
        self._host = f"{secrets.token_hex(6)}.invalid"
        self._call_id = secrets.token_hex(8)
        self._tag = secrets.token_hex(4)
        self._invites: dict[str, Mapping[str, str]] = {}

    async def register(self) -> None:
        """Raises `ConnectionError` when it is refused."""
        first, headers = _parse(await self._ask(1, ""))
        if " 401 " in first:
            first, _ = _parse(await self._ask(2, self._authorization(headers["www-authenticate"])))
        if " 200 " not in first:
            raise ConnectionError(f"{self._account.extension} cannot register: {first}")

    async def run(self) -> None:
        """Ring whenever called, until cancelled."""
        async for message in self._socket:
            now = datetime.now(UTC)
            first, headers = _parse(message if isinstance(message, str) else message.decode())
            match first.partition(" ")[0]:
                case "INVITE":
                    self.rung[headers["x-hotline-offer"]] = now
                    self._invites[headers["call-id"]] = headers
                    await self._reply("180 Ringing", headers)
                case "CANCEL":
                    await self._reply("200 OK", headers)
                    if (invite := self._invites.pop(headers["call-id"], None)) is not None:
                        await self._reply("487 Request Terminated", invite)
                case "OPTIONS" | "NOTIFY":
                    await self._reply("200 OK", headers)
                case _:
                    pass

    async def _ask(self, sequence: int, authorization: str) -> str:
        lines = [
            "REGISTER sip:hotline SIP/2.0",
            f"Via: SIP/2.0/WS {self._host};branch=z9hG4bK{secrets.token_hex(6)}",
            f"From: <{self._account.uri}>;tag={self._tag}",
            f"To: <{self._account.uri}>",
            f"Call-ID: {self._call_id}",
            f"CSeq: {sequence} REGISTER",
            f"Contact: <sip:{self._account.extension}@{self._host};transport=ws>;expires={EXPIRES_SECONDS}",
            f"Expires: {EXPIRES_SECONDS}",
            "Max-Forwards: 70",
            *([authorization] if authorization else []),
            "Content-Length: 0",
        ]
        await self._socket.send("\r\n".join([*lines, "", ""]))
        async with asyncio.timeout(REGISTER_SECONDS):
            while True:
                answer = await self._socket.recv(decode=True)
                if answer.startswith("SIP/2.0") and " 100 " not in answer[:16]:
                    return answer

    def _authorization(self, challenge: str) -> str:
        asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge))
        user, uri, once = self._account.extension, "sip:hotline", secrets.token_hex(8)

        def md5(*parts: str) -> str:
            return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()

        known, wish = md5(user, asked["realm"], self._account.password), md5("REGISTER", uri)
        response = md5(known, asked["nonce"], "00000001", once, "auth", wish)
        parts = {"username": user, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri, "response": response}
        parts |= {"cnonce": once} | ({"opaque": asked["opaque"]} if "opaque" in asked else {})
        said = ", ".join(f'{key}="{value}"' for key, value in parts.items())
        return f"Authorization: Digest {said}, algorithm=MD5, qop=auth, nc=00000001"

    async def _reply(self, status: str, headers: Mapping[str, str]) -> None:
        to = headers["to"] if ";tag=" in headers["to"] else f"{headers['to']};tag={self._tag}"
        lines = [
            f"SIP/2.0 {status}",
            *(f"{name}: {headers[name.lower()]}" for name in ("Via", "From", "Call-ID", "CSeq")),
            f"To: {to}",
            f"Contact: <sip:{self._account.extension}@{self._host};transport=ws>",
            "Content-Length: 0",
        ]
        await self._socket.send("\r\n".join([*lines, "", ""]))


@contextlib.asynccontextmanager
async def web_phone(account: BrowserAccount) -> AsyncIterator[WebPhone]:
    """Registered for as long as the block runs."""
    async with connect(account.url, subprotocols=["sip"], compression=None, proxy=None) as socket:  # pyright: ignore
        phone = WebPhone(account, socket)
        await phone.register()
        running = asyncio.create_task(phone.run(), name=f"web phone {account.extension}")
        try:
            yield phone
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def _parse(message: str) -> tuple[str, dict[str, str]]:
    first, *rest = message.partition("\r\n\r\n")[0].split("\r\n")
    return first, {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in rest)}
