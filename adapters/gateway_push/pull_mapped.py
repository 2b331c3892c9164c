"""Any gateway that lists its calls as JSON, asked as its mapping file says.

Each call of the answer is put where the pushes have theirs, beside whatever stands at the top of the answer (a serial
number), and goes through the rules of the mapping.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx2

from adapters.errors import Refused
from adapters.gateway_push.mapping import GatewayMapping, Pull
from adapters.gateway_push.mapping_parts import Path, written
from adapters.gateway_push.pull_http import Device
from adapters.gateway_push.pull_settings import PullSettings
from adapters.gateway_push.pulling import as_json
from adapters.reading import listed, mapping


class MappedList:
    """Asks one gateway."""

    def __init__(
        self, device: Device, settings: PullSettings, described: GatewayMapping, pull: Pull, password: str, zone: str
    ) -> None:
        self._device = device
        self._settings = settings
        self._described = described
        self._pull = pull
        self._password = password
        self._zone = ZoneInfo(zone)

    async def fetch(self, since: datetime, until: datetime) -> list[bytes]:
        """A body for each call of the answer. What the gateway lists beyond the two times is not looked through: only
        the rules know where a call's times are, and a call that is known already does no harm."""
        begun = since - timedelta(minutes=self._settings.longest_call_minutes)
        times = {
            "{since}": written(begun.astimezone(self._zone), self._pull.time),
            "{until}": written(until.astimezone(self._zone), self._pull.time),
        }
        path, more = self._pull.path, dict[str, Any]()
        for hole, time in times.items():
            path = path.replace(hole, quote(time, safe=""))
        if self._pull.body is not None:
            body = self._pull.body
            for hole, time in times.items():
                body = body.replace(hole, time)
            more = {"content": body.encode(), "headers": {"content-type": self._pull.content_type}}
        async with self._device.reached(self._auth()) as device:
            if self._pull.auth == "bearer":
                more["headers"] = more.get("headers", {}) | {"authorization": f"Bearer {self._password}"}
            answer = (await device.ask(self._pull.method, path, **more)).tree()
        calls = self._calls(answer)
        if len(calls) > self._settings.max_calls:
            raise Refused(f"more than {self._settings.max_calls} calls in one list")
        plain = {name: value for name, value in mapping(answer).items() if not isinstance(value, dict | list)}
        return [as_json(_placed(call, self._described.items, plain)) for call in calls]

    def _calls(self, answer: object) -> list[object]:
        where = self._pull.items or (self._described.items if isinstance(answer, dict) else None)
        for step in where.steps if where is not None else ():
            if not isinstance(answer, dict) or step not in answer:
                raise Refused("there is no list of calls where the mapping says")
            answer = mapping(answer)[step]
        return listed(answer)

    def _auth(self) -> httpx2.Auth | None:
        match self._pull.auth:
            case "basic":
                return httpx2.BasicAuth(self._settings.username, self._password)
            case "digest":
                return httpx2.DigestAuth(self._settings.username, self._password)
            case "bearer" | "none":
                return None


def _placed(call: object, where: Path | None, top: Mapping[str, Any]) -> object:
    """The call where the mapping looks for events."""
    if where is None:
        return call
    placed: object = [call]
    for step in reversed(where.steps[1:]):
        placed = {step: placed}
    return {**top, where.steps[0]: placed}
