"""The device's own list of its calls, fetched by whichever way its dialect offers, as bodies for `decode`.

Device clocks are wrong. What is asked for goes by the device's clock, shifted by what `Device` measured; the bodies
then say so (`{"skew_seconds": …, "pulled": …}`), and their times are shifted back when they are decoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import structs

from adapters.gateway_push.pull_http import Device
from adapters.telephony import Delivery

SKEW_TOLERANCE_SECONDS: Final = 30.0
"""A clock that turns out to differ by less from what was assumed has been asked about the right time."""
TRIES: Final = 3
STEP_SECONDS: Final = 10
"""Skews are told in such steps: the body of a call stays the same while the clock jitters."""

_WRAPPED = re.compile(rb'\{"skew_seconds":(-?[0-9]{1,8}),"pulled":(.*)\}', re.DOTALL)


class Source(Protocol):
    """One dialect's way."""

    async def fetch(self, since: datetime, until: datetime) -> list[bytes]:
        """The calls that ended between the two by the device's clock, a body each. Raises `LinkDown`, `NoAnswer` or
        `Refused`."""
        ...


class Pulling:
    """Fetches one device's list."""

    def __init__(self, device: Device, source: Source, every_seconds: float) -> None:
        self.device = device
        self.every_seconds = every_seconds
        self._source = source

    async def pull(self, since: datetime, until: datetime) -> Sequence[bytes]:
        """The calls that ended between the two by our clock. Raises `LinkDown`, `NoAnswer` or `Refused`."""
        bodies: Sequence[bytes] = ()
        for _ in range(TRIES):
            assumed = self.device.skew_seconds or 0.0
            shift = timedelta(seconds=assumed)
            bodies = await self._source.fetch(since + shift, until + shift)
            if abs((self.device.skew_seconds or 0.0) - assumed) <= SKEW_TOLERANCE_SECONDS:
                break  # else it was asked about another time than was meant
        skew = round((self.device.skew_seconds or 0.0) / STEP_SECONDS) * STEP_SECONDS
        if abs(skew) <= SKEW_TOLERANCE_SECONDS:
            return bodies
        return [b'{"skew_seconds":%d,"pulled":%b}' % (skew, body) for body in bodies]


def unwrapped(body: bytes) -> tuple[bytes, timedelta]:
    """A body as the device would have pushed it, and how far its times are ahead."""
    found = _WRAPPED.fullmatch(body)
    return (body, timedelta(0)) if found is None else (found[2], timedelta(seconds=int(found[1])))


def set_right(delivery: Delivery, skew: timedelta, heard_at: datetime) -> Delivery:
    """What was read by the device's clock, by ours. Undecodable times, which are ours already, come out right as well:
    they were taken for the moment of hearing."""
    events = [structs.replace(event, at=event.at - skew, heard_at=heard_at) for event in delivery.events]
    return structs.replace(delivery, events=events)


def as_json(value: object) -> bytes:
    """A body made of what the device listed, its own names and values untouched."""
    return json.dumps(value, separators=(",", ":")).encode()
