"""What every dialect of a pushing gateway is."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from adapters.telephony import Delivery


class Decoder(Protocol):
    """One dialect."""

    @property
    def memory(self) -> timedelta:
        """How far back earlier deliveries change what a delivery means; zero: each one stands for itself."""
        ...

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Read a delivery. Raises `Undecodable` and nothing else."""
        ...
