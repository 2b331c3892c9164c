"""Yeastar (星纵) P series: OpenAPI v1.0, `get_token`, `refresh_token`, `system/information`, `cdr/search`.

By the vendor's developer guide (help.yeastar.com, P-Series Developer Guide: "Get Access Token", "Refresh Access Token",
"Search Specific CDR", "Query PBX Information"): `POST get_token` with client id and secret as `username` and
`password`; the access token lasts 1,800 s and travels as `?access_token=`; every request names a `User-Agent`; `GET
cdr/search` takes `start_time` and `end_time` as Unix seconds or, with older firmware, in the PBX's display format, and
answers `{"errcode": 0, "total_number": …, "data": […]}`. Tokens are kept from pull to pull: a PBX that is asked for too
many locks the application out (60002, seen in published integrations).

Assumed: that `page` and `page_size`, printed for `cdr/list`, hold for the search as well; that lines bear the `call_id`
of the pushes (published clients show it, the guide's table does not); that the lines of a call are written when its
caller is gone. Each leg is a line: a menu, a queue, an extension; all of one call go into one body.

Not done: v2.0 of the interface, where firmware from 37.21, 83.21 and 84.21 on keeps its newer calls: its lines have
other fields and, as far as is published, no call id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.errors import Refused
from adapters.gateway_push.decoders.yeastar_list import LISTED, Lines, ended
from adapters.gateway_push.mapping_parts import written
from adapters.gateway_push.pull_http import Conversation, Device
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.pulling import as_json
from adapters.reading import first, listed, mapping, printable

MAX_PAGES: Final = 2_000
_SECOND = timedelta(seconds=1)


class _Expired(Exception):
    """The device does not know the token any more, or says something else that a new one may heal."""


class YeastarList:
    """Asks one PBX."""

    def __init__(self, device: Device, settings: PullSettings, path: str, password: str, zone: str) -> None:
        self._device = device
        self._settings = settings
        self._path = path
        self._password = password
        self._zone = ZoneInfo(zone)
        self._token = ""
        self._refresh = ""
        self._serial = settings.serial

    async def fetch(self, since: datetime, until: datetime) -> list[bytes]:
        """A body for each call, with all of its lines."""
        begun = since - timedelta(minutes=self._settings.longest_call_minutes)
        async with self._device.reached() as device:
            fresh = not self._token
            if fresh:
                await self._renew(device)
            try:
                lines = await self._lines(device, begun, until)
            except _Expired as error:
                if fresh:
                    raise Refused(str(error)) from error
                await self._renew(device)
                try:
                    lines = await self._lines(device, begun, until)
                except _Expired as again:
                    raise Refused(str(again)) from again
        return [
            as_json({"type": LISTED, "sn": self._serial, "data": legs})
            for legs in lines.by_call()
            if (at := ended(legs, self._zone)) is None or since <= at <= until
        ]

    async def _lines(self, device: Conversation, begun: datetime, until: datetime) -> Lines:
        if not self._serial:
            self._serial = await self._ask_serial(device)
        lines = Lines(self._settings.max_calls)
        asked = {"start_time": self._written(begun - _SECOND), "end_time": self._written(until + _SECOND)}
        for page in range(1, MAX_PAGES + 1):
            paging = {"page": page, "page_size": self._settings.page_lines}
            answer = await self._get(device, "cdr/search", asked | paging)
            new = lines.add(listed(answer.get("data")))
            total = answer.get("total_number")
            # A PBX that does not know pages says the same again.
            if not new or (isinstance(total, int) and lines.count >= total):
                break
        return lines

    async def _ask_serial(self, device: Conversation) -> str:
        """The pushes name it, the lines do not: without it every call would come twice."""
        answer = await self._get(device, "system/information", {})
        told = first(mapping(answer.get("data")) or answer, ("sn", "serial_number"))
        if not isinstance(told, str) or not told.strip():
            raise Refused("the device does not tell its serial number: pull.serial")
        return told.strip()

    async def _get(self, device: Conversation, what: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        params = {"access_token": self._token, **asked}
        answer = (await device.ask("GET", f"{self._path}/{what}", params=params)).table()
        if answer.get("errcode") != 0:
            raise _Expired(_said(answer))
        return answer

    async def _renew(self, device: Conversation) -> None:
        """A new access token: by the refresh token where there is one, else by name and secret."""
        if self._refresh:
            asked = {"refresh_token": self._refresh}
            self._token, self._refresh = "", ""
            answer = (await device.ask("POST", f"{self._path}/refresh_token", json=asked)).table()
            if self._taken(answer):
                return
        asked = {"username": self._settings.username, "password": self._password}
        answer = (await device.ask("POST", f"{self._path}/get_token", json=asked)).table()
        if not self._taken(answer):
            raise Refused(f"user name or password: {_said(answer)}")

    def _taken(self, answer: Mapping[str, Any]) -> bool:
        token, refresh = answer.get("access_token"), answer.get("refresh_token")
        if answer.get("errcode") != 0 or not isinstance(token, str) or not token:
            return False
        self._token, self._refresh = token, refresh if isinstance(refresh, str) else ""
        return True

    def _written(self, at: datetime) -> str:
        return written(at.astimezone(self._zone), self._settings.time_format)


def _said(answer: Mapping[str, Any]) -> str:
    return printable(f"errcode {answer.get('errcode')} {answer.get('errmsg', '')}".strip())
