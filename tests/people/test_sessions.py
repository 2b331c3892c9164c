"""How long a session lives, on the clock's hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hotline.api.deps import presence
from hotline.people.permissions import Role
from hotline.people.sessions import IDLE, LONGEST, Presence, hash_of
from seats.seat import SeatState
from tests.api.conftest import site
from tests.api.site import Site

__all__ = ["site"]


async def _open(site: Site) -> str:
    async with site.engine.begin() as conn:
        account = site.people["h1", Role.OPERATOR].id
        return await site.sessions.open(conn, account, site.clock.now(), address="", agent="")


async def _lives(site: Site, token: str) -> bool:
    return await site.sessions.find(token, site.clock.now()) is not None


async def test_it_ends_after_half_an_hour_without_a_sign(site: Site) -> None:
    token = await _open(site)
    for _ in range(3):
        site.clock.at += IDLE - timedelta(seconds=1)
        assert await _lives(site, token)
    site.clock.at += IDLE
    assert not await _lives(site, token)
    assert site.ended[-1].sessions == (hash_of(token),)
    site.clock.at -= IDLE
    assert not await _lives(site, token), "what has ended does not come back"


async def test_it_ends_after_a_long_shift_in_any_case(site: Site) -> None:
    token = await _open(site)
    began = site.clock.now()
    while site.clock.now() - began < LONGEST - timedelta(minutes=20):
        site.clock.forward(minutes=20)
        assert await _lives(site, token)
    site.clock.forward(minutes=20)
    assert not await _lives(site, token)


async def test_it_never_ends_while_a_caller_is_on_the_phone(site: Site) -> None:
    token = await _open(site)
    site.on_the_phone("h1-000000001", "13800138000")
    site.clock.forward(hours=15)
    assert await site.sessions.sweep(site.clock.now()) == 0
    assert await _lives(site, token)


async def test_after_a_long_call_the_half_hour_begins_anew(site: Site) -> None:
    token = await _open(site)
    site.on_the_phone("h1-000000001", "13800138000")
    site.clock.forward(minutes=50)
    await site.sessions.sweep(site.clock.now())
    site.seat(SeatState.WRAP_UP)
    site.clock.forward(minutes=1)
    assert await _lives(site, token)
    site.clock.forward(minutes=31)
    assert await site.sessions.sweep(site.clock.now()) == 1
    assert not await _lives(site, token)


async def test_waiting_for_a_call_is_no_idleness(site: Site) -> None:
    token = await _open(site)
    site.seat(SeatState.READY)
    for _ in range(8):
        site.clock.forward(minutes=29)
        await site.sessions.sweep(site.clock.now())
    assert await _lives(site, token)
    site.clock.forward(hours=11)
    assert not await _lives(site, token), "the shift is over for a waiting seat as well"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (SeatState.SIGNED_OFF, Presence.ABSENT),
        (SeatState.READY, Presence.READY),
        (SeatState.RINGING, Presence.ON_CALL),
        (SeatState.TALKING, Presence.ON_CALL),
        (SeatState.WRAP_UP, Presence.ABSENT),
        (SeatState.BUSY, Presence.ABSENT),
        (SeatState.ON_BREAK, Presence.ABSENT),
        (SeatState.MISSING, Presence.ABSENT),
    ],
)
async def test_which_seats_keep_a_session(site: Site, state: SeatState, expected: Presence) -> None:
    site.seat(state)
    assert presence(site.halls, "h1", site.people["h1", Role.OPERATOR].id) is expected
    assert presence(site.halls, "h1", site.people["h1", Role.SUPERVISOR].id) is Presence.ABSENT
    assert presence(site.halls, "h2", site.people["h1", Role.OPERATOR].id) is Presence.ABSENT


async def test_a_socket_asks_without_giving_a_sign(site: Site) -> None:
    token = await _open(site)
    for _ in range(29):
        site.clock.forward(minutes=1)
        assert await site.sessions.still(hash_of(token), site.clock.now()) is not None
    site.clock.forward(minutes=1)
    assert await site.sessions.still(hash_of(token), site.clock.now()) is None


async def test_a_command_over_the_socket_is_a_sign(site: Site) -> None:
    token = await _open(site)
    site.clock.forward(minutes=29)
    await site.sessions.touch(hash_of(token), site.clock.now())
    site.clock.forward(minutes=29)
    assert await _lives(site, token)
