"""One wire: opened, listened at, its bytes cut into what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.settings import WireTable
from adapters.errors import LinkDown
from adapters.telephony import Take
from adapters.wire.framing import Framer, Piece
from adapters.wire.link import Watch, opened

FRAME: Final = b":"
"""Between the wire's name and its bytes in what is kept; `NOISE` where these are no frame."""
NOISE: Final = b"!"
NOISES: Final = 30
"""So many pieces of noise are kept in a minute; a wire that only babbles must not fill the database."""
MINUTE: Final = timedelta(minutes=1)


class ListenedWire:
    """One wire, open only while `listen` runs."""

    def __init__(self, name: str, table: WireTable, dialect: Dialect, watch: Watch | None) -> None:
        self._name = name
        self._table = table
        self._dialect = dialect
        self._watch = watch

    @property
    def name(self) -> str:
        """As the settings call it."""
        return self._name

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        """Hand over each frame, and the noise between frames, until cancelled or until the wire is gone."""
        cutter = Cutter(self._name, self._dialect.framer())

        async def hand_over(bodies: Iterable[tuple[bytes, datetime]]) -> None:
            for body, at in bodies:
                await take(body, at)

        async with opened(self._table, watch=self._watch) as link:
            if self._dialect.greeting:
                await link.write(self._dialect.greeting)
            up(self._table.url)
            try:
                while True:
                    try:
                        async with asyncio.timeout(cutter.patience):
                            data, at = await link.read()
                    except TimeoutError:
                        await hand_over(cutter.quiet(datetime.now(UTC)))
                    else:
                        await hand_over(cutter.feed(data, at))
            except LinkDown:
                await hand_over(cutter.quiet(datetime.now(UTC)))
                raise


class Cutter:
    """One wire's bytes, cut into what is kept: each piece with the wire's name and a mark."""

    def __init__(self, wire: str, framer: Framer) -> None:
        self._wire = wire.encode()
        self._framer = framer
        self._noise = _Budget()
        self._last: datetime | None = None

    @property
    def patience(self) -> float | None:
        """Seconds of silence after which `quiet` is to be called; None: silence says nothing now."""
        return self._framer.patience if self._framer.pending and self._framer.patience else None

    @property
    def patient_until(self) -> datetime | None:
        """When that is."""
        if self._last is None or self.patience is None:
            return None
        return self._last + timedelta(seconds=self.patience)

    def feed(self, data: bytes, at: datetime) -> list[tuple[bytes, datetime]]:
        self._last = at
        return self._marked(self._framer.feed(data), at)

    def quiet(self, at: datetime) -> list[tuple[bytes, datetime]]:
        return self._marked(self._framer.quiet(), at)

    def _marked(self, pieces: Iterable[Piece], at: datetime) -> list[tuple[bytes, datetime]]:
        return [
            (self._wire + (NOISE if piece.noise else FRAME) + piece.data, at)
            for piece in pieces
            if not piece.noise or self._noise.has_room(at)
        ]


class _Budget:
    """How much noise may still be kept in this minute."""

    def __init__(self) -> None:
        self._since: datetime | None = None
        self._left = NOISES

    def has_room(self, at: datetime) -> bool:
        if self._since is None or at - self._since >= MINUTE:
            self._since, self._left = at, NOISES
        self._left -= 1
        return self._left >= 0
