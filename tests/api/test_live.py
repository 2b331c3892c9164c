"""The live socket's bad moments: the database goes away under a click, a console floods, sends bytes, or nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from hotline.api import live
from hotline.api.live_messages import SAID
from hotline.bus import Hub
from hotline.clock import WallClock
from hotline.people.permissions import Role
from hotline.people.sessions import Who
from tests.hall.kit import VirtualHall

WHO = Who(
    unit="",
    account="acc-1001",
    hall="zz",
    work_number="1001",
    name="律师",
    role=Role.OPERATOR,
    groups=(),
    must_change=False,
    session=b"s",
)


class Wire:
    """A socket's two ends: what the console says, and what it is told."""

    def __init__(self, sessions: Any, hall: VirtualHall, hub: Hub | None = None) -> None:
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        self.code: int | None = None
        self.asked = 0
        self.gate = asyncio.Event()
        self.hub = hub if hub is not None else Hub(lambda: hall.state, WallClock().now)
        self.client = None
        presence = SimpleNamespace(arrived=lambda _: None, left=lambda *_: None)
        running = SimpleNamespace(
            state=hall.state,
            hub=self.hub,
            clock=WallClock(),
            presence=presence,
            until_led=self._led,
            ask=self._ask,
            when_at_rest=lambda visit: visit(),
        )
        self.app = SimpleNamespace(state=SimpleNamespace(halls={"zz": running}, sessions=sessions))

    async def receive_text(self) -> str:
        message = await self.said.get()
        return message["text"]

    async def send_text(self, text: str) -> None:
        message = json.loads(text)
        kind, _ = SAID[message.get("event") or message["type"]]
        # Nothing is said that is not described: the same value comes out again, to the last member.
        assert json.loads(msgspec.json.encode(msgspec.json.decode(text, type=kind))) == message
        self.told.append(message)

    async def close(self, code: int) -> None:
        self.code = code

    def says(self, **message: Any) -> None:
        self.said.put_nowait({"text": json.dumps(message)})

    async def _led(self, _: float) -> bool:
        return True

    async def _ask(self, *_: Any) -> None:
        self.asked += 1
        await self.gate.wait()


class Sessions:
    """Sessions whose database may be away."""

    def __init__(self) -> None:
        self.away = False

    async def still(self, *_: Any) -> Who:
        if self.away:
            raise ConnectionRefusedError
        return WHO

    async def touch(self, *_: Any) -> None:
        return


@pytest.fixture
def hall() -> VirtualHall:
    made = VirtualHall()
    made.sign_in("01")
    return made


async def until(done: Any) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0)


@asynccontextmanager
async def connected(wire: Wire, who: Who = WHO) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(live._Console(wire, who).run())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def results(wire: Wire) -> list[dict[str, Any]]:
    return [each for each in wire.told if each["type"] == "result"]


async def test_a_click_while_the_database_is_away_is_told_so_and_the_socket_lives(hall: VirtualHall) -> None:
    sessions = Sessions()
    wire = Wire(sessions, hall)
    task = asyncio.create_task(live._Console(wire, WHO).run())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    wire.says(type="subscribe", topics=["desk"])
    sessions.away = True
    wire.says(type="command", id=1, name="ready")
    await until(lambda: task.done() or results(wire))
    assert not task.done()
    assert [each["problem"]["code"] for each in results(wire)] == ["store_away"]
    sessions.away = False
    wire.gate.set()
    wire.says(type="command", id=2, name="ready")
    await until(lambda: task.done() or len(results(wire)) == 2)
    assert results(wire)[1]["ok"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_console_that_floods_has_a_few_commands_under_way(hall: VirtualHall) -> None:
    wire = Wire(Sessions(), hall)
    task = asyncio.create_task(live._Console(wire, WHO).run())  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    wire.says(type="subscribe", topics=["desk"])
    for number in range(100):
        wire.says(type="command", id=number, name="ready")
    await until(lambda: wire.asked == live.COMMANDS_AT_ONCE and len(results(wire)) == 100 - live.COMMANDS_AT_ONCE)
    assert {each["problem"]["code"] for each in results(wire)} == {"slow_down"}
    wire.gate.set()
    await until(lambda: len(results(wire)) == 100)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_bytes_close_the_socket_with_a_code(hall: VirtualHall) -> None:
    wire = Wire(Sessions(), hall)
    wire.said.put_nowait({"bytes": b"\x00"})
    await live._Console(wire, WHO).run()  # pyright: ignore[reportPrivateUsage, reportArgumentType]
    assert wire.code == 1003


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_json"),
        ('{"type":""', "bad_json"),
        ('"subscribe"', "invalid_input"),
        ('{"type":"command","id":"first"}', "invalid_input"),
        ('{"type":"subscribe","topics":"desk"}', "invalid_input"),
        ('{"type":"command","args":[]}', "invalid_input"),
        ("[" * 20_000, "invalid_input"),
        ('{"type":"subscribe","topics":["\\ud800"]}', "bad_json"),
        ('{"type":7}', "invalid_input"),
        ('{"type":"a word of a newer console","id":[]}', None),
        ('{"type":"beat","more":1}', None),
    ],
)
async def test_what_cannot_be_read_is_told_and_the_socket_lives(hall: VirtualHall, text: str, code: str | None) -> None:
    wire = Wire(Sessions(), hall)
    async with connected(wire) as task:
        wire.said.put_nowait({"text": text})
        wire.says(type="subscribe", topics=["desk"])
        await until(lambda: task.done() or any(each["type"] == "snapshot" for each in wire.told))
        assert not task.done()
    problems = [each["problem"] for each in wire.told if each["type"] == "problem"]
    assert [each["code"] for each in problems] == ([code] if code else [])
    assert all(each["title"] and each["type"] == f"urn:hotline:problem:{code}" for each in problems)


def with_session(session: bytes, account: str = "acc-1001") -> Who:
    return msgspec.structs.replace(WHO, session=session, account=account)


async def test_another_sign_in_takes_the_seat_over(hall: VirtualHall) -> None:
    """The window before, of another sign-in, is closed with 4409; a second window of the same one is not."""
    first = Wire(Sessions(), hall)
    second, third, other = (Wire(Sessions(), hall, first.hub) for _ in range(3))
    async with (
        connected(first, with_session(b"1")),
        connected(second, with_session(b"2")),
        connected(third, with_session(b"2")),
        connected(other, with_session(b"3", "acc-1002")),
    ):
        for wire in (other, first, second, third):
            wire.says(type="subscribe", topics=["desk"])
            await until(lambda wire=wire: any(each["type"] == "snapshot" for each in wire.told))
        await until(lambda: first.code is not None)
        assert [wire.code for wire in (first, second, third, other)] == [4409, None, None, None]


async def test_who_sits_nowhere_may_look_from_two_places(hall: VirtualHall) -> None:
    """A wall and a desk of one supervisor, each signed in by itself."""
    wall = Wire(Sessions(), hall)
    desk = Wire(Sessions(), hall, wall.hub)
    async with connected(wall, with_session(b"1", "acc-9")), connected(desk, with_session(b"2", "acc-9")):
        for wire in (wall, desk):
            wire.says(type="subscribe", topics=["desk"])
            await until(lambda wire=wire: any(each["type"] == "snapshot" for each in wire.told))
        for _ in range(20):
            await asyncio.sleep(0)
        assert (wall.code, desk.code) == (None, None)
