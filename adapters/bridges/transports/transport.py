"""What is a way to a receiver, whatever it carries? It knows documents, not hand-overs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec

from adapters.bridge import Batch, BridgeAbility, Probed, Receipt, Standing
from adapters.bridges.tree import Tree


class What(StrEnum):
    """What a document is about."""

    CASE = "case"
    FIGURES = "figures"
    NEWS = "news"
    """What became of a case of theirs."""


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """One document to deliver."""

    key: str
    tree: Tree
    what: What = What.CASE


class Transport(Protocol):
    """One way. The methods mean and raise what those of `Bridge` do."""

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """What this way can do."""
        ...

    async def send(self, parcel: Parcel, *, again: bool) -> Receipt:
        """Deliver it."""
        ...

    async def ask(self, key: str) -> Standing | None:
        """How they have it."""
        ...

    async def news(self) -> Batch:
        """What was laid down for us."""
        ...

    async def heard(self, ids: Sequence[str]) -> None:
        """It need not be told again."""
        ...

    async def list_day(self, day: date) -> Sequence[Standing]:
        """What they have of that day."""
        ...

    async def probe(self) -> Sequence[Probed]:
        """Is it open?"""
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...
