"""What an edge tells of a device that obeys: who is live on it, what is told once, which recordings are complete."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.errors import LinkDown
from adapters.telephony import (
    Ability,
    AdapterName,
    CallKey,
    CallOffered,
    Command,
    Handling,
    Hear,
    PortStatus,
    RecordingStarted,
)
from hotline.api.edge_lines import CarriedLine
from hotline.clock import WallClock
from hotline.edge import obeying
from hotline.edge.asked import ListRecordings, Recordings
from hotline.edge.obeying import ObeyingLine
from hotline.edge.protocol import Offered, Probed, Record, Seen, encode, record
from hotline.edge.spool import Spool
from hotline.hall.inputs import Heard, LinkLost, Snapshot
from hotline.lines.health import Probe
from hotline.store.seal import Seal
from tests.edge.kit import until

FRONT = AdapterName("front")


class Device:
    """Says what it is told to."""

    name = FRONT
    abilities = frozenset({Ability.ANSWERS, Ability.REPORTS_PORTS})

    def __init__(self, recordings: Path) -> None:
        self.recordings = recordings
        self.live: list[CallKey] = []
        self.while_asked: Callable[[], Awaitable[object]] | None = None

    async def run(self, hear: Hear) -> None:
        raise LinkDown("not here")

    async def do(self, command: Command) -> None:
        raise LinkDown("not here")

    async def ports(self) -> Sequence[PortStatus]:
        found = [PortStatus(call=call, handling=Handling.HALL, since=datetime.now(UTC)) for call in self.live]
        if self.while_asked is not None:
            await self.while_asked()
        return found


class Kept(ObeyingLine):
    """A line whose device has nothing to say but what the test says."""

    def __init__(self, folder: Path, limit_bytes: int = 10_000_000) -> None:
        self.device = Device(folder / "recordings")
        self.device.recordings.mkdir()
        spool = Spool(FRONT, folder / "spool", Seal.from_state(folder), limit_bytes=limit_bytes)
        super().__init__(self.device, spool, WallClock(), lambda: None)

    def rings(self, call: str) -> None:
        at = datetime.now(UTC)
        self.put(Heard(CallOffered(adapter=FRONT, event_id=call, at=at, heard_at=at, call=CallKey(call))))

    def looks(self, *, routine: bool = True) -> None:
        self.put(Snapshot(adapter=FRONT, asked_at=datetime.now(UTC), ports=(), routine=routine))

    async def settled(self) -> None:
        await until(lambda: not self._notes, "all of it is on disk")

    async def records(self) -> list[Record]:
        await self.settled()
        return [record(data) for _, data in self.spool.read(0, 1000, 10_000_000)]


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Kept]:
    made = Kept(tmp_path)
    made.up("")
    await made.settled()
    yield made
    await made.close()


async def test_who_comes_while_the_device_is_asked_is_no_history(line: Kept) -> None:
    """His first ring is before the Hello, and the device did not know him yet."""

    async def one_comes() -> None:
        line.rings("b")
        await line.settled()

    line.device.live = [CallKey("a")]
    line.device.while_asked = one_comes
    offered = await line.offer()
    assert offered.live == ["a", "b"]
    assert offered.last == 2
    line.rings("c")
    await line.settled()
    assert (await line.offer()).live == ["a", "b"], "c came, and went: the device was asked after it"


async def test_what_is_live_follows_what_was_kept(line: Kept) -> None:
    line.device.live = [CallKey("a")]
    offered = await line.offer()
    assert await line.connected(0)
    *_, seen = await line.records()
    assert isinstance(seen, Seen)
    assert [port.call for port in seen.ports] == ["a"]
    assert line.spool.last == offered.last + 1, "else the core takes it for an older one"


async def test_nobody_is_live_on_a_device_that_is_away(line: Kept) -> None:
    line.device.live = [CallKey("a")]
    line.put(LinkLost(FRONT, "unplugged"))
    assert (await line.offer()).live == []


async def test_a_fault_of_the_device_says_nothing_of_who_is_live(line: Kept) -> None:
    async def fails() -> None:
        raise KeyError("a fault of ours")

    line.device.while_asked = fails
    assert (await line.offer()).live is None


async def test_while_the_core_is_away_nothing_is_told_again_and_again(line: Kept) -> None:
    """For days: what is live is asked twice a minute, and a core that lets nobody in is asked as often."""
    for _ in range(20):
        line.looks()
        await line.offer()
    assert [type(each).__name__ for each in await line.records()] == ["Up", "Seen"]
    line.looks(routine=False)
    await line.settled()
    assert line.spool.last == 3, "a device that has come back says so"
    await line.connected(0)
    line.looks()
    await line.settled()
    assert line.spool.last == 4, "the core has not even been told"
    for seq in range(1, 5):
        line.outgoing.sending(seq, 1)
    line.acknowledged(4)
    line.looks()
    await line.settled()
    assert line.spool.last == 5, "and with the core there it is routine again"


async def test_whether_the_device_is_well_is_told_when_it_changes_or_the_core_knows_the_last(line: Kept) -> None:
    for ok in (True, True, False, False, True):
        line.probed(Probe(at=datetime.now(UTC), ok=ok))
    told = [each.ok for each in await line.records() if isinstance(each, Probed)]
    assert told == [True, False, True]
    await line.connected(0)
    line.outgoing.sending(4, 1)
    line.acknowledged(4)
    line.probed(Probe(at=datetime.now(UTC), ok=True))
    await line.settled()
    assert line.spool.last == 5


async def test_what_does_not_fit_on_the_disk_counts_as_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hotline.edge.line.FULL_SECONDS", 0.01)
    line = Kept(tmp_path, limit_bytes=2000)
    try:
        for number in range(30):
            line.rings(str(number))
        await until(lambda: line._full, "the spool is full")
        for _ in range(20):
            line.looks()
        assert len(line._notes) <= 30
        assert (await line.offer()).last == 31, "his rings are of before the connection, wherever they lie"
    finally:
        await line.close()


async def test_a_recording_is_complete_when_the_device_that_wrote_it_is_gone(
    line: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(obeying, "STILL_SECONDS", -60.0)
    (line.device.recordings / "message.wav").write_bytes(b"x")
    at = datetime.now(UTC)
    call = CallKey("a")
    begun = RecordingStarted(adapter=FRONT, event_id="1", at=at, heard_at=at, call=call, name="message")
    line.put(Heard(begun))
    assert await files(line) == []
    line.put(LinkLost(FRONT, "does not answer"))
    assert await files(line) == ["message.wav"]


async def test_a_name_that_cannot_be_said_is_in_nobodys_way(line: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obeying, "STILL_SECONDS", -60.0)
    folder = line.device.recordings
    (folder / "message.wav").write_bytes(b"x")
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "x.wav").write_bytes(b"x")
    await asyncio.to_thread(Path(os.fsdecode(os.fsencode(folder) + b"/\xb2\xe2.wav")).write_bytes, b"x")
    assert await files(line) == ["message.wav"]


async def files(line: Kept) -> list[str]:
    answer = await line.answer(ListRecordings())
    assert isinstance(answer, Recordings)
    encode(answer)
    return [kept.file for kept in answer.kept]


def test_the_past_ends_where_it_ends_even_when_its_last_record_is_lost() -> None:
    hall: Any = SimpleNamespace(adapters={FRONT: None})
    line = CarriedLine(FRONT, hall, Offered(stream="s", last=5, up_since=None))
    for seq in (3, 4, 6, 7):
        line._one(seq, b"x")
    assert [[seq for seq, _ in line._next_batch()] for _ in range(2)] == [[3, 4], [6, 7]]
