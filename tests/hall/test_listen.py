"""Wires that only talk: each kept alive by itself, the device up while all are, each frame safe before the next one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import LinkDown, Undecodable
from adapters.telephony import AdapterName, Delivery, LinkUp, Take, WireWatch
from hotline import listen, supervise
from hotline.clock import WallClock
from hotline.hall.inputs import Heard, Input, LinkLost

BOX = AdapterName("box-1")


class Line:
    """A wire that says what it is told to say; `pull` takes it away, and it stays away until `plug`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.words = asyncio.Queue[bytes | None]()
        self.there = True
        self.opened = 0
        self.hangs_up = False

    async def listen(self, up: Callable[[str], None], take: Take) -> None:
        if not self.there:
            raise LinkDown("no such device")
        self.opened += 1
        up("ttyUSB0")
        if self.hangs_up:
            raise LinkDown("hung up")
        while (word := await self.words.get()) is not None:
            await take(f"{self.name}:".encode() + word, datetime.now(UTC))
        raise LinkDown("pulled out")

    def say(self, word: bytes) -> None:
        self.words.put_nowait(word)

    def pull(self) -> None:
        self.there = False
        self.words.put_nowait(None)

    def plug(self) -> None:
        self.there = True


class Box:
    """Two wires; silence means something when `due`."""

    def __init__(self) -> None:
        self.wires = [Line("a"), Line("b")]
        self.due: datetime | None = None
        self.watch: WireWatch | None = None

    def decode(self, body: bytes, heard_at: datetime) -> Delivery:
        raise AssertionError("the hall decodes")

    def framed(self, heard: Iterable[tuple[str, bytes, datetime]]) -> Iterator[tuple[bytes, datetime]]:
        raise AssertionError("nothing is replayed")


class Stage:
    """What the conductor made of it."""

    def __init__(self) -> None:
        self.box = Box()
        self.a, self.b = self.box.wires
        self.links: list[str] = []
        self.bodies: list[bytes] = []
        self.refusals: list[Exception] = []

    def put(self, input: Input) -> None:
        match input:
            case Heard(LinkUp(detail=detail)):
                self.links.append(f"up {detail}")
            case LinkLost(detail=detail):
                self.links.append(f"lost {detail}")
            case _:
                raise AssertionError(input)

    async def deliver(self, name: AdapterName, body: bytes, heard_at: datetime) -> Delivery:
        assert name == BOX
        if self.refusals:
            raise self.refusals.pop(0)
        self.bodies.append(body)
        if not body:
            self.box.due = None
        return Delivery(events=[])

    async def until(self, true: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not true():
                await asyncio.sleep(0.005)


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(listen, "SPIN_SECONDS", 0.01)
    stage = Stage()
    async with listening(stage):
        yield stage


@asynccontextmanager
async def listening(stage: Stage) -> AsyncIterator[None]:
    work = listen.keep_listening(BOX, stage.box, stage.put, stage.deliver, WallClock())
    task = asyncio.create_task(work)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_the_device_is_up_while_all_its_wires_are(stage: Stage) -> None:
    await stage.until(lambda: stage.links)
    stage.a.pull()
    await stage.until(lambda: len(stage.links) == 2)
    stage.b.say(b"1")
    await stage.until(lambda: stage.bodies)
    stage.a.plug()
    await stage.until(lambda: len(stage.links) == 3)
    assert stage.links == ["up a: ttyUSB0; b: ttyUSB0", "lost a: pulled out", "up a: ttyUSB0; b: ttyUSB0"]
    assert (stage.bodies, stage.b.opened) == ([b"b:1"], 1)


async def test_a_wire_that_is_away_for_long_is_told_once(stage: Stage) -> None:
    await stage.until(lambda: stage.links)
    stage.a.pull()
    await asyncio.sleep(0.3)
    assert [each for each in stage.links if each.startswith("lost")] == ["lost a: pulled out"]


async def test_what_is_not_understood_does_not_stop_the_wire(stage: Stage) -> None:
    stage.refusals = [Undecodable("no frame")]
    stage.a.say(b"garbage")
    stage.a.say(b"1")
    await stage.until(lambda: stage.bodies)
    assert (stage.bodies, stage.a.opened) == ([b"a:1"], 1)


async def test_who_accepts_and_hangs_up_is_not_back(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second client, a wrong login: asked less and less often, not for ever in the same second."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.02)
    await stage.until(lambda: stage.links)
    stage.a.hangs_up = True
    stage.a.pull()
    stage.a.plug()
    await asyncio.sleep(1)
    assert stage.a.opened < 12


async def test_silence_is_told_when_it_is_due(stage: Stage) -> None:
    stage.box.due = datetime.now(UTC) + timedelta(seconds=0.1)
    stage.a.say(b"ring")
    await stage.until(lambda: len(stage.bodies) == 2)
    assert stage.bodies == [b"a:ring", b""]


async def test_silence_that_is_not_understood_is_no_busy_loop(stage: Stage) -> None:
    stage.box.due = datetime.now(UTC)
    stage.refusals = [Undecodable("no")] * 1000
    stage.a.say(b"ring")
    await asyncio.sleep(0.2)
    assert len(stage.refusals) > 960
