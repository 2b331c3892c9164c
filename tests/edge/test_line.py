"""What is told of a line's wires: written down in its order, whatever the disk does, and whatever waits there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from hotline.clock import WallClock
from hotline.edge import line as lines
from hotline.edge.line import Line
from hotline.edge.protocol import Down, Frame, Record, Up, record
from hotline.edge.spool import Spool
from hotline.hall.inputs import LinkLost
from hotline.store.seal import Seal, make_keys
from tests.edge.kit import BOX, until

TABLE: dict[str, Any] = {"kind": "cti-serial", "wires": {"m": {"url": "/dev/nothing", "dialect": "fritz"}}}


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.setattr(lines, "FULL_SECONDS", 0.01)
    adapter = registry.build(BOX, TABLE, registry.Site(state_dir=tmp_path, secret=lambda _: ""))
    spool = Spool("box-1", tmp_path / "spool", Seal(make_keys()), limit_bytes=2000)
    opened = Line(adapter, spool, WallClock(), lambda: None)
    yield opened
    await opened.close()


def kept(line: Line) -> list[Record]:
    return [record(data) for _, data in line.spool.read(0, 1000, 1 << 20)]


async def fill(line: Line) -> asyncio.Task[Any]:
    """The spool is full, and another frame waits before it."""
    while line.spool.size < 1500:
        await line.deliver(BOX, bytes(300), now())
    waits = asyncio.create_task(line.deliver(BOX, bytes(1000), now()))
    await until(lambda: line._full, "the spool is full")
    return waits


async def test_what_is_told_of_the_wires_is_kept_though_the_spool_is_full(line: Line) -> None:
    """Else an edge that starts with a full spool would wait for room before it connects, and have none before."""
    waits = await fill(line)
    count = len(kept(line))
    line.was_away(now() - timedelta(minutes=1))
    line.up("m")
    await until(lambda: line.spool.last == count + 2, "both are on disk")
    assert [type(each) for each in kept(line)[count:]] == [Down, Up]
    assert not waits.done()
    assert line._full, "for frames there is still no room"
    waits.cancel()


async def test_up_never_comes_before_the_down_that_it_ends(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fails when the wire goes and works again when it is back; what the wire then says comes last."""
    monkeypatch.setattr(lines, "FULL_SECONDS", 0.15)  # time for the second to come before the first is tried again
    put, fails = line.spool._put, [True, False, True, False, False]

    def failing(block: bytes) -> None:
        if fails.pop(0):
            raise OSError(28, "No space left on device")
        put(block)

    monkeypatch.setattr(line.spool, "_put", failing)
    line.put(LinkLost(BOX, "gone"))
    await until(lambda: len(fails) == 4, "the first attempt has failed")
    line.up("m")
    frame = asyncio.create_task(line.deliver(BOX, b"m:said", now()))
    await frame
    assert [type(each) for each in kept(line)] == [Down, Up, Frame]


async def test_what_waits_for_the_disk_was_not_sent(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """No silence is told of the time in which a frame was heard that nobody could keep yet."""
    monkeypatch.setattr(lines, "FULL_SECONDS", 0.15)
    waits = await fill(line)
    await until(lambda: not line.spool.in_hand, "it is between two attempts")
    line.outgoing.sent = line.outgoing.last
    for _ in range(2):
        assert line.all_until(now()) is None
    line.spool._limit = 1 << 20
    await waits
    line.outgoing.sent = line.outgoing.last
    await until(lambda: not line.spool.in_hand, "nothing is being written")
    line.all_until(now())
    assert line.all_until(now()) is not None
