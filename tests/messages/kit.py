"""A hall with citizens who are to hear something, and the gateway in our hands."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from adapters.sms_gateway import DeliveryReceipt, Fate, SmsAbility, SmsGateway
from hotline.calls.numbers import mask
from hotline.messages.asking import ask
from hotline.messages.courier import LEASE, Courier
from hotline.messages.hearing import hear
from hotline.messages.message import Kind
from hotline.messages.rules import MessageRules
from hotline.messages.writing import Author, open_text
from hotline.store.engine import Database
from hotline.store.seal import Seal, place
from hotline.store.tables import CALLS, MESSAGES, TICKETS
from tests.handovers.kit import HandClock
from tests.messages.gateway import Gateway

HALL = "city"
CITIZEN = "13800138000"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
ADDRESS = "https://12348.example.gov.cn"


class Office:
    """A hall, its courier and its gateway."""

    def __init__(self, database: Database, seal: Seal, *abilities: SmsAbility, **rules: Any) -> None:
        self.engine = database.engine
        self.seal = seal
        self.clock = HandClock()
        self.clock.at = NOON
        self.gateway = Gateway("sms", self.clock, *abilities)
        self.rules = MessageRules(**{"address": ADDRESS, **rules})
        self.courier = self.another()
        self._made = 0

    def another(self, gateway: SmsGateway | None = None, *, without: bool = False) -> Courier:
        """A courier that knows nothing: as after a restart."""
        chosen = None if without else gateway or self.gateway
        author = Author(
            self.seal, self.rules, chosen, hall=HALL, label="市大厅", link_days=7, chance=secrets.token_bytes
        )
        return Courier(self.engine, self.seal, author, hall=HALL, clock=self.clock, leading=lambda: True)

    async def ticket(self, caller: str | None = CITIZEN, **values: Any) -> str:
        """A ticket of a call that was answered."""
        self._made += 1
        number, call = f"CITY-20261120-{self._made:06d}", f"city-{self._made:09d}"
        known: dict[str, Any] = {"caller_masked": mask(caller)}
        sealed = None
        if caller is not None:
            known["caller_index"] = self.seal.index(caller)
            sealed = self.seal.seal(caller, place("calls", "caller_sealed", call))
        at = self.clock.now()
        async with self.engine.begin() as conn:
            await conn.execute(
                insert(CALLS).values(
                    id=call, hall=HALL, adapter="sim", key=call, handling="hall", state="ended", seq=1, offered_at=at,
                    answered_at=at, ended_at=at, outcome="answered", queue="main", day=at.date(), operator="acc-1",
                    ticket=number, caller_sealed=sealed, **known,
                )
            )  # fmt: skip
            row = {
                "number": number,
                "hall": HALL,
                "call": call,
                "day": at.date(),
                "created_at": at,
                "state": "dispatched",
            }
            await conn.execute(insert(TICKETS).values(**(row | known | values)))
        return number

    async def wants(self, kind: Kind = Kind.ACCEPTED, ticket: str | None = None, **more: Any) -> int:
        """Something asks for a message; its id."""
        number = ticket or await self.ticket()
        key = f"{kind.value}-{number}-{self._made}"
        async with self.engine.begin() as conn:
            made = await ask(conn, hall=HALL, kind=kind, key=key, now=self.clock.now(), **{"ticket": number, **more})
        assert made is not None
        return made

    async def row(self, message: int) -> Row[Any]:
        async with self.engine.connect() as conn:
            return (await conn.execute(select(MESSAGES).where(MESSAGES.c.id == message))).one()

    async def rows(self) -> list[Row[Any]]:
        async with self.engine.connect() as conn:
            return list((await conn.execute(select(MESSAGES).order_by(MESSAGES.c.id))).all())

    async def text(self, message: int) -> str:
        return open_text(self.seal, await self.row(message))[0]

    async def change(self, message: int, **values: Any) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(update(MESSAGES).where(MESSAGES.c.id == message).values(**values))

    async def tells(self, fate: Fate, *, id: str, **about: Any) -> int:
        """The gateway tells something; how much of it was new."""
        receipt = DeliveryReceipt(id=id, fate=fate, at=self.clock.now(), **about)
        async with self.engine.begin() as conn:
            return await hear(conn, self.seal, hall=HALL, gateway="sms", receipts=[receipt], now=self.clock.now())

    async def claimed_by_the_dead(self, message: int) -> None:
        """As if a process had been killed in the middle of sending it."""
        dead = {"claim": "dead", "claimed_until": self.clock.now() + LEASE, "tries": 1}
        await self.change(message, **dead, day=self.clock.at.date())

    async def until_quiet(self, *, rounds: int = 40, minutes: float = 10) -> None:
        """Rounds, with time passing between them, until nothing moves."""
        for _ in range(rounds):
            if not await self.courier.round():
                self.clock.later(minutes=minutes)
