"""The other side of a bridge, which can be told to fail. It keeps its own ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Final, Protocol

from adapters.bridge import (
    Batch,
    BridgeAbility,
    BridgeName,
    HandoverPackage,
    InDoubt,
    Missing,
    NotNow,
    Probed,
    Receipt,
    Refused,
    Standing,
)
from adapters.handover_package import LegalBasis, Mode, Sender

BRIDGE: Final = BridgeName("line-12345")


class Clock(Protocol):
    """What time it is."""

    def now(self) -> datetime:
        """Now."""
        ...


class OtherSide:
    """A bridge whose other side is in our hands: `faults` is what the next sends meet, one each."""

    def __init__(self, clock: Clock, *abilities: BridgeAbility) -> None:
        self.name = BRIDGE
        self.abilities = frozenset(abilities)
        self.dials = ""
        self.max_body_bytes = 65536
        self.reply = (b"ok", "text/plain")
        self.ledger: list[str] = []
        """Keys, in the order of their effects."""
        self.sends = 0
        self.faults: list[str] = []
        self.is_down = False
        self._clock = clock

    def check(self, package: HandoverPackage) -> Sequence[Missing]:
        return []

    async def send(self, package: HandoverPackage, *, again: bool = False) -> Receipt:
        await asyncio.sleep(0)
        self.sends += 1
        fault = self.faults.pop(0) if self.faults else ""
        if self.is_down or fault == "down":
            raise NotNow("对方没有应答。")
        if fault == "refused":
            raise Refused("字段不全。")
        if fault == "crash":
            raise RuntimeError("a bug of the bridge")
        repeated = package.key in self.ledger
        if not (repeated and BridgeAbility.DEDUPLICATES in self.abilities):
            self.ledger.append(package.key)
        if fault == "ack lost":
            raise InDoubt("对方的答复丢失。")
        if fault == "hangs":
            await asyncio.sleep(3600)
        number = "" if fault == "no number" else f"12345-{self.ledger.index(package.key)}"
        return Receipt(at=self._clock.now(), digest="d", their_no=number, repeated=repeated)

    async def ask(self, key: str) -> Standing | None:
        if self.is_down:
            raise NotNow("对方没有应答。")
        if key not in self.ledger:
            return None
        return Standing(key=key, their_no=f"12345-{self.ledger.index(key)}", at=self._clock.now())

    async def news(self) -> Batch:
        return Batch()

    async def heard(self, ids: Sequence[str]) -> None:
        pass

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Batch:
        raise NotImplementedError

    async def list_day(self, day: date) -> Sequence[Standing]:
        return [Standing(key=key) for key in self.ledger]

    async def probe(self) -> Sequence[Probed]:
        return []

    async def close(self) -> None:
        pass


def a_package(ticket: str, hall: str, bridge: str, turn: int = 1) -> HandoverPackage:
    """One hand-over of a ticket."""
    return HandoverPackage(
        key=f"{ticket}-{bridge}-{turn}",
        local_no=ticket,
        hall=hall,
        peer=bridge,
        mode=Mode.TICKET_FLOW,
        legal_basis=LegalBasis.CONSENT,
        facts="路灯不亮。",
        caller_number="13800138000",
        sent_by=Sender(name="张三", number="1001"),
        prepared_at=datetime(2026, 11, 20, 2, tzinfo=UTC),
    )
