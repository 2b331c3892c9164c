"""Is anybody at the desk? A seat whose console has been away longer than the grace period is missing (失联)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Collection

from hotline.hall.state import HallState
from seats.seat import SeatNo


class Presence:
    """Counts each account's consoles; tells the hall of seats that are left alone, and of those that are back."""

    def __init__(
        self,
        grace_seconds: float,
        state: Callable[[], HallState],
        tell: Callable[[SeatNo, bool], Awaitable[None]],
        unattended: Collection[str] = (),
    ) -> None:
        self._grace = grace_seconds
        self._state = state
        self._tell = tell
        self._unattended = frozenset(unattended)
        """Seats that no person sits at (simulated lawyers): never missing."""
        self._consoles: Counter[str] = Counter()
        self._last_word: dict[str, float] = {}
        """When the last of an account's consoles was heard, by the loop's clock, while it has none."""
        self._alone_since: dict[str, float] = {}
        self._arrival = asyncio.Event()

    def arrived(self, account: str) -> None:
        """One more console of that account is connected."""
        self._consoles[account] += 1
        self._last_word.pop(account, None)
        self._arrival.set()

    def left(self, account: str, last_word: float) -> None:
        """A console of that account is gone; it was last heard at that time (`loop.time()`)."""
        self._consoles[account] -= 1
        if self._consoles[account] <= 0:
            del self._consoles[account]
            self._last_word[account] = last_word

    async def watch(self) -> None:
        """Compare who is signed in with who is connected, until cancelled. Starts the grace period anew."""
        self._alone_since.clear()
        attended = set[SeatNo]()
        loop = asyncio.get_running_loop()
        while True:
            self._arrival.clear()
            # Who is back is back at once: the next click may end a call, and is no missing lawyer's.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(1.0, self._grace / 4)):
                    await self._arrival.wait()
            now = loop.time()
            for seat in list(self._state().seats.values()):
                if seat.operator is None or seat.number in self._unattended:
                    self._alone_since.pop(seat.number, None)
                elif self._consoles[seat.operator] > 0:
                    self._alone_since.pop(seat.number, None)
                    attended.add(seat.number)
                    if not seat.here:
                        await self._tell(seat.number, True)
                elif seat.here:
                    heard = self._last_word.get(seat.operator, now) if seat.number in attended else now
                    if now - self._alone_since.setdefault(seat.number, heard) >= self._grace:
                        attended.discard(seat.number)
                        await self._tell(seat.number, False)
