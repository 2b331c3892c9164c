"""The simulated hall in real time: the contract of an adapter, recordings, drain, and being killed."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.errors import LinkDown, Misconfigured, Refused
from adapters.registry import Site, build
from adapters.simulated.adapter import SimulatedAdapter
from adapters.telephony import (
    Ability,
    Answer,
    Arrange,
    CallKey,
    CallOffered,
    CallReleased,
    DeviceEvent,
    LegsJoined,
    LinkUp,
    OfferId,
    Phone,
    PhoneKind,
    PlayMusic,
    RecordingStopped,
    RingOutside,
    RingSeat,
    SeatAnswered,
    SeatDeclined,
    SeatReleased,
    StartRecording,
    TakeMessage,
    TelephonyAdapter,
)

BUSY = {"kind": "simulated", "seed": 1, "calls_per_hour": 36_000, "workday": False, "lawyers": ["8001"], "speed": 20}


def make(folder: Path, **settings: object) -> SimulatedAdapter:
    def no_secret(reference: str) -> str:
        raise Misconfigured(reference)

    adapter = build("sim-1", {**BUSY, **settings}, Site(state_dir=folder, secret=no_secret))
    assert isinstance(adapter, SimulatedAdapter)
    return adapter


class Ear:
    """Hears, and can wait for something to be said."""

    def __init__(self, adapter: SimulatedAdapter) -> None:
        self.adapter = adapter
        self.facts: list[DeviceEvent] = []
        self._news = asyncio.Event()

    def __call__(self, fact: DeviceEvent) -> None:
        self.facts.append(fact)
        self._news.set()

    async def until(self, wanted: Callable[[DeviceEvent], bool]) -> DeviceEvent:
        async with asyncio.timeout(10):
            while True:
                self._news.clear()
                found = next((fact for fact in self.facts if wanted(fact)), None)
                if found is not None:
                    return found
                await self._news.wait()


@asynccontextmanager
async def running(adapter: SimulatedAdapter) -> AsyncIterator[Ear]:
    ear = Ear(adapter)
    task = asyncio.create_task(adapter.run(ear))
    try:
        await ear.until(lambda fact: isinstance(fact, LinkUp))
        yield ear
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(task, 2)


async def a_call(ear: Ear) -> CallKey:
    offered = await ear.until(lambda fact: isinstance(fact, CallOffered))
    assert isinstance(offered, CallOffered)
    return offered.call


async def test_contract(tmp_path: Path) -> None:
    adapter = make(tmp_path)
    assert isinstance(adapter, TelephonyAdapter)
    assert adapter.name == "sim-1"
    assert adapter.abilities == frozenset(Ability)
    for _ in range(2):
        with pytest.raises(LinkDown):
            await adapter.ports()
        with pytest.raises(LinkDown):
            await adapter.do(Answer(call=CallKey("x")))
        async with running(adapter) as ear:
            assert isinstance(ear.facts[0], LinkUp)
            key = await a_call(ear)
            assert key in {status.call for status in await adapter.ports()}
            with pytest.raises(Refused):
                await adapter.do(Answer(call=CallKey("nobody")))
            with pytest.raises(LinkDown):
                await adapter.run(ear)


async def test_callers_come_by_the_clock(tmp_path: Path) -> None:
    async with running(make(tmp_path, calls_per_hour=3600, ports=500)) as ear:
        began = asyncio.get_running_loop().time()
        await ear.until(lambda fact: isinstance(fact, CallOffered) and fact.port == 30)
        took = asyncio.get_running_loop().time() - began
    assert 0.3 < took < 6, "30 callers at 20 a second"
    assert all(fact.at.tzinfo is not None and fact.at <= fact.heard_at for fact in ear.facts)


async def test_a_simulated_lawyer_takes_the_call_and_leaves_a_recording(tmp_path: Path) -> None:
    adapter = make(tmp_path, mean_talk_seconds=10)
    async with running(adapter) as ear:
        key = await a_call(ear)
        offer = OfferId("c1.1")
        await adapter.do(RingSeat(call=key, offer=offer, phone=Phone(PhoneKind.SIMULATED, "8001"), seconds=20))
        await ear.until(lambda fact: isinstance(fact, SeatAnswered) and fact.offer == offer)
        await adapter.do(Arrange(call=key, room=(offer,)))
        await adapter.do(StartRecording(call=key, name="../../HALL-000000001"))
        stopped = await ear.until(lambda fact: isinstance(fact, RecordingStopped))
        await ear.until(lambda fact: isinstance(fact, CallReleased) and fact.call == key)
    assert isinstance(stopped, RecordingStopped)
    assert stopped.file is not None
    assert stopped.seconds is not None
    path = (adapter.recordings / stopped.file).resolve()
    assert path.parent == (tmp_path / "adapters" / "sim-1" / "recordings").resolve()
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 8000)
        assert file.getnframes() / 8000 == pytest.approx(stopped.seconds, abs=0.01)
        assert len(set(file.readframes(4000))) > 20


async def test_numbers_outside_and_messages(tmp_path: Path) -> None:
    outside = {"1": {"way": "busy", "after_seconds": 2.0}, "110": {"after_seconds": 2.0, "talk_seconds": 4.0}}
    async with running(make(tmp_path, outside=outside, mean_talk_seconds=2000, mean_message_seconds=4)) as ear:
        adapter = ear.adapter
        key = await a_call(ear)
        busy, police = OfferId("c1.1"), OfferId("c1.2")
        await adapter.do(RingOutside(call=key, offer=busy, number="1", seconds=20))
        await adapter.do(RingOutside(call=key, offer=police, number="110", seconds=20))
        declined = await ear.until(lambda fact: isinstance(fact, SeatDeclined) and fact.offer == busy)
        assert isinstance(declined, SeatDeclined)
        assert declined.reason == "busy"
        await ear.until(lambda fact: isinstance(fact, SeatAnswered) and fact.offer == police)
        await adapter.do(Arrange(call=key, room=(police,)))
        await ear.until(lambda fact: isinstance(fact, SeatReleased) and fact.offer == police)
        await adapter.do(TakeMessage(call=key, name="message-1", seconds=120))
        stopped = await ear.until(lambda fact: isinstance(fact, RecordingStopped))
    assert isinstance(stopped, RecordingStopped)
    assert stopped.file == "message-1.wav"
    assert (adapter.recordings / stopped.file).is_file()


async def test_killed_in_mid_conference(tmp_path: Path) -> None:
    first = make(tmp_path, speed=1, mean_talk_seconds=10_000, mean_pick_up_seconds=0, lawyers=["8001", "8002"])
    legs = (OfferId("c1.1"), OfferId("c1.2"))
    live = tmp_path / "adapters" / "sim-1" / "live"
    async with running(first) as ear:
        key = await a_call(ear)
        for offer, extension in zip(legs, ("8001", "8002"), strict=True):
            phone = Phone(PhoneKind.SIMULATED, extension)
            await first.do(RingSeat(call=key, offer=offer, phone=phone, seconds=20, expected=True))
            await ear.until(lambda fact, offer=offer: isinstance(fact, SeatAnswered) and fact.offer == offer)
        await first.do(Arrange(call=key, room=legs[:1]))
        await first.do(Arrange(call=key, room=legs, caller=False, muted=legs[:1]))
        async with asyncio.timeout(5):
            while b"on_hold" not in live.read_bytes():
                await asyncio.sleep(0.02)
        (talking,) = [status for status in await first.ports() if status.call == key]
        left = live.read_bytes()
    live.write_bytes(left)
    second = make(tmp_path, speed=1, calls_per_hour=0)
    async with running(second) as ear:
        assert talking in await second.ports()
        await second.do(Arrange(call=key, room=legs))
        joined = {fact.offer for fact in ear.facts if isinstance(fact, LegsJoined)}
    assert joined == set(legs)


async def test_drain(tmp_path: Path) -> None:
    adapter = make(tmp_path, speed=1, mean_patience_seconds=10_000)
    async with running(adapter) as ear:
        await ear.until(lambda fact: isinstance(fact, CallOffered) and fact.port == 5)
        for status in await adapter.ports():
            await adapter.do(PlayMusic(call=status.call))
        assert await adapter.drain(0.8) == 0
        heard = len(ear.facts)
        assert not await adapter.ports()
        await asyncio.sleep(0)
        assert len(ear.facts) == heard
    async with running(adapter) as ear:
        assert await adapter.drain(0.1) == 0
        assert not any(isinstance(fact, CallOffered) for fact in ear.facts)


async def test_killed_in_mid_call(tmp_path: Path) -> None:
    """The first adapter is never told that it ends: its file is what a killed process leaves behind."""
    first = make(tmp_path, speed=1)
    async with running(first) as ear:
        key = await a_call(ear)
        await adapter_saved(tmp_path, key)
        left = (tmp_path / "adapters" / "sim-1" / "live").read_bytes()
    (tmp_path / "adapters" / "sim-1" / "live").write_bytes(left)
    second = make(tmp_path, speed=1, calls_per_hour=0)
    async with running(second) as ear:
        assert key in {status.call for status in await second.ports()}
        assert await second.drain(0.5) == 0
        assert any(isinstance(fact, CallReleased) and fact.call == key for fact in ear.facts)


async def adapter_saved(folder: Path, key: CallKey) -> None:
    async with asyncio.timeout(5):
        while key.encode() not in (folder / "adapters" / "sim-1" / "live").read_bytes():
            await asyncio.sleep(0.02)


async def test_a_spoilt_file_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / "adapters" / "sim-1"
    folder.mkdir(parents=True)
    (folder / "live").write_bytes(b"\xff\x00 nonsense")
    adapter = make(tmp_path, calls_per_hour=0)
    async with running(adapter):
        assert not await adapter.ports()


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"speed": 0}, "speed"),
        ({"callers": 3}, "callers"),
        ({"wrong_key": 1.5}, "wrong_key"),
        ({"talk_shape": "normal"}, "talk_shape"),
        ({"ports": 0}, "ports"),
        ({"outside": {"110": {"way": "perhaps"}}}, "outside.110.way"),
        ({"outside": {"110": {"after_seconds": -1}}}, "outside.110.after_seconds"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, settings: dict[str, object], where: str) -> None:
    with pytest.raises(Misconfigured, match=rf"\[adapters.sim-1\] {where}"):
        make(tmp_path, **settings)
