"""Dinstar (鼎信通达) UC: `POST /api/get_cdr`, HTTP Digest.

By the vendor's API manual as published clients use it (repository dinstar-client, its README and `get_cdr`): the body
is `{"port": […], "time_after": "2024-01-01 00:00:00", "time_before": …}`, every part may be left out; the answer is
`{"error_code": 200, "sn": …, "cdr": […]}` with the same records as the pushes; GET is answered with 403. Records bear
no id, but the same texts as in the push, so the decoder finds the same call.

Assumed: that the two times go by the beginning of a call and by the device's own clock, and that the list also has the
calls nobody answered. The device keeps its list in memory: after a restart it begins anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2

from adapters.errors import Refused
from adapters.gateway_push.pull_http import Device
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.pulling import as_json
from adapters.reading import Unreadable, listed, mapping, printable, seconds, word

TIME: Final = "%Y-%m-%d %H:%M:%S"
_SECOND = timedelta(seconds=1)


class DinstarList:
    """Asks one gateway."""

    def __init__(self, device: Device, settings: PullSettings, path: str, password: str, zone: str) -> None:
        self._device = device
        self._settings = settings
        self._path = path
        self._password = password
        self._zone = ZoneInfo(zone)

    async def fetch(self, since: datetime, until: datetime) -> list[bytes]:
        """A body for each record, as the gateway would have pushed it."""
        begun = since - timedelta(minutes=self._settings.longest_call_minutes)
        asked = {"time_after": self._written(begun - _SECOND), "time_before": self._written(until + _SECOND)}
        async with self._device.reached(httpx2.DigestAuth(self._settings.username, self._password)) as device:
            answer = (await device.ask("POST", self._path, json=asked)).table()
        if answer.get("error_code") not in (200, "200"):
            raise Refused(f"error_code {printable(str(answer.get('error_code')))}")
        records = listed(answer.get("cdr"))
        if len(records) > self._settings.max_calls:
            raise Refused(f"more than {self._settings.max_calls} calls in one list")
        serial = {"sn": answer["sn"]} if "sn" in answer else {}
        return [
            as_json(serial | {"cdr": [record]})
            for record in records
            if (ended := self._ended(mapping(record))) is None or since <= ended <= until
        ]

    def _written(self, at: datetime) -> str:
        return at.astimezone(self._zone).strftime(TIME)

    def _ended(self, record: Mapping[str, Any]) -> datetime | None:
        """None: that is for the decoder to judge."""
        for name in ("answer_date", "start_date"):
            try:
                at = datetime.strptime(word(record.get(name), name), TIME).replace(tzinfo=self._zone)
            except (Unreadable, ValueError):
                continue
            return at + timedelta(seconds=seconds(record.get("duration")) or 0)
        return None
