"""What is a network platform (网络平台: 12348 法网, WeChat, the app) here: what may it send, how often, who hears?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from adapters.bridges.signing import PEER, Doorkeeper
from hotline.audit.trail import Doer
from hotline.hall.inputs import Actor
from hotline.network.kinds import PREFIX
from hotline.tickets.matter import Matter

__all__ = ["PEER", "Door", "Platform"]


class Platform(msgspec.Struct, frozen=True, kw_only=True):
    """One client of the network API, as the settings say."""

    name: str
    hall: str
    label: str
    """What people read: 微信公众号."""
    door: Doorkeeper
    per_minute: int
    """Requests of any kind."""
    per_day: int
    """Requests that change something, by the Shanghai day."""
    per_citizen_day: int
    """Filings (提交) for one telephone number, over all platforms of the hall."""
    matters: frozenset[Matter]
    """业务类型 it may file."""
    news_url: str = ""
    """Where it hears how its filings go on; empty: it asks."""
    news_key: bytes = b""

    @property
    def account(self) -> str:
        """Who did it, in the history of tickets."""
        return PREFIX + self.name

    @property
    def actor(self) -> Actor:
        """For the hall."""
        return Actor(account=self.account, work_number=self.name, name=self.label)

    def doer(self, address: str) -> Doer:
        """For the audit trail."""
        return Doer(account=self.account, work_number=self.name, address=address)


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Who stands before the network API, and may come in?"""

    platforms: Mapping[str, Platform]

    def admit(self, method: str, path: str, headers: Mapping[str, str], body: bytes, now: datetime) -> Platform:
        """The platform that signed this request. `path` carries the query; header names are lower-case.

        What is signed is `id.timestamp.METHOD path⏎body`: a signature that was seen on the way opens nothing else.
        Raises `NotAdmitted`, `KeyError` for a name that nobody has.
        """
        platform = self.platforms[headers.get("x-platform", "")]
        platform.door.check(headers, f"{method} {path}\n".encode() + body, now)
        return platform
