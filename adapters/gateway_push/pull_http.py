"""How is a device asked over HTTP without trusting it? Bounded in time and size, each failure one of three kinds, and
its clock measured by the way.

The skew (时钟偏差) comes from the `Date` header of its answers. RFC 9110, 5.6.7 wants Greenwich time there; Dinstar
writes its own local time, without a zone (seen in published integrations). So a time without one is the device's own,
unless Greenwich time is what fits ours.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2
import msgspec

from adapters.errors import LinkDown, Misconfigured, NoAnswer, Refused, Undecodable
from adapters.gateway_push.pull_settings import PullSettings
from adapters.reading import mapping, printable, text_of

MAX_ANSWER_BYTES = 16 * 1024 * 1024
"""20,000 lines of 600 bytes, and then some."""
FITS_SECONDS: Final = 3600.0
"""A clock that is less wrong than that was read rightly."""
WHOLE_TIMES = 6.0
"""An answer that drips in may take so many times the timeout in all."""
AGENT: Final = "OpenAPI"
"""Yeastar P refuses requests that do not say who asks."""


class Answer(msgspec.Struct, frozen=True):
    """What the device answered, with a status of 200–299."""

    body: bytes

    def table(self) -> Mapping[str, Any]:
        """The answer as a JSON object. Raises `Refused`."""
        found = self.tree()
        if not isinstance(found, dict):
            raise Refused("the answer is not a JSON object")
        return mapping(found)

    def tree(self) -> object:
        """The answer as JSON. Raises `Refused`."""
        try:
            return json.loads(self.text())
        except (ValueError, RecursionError) as error:
            raise Refused(f"the answer is not JSON: {printable(str(error))}") from error

    def text(self) -> str:
        """The answer as text. Raises `Refused`."""
        try:
            return text_of(self.body)
        except Undecodable as error:
            raise Refused(str(error)) from error


class Device:
    """A device that is asked now and then; nothing stays open in between."""

    def __init__(self, settings: PullSettings, zone: str) -> None:
        """Raises `Misconfigured` when the certificate file cannot be read."""
        self._settings = settings
        self._zone = ZoneInfo(zone)
        self._verify = _trust(settings)
        self.skew_seconds: float | None = None
        """The device's clock is so far ahead of ours (negative: behind), as its last answer told; None: not known."""

    @asynccontextmanager
    async def reached(self, auth: httpx2.Auth | None = None) -> AsyncGenerator[Conversation]:
        """A connection for some questions."""
        async with httpx2.AsyncClient(
            base_url=self._settings.url,
            auth=auth,
            verify=self._verify,
            timeout=self._settings.timeout_seconds,
            headers={"user-agent": AGENT},
            follow_redirects=False,
            trust_env=False,
        ) as client:
            yield Conversation(client, self, self._settings.timeout_seconds * WHOLE_TIMES)

    def heard(self, date: str, now: datetime) -> None:
        """An answer bore this date. What cannot be read says nothing; some devices write the time on their wall and
        call it GMT, so where only that fits, it is taken for it."""
        try:
            at = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            return
        skew = ((at if at.tzinfo is not None else at.replace(tzinfo=UTC)) - now).total_seconds()
        on_the_wall = (at.replace(tzinfo=self._zone) - now).total_seconds()
        if abs(skew) > FITS_SECONDS and (at.tzinfo is None or abs(on_the_wall) <= FITS_SECONDS):
            skew = on_the_wall
        self.skew_seconds = skew


class Conversation:
    """Questions over one connection."""

    def __init__(self, client: httpx2.AsyncClient, device: Device, whole_seconds: float) -> None:
        self._client = client
        self._device = device
        self._whole_seconds = whole_seconds

    async def ask(self, method: str, path: str, **more: Any) -> Answer:
        """One question (`params`, `json`, `content`, `headers`). Raises `LinkDown`, `NoAnswer` or `Refused`; no text
        of theirs holds what was asked, since tokens travel in addresses."""
        try:
            async with asyncio.timeout(self._whole_seconds), self._client.stream(method, path, **more) as answer:
                self._device.heard(answer.headers.get("date", ""), datetime.now(UTC))
                _judge(answer.status_code)
                return Answer(await _read(answer))
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise NoAnswer("timed out") from error
        except httpx2.InvalidURL as error:
            raise Refused("the address is not valid") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise LinkDown(printable(str(error)) or type(error).__name__) from error


def _judge(status: int) -> None:
    if status in (401, 403):
        raise Refused(f"HTTP {status}: user name or password")
    if status >= 500:
        raise NoAnswer(f"HTTP {status}")
    if not 200 <= status < 300:
        raise Refused(f"HTTP {status}")


async def _read(answer: httpx2.Response) -> bytes:
    parts, size = list[bytes](), 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise Refused(f"the answer is longer than {MAX_ANSWER_BYTES // 1024 // 1024} MiB")
        parts.append(part)
    return b"".join(parts)


def _trust(settings: PullSettings) -> ssl.SSLContext | bool:
    if settings.verify is False or settings.url.startswith("http:"):
        return False
    if settings.verify is True:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(settings.verify))
    except ssl.SSLError as error:
        raise Misconfigured(f"pull.verify：{settings.verify} 不是 PEM 格式的证书") from error
    except OSError as error:
        raise Misconfigured(f"pull.verify：读不到 {settings.verify}（{error.strerror or error}）") from error
