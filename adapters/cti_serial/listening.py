"""One wire: opened, listened at, its bytes cut into what is kept."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.cti_serial.dialect import Dialect
from adapters.cti_serial.settings import WireTable
from adapters.errors import LinkDown
from adapters.reading import Unreadable
from adapters.telephony import Take
from adapters.wire.framing import Piece
from adapters.wire.link import Watch, opened

FRAME: Final = b":"
"""Between the wire's name and its bytes in what is kept; `NOISE` where these are no frame."""
NOISE: Final = b"!"
OPENED: Final = b"<"
GONE: Final = b">"
"""Instead of bytes: the wire was opened, or is gone."""
CLOSING_SECONDS: Final = 2.0
"""So long a wire that is no longer listened to may take to hand over what was read."""
NOISES: Final = 30
"""So many pieces of noise are kept in a minute; a wire that only babbles must not fill the database."""
MINUTE: Final = timedelta(minutes=1)


class ListenedWire:
    """One wire, open only while `listen` runs."""

    def __init__(
        self,
        name: str,
        table: WireTable,
        dialect: Dialect,
        watch: Watch | None,
        heard: Callable[[bytes, datetime], None] | None = None,
    ) -> None:
        """`heard` is told what was handed over, when it is safe: live, and never again."""
        self._heard = heard
        self._name = name
        self._table = table
        self._dialect = dialect
        self._watch = watch

    @property
    def name(self) -> str:
        """As the settings call it."""
        return self._name

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        """Hand over each frame, and the noise between frames, until cancelled or until the wire is gone. What was read
        until then is handed over all the same: it would never come again."""
        cutter, hand = Cutter(self._name, self._dialect), _Hand(take, self._heard)
        async with opened(self._table, watch=self._watch) as link:
            if greeting := self._table.greeting_bytes or self._dialect.greeting:
                await link.write(greeting)
            up(self._table.url)
            try:
                await hand.over(cutter.told(OPENED))
                while True:
                    try:
                        async with asyncio.timeout(cutter.patience):
                            data, at = await link.read()
                    except TimeoutError:
                        if not link.unread:  # else the loop was late, and the wire was not quiet
                            await hand.over(cutter.quiet(datetime.now(UTC)))
                    else:
                        await hand.over(cutter.feed(data, at))
            except LinkDown:
                await hand.over([*cutter.quiet(datetime.now(UTC)), *cutter.told(GONE)])
                raise
            except asyncio.CancelledError:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CLOSING_SECONDS):
                        await hand.finish()
                        while link.unread:
                            await hand.over(cutter.feed(*await link.read()))
                        await hand.over(cutter.quiet(datetime.now(UTC)))
                raise


class _Hand:
    """Hands over one body after the other. One that is under way when listening is cancelled is not begun again."""

    def __init__(self, take: Take, heard: Callable[[bytes, datetime], None] | None) -> None:
        self._take = take
        self._heard = heard
        self._left = deque[tuple[bytes, datetime]]()
        self._under_way: asyncio.Task[None] | None = None

    async def over(self, bodies: Iterable[tuple[bytes, datetime]]) -> None:
        """Returns when all of them are safe."""
        self._left += bodies
        while self._left:
            self._under_way = asyncio.ensure_future(self._safe(*self._left.popleft()))
            await asyncio.shield(self._under_way)
            self._under_way = None

    async def finish(self) -> None:
        """What was given and is not safe yet."""
        if self._under_way is not None:
            await self._under_way
        await self.over(())

    async def _safe(self, body: bytes, at: datetime) -> None:
        await self._take(body, at)
        if self._heard is not None:
            self._heard(body, at)


class Cutter:
    """One wire's bytes, cut into what is kept: each piece with the wire's name and a mark."""

    def __init__(self, wire: str, dialect: Dialect) -> None:
        self._wire = wire.encode()
        self._dialect = dialect
        self._framer = dialect.framer()
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

    def told(self, mark: bytes) -> list[tuple[bytes, datetime]]:
        """The wire was opened, or is gone."""
        return [(self._wire + mark, datetime.now(UTC))]

    def _marked(self, pieces: Iterable[Piece], at: datetime) -> list[tuple[bytes, datetime]]:
        return [
            (self._wire + (NOISE if piece.noise else FRAME) + piece.data, at)
            for piece in pieces
            if self._says_something(piece) or self._noise.has_room(at)
        ]

    def _says_something(self, piece: Piece) -> bool:
        """Else it is noise; for who reads by line, every line is a frame, garbage too."""
        if piece.noise:
            return False
        try:
            self._dialect.read(piece.data)
        except Unreadable:
            return False
        return True


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
