"""A real core with a real database, an edge beside a device: what the device says becomes calls, whatever is away."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook

from adapters.cti_serial import simulated_bytes as made
from adapters.telephony import AdapterName, Delivery
from hotline import edges, supervise
from hotline.api import edge_lines
from hotline.carried import Carried, Said
from hotline.edge import carrier, protocol
from hotline.edge import line as lines_
from hotline.edge.settings import EdgeSettings
from hotline.metrics import EDGE_AHEAD
from hotline.store.errors import StoreAway
from hotline.verify.verify import verify
from tests.adapters.wire.device import Device
from tests.edge.kit import (
    BOX,
    EDGE,
    GATEWAY_SECRET,
    NUMBER,
    SECRET,
    Core,
    Network,
    calls_over,
    core,
    core_settings,
    edge,
    edge_settings,
    fetch,
    until,
)


@pytest.fixture
def device() -> Iterator[Device]:
    device = Device()
    yield device
    device.unplug()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes seconds in life."""
    monkeypatch.setattr(supervise, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(supervise, "LONGEST_PAUSE_SECONDS", 0.2)
    monkeypatch.setattr(protocol, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(edges, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(carrier, "CLOSE_SECONDS", 0.1)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "core.key"
    path.write_text(f"{SECRET}\n")
    return path


def now() -> datetime:
    return datetime.now(UTC)


def box(device: Device, dialect: str = "fritz", **more: Any) -> dict[str, Any]:
    return {"box-1": {"kind": "cti-serial", "wires": {"m": {"url": device.url, "dialect": dialect}}, **more}}


def whole_call(line: int, number: str = NUMBER) -> bytes:
    """From ring to end, as a call monitor prints it."""
    ring = made.fritz_ring(line, number, "12348", at=now())
    return ring + made.fritz_connect(line, "8001", number, at=now()) + made.fritz_disconnect(line, 12, at=now())


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    made = Network(0)
    yield made
    await made.close()


async def lead(network: Network, core: Core) -> None:
    network._there = core.port
    if not network.port:
        await network.start()


async def test_a_call_at_the_edge_is_seen_at_the_core_while_it_lives(
    database_url: str, tmp_path: Path, device: Device, key: Path
) -> None:
    adapters = box(device)
    async with (
        core(core_settings(database_url, tmp_path / "core", adapters, key)) as there,
        edge(edge_settings(there.port, tmp_path / "edge", adapters)),
    ):
        await until(lambda: there.hall.state.links.get(BOX), "the wire is open, and the core knows")
        device.say(made.fritz_ring(0, NUMBER, "12348", at=now()))
        await until(lambda: there.hall.state.calls, "it rings")
        device.say(made.fritz_connect(0, "8001", NUMBER, at=now()) + made.fritz_disconnect(0, 12, at=now()))
        assert await calls_over(database_url, 1) == [(None, "138****8000", "8001", False, "answered")]
        verdict = await verify(database_url)
        assert verdict.ok, verdict


async def test_the_core_is_away_and_nothing_is_lost_nor_told_twice(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network
) -> None:
    """Calls before, while and after; the edge restarts in between; each call once, in its order."""
    adapters = box(device)
    settings = core_settings(database_url, tmp_path / "core", adapters, key)
    async with core(settings) as there:
        await lead(network, there)
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            device.say(whole_call(0, "13800138000"))
            await calls_over(database_url, 1)
            network.cut()
            device.say(whole_call(1, "13800138001") + made.fritz_ring(2, "13800138002", "12348", at=now()))
            await until(lambda: box_.lines[0].spool.last == 9, "all of it is on the edge's disk")
    async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
        await until(lambda: box_.lines[0].up_since, "the wire is open again")
        device.say(made.fritz_connect(2, "8001", "13800138002", at=now()) + made.fritz_disconnect(2, 3, at=now()))
        await until(lambda: box_.lines[0].spool.last == 14, "all of it is on the edge's disk")
        async with core(settings) as there:
            await lead(network, there)
            network.mend()
            found = await calls_over(database_url, 3)
            device.say(whole_call(3, "13800138003"))
            found = await calls_over(database_url, 4)
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
    assert [call[1] for call in found] == [f"138****800{each}" for each in range(4)]
    assert [call[4] for call in found] == ["answered"] * 4
    verdict = await verify(database_url)
    assert verdict.ok, verdict


async def test_the_network_is_cut_in_the_middle_of_anything(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network
) -> None:
    """Cut again and again, each time some hundred bytes further on: half messages, lost acknowledgements."""
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            for each in range(12):
                network.cut_after(40 + 83 * each)
                device.say(whole_call(each % 4, f"138001380{each:02}"))
                if each % 3 == 2:
                    network.cut()
                    network.mend()
                await asyncio.sleep(0.03)
            network.mend()
            found = await calls_over(database_url, 12)
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
    assert [call[1] for call in found] == [f"138****80{each:02}" for each in range(12)]
    facts = await fetch(
        database_url, "SELECT call_key, type, count(*) FROM raw_events GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert [fact for fact in facts if fact[0] is not None] == []


async def test_silence_of_the_network_is_not_silence_of_the_line(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network
) -> None:
    """It rings when the connection goes; the rings go on at the edge. Only the edge's own silence ends the call."""
    adapters = box(device, "modem", seats={1: "8001"}, ring_gap_seconds=2)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            device.say(made.modem_ring() + made.modem_caller_id(NUMBER, at=now()))
            await until(lambda: there.hall.state.calls, "it rings")
            network.cut()
            began = asyncio.get_running_loop().time()
            while asyncio.get_running_loop().time() < began + 2.2:
                device.say(made.modem_ring())
                await asyncio.sleep(0.4)
            assert there.hall.state.calls, "nothing was concluded while nobody here could hear"
            assert there.hall.state.links[BOX] is False, "and the supervisor sees that"
            network.mend()
            assert await calls_over(database_url, 1) == [(1, "138****8000", None, True, "short_abandoned")]
            [(rang,)] = await fetch(database_url, "SELECT extract(epoch FROM ended_at - offered_at)::float8 FROM calls")
            assert rang > 1.8, "the rings of that time count"
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")


async def test_gaps_are_those_of_the_wire_and_not_of_the_network(
    database_url: str, tmp_path: Path, key: Path, network: Network
) -> None:
    """While the connection is gone the plug is pulled and put back: that stretch, and no other one, is evidence."""
    name, before, after = tmp_path / "by-id", Device(), Device()
    name.symlink_to(before.url)
    adapters = {"box-1": {"kind": "cti-serial", "wires": {"m": {"url": str(name), "dialect": "fritz"}}}}
    try:
        async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
            await lead(network, there)
            async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
                await until(lambda: there.hall.state.links.get(BOX), "connected")
                await until(lambda: not box_.lines[0].outgoing.waiting, "and that is acknowledged")
                network.cut()
                await until(lambda: there.hall.state.links.get(BOX) is False, "the edge is away, and that is shown")
                pulled = now()
                before.unplug()
                await until(lambda: box_.lines[0].up_since is None, "the wire is gone")
                name.unlink()
                name.symlink_to(after.url)
                await until(lambda: box_.lines[0].up_since, "it is back")
                plugged = now()
                network.mend()
                await until(lambda: there.hall.state.links.get(BOX), "connected again")
                await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
                gaps = "SELECT began_at, ended_at, detail FROM writer_gaps WHERE kind = 'link' AND ended_at > began_at"
                async with asyncio.timeout(10):
                    while not (found := [gap for gap in await fetch(database_url, gaps) if gap[2] != "starting"]):
                        await asyncio.sleep(0.02)
                [(began, ended, detail)] = found
                assert pulled <= began < ended <= plugged
                assert detail.startswith("m: ")
                assert await fetch(database_url, "SELECT 1 FROM writer_gaps WHERE ended_at IS NULL") == []
    finally:
        before.unplug()
        after.unplug()


async def test_kept_and_not_told_so_is_not_decoded_twice(
    database_url: str, tmp_path: Path, device: Device, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database keeps a batch and its answer is lost; another batch never gets there. Each takes effect once."""
    monkeypatch.setattr(edge_lines, "AGAIN_SECONDS", 0.01)
    adapters = box(device, "whozz", seats={1: "8001"})
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        accept, fates = there.hall.intake.accept, ["kept", "lost", "lost", "kept", ""]
        kept, again = set[tuple[bytes, datetime]](), list[tuple[bytes, datetime]]()
        carried = there.hall.adapters[BOX]
        assert isinstance(carried, Carried)
        read = carried.read

        async def unsure(*what: Any) -> None:
            fate = fates.pop(0) if fates else ""
            if fate != "lost":
                await accept(*what)
                kept.update((body, event.heard_at) for event, body in what[1])
            if fate:
                raise StoreAway("no answer")

        def watched(frames: list[tuple[bytes, datetime]], until: datetime | None) -> Said:
            again.extend(frame for frame in frames if frame in kept)
            return read(frames, until)

        carried.read = watched  # pyright: ignore[reportAttributeAccessIssue]

        async with edge(edge_settings(there.port, tmp_path / "edge", adapters)) as box_:
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            await until(lambda: not box_.lines[0].outgoing.waiting, "and that is acknowledged")
            there.hall.intake.accept = unsure  # pyright: ignore[reportAttributeAccessIssue]
            device.say(made.whozz_detail(1, "R", at=now()))
            await until(lambda: there.hall.state.calls, "it rings")
            device.say(made.whozz_start(1, NUMBER, at=now()) + made.whozz_detail(1, "R", at=now()))
            device.say(made.whozz_detail(1, "F", at=now()) + made.whozz_detail(1, "N", at=now()))
            assert await calls_over(database_url, 1) == [(1, "138****8000", "8001", False, "answered")]
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
        assert not any(fates), "kept and lost, each as often as meant; what came together came in fewer batches"
        assert not again
    types = dict(await fetch(database_url, "SELECT type, count(*) FROM raw_events WHERE call_key <> '' GROUP BY 1"))
    assert types["CallOffered"] == types["CallerIdentified"] == types["SeatAnswered"] == types["CallReleased"] == 1


async def test_files_that_were_put_back_cost_no_call(
    database_url: str, tmp_path: Path, device: Device, key: Path
) -> None:
    """Somebody restores the edge's disk from yesterday: its numbers were used before, so they begin anew."""
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        settings, found = edge_settings(there.port, tmp_path / "edge", adapters), list[Any]()
        for each, restored in enumerate((False, False, True)):
            if restored:
                shutil.rmtree(tmp_path / "edge")
                shutil.copytree(tmp_path / "yesterday", tmp_path / "edge")
            async with edge(settings) as box_:
                await until(lambda box_=box_: box_.lines[0].up_since, "the wire is open")
                device.say(whole_call(0, f"1380013800{each}"))
                found = await calls_over(database_url, each + 1)
                await until(lambda box_=box_: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
            if each == 0:
                shutil.copytree(tmp_path / "edge", tmp_path / "yesterday")
    assert [call[1] for call in found] == ["138****8000", "138****8001", "138****8002"]
    assert len(await fetch(database_url, "SELECT stream FROM edge_marks")) == 2


class Ahead:
    """A clock that is wrong."""

    def now(self) -> datetime:
        return now() + timedelta(minutes=10)


async def test_a_gateway_pushes_to_the_edge_while_the_core_is_away(
    database_url: str, tmp_path: Path, key: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same path, same signatures; 2xx when it is on the edge's disk. The edge's clock is ten minutes ahead: told, and
    where that is impossible the core's counts."""
    monkeypatch.setenv("GW", GATEWAY_SECRET)
    monkeypatch.setattr(protocol, "PIECE_BYTES", 1000)
    adapters = {"gw-1": {"kind": "gateway-push", "secrets": ["env:GW"]}}

    def delivery(count: int) -> tuple[bytes, dict[str, str]]:
        at = Ahead().now()
        events = [
            {
                "id": f"{each}-{what}",
                "type": f"call.{what}",
                "at": (now() if each else datetime(1970, 1, 1, tzinfo=UTC)).isoformat(),  # the device's clock
                "call": f"c{each}",
                "by": "caller",
            }
            for each in range(count)
            for what in ("offered", "released")
        ]
        body = json.dumps({"events": events})
        return body.encode(), {
            "webhook-id": f"d{count}",
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(GATEWAY_SECRET).sign(f"d{count}", at, body),
        }

    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        network.cut()
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters), Ahead()) as box_:
            assert box_.push is not None
            address = f"http://127.0.0.1:{box_.push.port}/api/v1/gateways"
            async with httpx2.AsyncClient(timeout=20.0) as client:
                body, headers = delivery(20)
                answer = await client.post(f"{address}/gw-1/events", content=body, headers=headers)
                assert (answer.status_code, answer.json()) == (200, {"kept": True})
                assert len(body) > protocol.PIECE_BYTES
                wrong = {**headers, "webhook-signature": "v1,AAAA"}
                assert (await client.post(f"{address}/gw-1/events", content=body, headers=wrong)).status_code == 401
                assert (await client.post(f"{address}/gw-2/events", content=body, headers=headers)).status_code == 404
                long = await client.post(f"{address}/gw-1/events", content=bytes(300_000), headers=headers)
                assert (long.status_code, long.json()["code"]) == (413, "too_large")
                box_.lines[0].spool._limit = 1
                full = await client.post(f"{address}/gw-1/events", content=body, headers=headers)
                assert (full.status_code, full.json()["code"]) == (503, "spool_full")
                elsewhere = f"http://127.0.0.1:{there.port}/api/v1/gateways/gw-1/events"
                assert (await client.post(elsewhere, content=body, headers=headers)).status_code == 404
            network.mend()
            assert len(await calls_over(database_url, 20)) == 20
            await until(lambda: (box_.carrier.ahead or 0) > 590, "the difference of the clocks is measured")
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")
            health = there.hall.lines.health_of(AdapterName("gw-1"))
            assert health is not None
            assert health.repaired.count == 2, "both of the device whose clock is not set"
    [(late,)] = await fetch(database_url, "SELECT count(*) FROM raw_events WHERE heard_at > now()")
    assert late == 0


async def test_a_full_spool_makes_the_wire_wait_and_loses_nothing(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_, "FULL_SECONDS", 0.02)
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            line = box_.lines[0]
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            await until(lambda: not line.outgoing.waiting, "and that is acknowledged")
            network.cut()
            line.spool._limit = line.spool.size + 500
            for each in range(5):
                device.say(whole_call(each, f"1380013800{each}"))
            await until(lambda: line._full, "the spool is full")
            assert line.all_until(now()) is line.all_until(now()) is None, "what waits before the spool was not sent"
            line.spool._limit = 1 << 20
            network.mend()
            found = await calls_over(database_url, 5)
            await until(lambda: not line.outgoing.waiting, "everything is acknowledged")
    assert [call[1] for call in found] == [f"138****800{each}" for each in range(5)]


async def test_an_hour_is_caught_up_in_its_order(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network
) -> None:
    """The times are those of the hour that nobody here could hear, and that it came late is nobody's fault."""
    adapters, calls, ago = box(device), 100, now() - timedelta(hours=1)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        network.cut()
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            line = box_.lines[0]
            await until(lambda: line.spool.last == 2, "the wire is open")
            for each in range(calls):
                at = ago + timedelta(seconds=30 * each)
                said = (
                    made.fritz_ring(each % 4, f"138001{each:05}", "12348", at=at),
                    made.fritz_connect(each % 4, "8001", f"138001{each:05}", at=at),
                    made.fritz_disconnect(each % 4, 20, at=at),
                )
                for later, frame in enumerate(said):
                    await line.deliver(BOX, b"m:" + frame.strip(), at + timedelta(seconds=10 * later))
            network.mend()
            found = await calls_over(database_url, calls)
            assert [call[1] for call in found] == [f"138****{each:04}" for each in range(calls)]
            lasted = "SELECT DISTINCT extract(epoch FROM ended_at - offered_at)::int FROM calls"
            assert await fetch(database_url, lasted) == [(20,)]
            delays = "SELECT began_at FROM edge_delays WHERE ended_at IS NOT NULL"
            async with asyncio.timeout(10):
                while not (told := await fetch(database_url, delays)):
                    await asyncio.sleep(0.02)
            assert told == [(ago,)]
        verdict = await verify(database_url)
        assert verdict.ok, verdict


async def test_a_connection_that_swallows_everything_is_noticed_on_both_sides(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A firewall that forgot us, a cable behind two switches: TCP says nothing for minutes."""
    monkeypatch.setattr(protocol, "SILENT_SECONDS", 0.6)
    monkeypatch.setattr(carrier, "ANSWER_SECONDS", 1.0)
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            network.stalled = True
            device.say(whole_call(0))
            await until(lambda: there.hall.state.links.get(BOX) is False, "the core has noticed")
            network.mend()
            assert len(await calls_over(database_url, 1)) == 1
            await until(lambda: not box_.lines[0].outgoing.waiting, "everything is acknowledged")


async def test_an_edge_that_starts_with_a_full_spool_connects(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was full when the edge was switched off; that it was off is told behind all that was heard before."""
    monkeypatch.setattr(lines_, "FULL_SECONDS", 0.02)
    monkeypatch.setattr(EdgeSettings, "limit_bytes", property(lambda _: 2000))
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        network.cut()
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            line = box_.lines[0]
            await until(lambda: line.up_since, "the wire is open")
            device.say(b"".join(whole_call(each, f"1380013800{each}") for each in range(9)))
            await until(lambda: line._full, "the spool is full")
        monkeypatch.setattr(EdgeSettings, "limit_bytes", property(lambda _: 1000))  # not even room for a word
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            line = box_.lines[0]
            network.mend()
            assert [call[1] for call in await calls_over(database_url, 2)][:2] == ["138****8000", "138****8001"]
            await until(lambda: there.hall.state.links.get(BOX), "its wires are known to be open")
            await until(lambda: not line.outgoing.waiting, "everything is acknowledged")


class Off:
    """A clock that is wrong, and not so much that it is impossible."""

    def __init__(self, seconds: float) -> None:
        self._by = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return now() + self._by


@pytest.mark.parametrize("seconds", [-25.0, 30.0])
async def test_a_clock_that_is_a_little_off_is_no_backlog_and_no_fault_of_the_hall(
    database_url: str, tmp_path: Path, device: Device, key: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapters, deliver = box(device), lines_.Line.deliver

    async def by_that_clock(line: lines_.Line, name: AdapterName, body: bytes, at: datetime) -> Delivery:
        return await deliver(line, name, body, at + timedelta(seconds=seconds))

    monkeypatch.setattr(lines_.Line, "deliver", by_that_clock)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        async with edge(edge_settings(there.port, tmp_path / "edge", adapters), Off(seconds)) as box_:
            line = box_.lines[0]
            await until(lambda: there.hall.state.links.get(BOX), "connected")
            await until(lambda: box_.carrier.ahead is not None, "the difference of the clocks is measured")
            told = EDGE_AHEAD.labels(EDGE)
            await until(lambda: abs(told._value.get() - seconds) < 5, "and the core knows it")
            for each in range(3):
                device.say(whole_call(0, f"1380013800{each}"))
                await calls_over(database_url, each + 1)
                await until(lambda: line.outgoing.all_sent and not line.outgoing.waiting, "all of it is there")
        assert await fetch(database_url, "SELECT 1 FROM edge_delays") == []
        assert await fetch(database_url, "SELECT 1 FROM raw_events WHERE heard_at > now()") == []
        verdict = await verify(database_url)
        assert verdict.ok, verdict


async def test_one_record_that_the_database_refuses_does_not_take_others_with_it(
    database_url: str, tmp_path: Path, device: Device, key: Path, network: Network
) -> None:
    """Three calls come in one batch; a ring of the second is refused for good."""
    adapters = box(device)
    async with core(core_settings(database_url, tmp_path / "core", adapters, key)) as there:
        await lead(network, there)
        network.cut()
        async with edge(edge_settings(network.port, tmp_path / "edge", adapters)) as box_:
            line = box_.lines[0]
            await until(lambda: line.up_since, "the wire is open")
            ring = made.fritz_ring(7, "13800138001", "12348", at=now())
            for said, last in ((whole_call(0, "13800138000"), 5), (ring, 6), (whole_call(2, "13800138002"), 9)):
                device.say(said)
                await until(lambda last=last: line.spool.last == last, "it is on the edge's disk")
            at = protocol.record(line.spool.read(5, 1, 1)[0][1]).at
            await fetch(database_url, f"ALTER TABLE raw_events ADD CONSTRAINT no_ring CHECK (heard_at <> '{at}')")
            network.mend()
            found = await calls_over(database_url, 2)
            await until(lambda: not line.outgoing.waiting, "everything is acknowledged")
        assert [call[1] for call in found] == ["138****8000", "138****8002"]
        [(reason,)] = await fetch(database_url, "SELECT reason FROM raw_events WHERE state = 'set_aside'")
        assert "no_ring" in reason
