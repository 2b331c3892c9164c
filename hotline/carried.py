"""A line whose wires are at an edge (边缘机): the core decodes what is carried to it as if it had heard it itself.

Nothing is concluded from a silence that is only the network's: silence is measured by the edge's clock, up to the
moment of which the edge says that all it heard has been sent. Whoever rings when the connection goes rings on until
then.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from adapters.errors import Misconfigured, Undecodable
from adapters.reading import Clock as DeviceClock
from adapters.telephony import (
    Ability,
    AdapterName,
    Command,
    Decodes,
    Delivery,
    DeviceEvent,
    HasSoftphones,
    Hear,
    Ingests,
    Listens,
    PortStatus,
    Pulls,
    Recalls,
    RefusedItem,
    TelephonyAdapter,
    Wire,
    WireWatch,
)
from hotline.store.beside import beside

log = structlog.get_logger()

MAX_AHEAD: Final = timedelta(seconds=120)
"""An edge's clock that is further ahead is wrong: then our own counts, as with devices."""
MAX_AGE: Final = timedelta(days=31)
"""The same for one that was never set."""
ONLY_TALKS: Final = frozenset({Ability.BY_HAND})
"""What a device may be able to do that nobody can give orders to."""
_PLACED: Final = DeviceClock(zone="UTC", max_ahead=MAX_AHEAD, max_age=MAX_AGE)


class Said(msgspec.Struct, frozen=True):
    """What some frames say, as the intake takes it."""

    items: list[tuple[DeviceEvent, bytes | None]]
    set_aside: list[tuple[bytes, str]]
    repaired: list[RefusedItem] = []
    """Events kept with a value of ours in place of an impossible one."""


class Carried:
    """One adapter at an edge: `TelephonyAdapter`, `Listens` without a wire of its own, and `Recalls`."""

    def __init__(self, adapter: TelephonyAdapter) -> None:
        self._adapter = adapter
        self._name = adapter.name
        self.watch: WireWatch | None = None

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """The adapter's; none of them is an order to it."""
        return self._adapter.abilities

    @property
    def wires(self) -> Sequence[Wire]:
        """They are at the edge."""
        return ()

    @property
    def due(self) -> None:
        """Never by our own clock."""
        return

    @property
    def memory(self) -> timedelta:
        """The adapter's."""
        return self._adapter.memory if isinstance(self._adapter, Recalls) else timedelta()

    async def run(self, hear: Hear) -> None:
        """Wait until cancelled: facts come through `read`."""
        await asyncio.get_running_loop().create_future()

    async def do(self, command: Command) -> None:
        """Raises `Unsupported`."""
        await self._adapter.do(command)

    async def ports(self) -> Sequence[PortStatus]:
        """Raises `Unsupported`."""
        return await self._adapter.ports()

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """As the adapter does."""
        assert isinstance(self._adapter, Decodes)
        return self._adapter.decode(body, heard_at)

    def framed(self, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
        """As the adapter does; what is pushed has no wire."""
        return self._adapter.framed(heard) if isinstance(self._adapter, Listens) else iter(())

    def recall(self, kept: Iterable[tuple[bytes, datetime]]) -> int:
        """As the adapter does."""
        return self._adapter.recall(kept) if isinstance(self._adapter, Recalls) else 0

    def read(self, frames: Iterable[tuple[bytes, datetime]], until: datetime | None) -> Said:
        """Decode each frame in its order; before each, and at the end, what silence says by then."""
        said = Said([], [])
        for body, heard_at in frames:
            self._conclude(heard_at, said)
            self._one(body, heard_at, said)
        if until is not None:
            self._conclude(until, said)
        return said

    def _conclude(self, by: datetime, said: Said) -> None:
        """Something due at that very moment is left to the frame that comes then."""
        if not isinstance(self._adapter, Listens):
            return
        while (due := self._adapter.due) is not None and due < by:
            self._one(b"", due, said)
            if self._adapter.due == due:
                return  # it has not understood

    def _one(self, body: bytes, heard_at: datetime, said: Said) -> None:
        try:
            delivery = self.decode(body, heard_at)
        except Undecodable as error:
            log.info("kept, but not understood", adapter=self._name, reason=str(error))
            said.set_aside.append((body, str(error)))
        except Exception as error:  # a fault of ours: what was said must not go with it
            log.exception("decoder failed", adapter=self._name)
            said.set_aside.append((body, f"the decoder failed: {type(error).__name__}"))
        else:
            items, aside = beside(delivery, body)
            said.items.extend(items)
            said.set_aside.extend(aside)
            said.repaired.extend(delivery.repaired)


def obeys(adapter: TelephonyAdapter) -> bool:
    """It takes orders; others only talk."""
    return bool(adapter.abilities - ONLY_TALKS)


def refuse_to_carry(adapter: TelephonyAdapter) -> None:
    """Raises `Misconfigured` for a device that is reached over the network anyway, or whose list is to be fetched."""
    if isinstance(adapter, HasSoftphones):
        words = "Asterisk 由中心经网络直接连接（跨网段请用 VPN），浏览器电话也在那里注册；请删去 edge"
        raise Misconfigured(f"[adapters.{adapter.name}] edge：{words}")
    if not obeys(adapter) and not isinstance(adapter, Listens | Ingests):
        raise Misconfigured(f"[adapters.{adapter.name}] edge：这种线路没有可以放在边缘机上的设备；请删去 edge")
    if isinstance(adapter, Pulls) and adapter.pull_seconds > 0:
        raise Misconfigured(f"[adapters.{adapter.name}] pull：设备在边缘机一侧，中心不去读取其话单；请删去 pull")


def placed(at: datetime, now: datetime) -> tuple[datetime, str]:
    """An edge's time as it is; or ours where it is impossible, and what was wrong with it. A clock that is a little
    ahead is borne with, but nothing was heard later than now."""
    at, wrong = _PLACED.place(at, now)
    return min(at, now), wrong
