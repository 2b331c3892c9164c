"""The connection to an edge with a device that obeys is back: whatever was asked, said and wrong about the clocks
meanwhile, nothing is doubled, lost or told with a wrong time."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.errors import Refused
from adapters.telephony import Answer, CallerIdentified, CallKey, DeviceEvent, Handling, PortStatus
from hotline import edges
from hotline.api import edge_lines
from hotline.edge.line import Line
from hotline.edge.obeying import ObeyingLine
from hotline.edge.protocol import Offered
from hotline.hall.hall import Hall
from hotline.hall.inputs import Input, Snapshot
from hotline.lines.health import LinkState, Probe
from hotline.store.errors import Conflict, StoreAway
from hotline.store.ledger import HallStore
from hotline.store.marks import Mark
from tests.adapters.modem.bench import Bench
from tests.edge.kit import EDGE, Network, core, edge, edge_settings, fetch, until
from tests.edge.obeying_site import (
    FRONT,
    MASKED,
    a_lawyer_sits_there,
    line_at,
    one_gives_up,
    one_rings,
    quicken,
    settings_of,
    site,
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    quicken(monkeypatch)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    made = Network(0)
    yield made
    await made.close()


class Shifted:
    """A core whose clock is so much ahead of the edge's."""

    def __init__(self, by: timedelta) -> None:
        self._by = by

    def now(self) -> datetime:
        return datetime.now(UTC) + self._by


async def test_an_order_waits_for_the_welcome(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edge is known, but how far it is durable is still being read: it understands no order yet."""
    reading, read, connections = asyncio.Event(), asyncio.Event(), 0
    carried_to, arrived = Hall.carried_to, edges.Edge.arrived

    async def slowly(hall: Hall, name: Any, stream: str) -> Mark | None:
        reading.set()
        await read.wait()
        return await carried_to(hall, name, stream)

    async def counted(there: edges.Edge, connection: edges.Connection) -> None:
        nonlocal connections
        connections += 1
        await arrived(there, connection)

    async with site(database_url, tmp_path, network) as there:
        network.cut()
        await there.connected(False)
        monkeypatch.setattr(Hall, "carried_to", slowly)
        monkeypatch.setattr(edges.Edge, "arrived", counted)
        network.mend()
        await asyncio.wait_for(reading.wait(), 20)
        order = asyncio.create_task(there.line.do(Answer(call=CallKey("nobody"))))
        file = asyncio.create_task(there.line.read_recording("nothing.wav", 0))
        await until(lambda: there.core.runtime.edges[EDGE]._connection is not None, "the edge is known")
        read.set()
        with pytest.raises(Refused, match="no call"):
            await asyncio.wait_for(order, 20)
        with pytest.raises(FileNotFoundError):
            await asyncio.wait_for(file, 20)
        assert connections == 1


async def test_who_is_live_is_told_even_when_nobody_knows_whether_that_was_kept(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge_lines, "AGAIN_SECONDS", 0.05)
    carry, put = Hall.carry, Hall.put
    told, failed = list[Snapshot](), False

    async def kept_in_silence(hall: Hall, name: Any, frames: Any, until: Any, mark: Mark | None) -> None:
        nonlocal failed
        await carry(hall, name, frames, until, mark)
        if mark is not None and not failed:
            failed = True
            raise StoreAway("kept, but the answer was lost")

    def noted(hall: Hall, input: Input) -> None:
        if isinstance(input, Snapshot) and not input.routine:
            told.append(input)
        put(hall, input)

    async with site(database_url, tmp_path, network) as there:
        await until(lambda: not there.box.lines[0].outgoing.waiting, "all of it is carried")
        network.cut()
        await there.connected(False)
        monkeypatch.setattr(Hall, "carry", kept_in_silence)
        monkeypatch.setattr(Hall, "put", noted)
        network.mend()
        await until(lambda: failed and not there.box.lines[0].outgoing.waiting, "it is carried")
        assert told


async def test_devices_are_asked_at_once(
    tmp_path: Path, database_url: str, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core waits for a Hello no longer than two devices take that do not answer."""
    asked, offer = set[str](), Line.offer

    async def together(line: Line) -> Offered:
        asked.add(line.name)
        await until(lambda: len(asked) == 2, "the other one is asked as well", 5)
        return await offer(line)

    monkeypatch.setattr(Line, "offer", together)
    gateway = {"kind": "cti-serial", "wires": {"m": {"url": "/dev/null", "dialect": "fritz"}}}
    lines: dict[str, dict[str, Any]] = {"front": gateway, "back": gateway}
    (tmp_path / "edge").mkdir()
    settings = settings_of(database_url, tmp_path, gateway)
    settings = settings.model_copy(update={"adapters": {name: {**gateway, "edge": EDGE} for name in lines}})
    async with core(settings) as there:
        network._there = there.port
        await network.start()
        async with edge(edge_settings(network.port, tmp_path / "edge" / "state", lines)):
            await until(lambda: there.runtime.edges[EDGE]._connection is not None, "connected")


async def test_who_rang_before_the_edge_was_switched_off_is_history(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    """The device is not back yet: nobody knows of a call on it."""
    bench = Bench("modem-usr")
    bench.plug_in()
    line = line_at(bench, tmp_path)
    async with core(settings_of(database_url, tmp_path, line)) as there:
        network._there = there.port
        await network.start()
        box = edge_settings(network.port, tmp_path / "edge" / "state", {"front": line})
        try:
            async with edge(box) as before:
                await until(lambda: there.hall.state.links.get(FRONT), "the link is there")
                network.cut()
                await until(lambda: there.hall.state.links.get(FRONT) is False, "the edge is away")
                await one_rings(bench, before)
        finally:
            await bench.unplug()
        network.mend()
        async with edge(box):
            await until(lambda: there.hall.state.calls, "the core has heard of him")
            (call,) = there.hall.state.calls.values()
            assert call.backfilled


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_wrong_moves_nothing(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """Its difference is known with the Hello: what lay at the edge bears our times, and counts as late."""
    monkeypatch.setattr(edge_lines, "DELAYED_SECONDS", 0.3)
    async with site(database_url, tmp_path, network, Shifted(timedelta(hours=hours))) as there:
        network.cut()
        await there.connected(False)
        before = there.hall.clock.now()
        await one_gives_up(there.bench, there.box)
        after = there.hall.clock.now()
        there.box.carrier._ahead = None  # as after a start of the edge
        network.mend()
        await there.calls(1)
        ((began, ended),) = await fetch(database_url, "SELECT offered_at, ended_at FROM calls")
        slack = timedelta(seconds=5)
        assert before - slack <= began < ended <= after + slack
        assert ended - began > timedelta(seconds=0.5), "one ring, and the time until it was missed"
        await there.connected()
        async with asyncio.timeout(20):
            while not await fetch(database_url, "SELECT 1 FROM edge_delays"):
                await asyncio.sleep(0.05)


async def test_how_long_somebody_waits_is_told_by_our_clock(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody of whom nothing was heard but that he is there."""
    async with site(database_url, tmp_path, network, Shifted(timedelta(hours=1))) as there:
        network.cut()
        await there.connected(False)
        since = datetime.now(UTC)

        async def ports() -> Sequence[PortStatus]:
            return [PortStatus(call=CallKey("unheard"), handling=Handling.HALL, since=since)]

        monkeypatch.setattr(there.box.lines[0].adapter, "ports", ports)
        network.mend()
        await until(lambda: there.hall.state.calls, "he is taken in")
        (call,) = there.hall.state.calls.values()
        assert abs(call.offered_at - there.hall.clock.now()) < timedelta(minutes=1)


async def test_what_the_database_refuses_takes_nothing_else_with_it(
    database_url: str, tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = HallStore.keep

    async def refusing(store: HallStore, adapter: Any, items: Any, *rest: Any) -> list[tuple[int, DeviceEvent]]:
        if any(isinstance(fact, CallerIdentified) for fact, _ in items):
            raise Conflict("some_constraint")
        return await keep(store, adapter, items, *rest)

    async with site(database_url, tmp_path, network) as there:
        network.cut()
        await there.connected(False)
        await one_gives_up(there.bench, there.box)
        monkeypatch.setattr(HallStore, "keep", refusing)
        network.mend()
        assert await there.calls(1) == [("", "short_abandoned", True, True)], f"not {MASKED}: that was refused"
        query = "SELECT DISTINCT type FROM raw_events WHERE raw_sealed IS NOT NULL"
        assert {kind for (kind,) in await fetch(database_url, query)} == {"CallOffered", "Unreadable", "CallReleased"}


async def test_how_the_device_is_and_that_its_edge_is_away_is_on_the_lines_page(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    async with site(database_url, tmp_path, network) as there:
        lines = there.hall.lines
        await until(lambda: (health := lines.health_of(FRONT)) and health.probe, "the device was asked")
        health = lines.health_of(FRONT)
        assert health is not None
        assert health.probe is not None
        assert health.probe.ok
        line = there.box.lines[0]
        assert isinstance(line, ObeyingLine)
        line.probed(Probe(at=datetime.now(UTC), ok=False, detail="1: no dial tone"))
        await until(lambda: (health := lines.health_of(FRONT)) and health.failures, "it is not well")
        network.cut()
        await there.connected(False)
        health = lines.health_of(FRONT)
        assert health is not None
        assert (health.state, health.detail) == (LinkState.DOWN, f"边缘机 {EDGE} 失去联系")


async def test_an_announcement_too_long_to_be_given_away_costs_no_connection(
    database_url: str, tmp_path: Path, network: Network
) -> None:
    async with site(database_url, tmp_path, network) as there:
        with wave.open(str(tmp_path / "edge" / "site" / "huge.wav"), "wb") as target:
            target.setparams((1, 2, 8000, 0, "NONE", ""))
            target.writeframes(b"\0\0" * 3_000_000)
        connection = there.core.runtime.edges[EDGE]._connection
        store = there.line.prompt_store
        assert store is not None
        with pytest.raises(OSError, match="too long"):
            await store.read_prompt("huge")
        assert there.core.runtime.edges[EDGE]._connection is connection


async def test_nobody_is_rung_for_history(database_url: str, tmp_path: Path, network: Network) -> None:
    """The caller had gone before the core heard of him."""
    async with site(database_url, tmp_path, network) as there:
        await a_lawyer_sits_there(there.hall)
        network.cut()
        await there.connected(False)
        await one_gives_up(there.bench, there.box)
        network.mend()
        assert len(await there.calls(1)) == 1
        told = [row[0] for row in await fetch(database_url, "SELECT type FROM journal ORDER BY seq")]
        assert "CallEnded" in told
        assert not {"SeatOffered", "OfferMissed", "CallQueued"} & set(told)
