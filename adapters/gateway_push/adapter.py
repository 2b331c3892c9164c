"""A gateway that pushes: what it says is admitted and decoded. It cannot be ordered about; at most it can be asked for
the list of its past calls, which then goes the way of a push.

It has no link that could be up or down, so `run` never says `LinkUp`: that fact promises a device which answers
`ports()` and obeys `do()`. Whether the gateway is alive shows in the time of its last delivery.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import assert_never

from adapters.errors import Misconfigured, Undecodable, Unsupported
from adapters.gateway_push.admission import Admission
from adapters.gateway_push.decoders.decoder import Decoder
from adapters.gateway_push.decoders.dinstar import DinstarDecoder
from adapters.gateway_push.decoders.mapped import MappedDecoder
from adapters.gateway_push.decoders.newrock import NewRockDecoder
from adapters.gateway_push.decoders.standard import StandardDecoder
from adapters.gateway_push.decoders.yeastar import YeastarDecoder
from adapters.gateway_push.mapping import GatewayMapping
from adapters.gateway_push.pulling import Pulling, set_right, unwrapped
from adapters.gateway_push.settings import Dialect, GatewaySettings
from adapters.reading import Clock
from adapters.telephony import Ability, AdapterName, Command, Delivery, Hear, PortStatus


class GatewayPush:
    """One observed gateway: `TelephonyAdapter`, `Ingests` and `Pulls`."""

    def __init__(
        self,
        name: AdapterName,
        settings: GatewaySettings,
        admission: Admission,
        mapping: GatewayMapping | None = None,
        pulling: Pulling | None = None,
    ) -> None:
        """`mapping`: for dialect `mapped`; raises `Misconfigured` when it is missing there. `pulling`: how its list is
        fetched; None: it is not."""
        self._name = name
        self._settings = settings
        self._mapping = mapping
        self._admission = admission
        self._pulling = pulling
        self._decoder = _decoder(name, settings, mapping)

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[Ability]:
        """None: nothing can be ordered or asked."""
        return frozenset()

    @property
    def max_body_bytes(self) -> int:
        """A longer delivery is refused before it is read."""
        return self._settings.max_body_bytes

    @property
    def reply(self) -> tuple[bytes, str] | None:
        """Body and content type of the 2xx, or `None` where any answer will do.

        New Rock's manual says that the device does not read the answer; Yeastar looks at the status only.
        """
        return (b"", "text/xml; charset=utf-8") if self._settings.dialect is Dialect.NEWROCK_OM else None

    @property
    def memory(self) -> timedelta:
        """How far back `recall` needs the kept deliveries; zero where decoding remembers nothing."""
        return self._decoder.memory

    @property
    def pull_seconds(self) -> float:
        """How often the list of calls is to be fetched; zero: the settings do not say where."""
        return self._pulling.every_seconds if self._pulling is not None else 0.0

    async def pull(self, since: datetime, until: datetime) -> Sequence[bytes]:
        """The calls that ended between the two, a body for `decode` each. Raises `LinkDown`, `NoAnswer` or `Refused`;
        `Unsupported` where `pull_seconds` is zero."""
        if self._pulling is None:
            raise Unsupported(f"{self._name} only reports calls: the settings name no list")
        return await self._pulling.pull(since, until)

    @property
    def skew_seconds(self) -> float | None:
        """So far ahead of ours is the device's clock, as its list told last; None: not known."""
        return self._pulling.device.skew_seconds if self._pulling is not None else None

    async def run(self, hear: Hear) -> None:
        """Wait until cancelled: facts come through `decode`, not from here."""
        await asyncio.get_running_loop().create_future()

    async def do(self, command: Command) -> None:
        """Raises `Unsupported`: the gateway distributes its calls itself."""
        raise Unsupported(f"{self._name} only reports calls: {type(command).__name__} is not possible")

    async def ports(self) -> Sequence[PortStatus]:
        """Raises `Unsupported`: the gateway cannot be asked."""
        raise Unsupported(f"{self._name} only reports calls and cannot be asked for them")

    def admit(self, headers: Mapping[str, str], body: bytes, now: datetime) -> None:
        """Check the sender; `headers` also carry the pseudo headers `:peer` and `:path`. Raises `NotAdmitted`."""
        self._admission.check(headers, body, now)

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        """Read a delivery. Raises `Undecodable` when it cannot be taken apart at all.

        Where it can, each event is judged alone; a delivery whose every event was refused is still a `Delivery`.
        """
        if len(body) > self.max_body_bytes:
            raise Undecodable("the body is too long")
        inner, skew = unwrapped(body)
        if not skew:
            return self._decoder.decode(body, heard_at)
        return set_right(self._decoder.decode(inner, heard_at + skew), skew, heard_at)

    def recall(self, kept: Iterable[tuple[bytes, datetime]]) -> int:
        """Rebuild the decoder's memory from kept raw deliveries in the order they were heard; how many were read.

        Needed before the first `decode` of a new process where `memory` is not zero; what was remembered before is
        forgotten. Facts are not returned: they were stored when the deliveries came.
        """
        decoder = _decoder(self._name, self._settings, self._mapping)
        read = 0
        for body, heard_at in kept:
            try:
                decoder.decode(body, heard_at)
            except Undecodable:
                continue
            read += 1
        self._decoder = decoder
        return read


def _decoder(name: AdapterName, settings: GatewaySettings, mapping: GatewayMapping | None) -> Decoder:
    clock = Clock(zone=settings.zone, max_ahead=settings.max_ahead, max_age=settings.max_age)
    match settings.dialect:
        case Dialect.STANDARD:
            return StandardDecoder(name, clock)
        case Dialect.NEWROCK_OM:
            return NewRockDecoder(name, clock, extension_digits=settings.extension_digits)
        case Dialect.YEASTAR_P | Dialect.YEASTAR_S | Dialect.OPENVOX:
            openvox = settings.dialect is Dialect.OPENVOX
            return YeastarDecoder(name, clock, openvox=openvox, zone=settings.zone, not_seats=settings.not_seats)
        case Dialect.DINSTAR:
            return DinstarDecoder(name, clock)
        case Dialect.MAPPED:
            if mapping is None:
                raise Misconfigured("缺少 mapping：dialect 为 mapped 时要有映射文件")
            return MappedDecoder(name, clock, mapping)
        case _:
            assert_never(settings.dialect)
