"""What must a gateway for text messages (短信网关) do, and what may whoever sends over it rely on?

It carries messages and remembers nothing that matters: what is sent when, to whom and whether at all is decided by
`hotline.messages`, where also what came of it is kept. That a gateway took a message says nothing about the telephone:
what became of it there comes later, as a receipt (状态报告), or never.

What `send` can raise is what a bridge's may (`adapters.bridge`): `Refused` for good, `NotNow`, `InDoubt`,
`Misconfigured`. Texts of all four are Chinese, say what to do, and hold no phone number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NewType, Protocol

import msgspec

from adapters.bridge import Probed

GatewayName = NewType("GatewayName", str)
"""The name in the settings file: `[sms.city]` → `city`."""


class SmsAbility(StrEnum):
    """What the gateway can do. What is not there is made good by a person."""

    DEDUPLICATES = "deduplicates"
    """The same key twice is one message: in doubt, it may simply be sent again."""
    CAN_ASK = "can_ask"
    """It can be asked what became of a key."""
    RECEIPTS = "receipts"
    """Receipts come by HTTP (`read_receipts`)."""


class TextMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one telephone."""

    key: str
    """The same for every attempt."""
    number: str
    """E.164, a Chinese mobile number."""
    text: str
    """As it is read, without the signature: the gateway's settings know it."""
    template: str = ""
    """Under which the operators registered this text (报备号); empty: not registered."""


class Fate(StrEnum):
    """What became of a message beyond the gateway."""

    DELIVERED = "delivered"
    """On the telephone."""
    FAILED = "failed"
    """It will not arrive."""
    STOP = "stop"
    """退订: whoever has that number wants no messages. About a number, not about a message."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway has it."""

    at: datetime
    their_id: str = ""
    segments: int = 0
    """As they charge it; 0: they do not say."""
    repeated: bool = False
    """They had it already."""


class DeliveryReceipt(msgspec.Struct, frozen=True, kw_only=True):
    """What they tell afterwards. May come twice, late, and before the answer to `send`."""

    id: str
    """The same in every repeat; a second one has no effect."""
    fate: Fate
    key: str = ""
    their_id: str = ""
    number: str = ""
    """Of a STOP: whose, as dialled inside China."""
    at: datetime
    code: str = ""
    """Why, in the operators' words (`MK:1001`)."""


class Receipts(msgspec.Struct, frozen=True, kw_only=True):
    """What came at once; each piece was judged alone."""

    receipts: tuple[DeliveryReceipt, ...] = ()
    set_aside: int = 0
    """Pieces that could not be read."""


class Whereabouts(msgspec.Struct, frozen=True, kw_only=True):
    """What they say of a message when they are asked."""

    their_id: str = ""
    fate: Fate | None = None
    """None: on its way."""
    segments: int = 0


class SmsGateway(Protocol):
    """One gateway. Safe to use from several tasks."""

    @property
    def name(self) -> GatewayName:
        """The name in the settings file."""
        ...

    @property
    def abilities(self) -> frozenset[SmsAbility]:
        """What it can do, with the settings it has."""
        ...

    @property
    def signature(self) -> str:
        """What stands between 【 and 】 before each text; empty: the gateway adds its own."""
        ...

    @property
    def max_segments(self) -> int:
        """Longer texts are not taken."""
        ...

    @property
    def max_body_bytes(self) -> int:
        """A longer delivery of receipts is refused before it is read."""
        ...

    async def send(self, message: TextMessage) -> Taken:
        """Give it to the gateway. Raises what the module's docstring lists. A `send` that is cancelled is in doubt."""
        ...

    async def ask(self, key: str) -> Whereabouts | None:
        """What became of it; None: they say that they do not have it. Raises `NotNow`, `Misconfigured`, and
        `Unsupported` without `CAN_ASK`."""
        ...

    def read_receipts(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Receipts:
        """Verify and read what they pushed (lower-case header names; `:peer` is the sender's address).

        Raises `NotAdmitted` (answer 401, keep nothing), `Undecodable` (answer 400), `Unsupported` without `RECEIPTS`.
        """
        ...

    async def probe(self) -> Sequence[Probed]:
        """Try it without sending anything. Never raises."""
        ...

    async def close(self) -> None:
        """Let go of connections. May be used again afterwards."""
        ...
