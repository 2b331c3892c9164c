"""Who is at the desk: told when the grace period is over, and the moment somebody is back."""

from __future__ import annotations

import asyncio

from hotline.hall.inputs import PresenceChanged
from hotline.hall.presence import Presence
from seats.seat import SeatNo
from tests.hall.kit import VirtualHall


async def test_who_is_back_is_back_at_once() -> None:
    """The next click may end a call: a lawyer who is there must not go missing by it."""
    hall = VirtualHall()
    hall.sign_in("01")
    account = hall.seat("01").operator or ""
    told: list[tuple[SeatNo, bool]] = []
    moved = asyncio.Event()

    async def tell(seat: SeatNo, here: bool) -> None:
        told.append((seat, here))
        hall.ask(PresenceChanged(seat=SeatNo("01"), here=here))
        moved.set()

    presence = Presence(0.4, lambda: hall.state, tell)
    watch = asyncio.create_task(presence.watch())
    async with asyncio.timeout(5):
        await moved.wait()
    assert told == [("01", False)]
    moved.clear()
    presence.arrived(account)
    for _ in range(5):
        await asyncio.sleep(0)  # no time passes
    assert told[-1] == ("01", True)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
