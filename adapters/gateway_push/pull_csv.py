"""Yeastar S series, K2 and Cloud PBX: `login`, `cdr/get_random`, then the file itself, `cdr/download`.

By the vendor's API reference (help.yeastar.com, S-Series Developer Guide v1 and v2: "Login", "Download CDR Files",
"Query PBX Information"): the password travels as its MD5 sum; the token goes stale 30 minutes after the last request,
so pulling keeps it alive; `get_random` takes `number` (v1: `extid`) `all`, `starttime`, `endtime` as `yyyy-mm-dd
hh:mm:ss` and answers a string that is good for one download within 30 seconds; every answer is 200 with `status` and,
where it failed, `errno`. Five failed logins lock our address out for ten minutes.

A login also sets where the device pushes to. So it names our own address, which is at the same time what the device
needs before it pushes at all.

The file is CSV; its columns are the fields of NewCdr in the order of `COLUMNS`, as a published client reads them.
Assumed: that the first line names them, in whatever spelling; the order counts where it does not.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from adapters.errors import Refused
from adapters.gateway_push.decoders.yeastar_list import LISTED, Lines, ended
from adapters.gateway_push.pull_http import Conversation, Device
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.pulling import as_json
from adapters.reading import mapping, printable

TIME: Final = "%Y-%m-%d %H:%M:%S"
COLUMNS: Final = (
    *("callid", "timestart", "callfrom", "callto", "callduraction", "talkduraction", "srctrunkname", "dsttrcunkname"),
    *("status", "type", "pincode", "recording", "didnumber", "sn"),
)
_SECOND = timedelta(seconds=1)
_SPELLINGS: Final[Mapping[str, str]] = {
    "callduration": "callduraction",
    "talkduration": "talkduraction",
    "dsttrunkname": "dsttrcunkname",
    "desttrunkname": "dsttrcunkname",
}


class CsvList:
    """Asks one PBX."""

    def __init__(
        self, device: Device, settings: PullSettings, path: str, password: str, zone: str, report_url: str
    ) -> None:
        """`report_url`: where the device is to push to, with its token in it."""
        self._device = device
        self._settings = settings
        self._path = path
        self._report_url = report_url
        self._second = "/v1" not in path
        self._password = hashlib.md5(password.encode(), usedforsecurity=False).hexdigest()
        self._zone = ZoneInfo(zone)
        self._token = ""
        self._serial = settings.serial

    async def fetch(self, since: datetime, until: datetime) -> list[bytes]:
        """A body for each call, with all of its lines."""
        begun = since - timedelta(minutes=self._settings.longest_call_minutes)
        lines = Lines(self._settings.max_calls)
        async with self._device.reached() as device:
            lines.add(rows(await self._file(device, begun - _SECOND, until + _SECOND)))
            calls = [
                legs for legs in lines.by_call() if (at := ended(legs, self._zone)) is None or since <= at <= until
            ]
            serials = [self._serial or str(mapping(legs[0]).get("sn") or "") for legs in calls]
            if not all(serials):
                self._serial = await self._ask_serial(device)
        return [
            as_json({"type": LISTED, "sn": serial or self._serial, "data": legs})
            for serial, legs in zip(serials, calls, strict=True)
        ]

    async def _file(self, device: Conversation, begun: datetime, until: datetime) -> str:
        which = "number" if self._second else "extid"
        asked = {which: "all", "starttime": self._written(begun), "endtime": self._written(until)}
        answer = await self._post(device, "cdr/get_random", asked)
        given = answer.get("random")
        if not isinstance(given, str) or not given:
            raise Refused("the device names no file")
        link = asked | {"token": self._token, "random": given}
        file = (await device.ask("GET", f"{self._path}/cdr/download", params=link)).text()
        if file.startswith("{"):
            raise Refused(f"instead of the file: {printable(file)}")
        return file

    async def _ask_serial(self, device: Conversation) -> str:
        """The pushes name it: without it every call would come twice."""
        told = mapping((await self._post(device, "deviceinfo/query", {})).get("deviceinfo")).get("sn")
        if not isinstance(told, str) or not told.strip():
            raise Refused("the device does not tell its serial number: pull.serial")
        return told.strip()

    async def _post(self, device: Conversation, what: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """A question with a token, a new one where the old is not known any more. Raises `Refused`."""
        kept = bool(self._token)
        if not kept:
            await self._log_in(device)
        answer = await self._once(device, what, asked)
        if answer.get("status") != "Success" and kept:
            await self._log_in(device)
            answer = await self._once(device, what, asked)
        if answer.get("status") != "Success":
            self._token = ""
            raise Refused(_said(answer))
        return answer

    async def _once(self, device: Conversation, what: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        return (await device.ask("POST", f"{self._path}/{what}", params={"token": self._token}, json=asked)).table()

    async def _log_in(self, device: Conversation) -> None:
        self._token = ""
        asked = {
            "username": self._settings.username,
            "password": self._password,
            "version": "2.0.0" if self._second else "1.0.2",
            "port": "8260",
            "url": self._report_url,
            "urltag": "1",
        }
        answer = (await device.ask("POST", f"{self._path}/login", json=asked)).table()
        token = answer.get("token")
        if answer.get("status") != "Success" or not isinstance(token, str) or not token:
            raise Refused(f"user name or password: {_said(answer)}")
        self._token = token

    def _written(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime(TIME)


def rows(text: str) -> Iterator[dict[str, str]]:
    """The lines of the file under the names that NewCdr gives its fields."""
    reader = csv.reader(io.StringIO(text))
    names: list[str] = list(COLUMNS)
    try:
        for number, cells in enumerate(reader):
            if number == 0:
                told = [_SPELLINGS.get(name, name) for name in (cell.strip().lower() for cell in cells)]
                if {"timestart", "callfrom"} <= set(told):
                    names = told
                    continue
                if not any(cell[:4].isdigit() for cell in cells):
                    continue  # named in another language: the order counts
            if any(cells):
                yield {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    except csv.Error as error:
        raise Refused(f"the file is not CSV: {error}") from error


def _said(answer: Mapping[str, Any]) -> str:
    return printable(f"{answer.get('status', '')} errno {answer.get('errno', '')}".strip())
