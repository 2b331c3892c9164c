"""A gateway for text messages that is in our hands and can be told to fail. It keeps its own ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from adapters.bridge import InDoubt, NotNow, Probed
from adapters.errors import NotAdmitted, Refused
from adapters.sms.receipts import read_items
from adapters.sms_gateway import GatewayName, Receipts, SmsAbility, Taken, TextMessage, Whereabouts


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Now."""
        ...


class Gateway:
    """`faults` is what the next sends meet, one each; `ledger` what went to telephones, in order."""

    def __init__(self, name: str, clock: Clock, *abilities: SmsAbility) -> None:
        self.name = GatewayName(name)
        self.abilities = frozenset(abilities)
        self.signature = "12348热线"
        self.max_segments = 4
        self.max_body_bytes = 65_536
        self.ledger: list[TextMessage] = []
        self.sends = 0
        self.faults: list[str] = []
        self.is_down = False
        self._clock = clock

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.ledger]

    async def send(self, message: TextMessage) -> Taken:
        await asyncio.sleep(0)
        self.sends += 1
        fault = self.faults.pop(0) if self.faults else ""
        if self.is_down or fault == "down":
            raise NotNow("短信网关没有应答。")
        if fault == "refused":
            raise Refused("模板未报备。")
        if fault == "crash":
            raise ZeroDivisionError
        if fault == "lost before":
            raise InDoubt("没有答复。")
        known = SmsAbility.DEDUPLICATES in self.abilities and message.key in self.keys
        if not known:
            self.ledger.append(message)
        if fault == "answer lost":
            raise InDoubt("没有答复。")
        return Taken(at=self._clock.now(), their_id=f"S{self.keys.index(message.key)}", segments=2, repeated=known)

    async def ask(self, key: str) -> Whereabouts | None:
        if self.is_down:
            raise NotNow("短信网关没有应答。")
        return Whereabouts(their_id=f"S{self.keys.index(key)}") if key in self.keys else None

    def read_receipts(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Receipts:
        if headers.get("webhook-signature") != "right":
            raise NotAdmitted("signature_wrong")
        return read_items(body, now)

    async def probe(self) -> Sequence[Probed]:
        return []

    async def close(self) -> None:
        pass
