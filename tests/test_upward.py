"""The province hears of every change of a seat, signed, from a real server's point of view."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx2
import msgspec
import pytest
from standardwebhooks import Webhook

from hotline.hall.hall import Hall
from hotline.upward import Picture, Upward
from seats.seat import SeatNo
from tests.hall.kit import VirtualHall

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQ="


class Province:
    """An HTTP server that checks signatures and keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[Picture] = []
        self.status = 204
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        lower = {name.lower(): value for name, value in headers.items()}
        body = await reader.readexactly(int(lower["content-length"]))
        if self.status < 300:
            Webhook(SECRET).verify(body, lower)
            self.told.append(msgspec.json.decode(body, type=Picture))
        writer.write(f"HTTP/1.1 {self.status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


class There:
    """A hall that leads, with the virtual hall's state."""

    def __init__(self, hall: VirtualHall) -> None:
        self.state = hall.state
        self.rules = hall.state.rules
        self.leading = True


class Now:
    """The signature's time is the server's: this clock runs with it, and can be moved on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> Any:
        return datetime.now(UTC) + self.ahead


@pytest.fixture
async def province() -> AsyncIterator[Province]:
    found = Province()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/seats"
    yield found
    server.close()
    await server.wait_closed()


@pytest.fixture
def hall() -> VirtualHall:
    return VirtualHall()


async def test_changes_are_told_and_nothing_is_told_twice(province: Province, hall: VirtualHall) -> None:
    clock = Now()
    upward = Upward(cast(Hall, There(hall)), province.url, SECRET, clock)
    async with httpx2.AsyncClient() as client:
        assert await upward.look(client)
        assert not await upward.look(client)
        hall.sign_in("01")
        hall.rings(their_id="SD-77")
        hall.picks_up()
        assert await upward.look(client)
        clock.ahead = timedelta(seconds=61)
        assert await upward.look(client)
    first, second, third = province.told
    assert {each.seat: each.state for each in first.seats} == {"01": "signed_off", "02": "signed_off"}
    assert {each.seat: (each.state, each.their_call) for each in second.seats}["01"] == ("talking", "SD-77")
    assert third.seats == second.seats


async def test_a_province_that_refuses_is_tried_again_and_gets_the_present(
    province: Province, hall: VirtualHall
) -> None:
    there, pauses = There(hall), list[float]()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        match len(pauses):
            case 2:
                hall.sign_in("01")
            case 3:
                province.status = 204
            case 5:
                raise asyncio.CancelledError
            case _:
                pass

    province.status = 503
    with pytest.raises(asyncio.CancelledError):
        await Upward(cast(Hall, there), province.url, SECRET, Now()).run(sleep)
    assert pauses[:4] == [2.0, 4.0, 8.0, 1.0]
    (told,) = province.told
    assert {each.seat: each.state for each in told.seats}["01"] == "ready"


async def test_who_does_not_lead_says_nothing(province: Province, hall: VirtualHall) -> None:
    there = There(hall)
    there.leading = False

    async def sleep(seconds: float) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Upward(cast(Hall, there), province.url, SECRET, Now()).run(sleep)
    assert not province.told


def test_no_person_is_in_it(hall: VirtualHall) -> None:
    hall.sign_in("01")
    hall.rings(caller="13800138000")
    said = msgspec.json.encode(Upward(cast(Hall, There(hall)), "http://127.0.0.1/", SECRET, Now()).picture()).decode()
    assert "13800138000" not in said
    assert hall.seat("01").operator_name not in said
    assert hall.state.seats[SeatNo("01")].work_number not in said
