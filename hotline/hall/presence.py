"""Is anybody at the desk? A seat whose console has been away longer than the grace period is missing (失联)."""

from __future__ import annotations

import asyncio
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
        self._alone_since: dict[str, float] = {}

    def arrived(self, account: str) -> None:
        """One more console of that account is connected."""
        self._consoles[account] += 1

    def left(self, account: str) -> None:
        """A console of that account is gone."""
        self._consoles[account] -= 1

    async def watch(self) -> None:
        """Compare who is signed in with who is connected, until cancelled. Starts the grace period anew."""
        self._alone_since.clear()
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(1.0, self._grace / 4))
            now = loop.time()
            for seat in list(self._state().seats.values()):
                if seat.operator is None or seat.number in self._unattended:
                    self._alone_since.pop(seat.number, None)
                elif self._consoles[seat.operator] > 0:
                    self._alone_since.pop(seat.number, None)
                    if not seat.here:
                        await self._tell(seat.number, True)
                elif seat.here and now - self._alone_since.setdefault(seat.number, now) >= self._grace:
                    await self._tell(seat.number, False)
